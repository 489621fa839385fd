//! The one place where transactions and reads are run, timed, and repeated.

use std::{future::Future, time::Duration};

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use domain::ports::StoreError;
use tokio::time::{Instant, sleep, timeout, timeout_at};
use tracing::{Instrument, Span};

use super::{
    Database,
    error::{DatabaseError, RetryPolicy},
    pooled_connection::{AfterUse, PooledConnection},
};

/// How long a request may be busy with the database before it commits: whatever happens, it is
/// answered within eight seconds. An account that is written, or deleted with years of talking, may take
/// longer.
const TOTAL_TIMEOUT: Duration = Duration::from_millis(5_500);
/// How long an attempt waits for its first answer (of a read: for all of it) and for that to COMMIT.
/// Short, so that after a connection that is dead without knowing it there is time for another one.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(3_500);
/// How much later than all else the answer to a COMMIT may come.
const COMMIT_TIMEOUT: Duration = Duration::from_millis(1_500);
/// How long a connection may take to roll back.
const ROLLBACK_TIMEOUT: Duration = Duration::from_millis(500);
/// How often something that was rolled back is tried in all.
const MAX_ATTEMPTS: u32 = 3;

/// The limits travel with the transaction: a setting of the session would leak to other clients
/// through a transaction pooler. The third one makes Postgres end what a paused process left open.
/// With the last two it plans a statement once and not at every call, and by keys also when a table is
/// still small: ours all go by keys, and a plan outlives what a table was like when it was made.
const BEGIN: &str = "BEGIN; SET LOCAL statement_timeout = 3000; SET LOCAL lock_timeout = 3000; \
                     SET LOCAL idle_in_transaction_session_timeout = 5000; \
                     SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off";

/// What to do with a transaction when it is unknown whether it was committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AfterUnknownCommit {
    /// Run it again: it finds out by a key of its own, or doing it twice is doing it once.
    Retry,
    /// Report it as unknown: it might be done twice.
    Report,
}

/// What is done in a transaction, or outside one: an async closure over the connection that may be
/// run more than once. The bound names its future, so that it can be asked to be `Send`.
pub(super) trait TransactionBody<Connection, T>:
    AsyncFn(Connection) -> Result<T, DatabaseError>
    + Fn(Connection) -> <Self as TransactionBody<Connection, T>>::Future
    + Sync
{
    type Future: Future<Output = Result<T, DatabaseError>> + Send;
}

impl<W, Connection, T, Fut> TransactionBody<Connection, T> for W
where
    W: AsyncFn(Connection) -> Result<T, DatabaseError> + Fn(Connection) -> Fut + Sync,
    Fut: Future<Output = Result<T, DatabaseError>> + Send,
{
    type Future = Fut;
}

impl Database {
    /// Runs `work` in a transaction and commits, or rolls back when it returns an error. The
    /// connection stays open after an error, unless that leaves it in doubt.
    ///
    /// BEGIN does not wait for its answer before the first statement follows it: that saves a round
    /// trip, and the server works on both in their order.
    pub(super) async fn transaction<T, W>(
        &self,
        after_unknown_commit: AfterUnknownCommit,
        work: W,
    ) -> Result<T, DatabaseError>
    where
        W: for<'c> TransactionBody<&'c AsyncPgConnection, T>,
        T: Send,
    {
        self.transaction_within(TOTAL_TIMEOUT, after_unknown_commit, work).await
    }

    /// As [`Database::transaction`], for what writes or deletes so much that it takes longer. No
    /// statement of it may.
    pub(super) async fn transaction_within<T, W>(
        &self,
        in_all: Duration,
        after_unknown_commit: AfterUnknownCommit,
        work: W,
    ) -> Result<T, DatabaseError>
    where
        W: for<'c> TransactionBody<&'c AsyncPgConnection, T>,
        T: Send,
    {
        let work = &work;
        retry(in_all, after_unknown_commit, |end| async move {
            let started_at = Instant::now();
            let mut connection = self.first_answer(started_at, end, self.connection()).await?;
            let begin = async { Ok((&mut &*connection).batch_execute(BEGIN).await?) };
            let begin = self.first_answer(started_at, end, begin);
            // BEGIN is polled, and so sent, first.
            let both = async { futures::try_join!(begin, work(&connection)) };
            match timeout_at(end, both).await.unwrap_or(Err(DatabaseError::TimedOut)) {
                Ok(((), outcome)) => commit(connection, end).await.map(|()| outcome),
                Err(error) => {
                    match after_error(&error) {
                        AfterUse::GiveBack => roll_back(connection).await,
                        otherwise => connection.after_use(otherwise),
                    }
                    Err(error)
                }
            }
        })
        .instrument(trace("transaction"))
        .await
    }

    /// Runs `work`, which only reads, outside a transaction.
    pub(super) async fn read<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        W: for<'c> TransactionBody<&'c AsyncPgConnection, T>,
        T: Send,
    {
        let work = &work;
        let outcome = retry(TOTAL_TIMEOUT, AfterUnknownCommit::Retry, |end| async move {
            let whole = async {
                let mut connection = self.connection().await?;
                let outcome = work(&connection).await;
                connection.after_use(outcome.as_ref().err().map_or(AfterUse::GiveBack, after_error));
                outcome
            };
            self.first_answer(Instant::now(), end, whole).await
        });
        Ok(outcome.instrument(trace("read")).await?)
    }

    /// Waits for the first response to an attempt that began at `started_at`. After a time-out it also closes
    /// the connections that were idle meanwhile: a router that forgot one has probably forgotten all.
    async fn first_answer<T>(
        &self,
        started_at: Instant,
        end: Instant,
        work: impl Future<Output = Result<T, DatabaseError>>,
    ) -> Result<T, DatabaseError> {
        timeout_at(end.min(started_at + ANSWER_TIMEOUT), work).await.unwrap_or_else(|_elapsed| {
            self.pools.close_unused_for(|| started_at.elapsed());
            Err(DatabaseError::TimedOut)
        })
    }

