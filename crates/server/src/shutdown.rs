//! Graceful shutdown: on a signal nothing new begins, what runs finishes, and then the process exits.

use std::{io, time::Duration};

use actix_web::dev::{Server, ServerHandle};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::Instant,
};

use crate::state::AppState;

/// How long the end may take; a platform that kills is not known to wait longer than 10 s.
pub const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(7);
/// How much of that running turns may have. The rest is for answers on their way.
const TURNS_TIMEOUT: Duration = Duration::from_secs(4);

/// How the server ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shutdown {
    /// Everything that ran was finished.
    Graceful,
    /// `SHUTDOWN_TIMEOUT` passed before everything was finished.
    TimedOut,
    /// A second signal came.
    Forced,
}

/// SIGTERM, as platforms send it, and SIGINT, as people do.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Begins to listen; from here on the signals do not kill.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

/// Serves until a signal comes, and ends in order.
///
/// # Errors
/// When the server breaks down by itself.
pub async fn serve(server: Server, mut signals: Signals, state: &AppState) -> io::Result<Shutdown> {
    let handle = server.handle();
    let mut serving = tokio::spawn(server);
    let name = tokio::select! {
        over = &mut serving => return over.map_err(io::Error::other)?.map(|()| Shutdown::Graceful),
        name = signals.next() => name,
    };
    tracing::info!("{name} received: finishing what runs, at most {} s", SHUTDOWN_TIMEOUT.as_secs());
    let started_at = Instant::now();
    let ended = tokio::select! {
        () = finish(&handle, state, started_at) => Shutdown::Graceful,
        () = tokio::time::sleep_until(started_at + SHUTDOWN_TIMEOUT) => Shutdown::TimedOut,
        _ = signals.next() => Shutdown::Forced,
    };
    match ended {
        Shutdown::Graceful => tracing::info!("Server stopped"),
        Shutdown::TimedOut => tracing::warn!("Server stopped with requests unanswered: the time was up"),
        Shutdown::Forced => tracing::warn!("Server stopped at once: a second signal came"),
    }
    Ok(ended)
}

/// Lets running turns finish while the port is still open, so that a client that asks for a
/// new one is told to come again; then lets running requests finish.
async fn finish(handle: &ServerHandle, state: &AppState, started_at: Instant) {
    state.readiness.begin_shutdown();
    state.drain(TURNS_TIMEOUT.saturating_sub(started_at.elapsed())).await;
    handle.stop(true).await;
}
