//! The tools: pure values that turn a model's arguments into a command and an outcome into JSON.
//!
//! One table serves chat, MCP and the documentation. No tool takes a user: identity comes from the
//! verified token and never from arguments.

mod add_task;
mod arguments;
mod complete_task;
mod delete_task;
mod list_changes;
mod list_tasks;
mod mcp_schema;
mod tool_kind;
mod tool_result_effects;
mod undo_last;
mod update_task;

pub use arguments::about_tasks;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value, json};
pub use tool_kind::ToolKind;
pub use tool_result_effects::{CallEffect, EffectKind, changes_told_by, effects_of, effects_of_calls};

use crate::{
    due::Due,
    priority::Priority,
    repeat::Repeat,
    text_validation::{FieldError, json_without_nul},
    time_zone::{LocalNow, PersonalTime},
    todo::{TaskNumber, Todo, TodoDescription},
    todo_command::TodoCommand,
    todo_outcome::{Effect, TodoError, TodoOutcome},
    undo::{UndoError, Undone},
};

/// A tool that a model may call.
#[derive(Debug, Clone, Copy)]
pub struct Tool {
    /// Which one it is.
    pub kind: ToolKind,
    /// Its name.
    pub name: &'static str,
    /// What a person calls it.
    pub title: &'static str,
    /// What it does, for the model.
    pub description: &'static str,
    /// Whether it changes nothing.
    pub reads_only: bool,
    /// Whether something that was there may be gone afterwards.
    pub is_destructive: bool,
    /// Whether making the same call again changes nothing more.
    pub is_idempotent: bool,
    schema: fn() -> Value,
    decode: fn(Map<String, Value>, PersonalTime) -> Result<TodoCommand, ToolError>,
}

/// The tool of this name; `None` when there is none.
pub fn find(name: &str) -> Option<&'static Tool> {
    TOOLS.iter().find(|tool| tool.name == name)
}

/// The most bytes of arguments, as JSON, that one call may have. The longest task is under 10 KiB.
pub const MAX_ARGUMENT_BYTES: usize = 16 * 1024;

/// How deep the arguments of a call may be nested. They are kept inside other JSON, and what reads that gives
/// up at 128 levels: arguments that were just readable by themselves would make a conversation unreadable.
const MAX_ARGUMENT_DEPTH: usize = 64;

/// The arguments of a call as they are kept.
///
/// # Errors
/// When they are nested deeper than is kept.
pub fn storable_arguments(arguments: Map<String, Value>) -> Result<Map<String, Value>, ToolError> {
    if are_nested_too_deep(&arguments) {
        return Err(ToolError::new(ToolErrorCode::ValidationError, "The arguments are nested too deep."));
    }
    Ok(json_without_nul(arguments))
}

/// Whether the arguments of a call are nested deeper than is kept.
pub fn are_nested_too_deep(arguments: &Map<String, Value>) -> bool {
    fn is_deeper_than(levels: usize, value: &Value) -> bool {
        match value {
            Value::Array(items) => levels == 0 || items.iter().any(|item| is_deeper_than(levels - 1, item)),
            Value::Object(members) => {
                levels == 0 || members.values().any(|member| is_deeper_than(levels - 1, member))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        }
    }
    arguments.values().any(|value| is_deeper_than(MAX_ARGUMENT_DEPTH - 1, value))
}

/// Every tool. The first one changes nothing, so that a client that probes the first cannot harm.
pub static TOOLS: [Tool; 7] = [
    list_tasks::TOOL,
    add_task::TOOL,
    update_task::TOOL,
    complete_task::TOOL,
    delete_task::TOOL,
    list_changes::TOOL,
    undo_last::TOOL,
];

impl Tool {
    /// The JSON Schema of the arguments. Without descriptions: every request carries it, and small
    /// models copy them into their arguments.
    pub fn schema(&self) -> Value {
        (self.schema)()
    }
}

/// What a model reads when a call was refused; the turn goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolError {
    /// What is wrong, as one sentence.
    pub error: String,
    /// The kind of it.
    pub code: ToolErrorCode,
}

