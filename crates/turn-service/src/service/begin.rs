//! Begins the turn that answers a request, or finds that it has ended already.

use std::sync::Arc;

use domain::{
    access_token::Scope,
    caller::Caller,
    conversation::ConversationView,
    ports::{Regeneration, StoreError, TurnPage},
    turn::{BeginOutcome, Edit, NewTurn, RunningTurn, Target},
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use tokio::time::{Instant, sleep};
use tracing::Instrument;

use super::{MessageText, Replacement, TurnHandle, TurnRequest, TurnService};
use crate::{
    error::TurnServiceError,
    timeouts::{BEGIN_POLL_INTERVAL, BEGIN_TIMEOUT},
};

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

    /// The message as one that opens its conversation. A first message that is not answered takes the
    /// conversation along that it opened, and who waited for it knows that by its id already.
    fn opening(&self) -> Option<NewTurn> {
        match self {
            Self::Begin(new) => Some(NewTurn { target: Target::Either(new.target.id()), ..(*new).clone() }),
            Self::Regenerate(..) => None,
        }
    }
}

impl TurnService {
    /// Begins the turn that answers `request`, or finds it. Waits while another turn of the
    /// conversation, or the key's first request, is still at work on any replica.
    ///
    /// This goes on when the caller goes away: between the commit that begins a turn and the task
    /// that works on it nothing may be dropped.
    pub(super) async fn begin(
        self: &Arc<Self>,
        request: TurnRequest,
    ) -> Result<TurnHandle, TurnServiceError> {
        let service = Arc::clone(self);
        let begun = async move {
            match request {
                TurnRequest::Send(new) => service.wait_to(Attempt::Begin(&new)).await,
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
            let outcome = self.wait_to(Attempt::Regenerate(new, turn, replacement)).await;
            if !matches!(outcome, Err(TurnServiceError::NothingToRegenerate)) {
                return outcome;
            }
        }
        if self.is_on_record(new, answered.map(|answered| answered.turn)).await? {
            return Err(TurnServiceError::NothingToRegenerate);
        }
        self.wait_to(Attempt::Begin(new)).await
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

    async fn wait_to(self: &Arc<Self>, attempt: Attempt<'_>) -> Result<TurnHandle, TurnServiceError> {
        let end = Instant::now() + BEGIN_TIMEOUT;
        let (mut was_busy, mut opening) = (false, None);
        loop {
            let beginning = self.running.begin().ok_or(TurnServiceError::ShuttingDown)?;
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
    pub(super) async fn newest(
        &self,
        caller: Caller,
        conversation: ConversationId,
    ) -> Result<Option<ConversationView>, StoreError> {
        self.ports.conversations.find(caller, conversation, TurnPage { limit: 1, before: None }).await
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
