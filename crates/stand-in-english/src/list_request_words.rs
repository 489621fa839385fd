//! The words with which people ask for a part of the list.

use super::day_phrase::{is_month, is_weekday};

/// Words with which people ask for a list, and that do not say for which.
const ASKING: &[&str] = &[
    "what",
    "what's",
    "whats",
    "which",
    "show",
    "list",
    "display",
    "give",
    "tell",
    "see",
    "view",
    "get",
    "is",
    "are",
    "was",
    "do",
    "does",
    "am",
    "i",
    "we",
    "have",
    "has",
    "got",
    "me",
    "my",
    "our",
    "the",
    "all",
    "any",
    "anything",
    "everything",
    "something",
    "every",
    "tasks",
    "task",
    "todo",
    "todos",
    "to-do",
    "to-dos",
    "things",
    "thing",
    "stuff",
    "items",
    "reminders",
    "ones",
    "there",
    "else",
    "still",
    "left",
    "open",
    "pending",
    "planned",
    "scheduled",
    "on",
    "up",
    "coming",
    "need",
    "needs",
    "must",
    "should",
    "for",
    "to",
    "that",
    "about",
    "how",
    "of",
    "plan",
    "plans",
    "agenda",
    "schedule",
    "most",
    "really",
    "whatever",
    "doing",
    "happening",
    "going",
    "work",
    "who",
    "please",
    "now",
    "with",
    "due",
    "from",
    "also",
    "many",
    "must",
    "be",
    "look",
    "list's",
];

/// Whether a word asks for a list and does not say for which.
pub(crate) fn is_asking(word: &str) -> bool {
    ASKING.contains(&word)
}

/// Whether the words ask for what is still to be done: "what needs to be done", "what must I finish".
pub(crate) fn is_obligation(words: &[&str]) -> bool {
    const OUGHT: &[&str] = &["need", "needs", "must", "should", "shall", "gotta", "will", "can"];
    words.iter().any(|word| OUGHT.contains(word))
        || words.windows(2).any(|pair| {
            matches!(pair, ["have" | "has" | "got" | "left" | "still" | "what", "to"])
                || matches!(pair, ["to", "be" | "get" | "finish" | "complete" | "do"])
        })
}

/// Whether the words speak of a time: "last week", "on friday", "in november".
pub(crate) fn speaks_of_time(words: &[&str]) -> bool {
    const TIMES: &[&str] = &[
        "last",
        "ago",
        "week",
        "weeks",
        "month",
        "months",
        "year",
        "years",
        "yesterday",
        "today",
        "since",
        "before",
        "between",
        "days",
        "weekend",
        "recently",
        "lately",
    ];
    words.iter().any(|word| TIMES.contains(word) || is_weekday(word) || is_month(word))
}

/// Whether these words say a time that has begun: "today", "this week", "since monday".
pub(crate) fn is_since(words: &[&str]) -> bool {
    match words {
        ["today" | "yesterday"] | ["this", "week" | "month" | "morning" | "year"] => true,
        ["since", "yesterday"] => true,
        ["since", day] => is_weekday(day),
        ["last", "week" | "month" | "year"] => true,
        ["since" | "on", "last", day] | ["last" | "on", day] => is_weekday(day),
        _ => false,
    }
}
