//! The conversation store on Postgres: conversations as a person sees them.

pub(super) mod deletion;
mod read;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::{
    dsl::{AsSelect, SqlTypeOf, count_star},
    pg::Pg,
    prelude::*,
    sql_types::{Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use diesel_full_text_search::{
    TsVector, TsVectorExtensions, configuration::TsConfigurationByName, to_tsquery_with_search_config,
};
use domain::{
    caller::Caller,
    conversation::{ConversationSummary, ConversationTitle, ConversationView, words},
    ports::{ConversationPage, ConversationStore, StoreError, TurnPage},
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use uuid::Uuid;

use self::deletion::{DELETE_TIMEOUT, delete_locked, keep_keys};
use super::{
    Database,
    caller_token_validity::for_caller,
    error::DatabaseError,
    prepared_statement::{lower, sql, strpos},
    public_conversation_id::{id_for_user, is_theirs},
    schema::{conversation, message, turn},
    transaction::AfterUnknownCommit,
};

/// The most words of a search that are looked for in messages.
const MAX_WORDS: usize = 16;

#[diesel::declare_sql_function]
extern "SQL" {
    /// The words by which a message is found, as the index `message_search` has them.
    fn message_search_vector(content: Text) -> TsVector;
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = conversation, check_for_backend(Pg))]
struct SummaryRow {
    id: Uuid,
    client_id: Option<Uuid>,
    title: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    message_count: i32,
}

impl SummaryRow {
    fn summary(self) -> ConversationSummary {
        ConversationSummary {
            id: id_for_user(self.id, self.client_id),
            title: self.title,
            created_at: self.created_at,
            updated_at: self.updated_at,
            message_count: i64::from(self.message_count),
        }
    }
}

/// A page of all conversations, and how many there are: both are read by an index.
async fn listed(
    connection: &AsyncPgConnection,
    caller: Caller,
    page: &ConversationPage,
) -> Result<(Vec<SummaryRow>, i64), DatabaseError> {
    let rows = of_page(matching(caller, None), page).select(SummaryRow::as_select());
    let counted = matching(caller, None).count();
    let both =
        async { futures::try_join!(rows.load(&mut &*connection), counted.get_result(&mut &*connection)) };
    for_caller(connection, caller, both).await
}

/// A page of the conversations that are searched for, and how many there are: words are looked for once.
async fn found(
    connection: &AsyncPgConnection,
    caller: Caller,
    page: &ConversationPage,
) -> Result<(Vec<SummaryRow>, i64), DatabaseError> {
    let search = page.search.as_deref();
    let query =
        of_page(matching(caller, search), page).select((SummaryRow::as_select(), count_star().over()));
    let rows: Vec<(SummaryRow, i64)> = for_caller(connection, caller, query.load(&mut &*connection)).await?;
    let total = match rows.as_slice().first() {
        Some((_, total)) => *total,
        None if page.offset == 0 => 0,
        // Beyond the last page no row says it.
        None => matching(caller, search).count().get_result(&mut &*connection).await?,
    };
    Ok((rows.into_iter().map(|(row, _)| row).collect(), total))
}

fn of_page<'a>(
    query: conversation::BoxedQuery<'a, Pg>,
    page: &ConversationPage,
) -> conversation::BoxedQuery<'a, Pg> {
    query
        .order((conversation::updated_at.desc(), conversation::id.desc()))
        .limit(page.limit)
        .offset(page.offset)
}

/// The conversations that a page is cut from.
fn matching(caller: Caller, search: Option<&str>) -> conversation::BoxedQuery<'_, Pg> {
    let all = conversation::table.filter(conversation::user_id.eq(caller.user.0)).into_boxed();
    match search {
        None => all,
        Some(search) => {
            let is_titled = strpos(lower(conversation::title), lower(search)).gt(0);
            let Some(words) = words_query(search) else { return all.filter(is_titled) };
            let query = to_tsquery_with_search_config(TsConfigurationByName("simple"), words);
            let has_words = message_search_vector(message::content).matches(query);
            let said = message::table
                .inner_join(turn::table)
                .filter(turn::user_id.eq(caller.user.0).and(message::tool_call_id.is_null()).and(has_words))
                .select(message::conversation_id);
            all.filter(is_titled.or(conversation::id.eq_any(said)))
        }
    }
}

/// A search as a `tsquery`: each word the beginning of one, which Postgres makes lower-case as it does what
/// is found. `None` when there is no word in it.
fn words_query(search: &str) -> Option<String> {
    let words: Vec<String> = words(search).take(MAX_WORDS).map(|word| format!("'{word}':*")).collect();
    (!words.is_empty()).then(|| words.join(" & "))
}

#[async_trait]
impl ConversationStore for Database {
    async fn list(
        &self,
        caller: Caller,
        page: &ConversationPage,
    ) -> Result<(Vec<ConversationSummary>, i64), StoreError> {
        self.read(async |connection| {
            let (rows, total) = match page.search {
                None => listed(connection, caller, page).await?,
                Some(_) => found(connection, caller, page).await?,
            };
            Ok((rows.into_iter().map(SummaryRow::summary).collect(), total))
        })
        .await
    }

    async fn find(
        &self,
        caller: Caller,
        id: ConversationId,
        page: TurnPage,
    ) -> Result<Option<ConversationView>, StoreError> {
        self.read(async |connection| read::page(connection, caller, id, page).await).await
    }

    async fn find_turn(
        &self,
        caller: Caller,
        id: ConversationId,
        turn: TurnId,
    ) -> Result<Option<ConversationView>, StoreError> {
        self.read(async |connection| read::with_one(connection, caller, id, turn).await).await
    }

    async fn rename(
        &self,
        caller: Caller,
        id: ConversationId,
        title: &ConversationTitle,
    ) -> Result<Option<ConversationSummary>, StoreError> {
        let renamed = self.transaction(AfterUnknownCommit::Retry, async |connection| {
            let query = sql::<SqlTypeOf<AsSelect<SummaryRow, Pg>>>(
                "UPDATE conversation SET title = $1, has_own_title = true
                 WHERE user_id = $2 AND (id = $3 OR client_id = $3)
                 RETURNING id, client_id, title, created_at, updated_at, message_count",
            )
            .bind::<Text, _>(title.as_str())
            .bind::<SqlUuid, _>(caller.user.0)
            .bind::<SqlUuid, _>(id.0);
            let rows: Vec<SummaryRow> = for_caller(connection, caller, query.load(&mut &*connection)).await?;
            Ok(rows.into_iter().next().map(SummaryRow::summary))
        });
        Ok(renamed.await?)
    }

    async fn delete(&self, caller: Caller, id: ConversationId) -> Result<bool, StoreError> {
        let after = AfterUnknownCommit::Report;
        let deleted = self.transaction_within(DELETE_TIMEOUT, after, async |connection| {
            let own = conversation::table.filter(is_theirs(caller.user.0, id.0));
            let query = own.select((conversation::id, conversation::last_seq)).for_update();
            let locked: Vec<(Uuid, i32)> =
                for_caller(connection, caller, query.load(&mut &*connection)).await?;
            // The row's id: other users may know a conversation of theirs by the one that was asked for.
            let Some(&(row_id, _last_seq)) = locked.as_slice().first() else { return Ok(false) };
            keep_keys(connection, caller.user, row_id).await?;
            delete_locked(connection, locked).await?;
            Ok(true)
        });
        Ok(deleted.await?)
    }
}
