//! Questions, which change nothing: whether something is done, and looks that are worded like orders.

use super::{Phrase, words_of};
use crate::{
    filter::{Filter, Status},
    intent::{Intent, Target},
    pattern_matcher::Caught,
    task_reference::target,
};

pub(super) const ASKED: &[Phrase] = &[
    (
        "is|are|was|were|has|have {task} been? all? done|finished|completed|complete|ticked|checked off? \
         yet|already|now|today?",
        is_done,
    ),
    (
        "have|had|did|do i|we have? already? do|done|finish|finished|complete|completed|get|got {task} \
         done|finished? yet|already|now|today?",
        is_done,
    ),
    ("am|are i|we done|finished|through with {task} yet|already|now|today?", is_done),
    ("am|are i|we all? done|finished|through yet|already|now|today?", |_| open()),
    // "Check the milk" ticks it; a list is looked at.
    ("check|review on|out|over|through? {task}", look_at),
];

/// What a question mark makes a question: "task 1 done?"
pub(super) const STATED: &[Phrase] = &[
    ("{task} is|are|was|were all? done|finished|completed|complete yet|already|now?", is_done),
    ("{task} all? done|finished|completed|complete yet|already|now?", is_done),
    ("all? done|finished with? everything|all? yet|already|now?", |_| open()),
    ("done|finished with {task} yet|already|now?", is_done),
];

/// How statements begin in the tables, which ask when a question mark follows: "task 1 is done?"
pub(super) fn is_statement(pattern: &str) -> bool {
    pattern.starts_with('{')
        || ["it's", "i|", "all|", "not ", "done|"].iter().any(|word| pattern.starts_with(word))
}

/// Whether the first words leave no doubt that something is asked: "is", "did I".
pub(super) fn begins_question(plain: &[&str]) -> bool {
    match plain {
        ["do" | "should" | "shall", "i" | "we" | "you" | "they" | "any" | "the" | "my", _, ..] => {
            !matches!(plain, ["do", "the" | "my", ..])
        }
        [first, _, ..] => matches!(
            *first,
            "is" | "are"
                | "was"
                | "were"
                | "am"
                | "have"
                | "has"
                | "had"
                | "did"
                | "does"
                | "isn't"
                | "aren't"
                | "wasn't"
                | "weren't"
                | "hasn't"
                | "when"
                | "why"
                | "how"
                | "who"
                | "where"
                | "which"
        ),
        _ => false,
    }
}

/// Of the whole list, what is not done answers it.
fn is_done(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    match target(caught.get("task")) {
        Target::Every(Status::All | Status::Pending) => open(),
        Target::Every(Status::Completed) | Target::Where(_) => None,
        Target::Named(name) => {
            let is_any =
                |word: &String| ["any", "anything", "something", "what", "there"].contains(&word.as_str());
            let is_one = !words_of(&name).iter().any(is_any);
            is_one.then(|| vec![Intent::Show(Target::Named(name))])
        }
        target => Some(vec![Intent::Show(target)]),
    }
}

fn open() -> Option<Vec<Intent>> {
    Some(vec![Intent::List(Filter::of(Status::Pending))])
}

fn look_at(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    match target(caught.get("task")) {
        Target::Every(status) => Some(vec![Intent::List(Filter::of(status))]),
        Target::Where(filter) => Some(vec![Intent::List(filter)]),
        _ => None,
    }
}
