//! The turn service of a process: begins turns, works on them, follows and stops them wherever they run, and
//! hands over its own when the process ends.

mod begin;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use domain::{
    caller::Caller,
    ports::{Interruption, LeaseError, Release, StoreError},
    title_and_summary::{TitleAndSummaryWork, TitleAndSummaryWriter},
    turn::{EndedTurn, Lease, NewTurn, RunningTurn, TurnAnswer, TurnFailure, TurnStatus, Usage, UserMessage},
    turn_and_conversation_ids::{ConversationId, TurnId},
    turn_driver::{TurnDriver, TurnError},
    undo::ReplacedEffects,
};
use futures::FutureExt;
use tokio::{
    runtime::Handle,
    sync::Semaphore,
    time::{Instant, sleep},
};
use tracing::{Instrument, field::Empty};

use crate::{
    active_turn::ActiveTurn,
    active_turn_registry::{ActiveTurnRegistry, StartGuard},
    error::{TurnServiceError, WorkerError},
    heartbeat,
    keyed_semaphore::KeyedSemaphore,
    remote_turn::RemoteTurn,
    subscription::TurnSubscription,
    timeouts::{ANSWER_TIMEOUT, SUMMARY_PAUSE},
    turn_ports::TurnPorts,
    turn_telemetry::{self, TurnObserver},
};

/// How many titles and summaries are written at once in this process.
const MAX_BACKGROUND: usize = 4;

/// Runs turns, and knows those that run here.
pub struct TurnService {
    driver: TurnDriver,
    background: Arc<TitleAndSummaryWriter>,
    ports: TurnPorts,
    /// Limits how many requests of one account use the store at once to begin or find a turn.
    concurrency: Arc<KeyedSemaphore>,
    observer: TurnObserver,
    running: Arc<ActiveTurnRegistry>,
    /// Limits the titles and summaries that are written at once: the model is needed for answers.
    background_permits: Arc<Semaphore>,
    /// Where turns run. A request's own runtime will not do: it belongs to one worker thread of the HTTP
    /// server and may end before the turn.
    runtime: Handle,
}

/// Which turn a client asks for.
#[derive(Debug, Clone)]
pub enum TurnRequest {
    /// An answer to a new message.
    Send(NewTurn),
    /// Another answer to this message, in place of the one it has.
    Regenerate(NewTurn, Replacement),
}

/// How a new answer takes the place of the present one.
#[derive(Debug, Clone)]
pub struct Replacement {
    /// Whether the changes that the present answer made stay or are undone.
    pub replaced: ReplacedEffects,
    /// The message text that the new answer is to.
    pub text: MessageText,
    /// Whether the request's idempotency key is its own; otherwise it is that of the message.
    pub has_own_key: bool,
}

/// Which text of the message a new answer is to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageText {
    /// The stored one.
    Recorded,
    /// The request's own, which replaces the stored one.
    Edited {
        /// The stored text as the client knows it, if it says so. Another edit may have come between.
        previous: Option<UserMessage>,
    },
}

/// The answer to a message.
#[derive(Debug)]
pub struct Answered {
    /// The turn's answer.
    pub answer: TurnAnswer,
    /// Whether the turn had ended before this request, which has the same key as an earlier one.
    pub is_replayed: bool,
}

/// The turn that answers a request.
enum TurnHandle {
    /// It was begun or taken over by this request, and runs here.
    Active(Arc<ActiveTurn>),
    /// It had come to its end before.
    Ended(EndedTurn),
}

impl TurnService {
    /// Makes a service whose turns run on the current runtime, and starts to keep their leases. The
    /// observer is told of each turn that ends here.
    pub fn start(
        driver: TurnDriver,
        background: TitleAndSummaryWriter,
        ports: TurnPorts,
        concurrency: Arc<KeyedSemaphore>,
        observer: TurnObserver,
    ) -> Arc<Self> {
        let (running, runtime) = (Arc::<ActiveTurnRegistry>::default(), Handle::current());
        runtime.spawn(heartbeat::run(Arc::clone(&running), Arc::clone(&ports.leases)));
        Arc::new(Self {
            driver,
            background: Arc::new(background),
            ports,
            concurrency,
            observer,
            running,
            background_permits: Arc::new(Semaphore::new(MAX_BACKGROUND)),
            runtime,
        })
    }

    /// Answers a message. Waits while another turn of the conversation, or the key's first request,
    /// is still at work on any replica. The turn goes on when the caller goes away.
    ///
    /// # Errors
    /// When no turn could be begun or the turn ended without an answer; [`TurnServiceError::StillRunning`]
    /// when 57 s are over: then the turn goes on, and a request with the same key finds its answer.
    pub async fn answer(self: &Arc<Self>, new: NewTurn) -> Result<Answered, TurnServiceError> {
        let (caller, end) = (new.caller, Instant::now() + ANSWER_TIMEOUT);
        match self.begin(TurnRequest::Send(new)).await? {
            TurnHandle::Ended(EndedTurn::Answered(answer)) => Ok(Answered { answer, is_replayed: true }),
            TurnHandle::Ended(EndedTurn::Failed(failure)) => {
                Err(TurnServiceError::Unanswered { failure, is_replayed: true })
            }
            TurnHandle::Active(active) => {
                let answer = self.follow(caller, &active).answer_by(end).await?;
                Ok(Answered { answer, is_replayed: false })
            }
        }
    }

