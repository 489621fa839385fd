use std::time::Duration;

use domain::{
    ports::{
        ConversationStore, LeaseError, Release, StoreError, TurnEvent, TurnLeases, TurnListener, TurnStore,
    },
    testing::MemoryStore,
    turn::{FailureKind, NewTurn, RunningTurn, Usage},
    turn_driver::TurnError,
};

use super::*;
use crate::testing::{begin, commit_step, finish, message, ports, regenerate};

/// A turn that runs here with one step behind it, and a subscriber.
struct Fixture {
    store: Arc<MemoryStore>,
    message: NewTurn,
    turn: RunningTurn,
    active: Arc<ActiveTurn>,
    subscription: TurnSubscription,
}

impl Fixture {
    async fn with_a_step() -> Self {
        let fixture = Self::without_steps().await;
        let done = commit_step(&fixture.store, &fixture.turn, 0).await;
        fixture.active.on(TurnEvent::StepStarted);
        fixture.active.on(TurnEvent::ToolCallsCommitted(done));
        fixture
    }

    async fn without_steps() -> Self {
        let store = Arc::new(MemoryStore::default());
        let caller = store.register();
        let message = message(caller);
        let turn = begin(&store, &message).await;
        let active = Arc::new(ActiveTurn::new(&turn));
        let subscription = TurnSubscription::local(&active, ports(&store), caller);
        Self { store, message, turn, active, subscription }
    }

    /// Its answer, which has one step, is being replaced by another one.
    async fn with_a_replaced_step() -> Self {
        let first = Self::with_a_step().await;
        finish(&first.store, &first.turn.lease, "That is all.").await;
        let turn = regenerate(&first.store, first.message.caller, &first.turn.lease).await;
        let active = Arc::new(ActiveTurn::new(&turn));
        let subscription = TurnSubscription::local(&active, ports(&first.store), first.message.caller);
        Self { turn, active, subscription, ..first }
    }

    /// Another worker takes the turn over, and this one notices.
    async fn is_taken_over(&self) -> RunningTurn {
        self.store.release(&self.turn.lease, Release::GivenUp).await.unwrap();
        let successor = begin(&self.store, &self.message).await;
        self.active.end(Err(TurnError::Lease(LeaseError::Superseded).into()));
        successor
    }

    /// Waits for the answer until its time is over.
    async fn answer(self, within: Duration) -> Result<TurnAnswer, TurnServiceError> {
        self.subscription.wait_for_answer(Instant::now() + within).await
    }
}

const SOON: Duration = Duration::from_secs(5);
const HARDLY: Duration = Duration::from_millis(50);

#[tokio::test]
async fn a_turn_that_is_taken_over_is_followed_on_without_a_word_twice() {
    let mut fixture = Fixture::with_a_step().await;
    fixture.active.on(TurnEvent::StepStarted);
    fixture.active.on(TurnEvent::TextDelta("Half of".into()));
    let successor = fixture.is_taken_over().await;
    let _ = commit_step(&fixture.store, &successor, 1).await;
    finish(&fixture.store, &successor.lease, "That is all.").await;
    let mut told = Vec::new();
    let answer = loop {
        match fixture.subscription.next().await {
            SubscriptionUpdate::Event(event) => told.push(kind(&event)),
            SubscriptionUpdate::TakenOver => told.push("taken over"),
            SubscriptionUpdate::Answered(answer) => break answer,
            SubscriptionUpdate::Failed(error) => panic!("it is answered: {error:?}"),
        }
    };
    let here = ["started", "called", "started", "words"];
    assert_eq!(told, [&here[..], &["taken over", "words", "calling", "called"]].concat());
    assert_eq!((answer.message.as_str(), answer.tool_calls.len()), ("That is all.", 2));
}

fn kind(event: &TurnEvent) -> &'static str {
    match event {
        TurnEvent::StepStarted => "started",
        TurnEvent::TextDelta(_) => "words",
        TurnEvent::StepDiscarded => "discarded",
        TurnEvent::TextRetracted => "withdrawn",
        TurnEvent::ToolCallsStarted(_) => "calling",
        TurnEvent::ToolCallsCommitted(_) => "called",
    }
}

