//! Recognises requests to see the list; people word them in too many ways for
//! patterns, so this looks at how a sentence begins and what it speaks of.

use super::{
    filter::Filter,
    intent::{Intent, Status},
    list_request_words::{is_obligation, speaks_of_time},
};

const BEGINNINGS: &[&str] = &[
    "show",
    "list",
    "display",
    "view",
    "see",
    "what",
    "what's",
    "whats",
    "which",
    "how many",
    "do i have",
    "have i",
    "is there",
    "are there",
    "any",
    "anything",
    "give me",
    "tell me",
    "read",
    "print",
    "get my",
    "get me",
    "get all",
    "get the",
    "fetch",
    "let me see",
    "i want to see",
    "remind me what",
    "remind me which",
    "remind me of my",
    "go through",
    "where are",
    "where is",
    "check my",
];

const NOUNS: &[&str] = &[
    "task",
    "tasks",
    "todo",
    "todos",
    "to-do",
    "to-dos",
    "list",
    "things",
    "items",
    "reminders",
    "everything",
    "stuff",
    "work",
];

const OPEN: &[&str] = &[
    "left",
    "open",
    "pending",
    "remaining",
    "remain",
    "remains",
    "outstanding",
    "unfinished",
    "incomplete",
    "undone",
    "next",
    "still",
    "due",
    "uncompleted",
];

const DONE: &[&str] = &["done", "completed", "finished", "complete", "finish", "accomplished", "checked"];

const SMALL: &[&str] = &[
    "my", "all", "the", "of", "current", "so", "far", "please", "again", "and", "me", "full", "whole", "now",
];

/// Returns the intent to see the list, or a part of it, in these plain words.
pub(crate) fn listing(words: &[&str]) -> Option<Intent> {
    let has = |list: &[&str]| words.iter().any(|word| list.contains(word));
    let sentence = words.join(" ");
    let begins = BEGINNINGS.iter().any(|beginning| {
        sentence.strip_prefix(beginning).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    });
    let to_do =
        sentence.ends_with("to do") || sentence.contains("to do ") || sentence.contains("should i do");
    // "The complete list" is the whole one; "complete all tasks" is an order.
    let is_whole = words.windows(2).any(|pair| pair == ["complete", "list"]);
    let orders = !is_whole && matches!(words.first(), Some(&"complete" | &"finish"));
    let is_bare =
        !orders && words.iter().all(|word| [NOUNS, OPEN, DONE, SMALL].iter().any(|list| list.contains(word)));
    let speaks_of_tasks = has(NOUNS) || has(OPEN) || has(DONE) || to_do;
    // "Get rid of …" and "show task 2" are other intents.
    let other = sentence.starts_with("get rid") || words.iter().any(|word| is_number(word));
    if other || !(begins && speaks_of_tasks || is_bare && has(NOUNS)) {
        return None;
    }
    let is_to_be_done = is_obligation(words);
    let negated = words.iter().any(|word| *word == "not" || word.ends_with("n't"));
    let status = match (
        has(DONE) && !negated && !is_to_be_done && !is_whole,
        has(OPEN) || negated || (has(DONE) && is_to_be_done) || (to_do && !sentence.contains("to do list")),
    ) {
        (true, false) => Status::Completed,
        (false, true) => Status::Pending,
        _ => Status::All,
    };
    // All that was ever done is no answer to what was done in a time that is not understood.
    (status != Status::Completed || !speaks_of_time(words)).then(|| Intent::List(Filter::of(status)))
}

fn is_number(word: &str) -> bool {
    word.trim_start_matches('#').parse::<u64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pattern_matcher::words;

    fn status(sentence: &str) -> Option<Status> {
        let words = words(sentence);
        let plain: Vec<&str> = words.iter().map(|word| word.plain.as_str()).collect();
        match listing(&plain) {
            Some(Intent::List(filter)) => Some(filter.status),
            _ => None,
        }
    }

    #[test]
    fn questions_about_the_list_are_recognised() {
        use Status::{All, Completed, Pending};
        for (sentence, expected) in [
            ("Show my tasks", Some(All)),
            ("list tasks", Some(All)),
            ("What's on my list?", Some(All)),
            ("What are my to-dos?", Some(All)),
            ("Show me my to do list", Some(All)),
            ("my tasks", Some(All)),
            ("How many tasks do I have?", Some(All)),
            ("What's left?", Some(Pending)),
            ("what is open", Some(Pending)),
            ("remind me what is open", Some(Pending)),
            ("What do I have to do?", Some(Pending)),
            ("What do I need to do today?", Some(Pending)),
            ("What's not done yet?", Some(Pending)),
            ("What haven't I finished?", Some(Pending)),
            ("How many tasks are left?", Some(Pending)),
            ("anything left?", Some(Pending)),
            ("pending tasks", Some(Pending)),
            ("show me the complete list", Some(All)),
            ("complete list", Some(All)),
            ("complete my list", None),
            ("What needs to be done?", Some(Pending)),
            ("what has to be done", Some(Pending)),
            ("Which tasks must I finish?", Some(Pending)),
            ("What did I finish in November?", None),
            ("what have I completed two weeks ago", None),
            ("What have I done?", Some(Completed)),
            ("Show completed tasks", Some(Completed)),
            ("Which tasks are finished?", Some(Completed)),
            ("Get rid of my completed tasks", None),
            ("Show task 2", None),
            ("What is the weather like?", None),
            ("Tell me a joke", None),
            ("remind me to finish the list", None),
            ("done", None),
            ("complete all tasks", None),
        ] {
            assert_eq!(status(sentence), expected, "{sentence}");
        }
    }
}
