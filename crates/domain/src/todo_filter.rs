//! Filters of a list: which tasks are read and in which order, and the page that is returned.

use chrono::{DateTime, Utc};

use crate::{
    due::DueRange,
    priority::Priority,
    time_zone::LocalNow,
    todo::{TaskNumber, Todo},
};

/// Which tasks a look is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TodoFilter {
    /// Open ones, done ones, or both.
    pub status: StatusFilter,
    /// Words that title, description and tags hold, each anywhere and in any spelling that a person
    /// would call the same.
    pub search: Option<String>,
    /// Only tasks of this priority.
    pub priority: Option<Priority>,
    /// Only tasks with this tag.
    pub tag: Option<String>,
    /// Maximum number of tasks on the page.
    pub limit: i64,
    /// Only tasks with a smaller number: the cursor of a page.
    pub before: Option<TaskNumber>,
    /// How many tasks to pass over.
    pub offset: i64,
    /// Whether all that match are counted, which takes a look at each of them.
    pub counts: bool,
    /// Only tasks that are due then, for a person whose clock shows this.
    pub due: Option<(DueRange, LocalNow)>,
    /// Only tasks that stand under this one, or under none.
    pub parent: Option<ParentFilter>,
    /// Only tasks that were done at this time or later.
    pub completed_since: Option<DateTime<Utc>>,
    /// The order of the page.
    pub order: TodoOrder,
}

impl Default for TodoFilter {
    /// The fifty newest tasks.
    fn default() -> Self {
        Self {
            status: StatusFilter::All,
            search: None,
            priority: None,
            tag: None,
            limit: 50,
            before: None,
            offset: 0,
            counts: false,
            due: None,
            parent: None,
            completed_since: None,
            order: TodoOrder::Newest,
        }
    }
}

/// The order of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TodoOrder {
    /// By number, the highest first.
    #[default]
    Newest,
    /// What is due first comes first, and what has no date last.
    Due,
    /// The most important first, the newest first among those.
    Priority,
    /// What fits the search best comes first, the newest first among those.
    BestMatch,
    /// As its person has ordered the list by hand.
    Position,
}

/// Which tasks a look is about, by where they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParentFilter {
    /// Those that stand under no other one.
    TopLevel,
    /// Only subtasks of this task.
    Of(TaskNumber),
}

/// Open tasks, done tasks, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StatusFilter {
    /// Every task.
    #[default]
    All,
    /// Tasks that are still open.
    Pending,
    /// Tasks that are done.
    Completed,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TodoPage {
    /// Tasks, newest first, at most as many as the filter's limit.
    pub todos: Vec<Todo>,
    /// How many tasks match, on this page and all others, when the filter wants them counted.
    pub total: Option<i64>,
    /// Whether more follow after the last one here.
    pub more: bool,
}
