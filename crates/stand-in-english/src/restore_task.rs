//! "Put the milk back": what is done becomes open again, what was deleted is added again.

use super::{
    conversation_state::{CompletedCall, ConversationState},
    find_task::fits,
    intent::{Intent, NewTask, Status, Target},
    priority_words::rank,
    task::Task,
    task_attributes::TaskAttributes,
};

/// Returns the intents that put "it" back: what the last change took off the list.
pub(crate) fn restore_last(state: &ConversationState) -> Option<Vec<Intent>> {
    let last = state.last_change.as_ref()?;
    let tasks = CompletedCall::changed(last);
    if tasks.is_empty() {
        return None;
    }
    Some(match last.tool.as_str() {
        "delete_task" => tasks.iter().map(again).collect(),
        _ => {
            let target = Target::Numbers(tasks.iter().map(|task| task.id).collect());
            vec![Intent::Complete { target, completed: false }]
        }
    })
}

/// Whether the last turn with changes deleted just what is meant, and did nothing else: then it is undone.
pub(crate) fn was_deleted_last(target: &Target, state: &ConversationState) -> bool {
    let deleted_last = &state.deleted[state.deleted.len().saturating_sub(state.deleted_last)..];
    let is_meant = match target {
        Target::It | Target::Them | Target::Every(Status::All) => state.deleted_last > 0,
        Target::Several(count) => state.deleted_last == *count,
        Target::Numbers(ids) => {
            ids.len() == deleted_last.len() && deleted_last.iter().all(|task| ids.contains(&task.id))
        }
        Target::Named(name) => {
            state.deleted_last == 1 && state.deleted.last().is_some_and(|task| fits(name, &task.title))
        }
        _ => false,
    };
    is_meant && !state.changed_others
}

/// Returns the intent to add a task again that was deleted in this conversation, when that is what is wanted.
pub(crate) fn add_again(intent: &Intent, deleted: &[Task]) -> Option<Intent> {
    let Intent::PutBack(Target::Named(name)) = intent else { return None };
    deleted.iter().rev().find(|task| fits(name, &task.title)).map(again)
}

fn again(task: &Task) -> Intent {
    Intent::Add(NewTask {
        title: task.title.clone(),
        description: task.description.clone(),
        details: TaskAttributes {
            due: task.due.clone(),
            repeat: task.repeat.clone(),
            priority: task.priority.as_deref().and_then(rank),
            tags: task.tags.clone(),
            parent: task.parent,
        },
    })
}
