//! Finds the tasks that an intent is about, or says why it cannot.

use super::{
    conversation_state::ConversationState,
    describe_filter::none_of,
    filter::Filter,
    intent::{Intent, Status, Target},
    task::Task,
};

/// What became of "the milk one".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    Tasks(Vec<u64>),
    /// Only the list can tell.
    NeedsList,
    /// A sentence for the person: nothing fits, or too much does.
    Not(String),
}

/// Resolves without a look at the list, if that is possible.
pub(crate) fn by_state(target: &Target, state: &ConversationState) -> Found {
    match target {
        Target::Numbers(numbers) => Found::Tasks(numbers.clone()),
        Target::Them if state.shown_last && !state.shown.is_empty() => Found::Tasks(state.shown.clone()),
        Target::Them if !state.focus.is_empty() => Found::Tasks(state.focus.clone()),
        Target::It if state.focus.len() == 1 => Found::Tasks(state.focus.clone()),
        Target::It | Target::Them if state.focus.is_empty() => Found::Not(WHICH.to_owned()),
        Target::Several(count) => several(*count, state),
        Target::Unclear => Found::Not(WHICH.to_owned()),
        Target::It => Found::Not(format!(
            "Which one do you mean: {}?",
            or_list(&state.focus.iter().map(|id| format!("task {id}")).collect::<Vec<_>>())
        )),
        Target::Nth(place) if !state.shown.is_empty() => nth(*place, &state.shown),
        Target::Last if !state.shown.is_empty() => nth(state.shown.len() - 1, &state.shown),
        Target::Them
        | Target::Nth(_)
        | Target::Last
        | Target::Newest
        | Target::Only(_)
        | Target::Every(_)
        | Target::Where(_)
        | Target::Named(_) => Found::NeedsList,
    }
}

/// What is asked when it is not known which task is meant.
const WHICH: &str = "Which task do you mean? Tell me its number or its title.";

/// "Both" are the two that were shown last, or else the two that were changed last.
fn several(count: usize, state: &ConversationState) -> Found {
    let shown = Some(&state.shown).filter(|_| state.shown_last);
    let meant = [shown, Some(&state.focus)].into_iter().flatten().find(|ids| ids.len() == count);
    meant.map_or_else(|| Found::Not(WHICH.to_owned()), |ids| Found::Tasks(ids.clone()))
}

fn nth(place: usize, shown: &[u64]) -> Found {
    let too_few = || {
        let plural = if shown.len() == 1 { "" } else { "s" };
        Found::Not(format!("I have shown only {} task{plural}. {WHICH}", shown.len()))
    };
    shown.get(place).map_or_else(too_few, |id| Found::Tasks(vec![*id]))
}

/// Resolves against the person's whole list, newest first.
pub(crate) fn by_list(intent: &Intent, target: &Target, tasks: &[Task]) -> Found {
    match target {
        Target::Every(status) => every(intent, *status, tasks),
        Target::Where(filter) => all_of(filter, intent, tasks),
        Target::Newest => match tasks.iter().max_by_key(|task| task.id) {
            Some(task) => Found::Tasks(vec![task.id]),
            None => Found::Not(EMPTY_LIST.to_owned()),
        },
        Target::Only(status) => match every(intent, *status, tasks) {
            Found::Tasks(ids) if ids.len() > 1 => Found::Not(WHICH.to_owned()),
            found => found,
        },
        // Nothing was shown in which a place could be counted.
        Target::Nth(_) | Target::Last => match (target, tasks) {
            (_, []) => Found::Not(EMPTY_LIST.to_owned()),
            (Target::Nth(0) | Target::Last, [only]) => Found::Tasks(vec![only.id]),
            _ => Found::Not(WHICH.to_owned()),
        },
        Target::Named(name) => named(intent, name, tasks),
        Target::Numbers(_) | Target::It | Target::Them | Target::Several(_) | Target::Unclear => {
            Found::NeedsList
        }
    }
}

const EMPTY_LIST: &str = "Your task list is empty.";

/// "Everything" leaves out what already is as wished.
fn every(intent: &Intent, status: Status, tasks: &[Task]) -> Found {
    let ids: Vec<u64> = tasks
        .iter()
        .filter(|task| status.holds(task.completed))
        .filter(|task| is_left(intent, task))
        .map(|task| task.id)
        .rev()
        .collect();
    if !ids.is_empty() {
        return Found::Tasks(ids);
    }
    let sentence = match (intent, status) {
        (Intent::Complete { completed: true, .. } | Intent::Change { .. }, _) | (_, Status::Pending) => {
            "You have no open tasks."
        }
        (Intent::Complete { completed: false, .. } | Intent::PutBack(_), _) | (_, Status::Completed) => {
            "You have no completed tasks."
        }
        (_, Status::All) => EMPTY_LIST,
    };
    Found::Not(sentence.to_owned())
}

/// All that a look for some part of the list has found.
fn all_of(filter: &Filter, intent: &Intent, tasks: &[Task]) -> Found {
    let ids: Vec<u64> = tasks.iter().filter(|task| is_left(intent, task)).map(|task| task.id).collect();
    if ids.is_empty() { Found::Not(none_of(filter)) } else { Found::Tasks(ids) }
}