#[tokio::test]
async fn who_waits_for_the_answer_gets_that_of_the_other_worker() {
    let fixture = Fixture::with_a_step().await;
    let successor = fixture.is_taken_over().await;
    finish(&fixture.store, &successor.lease, "That is all.").await;
    assert_eq!(fixture.answer(SOON).await.unwrap().message, "That is all.");
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_the_same_error_here_and_elsewhere() {
    let here = Fixture::with_a_step().await;
    let elsewhere = Fixture::with_a_step().await;
    let successor = elsewhere.is_taken_over().await;
    let _ = commit_step(&elsewhere.store, &successor, 1).await;
    for (fixture, done) in [(here, 1), (elsewhere, 2)] {
        let turn = fixture.turn.lease.turn;
        let Err(TurnServiceError::StillRunning(progress)) = fixture.answer(HARDLY).await else {
            panic!("somebody is at work on it");
        };
        assert_eq!(progress.turn, turn);
        assert_eq!(progress.tool_calls.len(), done, "each step counts once");
    }
}

#[tokio::test]
async fn an_answer_that_nobody_works_on_is_not_waited_for() {
    let fixture = Fixture::with_a_step().await;
    let successor = fixture.is_taken_over().await;
    fixture.store.release(&successor.lease, Release::HandedOver).await.unwrap();
    let started_at = Instant::now();
    let lost = fixture.answer(2 * crate::timeouts::WORKER_TIMEOUT).await;
    assert_broke_off(&lost, |error| matches!(error, TurnServiceError::WorkerLost));
    assert!(started_at.elapsed() >= crate::timeouts::WORKER_TIMEOUT, "its message may bring it back");
}

/// An error for this reason, told with the one step that the turn had behind it.
fn assert_broke_off(
    told: &Result<TurnAnswer, TurnServiceError>,
    is_reason: impl Fn(&TurnServiceError) -> bool,
) {
    let Err(TurnServiceError::Interrupted { error, progress }) = told else {
        panic!("it broke off: {told:?}")
    };
    assert!(is_reason(error), "{error:?}");
    assert_eq!(progress.tool_calls.len(), 1);
}

#[tokio::test]
async fn who_waits_for_a_turn_that_breaks_off_is_told_what_it_had_done() {
    let store_fails = || StoreError::Unavailable("the line is cut".into());
    for broken in [TurnError::HandedOver, TurnError::Lease(LeaseError::Store(store_fails()))] {
        let fixture = Fixture::with_a_step().await;
        fixture.active.end(Err(broken.into()));
        assert_broke_off(&fixture.answer(SOON).await, |error| matches!(error, TurnServiceError::Turn(_)));
    }
    let fixture = Fixture::without_steps().await;
    fixture.active.end(Err(TurnError::HandedOver.into()));
    let told = fixture.answer(SOON).await;
    assert!(matches!(told, Err(TurnServiceError::Turn(_))), "nothing was done: {told:?}");
}

#[tokio::test]
async fn what_the_answer_before_did_is_not_the_beginning_of_the_one_that_breaks_off() {
    let fixture = Fixture::with_a_replaced_step().await;
    fixture.active.end(Err(TurnError::HandedOver.into()));
    let told = fixture.answer(SOON).await;
    assert!(matches!(told, Err(TurnServiceError::Turn(_))), "the new answer did nothing: {told:?}");

    let fixture = Fixture::with_a_replaced_step().await;
    fixture.active.on(TurnEvent::ToolCallsCommitted(commit_step(&fixture.store, &fixture.turn, 1).await));
    fixture.active.end(Err(TurnError::HandedOver.into()));
    let told = fixture.answer(SOON).await;
    assert!(matches!(told, Err(TurnServiceError::Interrupted { .. })), "it did something: {told:?}");
}

#[tokio::test]
async fn who_follows_an_answer_in_place_of_which_the_one_before_stands_again_is_told_to_ask_again() {
    let fixture = Fixture::with_a_replaced_step().await;
    let (caller, lease) = (fixture.message.caller, fixture.turn.lease);
    let view = fixture.store.find_turn(caller, lease.conversation, lease.turn).await.unwrap().unwrap();
    let elsewhere = RemoteTurn::new(ports(&fixture.store), caller, view).unwrap();
    fixture.store.fail(&lease, FailureKind::ModelBusy, Usage::default()).await.unwrap();
    fixture.active.end(Err(TurnError::Lease(LeaseError::Superseded).into()));
    for subscription in [fixture.subscription, TurnSubscription::remote(elsewhere)] {
        let told = subscription.wait_for_answer(Instant::now() + SOON).await;
        assert!(matches!(told, Err(TurnServiceError::WorkerLost)), "the answer before is whole: {told:?}");
    }
}

#[tokio::test]
async fn a_turn_that_was_given_up_before_it_did_anything_may_be_sent_again() {
    let fixture = Fixture::without_steps().await;
    let successor = fixture.is_taken_over().await;
    fixture.store.fail(&successor.lease, FailureKind::ModelBusy, Usage::default()).await.unwrap();
    let gone = fixture.answer(SOON).await;
    assert!(matches!(gone, Err(TurnServiceError::WorkerLost)), "{gone:?}");
}

#[tokio::test]
async fn a_turn_that_was_deleted_after_it_did_something_is_not_sent_again() {
    let fixture = Fixture::with_a_step().await;
    fixture.store.delete(fixture.message.caller, fixture.turn.lease.conversation).await.unwrap();
    fixture.active.end(Err(TurnError::Lease(LeaseError::Superseded).into()));
    let gone = fixture.answer(SOON).await;
    assert!(matches!(gone, Err(TurnServiceError::NoSuchConversation)), "{gone:?}");
}

/// A stream that has shown half of a step ends at [`SubscriptionUpdate::TakenOver`] with the advice to send
/// the message again.
#[tokio::test]
async fn a_deleted_turn_is_not_said_to_be_taken_over() {
    let mut fixture = Fixture::with_a_step().await;
    fixture.active.on(TurnEvent::TextDelta("Half of".into()));
    fixture.store.delete(fixture.message.caller, fixture.turn.lease.conversation).await.unwrap();
    fixture.active.end(Err(TurnError::Lease(LeaseError::Superseded).into()));
    let end = loop {
        match fixture.subscription.next().await {
            SubscriptionUpdate::Event(_) => {}
            end => break end,
        }
    };
    assert!(matches!(end, SubscriptionUpdate::Failed(TurnServiceError::NoSuchConversation)), "{end:?}");
}