    /// Takes a connection out of the pool.
    async fn connection(&self) -> Result<PooledConnection, DatabaseError> {
        Ok(PooledConnection::new(self.pools.get().await?))
    }
}

/// What becomes of a connection after an error.
fn after_error(error: &DatabaseError) -> AfterUse {
    match error {
        DatabaseError::TimedOut => AfterUse::CancelAndClose,
        error if error.leaves_the_connection_usable() => AfterUse::GiveBack,
        _ => AfterUse::Close,
    }
}

async fn commit(mut connection: PooledConnection, end: Instant) -> Result<(), DatabaseError> {
    // A COMMIT is not cancelled: one that waits for a standby would be there without it.
    connection.after_use(AfterUse::Close);
    let commit = connection.batch_execute("COMMIT");
    let until = (end + COMMIT_TIMEOUT).min(Instant::now() + ANSWER_TIMEOUT);
    match timeout_at(until, commit).await {
        Ok(Ok(())) => {
            connection.after_use(AfterUse::GiveBack);
            Ok(())
        }
        Ok(Err(error)) => Err(DatabaseError::Commit(error)),
        Err(_elapsed) => Err(DatabaseError::Commit(diesel::result::Error::BrokenTransactionManager)),
    }
}

/// Rolls back and gives the connection back to the pool; one that does not answer is closed.
async fn roll_back(mut connection: PooledConnection) {
    let rollback = connection.batch_execute("ROLLBACK");
    let is_done = matches!(timeout(ROLLBACK_TIMEOUT, rollback).await, Ok(Ok(())));
    // A ROLLBACK that waits behind another statement is as good as done when both are cancelled.
    connection.after_use(if is_done { AfterUse::GiveBack } else { AfterUse::CancelAndClose });
}

/// The part of a trace that is the database's, retries included.
fn trace(operation: &'static str) -> Span {
    tracing::info_span!(
        target: "otel",
        "postgresql",
        otel.name = operation,
        otel.kind = "client",
        db.system.name = "postgresql",
        db.operation.name = operation,
    )
}

/// Tries until it succeeds, cannot succeed, or the time is up. Each attempt is told when that is. When a
/// COMMIT had no answer and no later attempt could find out what became of it, that is the error.
async fn retry<T, Fut>(
    in_all: Duration,
    after_unknown_commit: AfterUnknownCommit,
    attempt: impl Fn(Instant) -> Fut,
) -> Result<T, DatabaseError>
where
    Fut: Future<Output = Result<T, DatabaseError>>,
{
    let end = Instant::now() + in_all;
    let mut pause = Duration::from_millis(50);
    let (mut tried, mut lost_answer) = (0, None);
    loop {
        tried += 1;
        let error = match attempt(end).await {
            Ok(outcome) => return Ok(outcome),
            Err(error) => error,
        };
        let policy = error.retry_policy();
        let again = match policy {
            RetryPolicy::Reconnect => true,
            RetryPolicy::Retry => tried < MAX_ATTEMPTS,
            RetryPolicy::Unknown => after_unknown_commit == AfterUnknownCommit::Retry && tried < MAX_ATTEMPTS,
            RetryPolicy::RetryOnce => tried < 2,
            RetryPolicy::GiveUp => false,
        };
        if !again || timeout_at(end, sleep(jittered(pause))).await.is_err() {
            return Err(lost_answer.filter(|_| error.is_outage()).unwrap_or(error));
        }
        tracing::debug!(cause = %error, tried, "trying the database again");
        if policy == RetryPolicy::Unknown {
            lost_answer = Some(error);
        }
        pause = (pause * 2).min(Duration::from_secs(1));
    }
}

/// A pause between half of `longest` and all of it, so that replicas do not come back in step.
fn jittered(longest: Duration) -> Duration {
    longest.mul_f64(rand::random_range(0.5..1.0))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use diesel::result::Error as DieselError;

    use super::*;

    /// What comes of attempts that end so, the last one again and again.
    async fn outcome(attempts: &[fn() -> DatabaseError]) -> StoreError {
        let tried = AtomicUsize::new(0);
        let attempt = |_end| async {
            let number = tried.fetch_add(1, Ordering::Relaxed).min(attempts.len() - 1);
            Err(attempts[number]())
        };
        let outcome = retry(Duration::from_millis(300), AfterUnknownCommit::Retry, attempt).await;
        outcome.map(|(): ()| ()).unwrap_err().into()
    }

    #[tokio::test(start_paused = true)]
    async fn after_a_commit_without_an_answer_an_outage_leaves_the_outcome_unknown() {
        let lost = || DatabaseError::Commit(DieselError::BrokenTransactionManager);
        let is_unknown = |error: &StoreError| matches!(error, StoreError::OutcomeUnknown(_));
        for outage in [|| DatabaseError::TimedOut, || DatabaseError::Conflict] {
            let (after_lost, alone) = (outcome(&[lost, outage]).await, outcome(&[outage]).await);
            assert!(is_unknown(&after_lost), "{after_lost:?}");
            assert!(matches!(alone, StoreError::Unavailable(_)), "{alone:?}");
        }
        let all_lost = outcome(&[lost]).await;
        assert!(is_unknown(&all_lost), "{all_lost:?}");
        let found_out = outcome(&[lost, || DatabaseError::UnknownCaller]).await;
        assert!(matches!(found_out, StoreError::UnknownCaller), "a second attempt has looked: {found_out:?}");
    }
}
