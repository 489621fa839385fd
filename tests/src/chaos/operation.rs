//! The operations of the clients of a run.

use std::fmt;

use reqwest::Method;
use serde_json::{Value, json};

/// One thing that a client wants done, told to the server as often as it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// A new task by REST, under a key.
    Add {
        /// Unique in the run.
        title: String,
    },
    /// Several new tasks by REST, under a key, in one transaction.
    AddAll {
        /// Unique in the run.
        titles: Vec<String>,
    },
    /// Another title, by REST. Doing it twice is doing it once.
    Rename {
        /// The task's number.
        task: i64,
        /// The old title with a revision behind it.
        title: String,
    },
    /// A tick, by REST. Doing it twice is doing it once.
    Complete {
        /// The task's number.
        task: i64,
    },
    /// Away with it, by REST. The second time there is nothing.
    Delete {
        /// The task's number.
        task: i64,
    },
    /// A turn, under a key, whose script has the model call tools.
    Chat {
        /// The conversation, unless the turn opens one.
        conversation: Option<String>,
        /// The titles that the model adds: unique in the run.
        adds: Vec<String>,
        /// Whether it adds them in one step or in one step each.
        at_once: bool,
        /// A task that it looks for and completes afterwards.
        completes: Option<i64>,
    },
    /// Other words for the newest message of a conversation that nobody else uses, by the stream.
    Edit {
        /// The conversation.
        conversation: String,
        /// The turn whose message it replaces.
        turn: String,
        /// The words that it replaces, when its client says so.
        previous: Option<String>,
        /// The titles that the model adds now: unique in the run.
        adds: Vec<String>,
        /// The titles that the replaced answer added.
        replaces: Vec<String>,
        /// Whether what the replaced answer did stays done.
        stays: bool,
    },
    /// Another answer to the newest message of a conversation that nobody else uses, by the stream.
    Regenerate {
        /// The conversation.
        conversation: String,
        /// The turn that is answered anew.
        turn: String,
        /// What its message says.
        said: String,
        /// The titles that the replaced answer added.
        replaces: Vec<String>,
        /// Whether what the replaced answer did stays done; if not, the model does it again.
        stays: bool,
    },
    /// All that the answer to the newest message of a conversation did is undone, by REST and under a key.
    UndoTurn {
        /// The turn.
        turn: String,
        /// The titles that it added.
        added: Vec<String>,
    },
    /// Away with a conversation that nobody else uses. The second time there is none.
    DeleteConversation {
        /// The conversation.
        conversation: String,
    },
    /// What was said in a conversation that is deleted, once more and under its key.
    Resend {
        /// The key that it was sent with.
        key: String,
        /// What was said.
        said: Box<Operation>,
    },
}

impl Operation {
    /// Returns the request: method, path below the user's, and body.
    pub fn request(&self) -> (Method, String, Option<Value>) {
        let path = |task: &i64| format!("/tasks/{task}");
        match self {
            Self::Add { title } => (Method::POST, "/tasks".to_owned(), Some(json!({"title": title}))),
            Self::AddAll { titles } => {
                let add = |title| json!({"op": "add", "task": {"title": title}});
                let operations: Vec<Value> = titles.iter().map(add).collect();
                (Method::POST, "/tasks/batch".to_owned(), Some(json!({ "operations": operations })))
            }
            Self::UndoTurn { turn, .. } => (Method::POST, format!("/turns/{turn}/undo"), None),
            Self::Rename { task, title } => (Method::PUT, path(task), Some(json!({"title": title}))),
            Self::Complete { task } => (Method::PUT, path(task), Some(json!({"completed": true}))),
            Self::Delete { task } => (Method::DELETE, path(task), None),
            Self::Chat { conversation, .. } => {
                let body = json!({"message": self.message(), "conversation_id": conversation});
                (Method::POST, "/chat".to_owned(), Some(body))
            }
            Self::Edit { conversation, turn, previous, stays, .. } => {
                let mut body = self.replacing(conversation, turn, *stays);
                body["trigger"] = json!("submit-message");
                body["messageId"] = body["messages"][0]["id"].clone();
                body["previous_text"] = json!(previous);
                (Method::POST, "/chat/stream".to_owned(), Some(body))
            }
            Self::Regenerate { conversation, turn, stays, .. } => {
                let mut body = self.replacing(conversation, turn, *stays);
                body["trigger"] = json!("regenerate-message");
                (Method::POST, "/chat/stream".to_owned(), Some(body))
            }
            Self::DeleteConversation { conversation } => {
                (Method::DELETE, format!("/conversations/{conversation}"), None)
            }
            Self::Resend { said, .. } => said.request(),
        }
    }

