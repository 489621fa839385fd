//! Questions in a stream, and answers by card: what a client says was approved counts only as far as
//! the database has it.

use serde_json::{Value, json};
use tests::{
    TestApp, User,
    script::{call, calls, text},
};

use crate::{
    rebuilt_message::{conversation, message, shown},
    sse_client::{Reading, Streams},
};

const CHAT: &str = "chat";

/// Somebody with four tasks, whose assistant asks before it deletes them.
async fn asked<'a>(app: &'a TestApp, query: &str) -> (User<'a>, Vec<Value>) {
    let four = call("delete_task", json!({"task_id": [1, 2, 3, 4]}));
    app.model().enqueue([four, text("Shall I?")]);
    let alice = app.user("alice").await;
    for number in 1..=4 {
        alice.add_task(&format!("Task {number}")).await.expect(201);
    }
    let message = json!({"id": "m1", "role": "user", "parts": [{"type": "text", "text": "Delete them"}]});
    let body = json!({"id": CHAT, "messages": [message], "trigger": "submit-message"});
    let call = alice.own("POST", &format!("/chat/stream{query}")).json(&body);
    let chunks = Reading::of(call).await.rest().await;
    (alice, chunks)
}

fn named<'c>(chunks: &'c [Value], kind: &str) -> Vec<&'c Value> {
    chunks.iter().filter(|chunk| chunk["type"] == kind).collect()
}

/// What the AI SDK sends when a person has used a card.
fn card(chunks: &[Value], approval: &Value, approved: bool, input: &Value) -> Value {
    let called = named(chunks, "tool-input-available")[0];
    let part = json!({
        "type": "tool-delete_task", "toolCallId": called["toolCallId"], "state": "approval-responded",
        "input": input, "approval": {"id": approval, "approved": approved},
    });
    let message =
        json!({"id": chunks[0]["messageId"], "role": "assistant", "parts": [{"type": "step-start"}, part]});
    json!({"id": CHAT, "messages": [message], "trigger": "submit-message", "messageId": chunks[0]["messageId"]})
}

#[tokio::test]
async fn a_client_that_does_not_say_so_gets_no_part_that_it_may_not_know() {
    let app = TestApp::start().await;
    for query in ["", "?ai=5", "?ai=five"] {
        let app = if query.is_empty() { &app } else { &TestApp::start().await };
        let (_, chunks) = asked(app, query).await;
        assert_eq!(named(&chunks, "tool-approval-request").len(), 0, "{query}");
        let output = &named(&chunks, "tool-output-available")[0]["output"];
        let data = &named(&chunks, "data-approval")[0]["data"];
        assert_eq!((&output["code"], &output["approval"]["id"]), (&json!("APPROVAL_REQUIRED"), &data["id"]));
        assert_eq!(data["sentence"], "Delete these 4 tasks: “Task 1”, “Task 2”, “Task 3”, “Task 4”?");
    }
}

