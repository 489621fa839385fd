//! The tasks or the undo that a waiting call is about, bound to how they were when the person was asked.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{Approval, ApprovalTask, MAX_TITLE_CHARACTERS, TargetState};
use crate::{
    change_log::{ChangeId, LoggedChange},
    text_truncation::truncate,
    todo::{TaskNumber, Todo},
    todo_command::{TodoChange, TodoCommand},
    todo_outcome::{TodoError, TodoOutcome},
    tool::ToolKind,
    turn_and_conversation_ids::TurnId,
    undo::{UndoError, UndoTarget},
};

/// The arguments of a call that waits and the tasks that it is about, with their revisions.
#[derive(Debug, Clone, PartialEq)]
pub struct ApprovalTarget {
    /// The arguments, which name what is meant now.
    pub arguments: Map<String, Value>,
    /// The tasks.
    pub tasks: Vec<ApprovalTask>,
    /// Their revisions, in the same order; 0 for one that is not there.
    pub revisions: Vec<i64>,
}

impl ApprovalTarget {
    /// A call about those of these tasks that are there, in the order in which they were named.
    pub fn for_tasks(arguments: &Map<String, Value>, numbers: &[TaskNumber], todos: &[Todo]) -> Self {
        let found = numbers.iter().filter_map(|number| todos.iter().find(|todo| todo.number == *number));
        let (tasks, revisions) = found.map(|todo| (ApprovalTask::of(todo), todo.revision)).unzip();
        Self { arguments: arguments.clone(), tasks, revisions }
    }

    /// A call that takes these changes back, which are all of the target. Its tasks need not be there.
    pub fn for_undo(target: UndoTarget, changes: &[LoggedChange], todos: &[Todo]) -> Self {
        let titles: BTreeMap<TaskNumber, &str> =
            changes.iter().map(|change| (change.number, change.title())).collect();
        let about = |(number, title): (TaskNumber, &str)| {
            let todo = todos.iter().find(|todo| todo.number == number);
            let title = todo.map_or(title, |todo| todo.title.as_str());
            let task = ApprovalTask { number, title: truncate(title, MAX_TITLE_CHARACTERS) };
            (task, todo.map_or(0, |todo| todo.revision))
        };
        let (tasks, revisions) = titles.into_iter().map(about).unzip();
        Self { arguments: undo_arguments(target), tasks, revisions }
    }
}

/// The arguments that name what is to be undone, whatever is done later.
fn undo_arguments(target: UndoTarget) -> Map<String, Value> {
    let named = match target {
        UndoTarget::Turn(TurnId(id)) => Some(("turn_id", json!(id))),
        UndoTarget::Change(id) => Some(("change_id", json!(id))),
        UndoTarget::Last => None,
    };
    named.into_iter().map(|(name, id)| (name.to_owned(), id)).collect()
}

/// What these arguments name.
fn undo_target(arguments: &Map<String, Value>) -> Option<UndoTarget> {
    let turn = arguments.get("turn_id").and_then(Value::as_str).and_then(|id| Uuid::try_parse(id).ok());
    let change = arguments.get("change_id").and_then(Value::as_i64).map(ChangeId);
    turn.map(TurnId).map(UndoTarget::Turn).or(change.map(UndoTarget::Change))
}

impl Approval {
    /// What a yes undoes, when that is what was asked.
    pub fn undo_target(&self) -> Option<UndoTarget> {
        let is_undo = ToolKind::from_name(&self.question.tool) == Some(ToolKind::UndoLast);
        undo_target(&self.question.arguments).filter(|_| is_undo)
    }

    /// The tasks of the question.
    pub fn numbers(&self) -> Vec<TaskNumber> {
        self.question.tasks.iter().map(|task| task.number).collect()
    }

    /// How what it is about stands. It is about these tasks now, or what it would take back cannot be;
    /// `todos` are the tasks that are there.
    pub fn target_state(&self, numbers: &Result<Vec<TaskNumber>, UndoError>, todos: &[Todo]) -> TargetState {
        let revision =
            |number| todos.iter().find(|todo| todo.number == number).map_or(0, |todo| todo.revision);
        let mut asked = self.question.tasks.iter().zip(&self.revisions);
        match numbers {
            Err(UndoError::StillRunning) => TargetState::StillRunning,
            Ok(numbers)
                if self.numbers() == *numbers
                    && asked.all(|(task, asked)| revision(task.number) == *asked) =>
            {
                TargetState::Unchanged
            }
            // What is not on record any more cannot be undone either.
            Ok(_) | Err(_) => TargetState::Changed,
        }
    }
}

/// Which existing tasks a command is about, as far as it names them.
pub fn named_tasks(command: &TodoCommand) -> Vec<TaskNumber> {
    match command {
        TodoCommand::Change(change) => change.number().into_iter().collect(),
        TodoCommand::ChangeMany(numbers, _) => numbers.clone(),
        TodoCommand::ChangeSeen(seen, _) => seen.iter().map(|task| task.number).collect(),
        _ => Vec::new(),
    }
}

/// Checks that the tasks of a command are as they were when its person saw them, where it says how that was:
/// a yes would be to what is not in the question.
///
/// # Errors
/// When one of them was changed since.
pub fn check_seen(command: &TodoCommand, todos: &[Todo]) -> Result<(), TodoError> {
    let TodoCommand::ChangeSeen(seen, _) = command else { return Ok(()) };
    let is_stale = |todo: &&Todo| {
        seen.iter().any(|task| {
            task.number == todo.number && task.revision.is_some_and(|revision| revision != todo.revision)
        })
    };
    todos.iter().find(is_stale).map_or(Ok(()), |todo| Err(TodoError::Changed(Box::new(todo.clone()))))
}

/// What comes of a command about tasks of these numbers, none of which is there.
///
/// # Errors
/// Of a command about one task: there is no such task.
pub fn outcome_without_tasks(
    command: &TodoCommand,
    numbers: &[TaskNumber],
) -> Result<TodoOutcome, TodoError> {
    let missing = |number: &TaskNumber| (*number, Err(TodoError::NoSuchTask(*number)));
    match command.names_several_tasks() {
        true => Ok(TodoOutcome::ChangedMany(numbers.iter().map(missing).collect())),
        false => {
            Err(numbers.first().map_or(TodoError::NoTaskTitled, |number| TodoError::NoSuchTask(*number)))
        }
    }
}

/// Whether a command is about tasks that are there already.
pub fn is_about_existing_tasks(command: &TodoCommand) -> bool {
    !matches!(command, TodoCommand::Change(TodoChange::Add(_)))
}

/// Whether these arguments, which the person was shown, are those of the question.
pub fn arguments_match(tool: &str, asked: &Map<String, Value>, shown: &Map<String, Value>) -> bool {
    if ToolKind::from_name(tool) == Some(ToolKind::UndoLast) {
        // A model says nothing by the arguments of its call, and a client shows them as they are.
        return undo_target(shown).is_none_or(|target| undo_target(asked) == Some(target));
    }
    are_same(asked, shown)
}

/// Whether two arguments mean the same. What went through JavaScript has lost whether a number had a
/// decimal point.
fn are_same(one: &Map<String, Value>, other: &Map<String, Value>) -> bool {
    fn is_same(one: &Value, other: &Value) -> bool {
        match (one, other) {
            (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
            (Value::Array(one), Value::Array(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
            }
            (Value::Object(one), Value::Object(other)) => are_same(one, other),
            _ => one == other,
        }
    }
    one.len() == other.len()
        && one.iter().all(|(name, value)| other.get(name).is_some_and(|other| is_same(value, other)))
}