    /// What a request for another answer to the message of a turn says.
    fn replacing(&self, conversation: &str, turn: &str, stays: bool) -> Value {
        let parts = json!([{"type": "text", "text": self.message()}]);
        json!({
            "id": conversation,
            "messages": [{"id": format!("{turn}-user"), "role": "user", "parts": parts}],
            "undo_replaced": if stays { json!(false) } else { Value::Null },
        })
    }

    /// Whether the contract lets it carry a key.
    pub fn takes_a_key(&self) -> bool {
        let by_rest = matches!(
            self,
            Self::Add { .. } | Self::AddAll { .. } | Self::UndoTurn { .. } | Self::Resend { .. }
        );
        by_rest || self.asks_a_model()
    }

    /// Whether the answer waits for a model as well.
    pub fn asks_a_model(&self) -> bool {
        matches!(self, Self::Chat { .. } | Self::Edit { .. } | Self::Regenerate { .. })
    }

    /// Whether something is deleted: it is done as well when there is nothing left to delete.
    pub fn deletes(&self) -> bool {
        matches!(self, Self::Delete { .. } | Self::DeleteConversation { .. })
    }

    /// Returns the task that it changes, if it names one.
    pub fn task(&self) -> Option<i64> {
        match self {
            Self::Rename { task, .. } | Self::Complete { task } | Self::Delete { task } => Some(*task),
            Self::Chat { completes, .. } => *completes,
            _ => None,
        }
    }

    /// Returns the titles of the tasks that it adds.
    pub fn adds(&self) -> &[String] {
        match self {
            Self::Add { title } => std::slice::from_ref(title),
            Self::AddAll { titles: adds } | Self::Chat { adds, .. } | Self::Edit { adds, .. } => adds,
            Self::Regenerate { replaces, stays: false, .. } => replaces,
            _ => &[],
        }
    }

    /// Returns the titles of the tasks that it takes back.
    pub fn takes_back(&self) -> &[String] {
        match self {
            Self::Edit { replaces, stays: false, .. } | Self::Regenerate { replaces, stays: false, .. } => {
                replaces
            }
            Self::UndoTurn { added, .. } => added,
            _ => &[],
        }
    }

    /// Returns the titles of tasks that come or go together, in one transaction.
    pub fn all_or_none(&self) -> &[String] {
        match self {
            Self::AddAll { titles: together } | Self::UndoTurn { added: together, .. } => together,
            _ => &[],
        }
    }

    /// Returns what a chat says: no two of a run say the same.
    pub fn message(&self) -> String {
        let (adds, at_once, completes) = match self {
            Self::Chat { adds, at_once, completes, .. } => (adds, *at_once, *completes),
            Self::Edit { adds, .. } => (adds, false, None),
            Self::Regenerate { said, .. } => return said.clone(),
            _ => return String::new(),
        };
        let call = |tool: &str, input: Value| json!({"tool": tool, "input": input});
        let adding = adds.iter().map(|title| call("add_task", json!({"title": title})));
        let mut steps: Vec<Vec<Value>> =
            if at_once { vec![adding.collect()] } else { adding.map(|call| vec![call]).collect() };
        if let Some(task) = completes {
            steps.push(vec![call("list_tasks", json!({"status": "pending"}))]);
            steps.push(vec![call("complete_task", json!({"task_id": task}))]);
        }
        steps.retain(|step| !step.is_empty());
        format!("{} #script {}", adds.join(" and "), json!(steps))
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Add { title } => write!(f, "add {title}"),
            Self::AddAll { titles } => write!(f, "add {titles:?} at once"),
            Self::UndoTurn { turn, added } => write!(f, "undo turn {turn}, which added {added:?}"),
            Self::Rename { task, title } => write!(f, "rename {task} to {title}"),
            Self::Complete { task } => write!(f, "complete {task}"),
            Self::Delete { task } => write!(f, "delete {task}"),
            Self::Chat { adds, completes, conversation, .. } => {
                let place = conversation.as_deref().unwrap_or("a new one");
                write!(f, "chat in {place}: add {adds:?}, complete {completes:?}")
            }
            Self::Edit { turn, adds, replaces, stays, .. } => {
                write!(f, "edit turn {turn}: add {adds:?} instead of {replaces:?}, which stays: {stays}")
            }
            Self::Regenerate { turn, replaces, stays, .. } => {
                write!(f, "answer turn {turn} anew after it added {replaces:?}, which stays: {stays}")
            }
            Self::DeleteConversation { conversation } => write!(f, "delete conversation {conversation}"),
            Self::Resend { key, said } => write!(f, "under its key {key} once more: {said}"),
        }
    }
}
