//! Turns as everybody but their worker sees them.

use async_trait::async_trait;
use diesel::sql_types::{Array, Bool, Integer, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::{
    account::Caller,
    conversation::ConversationId,
    ports::{Release, Renewed, StoreError, TurnDesk},
    turn::{Lease, TurnId, TurnStatus},
};
use uuid::Uuid;

use super::{
    Database,
    sql::sql,
    transaction::{Repeatable, for_caller},
    turns::{Record, RecordRow, select_record},
};

#[async_trait]
impl TurnDesk for Database {
    async fn find(&self, caller: Caller, turn: TurnId) -> Result<Option<TurnStatus>, StoreError> {
        self.read(|link| async move {
            let mut connection = &*link;
            let query = select_record(turn, caller.user);
            let rows: Vec<RecordRow> = for_caller(&link, caller, query.load(&mut connection)).await?;
            let status = Record::of(rows).map(Record::status).transpose()?;
            Ok((link, status))
        })
        .await
    }

    async fn request_stop(
        &self,
        caller: Caller,
        conversation: ConversationId,
    ) -> Result<Option<TurnId>, StoreError> {
        let stopped = self.transaction(Repeatable::Always, |link| async move {
            let mut connection = &*link;
            let query = sql::<SqlUuid>(
                "UPDATE turn SET stop_requested = true
                 WHERE conversation_id = $1 AND user_id = $2 AND state = 'running' AND lease_until > now()
                 RETURNING id",
            )
            .bind::<SqlUuid, _>(conversation.0)
            .bind::<SqlUuid, _>(caller.user.0);
            let ids: Vec<Uuid> = for_caller(&link, caller, query.load(&mut connection)).await?;
            Ok((link, ids.into_iter().next().map(TurnId)))
        });
        Ok(stopped.await?)
    }

    async fn renew(&self, leases: &[Lease]) -> Result<Vec<Renewed>, StoreError> {
        let renewed = self.transaction(Repeatable::Always, |link| async move {
            let rows: Vec<(Uuid, bool)> = sql::<(SqlUuid, Bool)>(
                "UPDATE turn SET lease_until = now() + interval '20 seconds'
                 FROM unnest($1, $2) AS held (id, fence)
                 WHERE turn.id = held.id AND turn.fence = held.fence AND state = 'running'
                 RETURNING turn.id, stop_requested",
            )
            .bind::<Array<SqlUuid>, _>(leases.iter().map(|lease| lease.turn.0).collect::<Vec<_>>())
            .bind::<Array<Integer>, _>(leases.iter().map(|lease| lease.fence).collect::<Vec<_>>())
            .load(&mut &*link)
            .await?;
            let renewed = |(id, stop_requested)| Renewed { turn: TurnId(id), stop_requested };
            Ok((link, rows.into_iter().map(renewed).collect()))
        });
        Ok(renewed.await?)
    }

    async fn release(&self, lease: &Lease, why: Release) -> Result<(), StoreError> {
        let released = self.transaction(Repeatable::Always, |link| async move {
            sql::<Integer>(
                "UPDATE turn SET lease_until = now(), attempt = CASE WHEN $1 THEN attempt - 1 ELSE attempt END
                 WHERE id = $2 AND fence = $3 AND state = 'running' AND lease_until > now()",
            )
            .bind::<Bool, _>(why == Release::HandedOver)
            .bind::<SqlUuid, _>(lease.turn.0)
            .bind::<Integer, _>(lease.fence)
            .execute(&mut &*link)
            .await?;
            Ok((link, ()))
        });
        Ok(released.await?)
    }
}