/// The kinds of refusal in the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ToolErrorCode {
    /// There is no such task.
    NotFound,
    /// The arguments break a rule.
    ValidationError,
    /// There is no such tool.
    UnknownTool,
    /// The turn has done as much as one turn may.
    Limit,
    /// A later change conflicts with it.
    Conflict,
    /// It is more than a turn may do without the person's yes.
    ApprovalRequired,
    /// The person was asked, and it was not done.
    NotApproved,
    /// Who talks to the assistant has no right to it.
    NotAllowed,
}

impl ToolError {
    /// Makes a refusal.
    pub fn new(code: ToolErrorCode, error: impl Into<String>) -> Self {
        Self { error: error.into(), code }
    }
}

impl From<FieldError> for ToolError {
    fn from(error: FieldError) -> Self {
        Self::new(ToolErrorCode::ValidationError, error.message)
    }
}

impl From<TodoError> for ToolError {
    fn from(refusal: TodoError) -> Self {
        match refusal {
            TodoError::NoSuchTask(_) | TodoError::NoTaskTitled => {
                Self::new(ToolErrorCode::NotFound, refusal.to_string())
            }
            TodoError::Limit(_) => Self::new(ToolErrorCode::Limit, refusal.to_string()),
            TodoError::Undo(undo) => Self::new(
                match *undo {
                    UndoError::Limit(_) => ToolErrorCode::Limit,
                    UndoError::Conflict(_) | UndoError::StillRunning => ToolErrorCode::Conflict,
                    UndoError::NoSuchTurn
                    | UndoError::NoSuchChange
                    | UndoError::NothingToUndo
                    | UndoError::AlreadyUndone => ToolErrorCode::NotFound,
                },
                undo.to_string(),
            ),
            TodoError::SeveralTitled(_)
            | TodoError::Changed(_)
            | TodoError::NotRepeating(_)
            | TodoError::Invalid(_) => Self::new(ToolErrorCode::ValidationError, refusal.to_string()),
        }
    }
}

/// Whether the tool of this name changes the list.
pub fn changes_the_list(name: &str) -> bool {
    find(name).is_some_and(|tool| !tool.reads_only)
}

/// Whether the tool of this name is about a task that is there, which `ref` may name.
pub fn is_about_a_task(name: &str) -> bool {
    find(name).is_some_and(|tool| tool.schema()["properties"]["ref"].is_object())
}

/// Turns a call into the command it stands for; days are those of the person whose time it is.
///
/// # Errors
/// A refusal, to be answered to the model, when there is no such tool or the arguments are not
/// what it takes.
pub fn decode(
    name: &str,
    arguments: Map<String, Value>,
    time: PersonalTime,
) -> Result<TodoCommand, ToolError> {
    let Some(tool) = find(name) else {
        let names = TOOLS.map(|tool| tool.name).join(", ");
        let error = format!("There is no tool of this name. The tools are: {names}.");
        return Err(ToolError::new(ToolErrorCode::UnknownTool, error));
    };
    (tool.decode)(arguments, time)
}

/// The name under which the record of a turn has what was undone for another answer. No tool has
/// it: a model that calls it is told so.
pub const UNDO_REPLACED: &str = "undo_replaced";

/// The name under which a model reads that the person's message was edited after the calls before it: no
/// tool has it, and no record.
pub const MESSAGE_EDITED: &str = "message_edited";

/// The JSON of what was undone.
pub fn undone_to_json(undone: &Undone, local: LocalNow) -> Value {
    undo_last::to_json(undone, local)
}

/// The most tasks in one result, and the most bytes of them: a result is read by a model on every
/// later turn of the conversation.
const MAX_TASKS: usize = 50;
const MAX_BYTES: usize = 8 * 1024;

/// The JSON of what came of a command: `{"success":true,"task":…}` or `{"success":true,"tasks":…}`.
/// Days are told as the person whose clock shows `local` says them.
pub fn to_json(outcome: &TodoOutcome, local: LocalNow) -> Value {
    match outcome {
        TodoOutcome::Changed(effect) => change_to_json(effect, local),
        TodoOutcome::ChangedMany(outcomes) => {
            let results: Vec<Value> = outcomes.iter().map(|outcome| result_to_json(outcome, local)).collect();
            json!({"success": outcome.has_succeeded(), "results": results})
        }
        TodoOutcome::Undone(undone) => undo_last::to_json(undone, local),
        TodoOutcome::Listed(page) => {
            let tasks = those_that_fit(&page.todos, local);
            json!({"success": true, "tasks": tasks, "total": page.total})
        }
        TodoOutcome::LoggedChanges(page) => list_changes::page_to_json(page, local),
    }
}

