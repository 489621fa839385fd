use std::time::Duration;

use super::*;
use crate::{
    ports::{TurnLeases, TurnStore},
    testing::{block_on, contract},
    turn::{BeginOutcome, NewTurn, Target, UserMessage},
    turn_and_conversation_ids::{ConversationId, TurnId},
};

#[test]
fn todo_lists_in_memory_keep_the_contract() {
    let store = MemoryStore::default();
    block_on(contract::todo_store(&store, store.register(), store.register()));
}

#[test]
fn turns_in_memory_keep_the_contract() {
    let store = MemoryStore::default();
    block_on(contract::turn_store(&store, store.register(), store.register()));
}

#[test]
fn conversations_in_memory_keep_the_contract() {
    let store = MemoryStore::default();
    block_on(contract::conversation_store(&store, store.register(), store.register()));
}

#[test]
fn calendars_in_memory_keep_the_contract() {
    let store = MemoryStore::default();
    block_on(contract::calendar_store(&store, store.register(), store.register()));
}

#[test]
fn access_tokens_in_memory_keep_the_contract() {
    let store = MemoryStore::default();
    block_on(contract::access_token_store(&store, store.register(), store.register()));
}

#[test]
fn programs_that_are_connected_in_memory_keep_the_contract() {
    let store = MemoryStore::default();
    block_on(contract::oauth_store(&store, store.register(), store.register()));
}

#[test]
fn the_log_in_memory_keeps_the_contract() {
    let store = MemoryStore::default();
    block_on(contract::change_log(&store, store.register(), store.register()));
}

#[test]
fn undo_in_memory_keeps_the_contract() {
    let store = MemoryStore::default();
    block_on(contract::undo_store(&store, store.register(), store.register()));
}

#[test]
fn what_programs_ask_in_memory_keeps_the_contract() {
    let store = MemoryStore::default();
    block_on(contract::mcp_call_approvals(&store, store.register(), store.register()));
}

#[test]
fn approvals_in_memory_keep_the_contract() {
    let store = MemoryStore::default();
    block_on(contract::approval_store(&store, store.register(), store.register()));
}

fn busy_store() -> (Arc<ManualClock>, MemoryStore, NewTurn) {
    let clock = Arc::new(ManualClock::default());
    let store = MemoryStore::new(clock.clone());
    let turn = NewTurn {
        caller: store.register(),
        id: TurnId(RandomIdGenerator.next()),
        target: Target::Either(ConversationId(RandomIdGenerator.next())),
        message: UserMessage::parse("hello").unwrap(),
        client_message_id: None,
        model: None,
        time_zone: None,
        key: None,
    };
    (clock, store, turn)
}

#[test]
fn a_lease_runs_out_after_twenty_seconds() {
    let (clock, store, turn) = busy_store();
    assert!(matches!(block_on(store.begin(&turn)).unwrap(), BeginOutcome::Started(_)));
    let next = NewTurn { id: TurnId(RandomIdGenerator.next()), ..turn };
    clock.advance(Duration::from_secs(19));
    assert!(matches!(block_on(store.begin(&next)).unwrap(), BeginOutcome::ConversationBusy { .. }));
    clock.advance(Duration::from_secs(1));
    assert!(matches!(block_on(store.begin(&next)).unwrap(), BeginOutcome::Started(_)));
}

#[test]
fn a_lease_that_is_renewed_begins_anew() {
    let (clock, store, turn) = busy_store();
    let BeginOutcome::Started(running) = block_on(store.begin(&turn)).unwrap() else { panic!("it is free") };
    let next = NewTurn { id: TurnId(RandomIdGenerator.next()), ..turn };
    for _ in 0..5 {
        clock.advance(Duration::from_secs(15));
        assert_eq!(block_on(store.renew(&[running.lease])).unwrap().len(), 1);
    }
    clock.advance(Duration::from_secs(19));
    assert!(matches!(block_on(store.begin(&next)).unwrap(), BeginOutcome::ConversationBusy { .. }));
}

#[test]
fn a_revoked_token_is_refused() {
    let (_, store, turn) = busy_store();
    let caller = store.revoke_tokens(turn.caller);
    assert!(matches!(block_on(store.begin(&turn)), Err(StoreError::UnknownCaller)));
    assert!(matches!(block_on(store.begin(&NewTurn { caller, ..turn })), Ok(BeginOutcome::Started(_))));
}

#[test]
fn calls_of_programs_keep_their_contract() {
    let store = MemoryStore::default();
    block_on(contract::mcp_call_store(&store, store.register(), store.register()));
}
