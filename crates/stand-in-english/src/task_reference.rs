//! Finds out which task is meant by "task 2", "it", "the milk one", "all completed".

use super::{
    filter::meant,
    intent::{Status, Target},
    pattern_matcher::{NUMBERS, words},
};

const ORDINALS: &[(&str, usize)] = &[
    ("first", 0),
    ("1st", 0),
    ("second", 1),
    ("2nd", 1),
    ("third", 2),
    ("3rd", 2),
    ("fourth", 3),
    ("fifth", 4),
];

/// Words that say nothing about which task is meant.
const FILLERS: &[&str] = &[
    "the",
    "a",
    "an",
    "my",
    "our",
    "your",
    "this",
    "that",
    "of",
    "task",
    "tasks",
    "todo",
    "todos",
    "to-do",
    "to-dos",
    "item",
    "items",
    "reminder",
    "reminders",
    "one",
    "ones",
    "number",
    "no",
    "nr",
    "entry",
    "called",
    "named",
    "titled",
    "about",
];

/// Returns which task the words mean; whatever is no pronoun or number is a name.
pub(crate) fn target(text: &str) -> Target {
    let all: Vec<String> = words(text).into_iter().map(|word| word.plain).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let quoted = text.trim().starts_with(['"', '“', '\'', '‘']);
    if quoted {
        return Target::Named(all.join(" "));
    }
    let with_place = words(text);
    pronoun(&all)
        .or_else(|| meant(text, &with_place).map(Target::Where))
        .or_else(|| numbers(&all))
        .or_else(|| every(&all))
        .or_else(|| ordinal(&all))
        .unwrap_or_else(|| Target::Named(name(&all)))
}

fn pronoun(all: &[&str]) -> Option<Target> {
    match all {
        ["it"] | ["that"] | ["this"] | ["that" | "this" | "the", "one" | "task" | "todo" | "item"] => {
            Some(Target::It)
        }
        ["the" | "my", "other"] | ["the" | "my", "other", "one" | "task" | "todo" | "to-do" | "item"] => {
            Some(Target::Unclear)
        }
        ["both"] | ["both", "of", "them" | "these" | "those"] => Some(Target::Several(2)),
        ["all", count @ ("two" | "three" | "four" | "five")] => {
            NUMBERS.iter().position(|number| number == count).map(Target::Several)
        }
        ["them"] | ["these"] | ["those"] | ["they"] => Some(Target::Them),
        ["these" | "those", "tasks" | "todos" | "items" | "ones"] => Some(Target::Them),
        ["all" | "each", "of", "them" | "these" | "those"] => Some(Target::Them),
        ["all", "these" | "those"] | ["them", "all"] => Some(Target::Them),
        _ => None,
    }
}

/// Numbers count only when nothing else is said: "buy 2 eggs" is a name.
fn numbers(all: &[&str]) -> Option<Target> {
    const BESIDE: &[&str] =
        &["task", "tasks", "todo", "todos", "number", "no", "nr", "item", "items", "the", "my", "and", "&"];
    let mut found = Vec::new();
    // "one" is a number in "task one", and none in "the one".
    let named = all.iter().any(|word| ["task", "tasks", "number", "todo", "item"].contains(word));
    for word in all.iter().flat_map(|word| word.split(',')).filter(|word| !BESIDE.contains(word)) {
        let digits = word.trim_start_matches('#').trim_end_matches("'s");
        let spelled = || NUMBERS.iter().position(|number| named && *number == word);
        found.push(digits.parse().ok().or_else(|| spelled().map(|number| number as u64))?);
    }
    (!found.is_empty()).then_some(Target::Numbers(found))
}

fn every(all: &[&str]) -> Option<Target> {
    const WHOLE: &[&str] = &["everything", "all", "every", "each", "list", "tasks", "todos", "ones", "stuff"];
    const DONE: &[&str] = &["completed", "done", "finished", "complete", "checked", "closed"];
    const OPEN: &[&str] =
        &["open", "pending", "remaining", "unfinished", "incomplete", "uncompleted", "left", "rest", "other"];
    const BESIDE: &[&str] = &[
        "of", "the", "my", "on", "in", "todo", "to-do", "task", "single", "already", "that", "are", "i",
        "have", "which", "is", "items", "still", "entire", "whole", "from",
    ];
    let known = |word: &&str| [WHOLE, DONE, OPEN, BESIDE].iter().any(|list| list.contains(word));
    let has = |list: &[&str]| all.iter().any(|word| list.contains(word));
    if all.is_empty() || !all.iter().all(known) {
        return None;
    }
    let status = match (has(DONE), has(OPEN), has(WHOLE)) {
        (true, false, _) => Status::Completed,
        (false, true, _) => Status::Pending,
        (false, false, true) => Status::All,
        _ => return None,
    };
    // "The open task" is one, and "the open ones" are all.
    let is_one = has(&["task", "todo", "to-do"]) && !has(WHOLE) && !has(&["items"]);
    Some(if is_one { Target::Only(status) } else { Target::Every(status) })
}

fn ordinal(all: &[&str]) -> Option<Target> {
    let meaning: Vec<&str> = all.iter().copied().filter(|word| !FILLERS.contains(word)).collect();
    let [word] = meaning.as_slice() else { return None };
    match *word {
        "last" => return Some(Target::Last),
        "latest" | "newest" | "recent" => return Some(Target::Newest),
        _ => {}
    }
    ORDINALS.iter().find(|(known, _)| known == word).map(|(_, place)| Target::Nth(*place))
}

/// Drops "the … one" and "task" around a name, but never everything.
fn name(all: &[&str]) -> String {
    let is_filler = |word: &&str| FILLERS.contains(word);
    let start = all.iter().position(|word| !is_filler(word)).unwrap_or(0);
    let end = all.iter().rposition(|word| !is_filler(word)).map_or(all.len(), |last| last + 1);
    all[start..end].join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_are_meant_in_many_ways() {
        let named = |name: &str| Target::Named(name.to_owned());
        for (said, expected) in [
            ("task 1", Target::Numbers(vec![1])),
            ("#12", Target::Numbers(vec![12])),
            ("number two", Target::Numbers(vec![2])),
            ("tasks 1, 2 and 3", Target::Numbers(vec![1, 2, 3])),
            ("it", Target::It),
            ("That one.", Target::It),
            ("both of them", Target::Several(2)),
            ("the milk one", named("milk")),
            ("the task about the dentist", named("dentist")),
            ("buy 2 eggs", named("buy 2 eggs")),
            ("\"it\"", named("it")),
            ("the first one", Target::Nth(0)),
            ("the last task", Target::Last),
            ("all completed", Target::Every(Status::Completed)),
            ("all of my completed tasks", Target::Every(Status::Completed)),
            ("the finished ones", Target::Every(Status::Completed)),
            ("everything", Target::Every(Status::All)),
            ("my list", Target::Every(Status::All)),
            ("every open task", Target::Every(Status::Pending)),
            ("my", named("my")),
        ] {
            assert_eq!(target(said), expected, "{said}");
        }
    }
}
