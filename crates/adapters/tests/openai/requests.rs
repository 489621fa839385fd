//! The requests that the client sends.

use std::time::Duration;

use devkit::model::{
    Options, ReasoningFieldRules, StandIn,
    script::{Reply, status, text},
};
use domain::{
    message::{MessageBody, ProviderData, ToolCall},
    ports::ToolChoice,
    tool::TOOLS,
};
use serde_json::{Value, json};

use super::test_client::{KEY, LONG_TIMEOUTS, ask, hello, model};

const TIME: Duration = Duration::from_secs(60);

fn conversation() -> Vec<MessageBody> {
    let arguments = json!({"title": "Käse \"alt\""}).as_object().unwrap().clone();
    let call = |id: &str| ToolCall {
        id: id.into(),
        name: "add_task".into(),
        arguments: arguments.clone(),
        provider_data: Default::default(),
    };
    let none = ToolCall {
        id: "c3".into(),
        name: "list_tasks".into(),
        arguments: Default::default(),
        provider_data: Default::default(),
    };
    let result = |id: &str| MessageBody::Tool { call_id: id.into(), content: "{\"success\":true}".into() };
    vec![
        MessageBody::User("Add two".into()),
        MessageBody::Assistant { text: String::new(), calls: vec![call("c1"), call("c2")] },
        result("c1"),
        result("c2"),
        MessageBody::Assistant { text: "One moment.".into(), calls: vec![none] },
        result("c3"),
        MessageBody::Assistant { text: "Done.".into(), calls: vec![] },
        MessageBody::User("Thanks".into()),
    ]
}

#[tokio::test]
async fn a_request_holds_what_every_provider_takes_and_nothing_else() {
    let stand_in = StandIn::scripted([text("a"), text("b")]).await.unwrap();
    let model = model(&format!("{}/", stand_in.base_url()), LONG_TIMEOUTS);
    for tools in [ToolChoice::Auto, ToolChoice::Forbidden] {
        ask(&model, &conversation(), tools, TIME).await.reply.unwrap();
    }
    stand_in.assert_clean();
    let mut bodies = stand_in.requests();
    let tools: Vec<Value> = bodies.iter_mut().map(|body| body["tools"].take()).collect();
    assert_eq!(tools[0], tools[1]);
    assert_eq!(tools[0].as_array().unwrap().len(), TOOLS.len());
    assert_eq!(tools[0][0]["type"], "function");
    assert_eq!(tools[0][0]["function"]["name"], TOOLS[0].name);
    assert_eq!(tools[0][0]["function"]["parameters"], TOOLS[0].schema());
    let call = |id: &str, name: &str, arguments: &str| json!({"id": id, "type": "function", "function": {"name": name, "arguments": arguments}});
    let add = r#"{"title":"Käse \"alt\""}"#;
    let mut expected = json!({
        "model": "test-model",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Add two"},
            {"role": "assistant", "content": null, "tool_calls": [call("c1", "add_task", add), call("c2", "add_task", add)]},
            {"role": "tool", "tool_call_id": "c1", "content": "{\"success\":true}"},
            {"role": "tool", "tool_call_id": "c2", "content": "{\"success\":true}"},
            {"role": "assistant", "content": "One moment.", "tool_calls": [call("c3", "list_tasks", "{}")]},
            {"role": "tool", "tool_call_id": "c3", "content": "{\"success\":true}"},
            {"role": "assistant", "content": "Done."},
            {"role": "user", "content": "Thanks"},
        ],
        "tools": null,
        "stream": true,
        "stream_options": {"include_usage": true},
    });
    assert_eq!(bodies[0], expected);
    expected["tool_choice"] = json!("none");
    assert_eq!(bodies[1], expected);
}

#[tokio::test]
async fn a_field_that_the_provider_misses_is_learnt_and_its_own_stays() {
    let call = |id: &str, data: Value| {
        let provider_data = ProviderData(data.as_object().unwrap().clone());
        let call = ToolCall {
            id: id.into(),
            name: "list_tasks".into(),
            arguments: Default::default(),
            provider_data,
        };
        let result = MessageBody::Tool { call_id: id.into(), content: "{\"success\":true}".into() };
        [MessageBody::Assistant { text: String::new(), calls: vec![call] }, result]
    };
    let own = json!({"google": {"thought_signature": "SIG"}});
    let messages = [
        vec![MessageBody::User("Hi".into())],
        call("c0", json!({})).into(),
        vec![MessageBody::User("What is there?".into())],
        call("c1", json!({})).into(),
        call("c2", json!({"extra_content": own, "reasoning_content": "plan"})).into(),
    ]
    .concat();
    for (demands, member) in [
        (
            ReasoningFieldRules { signature: true, ..ReasoningFieldRules::default() },
            "/tool_calls/0/extra_content/google/thought_signature",
        ),
        (ReasoningFieldRules { reasoning: true, ..ReasoningFieldRules::default() }, "/reasoning_content"),
    ] {
        let stand_in = StandIn::scripted([text("a"), text("b")]).await.unwrap();
        stand_in.set_reasoning_field_rules(demands);
        let model = model(&stand_in.base_url(), LONG_TIMEOUTS);
        for _ in 0..2 {
            ask(&model, &messages, ToolChoice::Auto, TIME).await.reply.unwrap();
        }
        let requests = stand_in.requests();
        assert_eq!(requests.len(), 3, "only the first is refused");
        let sent = |place: usize| requests[2]["messages"][place].pointer(member).and_then(Value::as_str);
        let old = demands.reasoning.then_some("(not on record)");
        let new = old.or(Some("skip_thought_signature_validator"));
        let own = if demands.reasoning { "plan" } else { "SIG" };
        assert_eq!((sent(2), sent(5), sent(7)), (old, new, Some(own)));
        stand_in.assert_clean();
    }
}