    /// Begins the turn that a client asks for, or finds it, and follows it from its first event.
    /// Waits as [`TurnService::answer`] does.
    ///
    /// # Errors
    /// When no turn could be begun. How the turn ends is told by the subscription.
    pub async fn subscribe(
        self: &Arc<Self>,
        request: TurnRequest,
    ) -> Result<TurnSubscription, TurnServiceError> {
        let (TurnRequest::Send(new) | TurnRequest::Regenerate(new, _)) = &request;
        let caller = new.caller;
        match self.begin(request).await? {
            TurnHandle::Active(active) => Ok(self.follow(caller, &active)),
            TurnHandle::Ended(
                EndedTurn::Answered(TurnAnswer { conversation, turn, .. })
                | EndedTurn::Failed(TurnFailure { conversation, turn, .. }),
            ) => {
                let view = self.ports.conversations.find_turn(caller, conversation, turn).await?;
                let view = view.ok_or(TurnServiceError::NoSuchConversation)?;
                Ok(TurnSubscription::replayed(RemoteTurn::new(self.ports.clone(), caller, view)?))
            }
        }
    }

    /// Follows the running turn of a conversation from its first event, wherever it runs; `None` when
    /// none is running or it has no worker: then its message, sent again with its key, has it
    /// go on.
    ///
    /// # Errors
    /// When the database is unavailable or the caller's token is no longer good.
    pub async fn resume(
        &self,
        caller: Caller,
        conversation: ConversationId,
    ) -> Result<Option<TurnSubscription>, TurnServiceError> {
        let permit = self.concurrency.acquire(caller.user).await?;
        let newest = self.newest(caller, conversation).await?;
        drop(permit);
        let Some(view) = newest else {
            return Ok(None);
        };
        let Some(turn) = view.turns.first().filter(|turn| turn.ending.is_running()) else {
            return Ok(None);
        };
        // One that has ended here and still runs was handed over, or lost: it is followed where it is now.
        let active = self.running.find(turn.turn).filter(|active| !active.has_ended());
        Ok(Some(match active {
            Some(active) => self.follow(caller, &active),
            None => TurnSubscription::remote(RemoteTurn::new(self.ports.clone(), caller, view)?),
        }))
    }

    /// Asks the conversation's running turn to stop, if it is `turn` or none is named, wherever it runs, and
    /// returns it.
    ///
    /// # Errors
    /// When the database is unavailable or the caller's token is no longer good.
    pub async fn stop(
        &self,
        caller: Caller,
        conversation: ConversationId,
        turn: Option<TurnId>,
    ) -> Result<Option<TurnId>, StoreError> {
        let stopped = self.ports.reader.request_stop(caller, conversation, turn).await?;
        if let Some(active) = stopped.and_then(|turn| self.running.find(turn)) {
            active.interrupt(Interruption::Stop);
        }
        Ok(stopped)
    }

    /// Returns how a turn stands.
    ///
    /// # Errors
    /// When the database is unavailable or the caller's token is no longer good.
    pub async fn status(&self, caller: Caller, turn: TurnId) -> Result<Option<TurnStatus>, StoreError> {
        self.ports.reader.find(caller, turn).await
    }

    /// Refuses new turns, gives the running ones until `max_wait` is over, then hands them over: a
    /// client that asks again with its key has another replica go on with them.
    pub async fn drain(&self, max_wait: Duration) {
        self.running.drain(max_wait).await;
    }

    /// Starts the task that works on a turn, whose lease this process holds.
    fn run(self: &Arc<Self>, turn: RunningTurn, start_guard: StartGuard) -> Arc<ActiveTurn> {
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
            service.count_tokens(&lease, uncounted).await;
            drop(registration);
            if let Some((answer, work)) = follow_up {
                service.run_in_background(&lease, &work, &answer).await;
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
    async fn count_tokens(&self, lease: &Lease, usage: Usage) {
        if usage.total() > 0
            && let Err(error) = self.ports.store.spend_tokens(lease.user, usage).await
        {
            tracing::warn!(turn.id = %lease.turn, %error, "the tokens of a turn could not be counted");
        }
    }

    /// Writes the title and the summary that are due after an answer, until the conversation's next turn
    /// begins: a model that answers one request at a time must not keep the person waiting. What is not
    /// written by then is written after that turn.
    async fn run_in_background(&self, lease: &Lease, work: &TitleAndSummaryWork, answer: &TurnAnswer) {
        tokio::select! {
            biased;
            () = self.running.until_conversation_runs(lease.user, lease.conversation) => {}
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

    /// Follows a turn that runs here.
    fn follow(&self, caller: Caller, active: &Arc<ActiveTurn>) -> TurnSubscription {
        TurnSubscription::local(active, self.ports.clone(), caller)
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

#[cfg(test)]
mod tests;
