//! Traces, as an OpenTelemetry collector receives them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest, common::v1::any_value::Value, trace::v1::Span,
};
use prost::Message;
use serde_json::json;
use tests::{
    TestApp,
    script::{call, text},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

/// The head and the body of a request.
type Received = (String, Vec<u8>);

/// A collector that keeps what it is sent.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Received>>>);

impl Collector {
    /// Starts one and returns its address.
    async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let collector = self.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(collector.clone().serve(stream));
            }
        });
        address
    }

    async fn serve(self, stream: TcpStream) {
        let mut stream = BufReader::new(stream);
        loop {
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                if stream.read_line(&mut head).await.unwrap_or(0) == 0 {
                    return;
                }
            }
            let head = head.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            let mut body = vec![0; length.parse().unwrap()];
            stream.read_exact(&mut body).await.unwrap();
            self.0.lock().unwrap().push((head, body));
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.unwrap();
        }
    }

    fn spans(&self) -> Vec<Span> {
        let received = self.0.lock().unwrap();
        let requests =
            received.iter().map(|(_, body)| ExportTraceServiceRequest::decode(body.as_slice()).unwrap());
        let scopes = requests.flat_map(|request| request.resource_spans).flat_map(|spans| spans.scope_spans);
        scopes.flat_map(|scope| scope.spans).collect()
    }

    /// Waits for the spans of a request for a chat and of its turn, which ends later, and returns all
    /// spans of their trace.
    async fn trace_of_chat(&self) -> Vec<Span> {
        let started_at = Instant::now();
        loop {
            let spans = self.spans();
            if let Some(chat) = spans.iter().find(|span| span.name == "POST /api/{user_id}/chat") {
                let trace = chat.trace_id.clone();
                let of_trace: Vec<_> = spans.into_iter().filter(|span| span.trace_id == trace).collect();
                if of_trace.iter().any(|span| span.name == "turn") {
                    return of_trace;
                }
            }
            let names = || self.spans().into_iter().map(|span| span.name).collect::<Vec<_>>();
            assert!(started_at.elapsed() < Duration::from_secs(30), "no trace came: {:?}", names());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn attributes(span: &Span) -> HashMap<&str, String> {
    let text = |value: &Value| match value {
        Value::StringValue(text) => text.clone(),
        Value::IntValue(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    let known = span.attributes.iter();
    known.filter_map(|pair| Some((pair.key.as_str(), text(pair.value.as_ref()?.value.as_ref()?)))).collect()
}

#[tokio::test]
async fn a_chat_is_one_trace_of_its_turn_its_model_calls_and_its_transactions() {
    let collector = Collector::default();
    let address = collector.start().await;
    let app = TestApp::with_environment(&[
        ("OTEL_EXPORTER_OTLP_ENDPOINT", address.as_str()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20a-key-of-the-collector"),
    ])
    .await;
    let alice = app.user("alice").await;
    app.model().enqueue([call("add_task", json!({"title": "A secret errand"})), text("It is on your list.")]);
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let answer = alice.own("POST", "/chat").header("traceparent", parent);
    let answer = answer.json(&json!({"message": "Add my secret errand"})).await.expect(200);
    let spans = collector.trace_of_chat().await;

    let named = |name: &str| spans.iter().filter(|span| span.name == name).collect::<Vec<_>>();
    let request = named("POST /api/{user_id}/chat")[0];
    assert_eq!(request.trace_id[..2], [0x0a, 0xf7], "the client's trace goes on");
    assert_eq!(request.parent_span_id[..2], [0xb7, 0xad]);
    let told = attributes(request);
    assert_eq!(told["http.response.status_code"], "200");
    assert_eq!(told["user.id"], alice.id);
    let turn = named("turn")[0];
    assert_eq!(attributes(turn)["turn.id"], answer["turn_id"].as_str().unwrap());
    assert_eq!(attributes(turn)["turn.ending"], "stop");
    let calls = named("chat");
    assert_eq!(calls.len(), 3, "two for the answer, one for a title");
    assert!(calls.iter().all(|call| call.parent_span_id == turn.span_id));
    assert!(attributes(calls[0])["gen_ai.usage.input_tokens"].parse::<u32>().unwrap() > 0);
    // Begin, step and finish.
    assert!(named("transaction").len() >= 3, "{}", named("transaction").len());
    let by_id: HashMap<_, _> = spans.iter().map(|span| (span.span_id.clone(), span)).collect();
    for span in spans.iter().filter(|span| **span != *request) {
        assert!(by_id.contains_key(&span.parent_span_id), "{} hangs in the air", span.name);
    }

    let received = collector.0.lock().unwrap();
    assert!(received.iter().all(|(head, _)| head.contains("authorization: bearer a-key-of-the-collector")));
    assert!(received.iter().all(|(head, _)| head.starts_with("post /v1/traces http/1.1")));
    for private in ["secret errand", "on your list", "alice@", alice.token.as_str()] {
        let holds = |body: &[u8]| body.windows(private.len()).any(|part| part == private.as_bytes());
        assert!(!received.iter().any(|(_, body)| holds(body)), "{private}");
    }
    assert!(!app.log().contains("otel"), "{}", app.log());
}

#[tokio::test]
async fn a_collector_that_is_away_costs_nothing_and_nobody() {
    let app = TestApp::everyday_with(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")]).await;
    let alice = app.user("alice").await;
    for _ in 0..3 {
        alice.chat("Add a task to buy milk").await.expect(200);
    }
    let server = app.server();
    server.sigterm();
    let ended = server.exit_within(Duration::from_secs(8)).await;
    assert_eq!(ended.and_then(|status| status.code()), Some(0), "{}", app.log());
}
