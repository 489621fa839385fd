//! Test support of this crate: turns in a store in memory.

use std::sync::Arc;

use domain::{
    caller::Caller,
    message::{ExecutedCall, ToolCall},
    ports::{IdGenerator, ModelUsage, Regeneration, TurnStore},
    step::{Action, PlannedCall, PlannedStep},
    testing::{MemoryStore, RandomIdGenerator},
    turn::{
        BeginOutcome, FinalMessage, FinishReason, IdempotencyKey, Lease, NewTurn, RequestKey, RunningTurn,
        Target, Usage, UserMessage,
    },
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use serde_json::{Map, json};

use crate::turn_ports::TurnPorts;

/// The ports of a process that keeps its turns in `store`.
pub(crate) fn ports(store: &Arc<MemoryStore>) -> TurnPorts {
    TurnPorts {
        store: store.clone(),
        reader: store.clone(),
        leases: store.clone(),
        conversations: store.clone(),
    }
}

/// A message with a key that opens a conversation.
pub(crate) fn message(caller: Caller) -> NewTurn {
    let key = IdempotencyKey::parse("key-1").unwrap();
    NewTurn {
        caller,
        id: TurnId(RandomIdGenerator.next()),
        target: Target::New(ConversationId(RandomIdGenerator.next())),
        message: UserMessage::parse("What is open?").unwrap(),
        client_message_id: None,
        model: None,
        time_zone: None,
        key: Some(RequestKey { key, body_hash: [0; 32] }),
    }
}

/// The same message sent again with its key, as another request.
pub(crate) fn again(message: &NewTurn) -> NewTurn {
    NewTurn { id: TurnId(RandomIdGenerator.next()), ..message.clone() }
}

/// Begins a turn, or takes it over.
pub(crate) async fn begin(store: &MemoryStore, message: &NewTurn) -> RunningTurn {
    let outcome = store.begin(&again(message)).await.unwrap();
    let BeginOutcome::Started(turn) = outcome else { panic!("it is ours to work on: {outcome:?}") };
    *turn
}

/// Has a turn answered once more; what it did stays done.
pub(crate) async fn regenerate(store: &MemoryStore, caller: Caller, lease: &Lease) -> RunningTurn {
    let wanted = Regeneration::keep_effects(lease.conversation, lease.turn, None);
    let outcome = store.regenerate(caller, &wanted).await.unwrap();
    let BeginOutcome::Started(turn) = outcome else { panic!("it is answered once more: {outcome:?}") };
    *turn
}

/// Commits step number `number` of a turn, which says something and makes one call.
pub(crate) async fn commit_step(store: &MemoryStore, turn: &RunningTurn, number: i32) -> Vec<ExecutedCall> {
    let call = ToolCall {
        id: format!("call-{number}"),
        name: "list_tasks".into(),
        arguments: Map::new(),
        provider_data: Default::default(),
    };
    let planned = PlannedCall { call, action: Action::Answer(json!({"success": true})) };
    let step = PlannedStep { text: "One moment.".into(), calls: vec![planned], local: turn.time.local };
    store.commit_step(&turn.lease, number, &step).await.unwrap()
}

/// Ends a turn with these words.
pub(crate) async fn finish(store: &MemoryStore, lease: &Lease, words: &str) {
    let final_message = FinalMessage { text: words.into(), reason: FinishReason::Stop };
    store
        .finish(lease, &final_message, &ModelUsage { model: "m".into(), usage: Usage::default() })
        .await
        .unwrap();
}
