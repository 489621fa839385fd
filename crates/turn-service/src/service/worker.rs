//! Works on a turn: drives it to its end, tells those who follow it, gives its lease back when somebody else
//! is to go on, and writes the title and the summary that are due then.

use std::{panic::AssertUnwindSafe, sync::Arc};

use domain::{
    ports::{LeaseError, Release},
    title_and_summary::TitleAndSummaryWork,
    turn::{Lease, RunningTurn, TurnAnswer, Usage},
    turn_driver::TurnError,
};
use futures::FutureExt;
use tokio::time::{Instant, sleep};
use tracing::{Instrument, field::Empty};

use super::TurnService;
use crate::{
    active_turn::ActiveTurn, active_turn_registry::StartGuard, error::WorkerError, timeouts::SUMMARY_PAUSE,
    turn_telemetry,
};

impl TurnService {
    /// Starts the task that works on a turn, whose lease this process holds.
    pub(super) fn run(self: &Arc<Self>, turn: RunningTurn, start_guard: StartGuard) -> Arc<ActiveTurn> {
        let active = Arc::new(ActiveTurn::new(&turn));
        let (service, task, lease) = (Arc::clone(self), Arc::clone(&active), turn.lease);
        let trace = tracing::info_span!(
            target: "otel",
            "turn",
            turn.id = %lease.turn,
            conversation.id = %lease.conversation,
            turn.ending = Empty,
        );
        let of_turn = trace.clone();
        let work = async move {
            let registration = service.running.add(&task);
            drop(start_guard);
            let work = service.background.work_after(&turn);
            let started_at = Instant::now();
            let driven = AssertUnwindSafe(service.driver.run(turn, task.as_ref(), task.as_ref()));
            // Nothing of the driver's is used after a panic: what counts is in the store.
            let mut uncounted = Usage::default();
            let outcome = match driven.catch_unwind().await {
                Ok(Ok(answer)) => Ok(answer),
                Ok(Err(unanswered)) => {
                    uncounted = unanswered.uncounted;
                    Err(WorkerError::from(unanswered.error))
                }
                Err(_panic) => Err(WorkerError::Panicked),
            };
            let report = turn_telemetry::report(&lease, &outcome, started_at.elapsed());
            of_turn.record("turn.ending", report.ending);
            (service.observer)(report);
            let follow_up = outcome.as_ref().ok().cloned().zip(work);
            let release = outcome.as_ref().err().and_then(release_after);
            // Those who wait are told before the lease is given back: that takes seconds when the database
            // is away.
            task.end(outcome);
            if let Some(why) = release
                && let Err(error) = service.ports.leases.release(&lease, why).await
            {
                tracing::warn!(turn.id = %lease.turn, %error, "a lease could not be given back, it will run out");
            }
            service.record_token_usage(&lease, uncounted).await;
            drop(registration);
            if let Some((answer, work)) = follow_up {
                service.write_title_and_summary(&lease, &work, &answer).await;
            }
        };
        // Every line of the log that is written while the turn is worked on says whose it is.
        let logged =
            tracing::info_span!("turn", turn.id = %lease.turn, conversation.id = %lease.conversation);
        self.runtime.spawn(work.instrument(logged).instrument(trace));
        active
    }

    /// Counts what was used for a turn that somebody else goes on with, or that is deleted: it is paid for
    /// whatever becomes of the turn. What a worker that panicked had used is not known, and not counted.
    async fn record_token_usage(&self, lease: &Lease, usage: Usage) {
        if usage.total() > 0
            && let Err(error) = self.ports.store.spend_tokens(lease.user, usage).await
        {
            tracing::warn!(turn.id = %lease.turn, %error, "the tokens of a turn could not be counted");
        }
    }

    /// Writes the title and the summary that are due after an answer, until the conversation's next turn
    /// begins: a model that answers one request at a time must not keep the person waiting. What is not
    /// written by then is written after that turn.
    async fn write_title_and_summary(&self, lease: &Lease, work: &TitleAndSummaryWork, answer: &TurnAnswer) {
        tokio::select! {
            biased;
            () = self.running.wait_until_turn_starts(lease.user, lease.conversation) => {}
            () = self.background_work(work, answer) => {}
        }
    }

    async fn background_work(&self, work: &TitleAndSummaryWork, answer: &TurnAnswer) {
        if let Ok(_permit) = self.background_permits.try_acquire() {
            self.background.make_title(work, answer).await;
        }
        if !work.needs_summary() {
            return;
        }
        // The next message would interrupt the request, whose tokens are then spent for nothing.
        sleep(SUMMARY_PAUSE).await;
        if let Ok(_permit) = self.background_permits.try_acquire() {
            self.background.make_summary(work).await;
        }
    }
}

/// How the lease is given back after an error. Nothing when the turn has ended or is another worker's.
fn release_after(error: &WorkerError) -> Option<Release> {
    match error {
        // It counts as an attempt, so that a turn which always panics is given up in the end.
        WorkerError::Panicked => Some(Release::GivenUp),
        WorkerError::Turn(error) => match error.as_ref() {
            TurnError::HandedOver => Some(Release::HandedOver),
            TurnError::Lease(LeaseError::Store(_)) => Some(Release::GivenUp),
            TurnError::Model { .. } | TurnError::Lease(LeaseError::Superseded) => None,
        },
    }
}
