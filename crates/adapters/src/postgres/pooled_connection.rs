//! A connection that was taken out of the pool, and what becomes of it afterwards.

use std::{
    ops::{Deref, DerefMut},
    time::Duration,
};

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use tokio::{
    runtime::Handle,
    time::{sleep, timeout},
};

use super::connect::{Pooled, tls};

/// How long the statements of a closed connection are cancelled.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(1);
/// How much of that it keeps its place in the pool: behind a router that forgot it, no cancel is answered,
/// and the next attempt of the request needs the place.
const PLACE_TIMEOUT: Duration = Duration::from_millis(500);
/// How long after a cancel request the next one follows.
const CANCEL_PAUSE: Duration = Duration::from_millis(100);

/// What becomes of a connection when its user drops it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AfterUse {
    /// It goes back to the pool.
    GiveBack,
    /// It is closed: nobody knows what is still on its way.
    Close,
    /// What it is asked to do is cancelled, and it is closed. The server does not see that a client is gone
    /// while it works, or waits for a lock: each attempt would leave a session behind.
    CancelAndClose,
}

/// A connection of the pool. Its statements are cancelled unless whoever uses it says that they came to an
/// end: for what a dropped future left behind, the next user would have to wait.
pub(super) struct PooledConnection {
    connection: Option<Pooled>,
    after_use: AfterUse,
}

impl PooledConnection {
    pub(super) fn new(connection: Pooled) -> Self {
        Self { connection: Some(connection), after_use: AfterUse::CancelAndClose }
    }

    pub(super) fn after_use(&mut self, after_use: AfterUse) {
        self.after_use = after_use;
    }
}

impl Drop for PooledConnection {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        match (self.after_use, Handle::try_current()) {
            (AfterUse::GiveBack, _) => drop(connection),
            (AfterUse::CancelAndClose, Ok(runtime)) => drop(runtime.spawn(cancel_and_close(connection))),
            (AfterUse::Close | AfterUse::CancelAndClose, _) => drop(Pooled::take(connection)),
        }
    }
}

impl Deref for PooledConnection {
    type Target = AsyncPgConnection;

    #[expect(clippy::expect_used, reason = "only drop takes the connection out")]
    fn deref(&self) -> &AsyncPgConnection {
        self.connection.as_ref().expect("a connection until it is dropped")
    }
}

impl DerefMut for PooledConnection {
    #[expect(clippy::expect_used, reason = "only drop takes the connection out")]
    fn deref_mut(&mut self) -> &mut AsyncPgConnection {
        self.connection.as_mut().expect("a connection until it is dropped")
    }
}

/// A connection that never goes back to the pool, also when the task that closes it ends with its runtime.
struct ClosedOnDrop(Option<Pooled>);

impl Drop for ClosedOnDrop {
    fn drop(&mut self) {
        drop(self.0.take().map(Pooled::take));
    }
}

/// Cancels the statements of a connection and closes it. It stays open meanwhile, because a pooler forgets
/// whom to cancel when a client goes, and keeps its place in the pool for a time, so that no more sessions
/// are opened than the pool has places.
async fn cancel_and_close(connection: Pooled) {
    let mut closing = ClosedOnDrop(Some(connection));
    let Some(pooled) = &closing.0 else { return };
    if timeout(PLACE_TIMEOUT, cancel(pooled)).await.is_ok() {
        return;
    }
    let Some(connection) = closing.0.take().map(Pooled::take) else { return };
    if timeout(CANCEL_TIMEOUT - PLACE_TIMEOUT, cancel(&connection)).await.is_err() {
        tracing::debug!("a connection is closed whose statements were not seen to end");
    }
}

/// Cancels the statements of a connection until the last one is answered.
async fn cancel(connection: &AsyncPgConnection) {
    let token = connection.cancel_token();
    // A request cancels one statement, and others may have been sent behind it: this one is answered last.
    let last = async { (&mut &*connection).batch_execute("").await };
    let cancelling = async {
        loop {
            if let Err(error) = token.cancel_query(tls()).await {
                tracing::debug!(cause = %error, "a statement could not be cancelled");
            }
            sleep(CANCEL_PAUSE).await;
        }
    };
    tokio::select! {
        _ = last => (),
        () = cancelling => (),
    }
}
