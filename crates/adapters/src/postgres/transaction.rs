//! The one place where transactions and reads are run, timed, and repeated.

use std::{
    future::Future,
    ops::{Deref, DerefMut},
    time::Duration,
};

use diesel::{
    QueryResult,
    sql_types::{Integer, Uuid as SqlUuid},
};
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, RunQueryDsl, TransactionManager};
use domain::{account::Caller, ports::StoreError};
use tokio::time::{Instant, sleep, timeout_at};

use super::{
    Database,
    connect::Pooled,
    error::{DatabaseError, RetryPolicy},
    sql::sql,
};

/// How long a request may be busy with the database before it commits: whatever happens, it is
/// answered within eight seconds.
const IN_ALL: Duration = Duration::from_millis(5_500);
/// How long an attempt waits for its first answer (of a read: for all of it) and for that to COMMIT.
/// Short, so that after a connection that is dead without knowing it there is time for another one.
const ONE_ANSWER: Duration = Duration::from_millis(3_500);
/// How much later than all else the answer to a COMMIT may come.
const COMMIT: Duration = Duration::from_millis(1_500);
/// How often something that was rolled back is tried in all.
const ATTEMPTS: u32 = 3;

/// The limits travel with the transaction: a setting of the session would leak to other clients
/// through a transaction pooler. The last one makes Postgres end what a paused process left open.
const BEGIN: &str = "BEGIN; SET LOCAL statement_timeout = 3000; SET LOCAL lock_timeout = 3000; \
                     SET LOCAL idle_in_transaction_session_timeout = 5000";

/// What to do with a transaction when nobody knows whether it was committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AfterUnknownCommit {
    /// Run it again: it finds out by a key of its own, or doing it twice is doing it once.
    Retry,
    /// Report it as unknown: it might be done twice.
    Report,
}

/// A connection that is closed, and not given back, unless its work came to an end: what a dropped
/// future left behind, the next user would have to wait for.
pub(super) struct Link {
    connection: Option<Pooled>,
    is_at_rest: bool,
}

impl Drop for Link {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take()
            && !self.is_at_rest
        {
            drop(Pooled::take(connection));
        }
    }
}

impl Deref for Link {
    type Target = AsyncPgConnection;

    #[expect(clippy::expect_used, reason = "only drop takes the connection out")]
    fn deref(&self) -> &AsyncPgConnection {
        self.connection.as_ref().expect("a link has its connection until it is dropped")
    }
}

impl DerefMut for Link {
    #[expect(clippy::expect_used, reason = "only drop takes the connection out")]
    fn deref_mut(&mut self) -> &mut AsyncPgConnection {
        self.connection.as_mut().expect("a link has its connection until it is dropped")
    }
}

impl Database {
    /// Runs `work` in a transaction and commits. `work` returns the link with its result; without
    /// it, on an error, the connection is closed, which rolls back.
    pub(super) async fn transaction<T, Fut>(
        &self,
        after_unknown_commit: AfterUnknownCommit,
        work: impl Fn(Link) -> Fut,
    ) -> Result<T, DatabaseError>
    where
        Fut: Future<Output = Result<(Link, T), DatabaseError>>,
    {
        let work = &work;
        retry(after_unknown_commit, |end| async move {
            let begin = async {
                let mut link = self.link().await?;
                AnsiTransactionManager::begin_transaction_sql(&mut *link, BEGIN).await?;
                Ok(link)
            };
            let link = self.first_answer(end, begin).await?;
            let (mut link, outcome) =
                timeout_at(end, work(link)).await.map_err(|_elapsed| DatabaseError::TimedOut)??;
            let commit = AnsiTransactionManager::commit_transaction(&mut *link);
            let until = (end + COMMIT).min(Instant::now() + ONE_ANSWER);
            match timeout_at(until, commit).await {
                Ok(Ok(())) => link.is_at_rest = true,
                Ok(Err(error)) => return Err(DatabaseError::Commit(error)),
                Err(_elapsed) => {
                    return Err(DatabaseError::Commit(diesel::result::Error::BrokenTransactionManager));
                }
            }
            Ok(outcome)
        })
        .await
    }

