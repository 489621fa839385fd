//! The ends of a turn: answered, or failed after it had taken effect.

use crate::{
    message::ExecutedCall,
    turn_and_conversation_ids::{ConversationId, TurnId},
};

/// Why a turn ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FinishReason {
    /// The model had said everything.
    Stop,
    /// The model ran into its own length limit.
    Length,
    /// The provider's content filter cut the answer.
    ContentFilter,
    /// The model still wanted tools after the last step it may take.
    StepLimit,
    /// The person stopped it.
    Cancelled,
}

impl FinishReason {
    /// The reason's name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ContentFilter => "content_filter",
            Self::StepLimit => "step_limit",
            Self::Cancelled => "cancelled",
        }
    }

    /// The reason with this name, if it is one.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Stop, Self::Length, Self::ContentFilter, Self::StepLimit, Self::Cancelled]
            .into_iter()
            .find(|reason| reason.as_str() == name)
    }
}

/// Tokens that a turn's model calls used, counted by the provider or else estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Tokens of the requests.
    pub prompt_tokens: i32,
    /// Tokens of the answers.
    pub completion_tokens: i32,
}

impl Usage {
    /// All of them.
    pub fn total(self) -> i64 {
        i64::from(self.prompt_tokens) + i64::from(self.completion_tokens)
    }
}

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.prompt_tokens = self.prompt_tokens.saturating_add(other.prompt_tokens);
        self.completion_tokens = self.completion_tokens.saturating_add(other.completion_tokens);
    }
}

/// The last words of a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FinalMessage {
    /// Never empty.
    pub text: String,
    /// Why it is over.
    pub reason: FinishReason,
}

/// A turn that was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnAnswer {
    /// The turn.
    pub turn: TurnId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// The conversation's title.
    pub title: String,
    /// The final message.
    pub message: String,
    /// Everything the turn did, in order.
    pub tool_calls: Vec<ExecutedCall>,
    /// Why it ended.
    pub finish_reason: FinishReason,
    /// The model that answered.
    pub model: String,
    /// What it cost.
    pub usage: Usage,
    /// Whether the person asked for a change and none was made: see
    /// [`requested_change_not_made`](crate::answer_verification::requested_change_not_made).
    pub requested_change_not_made: bool,
}

/// Why a turn that had already taken effect could not be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureKind {
    /// The model answered nonsense, twice.
    ModelBadReply,
    /// The model refused our key or our request.
    ModelMisconfigured,
    /// The model could not be reached or is out of order.
    ModelUnavailable,
    /// The model has too much to do.
    ModelBusy,
    /// The model is still being loaded.
    ModelLoading,
    /// The model took too long.
    ModelTimeout,
    /// The processes working on it died, three times.
    Abandoned,
}

impl FailureKind {
    const ALL: [Self; 7] = [
        Self::ModelBadReply,
        Self::ModelMisconfigured,
        Self::ModelUnavailable,
        Self::ModelBusy,
        Self::ModelLoading,
        Self::ModelTimeout,
        Self::Abandoned,
    ];

    /// The kind's name: the contract's `code`, and what the database keeps.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ModelBadReply => "model_bad_reply",
            Self::ModelMisconfigured => "model_misconfigured",
            Self::ModelUnavailable => "model_unavailable",
            Self::ModelBusy => "model_busy",
            Self::ModelLoading => "model_loading",
            Self::ModelTimeout => "model_timeout",
            Self::Abandoned => "turn_abandoned",
        }
    }

    /// The kind with this name, if it is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A turn that could not be answered after it had taken effect.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnFailure {
    /// The turn.
    pub turn: TurnId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// What went wrong.
    pub kind: FailureKind,
    /// What had been done by then.
    pub tool_calls: Vec<ExecutedCall>,
}

/// How a turn ended.
#[derive(Debug, Clone, PartialEq)]
pub enum EndedTurn {
    /// With an answer.
    Answered(TurnAnswer),
    /// Without one, after it had taken effect.
    Failed(TurnFailure),
}

/// Tells the ends of a turn apart: each answer and each failure has its own, also when it stands again after
/// another answer came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndingId(pub i32);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_value() {
        for kind in FailureKind::ALL {
            assert_eq!(FailureKind::from_name(kind.as_str()), Some(kind));
        }
        assert_eq!(FinishReason::from_name("cancelled"), Some(FinishReason::Cancelled));
        assert_eq!(FinishReason::from_name("tired"), None);
    }
}
