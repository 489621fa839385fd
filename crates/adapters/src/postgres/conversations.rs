//! Conversations as a person sees them.

mod view;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::{
    Queryable,
    sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    account::Caller,
    conversation::{ConversationId, ConversationSummary, ConversationTitle, ConversationView},
    ports::{ConversationPage, ConversationStore, StoreError, TurnPage},
    turn::TurnId,
};
use uuid::Uuid;

use super::{
    Database,
    sql::sql,
    transaction::{AfterUnknownCommit, for_caller},
};

type SummaryColumns = (SqlUuid, Text, Timestamptz, Timestamptz, Integer);

#[derive(Queryable)]
struct SummaryRow {
    id: Uuid,
    title: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    message_count: i32,
}

impl SummaryRow {
    fn summary(self) -> ConversationSummary {
        ConversationSummary {
            id: ConversationId(self.id),
            title: self.title,
            created_at: self.created_at,
            updated_at: self.updated_at,
            message_count: i64::from(self.message_count),
        }
    }
}

#[async_trait]
impl ConversationStore for Database {
    async fn list(
        &self,
        caller: Caller,
        page: &ConversationPage,
    ) -> Result<(Vec<ConversationSummary>, i64), StoreError> {
        self.read(|link| async move {
            let (mut connection, mut other) = (&*link, &*link);
            let listed = sql::<SummaryColumns>(
                "SELECT id, title, created_at, updated_at, message_count FROM conversation
                 WHERE user_id = $1 AND ($2 IS NULL OR strpos(lower(title), lower($2)) > 0)
                 ORDER BY updated_at DESC, id DESC LIMIT $3 OFFSET $4",
            )
            .bind::<SqlUuid, _>(caller.user.0)
            .bind::<Nullable<Text>, _>(page.search.as_deref())
            .bind::<BigInt, _>(page.limit)
            .bind::<BigInt, _>(page.offset);
            let counted = sql::<BigInt>(
                "SELECT count(*) FROM conversation
                 WHERE user_id = $1 AND ($2 IS NULL OR strpos(lower(title), lower($2)) > 0)",
            )
            .bind::<SqlUuid, _>(caller.user.0)
            .bind::<Nullable<Text>, _>(page.search.as_deref());
            let both =
                async { futures::try_join!(listed.load(&mut connection), counted.get_result(&mut other)) };
            let (rows, total): (Vec<SummaryRow>, i64) = for_caller(&link, caller, both).await?;
            Ok((link, (rows.into_iter().map(SummaryRow::summary).collect(), total)))
        })
        .await
    }

    async fn find(
        &self,
        caller: Caller,
        id: ConversationId,
        page: TurnPage,
    ) -> Result<Option<ConversationView>, StoreError> {
        self.read(|link| async move {
            let view = view::page(&link, caller, id, page).await?;
            Ok((link, view))
        })
        .await
    }

    async fn find_turn(
        &self,
        caller: Caller,
        id: ConversationId,
        turn: TurnId,
    ) -> Result<Option<ConversationView>, StoreError> {
        self.read(|link| async move {
            let view = view::with_one(&link, caller, id, turn).await?;
            Ok((link, view))
        })
        .await
    }

    async fn rename(
        &self,
        caller: Caller,
        id: ConversationId,
        title: &ConversationTitle,
    ) -> Result<Option<ConversationSummary>, StoreError> {
        let renamed = self.transaction(AfterUnknownCommit::Retry, |link| async move {
            let mut connection = &*link;
            let query = sql::<SummaryColumns>(
                "UPDATE conversation SET title = $1 WHERE id = $2 AND user_id = $3
                 RETURNING id, title, created_at, updated_at, message_count",
            )
            .bind::<Text, _>(title.as_str())
            .bind::<SqlUuid, _>(id.0)
            .bind::<SqlUuid, _>(caller.user.0);
            let rows: Vec<SummaryRow> = for_caller(&link, caller, query.load(&mut connection)).await?;
            Ok((link, rows.into_iter().next().map(SummaryRow::summary)))
        });
        Ok(renamed.await?)
    }

    async fn delete(&self, caller: Caller, id: ConversationId) -> Result<bool, StoreError> {
        let deleted = self.transaction(AfterUnknownCommit::Report, |link| async move {
            let mut connection = &*link;
            let query = sql::<Integer>("DELETE FROM conversation WHERE id = $1 AND user_id = $2")
                .bind::<SqlUuid, _>(id.0)
                .bind::<SqlUuid, _>(caller.user.0);
            let deleted = for_caller(&link, caller, query.execute(&mut connection)).await?;
            Ok((link, deleted == 1))
        });
        Ok(deleted.await?)
    }
}
