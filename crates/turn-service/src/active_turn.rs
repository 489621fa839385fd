//! One turn at work: what has happened in it, who subscribes to it, and how to interrupt it.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use domain::{
    message::{ExecutedCall, Message, MessageBody},
    ports::{Interrupt, Interruption, TurnEvent, TurnListener},
    turn::{EndingId, Lease, RunningTurn, TurnAnswer},
};
use tokio::sync::watch;

use crate::{error::WorkerError, step_events, subscription_update::SubscriptionUpdate};

/// How the work on a turn ended in this process.
pub(crate) type Outcome = Result<TurnAnswer, WorkerError>;

/// A turn at work in this process.
pub(crate) struct ActiveTurn {
    lease: Lease,
    title: String,
    earlier_ending: Option<EndingId>,
    replaced_calls: usize,
    log: Mutex<Log>,
    log_changed: watch::Sender<()>,
    interruption: watch::Sender<Option<Interruption>>,
}

#[derive(Default)]
struct Log {
    events: Vec<TurnEvent>,
    outcome: Option<Outcome>,
}

impl ActiveTurn {
    /// Makes the record of a turn that is about to run, with the steps it has behind it.
    pub(crate) fn new(turn: &RunningTurn) -> Self {
        Self {
            lease: turn.lease,
            title: turn.title.clone(),
            earlier_ending: turn.earlier_ending,
            replaced_calls: turn.replaced_calls,
            log: Mutex::new(Log { events: committed(turn), outcome: None }),
            log_changed: watch::Sender::new(()),
            interruption: watch::Sender::new(None),
        }
    }

    /// The turn, its conversation and its user.
    pub(crate) fn lease(&self) -> &Lease {
        &self.lease
    }

    /// The title of its conversation.
    pub(crate) fn title(&self) -> &str {
        &self.title
    }

    /// The end that it had before it was reopened, if it was.
    pub(crate) fn earlier_ending(&self) -> Option<EndingId> {
        self.earlier_ending
    }

    /// How many of the calls that it has made, the first ones, are of the answer that is being replaced.
    pub(crate) fn replaced_calls(&self) -> usize {
        self.replaced_calls
    }

    /// What the turn has done by now.
    pub(crate) fn done(&self) -> Vec<ExecutedCall> {
        let log = self.log();
        let results = log.events.iter().filter_map(|event| match event {
            TurnEvent::ToolCallsCommitted(results) => Some(results),
            _ => None,
        });
        results.flatten().cloned().collect()
    }

    /// Reads the turn's events from the first on, without what was discarded before now.
    pub(crate) fn read(self: &Arc<Self>) -> Reader {
        let (pending, read) = {
            let log = self.log();
            (without_withdrawn_words(&log.events), log.events.len())
        };
        Reader { log_changed: self.log_changed.subscribe(), active: Arc::clone(self), read, pending }
    }

    /// Interrupts the turn. The first reason stands.
    pub(crate) fn interrupt(&self, why: Interruption) {
        self.interruption.send_if_modified(|reason| reason.is_none() && reason.insert(why) == &why);
    }

    /// Notes the turn's end. The first one stands.
    pub(crate) fn end(&self, outcome: Outcome) {
        self.log().outcome.get_or_insert(outcome);
        self.log_changed.send_replace(());
    }

    /// Whether the work on the turn has ended here.
    pub(crate) fn has_ended(&self) -> bool {
        self.log().outcome.is_some()
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TurnListener for ActiveTurn {
    fn on(&self, event: TurnEvent) {
        self.log().events.push(event);
        self.log_changed.send_replace(());
    }
}

#[async_trait]
impl Interrupt for ActiveTurn {
    async fn raised(&self) -> Interruption {
        let mut interruption = self.interruption.subscribe();
        match interruption.wait_for(Option::is_some).await.map(|why| *why) {
            Ok(Some(why)) => why,
            // The sender is ours, and what was waited for is there.
            Ok(None) | Err(_) => std::future::pending().await,
        }
    }
}

/// Reads a turn's events one by one, then its end.
pub(crate) struct Reader {
    active: Arc<ActiveTurn>,
    log_changed: watch::Receiver<()>,
    read: usize,
    pending: VecDeque<TurnEvent>,
}

impl Reader {
    /// Waits for what comes next.
    pub(crate) async fn next(&mut self) -> SubscriptionUpdate {
        loop {
            if let Some(event) = self.pending.pop_front() {
                return SubscriptionUpdate::Event(event);
            }
            self.log_changed.mark_unchanged();
            {
                let log = self.active.log();
                self.pending.extend(log.events.iter().skip(self.read).cloned());
                self.read = log.events.len();
                if self.pending.is_empty()
                    && let Some(outcome) = &log.outcome
                {
                    return match outcome {
                        Ok(answer) => SubscriptionUpdate::Answered(answer.clone()),
                        Err(error) => SubscriptionUpdate::Failed(error.clone().into()),
                    };
                }
            }
            if self.pending.is_empty() {
                // The sender lives as long as the turn that this reader holds.
                let _ = self.log_changed.changed().await;
            }
        }
    }

    /// The turn that is read.
    pub(crate) fn active(&self) -> &ActiveTurn {
        &self.active
    }
}

/// Events without the words that a step had said and that are void.
fn without_withdrawn_words(events: &[TurnEvent]) -> VecDeque<TurnEvent> {
    let mut kept = VecDeque::with_capacity(events.len());
    for event in events {
        if matches!(event, TurnEvent::StepDiscarded | TurnEvent::TextRetracted) {
            while matches!(kept.back(), Some(TurnEvent::TextDelta(_))) {
                kept.pop_back();
            }
        } else {
            kept.push_back(event.clone());
        }
    }
    kept
}

/// The events of the steps that a turn has behind it.
fn committed(turn: &RunningTurn) -> Vec<TurnEvent> {
    let is_ours = |message: &&Message| message.turn == turn.lease.turn;
    let steps = turn.history.iter().filter(is_ours).filter_map(|message| match &message.body {
        MessageBody::Assistant { text, calls } => Some((text, calls)),
        MessageBody::User(_) | MessageBody::Tool { .. } => None,
    });
    steps
        .flat_map(|(text, calls)| {
            let is_of_step = |done: &&ExecutedCall| calls.iter().any(|call| call.id == done.id);
            let done: Vec<_> = turn.done.iter().filter(is_of_step).cloned().collect();
            step_events::step_events(text, &done).collect::<Vec<_>>()
        })
        .collect()
}
