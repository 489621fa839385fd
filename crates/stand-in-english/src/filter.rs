//! The filter of a list that a person asks for: due on a day, important, with a tag, done.

mod phrases;

use serde_json::{Map, Value, json};

use super::pattern_matcher::{Word, catch};
use phrases::{FILTERS, FIRST, MEANT, begins};

/// A part of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) status: Status,
    pub(crate) about: Option<String>,
    pub(crate) due: Option<Due>,
    pub(crate) priority: Option<&'static str>,
    pub(crate) tag: Option<String>,
    /// A day, or a time that began with one: "yesterday", "this week".
    pub(crate) done_since: Option<String>,
    /// The task whose parts they are.
    pub(crate) parent: Option<u64>,
}

/// Which tasks a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Status {
    #[default]
    All,
    Pending,
    Completed,
}

/// Which days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Due {
    /// The tool's argument.
    pub(crate) argument: String,
    /// The wording in an answer: "due today", "overdue".
    pub(crate) words: String,
}

impl Filter {
    /// All tasks of a status.
    pub(crate) fn of(status: Status) -> Self {
        Self { status, ..Self::default() }
    }

    fn due(argument: &str, words: &str) -> Self {
        let due = Due { argument: argument.to_owned(), words: words.to_owned() };
        Self { status: Status::Pending, due: Some(due), ..Self::default() }
    }

    /// The same, but only what is open or only what is done.
    pub(crate) fn with(mut self, status: Status) -> Self {
        self.status = status;
        self
    }

    /// Whether it leaves out more than by status.
    pub(crate) fn is_narrow(&self) -> bool {
        let all = Self::of(self.status);
        *self != all
    }

    /// Returns the arguments of `list_tasks`; `day` finds the date that a past day or time began with.
    pub(crate) fn arguments(&self, day: impl Fn(&str) -> String) -> Value {
        let mut arguments = Map::new();
        let mut set = |name: &str, value: String| arguments.insert(name.to_owned(), json!(value));
        // A look for words is a look at everything, and what is due is open.
        if self.status != Status::All && self.about.is_none() && self.due.is_none() {
            set("status", self.status.argument().to_owned());
        }
        if let Some(about) = &self.about {
            set("search", about.clone());
        }
        if let Some(due) = &self.due {
            set("due", due.argument.clone());
        }
        if let Some(priority) = self.priority {
            set("priority", priority.to_owned());
        }
        if let Some(tag) = &self.tag {
            set("tag", tag.clone());
        }
        if let Some(since) = &self.done_since {
            set("done_since", day(since));
        }
        if let Some(parent) = self.parent {
            arguments.insert("parent".to_owned(), json!(parent));
        }
        Value::Object(arguments)
    }
}

/// Returns the part of the list that a whole sentence asks for.
pub(crate) fn asked_for(sentence: &str, words: &[Word]) -> Option<Filter> {
    if !words.first().is_some_and(|word| begins(&word.plain)) {
        return None;
    }
    FILTERS.iter().find_map(|(pattern, make)| make(&catch(pattern, sentence, words)?))
}

/// Returns the tasks that words stand for: "everything due today", "the overdue tasks".
pub(crate) fn meant(text: &str, words: &[Word]) -> Option<Filter> {
    let first = words.first()?.plain.as_str();
    let is_meant = MEANT.contains(&first) || (begins(first) && !FIRST.contains(&first));
    asked_for(text, words).filter(|filter| is_meant && words.len() > 1 && filter.done_since.is_none())
}

impl Status {
    /// Returns the value for the `status` argument.
    pub(crate) fn argument(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Pending => "pending",
            Self::Completed => "completed",
        }
    }

    /// Whether a task in this state belongs to the list.
    pub(crate) fn holds(self, completed: bool) -> bool {
        match self {
            Self::All => true,
            Self::Pending => !completed,
            Self::Completed => completed,
        }
    }
}