#[tokio::test]
async fn a_card_is_answered_once_and_only_as_it_was_asked() {
    let app = TestApp::start().await;
    let (alice, chunks) = asked(&app, "?ai=6").await;
    let request = named(&chunks, "tool-approval-request")[0];
    let data = &named(&chunks, "data-approval")[0]["data"];
    assert_eq!((&request["approvalId"], &data["conversation_id"].is_string()), (&data["id"], &true));
    assert_eq!(named(&chunks, "start-step").len(), 1, "the words stand in the step that asks");

    let input = json!({"task_id": [1, 2, 3, 4]});
    let id = &request["approvalId"];
    let other = alice.stream(&card(&chunks, id, true, &json!({"task_id": [1]}))).await.expect(409);
    assert_eq!(other["code"], "approval_mismatch");
    let forged = json!("0193d5e0-7a1b-7c3d-8e5f-0123456789ab");
    assert_eq!(
        alice.stream(&card(&chunks, &forged, true, &input)).await.expect(404)["code"],
        "approval_not_found"
    );
    let mallory = app.user("mallory").await;
    mallory.stream(&card(&chunks, id, true, &input)).await.expect(404);
    assert_eq!(alice.titles().await.len(), 4, "nothing is done by any of these");

    let mut outputs = Vec::new();
    for _ in 0..2 {
        let answered = Reading::of(alice.stream(&card(&chunks, id, true, &input))).await.rest().await;
        let kinds: Vec<_> = answered.iter().map(|chunk| chunk["type"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["start", "tool-output-available", "finish"]);
        assert_eq!(answered[0]["messageId"], chunks[0]["messageId"]);
        outputs.push(answered[1]["output"].clone());
    }
    assert_eq!(outputs[0], outputs[1], "a retry is told the same");
    assert_eq!(outputs[0]["results"].as_array().unwrap().len(), 4);
    assert!(alice.titles().await.is_empty());
    app.model().assert_used_up();
}

/// Two cards in one request.
fn both(chunks: &[Value], inputs: [&Value; 2]) -> Value {
    let requests = named(chunks, "tool-approval-request");
    let part = |(request, input): (&&Value, &Value)| {
        json!({
            "type": "tool-delete_task", "toolCallId": request["toolCallId"], "state": "approval-responded",
            "input": input, "approval": {"id": request["approvalId"], "approved": true},
        })
    };
    let parts: Vec<_> = requests.iter().zip(inputs).map(part).collect();
    let message = json!({"id": chunks[0]["messageId"], "role": "assistant", "parts": parts});
    json!({"id": CHAT, "messages": [message], "trigger": "submit-message", "messageId": chunks[0]["messageId"]})
}

/// Eight tasks, and an answer that asks with two cards whether to delete the first four and the last four:
/// its chunks, and the arguments of the cards.
async fn two_cards(app: &TestApp) -> (User<'_>, Vec<Value>, [Value; 2]) {
    let alice = app.user("alice").await;
    let arguments = [1, 5].map(|first| json!({"task_id": [first, first + 1, first + 2, first + 3]}));
    let cards = arguments.clone().map(|arguments| ("delete_task", arguments));
    app.model().enqueue([calls(cards), text("Shall I?")]);
    for number in 1..=8 {
        alice.add_task(&format!("Task {number}")).await.expect(201);
    }
    let call = alice.own("POST", "/chat/stream?ai=6").json(&json!({"id": CHAT, "message": "Delete them"}));
    let chunks = Reading::of(call).await.rest().await;
    (alice, chunks, arguments)
}

#[tokio::test]
async fn of_several_cards_none_is_carried_out_when_one_is_not_as_it_was_asked() {
    let app = TestApp::start().await;
    let (alice, chunks, [one, other]) = two_cards(&app).await;
    let refused = alice.stream(&both(&chunks, [&one, &json!({"task_id": [5]})])).await.expect(409);
    assert_eq!(refused["code"], "approval_mismatch");
    let mut forged = both(&chunks, [&one, &other]);
    forged["messages"][0]["parts"][1]["approval"]["id"] = json!("0193d5e0-7a1b-7c3d-8e5f-0123456789ab");
    assert_eq!(alice.stream(&forged).await.expect(404)["code"], "approval_not_found");
    assert_eq!(alice.titles().await.len(), 8, "nothing was done, as it is said");

    let answered = Reading::of(alice.stream(&both(&chunks, [&one, &other]))).await.rest().await;
    assert_eq!(named(&answered, "tool-output-available").len(), 2);
    assert!(alice.titles().await.is_empty());
}

#[tokio::test]
async fn a_card_that_a_limit_stands_against_is_told_beside_what_the_others_did() {
    let app = TestApp::with_environment(&[("CHANGES_PER_MINUTE", "13")]).await;
    let (alice, chunks, [one, other]) = two_cards(&app).await;
    let answers = both(&chunks, [&one, &other]);
    let answered = Reading::of(alice.stream(&answers)).await.rest().await;
    let kinds: Vec<_> = answered.iter().map(|chunk| chunk["type"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["start", "tool-output-available", "error"]);
    assert_eq!(alice.titles().await.len(), 4);

    app.database().query("UPDATE todo_change SET created_at = created_at - interval '2 minutes'").await;
    let again = Reading::of(alice.stream(&answers)).await.rest().await;
    assert_eq!(again[1], answered[1], "what was done is not done again");
    assert_eq!(named(&again, "tool-output-available").len(), 2);
    assert!(alice.titles().await.is_empty());
}

#[tokio::test]
async fn a_no_to_a_card_is_kept() {
    let app = TestApp::start().await;
    let (alice, chunks) = asked(&app, "?ai=7.0.1").await;
    let id = &named(&chunks, "tool-approval-request")[0]["approvalId"];
    let no = card(&chunks, id, false, &json!({"task_id": [1, 2, 3, 4]}));
    let answered = Reading::of(alice.stream(&no)).await.rest().await;
    assert_eq!(answered[1]["type"], "tool-output-denied");
    let yes = card(&chunks, id, true, &json!({"task_id": [1, 2, 3, 4]}));
    let answered = Reading::of(alice.stream(&yes)).await.rest().await;
    assert_eq!(answered[1]["output"]["code"], "NOT_APPROVED");
    assert_eq!(alice.titles().await.len(), 4);
}

#[tokio::test]
async fn a_plain_yes_in_a_stream_shows_the_call_that_waited_and_then_the_words() {
    let app = TestApp::start().await;
    let (alice, _) = asked(&app, "").await;
    app.model().enqueue([text("They are gone.")]);
    let chunks = Reading::of(alice.say(CHAT, "m2", "yes")).await.rest().await;
    assert_eq!(named(&chunks, "start-step").len(), 2);
    assert_eq!(named(&chunks, "tool-output-available")[0]["output"]["success"], true);
    assert!(alice.titles().await.is_empty());
    let kept = alice.conversation(&conversation(&chunks)).await.expect(200);
    assert_eq!(shown(&kept["messages"][3]), message(&chunks));
}
