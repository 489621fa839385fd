//! Conversations as a person sees them.

use chrono::{DateTime, Utc};
use unicode_normalization::char::is_combining_mark;
use uuid::Uuid;

use crate::{
    message::ExecutedCall,
    text_truncation::truncate,
    text_validation::{FieldError, parse_trimmed},
    turn::{EndingId, FinishReason},
    turn_and_conversation_ids::{ConversationId, TurnId},
};

/// A title of 1 to 255 characters, trimmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationTitle(String);

impl ConversationTitle {
    /// Parses a title as it came from outside.
    ///
    /// # Errors
    /// When nothing or more than 255 characters are left after trimming, or it holds U+0000.
    pub fn parse(raw: &str) -> Result<Self, FieldError> {
        parse_trimmed("title", raw, 1..=255).map(Self)
    }

    /// The default title of a conversation: its first words, in one line.
    pub fn from_first_message(message: &str) -> Self {
        let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
        Self(truncate(&line, 60))
    }

    /// New title, from the `next` message, if the conversation lost its first message and was never renamed;
    /// else `None`.
    pub fn with_next_message(has_messages: bool, has_own_title: bool, next: &str) -> Option<Self> {
        (!has_messages && !has_own_title).then(|| Self::from_first_message(next))
    }

    /// The title after the conversation's first message was replaced by `next`.
    /// A title set by a person or a model stays: then this is `None`.
    pub fn after_edit(current: &str, discarded: &str, next: &str) -> Option<Self> {
        (Self::from_first_message(discarded).0 == current).then(|| Self::from_first_message(next))
    }

    /// The title's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether every word of `search` begins a word of `text`, in any case: how messages are searched.
/// Never when there is no word in `search`.
pub fn has_words(text: &str, search: &str) -> bool {
    let text: Vec<String> = words(text).map(str::to_lowercase).collect();
    let mut wanted = words(search).map(str::to_lowercase).peekable();
    wanted.peek().is_some() && wanted.all(|wanted| text.iter().any(|word| word.starts_with(&wanted)))
}

/// The words of a text: letters and digits with the marks that belong to them. Postgres' text search splits
/// a text in the same way.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    // The last two stand between letters of one word, in Persian and in languages of India.
    let is_of_word =
        |c: char| c.is_alphanumeric() || is_combining_mark(c) || matches!(c, '\u{200C}' | '\u{200D}');
    text.split(move |c| !is_of_word(c)).filter(|word| word.contains(char::is_alphanumeric))
}

/// What a list of conversations shows of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationSummary {
    /// The public id, as in the API.
    pub id: ConversationId,
    /// The first message's beginning, or a title of a model's or a person's.
    pub title: String,
    /// When its first turn began.
    pub created_at: DateTime<Utc>,
    /// When something was last said in it.
    pub updated_at: DateTime<Utc>,
    /// How many messages the person saw.
    pub message_count: i64,
}

/// What a person sees of a turn: their message and the answer to it.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnView {
    /// The turn's id; a client regenerates and undoes by it.
    pub turn: TurnId,
    /// The client's own id of the user's message, when it had one.
    pub client_message_id: Option<String>,
    /// Text of the user's message, as last edited.
    pub said: String,
    /// When they said it.
    pub sent_at: DateTime<Utc>,
    /// What the model said and did, in order; empty while nothing is committed.
    pub steps: Vec<StepView>,
    /// How many of the calls of its steps were made for answers that another one replaced.
    pub replaced_calls: usize,
    /// How the turn stands.
    pub ending: Ending,
    /// The end that it has, or had before it was reopened.
    pub last_ending: Option<EndingId>,
}

impl TurnView {
    /// The id of what the person said: the client's own, or one that is made from the turn's.
    #[must_use]
    pub fn message_id(&self) -> String {
        self.client_message_id.clone().unwrap_or_else(|| format!("{}{MESSAGE_OF_TURN}", self.turn))
    }
}

/// What follows the turn in a message's id that is not the client's.
const MESSAGE_OF_TURN: &str = "-user";

/// The turn that a message's id is made from, unless a client chose the id.
#[must_use]
pub fn turn_of_message(id: &str) -> Option<TurnId> {
    let turn = id.strip_suffix(MESSAGE_OF_TURN)?;
    Uuid::try_parse(turn).ok().map(TurnId)
}

/// One committed step of a turn, as a person sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct StepView {
    /// The words of the step; may be empty beside calls.
    pub text: String,
    /// Tool calls of the step, in order.
    pub calls: Vec<ExecutedCall>,
    /// When it was committed.
    pub at: DateTime<Utc>,
}

/// How a turn stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// A worker holds its lease.
    Running,
    /// Its worker is gone. It goes on when its message is sent again with its key, and is closed by
    /// whatever else is said.
    Orphaned,
    /// It was answered.
    Finished(FinishReason),
    /// It failed after it had taken effect.
    Failed,
}

impl Ending {
    /// Whether nothing more comes of the turn by itself or by its key.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Finished(_) | Self::Failed)
    }

    /// Whether a worker holds the turn's lease.
    #[must_use]
    pub fn is_running(self) -> bool {
        matches!(self, Self::Running)
    }
}

/// A conversation with a page of its turns, oldest first.
#[derive(Debug, Clone, PartialEq)]
pub struct ConversationView {
    /// Its id.
    pub id: ConversationId,
    /// Its title.
    pub title: String,
    /// When it began.
    pub created_at: DateTime<Utc>,
    /// When something was last said in it.
    pub updated_at: DateTime<Utc>,
    /// The turn in it that is not over, if there is one.
    pub running_turn: Option<TurnId>,
    /// The model that its person chose.
    pub model: Option<String>,
    /// The turns of this page.
    pub turns: Vec<TurnView>,
    /// Whether older turns come before this page.
    pub more: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_words_are_the_first_title() {
        assert_eq!(ConversationTitle::from_first_message("add\n  milk").as_str(), "add milk");
        let long = ConversationTitle::from_first_message(&"milk ".repeat(100));
        assert!(long.as_str().chars().count() <= 60 && long.as_str().ends_with('…'));
    }
}
