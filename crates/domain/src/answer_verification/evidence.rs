//! The evidence by which an answer is judged: what is on record of its turn and of earlier ones.

use std::{collections::HashSet, sync::OnceLock};

use serde_json::Value;

use super::{claim_extraction, claim_extraction::detect_language, has_failed, own_effects};
use crate::{
    calls_of_current_answer::has_undone,
    message::{ExecutedCall, Message, MessageBody},
    prompt_history,
    text_search::fold,
    tool::{CallEffect, changes_told_by, effects_of, effects_of_calls},
    turn_and_conversation_ids::TurnId,
};

/// The record of a turn and of what came before it.
#[derive(Debug)]
pub struct Evidence<'a> {
    /// What the person said.
    said: &'a str,
    /// The newest part of the conversation, this turn included.
    history: &'a [Message],
    turn: TurnId,
    /// Whether there is more of the conversation than `history`.
    has_older: bool,
    effects: Vec<CallEffect>,
    /// What was undone for the answer: changes that the answer before had made.
    undone: Vec<CallEffect>,
    /// What the turn has read in the log of changes.
    logged_changes: Vec<CallEffect>,
    has_failed: bool,
    asks_for_change: bool,
    /// Read from `history` when first asked for: an answer may have many lines to look up.
    earlier: OnceLock<Vec<CallEffect>>,
    titles: OnceLock<HashSet<String>>,
}

impl<'a> Evidence<'a> {
    /// Takes the record of a turn. `effective` are its calls so far that count for the answer.
    pub fn new<'c>(
        turn: TurnId,
        history: &'a [Message],
        effective: impl IntoIterator<Item = &'c ExecutedCall>,
        has_older: bool,
    ) -> Self {
        let effective: Vec<&ExecutedCall> = effective.into_iter().collect();
        let said = history.iter().rev().find_map(|message| match &message.body {
            MessageBody::User(text) if message.turn == turn => Some(text.as_str()),
            _ => None,
        });
        let said = said.unwrap_or_default();
        let has_failed = has_failed(&effective);
        Self {
            said,
            history,
            turn,
            has_older,
            effects: own_effects(&effective),
            undone: effects_of_calls(effective.iter().copied().filter(|call| has_undone(call))),
            logged_changes: effective.iter().copied().flat_map(changes_told_by).collect(),
            has_failed,
            asks_for_change: has_failed || claim_extraction::asks_for_change(said),
            earlier: OnceLock::new(),
            titles: OnceLock::new(),
        }
    }

    /// What the person said.
    pub fn user_message(&self) -> &str {
        self.said
    }

    /// What the turn has changed, as far as it counts.
    pub fn effects(&self) -> &[CallEffect] {
        &self.effects
    }

    /// Whether the person asked for a change, as far as their words or the model's calls tell.
    pub fn asks_for_change(&self) -> bool {
        self.asks_for_change
    }

    /// Whether a change was asked for that has not been made, as far as is known.
    pub(super) fn awaits_change(&self) -> bool {
        self.asks_for_change && self.effects.is_empty()
    }

    /// Whether a change may have been asked for: the words for one are there, or the language of the
    /// words is not known.
    pub(super) fn may_ask_for_change(&self) -> bool {
        self.asks_for_change
            || (self.said.split_whitespace().nth(2).is_some() && detect_language(self.said).is_none())
    }

    pub(super) fn has_failed(&self) -> bool {
        self.has_failed
    }

    pub(super) fn has_older(&self) -> bool {
        self.has_older
    }

    /// What was undone for the answer.
    pub(super) fn undone_effects(&self) -> &[CallEffect] {
        &self.undone
    }

    /// What the turn has read in the log of changes.
    pub(super) fn logged_changes(&self) -> &[CallEffect] {
        &self.logged_changes
    }

    /// What earlier turns have changed or read in the log of changes, as far as it is in the window.
    pub(super) fn earlier_effects(&self) -> &[CallEffect] {
        self.earlier.get_or_init(|| self.read_earlier())
    }

    fn read_earlier(&self) -> Vec<CallEffect> {
        let earlier = self.history.iter().filter(|message| message.turn != self.turn);
        let messages: Vec<&MessageBody> = earlier.map(|message| &message.body).collect();
        let result_of = |id: &str| {
            messages.iter().find_map(|message| match message {
                MessageBody::Tool { call_id, content } if call_id == id => serde_json::from_str(content).ok(),
                _ => None,
            })
        };
        let calls = messages.iter().flat_map(|message| match message {
            MessageBody::Assistant { calls, .. } => calls.as_slice(),
            _ => &[],
        });
        let executed = |call: &crate::message::ToolCall| ExecutedCall {
            id: call.id.clone(),
            tool: call.name.clone(),
            input: call.arguments.clone(),
            result: result_of(&call.id).unwrap_or_else(prompt_history::lost_result),
        };
        let executed = calls.map(executed);
        executed.flat_map(|call| [effects_of(&call), changes_told_by(&call)].concat()).collect()
    }

    /// Whether anybody has named a task of this number.
    pub(super) fn mentions_task(&self, number: i64) -> bool {
        let digits = number.to_string();
        let names = |text: &str| text.split(|c: char| !c.is_ascii_digit()).any(|word| word == digits);
        self.has_older
            || self.history.iter().any(|message| match &message.body {
                MessageBody::User(text) => names(text),
                MessageBody::Tool { content, .. } => names(content),
                MessageBody::Assistant { calls, .. } => {
                    calls.iter().any(|call| names(&Value::Object(call.arguments.clone()).to_string()))
                }
            })
    }

    /// Whether a result has shown a task with this title, folded.
    pub(super) fn mentions_title(&self, title: &str) -> bool {
        self.titles().contains(title)
    }

    /// Whether a line of a list, folded, begins with the title of a task that a result has shown.
    pub(super) fn is_a_task(&self, line: &str) -> bool {
        self.titles().iter().any(|title| line.starts_with(title.as_str()))
    }

    /// Whether words, folded, name a task that a result has shown.
    pub(super) fn is_named_in(&self, words: &str) -> bool {
        self.titles().iter().any(|title| contains_title(words, title))
    }

    /// The titles of all tasks that a result has shown, folded.
    fn titles(&self) -> &HashSet<String> {
        self.titles.get_or_init(|| self.read_titles())
    }

    fn read_titles(&self) -> HashSet<String> {
        let results = self.history.iter().filter_map(|message| match &message.body {
            MessageBody::Tool { content, .. } => serde_json::from_str(content).ok(),
            _ => None,
        });
        let mut titles = HashSet::new();
        for result in results {
            titles_in(&result, &mut titles);
        }
        titles
    }
}

/// Whether a title stands among words, both folded.
pub(super) fn contains_title(words: &str, title: &str) -> bool {
    let is_inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    !title.is_empty()
        && words.match_indices(title).any(|(start, _)| {
            let (before, after) = (&words[..start], &words[start + title.len()..]);
            !is_inside(before.chars().next_back()) && !is_inside(after.chars().next())
        })
}

fn titles_in(value: &Value, titles: &mut HashSet<String>) {
    match value {
        Value::Object(members) => {
            titles.extend(members.get("title").and_then(Value::as_str).map(fold));
            members.values().for_each(|value| titles_in(value, titles));
        }
        Value::Array(items) => items.iter().for_each(|value| titles_in(value, titles)),
        _ => {}
    }
}
