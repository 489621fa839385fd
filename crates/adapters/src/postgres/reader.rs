//! Turns as everybody but their worker sees them.

use async_trait::async_trait;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::RunQueryDsl;
use domain::{
    account::Caller,
    conversation::ConversationId,
    ports::{StoreError, TurnReader},
    turn::{TurnId, TurnStatus},
};
use uuid::Uuid;

use super::{
    Database,
    sql::sql,
    transaction::{AfterUnknownCommit, for_caller},
    turns::{Record, RecordRow, select_record},
};

#[async_trait]
impl TurnReader for Database {
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
        let stopped = self.transaction(AfterUnknownCommit::Retry, |link| async move {
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
}
