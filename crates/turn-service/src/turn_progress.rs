//! The progress of a turn that has not ended.

use domain::{
    message::ExecutedCall,
    turn_and_conversation_ids::{ConversationId, TurnId},
};

/// How far a turn has come that has no end yet: somebody may go on with it.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnProgress {
    /// The turn.
    pub turn: TurnId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// What it has done, which stays done.
    pub tool_calls: Vec<ExecutedCall>,
}
