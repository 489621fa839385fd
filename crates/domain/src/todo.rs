//! A task of a list, and types that admit only valid values.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    due::Due,
    priority::Priority,
    repeat::Repeat,
    tags::Tags,
    text_validation::{FieldError, parse_trimmed},
};

/// A task's number in its owner's list: counted per user from 1, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TaskNumber(pub i64);

impl std::fmt::Display for TaskNumber {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A title of 1 to 255 characters, trimmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TodoTitle(String);

impl TodoTitle {
    /// Parses a title as it came from outside.
    ///
    /// # Errors
    /// When nothing or more than 255 characters are left after trimming, or it holds U+0000.
    pub fn parse(raw: &str) -> Result<Self, FieldError> {
        parse_trimmed("title", raw, 1..=255).map(Self)
    }

    /// The title's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The title's text, for good.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// A description of 1 to 2,000 characters, trimmed. No description is `None`, never "".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TodoDescription(String);

impl TodoDescription {
    /// Parses a description as it came from outside; blank text is no description.
    ///
    /// # Errors
    /// When it has more than 2,000 characters after trimming, or holds U+0000.
    pub fn parse(raw: &str) -> Result<Option<Self>, FieldError> {
        let text = parse_trimmed("description", raw, 0..=2000)?;
        Ok((!text.is_empty()).then_some(Self(text)))
    }

    /// The description's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The description's text, for good.
    pub fn into_string(self) -> String {
        self.0
    }
}

/// A task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Todo {
    /// The task's number.
    pub number: TaskNumber,
    /// What is to be done.
    pub title: TodoTitle,
    /// More about it.
    pub description: Option<TodoDescription>,
    /// Whether it is done.
    pub completed: bool,
    /// When it is due.
    pub due: Option<Due>,
    /// How important it is.
    pub priority: Priority,
    /// What it is filed under.
    pub tags: Tags,
    /// How it comes back; only a task that is due does.
    pub repeat: Option<Repeat>,
    /// The task under which it stands.
    pub parent: Option<TaskNumber>,
    /// How many tasks that stand under it are still to be done.
    pub open_subtasks: i64,
    /// Its place in the order by hand: a smaller one is nearer the top.
    pub position: i64,
    /// When it was done, if it is.
    pub completed_at: Option<DateTime<Utc>>,
    /// How often it was changed, from 1: tells one state of the task from another.
    pub revision: i64,
    /// When it was added.
    pub created_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_description_is_no_description() {
        assert_eq!(TodoDescription::parse("  \n").unwrap(), None);
    }

    #[test]
    fn a_title_is_trimmed_and_bounded() {
        assert_eq!(TodoTitle::parse("  Buy milk ").unwrap().as_str(), "Buy milk");
        assert!(TodoTitle::parse("").is_err());
        assert!(TodoTitle::parse(&"x".repeat(256)).is_err());
    }
}
