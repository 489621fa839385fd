use domain::{
    account::UserId,
    caller::Caller,
    ports::IdGenerator,
    turn::{IdempotencyKey, NewTurn, Target},
    turn_and_conversation_ids::ConversationId,
};
use serde_json::{Value, json};
use turn_service::{MessageText, TurnRequest};

use super::{
    super::stream_message::{Sender, conversation_of},
    *,
};
use crate::{extract::idempotency_key::KeyHeader, state::ModelInfo};

struct Fixed;

impl IdGenerator for Fixed {
    fn next(&self) -> Uuid {
        Uuid::from_u128(7)
    }
}

fn caller() -> Caller {
    Caller { user: UserId(Uuid::from_u128(1)), token_version: 0, grant: None }
}

fn parse(body: Value) -> Result<ParsedStreamRequest, ApiError> {
    serde_json::from_value::<StreamBody>(body).unwrap().parse()
}

/// The request for a turn that is read from a body, under this key.
fn turn_request(body: Value, key: Option<&str>) -> Result<TurnRequest, ApiError> {
    let ParsedStreamRequest::Message(message) = parse(body)? else { panic!("answers to cards") };
    let key = KeyHeader(key.map(|key| IdempotencyKey::parse(key).unwrap()));
    let sender = Sender { caller: caller(), key, time_zone: None };
    message.into_turn_request(sender, &ModelInfo::single("m"), &Fixed)
}

fn read(body: Value) -> NewTurn {
    match turn_request(body, None).unwrap() {
        TurnRequest::Send(turn) | TurnRequest::Regenerate(turn, _) => turn,
    }
}

#[test]
fn our_own_body_opens_a_conversation_or_continues_one() {
    let new = read(json!({"message": "hi"}));
    assert_eq!((new.message.as_str(), new.key.is_none()), ("hi", true));
    assert!(matches!(new.target, Target::New(_)));
    let id = Uuid::from_u128(9);
    assert_eq!(
        read(json!({"message": "hi", "conversation_id": id})).target,
        Target::Existing(ConversationId(id))
    );
}

#[test]
fn of_a_client_s_history_only_the_newest_message_is_read() {
    let new = read(json!({
        "id": Uuid::from_u128(9), "trigger": "submit-message",
        "messages": [
            {"id": "a", "role": "user", "parts": [{"type": "text", "text": "old"}]},
            {"id": "b", "role": "assistant", "parts": [{"type": "step-start"}, {"type": "text", "text": "lies"}]},
            {"id": "c", "role": "user", "parts": [{"type": "text", "text": "new"}]},
        ],
    }));
    assert_eq!(new.message.as_str(), "new");
    assert_eq!(new.client_message_id.as_deref(), Some("c"));
    assert_eq!(new.target, Target::Either(ConversationId(Uuid::from_u128(9))));
}

#[test]
fn a_message_id_is_the_key_when_no_header_is() {
    let one = |id: &str| {
        read(
            json!({"id": "chat", "message": {"id": id, "role": "user", "parts": [{"type": "text", "text": "x"}]}}),
        )
    };
    assert_eq!(one("sOVmZ9rQdMugJycC").key, one("sOVmZ9rQdMugJycC").key);
    assert_ne!(one("sOVmZ9rQdMugJycC").key, one("ünîcode ids too").key);
}

#[test]
fn a_chat_id_that_is_no_uuid_stands_for_one_conversation_of_one_user() {
    let (ann, bob) = (UserId(Uuid::from_u128(1)), UserId(Uuid::from_u128(2)));
    assert_eq!(conversation_of("chat", ann), conversation_of("chat", ann));
    assert_ne!(conversation_of("chat", ann), conversation_of("chat", bob));
}

#[test]
fn a_request_without_a_message_is_refused() {
    for body in [json!({}), json!({"id": "x", "messages": []}), json!({"message": "  "})] {
        assert!(parse(body).is_err());
    }
}

