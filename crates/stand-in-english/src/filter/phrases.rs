//! Phrases with which people ask for a part of the list.

use super::{Filter, Status};
use crate::{
    list_request_words::is_obligation, pattern_matcher::Caught, priority_words::level, task_attributes::when,
};

/// How a list is asked for, or what stands for the tasks of one.
pub(super) const FIRST: &[&str] = &[
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
    "do",
    "any",
    "anything",
    "everything",
    "all",
    "every",
    "tasks",
    "task",
    "things",
    "stuff",
    "my",
    "the",
    "how",
    "whatever",
    "todos",
    "to-dos",
    "agenda",
    "plans",
    "plan",
    "have",
];

/// What stands for tasks: "mark what is due today as done".
pub(super) const MEANT: &[&str] = &[
    "what",
    "what's",
    "everything",
    "all",
    "every",
    "tasks",
    "things",
    "stuff",
    "my",
    "the",
    "whatever",
    "todos",
];

type Make = fn(&Caught<'_>) -> Option<Filter>;

pub(super) const FILTERS: &[(&str, Make)] = &[
    ("{ask} finished|completed|done|finish|complete|did|accomplished|achieved {since}", done),
    ("{ask} did i|we finish|complete|do|get|accomplish|achieve done|finished? {since}", done),
    (
        "{ask} have|'ve i|we finished|completed|done|got|gotten|accomplished|achieved done|finished? {since}",
        done,
    ),
    ("{ask} i've|we've finished|completed|done|got|accomplished done|finished? {since}", done),
    ("{ask} i|we have|did? finished|completed|did|get|got|finish|complete done|finished? {since}", done),
    ("{ask} done|finish|finished|complete|completed {when}", planned),
    ("{ask} this week|week's", |_| Some(Filter::due("week", "due this week"))),
    ("{ask} the rest of the|this week", |_| Some(Filter::due("week", "due this week"))),
    ("{ask} my|the week look? like?", |_| Some(Filter::due("week", "due this week"))),
    ("this week's {ask}", |_| Some(Filter::due("week", "due this week"))),
    ("{ask} this week's {ask}", |_| Some(Filter::due("week", "due this week"))),
    // A week from Monday to Sunday, as the server counts "next".
    ("{ask} next week", |_| Some(Filter::due("next monday..next sunday", "due next week"))),
    ("{ask} this month", |_| Some(Filter::due("today..end of month", "due this month"))),
    ("{ask} next month", |_| Some(Filter::due("next month..end of next month", "due next month"))),
    ("{ask} overdue|late|behind|past-due", |_| Some(Filter::due("overdue", "overdue"))),
    ("{ask} overdue|late|past-due {ask}", |_| Some(Filter::due("overdue", "overdue"))),
    ("{ask} past due", |_| Some(Filter::due("overdue", "overdue"))),
    ("overdue|late {ask}", |_| Some(Filter::due("overdue", "overdue"))),
    ("{ask} no|without a|any? due|set? date|dates|deadline|day", |_| {
        Some(Filter::due("none", "without a date"))
    }),
    ("{ask} undated|unscheduled|dateless", |_| Some(Filter::due("none", "without a date"))),
    ("{ask} undated|unscheduled|dateless {ask}", |_| Some(Filter::due("none", "without a date"))),
    ("undated|unscheduled|dateless {ask}", |_| Some(Filter::due("none", "without a date"))),
    ("today's {ask}", |_| Some(Filter::due("today", "due today"))),
    ("{ask} today's {ask}", |_| Some(Filter::due("today", "due today"))),
    ("tomorrow's {ask}", |_| Some(Filter::due("tomorrow", "due tomorrow"))),
    ("{ask} tomorrow's {ask}", |_| Some(Filter::due("tomorrow", "due tomorrow"))),
    ("{ask} {when}", due_when),
    ("{ask} {when} look? like", due_when),
    ("{ask} {level}", important),
    ("{ask} {level} {ask}", important),
    ("{level} {ask}", important),
    ("{ask} tagged|labelled|labeled with|as|under? {one}", tagged),
    ("{ask} the? tag|label|tags|labels {one}", tagged),
    ("{ask} {one}", hash_tag),
];

pub(super) fn begins(word: &str) -> bool {
    const ALSO: &[&str] = &[
        "overdue",
        "late",
        "undated",
        "unscheduled",
        "dateless",
        "today's",
        "tomorrow's",
        "this",
        "urgent",
        "important",
        "high",
        "low",
        "medium",
        "top",
        "high-priority",
        "low-priority",
    ];
    FIRST.contains(&word) || ALSO.contains(&word)
}

fn due_when(caught: &Caught<'_>) -> Option<Filter> {
    let said = when(caught.get("when"));
    let low = said.to_lowercase();
    let day = ["on ", "by ", "due "].iter().find_map(|word| low.strip_prefix(word)).unwrap_or(&low);
    // A weekend is two days, of which the server would only see one.
    (!day.contains("weekend")).then(|| match day {
        "today" | "tomorrow" => Filter::due(day, &format!("due {day}")),
        _ => {
            let said = if low.starts_with("due ") { &said["due ".len()..] } else { &said };
            Filter::due(said, &format!("due {said}"))
        }
    })
}

fn important(caught: &Caught<'_>) -> Option<Filter> {
    let words: Vec<String> = caught.get("level").split_whitespace().map(plain).collect();
    let priority = level(&words.iter().map(String::as_str).collect::<Vec<_>>())?;
    Some(Filter { priority: Some(priority), ..Filter::of(Status::Pending) }).filter(|_| priority != "none")
}

fn plain(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase()
}

fn tagged(caught: &Caught<'_>) -> Option<Filter> {
    let tag = caught.get("one").trim_matches(|c: char| !c.is_alphanumeric());
    (!tag.is_empty()).then(|| Filter { tag: Some(tag.to_owned()), ..Filter::default() })
}

/// "What needs to be done tomorrow?"
fn planned(caught: &Caught<'_>) -> Option<Filter> {
    is_to_be_done(caught).then(|| due_when(caught))?
}

fn is_to_be_done(caught: &Caught<'_>) -> bool {
    let ask: Vec<String> = caught.get("ask").split_whitespace().map(plain).collect();
    let mut ask: Vec<&str> = ask.iter().map(String::as_str).collect();
    ask.push("finish");
    is_obligation(&ask)
}

fn hash_tag(caught: &Caught<'_>) -> Option<Filter> {
    let tag = caught.get("one").strip_prefix('#')?;
    if tag.starts_with(|c: char| c.is_ascii_digit()) { None } else { tagged(caught) }
}

fn done(caught: &Caught<'_>) -> Option<Filter> {
    let since = caught.get("since").trim_end_matches(['?', '.', '!', ',']).to_lowercase();
    if is_to_be_done(caught) {
        return match since.as_str() {
            "today" => Some(Filter::due("today", "due today")),
            "this week" => Some(Filter::due("week", "due this week")),
            _ => None,
        };
    }
    Some(Filter { done_since: Some(since), ..Filter::of(Status::Completed) })
}
