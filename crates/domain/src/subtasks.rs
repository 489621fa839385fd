//! Subtasks: a task may stand under another one, and nothing under that.

use crate::{text_validation::FieldError, todo::TaskNumber};

/// What a list says about a task that shall stand under another one, and about that one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParentFacts {
    /// The other one, when it is there: under which task it stands itself.
    pub parent: Option<Option<TaskNumber>>,
    /// Whether tasks stand under the first one.
    pub has_subtasks: bool,
}

/// Checks that `task`, or a new one, may stand under `parent`.
///
/// # Errors
/// With a sentence that says why not.
pub fn check(task: Option<TaskNumber>, parent: TaskNumber, facts: ParentFacts) -> Result<(), FieldError> {
    let refuse = |message: String| Err(FieldError::new("parent_id", message));
    match facts.parent {
        _ if task == Some(parent) => refuse(format!("Task {parent} cannot be a subtask of itself.")),
        None => refuse(format!("There is no task {parent} that could have subtasks.")),
        Some(Some(above)) => refuse(format!(
            "Task {parent} is a subtask of task {above}, and subtasks have no subtasks of their own."
        )),
        Some(None) => match task {
            Some(task) if facts.has_subtasks => {
                refuse(format!("Task {task} has subtasks, so it cannot become one itself."))
            }
            _ => Ok(()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_stands_under_one_that_stands_under_none() {
        let (one, two, three) = (TaskNumber(1), TaskNumber(2), TaskNumber(3));
        let top = ParentFacts { parent: Some(None), has_subtasks: false };
        let below = ParentFacts { parent: Some(Some(three)), ..top };
        let missing = ParentFacts { parent: None, ..top };
        let above = ParentFacts { has_subtasks: true, ..top };
        for (task, facts, said) in [
            (None, top, None),
            (Some(one), top, None),
            (None, below, Some("subtask of task 3")),
            (Some(one), below, Some("subtask of task 3")),
            (None, missing, Some("no task 2")),
            (Some(one), above, Some("Task 1 has subtasks")),
            (Some(two), top, Some("of itself")),
        ] {
            match (check(task, two, facts), said) {
                (Ok(()), None) => {}
                (Err(error), Some(said)) => {
                    assert_eq!(error.field, "parent_id");
                    assert!(error.message.contains(said), "{}", error.message);
                }
                other => panic!("{task:?} {facts:?}: {other:?}"),
            }
        }
    }
}
