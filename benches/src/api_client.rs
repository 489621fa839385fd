//! A client of the API: people with accounts, and their requests.

use std::sync::atomic::{AtomicU32, Ordering};

use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use crate::{load, server::Server};

/// Returns a client that keeps its connections.
pub(crate) fn client() -> Client {
    Client::builder().no_proxy().build().expect("a client")
}

/// Somebody with an account.
#[derive(Clone)]
pub(crate) struct Person {
    client: Client,
    /// `http://…/api/{user_id}`.
    own: String,
    /// Their id.
    pub(crate) id: String,
    token: String,
}

impl Person {
    /// Registers somebody new.
    pub(crate) async fn register(client: &Client, server: &Server) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let process = std::process::id();
        let body =
            json!({"email": format!("p{number}-{process}@example.com"), "password": "a long pass phrase"});
        let answer =
            sent(client.post(server.url("/api/auth/register")).json(&body), StatusCode::CREATED).await;
        let text = |value: &Value| value.as_str().expect("a token answer holds text").to_owned();
        let id = text(&answer["user"]["id"]);
        let own = server.url(&format!("/api/{id}"));
        Self { client: client.clone(), own, id, token: text(&answer["access_token"]) }
    }

    /// Says something and returns the answer.
    pub(crate) async fn chat(&self, message: &str, conversation: Option<&str>) -> Value {
        let body = json!({"message": message, "conversation_id": conversation});
        sent(self.request(self.client.post(format!("{}/chat", self.own))).json(&body), StatusCode::OK).await
    }

    /// Says something in the conversation of this id and returns the answer as a stream.
    pub(crate) async fn talk(&self, conversation: &str, message: &str) -> Response {
        let said = json!({"role": "user", "parts": [{"type": "text", "text": message}]});
        let body = json!({"id": conversation, "message": said});
        streamed(self.request(self.client.post(format!("{}/chat/stream", self.own))).json(&body)).await
    }

    /// Follows what is being answered in a conversation.
    pub(crate) async fn follow(&self, conversation: &str) -> Response {
        streamed(self.request(self.client.get(format!("{}/chat/{conversation}/stream", self.own)))).await
    }

    /// Adds a task.
    pub(crate) async fn add_task(&self, title: &str) {
        let request = self.request(self.client.post(format!("{}/tasks", self.own)));
        sent(request.json(&json!({"title": title})), StatusCode::CREATED).await;
    }

    /// Lists tasks and returns how many bytes that were.
    pub(crate) async fn tasks(&self) -> usize {
        bytes(self.request(self.client.get(format!("{}/tasks", self.own)))).await
    }

    /// Asks for something of theirs.
    pub(crate) async fn get(&self, path: &str) {
        bytes(self.request(self.client.get(format!("{}{path}", self.own)))).await;
    }

    /// Prepares a request of theirs for the load generator.
    pub(crate) fn prepared(&self, method: &str, path: &str, body: &str, status: u16) -> load::Request {
        let line = format!("{method} /api/{}{path}", self.id);
        let headers = format!("Authorization: Bearer {}\r\nContent-Type: application/json\r\n", self.token);
        load::Request::new(&line, &headers, body, status)
    }

    fn request(&self, request: RequestBuilder) -> RequestBuilder {
        request.bearer_auth(&self.token)
    }
}

/// Sends a request and returns how many bytes its answer had.
pub(crate) async fn bytes(request: RequestBuilder) -> usize {
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    answer.bytes().await.expect("a whole answer").len()
}

async fn streamed(request: RequestBuilder) -> Response {
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    answer
}

async fn sent(request: RequestBuilder, status: StatusCode) -> Value {
    let answer = request.send().await.expect("an answer");
    let given = answer.status();
    let body = answer.text().await.expect("a whole answer");
    assert_eq!(given, status, "{body}");
    serde_json::from_str(&body).expect("an answer in JSON")
}
