//! Conversations that are longer than the model takes.

use serde_json::{Value, json};
use tests::{
    TestApp,
    script::{Reply, status, text},
};

fn overflow() -> Reply {
    let error = json!({"code": 400, "type": "exceed_context_size_error", "n_ctx": 2048,
                       "message": "the request exceeds the available context size"});
    status(400).body(json!({ "error": error }).to_string())
}

fn sizes(requests: &[Value]) -> Vec<usize> {
    requests.iter().map(|request| request["messages"].to_string().len()).collect()
}

#[tokio::test]
async fn a_conversation_that_is_too_long_goes_on_with_less_of_it() {
    let before = (0..6).map(|_| text("A long answer. ".repeat(60)));
    let script = before.chain([overflow(), text("Here I am."), text("And still.")]);
    let app = TestApp::with_model(script).await;
    let alice = app.user("alice").await;
    let first = alice.chat(&"Tell me a long story. ".repeat(40)).await.expect(200);
    let conversation = first["conversation_id"].as_str().unwrap();
    for _ in 0..5 {
        alice.chat_in(conversation, &"And then? ".repeat(80)).await.expect(200);
    }
    let answer = alice.chat_in(conversation, "Are you there?").await.expect(200);
    assert_eq!(answer["message"], "Here I am.");
    let requests = app.model().requests();
    let sizes = sizes(&requests);
    assert!(sizes[7] < sizes[6] && sizes[7] < 2_048 * 3, "less of it was sent: {sizes:?}");
    assert!(requests[7]["messages"].to_string().contains("Are you there?"));

    let answer = alice.chat_in(conversation, "And now?").await.expect(200);
    assert_eq!(answer["message"], "And still.", "what was learnt is kept: nothing was too long");
    assert_eq!(app.model().requests()[8]["max_tokens"], 512, "an answer leaves room for the question");
    let seen = alice.conversation(conversation).await.expect(200);
    assert_eq!(seen["messages"].as_array().unwrap().len(), 16, "the person still sees all of it");
    app.model().assert_clean();
}

#[tokio::test]
async fn a_size_that_is_set_is_kept_to_by_every_request() {
    let app = TestApp::everyday_with(&[("OPENAI_CONTEXT_TOKENS", "2048")]).await;
    let alice = app.user("alice").await;
    let mut conversation: Option<String> = None;
    for number in 0..40 {
        let words = format!("Add a task to water plant number {number} {}", "in the garden ".repeat(12));
        let answer = match &conversation {
            None => alice.chat(&words).await.expect(200),
            Some(id) => alice.chat_in(id, &words).await.expect(200),
        };
        conversation = answer["conversation_id"].as_str().map(str::to_owned);
        alice.chat_in(conversation.as_deref().unwrap(), "Show my tasks").await.expect(200);
    }
    let requests = app.model().requests();
    let longest = requests.iter().map(|request| request.to_string().len()).max().unwrap();
    // By four bytes a token, with the answer's room of 512.
    assert!(longest / 4 + 512 <= 2_048, "{longest} bytes");
    assert_eq!(alice.titles().await.len(), 40);
    app.model().assert_clean();
}

#[tokio::test]
async fn however_long_a_conversation_is_the_model_is_sent_whole_turns_of_it() {
    let app = TestApp::everyday_with(&[("OPENAI_CONTEXT_TOKENS", "4096")]).await;
    let alice = app.user("alice").await;
    let mut conversation = Value::Null;
    for number in 0..40 {
        let words =
            format!("Add a task to water plant number {number} {}", "in the garden ".repeat(number % 5));
        let body = json!({"message": words, "conversation_id": conversation});
        conversation = alice.own("POST", "/chat").json(&body).await.expect(200)["conversation_id"].clone();
    }
    let requests = app.model().requests();
    let first_said = |request: &Value| request["messages"][1].clone();
    assert!(requests.iter().all(|request| first_said(request)["role"] == "user"), "each begins with a turn");
    assert_ne!(first_said(&requests[0]), first_said(requests.last().unwrap()), "the window is full");
    app.model().assert_clean();
}
