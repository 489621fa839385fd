//! Budgets of accounts: counted in the transaction that spends them, under a lock of the account's own.

pub(super) mod storage_quota;

use std::time::Duration;

use async_trait::async_trait;
use diesel::{
    prelude::*,
    sql_types::{BigInt, Bool, Double, Integer, Interval, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::UserId,
    account_limits::{AccountUsage, LimitReached, Limits, TURN_WINDOW},
    caller::Caller,
    ports::{StoreError, TokenUsageRecorder},
    turn::Usage,
    turn_and_conversation_ids::TurnId,
};
use storage_quota::{StorageCheck, counted, measured_list_bytes, measured_message_bytes};

use super::{
    Database,
    caller_token_validity::for_caller,
    error::DatabaseError,
    lease_condition::is_leased_sql,
    prepared_statement::{Statement, interval, sql},
    transaction::AfterUnknownCommit,
};

/// Counts a turn that is begun, and the conversation that it opens. Returns how many the account has
/// opened since they were last counted, or nothing when a budget is used up. The account's row is
/// locked then: whoever counts the running turns after that sees every other turn of the account.
pub(super) async fn spend_turn(
    mut connection: &AsyncPgConnection,
    user: UserId,
    opens: bool,
    limits: &Limits,
) -> QueryResult<Option<i64>> {
    let mut spent = sql::<BigInt>(
        "INSERT INTO account_usage AS usage (user_id, turns, conversations_opened) VALUES ($1, 1, $2)
         ON CONFLICT (user_id) DO UPDATE SET
             window_start = CASE WHEN usage.window_start <= now() - $3 THEN now() ELSE usage.window_start END,
             turns = CASE WHEN usage.window_start <= now() - $3 THEN 1 ELSE usage.turns + 1 END,
             conversations_opened = usage.conversations_opened + excluded.conversations_opened
         WHERE (usage.window_start <= now() - $3 OR usage.turns < $4)",
    )
    .bind::<SqlUuid, _>(user.0)
    .bind::<BigInt, _>(i64::from(opens))
    .bind::<Interval, _>(interval(TURN_WINDOW))
    .bind::<Integer, _>(limits.turns_in_window);
    if limits.tokens_a_day > 0 {
        spent = spent
            .append(" AND (usage.tokens < ? OR usage.day < (now() AT TIME ZONE 'UTC')::date)")
            .bind::<BigInt, _>(limits.tokens_a_day);
    }
    if limits.stored_bytes > 0 {
        spent = spent.append(" AND usage.stored_bytes < ?").bind::<BigInt, _>(limits.stored_bytes);
    }
    spent.append(" RETURNING conversations_opened").get_result(&mut connection).await.optional()
}

/// Which budget of turns or tokens is used up, and after how many seconds there is more of each.
#[derive(Queryable)]
struct SpentBudget {
    is_out_of_turns: bool,
    turns_after: f64,
    tokens_after: f64,
}

/// Returns why no turn could be begun.
pub(super) async fn turn_limit_error(
    mut connection: &AsyncPgConnection,
    user: UserId,
    limits: &Limits,
) -> Result<DatabaseError, DatabaseError> {
    let spent: SpentBudget = sql::<(Bool, Double, Double)>(
        "SELECT turns >= $1 AND window_start > now() - $2,
                    greatest(1, extract(epoch FROM window_start + $2 - now()))::float8,
                    extract(epoch FROM date_trunc('day', now() AT TIME ZONE 'UTC') + interval '1 day'
                        - (now() AT TIME ZONE 'UTC'))::float8
             FROM account_usage WHERE user_id = $3",
    )
    .bind::<Integer, _>(limits.turns_in_window)
    .bind::<Interval, _>(interval(TURN_WINDOW))
    .bind::<SqlUuid, _>(user.0)
    .get_result(&mut connection)
    .await?;
    if limits.stored_bytes > 0 && counted(connection, user).await? >= limits.stored_bytes {
        return Ok(DatabaseError::Limit(LimitReached::StoredBytes(limits.stored_bytes)));
    }
    let whole_seconds = |seconds: f64| Duration::from_secs(seconds.ceil().max(1.0) as u64);
    Ok(DatabaseError::Limit(if spent.is_out_of_turns {
        let retry_after = whole_seconds(spent.turns_after);
        LimitReached::TurnsInWindow { most: limits.turns_in_window, retry_after }
    } else {
        LimitReached::TokensToday { retry_after: whole_seconds(spent.tokens_after) }
    }))
}

/// Whether so many turns of the account run that no other one may.
pub(super) async fn is_at_concurrent_turn_limit(
    mut connection: &AsyncPgConnection,
    user: UserId,
    most: i32,
) -> QueryResult<bool> {
    let running: i64 =
        sql::<BigInt>(concat!("SELECT count(*) FROM turn WHERE user_id = $1 AND ", is_leased_sql!()))
            .bind::<SqlUuid, _>(user.0)
            .get_result(&mut connection)
            .await?;
    Ok(running >= i64::from(most))
}

#[async_trait]
impl TokenUsageRecorder for Database {
    async fn spend_tokens(&self, user: UserId, usage: Usage) -> Result<(), StoreError> {
        let spent = self.transaction(AfterUnknownCommit::Report, async |mut connection| {
            spend_tokens(user, usage).execute(&mut connection).await?;
            Ok(())
        });
        Ok(spent.await?)
    }
}

/// Counts tokens. Nothing when the account is gone.
pub(super) fn spend_tokens(user: UserId, usage: Usage) -> Statement<'static, Integer> {
    sql(r#"INSERT INTO account_usage AS usage (user_id, tokens) SELECT id, $1 FROM "user" WHERE id = $2
         ON CONFLICT (user_id) DO UPDATE SET
             tokens = CASE WHEN usage.day = excluded.day THEN usage.tokens + excluded.tokens ELSE excluded.tokens END,
             day = excluded.day"#)
    .bind::<BigInt, _>(usage.total())
    .bind::<SqlUuid, _>(user.0)
}

/// Counts the tokens of a turn that has its end, and the bytes of what was said in it.
pub(super) fn spend_ended_turn(turn: TurnId, usage: Usage) -> Statement<'static, Integer> {
    sql("INSERT INTO account_usage AS usage (user_id, tokens, stored_bytes)
         SELECT user_id, $1, (
             SELECT coalesce(sum(octet_length(content) + coalesce(pg_column_size(tool_calls), 0)), 0)
             FROM message WHERE turn_id = $2
         ) FROM turn WHERE id = $2
         ON CONFLICT (user_id) DO UPDATE SET
             stored_bytes = usage.stored_bytes + excluded.stored_bytes,
             tokens = CASE WHEN usage.day = excluded.day THEN usage.tokens + excluded.tokens ELSE excluded.tokens END,
             day = excluded.day")
    .bind::<BigInt, _>(usage.total())
    .bind::<SqlUuid, _>(turn.0)
}

/// Returns which limit explains a change that had no effect, if any does. Storage (`room`) is checked last,
/// and the number of tasks only for one that is added.
pub(super) async fn change_limit_error(
    connection: &AsyncPgConnection,
    user: UserId,
    limits: &Limits,
    adds_task: bool,
    room: StorageCheck,
) -> Result<Option<LimitReached>, DatabaseError> {
    let counts = changes_and_tasks(connection, user).await?;
    if let Some(limit) = counts.change_limit(limits) {
        return Ok(Some(limit));
    }
    if adds_task && counts.tasks >= limits.tasks {
        return Ok(Some(LimitReached::Tasks(limits.tasks)));
    }
    Ok((room == StorageCheck::Full).then_some(LimitReached::StoredBytes(limits.stored_bytes)))
}

/// Returns why nothing may be undone in a list that would grow by so many tasks, and perhaps by
/// text. However much is undone at once, it is made by the minute's last change.
pub(super) async fn undo_limit_error(
    connection: &AsyncPgConnection,
    user: UserId,
    limits: &Limits,
    growth: i64,
    adds_text: bool,
) -> Result<Option<LimitReached>, DatabaseError> {
    let counts = changes_and_tasks(connection, user).await?;
    if let Some(limit) = counts.change_limit(limits) {
        return Ok(Some(limit));
    }
    if growth > 0 && counts.tasks + growth > limits.tasks {
        return Ok(Some(LimitReached::Tasks(limits.tasks)));
    }
    let is_full = adds_text && storage_quota::check(connection, user, limits).await? == StorageCheck::Full;
    Ok(is_full.then_some(LimitReached::StoredBytes(limits.stored_bytes)))
}

/// How many changes of the last minute there are, and tasks.
#[derive(Queryable)]
struct Counts {
    changes: i64,
    tasks: i64,
}

impl Counts {
    /// The limit on changes in a minute, if it is reached.
    fn change_limit(&self, limits: &Limits) -> Option<LimitReached> {
        let most = limits.changes_a_minute;
        (most > 0 && self.changes >= i64::from(most)).then_some(LimitReached::ChangesInMinute(most))
    }
}

async fn changes_and_tasks(
    mut connection: &AsyncPgConnection,
    user: UserId,
) -> Result<Counts, DatabaseError> {
    let counts = sql::<(BigInt, BigInt)>(
        "SELECT (SELECT count(*) FROM todo_change
                 WHERE user_id = $1 AND created_at > now() - interval '1 minute'),
                (SELECT count(*) FROM todo WHERE user_id = $1)",
    )
    .bind::<SqlUuid, _>(user.0);
    Ok(counts.get_result(&mut connection).await?)
}

