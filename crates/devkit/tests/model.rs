//! The stand-in model over the wire.

#![expect(clippy::unwrap_used, reason = "a failing test says enough")]

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use devkit::{
    model::{
        Faults, Options, StandIn,
        script::{call, calls, raw, status, text},
    },
    non_ephemeral_port,
};
use serde_json::{Value, json};

/// A whole answer, taken apart.
struct Answer {
    head: String,
    body: String,
    /// How the connection ended, if it did not just stay.
    end: Option<ErrorKind>,
}

fn request(user: &str) -> Value {
    json!({"model": "m", "stream": true, "messages": [
        {"role": "system", "content": "s"}, {"role": "user", "content": user}]})
}

fn plain(user: &str) -> Value {
    let mut request = request(user);
    request["stream"] = json!(false);
    request
}

/// Posts a request and reads the whole answer.
fn post(stand_in: &StandIn, body: &Value) -> Answer {
    read(sent(stand_in, body), None)
}

/// Posts a request whose answer stops after so many bytes of its body, or before its head, and waits
/// whether more comes.
fn post_in_vain(stand_in: &StandIn, body: &Value, bytes: Option<usize>) -> Answer {
    let is_there = move |answer: &str| match (answer.split_once("\r\n\r\n"), bytes) {
        (Some((_, body)), Some(bytes)) => unchunk(body).len() >= bytes,
        (_, bytes) => bytes.is_none(),
    };
    read(sent(stand_in, body), Some(&is_there))
}

fn sent(stand_in: &StandIn, body: &Value) -> TcpStream {
    let address = stand_in.base_url().replace("http://", "").replace("/v1", "");
    let mut stream = TcpStream::connect(address).unwrap();
    let body = body.to_string();
    let head = "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer k\r\ncontent-type: application/json";
    write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
    stream
}

/// Reads until the connection closes or the answer ends; or, once `is_there` holds, until it is silent.
fn read(mut stream: TcpStream, is_there: Option<&dyn Fn(&str) -> bool>) -> Answer {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    let end = loop {
        let is_silent_now = is_there.is_some_and(|is_there| is_there(&String::from_utf8_lossy(&bytes)));
        let timeout = if is_silent_now { Duration::from_millis(300) } else { Duration::from_secs(30) };
        stream.set_read_timeout(Some(timeout)).unwrap();
        match stream.read(&mut buffer) {
            Ok(0) => break Some(ErrorKind::UnexpectedEof),
            Ok(count) => bytes.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                assert!(is_silent_now, "no end: {}", String::from_utf8_lossy(&bytes));
                break None;
            }
            Err(error) => break Some(error.kind()),
        }
        if bytes.ends_with(b"\r\n0\r\n\r\n") {
            break None;
        }
    };
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    Answer { head: head.to_owned(), body: unchunk(body), end }
}

fn unchunk(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap();
        let Some(chunk) = rest.get(..size) else { break };
        whole.push_str(chunk);
        body = rest[size..].trim_start_matches("\r\n");
    }
    whole
}

fn words(answer: &Answer) -> String {
    let events = answer
        .body
        .split("\n\n")
        .filter_map(|event| serde_json::from_str(event.strip_prefix("data: ")?).ok());
    events
        .filter_map(|event: Value| Some(event.pointer("/choices/0/delta/content")?.as_str()?.to_owned()))
        .collect()
}

