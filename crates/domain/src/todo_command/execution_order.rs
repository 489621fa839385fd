//! In which order the changes of one request are made.

use std::collections::BTreeSet;

use super::TodoChange;
use crate::todo::TaskNumber;

/// The order in which changes are made: as they were given, but of tasks that are deleted side by side
/// subtasks go first. Deleting a task frees its subtasks, which changes them: those that must be as they
/// were seen would be refused for what the same request has done.
#[derive(Debug, PartialEq, Eq)]
pub struct ExecutionOrder(Vec<usize>);

impl ExecutionOrder {
    /// Tasks whose parent/child relation affects the order; none for most requests.
    pub fn depends_on(changes: &[TodoChange]) -> Vec<TaskNumber> {
        let expects = |change: &TodoChange| change.expected_revision().is_some();
        let matters = |run: &&[TodoChange]| is_deletion(&run[0]) && run.len() > 1 && run.iter().any(expects);
        runs(changes).filter(matters).flatten().filter_map(TodoChange::number).collect()
    }

    /// Orders the changes. `subtasks` are those of [`ExecutionOrder::depends_on`] that stand under another
    /// one of them.
    pub fn new(changes: &[TodoChange], subtasks: &BTreeSet<TaskNumber>) -> Self {
        let is_subtask =
            |index: &usize| changes[*index].number().is_some_and(|task| subtasks.contains(&task));
        let mut order = Vec::with_capacity(changes.len());
        for run in runs(changes) {
            let indexes = order.len()..order.len() + run.len();
            if is_deletion(&run[0]) {
                let (first, then): (Vec<usize>, Vec<usize>) = indexes.partition(is_subtask);
                order.extend(first.into_iter().chain(then));
            } else {
                order.extend(indexes);
            }
        }
        Self(order)
    }

    /// What was given, in the order in which it is made.
    pub fn in_execution_order<T: Clone>(&self, given: &[T]) -> Vec<T> {
        self.0.iter().map(|index| given[*index].clone()).collect()
    }

    /// What came of the changes, in the order in which they were given.
    pub fn in_given_order<T>(&self, made: Vec<T>) -> Vec<T> {
        let mut outcomes: Vec<(usize, T)> = self.0.iter().copied().zip(made).collect();
        outcomes.sort_by_key(|(index, _)| *index);
        outcomes.into_iter().map(|(_, outcome)| outcome).collect()
    }
}

/// The changes in pieces: deletions that stand together, and others.
fn runs(changes: &[TodoChange]) -> impl Iterator<Item = &[TodoChange]> {
    changes.chunk_by(|one, next| is_deletion(one) == is_deletion(next))
}

fn is_deletion(change: &TodoChange) -> bool {
    matches!(change, TodoChange::Delete(..))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::todo_command::TodoPatch;

    fn delete(number: i64, revision: Option<i64>) -> TodoChange {
        TodoChange::Delete(TaskNumber(number), revision)
    }

    #[test]
    fn subtasks_are_deleted_before_what_is_deleted_beside_them() {
        let update = TodoChange::Update(TaskNumber(9), TodoPatch::default());
        let changes = [
            delete(1, Some(1)),
            delete(2, Some(1)),
            update.clone(),
            delete(3, None),
            delete(4, Some(2)),
            delete(5, None),
        ];
        let subtasks = [2, 4, 5].map(TaskNumber).into();
        let order = ExecutionOrder::new(&changes, &subtasks);
        assert_eq!(order, ExecutionOrder(vec![1, 0, 2, 4, 5, 3]), "nothing goes past another change");
        assert_eq!(order.in_execution_order(&["a", "b", "c", "d", "e", "f"]), ["b", "a", "c", "e", "f", "d"]);
        assert_eq!(order.in_given_order(order.in_execution_order(&[1, 2, 3, 4, 5, 6])), [1, 2, 3, 4, 5, 6]);
    }

    #[test]
    fn parents_matter_where_tasks_that_were_seen_are_deleted_together() {
        let update = TodoChange::Update(TaskNumber(9), TodoPatch::default());
        let of = |changes: &[TodoChange]| {
            ExecutionOrder::depends_on(changes).into_iter().map(|task| task.0).collect::<Vec<_>>()
        };
        assert_eq!(of(&[delete(1, None), delete(2, Some(1)), update.clone()]), [1, 2]);
        assert!(of(&[delete(1, None), delete(2, None), update.clone(), delete(3, Some(1))]).is_empty());
        assert!(of(&[update.clone(), update]).is_empty());
        assert!(of(&[]).is_empty());
    }
}
