//! The format of a stream on the wire; it tells the same as the conversation.

use serde_json::{Value, json};
use tests::{
    ORIGIN, TestApp,
    script::{Reply, call, calls, silence, text},
};

use crate::{
    rebuilt_message::{conversation, message, settled, shown, words},
    sse_client::{Item, Reading, Streams},
};

/// Members that the oldest client knows, by chunk. One more, and it refuses the whole answer.
const KNOWN: [(&str, &[&str]); 14] = [
    ("start", &["messageId"]),
    ("start-step", &[]),
    ("text-start", &["id"]),
    ("text-delta", &["id", "delta"]),
    ("text-end", &["id"]),
    ("tool-input-available", &["toolCallId", "toolName", "input"]),
    ("tool-output-available", &["toolCallId", "output"]),
    ("finish-step", &[]),
    ("data-conversation", &["data", "transient"]),
    ("data-turn", &["data", "transient"]),
    ("data-effects", &["data", "transient"]),
    ("data-usage", &["data", "transient"]),
    ("finish", &[]),
    ("error", &["errorText"]),
];

fn add(title: &str) -> Reply {
    call("add_task", json!({"title": title}))
}

#[tokio::test]
async fn a_stream_has_the_headers_that_clients_and_proxies_want() {
    let app = TestApp::with_model([text("Hello.")]).await;
    let alice = app.user("alice").await;
    let request = alice.stream(&json!({"message": "Hi"})).header("Accept-Encoding", "gzip, br, zstd");
    let mut reading = Reading::of(request.header("Origin", ORIGIN)).await;
    let header = |name: &str| reading.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(header("content-type").as_deref(), Some("text/event-stream"));
    assert_eq!(header("x-vercel-ai-ui-message-stream").as_deref(), Some("v1"));
    assert_eq!(header("x-accel-buffering").as_deref(), Some("no"));
    assert!(matches!(header("cache-control").as_deref(), Some("no-store" | "no-cache")));
    assert!(matches!(header("content-encoding").as_deref(), None | Some("identity")));
    assert_eq!(header("content-length"), None);
    assert_eq!(header("access-control-allow-origin").as_deref(), Some(ORIGIN));
    assert_eq!(header("access-control-allow-credentials").as_deref(), Some("true"));
    let exposed = header("access-control-expose-headers").unwrap_or_default().to_lowercase();
    assert!(exposed.contains("x-request-id") && header("x-request-id").is_some(), "{exposed}");
    reading.rest().await;
}

#[tokio::test]
async fn a_browser_may_send_a_stream_s_request_from_the_frontend_and_from_nowhere_else() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let path = format!("/api/{}/chat/stream", alice.id);
    let preflight = app
        .call("OPTIONS", &path)
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "authorization,content-type,idempotency-key,user-agent");
    let allowed = preflight.clone().header("Origin", ORIGIN).attempt().await.unwrap();
    assert!((200..300).contains(&allowed.status), "{}", allowed.text);
    assert_eq!(allowed.header("access-control-allow-origin"), Some(ORIGIN));
    let foreign = preflight.header("Origin", "https://elsewhere.example").attempt().await.unwrap();
    assert_eq!(foreign.header("access-control-allow-origin"), None);
    // What goes wrong must be readable for the page too.
    let refused = app.post(&path, &json!({"message": "Hi"})).header("Origin", ORIGIN).await;
    refused.expect(401);
    assert_eq!(refused.header("access-control-allow-origin"), Some(ORIGIN));
}

#[tokio::test]
async fn every_chunk_is_one_that_the_oldest_client_knows() {
    let script = [
        add("Milk\n\nand \u{2028} honey").say("One moment."),
        text("Added it.\n\n- milk\r\n- honey\u{2029}"),
    ];
    let app = TestApp::with_model(script).await;
    let alice = app.user("alice").await;
    let mut reading = Reading::of(alice.stream(&json!({"message": "Add milk"}))).await;
    assert_eq!(reading.next().await, Some(Item::Comment("stream-open".into())), "something at once");
    let chunks = reading.rest().await;
    for chunk in &chunks {
        let kind = chunk["type"].as_str().expect("a type");
        let (_, known) = KNOWN.iter().find(|(name, _)| *name == kind).expect("a chunk that 5.0.0 knows");
        let members = chunk.as_object().unwrap().keys().filter(|name| *name != "type");
        assert!(members.clone().all(|name| known.contains(&name.as_str())), "{chunk}");
        assert_eq!(members.count(), known.len(), "{chunk}");
    }
    let usage = &chunks[chunks.len() - 2];
    assert_eq!(usage["type"], "data-usage");
    assert_eq!(usage["data"]["finish_reason"], "stop");
    assert!(usage["data"]["total_tokens"].as_i64().unwrap() > 0);
    assert_eq!(words(&message(&chunks)), "One moment.Added it.\n\n- milk\r\n- honey\u{2029}");
}

