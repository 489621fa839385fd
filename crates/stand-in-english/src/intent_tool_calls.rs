//! The tool calls that carry out an intent.

use serde_json::{Map, Value, json};

use super::{
    chat_request::Chat,
    date_arithmetic::later,
    intent::{Change, Intent},
    task::Task,
};

/// A tool call to make.
pub(crate) type PlannedCall = (&'static str, Value);

/// The most tasks of one call.
const MAX_TASKS: usize = 50;

/// Returns the calls that carry out an intent for these tasks, of which `tasks` may hold more than the
/// number.
pub(crate) fn calls_for_intent(intent: &Intent, ids: &[u64], tasks: &[Task]) -> Vec<PlannedCall> {
    match intent {
        Intent::Add(new) => {
            let mut arguments = Map::new();
            arguments.insert("title".to_owned(), json!(new.title));
            if let Some(description) = &new.description {
                arguments.insert("description".to_owned(), json!(description));
            }
            new.details.fill(&mut arguments);
            vec![("add_task", Value::Object(arguments))]
        }
        Intent::Retitle { title, .. } => each(ids, "update_task", &json!({"title": title})),
        Intent::Describe { description, .. } => {
            each(ids, "update_task", &json!({"description": description}))
        }
        Intent::Complete { completed: true, .. } => together(ids, "complete_task", &json!({})),
        Intent::Complete { .. } => together(ids, "complete_task", &json!({"completed": false})),
        Intent::Delete(_) => together(ids, "delete_task", &json!({})),
        Intent::Change { change, .. } => change_calls(change, ids, tasks),
        Intent::List(_)
        | Intent::Changes(_)
        | Intent::Completions(_)
        | Intent::Show(_)
        | Intent::PutBack(_)
        | Intent::Undo
        | Intent::TakeBack
        | Intent::NeedsTitle(_)
        | Intent::NeedsNewTitle(_)
        | Intent::SmallTalk(_) => Vec::new(),
    }
}

/// What differs from task to task takes several calls.
fn change_calls(change: &Change, ids: &[u64], tasks: &[Task]) -> Vec<PlannedCall> {
    let mut groups: Vec<(Value, Vec<u64>)> = Vec::new();
    for id in ids {
        let arguments = arguments(change, tasks.iter().find(|task| task.id == *id));
        match groups.iter_mut().find(|(known, _)| *known == arguments) {
            Some((_, ids)) => ids.push(*id),
            None => groups.push((arguments, vec![*id])),
        }
    }
    groups.iter().flat_map(|(arguments, ids)| together(ids, "update_task", arguments)).collect()
}

fn arguments(change: &Change, task: Option<&Task>) -> Value {
    match change {
        Change::Due(due) => json!({"due": due}),
        // The server keeps the day, unless that time of it has passed.
        Change::Time(Some(time)) => json!({"due": time.strip_prefix("by ").unwrap_or(time)}),
        Change::Time(None) => {
            let date = task.and_then(|task| task.due.as_deref()).and_then(|due| due.split('T').next());
            json!({"due": date.map(|date| format!("{date} all day"))})
        }
        Change::Postpone(count, unit) => {
            let due = task.and_then(|task| task.due.as_deref());
            // What has no date is put off from today.
            let plural = if *count == 1 { "" } else { "s" };
            let from_today = || format!("in {count} {unit}{plural}");
            json!({"due": due.and_then(|due| later(due, *count, unit)).unwrap_or_else(from_today)})
        }
        Change::Priority(priority) => json!({"priority": priority}),
        Change::AddTags(tags) => json!({"add_tags": tags}),
        Change::RemoveTag(tag) => {
            let tags = task.map(|task| task.tags.clone()).unwrap_or_default();
            let is_other = |other: &String| other.to_lowercase() != tag.to_lowercase();
            json!({"tags": tags.into_iter().filter(is_other).collect::<Vec<_>>()})
        }
        Change::RemoveTags => json!({"tags": []}),
        Change::Repeat(repeat, None) => json!({"repeat": repeat}),
        Change::Repeat(repeat, Some(due)) => json!({"repeat": repeat, "due": due}),
        Change::StopRepeating => json!({"repeat": null}),
        Change::Skip => json!({"skip": true}),
        Change::Parent(parent) => json!({"parent": parent}),
    }
}

fn with_id(arguments: &Value, id: Value) -> Value {
    let mut arguments = arguments.clone();
    arguments["task_id"] = id;
    arguments
}

fn each(ids: &[u64], tool: &'static str, arguments: &Value) -> Vec<PlannedCall> {
    ids.iter().map(|id| (tool, with_id(arguments, json!(id)))).collect()
}

/// One task by its number, several as a list of numbers.
fn together(ids: &[u64], tool: &'static str, arguments: &Value) -> Vec<PlannedCall> {
    let id = |ids: &[u64]| if let [id] = ids { json!(id) } else { json!(ids) };
    ids.chunks(MAX_TASKS).map(|ids| (tool, with_id(arguments, id(ids)))).collect()
}

/// Returns a call for each task when the tool takes only one.
pub(crate) fn one_by_one((tool, arguments): PlannedCall, chat: Chat<'_>) -> Vec<PlannedCall> {
    match arguments.get("task_id").and_then(Value::as_array) {
        Some(ids) if !chat.takes_many(tool) => {
            ids.iter().map(|id| (tool, with_id(&arguments, id.clone()))).collect()
        }
        _ => vec![(tool, arguments)],
    }
}
