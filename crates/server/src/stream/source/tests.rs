use domain::{
    account::Caller,
    agent::{Action, PlannedCall, PlannedStep},
    ports::{Ids, TurnStore},
    testing::{MemoryStore, RandomIds},
    turn::{Begun, NewTurn, Target, ToolCall, UserMessage},
};
use serde_json::{Map, json};

use super::*;

/// Begins a turn and commits one step of it; then nobody works on it any more.
async fn left_alone(store: &MemoryStore, caller: Caller) -> (ConversationId, TurnId) {
    let new = NewTurn {
        caller,
        id: TurnId(RandomIds.next()),
        target: Target::New(ConversationId(RandomIds.next())),
        message: UserMessage::parse("What is open?").unwrap(),
        client_message_id: None,
        key: None,
    };
    let Begun::Started(turn) = store.begin(&new).await.unwrap() else { panic!("a new turn begins") };
    let call = ToolCall { id: "call-1".into(), name: "list_tasks".into(), arguments: Map::new() };
    let planned = PlannedCall { call, action: Action::Answer(json!({"success": true})) };
    let step = PlannedStep { text: "One moment.".into(), calls: vec![planned] };
    store.commit_step(&turn.lease, 0, &step).await.unwrap();
    (turn.lease.conversation, turn.lease.turn)
}

#[tokio::test]
async fn a_turn_that_nobody_works_on_is_not_waited_for_for_ever() {
    let store = Arc::new(MemoryStore::default());
    let caller = store.register();
    let place = left_alone(&store, caller).await;
    let polled = Polled::open(store.clone(), store, caller, place).await.ok().unwrap();
    let mut source = Source::Polled(Polled { patience: Duration::ZERO, ..polled });
    let mut told = Vec::new();
    let sentence = loop {
        match source.next().await {
            Told::Event(event) => told.push(event),
            Told::Answered(_) => panic!("nobody answered"),
            Told::Failed(sentence) => break sentence,
        }
    };
    let words = TurnEvent::Words("One moment.".into());
    let [TurnEvent::StepStarted, said, TurnEvent::Calling(calls), TurnEvent::Called(results)] = &told[..]
    else {
        panic!("what was done is told: {told:?}");
    };
    assert_eq!((said, calls.len(), results.len()), (&words, 1, 1));
    assert!(sentence.ends_with('.'), "{sentence}");
}
