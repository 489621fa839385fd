//! Leases of running turns: extended while a worker has them, released after. One that ran
//! out is extended again if the turn was not taken over; one that was given back ended at `-infinity`, and a
//! renewal that was on its way then leaves it there.

use async_trait::async_trait;
use diesel::sql_types::{Array, Bool, Integer, Interval, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::{
    ports::{Release, Renewed, StoreError, TurnLeases},
    turn::{Lease, admission::LEASE_DURATION},
    turn_and_conversation_ids::TurnId,
};
use uuid::Uuid;

use crate::postgres::{
    Database,
    prepared_statement::{interval, sql},
    transaction::AfterUnknownCommit,
};

#[async_trait]
impl TurnLeases for Database {
    async fn renew(&self, leases: &[Lease]) -> Result<Vec<Renewed>, StoreError> {
        let renewed = self.transaction(AfterUnknownCommit::Retry, async |mut connection| {
            let rows: Vec<(Uuid, bool)> = sql::<(SqlUuid, Bool)>(
                "UPDATE turn SET lease_until = now() + $1
                 FROM unnest($2, $3) AS held (id, fence)
                 WHERE turn.id = held.id AND turn.fence = held.fence AND state = 'running'
                     AND lease_until > '-infinity'
                 RETURNING turn.id, stop_requested",
            )
            .bind::<Interval, _>(interval(LEASE_DURATION))
            .bind::<Array<SqlUuid>, _>(leases.iter().map(|lease| lease.turn.0).collect::<Vec<_>>())
            .bind::<Array<Integer>, _>(leases.iter().map(|lease| lease.fence).collect::<Vec<_>>())
            .load(&mut connection)
            .await?;
            let renewed = |(id, stop_requested)| Renewed { turn: TurnId(id), stop_requested };
            Ok(rows.into_iter().map(renewed).collect())
        });
        Ok(renewed.await?)
    }

    async fn release(&self, lease: &Lease, why: Release) -> Result<(), StoreError> {
        let released = self.transaction(AfterUnknownCommit::Retry, async |mut connection| {
            sql::<Integer>(
                "UPDATE turn SET lease_until = '-infinity', attempt = CASE WHEN $1 THEN attempt - 1 ELSE attempt END
                 WHERE id = $2 AND fence = $3 AND state = 'running' AND lease_until > '-infinity'",
            )
            .bind::<Bool, _>(why == Release::HandedOver)
            .bind::<SqlUuid, _>(lease.turn.0)
            .bind::<Integer, _>(lease.fence)
            .execute(&mut connection)
            .await?;
            Ok(())
        });
        Ok(released.await?)
    }
}
