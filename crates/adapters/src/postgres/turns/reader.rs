//! Turns as everybody but their worker sees them.

use async_trait::async_trait;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::RunQueryDsl;
use domain::{
    account::Caller,
    id::{ConversationId, TurnId},
    ports::{StoreError, TurnReader},
    turn::TurnStatus,
};
use uuid::Uuid;

use super::turn_record::{self, Record};
use crate::postgres::{
    Database, caller::for_caller, prepared_statement::sql, transaction::AfterUnknownCommit,
};

#[async_trait]
impl TurnReader for Database {
    async fn find(&self, caller: Caller, turn: TurnId) -> Result<Option<TurnStatus>, StoreError> {
        self.read(async |connection| {
            let record = turn_record::find(connection, caller.user, turn);
            for_caller(connection, caller, record).await?.map(Record::status).transpose()
        })
        .await
    }

    async fn request_stop(
        &self,
        caller: Caller,
        conversation: ConversationId,
    ) -> Result<Option<TurnId>, StoreError> {
        let stopped = self.transaction(AfterUnknownCommit::Retry, async |connection| {
            let query = sql::<SqlUuid>(
                "UPDATE turn SET stop_requested = true
                 WHERE conversation_id IN (
                     SELECT id FROM conversation WHERE user_id = $1 AND (id = $2 OR client_id = $2)
                 ) AND state = 'running' AND lease_until > now()
                 RETURNING id",
            )
            .bind::<SqlUuid, _>(caller.user.0)
            .bind::<SqlUuid, _>(conversation.0);
            let ids: Vec<Uuid> = for_caller(connection, caller, query.load(&mut &*connection)).await?;
            Ok(ids.into_iter().next().map(TurnId))
        });
        Ok(stopped.await?)
    }
}