    /// Runs `work`, which only reads, outside a transaction.
    pub(super) async fn read<T, Fut>(&self, work: impl Fn(Link) -> Fut) -> Result<T, StoreError>
    where
        Fut: Future<Output = Result<(Link, T), DatabaseError>>,
    {
        let work = &work;
        let outcome = retry(AfterUnknownCommit::Retry, |end| async move {
            let whole = async { work(self.link().await?).await };
            let (mut link, outcome) = self.first_answer(end, whole).await?;
            link.is_at_rest = true;
            Ok(outcome)
        });
        Ok(outcome.await?)
    }

    /// Waits for what the database has to say first. When it says nothing, also those connections
    /// are closed that nobody used meanwhile: what silenced one, a router that forgot it, silenced
    /// all.
    async fn first_answer<T>(
        &self,
        end: Instant,
        work: impl Future<Output = Result<T, DatabaseError>>,
    ) -> Result<T, DatabaseError> {
        let begun = Instant::now();
        timeout_at(end.min(begun + ONE_ANSWER), work).await.unwrap_or_else(|_elapsed| {
            self.pool.retain(|_, metrics| metrics.last_used() < begun.elapsed());
            Err(DatabaseError::TimedOut)
        })
    }

    /// Takes a connection out of the pool.
    pub(super) async fn link(&self) -> Result<Link, DatabaseError> {
        Ok(Link { connection: Some(self.pool.get().await?), is_at_rest: false })
    }
}

/// Runs `query` and, in the same round trip, checks that the caller's token is still good.
pub(super) async fn for_caller<T>(
    connection: &AsyncPgConnection,
    caller: Caller,
    query: impl Future<Output = QueryResult<T>>,
) -> Result<T, DatabaseError> {
    let (known, outcome) = futures::join!(caller_is_known(connection, caller), query);
    if !known? {
        return Err(DatabaseError::UnknownCaller);
    }
    Ok(outcome?)
}

/// Whether the caller's token is still good.
pub(super) async fn caller_is_known(mut connection: &AsyncPgConnection, caller: Caller) -> QueryResult<bool> {
    let rows = sql::<Integer>(r#"SELECT 1 FROM "user" WHERE id = $1 AND token_version = $2"#)
        .bind::<SqlUuid, _>(caller.user.0)
        .bind::<Integer, _>(caller.token_version)
        .load::<i32>(&mut connection)
        .await?;
    Ok(!rows.is_empty())
}

/// Tries until it succeeds, cannot succeed, or the time is up. Each attempt is told when that is.
async fn retry<T, Fut>(
    after_unknown_commit: AfterUnknownCommit,
    attempt: impl Fn(Instant) -> Fut,
) -> Result<T, DatabaseError>
where
    Fut: Future<Output = Result<T, DatabaseError>>,
{
    let end = Instant::now() + IN_ALL;
    let mut pause = Duration::from_millis(50);
    let mut tried = 0;
    loop {
        tried += 1;
        let failure = match attempt(end).await {
            Ok(outcome) => return Ok(outcome),
            Err(failure) => failure,
        };
        let again = match failure.retry_policy() {
            RetryPolicy::Reconnect => true,
            RetryPolicy::Retry => tried < ATTEMPTS,
            RetryPolicy::Unknown => after_unknown_commit == AfterUnknownCommit::Retry && tried < ATTEMPTS,
            RetryPolicy::GiveUp => matches!(failure, DatabaseError::TimedOut) && tried < 2,
        };
        if !again || timeout_at(end, sleep(jittered(pause))).await.is_err() {
            return Err(failure);
        }
        tracing::debug!(cause = %failure, tried, "trying the database again");
        pause = (pause * 2).min(Duration::from_secs(1));
    }
}

/// A pause between half of `longest` and all of it, so that replicas do not come back in step.
fn jittered(longest: Duration) -> Duration {
    longest.mul_f64(rand::random_range(0.5..1.0))
}
