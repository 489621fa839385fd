//! The intents: what a person can ask the stand-in to do.

pub(crate) use super::filter::Status;
use super::{filter::Filter, task_attributes::TaskAttributes};

/// One intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Intent {
    Add(NewTask),
    List(Filter),
    Show(Target),
    Retitle {
        target: Target,
        title: String,
    },
    Describe {
        target: Target,
        description: String,
    },
    Complete {
        target: Target,
        completed: bool,
    },
    Change {
        target: Target,
        change: Change,
    },
    Delete(Target),
    /// Make a task that is done open again, or add one again that was deleted.
    PutBack(Target),
    /// What was done at a time in the person's words, or lately.
    Changes(String),
    /// The same, but only what was completed.
    Completions(String),
    /// Take the last change back.
    Undo,
    /// "Cancel that": of the last change when it was just made, else nothing.
    TakeBack,
    /// Something is missing: which title? What else was said of the task is kept.
    NeedsTitle(TaskAttributes),
    /// Something is missing: which new title for this task?
    NeedsNewTitle(Target),
    SmallTalk(SmallTalk),
}

/// A task to add.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct NewTask {
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) details: TaskAttributes,
}

/// What becomes of a task beside its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// A day in the person's words, or none.
    Due(Option<String>),
    /// A time of day in the person's words on its own date, or none.
    Time(Option<String>),
    /// Later by this many of these units than it is due now.
    Postpone(u64, String),
    Priority(&'static str),
    AddTags(Vec<String>),
    RemoveTag(String),
    RemoveTags,
    /// How it comes back, in the person's words, and its time or first day.
    Repeat(String, Option<String>),
    StopRepeating,
    Skip,
    /// Under which task it stands, if any.
    Parent(Option<u64>),
}

/// Which task, or tasks, an intent is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    Numbers(Vec<u64>),
    It,
    Them,
    /// "Both", "all three": so many of what was spoken of.
    Several(usize),
    Every(Status),
    /// All that a list of that kind holds.
    Where(Filter),
    /// The only one of that kind.
    Only(Status),
    /// The n-th of what was shown last, from 0.
    Nth(usize),
    /// The last of what was shown last.
    Last,
    /// The one that was added last.
    Newest,
    /// "The other one": only the person knows.
    Unclear,
    Named(String),
}

/// Things people say that change nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SmallTalk {
    Greeting,
    Thanks,
    Bye,
    Okay,
    /// "Never mind."
    Nothing,
    Help,
    /// "What did I say last?"
    Recall,
}

impl Intent {
    /// Returns the tasks that the intent is about, if it is about existing ones.
    pub(crate) fn target(&self) -> Option<&Target> {
        match self {
            Self::Show(target)
            | Self::Retitle { target, .. }
            | Self::Describe { target, .. }
            | Self::Complete { target, .. }
            | Self::Change { target, .. }
            | Self::Delete(target)
            | Self::PutBack(target)
            | Self::NeedsNewTitle(target) => Some(target),
            Self::Add(_)
            | Self::List(_)
            | Self::Changes(_)
            | Self::Completions(_)
            | Self::Undo
            | Self::TakeBack
            | Self::NeedsTitle(_)
            | Self::SmallTalk(_) => None,
        }
    }

    /// Whether it changes the list by itself, and not by taking back what was changed.
    pub(crate) fn is_change(&self) -> bool {
        match self {
            Self::Add(_)
            | Self::Retitle { .. }
            | Self::Describe { .. }
            | Self::Complete { .. }
            | Self::Change { .. }
            | Self::Delete(_)
            | Self::PutBack(_) => true,
            Self::List(_)
            | Self::Show(_)
            | Self::Changes(_)
            | Self::Completions(_)
            | Self::Undo
            | Self::TakeBack
            | Self::NeedsTitle(_)
            | Self::NeedsNewTitle(_)
            | Self::SmallTalk(_) => false,
        }
    }

    /// Returns the same intent about other tasks.
    pub(crate) fn about(&self, target: Target) -> Self {
        match self.clone() {
            Self::Show(_) => Self::Show(target),
            Self::Retitle { title, .. } => Self::Retitle { target, title },
            Self::Describe { description, .. } => Self::Describe { target, description },
            Self::Complete { completed, .. } => Self::Complete { target, completed },
            Self::Change { change, .. } => Self::Change { target, change },
            Self::Delete(_) => Self::Delete(target),
            Self::PutBack(_) => Self::PutBack(target),
            Self::NeedsNewTitle(_) => Self::NeedsNewTitle(target),
            other => other,
        }
    }
}
