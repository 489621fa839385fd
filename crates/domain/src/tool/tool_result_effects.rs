//! Reads the changes that a call made from its name and its result. Earlier turns are on record as JSON, so
//! this is the one place that knows what a result means.

use serde_json::Value;

use super::{ToolKind, UNDO_REPLACED};
use crate::{change_log::ChangeKind, message::ExecutedCall};

/// What a call has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallEffect {
    /// What became of the task.
    pub kind: EffectKind,
    /// The task's number.
    pub number: i64,
    /// The task's title: as it is now or, after a delete, as it was.
    pub title: String,
    /// When a repeating task that is done comes next.
    pub next: Option<String>,
}

/// What became of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EffectKind {
    /// It was added.
    Added,
    /// It has another title or description.
    Updated,
    /// It was marked as done.
    Completed,
    /// It was marked as open again.
    Reopened,
    /// It was deleted.
    Deleted,
    /// It came back after it had been deleted.
    Restored,
}

impl CallEffect {
    /// The kind of change that it was.
    pub fn change_kind(&self) -> ChangeKind {
        match self.kind {
            EffectKind::Added => ChangeKind::Added,
            EffectKind::Updated => ChangeKind::Updated,
            EffectKind::Completed if self.next.is_some() => ChangeKind::Repeated,
            EffectKind::Completed => ChangeKind::Completed,
            EffectKind::Reopened => ChangeKind::Reopened,
            EffectKind::Deleted => ChangeKind::Deleted,
            EffectKind::Restored => ChangeKind::Restored,
        }
    }
}

/// What `call` has changed: nothing when it did not succeed, and several tasks when it named them.
pub fn effects_of(call: &ExecutedCall) -> Vec<CallEffect> {
    match call.result["results"].as_array() {
        Some(results) => results.iter().filter_map(|result| effect_of(&call.tool, result)).collect(),
        None => effect_of(&call.tool, &call.result).into_iter().collect(),
    }
}

/// What a turn's calls have changed, each once: a call that was answered from the record of another one
/// has changed nothing.
pub fn effects_of_calls<'a>(done: impl IntoIterator<Item = &'a ExecutedCall>) -> Vec<CallEffect> {
    let done: Vec<&ExecutedCall> = done.into_iter().collect();
    let is_repeated = |index: usize| {
        let call = done[index];
        done[..index]
            .iter()
            .any(|past| past.tool == call.tool && past.input == call.input && past.result == call.result)
    };
    (0..done.len()).filter(|index| !is_repeated(*index)).flat_map(|index| effects_of(done[index])).collect()
}

/// The changes, made whenever and by whomever, that `call` has told: those of a look at the log.
pub fn changes_told_by(call: &ExecutedCall) -> Vec<CallEffect> {
    let is_look = ToolKind::from_name(&call.tool) == Some(ToolKind::ListChanges);
    let changes = call.result["changes"].as_array().filter(|_| is_look);
    let told = |change: &Value| {
        Some(CallEffect {
            kind: kind_of_change(change["kind"].as_str()?)?,
            number: change["task_id"].as_i64()?,
            title: change["title"].as_str()?.to_owned(),
            next: None,
        })
    };
    changes.into_iter().flatten().filter_map(told).collect()
}

fn effect_of(tool: &str, result: &Value) -> Option<CallEffect> {
    if result["success"] != true {
        return None;
    }
    let task = &result["task"];
    let next = result["next"].as_str().map(str::to_owned);
    let is_done = task["completed"] == true || next.is_some();
    let kind = match ToolKind::from_name(tool) {
        Some(ToolKind::AddTask) => EffectKind::Added,
        Some(ToolKind::UpdateTask) => EffectKind::Updated,
        Some(ToolKind::CompleteTask) if is_done => EffectKind::Completed,
        Some(ToolKind::CompleteTask) => EffectKind::Reopened,
        Some(ToolKind::DeleteTask) => EffectKind::Deleted,
        Some(ToolKind::UndoLast) => kind_of_change(result["kind"].as_str()?)?,
        Some(ToolKind::ListTasks | ToolKind::ListChanges) => return None,
        None if tool == UNDO_REPLACED => kind_of_change(result["kind"].as_str()?)?,
        None => return None,
    };
    let (number, title) = (task["id"].as_i64()?, task["title"].as_str()?.to_owned());
    Some(CallEffect { kind, number, title, next })
}

/// What a change of this kind did to its task.
fn kind_of_change(kind: &str) -> Option<EffectKind> {
    let kinds = [
        (ChangeKind::Added, EffectKind::Added),
        (ChangeKind::Restored, EffectKind::Restored),
        (ChangeKind::Deleted, EffectKind::Deleted),
        (ChangeKind::Completed, EffectKind::Completed),
        (ChangeKind::Reopened, EffectKind::Reopened),
        (ChangeKind::Updated, EffectKind::Updated),
        (ChangeKind::Repeated, EffectKind::Updated),
    ];
    kinds.into_iter().find(|(change, _)| change.as_str() == kind).map(|(_, effect)| effect)
}