#[tokio::test]
async fn a_client_that_says_that_it_knows_it_is_told_why_an_answer_ended() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let stop = json!("stop");
    for (query, said) in [
        ("", None),
        ("?ai=5", None),
        ("?ai=5.0.0", None),
        ("?ai=5.0.91", None),
        ("?ai=5.0.92", Some(&stop)),
        ("?ai=6", Some(&stop)),
        ("?ai=7.0.173", Some(&stop)),
    ] {
        app.model().enqueue([text("Hello.")]);
        let call = alice.own("POST", &format!("/chat/stream{query}")).json(&json!({"message": "Hi"}));
        let chunks = Reading::of(call).await.rest().await;
        assert_eq!(chunks.last().unwrap().get("finishReason"), said, "{query}");
    }
    app.model().enqueue([text("As long as it may").finish("length")]);
    let call = alice.own("POST", "/chat/stream?ai=6").json(&json!({"message": "Hi"}));
    let chunks = Reading::of(call).await.rest().await;
    assert_eq!(chunks.last().unwrap()["finishReason"], "length");
}

#[tokio::test]
async fn a_stream_rebuilds_exactly_what_the_conversation_shows() {
    let scripts: [(&str, Vec<Reply>); 8] = [
        ("Plain", vec![text("Hello there, how are you?")]),
        (
            "Tools",
            vec![
                add("a").say("Adding."),
                calls([("list_tasks", json!({})), ("complete_task", json!({"task_id": 1}))]),
                text("All done."),
            ],
        ),
        ("Refused", vec![call("complete_task", json!({"task_id": 99})), text("There is none.")]),
        ("Nonsense", vec![Reply::default().call_raw("fly", "{not json"), text("I cannot fly.")]),
        ("Wordless", vec![add("b"), silence()]),
        ("Blank", vec![add("c").say("  \n"), text("  \n Leading and trailing. \n ")]),
        ("Silent", vec![silence()]),
        ("Cut", vec![text("As long as it may").finish("length")]),
    ];
    let app = TestApp::start().await;
    for (words, script) in &scripts {
        app.model().on(*words, script.clone());
    }
    let alice = app.user("alice").await;
    for (said, _) in &scripts {
        let chunks = Reading::of(alice.stream(&json!({"message": *said}))).await.rest().await;
        let kept = settled(&alice, &conversation(&chunks)).await;
        assert_eq!(message(&chunks), shown(&kept), "{said}: {chunks:#?}");
    }
    app.model().assert_used_up();
}

#[tokio::test]
async fn a_stream_tells_its_conversation_its_turn_and_what_it_cost() {
    let app = TestApp::with_model([text("Hello."), text("Again.")]).await;
    let alice = app.user("alice").await;
    let chunks = Reading::of(alice.stream(&json!({"message": "Hi there"}))).await.rest().await;
    let id = conversation(&chunks);
    let data = |kind: &str| {
        chunks.iter().find(|chunk| chunk["type"] == kind).map(|chunk| chunk["data"].clone()).unwrap()
    };
    assert_eq!(data("data-conversation"), json!({"id": id, "title": "Hi there"}));
    assert_eq!(data("data-turn"), json!({"id": chunks[0]["messageId"]}));
    let turn = alice.turn(data("data-turn")["id"].as_str().unwrap()).await.expect(200);
    assert_eq!(turn["state"], "answered");
    for member in ["prompt_tokens", "completion_tokens", "total_tokens"] {
        assert_eq!(data("data-usage")[member], turn["answer"]["usage"][member]);
    }
    assert!(chunks.iter().filter(|chunk| is_ours(chunk)).all(|chunk| chunk["transient"] == true));
    let next = alice.stream(&json!({"message": "And?", "conversation_id": id}));
    assert_eq!(conversation(&Reading::of(next).await.rest().await), id);
}

fn is_ours(chunk: &Value) -> bool {
    chunk["type"].as_str().is_some_and(|kind| kind.starts_with("data-"))
}
