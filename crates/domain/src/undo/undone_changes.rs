//! Tells which changes of a log stand, and which were undone.

use std::collections::{BTreeMap, BTreeSet};

use super::LogEntry;
use crate::change_log::ChangeId;

/// The changes that are undone, each with the one that did it. The log is whole, oldest first.
///
/// An undo that was undone has no effect, so the log is walked from the newest change back: nothing has
/// undone that one.
pub fn find_undone<'a>(log: impl DoubleEndedIterator<Item = &'a LogEntry>) -> BTreeMap<ChangeId, ChangeId> {
    let mut undone = BTreeMap::new();
    for entry in log.rev() {
        if !undone.contains_key(&entry.id) {
            for target in &entry.undoes {
                undone.entry(*target).or_insert(entry.id);
            }
        }
    }
    undone
}

/// What of `window`, a part of a log up to its end, has changed something: all but the pairs of
/// changes of which one has taken the other back. The log is that of one task, oldest first.
pub(super) fn changes_in_effect(window: &[&LogEntry]) -> Vec<ChangeId> {
    let within: BTreeSet<ChangeId> = window.iter().map(|entry| entry.id).collect();
    let mut gone = BTreeSet::new();
    for entry in window.iter().rev() {
        let is_pair = !entry.undoes.is_empty()
            && !gone.contains(&entry.id)
            && entry.undoes.iter().all(|target| within.contains(target) && !gone.contains(target));
        if is_pair {
            gone.insert(entry.id);
            gone.extend(&entry.undoes);
        }
    }
    window.iter().map(|entry| entry.id).filter(|id| !gone.contains(id)).collect()
}
