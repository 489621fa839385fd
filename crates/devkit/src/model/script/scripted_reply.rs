//! The ways in which a reply can be shaped and go wrong.

/// One tool call; the arguments are text because models send all sorts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    pub(crate) tool: String,
    pub(crate) arguments: String,
}

/// How the fragments of a stream look.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Shape {
    pub(crate) index: Index,
    pub(crate) ids: CallIds,
    pub(crate) fragments: usize,
    pub(crate) split_names: bool,
    pub(crate) without_usage: bool,
    pub(crate) no_done: bool,
    pub(crate) no_finish: bool,
}

/// Which `index` a tool call's fragments carry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Index {
    /// 0, 1, 2, … as OpenAI does.
    #[default]
    Counted,
    /// None at all, as Gemini's endpoint and old Ollama.
    Missing,
    /// Always 0, as newer Ollama.
    Zero,
}

/// Which ids tool calls carry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CallIds {
    /// `call_` and 24 characters, different everywhere.
    #[default]
    Unique,
    /// No id.
    Missing,
    /// An empty id.
    Empty,
    /// The same id for every call.
    Same,
    /// 300 characters.
    Long,
    /// 9 characters, as Mistral.
    Short,
    /// In the second fragment instead of the first; needs two [`fragments`](super::Reply::fragments).
    Late,
}

/// Where the answer ends. Bytes count in the body, not in the head.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Ending {
    #[default]
    Complete,
    /// The connection closes; the client can tell, because the framing is incomplete.
    Cut(usize),
    /// The connection is reset.
    Reset(usize),
    /// A well-formed end, too early.
    End(usize),
    /// Head and so many bytes, then silence.
    Hang(usize),
    /// Not even a head.
    HangAtOnce,
}