/// The signatures in the requests for an answer to a message whose call has one, where these are the replies.
async fn signatures_sent(replies: impl IntoIterator<Item = Reply>) -> Vec<Option<String>> {
    let stand_in = StandIn::scripted(replies).await.unwrap();
    let model = model(&stand_in.base_url(), LONG_TIMEOUTS);
    let data = json!({"extra_content": {"google": {"thought_signature": "SIG"}}});
    let call = ToolCall {
        id: "a".into(),
        name: "list_tasks".into(),
        arguments: Default::default(),
        provider_data: ProviderData(data.as_object().unwrap().clone()),
    };
    let messages = [
        MessageBody::User("What is there?".into()),
        MessageBody::Assistant { text: String::new(), calls: vec![call] },
        MessageBody::Tool { call_id: "a".into(), content: "{\"success\":true}".into() },
    ];
    for _ in 0..2 {
        ask(&model, &messages, ToolChoice::Auto, TIME).await.reply.unwrap();
    }
    stand_in.assert_clean();
    let signature = "/messages/2/tool_calls/0/extra_content/google/thought_signature";
    let sent = |request: &Value| request.pointer(signature).and_then(Value::as_str).map(str::to_owned);
    stand_in.requests().iter().map(sent).collect()
}

fn bad_request(message: &str) -> Reply {
    status(400).body(json!({"error": {"message": message, "status": "INVALID_ARGUMENT"}}).to_string())
}

#[tokio::test]
async fn a_signature_that_is_good_no_more_is_left_out_and_then_stood_in_for() {
    let missing = "Function call is missing a thought_signature in functionCall parts.";
    let replies = [bad_request("Corrupted thought signature."), bad_request(missing), text("a"), text("b")];
    let stand_in = || Some("skip_thought_signature_validator".to_owned());
    let own = || Some("SIG".to_owned());
    assert_eq!(signatures_sent(replies).await, [own(), None, stand_in(), own()], "in one conversation");
}

#[tokio::test]
async fn a_request_that_is_refused_for_nobody_knows_what_is_sent_once_without_its_signatures() {
    let replies = [bad_request("The request is malformed."), text("a"), text("b")];
    let own = || Some("SIG".to_owned());
    assert_eq!(signatures_sent(replies).await, [own(), None, own()], "nothing is learnt of it");
    let replies = [bad_request("Unknown parameter: 'extra_content'."), text("a"), text("b")];
    assert_eq!(signatures_sent(replies).await, [own(), None, None], "but of what is said");
}

#[tokio::test]
async fn the_headers_carry_the_key_and_ask_for_nothing_that_could_explode() {
    let stand_in = StandIn::scripted([text("a")]).await.unwrap();
    let model = model(&stand_in.base_url(), LONG_TIMEOUTS);
    hello(&model, TIME).await.reply.unwrap();
    let received = &stand_in.received()[0];
    assert_eq!(received.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    assert_eq!(received.header("content-type"), Some("application/json"));
    assert_eq!(received.header("accept-encoding"), None);
    assert!(!format!("{model:?}").contains("canary"));
}

#[tokio::test]
async fn the_stand_in_understands_and_is_understood() {
    let stand_in = StandIn::start(Options::for_tests()).await.unwrap();
    let model = model(&stand_in.base_url(), LONG_TIMEOUTS);
    let messages = [MessageBody::User("Add a task to buy groceries".into())];
    let attempt = ask(&model, &messages, ToolChoice::Auto, TIME).await;
    let reply = attempt.reply.unwrap();
    assert_eq!(reply.calls.len(), 1);
    assert_eq!(reply.calls[0].name, "add_task");
    let arguments: Value = serde_json::from_str(&reply.calls[0].arguments).unwrap();
    assert!(arguments["title"].as_str().unwrap().to_lowercase().contains("groceries"));
    let withheld = ask(&model, &messages, ToolChoice::Forbidden, TIME).await.reply.unwrap();
    assert!(!withheld.text.is_empty() || !withheld.calls.is_empty());
    stand_in.assert_clean();
}
