//! Phrases about parts of tasks. A task that has parts is told by its number.

use super::Phrase;
use crate::{
    filter::{Filter, Status},
    intent::{Change, Intent, Target},
    pattern_matcher::Caught,
    task_reference::target,
    task_title::new_task,
};

pub(crate) const LOOKS: &[Phrase] = &[
    (
        "what|what's|whats is|are? still? left|open|remaining|missing to? do? of|in|for|under|on {task}",
        |caught| parts_of(caught, Status::Pending),
    ),
    (
        "what|what's|whats|which|show|list are|is|me? the|all? open|remaining subtasks|sub-tasks|steps|parts of|in|for|under {task}",
        |caught| parts_of(caught, Status::Pending),
    ),
    (
        "what|what's|whats|which|show|list are|is|me? the|all? subtasks|sub-tasks|steps|parts of|in|for|under {task}",
        |caught| parts_of(caught, Status::All),
    ),
];

pub(crate) const CHANGES: &[Phrase] = &[
    (
        "add|create|make|put a|an|another|one|the? new? subtask|sub-task|step to|called|named|titled|for? {rest}",
        add,
    ),
    (
        "add|create|put|note {title} as a|an|another? new? subtask|sub-task|step|part of|to|for|under {task}",
        add_as,
    ),
    ("make|turn {part} into? a|an? subtask|sub-task|step|part of|under|to {task}", move_under),
    ("put|move {part} under|below|beneath {task}", move_under),
    ("take|move {part} out of {task}", |caught| move_to(caught, None)),
];

/// The number of the one task that is meant.
fn number(text: &str) -> Option<u64> {
    match target(text) {
        Target::Numbers(numbers) if numbers.len() == 1 => numbers.first().copied(),
        _ => None,
    }
}

fn parts_of(caught: &Caught<'_>, status: Status) -> Option<Vec<Intent>> {
    let parent = Some(number(caught.get("task"))?);
    Some(vec![Intent::List(Filter { parent, ..Filter::of(status) })])
}

/// "Buy tickets to task 3", "task 3: buy tickets": the task is named last, or first with a colon.
fn add(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    let rest = caught.get("rest");
    if let Some((task, title)) = rest.split_once(':')
        && let Some(parent) = number(task)
    {
        return added(title, parent);
    }
    let lower = rest.to_ascii_lowercase();
    let between = [" to task ", " under task ", " of task ", " for task ", " in task ", " to #", " under #"];
    let at = between.iter().filter_map(|word| lower.rfind(word)).max()?;
    // Without the word between the two.
    let (_, task) = rest[at + 1..].split_once(' ')?;
    added(&rest[..at], number(task)?)
}

fn add_as(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    added(caught.get("title"), number(caught.get("task"))?)
}

fn added(title: &str, parent: u64) -> Option<Vec<Intent>> {
    let mut new = new_task(title.trim());
    new.details.parent = Some(parent);
    (!new.title.is_empty()).then(|| vec![Intent::Add(new)])
}

fn move_under(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    move_to(caught, Some(number(caught.get("task"))?))
}

fn move_to(caught: &Caught<'_>, parent: Option<u64>) -> Option<Vec<Intent>> {
    number(caught.get("task"))?;
    Some(vec![Intent::Change { target: target(caught.get("part")), change: Change::Parent(parent) }])
}
