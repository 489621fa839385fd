//! Somebody with an account on the server, as the API knows them.

use reqwest::{Client, Method};
use serde_json::{Value, json};

use crate::grader::{Answered, Listed};

/// Somebody with an account and an empty list.
#[derive(Debug)]
pub struct Person {
    client: Client,
    base: String,
    token: String,
    id: String,
}

/// Why a task could not be played.
#[derive(Debug, thiserror::Error)]
pub enum PersonError {
    /// The server does not answer.
    #[error("the server does not answer")]
    Http(#[from] reqwest::Error),
    /// The server refused what it has to take.
    #[error("{0} was answered with status {1}")]
    Refused(&'static str, u16),
}

impl Person {
    /// Registers somebody on the server at `base`.
    ///
    /// # Errors
    /// When the server does not let them.
    pub async fn register(client: &Client, base: &str, email: &str) -> Result<Self, PersonError> {
        let body = json!({"email": email, "password": "correct horse battery staple"});
        let response = client.post(format!("{base}/api/auth/register")).json(&body).send().await?;
        if !response.status().is_success() {
            return Err(PersonError::Refused("a registration", response.status().as_u16()));
        }
        let answer: Value = response.json().await?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (token, id) = (text(&answer["access_token"]), text(&answer["user"]["id"]));
        Ok(Self { client: client.clone(), base: base.to_owned(), token, id })
    }

    /// Puts a task on the list; `x ` before its title marks a done one.
    ///
    /// # Errors
    /// When the server does not take it.
    pub async fn add(&self, title: &str) -> Result<(), PersonError> {
        let (is_done, title) = title.strip_prefix("x ").map_or((false, title), |title| (true, title));
        let added = self.send(Method::POST, "/tasks", &json!({ "title": title })).await?;
        if added.status != 201 {
            return Err(PersonError::Refused("a task", added.status));
        }
        if is_done {
            let path = format!("/tasks/{}", added.body["id"]);
            self.send(Method::PATCH, &path, &json!({ "completed": true })).await?;
        }
        Ok(())
    }

    /// The list as the database has it, oldest first.
    ///
    /// # Errors
    /// When the server does not show it.
    pub async fn list(&self) -> Result<Vec<Listed>, PersonError> {
        let answer = self.send(Method::GET, "/tasks", &Value::Null).await?;
        match answer.body.as_array() {
            Some(tasks) => Ok(tasks.iter().rev().map(Listed::of).collect()),
            None => Err(PersonError::Refused("a look at the list", answer.status)),
        }
    }

    /// Says something, in a conversation once there is one.
    ///
    /// # Errors
    /// When there is no answer at all.
    pub async fn say(&self, words: &str, conversation: Option<&Value>) -> Result<Answered, PersonError> {
        let mut body = json!({ "message": words });
        if let Some(id) = conversation {
            body["conversation_id"] = id.clone();
        }
        self.send(Method::POST, "/chat", &body).await
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> Result<Answered, PersonError> {
        let url = format!("{}/api/{}{path}", self.base, self.id);
        let mut request = self.client.request(method, url).bearer_auth(&self.token);
        if !body.is_null() {
            request = request.json(body);
        }
        let response = request.send().await?;
        let status = response.status().as_u16();
        Ok(Answered { status, body: response.json().await.unwrap_or_default() })
    }
}
