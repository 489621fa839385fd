//! What a call has changed, read from its name and its result. What is on record of earlier turns is
//! JSON, so this is the one place that knows what a result means.

use serde_json::Value;

use super::{add_task, complete_task, delete_task, update_task};
use crate::message::ExecutedCall;

/// What a call has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallEffect {
    /// What became of the task.
    pub kind: EffectKind,
    /// The task's number.
    pub number: i64,
    /// The task's title: as it is now or, after a delete, as it was.
    pub title: String,
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
}

/// What `call` has changed; `None` when it changed nothing or did not succeed.
pub fn effect_of(call: &ExecutedCall) -> Option<CallEffect> {
    let result = &call.result;
    if result["success"] != true {
        return None;
    }
    let task = &result["task"];
    let kind = match call.tool.as_str() {
        name if name == add_task::TOOL.name => EffectKind::Added,
        name if name == update_task::TOOL.name => EffectKind::Updated,
        name if name == complete_task::TOOL.name && task["completed"] == Value::Bool(true) => {
            EffectKind::Completed
        }
        name if name == complete_task::TOOL.name => EffectKind::Reopened,
        name if name == delete_task::TOOL.name => EffectKind::Deleted,
        _ => return None,
    };
    Some(CallEffect { kind, number: task["id"].as_i64()?, title: task["title"].as_str()?.to_owned() })
}
