//! One turn at work: what has happened in it, who is told of it, and how to interrupt it.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use domain::{
    chat::TurnError,
    conversation::{Message, MessageBody},
    ports::{Interrupt, Interruption, TurnEvent, TurnListener},
    turn::{ExecutedCall, Lease, RunningTurn, TurnAnswer},
};
use tokio::sync::watch;

/// How a turn came to its end in this process, shared by all who wait for it.
pub type Outcome = Arc<Result<TurnAnswer, TurnError>>;

/// A turn at work in this process.
pub struct ActiveTurn {
    lease: Lease,
    title: String,
    log: Mutex<Log>,
    grown: watch::Sender<()>,
    interruption: watch::Sender<Option<Interruption>>,
}

#[derive(Default)]
struct Log {
    events: Vec<TurnEvent>,
    outcome: Option<Outcome>,
}

impl ActiveTurn {
    /// Makes the record of a turn that is about to run, with the steps it has behind it.
    pub(super) fn new(turn: &RunningTurn) -> Self {
        Self {
            lease: turn.lease,
            title: turn.title.clone(),
            log: Mutex::new(Log { events: committed(turn), outcome: None }),
            grown: watch::Sender::new(()),
            interruption: watch::Sender::new(None),
        }
    }

    /// The turn, its conversation and its user.
    pub fn lease(&self) -> &Lease {
        &self.lease
    }

    /// The title of its conversation.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What the turn has done so far.
    pub fn done(&self) -> Vec<ExecutedCall> {
        let log = self.log();
        let results = log.events.iter().filter_map(|event| match event {
            TurnEvent::Called(results) => Some(results),
            _ => None,
        });
        results.flatten().cloned().collect()
    }

    /// Waits for the turn's end.
    pub async fn outcome(&self) -> Outcome {
        let mut grown = self.grown.subscribe();
        loop {
            if let Some(outcome) = &self.log().outcome {
                return Arc::clone(outcome);
            }
            // The sender is ours: this fails never.
            let _ = grown.changed().await;
        }
    }

    /// Follows the turn from its first event. What was taken back before is not told any more.
    pub fn follow(self: &Arc<Self>) -> TurnSubscription {
        let (pending, read) = {
            let log = self.log();
            (standing(&log.events), log.events.len())
        };
        TurnSubscription { grown: self.grown.subscribe(), active: Arc::clone(self), read, pending }
    }

    /// Interrupts the turn. The first reason stands.
    pub(super) fn interrupt(&self, why: Interruption) {
        self.interruption.send_if_modified(|reason| reason.is_none() && reason.insert(why) == &why);
    }

    /// Notes the turn's end. The first one stands.
    pub(super) fn end(&self, outcome: Result<TurnAnswer, TurnError>) {
        self.log().outcome.get_or_insert_with(|| Arc::new(outcome));
        self.grown.send_replace(());
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TurnListener for ActiveTurn {
    fn on(&self, event: TurnEvent) {
        self.log().events.push(event);
        self.grown.send_replace(());
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

/// Somebody who follows a turn: every event once, from the first on, then the end.
pub struct TurnSubscription {
    active: Arc<ActiveTurn>,
    grown: watch::Receiver<()>,
    read: usize,
    pending: VecDeque<TurnEvent>,
}

/// What a follower is told.
pub enum News {
    /// Something happened.
    Event(TurnEvent),
    /// The turn is over; nothing comes after this.
    End(Outcome),
}

impl TurnSubscription {
    /// Waits for what comes next.
    pub async fn next(&mut self) -> News {
        loop {
            if let Some(event) = self.pending.pop_front() {
                return News::Event(event);
            }
            self.grown.mark_unchanged();
            {
                let log = self.active.log();
                self.pending.extend(log.events.iter().skip(self.read).cloned());
                self.read = log.events.len();
                if self.pending.is_empty()
                    && let Some(outcome) = &log.outcome
                {
                    return News::End(Arc::clone(outcome));
                }
            }
            if self.pending.is_empty() {
                // The sender lives as long as the turn that this follower holds.
                let _ = self.grown.changed().await;
            }
        }
    }

    /// The turn that is followed.
    pub fn active(&self) -> &ActiveTurn {
        &self.active
    }
}

/// Events without the words that a discarded step had said.
fn standing(events: &[TurnEvent]) -> VecDeque<TurnEvent> {
    let mut standing = VecDeque::with_capacity(events.len());
    for event in events {
        if *event == TurnEvent::StepDiscarded {
            while matches!(standing.back(), Some(TurnEvent::TextDelta(_))) {
                standing.pop_back();
            }
        } else {
            standing.push_back(event.clone());
        }
    }
    standing
}

/// The events of the steps that a turn has behind it, made from its messages.
fn committed(turn: &RunningTurn) -> Vec<TurnEvent> {
    let ours = |message: &&Message| message.turn == turn.lease.turn;
    let mut events = Vec::new();
    for message in turn.history.iter().filter(ours) {
        let MessageBody::Assistant { text, calls } = &message.body else { continue };
        events.push(TurnEvent::StepStarted);
        if !text.is_empty() {
            events.push(TurnEvent::TextDelta(text.clone()));
        }
        let results = turn.done.iter().filter(|done| calls.iter().any(|call| call.id == done.id));
        events.push(TurnEvent::Calling(calls.clone()));
        events.push(TurnEvent::Called(results.cloned().collect()));
    }
    events
}
