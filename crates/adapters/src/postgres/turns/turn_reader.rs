//! Reads turns for everybody but their worker: for clients, and for other replicas.

use async_trait::async_trait;
use diesel::{
    prelude::*,
    sql_types::{Nullable, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    caller::Caller,
    conversation::turn_of_message,
    ports::{StoreError, TurnReader},
    turn::TurnStatus,
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use uuid::Uuid;

use super::stored_turn::{self, StoredTurn};
use crate::postgres::{
    Database,
    caller_token_validity::for_caller,
    prepared_statement::sql,
    public_conversation_id::{is_turn_of_conversation, is_turn_of_theirs},
    schema::turn,
    transaction::AfterUnknownCommit,
};

#[async_trait]
impl TurnReader for Database {
    async fn find(&self, caller: Caller, id: TurnId) -> Result<Option<TurnStatus>, StoreError> {
        self.read(async |connection| {
            let record = stored_turn::find(connection, caller.user, id);
            for_caller(connection, caller, record).await?.map(StoredTurn::status).transpose()
        })
        .await
    }

    async fn has_message(
        &self,
        caller: Caller,
        conversation: ConversationId,
        message_id: &str,
    ) -> Result<bool, StoreError> {
        self.read(async |mut connection| {
            let is_in_it = is_turn_of_theirs(caller.user.0, conversation.0);
            let is_its_own = turn::client_message_id.eq(message_id);
            let of_turn = turn_of_message(message_id).map(|turn| turn.0);
            let is_of_turn = turn::id.nullable().eq(of_turn);
            let turns = turn::table.filter(is_in_it.and(is_its_own.or(is_of_turn)));
            let query = turns.select(turn::id).limit(1);
            let found: Vec<Uuid> = for_caller(connection, caller, query.load(&mut connection)).await?;
            Ok(!found.is_empty())
        })
        .await
    }

    async fn request_stop(
        &self,
        caller: Caller,
        conversation: ConversationId,
        turn: Option<TurnId>,
    ) -> Result<Option<TurnId>, StoreError> {
        let stopped = self.transaction(AfterUnknownCommit::Retry, async |connection| {
            let query = sql::<SqlUuid>(concat!(
                "UPDATE turn SET stop_requested = true WHERE ",
                is_turn_of_conversation!(),
                " AND state = 'running' AND ($3 IS NULL OR id = $3) RETURNING id"
            ))
            .bind::<SqlUuid, _>(caller.user.0)
            .bind::<SqlUuid, _>(conversation.0)
            .bind::<Nullable<SqlUuid>, _>(turn.map(|turn| turn.0));
            let ids: Vec<Uuid> = for_caller(connection, caller, query.load(&mut &*connection)).await?;
            Ok(ids.into_iter().next().map(TurnId))
        });
        Ok(stopped.await?)
    }
}
