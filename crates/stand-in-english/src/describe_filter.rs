//! Describes a filter in words: which part of the list is meant.

use super::filter::{Filter, Status};

/// Says that a part of the list is empty.
pub(crate) fn none_of(filter: &Filter) -> String {
    match (&filter.about, &filter.done_since, filter.status) {
        (Some(about), ..) => format!("I found no task about '{about}'."),
        (None, Some(since), _) => format!("You have completed no tasks {}.", since_words(since)),
        (None, None, Status::All) if !filter.is_narrow() => "Your task list is empty.".to_owned(),
        _ => format!("You have no {}tasks{}.", state(filter), narrowed(filter)),
    }
}

/// "Open", where only that is listed.
pub(crate) fn state(filter: &Filter) -> &'static str {
    match filter.status {
        Status::All => "",
        Status::Pending => "open ",
        Status::Completed => "completed ",
    }
}

/// "Due today", "with high priority", "tagged 'home'", "under task 3"
pub(crate) fn narrowed(filter: &Filter) -> String {
    let due = filter.due.as_ref().map(|due| format!(" {}", due.words));
    let priority = filter.priority.map(|priority| format!(" with {priority} priority"));
    let tag = filter.tag.as_ref().map(|tag| format!(" tagged '{tag}'"));
    let parent = filter.parent.map(|parent| format!(" under task {parent}"));
    [due, priority, tag, parent].into_iter().flatten().collect()
}

/// What was done since yesterday may have been done today.
pub(crate) fn since_words(since: &str) -> String {
    let is_span = since == "today" || since.starts_with("this ") || since.starts_with("since ");
    if is_span { since.to_owned() } else { format!("since {}", since.strip_prefix("on ").unwrap_or(since)) }
}
