//! A step of a turn, planned: the model's message and what becomes of each of its calls.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use crate::{
    approval::{ApprovalId, AskReason, Decision},
    message::{ExecutedCall, MessageBody, ProviderData, ToolCall},
    time_zone::LocalNow,
    todo_command::TodoCommand,
    tool,
    turn::Lease,
    turn_and_conversation_ids::TurnId,
    undo::Undone,
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
    /// The command waits for the person's yes, for this reason. When it is about tasks none of which is
    /// there, it is applied, and says so.
    Ask(TodoCommand, AskReason),
    /// The person has answered: the call that waited is made, or not.
    Decide(ApprovalId, Decision),
}

/// What becomes of a worker's request to commit a step, when the turn is still the worker's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepAdmission {
    /// It is the next one: it is made.
    Commit,
    /// It was committed before, and the answer to that was lost: its results are the answer.
    Replay,
    /// The turn is over, so nothing is committed.
    Superseded,
    /// A step before it is missing: a bug of the worker's.
    Gap,
}

impl StepAdmission {
    /// Decides about step `number` of a turn that has `committed` steps.
    #[must_use]
    pub fn decide(number: i32, committed: i32, is_running: bool) -> Self {
        match number.cmp(&committed) {
            _ if !is_running => Self::Superseded,
            Ordering::Less => Self::Replay,
            Ordering::Equal => Self::Commit,
            Ordering::Greater => Self::Gap,
        }
    }
}

impl PlannedStep {
    /// The step that another answer begins with when what the answer before did was undone, and
    /// its result: so the model reads what has become of it.
    pub fn undo_step(lease: &Lease, number: i32, undone: &Undone, local: LocalNow) -> (Self, ExecutedCall) {
        let result = tool::undone_to_json(undone, local);
        let call = ToolCall {
            id: call_id(lease.turn, number, 0),
            name: tool::UNDO_REPLACED.to_owned(),
            arguments: Map::new(),
            provider_data: ProviderData::default(),
        };
        let planned = PlannedCall { call, action: Action::Answer(result.clone()) };
        let executed = planned.with_result(result);
        (Self { text: String::new(), calls: vec![planned], local }, executed)
    }

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
    /// Whether it will change several tasks.
    pub fn changes_several_tasks(&self) -> bool {
        matches!(&self.action, Action::Apply(command) if command.names_several_tasks())
    }

    /// The call together with its result.
    pub fn with_result(&self, result: Value) -> ExecutedCall {
        let ToolCall { id, name, arguments, .. } = self.call.clone();
        ExecutedCall { id, tool: name, input: arguments, result }
    }
}

/// An id of nine letters and digits, the one form that every provider accepts (Mistral's chat
/// templates want just that): five from the turn, two for the step, two for the call. Beyond 1,296 steps,
/// which a turn reaches when it is regenerated often enough, the step overflows into the turn's digits.
pub(crate) fn call_id(turn: TurnId, step: i32, index: usize) -> String {
    const LENGTH: u32 = 9;
    let step = u128::try_from(step).unwrap_or_default();
    // The low bits of a UUIDv7 are random, the high ones are its time.
    let turn = turn.0.as_u128() % 36_u128.pow(LENGTH);
    let number = (turn * 36 * 36 + step) * 36 * 36 + index as u128;
    let digit = |place| char::from_digit((number / 36_u128.pow(place) % 36) as u32, 36).unwrap_or('0');
    (0..LENGTH).rev().map(digit).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{StepAdmission as A, TurnId, call_id};

    #[test]
    fn a_call_has_an_id_of_its_own_however_often_its_turn_is_answered_anew() {
        let turn = TurnId(uuid::Uuid::from_u128(0x0190_0000_0000_7000_8000_0123_4567_89ab));
        assert_eq!(call_id(turn, 1, 2), "k7pnv0102");
        let steps = [0, 1, 35, 36, 1_295, 1_296, 1_297, 2_592, 50_000];
        let ids: HashSet<String> =
            steps.iter().flat_map(|step| [0, 1, 31].map(|index| call_id(turn, *step, index))).collect();
        assert_eq!(ids.len(), 3 * steps.len(), "{ids:?}");
        assert!(ids.iter().all(|id| id.len() == 9 && id.bytes().all(|byte| byte.is_ascii_alphanumeric())));
    }

    #[test]
    fn a_step_is_committed_once_and_in_order_while_its_turn_runs() {
        let admitted = [0, 1, 2, 3].map(|number| A::decide(number, 2, true));
        assert_eq!(admitted, [A::Replay, A::Replay, A::Commit, A::Gap]);
        assert_eq!([0, 1, 2, 3].map(|number| A::decide(number, 2, false)), [A::Superseded; 4]);
    }
}
