//! The results that a model or a program reads of a call that waits for approval, or was decided.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::{Approval, ApprovalError, ApprovalId, ApprovalState, AskReason, Question};
use crate::{
    account::UserId,
    message::ExecutedCall,
    tool::{self, ToolError, ToolErrorCode},
    turn_and_conversation_ids::TurnId,
};

impl Approval {
    /// The result of the asking call once the question is answered: its outcome if the turn that asked made
    /// the call, or else what is `recorded` with the new state of the approval.
    pub fn result_to_store(&self, made_in: Option<TurnId>, recorded: Value) -> Value {
        match &self.result {
            Some(result) if made_in == self.asked_in.as_ref().map(|call| call.turn) => result.clone(),
            // The code and the sentence stay: they say why it was asked.
            _ if recorded.is_object() => self.with_question(recorded),
            _ => self.waiting_result(AskReason::ApprovalThresholdExceeded),
        }
    }

    /// What a model reads of a call that waits for a person's word.
    pub fn waiting_result(&self, why: AskReason) -> Value {
        let refusal = match why {
            AskReason::ApprovalThresholdExceeded => ToolError::new(
                ToolErrorCode::ApprovalRequired,
                "Nothing was done yet: this needs the person's yes. Ask them in one question that names the \
                 tasks, and make no call for it again.",
            ),
            AskReason::NotAllowed => ToolError::new(
                ToolErrorCode::NotAllowed,
                "Nothing was done yet: this program's token lacks the scope tasks:write, so this waits for the \
                 person's yes in the app where they are signed in. A yes said here does not count. Tell them so, \
                 and make no call for it again.",
            ),
        };
        self.waiting(&refusal)
    }

    /// What a program reads of its own call that waits for this person's word.
    pub fn waiting_result_for_program(&self, why: AskReason, person: UserId) -> Value {
        let (code, why) = match why {
            AskReason::ApprovalThresholdExceeded => (
                ToolErrorCode::ApprovalRequired,
                "one call may not delete or change so many tasks without the person's yes",
            ),
            AskReason::NotAllowed => (
                ToolErrorCode::NotAllowed,
                "the token lacks the scope tasks:write, so the person must say yes",
            ),
        };
        let id = self.question.id.0;
        let until = self.question.expires_at.to_rfc3339_opts(SecondsFormat::Secs, true);
        let sentence = format!(
            "Nothing was done yet: {why}. They are asked in the app, and can answer there, or signed in by POST \
             /api/{person}/approvals/{id}, until {until}. Their yes carries this very call out. Tell them so, and \
             do not ask for it in another way."
        );
        self.waiting(&ToolError::new(code, sentence))
    }

    fn waiting(&self, refusal: &ToolError) -> Value {
        self.with_question(tool::error_to_json(refusal))
    }

    fn with_question(&self, mut result: Value) -> Value {
        result["approval"] = json!(self.question.members());
        result
    }

    /// What a program reads when it makes its call again under the same key: what came of it or, while it
    /// waits, what it `first` read.
    pub fn replayed_result(&self, first: Value, now: DateTime<Utc>) -> Value {
        match (self.question.state_at(now), &self.result) {
            (ApprovalState::Expired, _) => self.refused_result(ApprovalError::Expired),
            (_, Some(result)) => result.clone(),
            (_, None) => first,
        }
    }

    /// The approval after one of its tasks was changed, or its answer replaced: it will never be carried out.
    #[must_use]
    pub fn voided(self) -> Self {
        let result = self.refused_result(ApprovalError::Void);
        self.with_decision(ApprovalState::Void, result)
    }

    /// The approval as it was asked, when the answer stands again that asked it.
    #[must_use]
    pub fn reactivated(mut self) -> Self {
        self.question.state = ApprovalState::Waiting;
        self.result = None;
        self
    }

    /// What a model reads of a call that was refused by this word of the person's.
    pub fn refused_result(&self, why: ApprovalError) -> Value {
        self.question.attach_to(tool::error_to_json(&why.into()))
    }

    /// What a model reads of a call that the person does not want.
    pub fn rejected_result(&self) -> Value {
        tool::error_to_json(&not_approved("The person said no, so nothing was done.".to_owned()))
    }
}

impl From<ApprovalError> for ToolError {
    fn from(refusal: ApprovalError) -> Self {
        not_approved(refusal.to_string())
    }
}

fn not_approved(sentence: String) -> ToolError {
    ToolError::new(ToolErrorCode::NotApproved, sentence)
}

/// The id of the approval that a result tells of.
pub fn approval_id_in(result: &Value) -> Option<ApprovalId> {
    serde_json::from_value(result.pointer("/approval/id")?.clone()).ok()
}

/// Whether a call holds a question that still counts: it waits for an answer, or the person has given one.
pub fn has_open_or_answered_question(call: &ExecutedCall) -> bool {
    let state = call.result.pointer("/approval/state").and_then(Value::as_str);
    match state.and_then(ApprovalState::from_name) {
        Some(ApprovalState::Approved | ApprovalState::Rejected) => true,
        // An answer that was refused leaves the state as it is, and no question.
        Some(ApprovalState::Waiting) => Question::of_call(call).is_some(),
        Some(ApprovalState::Expired | ApprovalState::Void) | None => false,
    }
}

/// What a model reads when there is no such approval any more.
pub fn not_found_error() -> ToolError {
    not_approved("This question is not on record any more, so what came of it is not known.".to_owned())
}
