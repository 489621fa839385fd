//! The question of an approval, in data and in words.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{ApprovalId, ApprovalState};
use crate::{
    message::ExecutedCall,
    text_truncation::truncate,
    todo::{TaskNumber, Todo},
    tool::ToolKind,
};

/// The most characters of a title in a question: fifty tasks are read by a model on every later turn.
pub(super) const MAX_TITLE_CHARACTERS: usize = 60;
/// The most tasks that the sentence names.
const MAX_NAMED: usize = 10;

/// What a person is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The approval's id.
    pub id: ApprovalId,
    /// The tool that waits to be called.
    pub tool: String,
    /// Its arguments.
    pub arguments: Map<String, Value>,
    /// The tasks that it is about.
    pub tasks: Vec<ApprovalTask>,
    /// Until when it may be answered.
    pub expires_at: DateTime<Utc>,
    /// How it stands on record. Whether it has expired is told by the clock.
    pub state: ApprovalState,
    /// What the token was called with which a program asks; `None` when the person's own assistant does.
    pub program: Option<String>,
}

/// A task that a question is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalTask {
    /// Its number.
    #[serde(rename = "id")]
    pub number: TaskNumber,
    /// Its title, or the beginning of it.
    pub title: String,
}

impl ApprovalTask {
    /// A task as a question names it.
    pub fn of(todo: &Todo) -> Self {
        Self { number: todo.number, title: truncate(todo.title.as_str(), MAX_TITLE_CHARACTERS) }
    }
}

/// The members of a question that stand in the result of its call.
#[derive(Serialize, Deserialize)]
pub(super) struct Members {
    id: ApprovalId,
    state: ApprovalState,
    expires_at: DateTime<Utc>,
    tasks: Vec<ApprovalTask>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    program: Option<String>,
    /// What is asked about, where the call itself did not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    arguments: Option<Map<String, Value>>,
}

impl Question {
    /// The question of a call that waited when its result was written; `None` for any other.
    pub fn of_call(call: &ExecutedCall) -> Option<Self> {
        let members: Members = serde_json::from_value(call.result.get("approval")?.clone()).ok()?;
        let Members { id, state, expires_at, tasks, program, arguments } = members;
        let (tool, arguments) = (call.tool.clone(), arguments.unwrap_or_else(|| call.input.clone()));
        Some(Self { id, tool, arguments, tasks, expires_at, state, program })
    }

    /// The questions among the calls of a turn that wait for an answer at this time.
    pub fn waiting_in(calls: &[ExecutedCall], now: DateTime<Utc>) -> impl Iterator<Item = Self> {
        let questions = calls.iter().filter_map(Self::of_call);
        questions.filter(move |question| question.state_at(now) == ApprovalState::Waiting)
    }

    /// How it stands at this time.
    pub fn state_at(&self, now: DateTime<Utc>) -> ApprovalState {
        match self.state {
            ApprovalState::Waiting if self.expires_at <= now => ApprovalState::Expired,
            state => state,
        }
    }

    /// The question in one sentence.
    pub fn sentence(&self) -> String {
        let kind = ToolKind::from_name(&self.tool);
        if let (Some(ToolKind::AddTask), Some(title)) = (kind, self.arguments.get("title")) {
            let title = truncate(title.as_str().unwrap_or_default(), MAX_TITLE_CHARACTERS);
            return format!("Add “{title}”?");
        }
        let titles: Vec<_> =
            self.tasks.iter().take(MAX_NAMED).map(|task| format!("“{}”", task.title)).collect();
        let more = match self.tasks.len().saturating_sub(MAX_NAMED) {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        let what = match self.tasks.len() {
            1 => "this task".to_owned(),
            count => format!("these {count} tasks"),
        };
        let wish = match kind {
            Some(ToolKind::DeleteTask) => format!("Delete {what}"),
            Some(ToolKind::CompleteTask) if self.arguments.get("completed") == Some(&Value::Bool(false)) => {
                format!("Mark {what} as not done")
            }
            Some(ToolKind::CompleteTask) => format!("Mark {what} as done"),
            Some(ToolKind::UndoLast) => format!("Undo what was done last to {what}"),
            Some(ToolKind::AddTask | ToolKind::UpdateTask | ToolKind::ListTasks | ToolKind::ListChanges)
            | None => format!("Change {what}"),
        };
        format!("{wish}: {}{more}?", titles.join(", "))
    }

    pub(super) fn members(&self) -> Members {
        let Self { id, state, expires_at, tasks, program, arguments, tool } = self.clone();
        let arguments = (ToolKind::from_name(&tool) == Some(ToolKind::UndoLast)).then_some(arguments);
        Members { id, state, expires_at, tasks, program, arguments }
    }

    /// A result that says which approval it came of, and how that stands.
    pub(super) fn attach_to(&self, mut result: Value) -> Value {
        result["approval"] = json!({"id": self.id, "state": self.state});
        result
    }
}
