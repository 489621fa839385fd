//! The shape of a conversation.

use domain::turn::FinishReason;
use serde_json::json;
use uuid::Uuid;

use super::*;

fn step(text: &str, calls: &[&str]) -> StepView {
    let calls = calls.iter().map(|id| ExecutedCall {
        id: (*id).to_owned(),
        tool: "add_task".to_owned(),
        input: Map::from_iter([("title".to_owned(), json!("milk"))]),
        result: json!({"success": true}),
    });
    StepView { text: text.to_owned(), calls: calls.collect(), at: DateTime::UNIX_EPOCH }
}

fn turn(client_message_id: Option<&str>, steps: Vec<StepView>, ending: Ending) -> TurnView {
    TurnView {
        turn: TurnId(Uuid::nil()),
        client_message_id: client_message_id.map(str::to_owned),
        said: "add milk".to_owned(),
        sent_at: DateTime::UNIX_EPOCH,
        steps,
        replaced_calls: 0,
        ending,
        last_ending: None,
    }
}

fn shown(turn: TurnView) -> Value {
    let view = ConversationView {
        id: ConversationId(Uuid::nil()),
        title: "Milk".to_owned(),
        created_at: DateTime::UNIX_EPOCH,
        updated_at: DateTime::UNIX_EPOCH,
        model: None,
        running_turn: None,
        turns: vec![turn],
        more: false,
    };
    serde_json::to_value(ConversationBody::from(view)).unwrap()
}

#[test]
fn an_answer_has_its_steps_as_parts() {
    let steps = vec![step("One moment.", &["c1"]), step("", &["c2"]), step("Done.", &[])];
    let whole = shown(turn(Some("mine"), steps, Ending::Finished(FinishReason::Stop)));
    let nil = Uuid::nil().to_string();
    assert_eq!(
        whole["messages"][0],
        json!({
            "id": "mine", "role": "user", "content": "add milk", "turn_id": nil,
            "parts": [{"type": "text", "text": "add milk"}], "created_at": "1970-01-01T00:00:00Z",
        })
    );
    let call = json!({"tool": "add_task", "input": {"title": "milk"}, "result": {"success": true}});
    let part = |id| {
        json!({
            "type": "tool-add_task", "toolCallId": id, "state": "output-available",
            "input": {"title": "milk"}, "output": {"success": true},
        })
    };
    assert_eq!(
        whole["messages"][1],
        json!({
            "id": nil, "role": "assistant", "content": "One moment.\n\nDone.", "turn_id": nil,
            "tool_calls": [call, call], "finish_reason": "stop", "created_at": "1970-01-01T00:00:00Z",
            // These results name no task, so nothing is known to be done.
            "effects": [],
            "notice": {"code": "nothing_was_changed", "detail": "Nothing was changed on your list."},
            "parts": [
                {"type": "step-start"}, {"type": "text", "text": "One moment.", "state": "done"}, part("c1"),
                {"type": "step-start"}, part("c2"),
                {"type": "step-start"}, {"type": "text", "text": "Done.", "state": "done"},
            ],
        })
    );
}

#[test]
fn a_question_without_an_answer_stands_alone() {
    let whole = shown(turn(None, Vec::new(), Ending::Running));
    assert_eq!(whole["messages"].as_array().unwrap().len(), 1);
    assert_eq!(whole["messages"][0]["id"], format!("{}-user", Uuid::nil()));
}

#[test]
fn an_answer_that_has_not_ended_has_no_reason() {
    for ending in [Ending::Running, Ending::Failed] {
        let whole = shown(turn(None, vec![step("Done so far.", &[])], ending));
        assert_eq!(whole["messages"][1]["finish_reason"], Value::Null);
    }
}

#[test]
fn what_a_replaced_answer_was_refused_is_no_notice_of_the_next() {
    let mut refused = step("", &["c1"]);
    refused.calls[0].result = json!({"success": false, "error": "No.", "code": "NOT_FOUND"});
    let steps = vec![refused, step("You have nothing to do.", &[])];
    let said = "what is on my list?".to_owned();
    let asked = TurnView { said, ..turn(None, steps, Ending::Finished(FinishReason::Stop)) };
    let notice = |turn: TurnView| shown(turn)["messages"][1]["notice"]["code"].clone();
    assert_eq!(notice(asked.clone()), "nothing_was_changed");
    assert_eq!(notice(TurnView { replaced_calls: 1, ..asked }), Value::Null);
}
