//! What a person can want.

/// One wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Intent {
    Add {
        title: String,
        description: Option<String>,
    },
    List {
        status: Status,
        about: Option<String>,
    },
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
    Delete(Target),
    /// Take the last change back.
    Undo,
    /// Something is missing: which title?
    NeedsTitle,
    /// Something is missing: which new title for this task?
    NeedsNewTitle(Target),
    Talk(Talk),
}

/// Which tasks a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    All,
    Pending,
    Completed,
}

/// Which task, or tasks, a wish is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    Numbers(Vec<u64>),
    It,
    Them,
    Every(Status),
    /// The n-th of what was shown last, from 0.
    Nth(usize),
    Last,
    Named(String),
}

/// Things people say that change nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Talk {
    Greeting,
    Thanks,
    Bye,
    Okay,
    Help,
    /// "What did I say last?"
    Recall,
}

impl Intent {
    /// Returns the tasks that the wish is about, if it is about existing ones.
    pub(crate) fn target(&self) -> Option<&Target> {
        match self {
            Self::Show(target)
            | Self::Retitle { target, .. }
            | Self::Describe { target, .. }
            | Self::Complete { target, .. }
            | Self::Delete(target)
            | Self::NeedsNewTitle(target) => Some(target),
            Self::Add { .. } | Self::List { .. } | Self::Undo | Self::NeedsTitle | Self::Talk(_) => None,
        }
    }

    /// Returns the same wish about other tasks.
    pub(crate) fn about(&self, target: Target) -> Self {
        match self.clone() {
            Self::Show(_) => Self::Show(target),
            Self::Retitle { title, .. } => Self::Retitle { target, title },
            Self::Describe { description, .. } => Self::Describe { target, description },
            Self::Complete { completed, .. } => Self::Complete { target, completed },
            Self::Delete(_) => Self::Delete(target),
            Self::NeedsNewTitle(_) => Self::NeedsNewTitle(target),
            other => other,
        }
    }
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
