//! Plans an undo: what each task becomes, or the conflicts that stand against it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Conflict, ConflictReason, InverseWrite, LogEntry, UndoError, UndoFacts, UndoPlan, UndoneBy,
    undone_changes,
};
use crate::{
    change_log::{ChangeId, LoggedChange},
    todo::{TaskNumber, Todo},
};

/// Stands for the change that is being written: later than all that are on record.
const THIS_ONE: ChangeId = ChangeId(i64::MAX);

/// Decides what is written to take the changes back that are asked for. Tasks that were changed since
/// are left out when `skip_conflicts`, and block all of it otherwise.
///
/// # Errors
/// Why nothing is to be written.
pub fn decide(facts: &UndoFacts, skip_conflicts: bool) -> Result<UndoPlan, UndoError<ChangeId>> {
    let undone = undone_changes::find_undone(facts.log.iter());
    let asked: BTreeSet<ChangeId> = facts.asked.iter().map(|change| change.id).collect();
    let mut was_undone = false;
    let mut of_tasks: BTreeMap<TaskNumber, Vec<&LoggedChange>> = BTreeMap::new();
    for change in &facts.asked {
        // What a turn did and took back by itself is as if it had not been done.
        let is_inner = !change.undoes.is_empty() && change.undoes.iter().all(|id| asked.contains(id));
        let is_undone = undone.contains_key(&change.id);
        was_undone |= is_undone;
        if !is_inner && !is_undone {
            of_tasks.entry(change.number).or_default().push(change);
        }
    }
    let (mut writes, mut left_out) = (Vec::new(), Vec::new());
    for (number, changes) in &of_tasks {
        let log: Vec<&LogEntry> = facts.log.iter().filter(|entry| entry.number == *number).collect();
        match task(changes, &log, facts.present.get(number)) {
            Ok(write) => writes.extend(write),
            Err(conflict) => left_out.push(conflict),
        }
    }
    match (writes.is_empty(), left_out.is_empty()) {
        (true, true) if was_undone => Err(UndoError::AlreadyUndone),
        (true, true) => Err(UndoError::NothingToUndo),
        (false, _) if left_out.is_empty() || skip_conflicts => Ok(UndoPlan { writes, left_out }),
        _ => Err(UndoError::Conflict(left_out)),
    }
}

/// Decides about one task, whose changes are oldest first. Several fold into one: what was there
/// before the first of them. Nothing is written for a task that they added and deleted again.
fn task(
    changes: &[&LoggedChange],
    log: &[&LogEntry],
    present: Option<&Todo>,
) -> Result<Option<InverseWrite>, Conflict<ChangeId>> {
    let (Some(first), Some(last)) = (changes.first(), changes.last()) else { return Ok(None) };
    let undoes: Vec<ChangeId> = changes.iter().map(|change| change.id).collect();
    let window: Vec<&LogEntry> =
        log.iter().filter(|entry| entry.id > first.id && !undoes.contains(&entry.id)).copied().collect();
    let since = undone_changes::changes_in_effect(&window).last().copied();
    if since.is_some() || !(is_as_logged(log.last().copied(), present) || was_only_freed(last, log, present))
    {
        return Err(Conflict {
            number: first.number,
            title: present.map_or_else(|| last.title(), |todo| todo.title.as_str()).to_owned(),
            reason: match present {
                None => ConflictReason::Deleted,
                Some(_) if last.after.is_none() => ConflictReason::Restored,
                Some(_) => ConflictReason::Changed,
            },
            since,
        });
    }
    if first.before.is_none() && present.is_none() {
        return Ok(None);
    }
    let revision =
        log.last().map_or(0, |entry| entry.revision).max(present.map_or(0, |todo| todo.revision)) + 1;
    let was_moved =
        first.before.as_ref().map(|todo| todo.position) != last.after.as_ref().map(|todo| todo.position);
    // Moved only to make room for another task: keep the position.
    let position = |todo: &Todo| present.filter(|_| !was_moved).map_or(todo.position, |now| now.position);
    let becomes = |todo: Todo| Todo { revision, position: position(&todo), ..todo };
    Ok(Some(InverseWrite {
        number: first.number,
        becomes: first.before.clone().map(becomes),
        source: first.id,
        marks: marks(log, &undoes),
        undoes,
    }))
}

/// Whether a task is what the last change on record has left. What is not on record would be
/// overwritten otherwise.
fn is_as_logged(last: Option<&LogEntry>, present: Option<&Todo>) -> bool {
    match (last, present) {
        (Some(last), Some(todo)) => !last.deletes && last.revision == todo.revision,
        (Some(last), None) => last.deletes,
        (None, _) => false,
    }
}

/// Whether all that has become of a task since `last`, the newest change of it, is that the task above it
/// went by an undo, which frees it without a record.
fn was_only_freed(last: &LoggedChange, log: &[&LogEntry], present: Option<&Todo>) -> bool {
    let is_newest = log.last().is_some_and(|entry| entry.id == last.id);
    let (Some(after), Some(now)) = (last.after.as_ref().filter(|_| is_newest), present) else { return false };
    let Todo { parent, open_subtasks, position, revision, updated_at, .. } = now.clone();
    parent.is_none()
        && after.parent.is_some()
        && *now == Todo { parent, open_subtasks, position, revision, updated_at, ..after.clone() }
}

/// Whose mark changes by one more change that takes `undoes` back.
fn marks(log: &[&LogEntry], undoes: &[ChangeId]) -> Vec<(ChangeId, UndoneBy)> {
    let before = undone_changes::find_undone(log.iter().copied());
    let new = LogEntry {
        id: THIS_ONE,
        number: TaskNumber(0),
        revision: 0,
        deletes: false,
        undoes: undoes.to_vec(),
    };
    let after = undone_changes::find_undone(log.iter().copied().chain([&new]));
    let changed = log.iter().filter(|entry| before.get(&entry.id) != after.get(&entry.id));
    let mark = |entry: &&LogEntry| match after.get(&entry.id) {
        Some(&THIS_ONE) => UndoneBy::ThisOne,
        Some(&earlier) => UndoneBy::Earlier(earlier),
        None => UndoneBy::Nobody,
    };
    changed.map(|entry| (entry.id, mark(entry))).collect()
}
