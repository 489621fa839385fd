//! A step of a turn, planned: the model's message and what becomes of each of its calls.

use serde_json::Value;

use crate::{
    approval::{ApprovalId, Decision},
    command::TodoCommand,
    message::{ExecutedCall, MessageBody, ToolCall},
    time_zone::LocalNow,
};

/// What a step will commit: the model's message, and what becomes of each of its calls.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedStep {
    /// What the model said beside the calls; may be empty.
    pub text: String,
    /// The calls, in the model's order. Never empty.
    pub calls: Vec<PlannedCall>,
    /// What the person's clock shows: results say days as they do.
    pub local: LocalNow,
}

/// A call and what becomes of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PlannedCall {
    /// The call, with an id of ours.
    pub call: ToolCall,
    /// What becomes of it.
    pub action: Action,
}

/// What becomes of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// The command is applied, in the step's transaction.
    Apply(TodoCommand),
    /// Nothing is done; this is the result.
    Answer(Value),
    /// The command waits for the person's yes. When it is about no task that is there, it is applied, and
    /// says so.
    Ask(TodoCommand),
    /// The person has answered: the call that waited is made, or not.
    Decide(ApprovalId, Decision),
}

impl PlannedStep {
    /// The messages this step adds to the conversation, given its results.
    pub fn messages(&self, results: &[ExecutedCall]) -> Vec<MessageBody> {
        let calls = self.calls.iter().map(|planned| planned.call.clone()).collect();
        let said = MessageBody::Assistant { text: self.text.clone(), calls };
        let answers = results.iter().map(|executed| MessageBody::Tool {
            call_id: executed.id.clone(),
            content: executed.result.to_string(),
        });
        std::iter::once(said).chain(answers).collect()
    }
}

impl PlannedCall {
    /// The call together with its result.
    pub fn executed(&self, result: Value) -> ExecutedCall {
        let ToolCall { id, name, arguments, .. } = self.call.clone();
        ExecutedCall { id, tool: name, input: arguments, result }
    }
}