#[tokio::test]
async fn replies_come_in_order_streamed_or_not() {
    let stand_in = StandIn::scripted([
        text("One two"),
        call("add_task", json!({"title": "a"})),
        status(429).header("Retry-After", "1"),
    ])
    .await
    .unwrap();
    let first = post(&stand_in, &request("hi"));
    assert!(first.head.starts_with("HTTP/1.1 200") && first.head.contains("text/event-stream"));
    assert_eq!(words(&first), "One two");
    assert!(first.body.ends_with("data: [DONE]\n\n"));
    let second: Value = serde_json::from_str(&post(&stand_in, &plain("hi")).body).unwrap();
    assert_eq!(second["choices"][0]["message"]["tool_calls"][0]["function"]["name"], "add_task");
    let third = post(&stand_in, &plain("hi"));
    assert!(third.head.starts_with("HTTP/1.1 429") && third.head.contains("Retry-After: 1"));
    stand_in.assert_used_up();
    stand_in.assert_clean();
    assert_eq!(stand_in.requests().len(), 3);
    assert_eq!(stand_in.received()[0].header("Authorization"), Some("Bearer k"));
    let beyond = post(&stand_in, &plain("hi"));
    assert!(beyond.head.starts_with("HTTP/1.1 500") && beyond.body.contains("at its end"));
    assert_eq!(stand_in.violations().len(), 1);
}

#[tokio::test]
async fn a_request_that_breaks_a_rule_is_refused_and_recorded() {
    let stand_in = StandIn::scripted([text("never")]).await.unwrap();
    let mut wrong = request("hi");
    wrong["temperature"] = json!(1);
    let answer = post(&stand_in, &wrong);
    assert!(answer.head.starts_with("HTTP/1.1 400"));
    let error: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(error["error"]["type"], "invalid_request_error");
    assert_eq!(error["error"]["param"], "temperature");
    assert_eq!(stand_in.violations().len(), 1);
    assert_eq!(stand_in.received()[0].violations.len(), 1);
}

#[tokio::test]
async fn conversations_have_scripts_of_their_own_and_repeats_get_the_same() {
    let stand_in = StandIn::scripted([]).await.unwrap();
    stand_in.on("alpha", [call("list_tasks", json!({})), text("A")]);
    stand_in.on("alpha beta", [text("B").but_first(status(503))]);
    let mut turn = request("alpha");
    let first = post(&stand_in, &turn);
    assert_eq!(first.body, post(&stand_in, &turn).body);
    let messages = turn["messages"].as_array_mut().unwrap();
    messages.push(json!({"role": "assistant", "content": null, "tool_calls": [
        {"id": "x", "type": "function", "function": {"name": "list_tasks", "arguments": "{}"}}]}));
    messages.push(json!({"role": "tool", "tool_call_id": "x", "content": "{}"}));
    assert_eq!(words(&post(&stand_in, &turn)), "A");
    assert!(post(&stand_in, &request("say alpha beta")).head.starts_with("HTTP/1.1 503"));
    assert_eq!(words(&post(&stand_in, &request("say alpha beta"))), "B");
    let directed = r#"#script [[{"tool":"add_task","input":{"title":"t"}}]]"#;
    assert!(post(&stand_in, &request(directed)).body.contains("add_task"));
    stand_in.assert_used_up();
    stand_in.assert_clean();
}

#[tokio::test]
async fn an_answer_can_end_anywhere_in_any_way() {
    let stream = text("Some words to cut").sse();
    let (whole, length) = (raw(stream.clone()), stream.len());
    for bytes in [0, 1, 100, length - 1] {
        let script = [
            whole.clone().cut_after(bytes),
            whole.clone().reset_after(bytes),
            whole.clone().hang_after(bytes),
            whole.clone().end_after(bytes),
        ];
        let stand_in = StandIn::scripted(script).await.unwrap();
        let hi = request("hi");
        let answers = [
            (post(&stand_in, &hi), Some(ErrorKind::UnexpectedEof)),
            (post(&stand_in, &hi), Some(ErrorKind::ConnectionReset)),
            (post_in_vain(&stand_in, &hi, Some(bytes)), None),
            (post(&stand_in, &hi), None),
        ];
        for (answer, end) in answers {
            assert_eq!((answer.body.len(), answer.end), (bytes, end));
            assert!(answer.head.starts_with("HTTP/1.1 200"));
        }
    }
    let stand_in = StandIn::scripted([whole.hang()]).await.unwrap();
    assert_eq!(post_in_vain(&stand_in, &request("hi"), None).head, "");
}

