//! The store of conversation titles that a model gives, and of summaries, on Postgres.

use async_trait::async_trait;
use diesel::{
    prelude::*,
    sql_types::{BigInt, Integer, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    conversation::ConversationTitle,
    ports::{StoreError, Summary, TitleAndSummaryStore, Unsummarized},
    turn_and_conversation_ids::TurnId,
};
use uuid::Uuid;

use super::{
    Database,
    prepared_statement::sql,
    schema::{conversation, message, turn},
    transaction::AfterUnknownCommit,
    turns::MessageRow,
};

#[async_trait]
impl TitleAndSummaryStore for Database {
    async fn set_generated_title(&self, turn: TurnId, title: &ConversationTitle) -> Result<bool, StoreError> {
        let entitled = self.transaction(AfterUnknownCommit::Retry, async |mut connection| {
            let changed = sql::<Integer>(
                "UPDATE conversation SET title = $1, has_own_title = true
                 WHERE id = (SELECT conversation_id FROM turn WHERE id = $2) AND NOT has_own_title",
            )
            .bind::<Text, _>(title.as_str())
            .bind::<SqlUuid, _>(turn.0)
            .execute(&mut connection)
            .await?;
            Ok(changed == 1)
        });
        Ok(entitled.await?)
    }

    async fn unsummarized(&self, turn: TurnId, limit: usize) -> Result<Option<Unsummarized>, StoreError> {
        self.read(async |mut connection| {
            let head: Option<(Uuid, Option<String>, i32)> = conversation::table
                .inner_join(turn::table)
                .filter(turn::id.eq(turn.0))
                .select((conversation::id, conversation::summary, conversation::summary_seq))
                .first(&mut connection)
                .await
                .optional()?;
            let Some((conversation, summary, from)) = head else { return Ok(None) };
            // One more than the limit is read, to see whether more follow.
            let mut rows: Vec<MessageRow> = message::table
                .filter(message::conversation_id.eq(conversation).and(message::seq.gt(from)))
                .order(message::seq.asc())
                .limit(i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1))
                .select(MessageRow::as_select())
                .load(&mut connection)
                .await?;
            let more = rows.len() > limit;
            rows.truncate(limit);
            let messages = rows.into_iter().map(|row| (row.seq, row.message())).collect();
            Ok(Some(Unsummarized { summary, from, messages, more }))
        })
        .await
    }

    async fn replace_summary(&self, turn: TurnId, from: i32, summary: &Summary) -> Result<bool, StoreError> {
        // A second time it finds its own summary, and changes nothing: the next one begins there.
        let summarized = self.transaction(AfterUnknownCommit::Retry, async |mut connection| {
            let changed = sql::<BigInt>(
                "UPDATE conversation SET summary = $1, summary_seq = $2
                 WHERE id = (SELECT conversation_id FROM turn WHERE id = $3) AND summary_seq = $4
                   AND last_seq > $2",
            )
            .bind::<Text, _>(summary.text.as_str())
            .bind::<Integer, _>(summary.through)
            .bind::<SqlUuid, _>(turn.0)
            .bind::<Integer, _>(from)
            .execute(&mut connection)
            .await?;
            Ok(changed == 1)
        });
        Ok(summarized.await?)
    }
}