fn change_to_json(effect: &Effect, local: LocalNow) -> Value {
    let mut result = json!({"success": true, "task": TaskJson::new(effect.task(), local)});
    if let Effect::Repeated { after, .. } = effect {
        result["next"] = json!(after.due.map(|due| due.in_words(local.today())));
    }
    result
}

/// What became of one task of many.
fn result_to_json((number, outcome): &(TaskNumber, Result<Effect, TodoError>), local: LocalNow) -> Value {
    let result = match outcome {
        Ok(effect) => change_to_json(effect, local),
        Err(refusal) => error_to_json(&refusal.clone().into()),
    };
    short(result, *number)
}

/// One result of many, without what does not change from one to the next: there may be fifty.
fn short(mut result: Value, number: TaskNumber) -> Value {
    if let Some(task) = result.get_mut("task").and_then(Value::as_object_mut) {
        task.retain(|name, _| !matches!(name.as_str(), "description" | "created_at" | "updated_at"));
    }
    result["task_id"] = json!(number.0);
    result
}

/// A task as a model reads it.
#[derive(Serialize)]
struct TaskJson<'a> {
    id: i64,
    title: &'a str,
    description: Option<&'a str>,
    completed: bool,
    /// When it is due, as an argument of a tool would say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<String>,
    /// When it is due, with its weekday, to be said back.
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    overdue: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<&'static str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    tags: &'a [String],
    /// How it comes back, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    repeat: Option<String>,
    /// The task that it is a part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<i64>,
    /// How many of its own parts are still to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    open_subtasks: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    completed_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// Counts its changes: what was seen of it is bound to that.
    version: i64,
}

impl<'a> TaskJson<'a> {
    fn new(todo: &'a Todo, local: LocalNow) -> Self {
        let when = |due: Due| {
            let words = due.in_words(local.today());
            if due.zone == local.zone || due.time.is_none() {
                words
            } else {
                format!("{words} ({})", due.zone)
            }
        };
        Self {
            id: todo.number.0,
            title: todo.title.as_str(),
            description: todo.description.as_ref().map(TodoDescription::as_str),
            completed: todo.completed,
            due: todo.due.map(Due::to_text),
            when: todo.due.map(when),
            overdue: !todo.completed && todo.due.is_some_and(|due| due.is_overdue(local)),
            priority: (todo.priority != Priority::None).then(|| todo.priority.as_str()),
            tags: todo.tags.as_slice(),
            repeat: todo.repeat.map(Repeat::in_words),
            parent: todo.parent.map(|parent| parent.0),
            open_subtasks: (todo.open_subtasks > 0).then_some(todo.open_subtasks),
            completed_at: todo.completed_at,
            created_at: todo.created_at,
            updated_at: todo.updated_at,
            version: todo.revision,
        }
    }
}

/// The JSON of a refused call.
pub fn error_to_json(refusal: &ToolError) -> Value {
    json!({"success": false, "error": refusal.error, "code": refusal.code})
}

fn those_that_fit(todos: &[Todo], local: LocalNow) -> Vec<TaskJson<'_>> {
    let mut bytes = 0;
    let fits = |task: &TaskJson<'_>| {
        // As they are written, with the comma: quotes and line ends take more there.
        bytes += serde_json::to_string(task).map_or(MAX_BYTES, |json| json.len()) + 1;
        bytes <= MAX_BYTES
    };
    let json = |todo| TaskJson::new(todo, local);
    let mut tasks: Vec<_> = todos.iter().map(json).take(MAX_TASKS).take_while(fits).collect();
    // One is always shown, whatever its size.
    if tasks.is_empty() {
        tasks.extend(todos.first().map(json));
    }
    tasks
}

#[cfg(test)]
mod tests;
