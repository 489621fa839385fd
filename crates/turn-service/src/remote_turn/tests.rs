use std::sync::Arc;

use domain::{
    ports::{ConversationStore, Release, TurnLeases, TurnStore},
    testing::MemoryStore,
    turn::{FailureKind, Lease, Usage},
};

use super::*;
use crate::testing::{begin, commit_step, finish, message, ports, regenerate};

/// Begins a turn and commits one step of it.
async fn begin_with_a_step(store: &MemoryStore, caller: Caller) -> Lease {
    let turn = begin(store, &message(caller)).await;
    let _ = commit_step(store, &turn, 0).await;
    turn.lease
}

/// A reader of a turn that does not wait for one that lost its worker.
async fn remote(store: &Arc<MemoryStore>, caller: Caller, lease: &Lease) -> RemoteTurn {
    let view = store.find_turn(caller, lease.conversation, lease.turn).await.unwrap().unwrap();
    let remote = RemoteTurn::new(ports(store), caller, view).unwrap();
    RemoteTurn { worker_timeout: Duration::ZERO, ..remote }
}

/// Reads the committed step.
async fn read_step(turn: &mut RemoteTurn) {
    let mut read = Vec::new();
    for _ in 0..4 {
        let Ok(SubscriptionUpdate::Event(event)) = turn.next().await else { panic!("the turn is not over") };
        read.push(event);
    }
    let words = TurnEvent::TextDelta("One moment.".into());
    let [
        TurnEvent::StepStarted,
        said,
        TurnEvent::ToolCallsStarted(calls),
        TurnEvent::ToolCallsCommitted(results),
    ] = &read[..]
    else {
        panic!("what was done is told: {read:?}");
    };
    assert_eq!((said, calls.len(), results.len()), (&words, 1, 1));
}

#[tokio::test]
async fn a_turn_that_nobody_works_on_is_not_waited_for() {
    let store = Arc::new(MemoryStore::default());
    let caller = store.register();
    let lease = begin_with_a_step(&store, caller).await;
    store.release(&lease, Release::HandedOver).await.unwrap();
    let mut turn = remote(&store, caller, &lease).await;
    read_step(&mut turn).await;
    let next = turn.next().await;
    assert!(matches!(next, Err(TurnServiceError::WorkerLost)), "{next:?}");
    assert_eq!(turn.done().len(), 1);
}

#[tokio::test]
async fn a_turn_that_somebody_works_on_is_waited_for() {
    let store = Arc::new(MemoryStore::default());
    let caller = store.register();
    let lease = begin_with_a_step(&store, caller).await;
    let mut turn = remote(&store, caller, &lease).await;
    read_step(&mut turn).await;
    let waiting = tokio::time::timeout(3 * REMOTE_POLL_INTERVAL, turn.next()).await;
    assert!(waiting.is_err(), "nothing new is told");
    finish(&store, &lease, "That is all.").await;
    let Ok(SubscriptionUpdate::Answered(answer)) = turn.next().await else { panic!("it is answered") };
    assert_eq!(answer.message, "That is all.");
}

#[tokio::test]
async fn a_turn_that_is_answered_once_more_meanwhile_ends_with_the_other_answer() {
    let store = Arc::new(MemoryStore::default());
    let caller = store.register();
    let lease = begin_with_a_step(&store, caller).await;
    finish(&store, &lease, "That is all.").await;
    let mut turn = remote(&store, caller, &lease).await;
    read_step(&mut turn).await;
    let again = regenerate(&store, caller, &lease).await;
    let waiting = tokio::time::timeout(3 * REMOTE_POLL_INTERVAL, turn.next()).await;
    assert!(waiting.is_err(), "the answer before is void");
    finish(&store, &again.lease, "That was all.").await;
    let Ok(SubscriptionUpdate::Answered(answer)) = turn.next().await else { panic!("it is answered") };
    assert_eq!(answer.message, "That was all.");
}

#[tokio::test]
async fn the_answer_that_stands_again_is_not_the_other_one_that_was_asked_for() {
    let store = Arc::new(MemoryStore::default());
    let caller = store.register();
    let lease = begin_with_a_step(&store, caller).await;
    finish(&store, &lease, "That is all.").await;
    let again = regenerate(&store, caller, &lease).await;
    let active = ActiveTurn::new(&again);
    let mut from_the_start = remote(&store, caller, &lease).await;
    let told = Progress { steps: 1, has_started_next: false };
    let mut taken_over = RemoteTurn::after_takeover(&active, ports(&store), caller, told);
    store.fail(&again.lease, FailureKind::ModelTimeout, Usage::default()).await.unwrap();
    read_step(&mut from_the_start).await;
    for turn in [&mut from_the_start, &mut taken_over] {
        let next = turn.next().await;
        assert!(matches!(next, Err(TurnServiceError::WorkerLost)), "{next:?}");
    }
    // Who asks for it now gets what stands.
    let mut turn = remote(&store, caller, &lease).await;
    read_step(&mut turn).await;
    let Ok(SubscriptionUpdate::Answered(answer)) = turn.next().await else { panic!("it is answered") };
    assert_eq!(answer.message, "That is all.");
}
