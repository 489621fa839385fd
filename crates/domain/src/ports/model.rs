//! The language model, as the domain needs it.

use std::time::{Duration, Instant};

use async_trait::async_trait;

use crate::{
    message::{MessageBody, ProviderData},
    prompt::PromptFacts,
    prompt_history::HISTORY_TOKENS,
    turn::Usage,
};

/// A language model with tools.
#[async_trait]
pub trait LanguageModel: Send + Sync {
    /// The model's name, as it is shown to people.
    fn name(&self) -> &str;

    /// About how many tokens of conversation one request may hold, as far as is known: it may become
    /// known when a request was too long.
    fn history_tokens(&self) -> usize {
        HISTORY_TOKENS
    }

    /// Asks the model. `words` gets the text as it comes; the reply holds all of it again. On error, discard
    /// all text emitted so far; likewise when the reply's text does not begin with it: it was a thought.
    async fn reply(&self, request: ModelRequest<'_>, words: TextSink<'_>) -> Result<ModelReply, ModelError>;
}

/// Takes a model's words as they come.
pub type TextSink<'a> = &'a (dyn Fn(&str) + Send + Sync);

/// What a model is asked.
#[derive(Debug, Clone, Copy)]
pub struct ModelRequest<'a> {
    /// The system prompt.
    pub system: &'a str,
    /// What a prompt of the adapter's own must say.
    pub facts: PromptFacts<'a>,
    /// The conversation, sound as [`crate::prompt_history::repaired`] makes it.
    pub messages: &'a [MessageBody],
    /// Whether it may call tools.
    pub tools: ToolChoice,
    /// When to give up.
    pub deadline: Instant,
}

/// Whether a model may call tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToolChoice {
    /// It may.
    Auto,
    /// It must answer in words.
    Forbidden,
    /// None: a text is wanted, in the background.
    NotListed,
}

/// A whole reply of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelReply {
    /// What it said.
    pub text: String,
    /// The tools it wants called, as it wrote them.
    pub calls: Vec<RequestedCall>,
    /// Why it stopped.
    pub finish: ModelFinish,
    /// What the provider counted, when it did.
    pub usage: Option<Usage>,
}

impl ModelReply {
    /// How many bytes it says and calls.
    pub(crate) fn bytes(&self) -> usize {
        self.text.len() + self.calls.iter().map(|call| call.arguments.len()).sum::<usize>()
    }
}

/// A tool call as a model wrote it: not to be trusted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RequestedCall {
    /// The tool's name.
    pub name: String,
    /// Its arguments. Unvalidated JSON text.
    pub arguments: String,
    /// What the provider wants back with it, bounded by the adapter.
    pub provider_data: ProviderData,
}

/// Why a model stopped, as far as it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelFinish {
    /// It had said everything, or wants tools called.
    Stop,
    /// It ran into a length limit.
    Length,
    /// A filter cut it off.
    ContentFilter,
}

/// Why a model gave no reply. The texts are for the log: they hold nothing of what was sent, which a
/// provider may repeat in its own words.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// It answered something that is no reply, or broke off in the middle of one.
    #[error("the model's reply is no reply: {0}")]
    BadReply(String),
    /// It refused our key or our request: the configuration must be corrected.
    #[error("the model refused the request: {0}")]
    Misconfigured(String),
    /// It cannot be reached, or says that it is out of order.
    #[error("the model is unavailable: {0}")]
    Unavailable(String),
    /// Its server is still loading it.
    #[error("the model is still loading")]
    Loading {
        /// When it may be there.
        retry_after: Option<Duration>,
    },
    /// The request is longer than the model takes.
    #[error("the request is longer than the model's context: {reason}")]
    ContextExceeded {
        /// What it said.
        reason: String,
        /// How many tokens the context has, when it said so.
        context_tokens: Option<usize>,
    },
    /// It has too much to do.
    #[error("the model is busy")]
    Busy {
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// It took too long.
    #[error("the model took too long")]
    TimedOut,
}

impl ModelError {
    /// Whether another model may answer: this one is down, or takes less than there is to say, and was not
    /// asked in a wrong way.
    pub fn may_fall_back(&self) -> bool {
        match self {
            Self::Unavailable(_)
            | Self::Loading { .. }
            | Self::Busy { .. }
            | Self::TimedOut
            | Self::ContextExceeded { .. } => true,
            Self::BadReply(_) | Self::Misconfigured(_) => false,
        }
    }

    /// When the model wants to be asked again, as far as it said so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Busy { retry_after } | Self::Loading { retry_after } => *retry_after,
            _ => None,
        }
    }
}
