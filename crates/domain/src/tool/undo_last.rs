//! `undo_last`: undoes what was changed last.

use serde_json::{Value, json};

use super::{TaskJson, Tool, ToolKind, short};
use crate::{
    change_log::LoggedChange,
    time_zone::LocalNow,
    todo_command::TodoCommand,
    undo::{UndoTarget, Undone},
};

pub(super) const TOOL: Tool = Tool {
    kind: ToolKind::UndoLast,
    name: "undo_last",
    title: "Undo the last change",
    description: "Undoes what was done last.",
    reads_only: false,
    is_destructive: true,
    is_idempotent: false,
    schema: || json!({"type": "object", "properties": {}}),
    // Which turn or change that is, the server knows. Whatever arguments there are say nothing.
    decode: |_given, _time| Ok(TodoCommand::Undo(UndoTarget::Last)),
};

/// The JSON of what was undone: what became of each task, as `kind`.
pub(super) fn to_json(undone: &Undone, local: LocalNow) -> Value {
    let results: Vec<Value> = undone.changes.iter().map(|change| result(change, local)).collect();
    json!({"success": true, "results": results})
}

fn result(change: &LoggedChange, local: LocalNow) -> Value {
    let todo = change.after.as_ref().or(change.before.as_ref());
    let task = todo.map(|todo| TaskJson::new(todo, local));
    short(json!({"success": true, "kind": change.kind().as_str(), "task": task}), change.number)
}
