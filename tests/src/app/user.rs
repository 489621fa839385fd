//! A registered person, with a method for everything that people do.

use serde_json::{Value, json};

use super::{TestApp, http_request::HttpRequest};

/// A person with an account and a good token.
#[derive(Debug, Clone)]
pub struct User<'a> {
    app: &'a TestApp,
    /// Their id.
    pub id: String,
    /// Their address.
    pub email: String,
    /// Their password.
    pub password: String,
    /// Their access token.
    pub token: String,
}

impl<'a> User<'a> {
    pub(crate) async fn register(app: &'a TestApp, name: &str) -> Self {
        let email = format!("{name}@example.com");
        let password = format!("pass phrase of {name}");
        let body = json!({"email": email, "password": password, "name": name});
        let answer = app.post("/api/auth/register", &body).await.expect(201);
        Self::of(app, &answer, password)
    }

    /// Returns the person that a token answer is about.
    pub fn of(app: &'a TestApp, answer: &Value, password: String) -> Self {
        let text = |value: &Value| value.as_str().expect("a token answer holds text").to_owned();
        let token = text(&answer["access_token"]);
        app.note_private(&json!({"token": token}));
        let user = &answer["user"];
        Self { app, id: text(&user["id"]), email: text(&user["email"]), password, token }
    }

    /// Returns a request with their token.
    pub fn call(&self, method: &str, path: impl Into<String>) -> HttpRequest<'a> {
        HttpRequest::new(self.app, method, path).bearer(&self.token)
    }

    /// Returns a request to a path below their own.
    pub fn own(&self, method: &str, path: &str) -> HttpRequest<'a> {
        self.call(method, format!("/api/{}{path}", self.id))
    }

    /// Says something in a new conversation.
    pub fn chat(&self, message: &str) -> HttpRequest<'a> {
        self.own("POST", "/chat").json(&json!({"message": message}))
    }

    /// Says something in a conversation.
    pub fn chat_in(&self, conversation: &str, message: &str) -> HttpRequest<'a> {
        self.own("POST", "/chat").json(&json!({"message": message, "conversation_id": conversation}))
    }

    /// Adds a task.
    pub fn add_task(&self, title: &str) -> HttpRequest<'a> {
        self.own("POST", "/tasks").json(&json!({"title": title}))
    }

    /// Lists tasks.
    pub fn tasks(&self) -> HttpRequest<'a> {
        self.own("GET", "/tasks")
    }

    /// Looks at a task.
    pub fn task(&self, id: i64) -> HttpRequest<'a> {
        self.own("GET", &format!("/tasks/{id}"))
    }

    /// Changes a task.
    pub fn update_task(&self, id: i64, change: &Value) -> HttpRequest<'a> {
        self.own("PATCH", &format!("/tasks/{id}")).json(change)
    }

    /// Deletes a task.
    pub fn delete_task(&self, id: i64) -> HttpRequest<'a> {
        self.own("DELETE", &format!("/tasks/{id}"))
    }

    /// Lists conversations.
    pub fn conversations(&self) -> HttpRequest<'a> {
        self.own("GET", "/conversations")
    }

    /// Reads a conversation.
    pub fn conversation(&self, id: &str) -> HttpRequest<'a> {
        self.own("GET", &format!("/conversations/{id}"))
    }

    /// Looks how a turn stands.
    pub fn turn(&self, id: &str) -> HttpRequest<'a> {
        self.own("GET", &format!("/turns/{id}"))
    }

    /// Takes back what a turn has changed.
    pub fn undo_turn(&self, id: &str) -> HttpRequest<'a> {
        self.own("POST", &format!("/turns/{id}/undo"))
    }

    /// Takes one change back.
    pub fn undo_change(&self, id: i64) -> HttpRequest<'a> {
        self.own("POST", &format!("/changes/{id}/undo"))
    }

    /// Asks who they are.
    pub fn me(&self) -> HttpRequest<'a> {
        self.call("GET", "/api/auth/me")
    }

    /// Signs in again.
    pub fn sign_in(&self) -> HttpRequest<'a> {
        self.app.post("/api/auth/login", &json!({"email": self.email, "password": self.password}))
    }

    /// Leaves for good.
    pub fn leave(&self) -> HttpRequest<'a> {
        self.call("DELETE", "/api/auth/me").json(&json!({"password": self.password}))
    }

    /// Returns the titles of their tasks, oldest first.
    pub async fn titles(&self) -> Vec<String> {
        let tasks = self.tasks().await.expect(200);
        let tasks = tasks.as_array().expect("a list of tasks");
        tasks.iter().rev().map(|task| task["title"].as_str().unwrap_or_default().to_owned()).collect()
    }
}
