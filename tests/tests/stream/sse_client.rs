//! A client of the stream: sends what clients send, and reads what comes event by event.

use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::{Value, json};
use tests::{HttpRequest, User, stream_chunks};

/// Longer than any event takes to come on a busy machine, a heartbeat being the slowest.
pub(crate) const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// What stands in a stream.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Item {
    Comment(String),
    Chunk(Value),
    Done,
}

/// A stream that is being read. Dropping it drops the connection.
pub(crate) struct Reading {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    response: reqwest::Response,
    unread: Vec<u8>,
}

impl Reading {
    pub(crate) async fn open(call: HttpRequest<'_>) -> Self {
        let response = call.open().await.expect("a response");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Self { status, headers, response, unread: Vec::new() }
    }

    /// Opens one that must be a stream.
    pub(crate) async fn of(call: HttpRequest<'_>) -> Self {
        let reading = Self::open(call).await;
        assert_eq!(reading.status, 200);
        reading
    }

    /// Waits for the next thing in the stream; nothing at its end.
    pub(crate) async fn next(&mut self) -> Option<Item> {
        loop {
            if let Some(end) = self.unread.windows(2).position(|two| two == b"\n\n") {
                let event: Vec<u8> = self.unread.drain(..end + 2).collect();
                return Some(item(str::from_utf8(&event[..end]).expect("UTF-8")));
            }
            let piece = tokio::time::timeout(READ_TIMEOUT, self.response.chunk()).await;
            match piece.expect("something within a heartbeat").expect("a connection that stays") {
                Some(piece) => self.unread.extend(piece),
                None => {
                    assert!(self.unread.is_empty(), "an event without its end");
                    return None;
                }
            }
        }
    }

    /// Reads the given number of things, or up to the end.
    pub(crate) async fn take(&mut self, count: usize) -> Vec<Item> {
        let mut items = Vec::new();
        while items.len() < count {
            match self.next().await {
                Some(item) => items.push(item),
                None => break,
            }
        }
        items
    }

    /// Reads chunks up to and with the first that fits.
    pub(crate) async fn until(&mut self, fits: impl Fn(&Value) -> bool) -> Vec<Value> {
        let mut chunks = Vec::new();
        loop {
            match self.next().await.expect("a stream that goes on") {
                Item::Chunk(chunk) => {
                    let is_last = fits(&chunk);
                    chunks.push(chunk);
                    if is_last {
                        return chunks;
                    }
                }
                Item::Comment(_) => {}
                Item::Done => panic!("the stream ended after {chunks:#?}"),
            }
        }
    }

    /// Reads words until they are these.
    pub(crate) async fn until_said(&mut self, words: &str) {
        let mut said = String::new();
        while said != words {
            let chunk = self.until(|chunk| chunk["type"] == "text-delta").await.pop().expect("a delta");
            said.push_str(chunk["delta"].as_str().expect("words"));
            assert!(words.starts_with(&said), "{said:?} is not the beginning of {words:?}");
        }
    }

    /// Reads all chunks to the end, which must be a proper one.
    pub(crate) async fn rest(&mut self) -> Vec<Value> {
        let mut items = self.take(usize::MAX).await;
        assert_eq!(items.pop(), Some(Item::Done), "the last event is [DONE]");
        let chunks: Vec<_> = items
            .into_iter()
            .filter_map(|item| match item {
                Item::Chunk(chunk) => Some(chunk),
                Item::Comment(_) => None,
                Item::Done => panic!("[DONE] before the end"),
            })
            .collect();
        let ends = chunks.iter().filter(|chunk| chunk["type"] == "finish" || chunk["type"] == "error");
        assert_eq!(ends.count(), 1, "one end: {chunks:#?}");
        let last = chunks.last().expect("chunks");
        assert!(last["type"] == "finish" || last["type"] == "error", "the end comes last: {last}");
        chunks
    }
}

fn item(event: &str) -> Item {
    assert!(!event.contains('\n'), "an event is one line: {event:?}");
    if let Some(comment) = event.strip_prefix(": ") {
        return Item::Comment(comment.to_owned());
    }
    match event.strip_prefix("data: ").expect("data or a comment") {
        "[DONE]" => Item::Done,
        json => Item::Chunk(serde_json::from_str(json).expect("one JSON value")),
    }
}

/// How a request is refused that only the database can judge.
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    /// Words of its sentence.
    pub(crate) words: &'static str,
}

pub(crate) const NOTHING_TO_REGENERATE: Refusal =
    Refusal { status: 409, code: "nothing_to_regenerate", words: "Only the newest message" };
pub(crate) const KEY_REUSED: Refusal =
    Refusal { status: 422, code: "idempotency_key_reused", words: "was used for another request" };

/// Sends what the database has to refuse. Mostly the status says so; when the database is slow the
/// stream is open by then, and the sentence is all that is in it.
pub(crate) async fn refused(call: HttpRequest<'_>, refusal: Refusal) {
    let answer = call.await;
    let sentence = if answer.status == 200 {
        let chunks = stream_chunks::parse(&answer.text);
        assert_eq!((chunks.len(), &chunks[0]["type"]), (1, &json!("error")), "{chunks:#?}");
        chunks[0]["errorText"].clone()
    } else {
        let told = (answer.status, &answer.json["code"]);
        assert_eq!(told, (refusal.status, &json!(refusal.code)), "{answer:?}");
        answer.json["detail"].clone()
    };
    assert!(sentence.as_str().is_some_and(|sentence| sentence.contains(refusal.words)), "{sentence}");
}

/// What a person can do with streams.
pub(crate) trait Streams<'a> {
    /// A request with any body.
    fn stream(&self, body: &Value) -> HttpRequest<'a>;
    /// The AI SDK's request with one message of the user.
    fn say(&self, chat: &str, message_id: &str, text: &str) -> HttpRequest<'a>;
    /// The AI SDK's request for another answer.
    fn regenerate(&self, chat: &str, message_id: &str, text: &str) -> HttpRequest<'a>;
    /// Follows what runs.
    fn resume(&self, chat: &str) -> HttpRequest<'a>;
    /// Stops what runs.
    fn stop(&self, chat: &str) -> HttpRequest<'a>;
}

impl<'a> Streams<'a> for User<'a> {
    fn stream(&self, body: &Value) -> HttpRequest<'a> {
        self.own("POST", "/chat/stream").json(body)
    }

    fn say(&self, chat: &str, message_id: &str, text: &str) -> HttpRequest<'a> {
        let message = ui_message(message_id, text);
        self.stream(&json!({"id": chat, "messages": [message], "trigger": "submit-message"}))
    }

    fn regenerate(&self, chat: &str, message_id: &str, text: &str) -> HttpRequest<'a> {
        let message = ui_message(message_id, text);
        self.stream(&json!({"id": chat, "messages": [message], "trigger": "regenerate-message"}))
    }

    fn resume(&self, chat: &str) -> HttpRequest<'a> {
        self.own("GET", &format!("/chat/{chat}/stream"))
    }

    fn stop(&self, chat: &str) -> HttpRequest<'a> {
        self.own("POST", &format!("/chat/{chat}/stop"))
    }
}

/// A message as the AI SDK sends it.
pub(crate) fn ui_message(id: &str, text: &str) -> Value {
    json!({"id": id, "role": "user", "parts": [{"type": "text", "text": text}]})
}