/// Whether a task is not as wished yet.
fn is_left(intent: &Intent, task: &Task) -> bool {
    match intent {
        Intent::Complete { completed, .. } => task.completed != *completed,
        Intent::PutBack(_) => task.completed,
        Intent::Change { .. } => !task.completed,
        _ => true,
    }
}

fn named(intent: &Intent, name: &str, tasks: &[Task]) -> Found {
    match one_named(intent, name, tasks) {
        Found::Not(reason) => several_named(intent, name, tasks).unwrap_or(Found::Not(reason)),
        found => found,
    }
}

/// "Milk and bread" may be two tasks, if it is not one.
fn several_named(intent: &Intent, name: &str, tasks: &[Task]) -> Option<Found> {
    let names: Vec<&str> = name.split(" and ").collect();
    let parts = names.iter().map(|name| match one_named(intent, name.trim(), tasks) {
        Found::Tasks(ids) => Some(ids),
        _ => None,
    });
    let ids: Vec<Vec<u64>> = parts.collect::<Option<_>>()?;
    (names.len() > 1).then(|| Found::Tasks(ids.concat()))
}

fn one_named(intent: &Intent, name: &str, tasks: &[Task]) -> Found {
    let mut fitting: Vec<&Task> = tasks.iter().filter(|task| fits(name, &task.title)).collect();
    let exact = |task: &&Task| plain_words(&task.title) == plain_words(name);
    if fitting.iter().any(exact) {
        fitting.retain(exact);
    }
    if let Intent::Complete { completed, .. } = intent {
        let (left, as_wished): (Vec<&Task>, Vec<&Task>) =
            fitting.iter().copied().partition(|task| task.completed != *completed);
        if let ([], [only]) = (left.as_slice(), as_wished.as_slice()) {
            let state = if *completed { "already done" } else { "not done anyway" };
            return Found::Not(format!("'{}' (task {}) is {state}.", only.title, only.id));
        }
        fitting = left;
    }
    if matches!(intent, Intent::PutBack(_)) {
        if let [first, ..] = fitting.as_slice()
            && fitting.iter().all(|task| !task.completed)
        {
            return Found::Not(format!("'{}' (task {}) is on your list and open.", first.title, first.id));
        }
        fitting.retain(|task| task.completed);
    }
    // What is still to be done is what is planned.
    if matches!(intent, Intent::Change { .. }) && fitting.iter().any(|task| !task.completed) {
        fitting.retain(|task| !task.completed);
    }
    match fitting.as_slice() {
        [] => Found::Not(format!("I see no task on your list that matches '{name}'.")),
        [task] => Found::Tasks(vec![task.id]),
        several => {
            let several: Vec<String> =
                several.iter().rev().map(|task| format!("task {} '{}'", task.id, task.title)).collect();
            Found::Not(format!("Which one do you mean: {}?", or_list(&several)))
        }
    }
}

/// Whether every word of the name stands in the title, give or take an ending.
pub(crate) fn fits(name: &str, title: &str) -> bool {
    let title: Vec<String> = plain_words(title).iter().map(|word| stem(word)).collect();
    let name: Vec<String> = plain_words(name).iter().map(|word| stem(word)).collect();
    let has = |word: &String| {
        title.iter().any(|other| other == word || word.len() > 3 && other.starts_with(word.as_str()))
    };
    !name.is_empty() && name.iter().all(has)
}

fn plain_words(text: &str) -> Vec<String> {
    const EMPTY: &[&str] =
        &["the", "a", "an", "my", "to", "of", "for", "about", "with", "and", "that", "this", "some", "do"];
    let words = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    words.filter(|word| !word.is_empty() && !EMPTY.contains(&word.as_str())).collect()
}

/// "groceries" and "grocery", "calling" and "call" are the same word here.
fn stem(word: &str) -> String {
    if let Some(start) = word.strip_suffix("ies") {
        return format!("{start}y");
    }
    let cut = ["ing", "ed", "es", "s"].iter().find_map(|ending| word.strip_suffix(ending));
    cut.filter(|rest| rest.chars().count() > 2).unwrap_or(word).to_owned()
}

/// Returns what to search for to find what a name may mean: the longest word of each part, without the ending
/// that another form of the word may not have.
pub(crate) fn search_words(name: &str) -> Vec<String> {
    let longest = |part: &str| {
        let word = plain_words(part).into_iter().max_by_key(|word| word.chars().count())?;
        let stem = stem(&word);
        let cut = stem.strip_suffix('y').filter(|rest| rest.chars().count() > 2);
        Some(cut.map_or(stem.clone(), str::to_owned))
    };
    name.split(" and ").filter_map(longest).collect()
}

/// `a, b or c`
pub(crate) fn or_list(items: &[String]) -> String {
    match items {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => items.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_titles_by_their_words() {
        for (name, title, expected) in [
            ("milk", "Buy milk", true),
            ("grocery", "Buy groceries", true),
            ("calling mom", "Call Mom", true),
            ("dentist", "Call the dentists", true),
            ("milk", "Milkshake", true),
            ("oat milk", "Buy milk", false),
            ("bread", "Buy milk", false),
            ("the", "The end", false),
        ] {
            assert_eq!(fits(name, title), expected, "{name} / {title}");
        }
    }
}
