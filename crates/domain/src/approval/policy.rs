//! The limits of what a turn may change before the person is asked.

use std::collections::HashSet;

use super::AskReason;
use crate::{
    message::ExecutedCall,
    todo_command::{TaskChange, TodoChange, TodoCommand},
    tool::{EffectKind, UNDO_REPLACED, effects_of},
};

/// The most tasks that a turn deletes without a question.
pub const MAX_DELETED_WITHOUT_APPROVAL: usize = 3;

/// The most tasks that a turn changes, deleted ones included, without a question. What it adds does not
/// count: nothing is lost by it.
pub const MAX_CHANGED_WITHOUT_APPROVAL: usize = 10;

/// What a turn has done to tasks that were there, and what it is about to do.
#[derive(Debug, Clone, Default)]
pub struct TurnCounts {
    deletes: usize,
    changed: HashSet<Touched>,
}

/// A task that is changed, by what the call names it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Touched {
    Number(i64),
    Title(String),
}

impl TurnCounts {
    /// Counts what calls have done.
    #[must_use]
    pub fn with_done<'a>(mut self, done: impl IntoIterator<Item = &'a ExecutedCall>) -> Self {
        // What another answer took back was asked for by the person.
        let asked_for = done.into_iter().filter(|call| call.tool != UNDO_REPLACED);
        for effect in asked_for.flat_map(effects_of) {
            self.deletes += usize::from(effect.kind == EffectKind::Deleted);
            if effect.kind != EffectKind::Added {
                self.changed.insert(Touched::Number(effect.number));
            }
        }
        self
    }

    /// Counts what commands will do.
    #[must_use]
    pub fn with_planned<'a>(mut self, planned: impl IntoIterator<Item = &'a TodoCommand>) -> Self {
        for command in planned {
            self.deletes += deletes(command);
            self.changed.extend(touched(command));
        }
        self
    }

    /// Why this command, on top of what was counted, needs the person's yes; `None` when it does not.
    pub fn ask_reason(&self, command: &TodoCommand, may_change_tasks: bool) -> Option<AskReason> {
        if !may_change_tasks && command.changes_the_list() {
            return Some(AskReason::NotAllowed);
        }
        self.is_exceeded_by(command).then_some(AskReason::ApprovalThresholdExceeded)
    }

    fn is_exceeded_by(&self, command: &TodoCommand) -> bool {
        let (deletes, touched) = (deletes(command), touched(command));
        if touched.is_empty() {
            return false;
        }
        let changed = self.changed.len() + touched.iter().filter(|task| !self.changed.contains(task)).count();
        (deletes > 0 && self.deletes + deletes > MAX_DELETED_WITHOUT_APPROVAL)
            || changed > MAX_CHANGED_WITHOUT_APPROVAL
    }
}

/// How many tasks a command deletes.
fn deletes(command: &TodoCommand) -> usize {
    match command {
        TodoCommand::Change(TodoChange::Delete(..)) | TodoCommand::ChangeTitled(_, TaskChange::Delete) => 1,
        TodoCommand::ChangeMany(numbers, TaskChange::Delete) => numbers.len(),
        TodoCommand::ChangeSeen(seen, TaskChange::Delete) => seen.len(),
        _ => 0,
    }
}

/// Which existing tasks a command changes.
fn touched(command: &TodoCommand) -> Vec<Touched> {
    match command {
        TodoCommand::ChangeTitled(title, _) => vec![Touched::Title(title.as_str().to_lowercase())],
        command => super::named_tasks(command).into_iter().map(|number| Touched::Number(number.0)).collect(),
    }
}