#[tokio::test]
async fn bodies_can_be_raw_long_slow_and_lied_about() {
    let raw_body = text("ü").sse().replace('\n', "\r\n");
    let slow = text("x").dribble(50, Duration::from_millis(10));
    let script = [
        raw(raw_body.clone()),
        raw("data: x\n\n").repeat(1000),
        slow,
        status(200).body("<html>").header("content-length", "99"),
    ];
    let stand_in = StandIn::scripted(script).await.unwrap();
    assert_eq!(post(&stand_in, &request("hi")).body, raw_body);
    assert_eq!(post(&stand_in, &request("hi")).body.len(), 9_000);
    let started_at = Instant::now();
    assert_eq!(words(&post(&stand_in, &request("hi"))), "x");
    assert!(started_at.elapsed() > Duration::from_millis(50));
    let lie = post(&stand_in, &request("hi"));
    assert!(lie.head.contains("content-length: 99") && !lie.head.contains("chunked"));
    assert_eq!(lie.end, Some(ErrorKind::UnexpectedEof));
}

#[tokio::test]
async fn many_at_once_wait_together() {
    let stand_in = Arc::new(StandIn::start(Options::for_tests()).await.unwrap());
    stand_in.on("hi", [calls([("a", json!({})), ("b", json!({}))]).held()]);
    let asking: Vec<_> = (0..20)
        .map(|_| {
            let stand_in = Arc::clone(&stand_in);
            thread::spawn(move || post(&stand_in, &request("hi")).body)
        })
        .collect();
    assert!(stand_in.wait_for_requests(20, Duration::from_secs(30)).await);
    assert!(!asking.iter().any(thread::JoinHandle::is_finished), "each of them waits");
    stand_in.release();
    for asked in asking {
        assert!(asked.join().unwrap().contains("tool_calls"));
    }
    assert!(!stand_in.wait_for_requests(21, Duration::from_millis(5)).await);
}

#[tokio::test]
async fn an_answer_that_is_held_waits_for_its_release() {
    let stand_in = StandIn::scripted([text("x").held(), text("y").held()]).await.unwrap();
    thread::scope(|scope| {
        let asking = scope.spawn(|| words(&post(&stand_in, &request("hi"))));
        thread::sleep(Duration::from_millis(50));
        assert!(!asking.is_finished());
        stand_in.release();
        assert_eq!(asking.join().unwrap(), "x");
    });
    assert_eq!(words(&post(&stand_in, &request("hi"))), "y", "and so are those that come later");
}

#[tokio::test]
async fn dropping_it_frees_the_port_even_while_somebody_waits() {
    let port = non_ephemeral_port::find().unwrap();
    let stand_in = StandIn::start(Options { port, ..Options::for_tests() }).await.unwrap();
    stand_in.enqueue([text("x").hang()]);
    let address = format!("127.0.0.1:{port}");
    let mut stream = TcpStream::connect(&address).unwrap();
    write!(stream, "GET /v1/models HTTP/1.1\r\n\r\n").unwrap();
    assert!(stream.read(&mut [0; 10]).unwrap() > 0);
    drop(stand_in);
    TcpStream::connect(&address).unwrap_err();
    let again = StandIn::start(Options { port, ..Options::for_tests() }).await.unwrap();
    assert!(again.base_url().contains(&address));
}

#[tokio::test]
async fn certain_faults_are_certain() {
    let faults = Some(Faults { error: 1.0, ..Faults::default() });
    let stand_in = StandIn::start(Options { faults, ..Options::for_tests() }).await.unwrap();
    let head = post(&stand_in, &request("hi")).head;
    assert!(["429", "500", "503"].iter().any(|code| head.contains(code)), "{head}");
    stand_in.assert_clean();
}
