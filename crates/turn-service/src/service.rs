//! The turn service of a process: begins turns, works on them, follows and stops them wherever they run, and
//! hands over its own when the process ends.

mod worker;

use std::{sync::Arc, time::Duration};

use domain::{
    access_token::Scope,
    caller::Caller,
    conversation::ConversationView,
    ports::{Interruption, Regeneration, StoreError, TurnPage},
    title_and_summary::TitleAndSummaryWriter,
    turn::{
        BeginOutcome, Edit, EndedTurn, NewTurn, RunningTurn, Target, TurnAnswer, TurnFailure, TurnStatus,
    },
    turn_and_conversation_ids::{ConversationId, TurnId},
    turn_driver::TurnDriver,
};
use tokio::{
    runtime::Handle,
    sync::Semaphore,
    time::{Instant, sleep},
};
use tracing::Instrument;

use crate::{
    active_turn::ActiveTurn,
    active_turn_registry::ActiveTurnRegistry,
    error::TurnServiceError,
    heartbeat,
    keyed_semaphore::KeyedSemaphore,
    remote_turn::RemoteTurn,
    subscription::TurnSubscription,
    timeouts::{ANSWER_TIMEOUT, BEGIN_POLL_INTERVAL, BEGIN_TIMEOUT},
    turn_ports::TurnPorts,
    turn_request::{Answered, MessageText, Replacement, TurnRequest},
    turn_telemetry::TurnObserver,
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

/// The turn that answers a request.
enum TurnHandle {
    /// It was begun or taken over by this request, and runs here.
    Active(Arc<ActiveTurn>),
    /// It had come to its end before.
    Ended(EndedTurn),
}

/// A request to the store for a turn, repeated while something is in its way.
enum Attempt<'a> {
    Begin(&'a NewTurn),
    /// The turn is that of the newest message, if that is the one to be answered again.
    Regenerate(&'a NewTurn, Option<TurnId>, &'a Replacement),
}

impl Attempt<'_> {
    fn caller(&self) -> Caller {
        let (Self::Begin(new) | Self::Regenerate(new, ..)) = self;
        new.caller
    }

    /// The message with a target that lets it open its conversation: a first message that failed has deleted
    /// the conversation, but the client that waits knows its id already.
    fn opening(&self) -> Option<NewTurn> {
        match self {
            Self::Begin(new) => Some(NewTurn { target: Target::Either(new.target.id()), ..(*new).clone() }),
            Self::Regenerate(..) => None,
        }
    }
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
                let answer = self.follow(caller, &active).wait_for_answer(end).await?;
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

    /// Begins the turn that answers `request`, or finds it. Waits while another turn of the
    /// conversation, or the key's first request, is still at work on any replica.
    ///
    /// This goes on when the caller goes away: between the commit that begins a turn and the task
    /// that works on it nothing may be dropped.
    async fn begin(self: &Arc<Self>, request: TurnRequest) -> Result<TurnHandle, TurnServiceError> {
        let service = Arc::clone(self);
        let begun = async move {
            match request {
                TurnRequest::Send(new) => service.begin_when_free(Attempt::Begin(&new)).await,
                TurnRequest::Regenerate(new, replacement) => service.regenerate(&new, &replacement).await,
            }
        };
        let outcome = self.runtime.spawn(begun.in_current_span());
        outcome.await.unwrap_or(Err(TurnServiceError::Panicked))
    }

    /// Asks for another answer, to the message as it is or to other words in its place. A turn that lost its
    /// worker before it did anything begins anew; one that failed before that is as if it had not begun:
    /// then its message is new, and the answer before it stays as it is. A message that is on record and not
    /// the newest is no new one.
    async fn regenerate(
        self: &Arc<Self>,
        new: &NewTurn,
        replacement: &Replacement,
    ) -> Result<TurnHandle, TurnServiceError> {
        let conversation = new.target.id();
        let permit = self.concurrency.acquire(new.caller.user).await?;
        let view = self.newest(new.caller, conversation).await?;
        drop(permit);
        let newest = view.and_then(|view| view.turns.into_iter().next());
        let is_same = |id: &String| newest.as_ref().is_some_and(|turn| *id == turn.message_id());
        let answered = newest.as_ref().filter(|_| new.client_message_id.as_ref().is_none_or(is_same));
        // A request that was made before is found under its key, whatever was said since.
        if answered.is_some() || replacement.has_own_key {
            let turn = answered.map(|answered| answered.turn);
            let outcome = self.begin_when_free(Attempt::Regenerate(new, turn, replacement)).await;
            if !matches!(outcome, Err(TurnServiceError::NothingToRegenerate)) {
                return outcome;
            }
        }
        if self.is_on_record(new, answered.map(|answered| answered.turn)).await? {
            return Err(TurnServiceError::NothingToRegenerate);
        }
        self.begin_when_free(Attempt::Begin(new)).await
    }

    /// Whether the message to be answered again is on record: by the id that its client gave it, else as the
    /// message of the turn that was the newest.
    async fn is_on_record(&self, new: &NewTurn, turn: Option<TurnId>) -> Result<bool, StoreError> {
        let reader = &self.ports.reader;
        match (&new.client_message_id, turn) {
            (Some(id), _) => reader.has_message(new.caller, new.target.id(), id).await,
            (None, Some(turn)) => Ok(reader.find(new.caller, turn).await?.is_some()),
            (None, None) => Ok(false),
        }
    }

    async fn begin_when_free(self: &Arc<Self>, attempt: Attempt<'_>) -> Result<TurnHandle, TurnServiceError> {
        let end = Instant::now() + BEGIN_TIMEOUT;
        let (mut was_busy, mut opening) = (false, None);
        loop {
            let beginning = self.running.guard_start().ok_or(TurnServiceError::ShuttingDown)?;
            // The permit is held for one look only, so that requests that wait, some of them for clients
            // that are gone, do not keep the account's other requests out.
            let permit = self.concurrency.acquire(attempt.caller().user).await?;
            let outcome = match attempt {
                Attempt::Begin(new) => self.ports.store.begin(opening.as_ref().unwrap_or(new)).await?,
                Attempt::Regenerate(new, turn, replacement) => {
                    let wanted = regeneration(new, turn, replacement);
                    self.ports.store.regenerate(new.caller, &wanted).await?
                }
            };
            drop(permit);
            let obstacle = match outcome {
                BeginOutcome::Started(turn) => {
                    // What this request's token permits counts, also when the turn was begun with another.
                    let may_change_tasks = attempt.caller().may(Scope::TasksWrite);
                    return Ok(TurnHandle::Active(
                        self.run(RunningTurn { may_change_tasks, ..*turn }, beginning),
                    ));
                }
                BeginOutcome::Ended(ended) => return Ok(TurnHandle::Ended(*ended)),
                BeginOutcome::KeyReused => return Err(TurnServiceError::KeyReused),
                BeginOutcome::NoSuchConversation => match attempt.opening().filter(|_| was_busy) {
                    Some(new) => {
                        opening = Some(new);
                        was_busy = false;
                        continue;
                    }
                    None => return Err(TurnServiceError::NoSuchConversation),
                },
                BeginOutcome::NothingToRegenerate => return Err(TurnServiceError::NothingToRegenerate),
                BeginOutcome::Abandoned => return Err(TurnServiceError::Abandoned),
                BeginOutcome::ReplacedWasChanged(conflicts) => {
                    return Err(TurnServiceError::ReplacedWasChanged(conflicts));
                }
                BeginOutcome::SameKeyRunning => TurnServiceError::SameKeyRunning,
                BeginOutcome::ConversationBusy { is_first } => {
                    was_busy = is_first;
                    TurnServiceError::ConversationBusy
                }
            };
            drop(beginning);
            if Instant::now() + BEGIN_POLL_INTERVAL > end {
                return Err(obstacle);
            }
            sleep(BEGIN_POLL_INTERVAL).await;
        }
    }

    /// Returns the conversation with its newest turn.
    async fn newest(
        &self,
        caller: Caller,
        conversation: ConversationId,
    ) -> Result<Option<ConversationView>, StoreError> {
        self.ports.conversations.find(caller, conversation, TurnPage { limit: 1, before: None }).await
    }

    /// Follows a turn that runs here.
    fn follow(&self, caller: Caller, active: &Arc<ActiveTurn>) -> TurnSubscription {
        TurnSubscription::local(active, self.ports.clone(), caller)
    }
}

/// Puts a request for another answer into the store's form.
fn regeneration<'a>(
    new: &'a NewTurn,
    turn: Option<TurnId>,
    replacement: &'a Replacement,
) -> Regeneration<'a> {
    let edited = match &replacement.text {
        MessageText::Recorded => None,
        MessageText::Edited { previous } => Some(Edit { text: &new.message, previous: previous.as_ref() }),
    };
    Regeneration {
        conversation: new.target.id(),
        turn,
        model: new.model.as_deref(),
        time_zone: new.time_zone,
        replaced: replacement.replaced,
        edited,
        key: new.key.as_ref().filter(|_| replacement.has_own_key),
    }
}

#[cfg(test)]
mod tests;
