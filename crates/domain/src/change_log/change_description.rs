//! A change in words, for a model that tells a person.

use super::{ChangeKind, LoggedChange};
use crate::{
    due::Due,
    repeat::Repeat,
    text_truncation::truncate,
    time_zone::LocalNow,
    todo::{Todo, TodoDescription},
};

/// The most characters of an old title in the words of a change.
const MAX_TITLE: usize = 60;

impl LoggedChange {
    /// What was changed in the task, in a few words; nothing where the kind says it all.
    pub fn details(&self, local: LocalNow) -> Option<String> {
        let (Some(before), Some(after)) = (&self.before, &self.after) else { return None };
        if self.kind() == ChangeKind::Repeated {
            return after.due.map(|due| format!("next {}", due.in_words(local.today())));
        }
        let details = differences(before, after, local);
        (!details.is_empty()).then(|| details.join(", "))
    }
}

fn differences(before: &Todo, after: &Todo, local: LocalNow) -> Vec<String> {
    let mut details = Vec::new();
    if before.title != after.title {
        details.push(format!("was called '{}'", truncate(before.title.as_str(), MAX_TITLE)));
    }
    if before.due != after.due {
        details.push(match (before.due, after.due) {
            (Some(due), None) => format!("no longer due {}", due.in_words(local.today())),
            (None, Some(due)) => format!("due {}", due.in_words(local.today())),
            (before, after) => {
                let words = |due: Option<Due>| due.map(|due| due.in_words(local.today())).unwrap_or_default();
                format!("due {} instead of {}", words(after), words(before))
            }
        });
    }
    if before.priority != after.priority {
        details.push(format!("priority {} instead of {}", after.priority.as_str(), before.priority.as_str()));
    }
    if before.tags != after.tags {
        let tags = after.tags.as_slice().join(", ");
        details.push(if tags.is_empty() { "no tags".to_owned() } else { format!("tags {tags}") });
    }
    if before.repeat != after.repeat {
        details.push(after.repeat.map_or("no longer repeats".to_owned(), Repeat::in_words));
    }
    if before.parent != after.parent {
        details.push(match (before.parent, after.parent) {
            (Some(parent), None) => format!("no longer a part of task {parent}"),
            (_, parent) => parent.map(|parent| format!("now a part of task {parent}")).unwrap_or_default(),
        });
    }
    if before.position != after.position {
        details.push("moved in the list".to_owned());
    }
    let text = |todo: &Todo| todo.description.as_ref().map(TodoDescription::as_str).map(str::to_owned);
    if text(before) != text(after) {
        details.push(match after.description {
            Some(_) => "another description".to_owned(),
            None => "no description".to_owned(),
        });
    }
    details
}