/// Counts the conversations of an account, the one that was just opened included, when it has opened
/// so many that there may be too many.
pub(super) async fn check_conversations(
    mut connection: &AsyncPgConnection,
    user: UserId,
    opened: i64,
    limits: &Limits,
) -> Result<(), DatabaseError> {
    if opened <= limits.conversations {
        return Ok(());
    }
    let count: i64 = sql::<BigInt>(
        "UPDATE account_usage
         SET conversations_opened = (SELECT count(*) FROM conversation WHERE user_id = $1)
         WHERE user_id = $1 RETURNING conversations_opened",
    )
    .bind::<SqlUuid, _>(user.0)
    .get_result(&mut connection)
    .await?;
    if count <= limits.conversations {
        return Ok(());
    }
    Err(DatabaseError::Limit(LimitReached::Conversations(limits.conversations)))
}

/// A row of [`usage`].
#[derive(Queryable)]
struct UsageRow {
    turns_at_once: i64,
    turns_in_window: i64,
    tokens_today: i64,
    changes_in_minute: i64,
    tasks: i64,
    conversations: i64,
    stored_bytes: i64,
}

/// What an account has used.
pub(super) async fn usage(
    mut connection: &AsyncPgConnection,
    caller: Caller,
) -> Result<AccountUsage, DatabaseError> {
    let used = sql::<(BigInt, BigInt, BigInt, BigInt, BigInt, BigInt, BigInt)>(concat!(
        r#"SELECT
                 (SELECT count(*) FROM turn WHERE user_id = $1 AND "#,
        is_leased_sql!(),
        r#"),
                 coalesce((SELECT CASE WHEN window_start > now() - $2 THEN turns ELSE 0 END
                           FROM account_usage WHERE user_id = $1), 0)::bigint,
                 coalesce((SELECT tokens FROM account_usage
                           WHERE user_id = $1 AND day = (now() AT TIME ZONE 'UTC')::date), 0)::bigint,
                 (SELECT count(*) FROM todo_change
                  WHERE user_id = $1 AND created_at > now() - interval '1 minute'),
                 (SELECT count(*) FROM todo WHERE user_id = $1),
                 (SELECT count(*) FROM conversation WHERE user_id = $1), "#,
        measured_list_bytes!(),
        " + ",
        measured_message_bytes!(),
        r#" FROM "user" WHERE id = $1"#
    ))
    .bind::<SqlUuid, _>(caller.user.0)
    .bind::<Interval, _>(interval(TURN_WINDOW))
    .get_result(&mut connection);
    let used: UsageRow = for_caller(connection, caller, used).await?;
    Ok(AccountUsage {
        turns_at_once: used.turns_at_once,
        turns_in_window: used.turns_in_window,
        tokens_today: used.tokens_today,
        changes_in_minute: used.changes_in_minute,
        tasks: used.tasks,
        conversations: used.conversations,
        stored_bytes: used.stored_bytes,
    })
}
