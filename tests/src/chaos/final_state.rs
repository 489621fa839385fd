//! The state after a run, read through the API as each user, and from the database itself.

use serde_json::Value;

use super::{Cluster, client::Person};

/// What one user has in the end.
#[derive(Debug, Clone, Default)]
pub struct FinalUserState {
    /// Their tasks, as the API shows them.
    pub tasks: Vec<Task>,
    /// Their conversations.
    pub conversations: Vec<FinalConversation>,
}

/// A task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its number.
    pub id: i64,
    /// Its title.
    pub title: String,
    /// Whether it is done.
    pub completed: bool,
}

/// A conversation: what the user saw.
#[derive(Debug, Clone, Default)]
pub struct FinalConversation {
    /// Its id.
    pub id: String,
    /// Its messages, in order.
    pub messages: Vec<Said>,
}

/// A message.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// The turn it belongs to.
    pub turn: String,
    /// `user` or `assistant`.
    pub role: String,
    /// The words.
    pub content: String,
    /// What was done with tools, as the chat's answer has it.
    pub tool_calls: Value,
}

/// Reads everything that a user has.
///
/// # Panics
/// When it cannot be read.
pub(super) async fn belongings(cluster: &Cluster, person: &Person) -> FinalUserState {
    let mut tasks = Vec::new();
    loop {
        let before = tasks.last().map(|task: &Task| format!("&before={}", task.id)).unwrap_or_default();
        let page = read(cluster, person, &format!("/tasks?limit=500{before}")).await;
        let page = page.as_array().cloned().unwrap_or_default();
        tasks.extend(page.iter().map(Task::of));
        if page.len() < 500 {
            break;
        }
    }
    let list = read(cluster, person, "/conversations?limit=100").await;
    let mut conversations = Vec::new();
    for conversation in list["conversations"].as_array().into_iter().flatten() {
        conversations.push(talk(cluster, person, &text(&conversation["id"])).await);
    }
    FinalUserState { tasks, conversations }
}

async fn talk(cluster: &Cluster, person: &Person, id: &str) -> FinalConversation {
    let mut messages: Vec<Said> = Vec::new();
    loop {
        let before = messages.first().map(|said| format!("&before={}", said.turn)).unwrap_or_default();
        let page = read(cluster, person, &format!("/conversations/{id}?limit=100{before}")).await;
        let mut page: Vec<Said> = page["messages"].as_array().into_iter().flatten().map(Said::of).collect();
        if page.is_empty() {
            return FinalConversation { id: id.to_owned(), messages };
        }
        page.append(&mut messages);
        messages = page;
    }
}

async fn read(cluster: &Cluster, person: &Person, path: &str) -> Value {
    let base = cluster.replicas[0].base();
    let answer = person.send(base, (reqwest::Method::GET, path.to_owned(), None), None).await;
    let answer = answer.unwrap_or_else(|| panic!("no answer to GET {path}"));
    assert_eq!(answer.status, 200, "GET {path}: {}", answer.body);
    answer.body
}

impl Task {
    fn of(value: &Value) -> Self {
        Self {
            id: value["id"].as_i64().unwrap_or_default(),
            title: text(&value["title"]),
            completed: value["completed"].as_bool().unwrap_or_default(),
        }
    }
}

impl Said {
    fn of(value: &Value) -> Self {
        Self {
            turn: text(&value["turn_id"]),
            role: text(&value["role"]),
            content: text(&value["content"]),
            tool_calls: value["tool_calls"].clone(),
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
