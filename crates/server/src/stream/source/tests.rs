use domain::{
    account::Caller,
    agent::{Action, PlannedCall, PlannedStep},
    ports::{Cost, IdGenerator, Release, TurnLeases, TurnStore},
    testing::{MemoryStore, RandomIdGenerator},
    turn::{BeginOutcome, FinalMessage, FinishReason, Lease, NewTurn, Target, ToolCall, Usage, UserMessage},
};
use serde_json::{Map, json};

use super::*;

/// Begins a turn and commits one step of it.
async fn begun(store: &MemoryStore, caller: Caller) -> Lease {
    let new = NewTurn {
        caller,
        id: TurnId(RandomIdGenerator.next()),
        target: Target::New(ConversationId(RandomIdGenerator.next())),
        message: UserMessage::parse("What is open?").unwrap(),
        client_message_id: None,
        key: None,
    };
    let BeginOutcome::Started(turn) = store.begin(&new).await.unwrap() else { panic!("a new turn begins") };
    let call = ToolCall { id: "call-1".into(), name: "list_tasks".into(), arguments: Map::new() };
    let planned = PlannedCall { call, action: Action::Answer(json!({"success": true})) };
    let step = PlannedStep { text: "One moment.".into(), calls: vec![planned] };
    store.commit_step(&turn.lease, 0, &step).await.unwrap();
    turn.lease
}

async fn finish(store: &MemoryStore, lease: &Lease, words: &str) {
    let final_message = FinalMessage { text: words.into(), reason: FinishReason::Stop };
    store.finish(lease, &final_message, &Cost { model: "m".into(), usage: Usage::default() }).await.unwrap();
}

/// A source of a turn, without worker_timeout for one that lost its worker.
async fn source_of(store: &Arc<MemoryStore>, caller: Caller, lease: &Lease) -> Source {
    let view = store.find_turn(caller, lease.conversation, lease.turn).await.unwrap().unwrap();
    let polled = Polled::new(store.clone(), store.clone(), caller, view).ok().unwrap();
    Source::Polled(Polled { worker_timeout: Duration::ZERO, ..polled })
}

/// Reads the committed step.
async fn step_of(source: &mut Source) {
    let mut told = Vec::new();
    for _ in 0..4 {
        let TurnUpdate::Event(event) = source.next().await else { panic!("the turn is not over") };
        told.push(event);
    }
    let words = TurnEvent::TextDelta("One moment.".into());
    let [TurnEvent::StepStarted, said, TurnEvent::Calling(calls), TurnEvent::Called(results)] = &told[..]
    else {
        panic!("what was done is told: {told:?}");
    };
    assert_eq!((said, calls.len(), results.len()), (&words, 1, 1));
}

#[tokio::test]
async fn a_turn_that_nobody_works_on_is_not_waited_for() {
    let store = Arc::new(MemoryStore::default());
    let caller = store.register();
    let lease = begun(&store, caller).await;
    store.release(&lease, Release::HandedOver).await.unwrap();
    let mut source = source_of(&store, caller, &lease).await;
    step_of(&mut source).await;
    let TurnUpdate::Failed(error) = source.next().await else { panic!("nobody answered") };
    assert!(matches!(error, ApiError::Unavailable { what: UnavailableCause::Worker, .. }), "{error:?}");
    assert!(error.goes_on_after().is_some(), "it goes on when its message is sent again");
}

#[tokio::test]
async fn a_turn_that_somebody_works_on_is_waited_for() {
    let store = Arc::new(MemoryStore::default());
    let caller = store.register();
    let lease = begun(&store, caller).await;
    let mut source = source_of(&store, caller, &lease).await;
    step_of(&mut source).await;
    let waiting = tokio::time::timeout(3 * POLL_INTERVAL, source.next()).await;
    assert!(waiting.is_err(), "nothing new is told");
    finish(&store, &lease, "That is all.").await;
    let TurnUpdate::Answered(answer) = source.next().await else { panic!("it is answered") };
    assert_eq!(answer.message, "That is all.");
}

#[tokio::test]
async fn a_turn_that_is_answered_once_more_meanwhile_ends_with_the_other_answer() {
    let store = Arc::new(MemoryStore::default());
    let caller = store.register();
    let lease = begun(&store, caller).await;
    finish(&store, &lease, "That is all.").await;
    let mut source = source_of(&store, caller, &lease).await;
    step_of(&mut source).await;
    let again = store.regenerate(caller, lease.conversation, lease.turn).await.unwrap();
    let BeginOutcome::Started(again) = again else { panic!("it is answered once more: {again:?}") };
    let waiting = tokio::time::timeout(3 * POLL_INTERVAL, source.next()).await;
    assert!(waiting.is_err(), "the answer before is void");
    finish(&store, &again.lease, "That was all.").await;
    let TurnUpdate::Answered(answer) = source.next().await else { panic!("it is answered") };
    assert_eq!(answer.message, "That was all.");
}