#[test]
fn a_message_is_edited_or_answered_again_when_the_client_names_it() {
    let said = json!([{"id": "a", "role": "user", "parts": [{"type": "text", "text": "new words"}]}]);
    let submit = |named: &str| {
        json!({"id": "chat", "trigger": "submit-message", "messageId": named, "messages": said,
               "previous_text": " old words "})
    };
    let again = json!({"id": "chat", "trigger": "regenerate-message", "messageId": "b", "messages": said});
    assert!(matches!(turn_request(submit("other"), None).unwrap(), TurnRequest::Send(_)));
    let TurnRequest::Regenerate(_, edit) = turn_request(submit("a"), Some("a")).unwrap() else { panic!() };
    let MessageText::Edited { previous } = edit.text else { panic!("an edit has words of its own") };
    assert_eq!((previous.unwrap().as_str(), edit.has_own_key), ("old words", false));
    let TurnRequest::Regenerate(_, again) = turn_request(again, Some("k")).unwrap() else { panic!() };
    assert!(matches!(again.text, MessageText::Recorded) && again.has_own_key);
}

fn approval_decisions(
    parts: &Value,
    last: Option<&Value>,
) -> Result<Option<(TurnId, Vec<ApprovalDecision>)>, ApiError> {
    let mut messages = vec![json!({"id": Uuid::from_u128(5), "role": "assistant", "parts": parts})];
    messages.extend(last.cloned());
    let body = json!({"id": "chat", "trigger": "submit-message", "messages": messages});
    serde_json::from_value::<StreamBody>(body).unwrap().approval_decisions()
}

#[test]
fn what_a_person_said_to_a_card_is_read_from_the_newest_message_alone() {
    let part = |approval: Value| {
        json!({"type": "tool-delete_task", "toolCallId": "c1", "state": "approval-responded",
               "input": {"task_id": [1]}, "approval": approval})
    };
    let yes = json!([{"type": "step-start"}, part(json!({"id": Uuid::from_u128(6), "approved": true}))]);
    let expected = ApprovalDecision {
        call_id: "c1".into(),
        approval: ApprovalId(Uuid::from_u128(6)),
        decision: Decision::Approve,
        shown: Map::from_iter([("task_id".to_owned(), json!([1]))]),
    };
    assert_eq!(approval_decisions(&yes, None).unwrap(), Some((TurnId(Uuid::from_u128(5)), vec![expected])));
    let said = json!({"id": "u", "role": "user", "parts": [{"type": "text", "text": "hi"}]});
    assert_eq!(approval_decisions(&yes, Some(&said)).unwrap(), None, "a message of the person's comes first");
    // Each answer is carried out and told by itself, so one request has no more than one turn asks.
    let answer = |id: u128| part(json!({"id": Uuid::from_u128(id), "approved": true}));
    let repeated: Vec<Value> = (0..20_000).map(|_| answer(6)).collect();
    let read = approval_decisions(&json!(repeated), None).unwrap().unwrap();
    assert_eq!(read.1.len(), 1, "the same answer again is no other one");
    let many: Vec<Value> = (0..17).map(answer).collect();
    assert!(approval_decisions(&json!(many[..16]), None).is_ok_and(|read| read.is_some()));
    assert!(matches!(approval_decisions(&json!(many), None), Err(ApiError::Invalid(_))));
    for forged in [json!({"id": "x", "approved": true}), json!({"approved": true}), json!(7), Value::Null] {
        assert_eq!(approval_decisions(&json!([part(forged)]), None).unwrap(), None);
    }
}

#[test]
fn a_message_s_id_can_be_kept_or_is_refused() {
    let message = |id: &str| json!({"role": "user", "id": id, "parts": [{"type": "text", "text": "hi"}]});
    let sent = |id: &str| json!({"message": message(id), "id": "chat", "messageId": id});
    for id in ["x".repeat(256), "a\0b".to_owned()] {
        let refusal = turn_request(sent(&id), None).err().unwrap();
        assert!(format!("{refusal:?}").contains("at most 255 bytes"), "{refusal:?}");
    }
    let TurnRequest::Regenerate(longest, _) = turn_request(sent(&"x".repeat(255)), None).unwrap() else {
        panic!("its own id names it as the one that is replaced")
    };
    assert_eq!(longest.client_message_id.map(|id| id.len()), Some(255));
    let TurnRequest::Send(without) = turn_request(sent(""), None).unwrap() else {
        panic!("an empty id names no message")
    };
    assert!(without.client_message_id.is_none() && without.key.is_none(), "two such messages are two");
}
