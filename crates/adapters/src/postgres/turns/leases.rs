//! Leases of running turns: extended while a worker has them, released after. One that ran
//! out is extended again if the turn was not taken over; one that was given back ended at `-infinity`, and a
//! renewal that was on its way then leaves it there. The leases of a process are extended together, and none
//! waits for the row of another one: a transaction that holds it, as one that deletes an account, may take
//! longer than a lease. The next heartbeat looks at that one again.

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
                "WITH held AS MATERIALIZED (
                     SELECT turn.id, turn.fence, stop_requested FROM turn
                     JOIN unnest($1, $2) AS lease (id, fence) ON turn.id = lease.id AND turn.fence = lease.fence
                     WHERE state = 'running' AND lease_until > '-infinity'
                 ), free AS MATERIALIZED (
                     SELECT turn.id FROM turn JOIN held ON turn.id = held.id AND turn.fence = held.fence
                     WHERE state = 'running' AND lease_until > '-infinity'
                     FOR NO KEY UPDATE OF turn SKIP LOCKED
                 ), renewed AS (
                     UPDATE turn SET lease_until = now() + $3 FROM free WHERE turn.id = free.id
                 )
                 SELECT id, stop_requested FROM held",
            )
            .bind::<Array<SqlUuid>, _>(leases.iter().map(|lease| lease.turn.0).collect::<Vec<_>>())
            .bind::<Array<Integer>, _>(leases.iter().map(|lease| lease.fence).collect::<Vec<_>>())
            .bind::<Interval, _>(interval(LEASE_DURATION))
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
