//! Approvals: calls that the assistant may not carry out by itself, and how a person allows them.
//!
//! A call that would delete or change more than a turn may without a question is not made: an
//! [`Approval`] is kept in its place, and only a person's word, read by the server, carries it out,
//! once. What a model or a client says was approved counts for nothing.

mod approval_target;
mod pending_call_results;
mod policy;
mod question;
mod yes_no_parser;

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{
    caller::Caller,
    request_channel::Channel,
    time_zone::PersonalTime,
    todo_command::{TaskChange, TodoChange, TodoCommand},
    tool::{self, ToolError, ToolErrorCode},
    turn_and_conversation_ids::{ConversationId, TurnId},
};

pub use approval_target::{
    ApprovalTarget, arguments_match, check_seen, is_about_existing_tasks, named_tasks, outcome_without_tasks,
};
pub use pending_call_results::{approval_id_in, has_open_or_answered_question, not_found_error};
pub use policy::{MAX_CHANGED_WITHOUT_APPROVAL, MAX_DELETED_WITHOUT_APPROVAL, TurnCounts};
use question::MAX_TITLE_CHARACTERS;
pub use question::{ApprovalTask, Question};
pub use yes_no_parser::parse_yes_no;

/// The most approvals that wait of which a person is shown a list: the oldest ones.
pub const MAX_SHOWN: i64 = 200;

/// An approval's id, a UUIDv7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ApprovalId(pub Uuid);

/// What a person says to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// It shall be done.
    Approve,
    /// It shall not be done.
    Reject,
}

/// Why a call waits for the person's yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AskReason {
    /// It is more than a turn, or one call of a program, may do without a question.
    ApprovalThresholdExceeded,
    /// It was asked for by a program that may not change tasks. Only who may can answer.
    NotAllowed,
}

impl AskReason {
    /// How long the person may take to answer: they talk just now, or are told of it later.
    pub fn lifetime(self) -> Duration {
        match self {
            Self::ApprovalThresholdExceeded => Duration::from_secs(10 * 60),
            Self::NotAllowed => Duration::from_secs(24 * 60 * 60),
        }
    }
}

/// How an approval stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ApprovalState {
    /// The person has not answered.
    Waiting,
    /// They said yes, and it was done.
    Approved,
    /// They said no.
    Rejected,
    /// They did not answer in time.
    Expired,
    /// A task was changed before they answered.
    Void,
}

impl ApprovalState {
    /// The state's name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Void => "void",
        }
    }

    /// The state with this name, if it is one.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Waiting, Self::Approved, Self::Rejected, Self::Expired, Self::Void]
            .into_iter()
            .find(|state| state.as_str() == name)
    }
}

/// The call of a turn that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskingCall {
    /// The turn that asks.
    pub turn: TurnId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// The call's id in that turn.
    pub id: String,
}

/// A call that waits for a person's word, or has had it.
#[derive(Debug, Clone, PartialEq)]
pub struct Approval {
    /// What is asked.
    pub question: Question,
    /// The call of a turn that asks; `None` when a program asks by a call of its own.
    pub asked_in: Option<AskingCall>,
    /// The revisions that the tasks of the question had when it was asked, in their order; 0 for one that
    /// was not there.
    pub revisions: Vec<i64>,
    /// What came of the call, once it was answered.
    pub result: Option<Value>,
}

/// How what a question is about stands, when the question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetState {
    /// As it was when it was asked.
    Unchanged,
    /// A task was changed, or what a yes would take back is not on record any more.
    Changed,
    /// The answer that a yes would take back is still being given.
    StillRunning,
}

/// What an answer means for an approval as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApprovalTransition {
    /// The call is carried out now: this is what it does.
    CarryOut(Box<TodoCommand>),
    /// The call will not be made.
    Reject,
    /// A task was changed since, or the call means nothing to this version: it will never be made.
    Void,
    /// The same was said before: what came of it then is the answer.
    Repeat,
    /// The answer counts for nothing.
    Refuse(ApprovalError),
}

/// Why an answer counts for nothing. Nothing is done then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalError {
    /// It came too late.
    #[error("This question has expired, so nothing was done. Ask for it once more.")]
    Expired,
    /// A task is no longer as it was when the person was asked, another answer took the place of the one
    /// that asked, or what was asked means nothing to this version.
    #[error(
        "What this was about is no longer as it was when it was asked, or another answer was given, so nothing \
         was done. Ask for it once more."
    )]
    Void,
    /// The other answer was given before.
    #[error("This question was answered before.")]
    Decided,
    /// What was shown to the person is not what was asked.
    #[error("These are not the arguments that were asked about, so nothing was done.")]
    OtherArguments,
    /// The answer that it would take back is still being given: it waits on.
    #[error(
        "What this would undo is still being done, so nothing was undone yet. Say yes again when it has ended."
    )]
    StillRunning,
    /// A program answers what a program has asked.
    #[error("A program asked this, so only the person can answer it, where they are signed in.")]
    NotThePerson,
}

impl Approval {
    /// How its call was made: in a turn, or by a program.
    pub fn channel(&self) -> Channel {
        self.asked_in.as_ref().map_or(Channel::Mcp, |call| Channel::Chat(call.turn))
    }

    /// Looks whether an answer of this caller's, who was shown these arguments, is one to this question at
    /// all. A program answers no question of a program's.
    ///
    /// # Errors
    /// When the caller is none who can answer, or was shown something else than what was asked.
    pub fn check_answer(
        &self,
        caller: &Caller,
        shown: Option<&Map<String, Value>>,
    ) -> Result<(), ApprovalError> {
        let Question { tool, arguments, .. } = &self.question;
        if self.asked_in.is_none() && caller.is_program() {
            return Err(ApprovalError::NotThePerson);
        }
        match shown {
            Some(shown) if !arguments_match(tool, arguments, shown) => Err(ApprovalError::OtherArguments),
            _ => Ok(()),
        }
    }

    /// What an answer at this time means to what was asked at another one.
    pub fn transition(
        &self,
        decision: Decision,
        asked_at: PersonalTime,
        now: DateTime<Utc>,
        target: TargetState,
    ) -> ApprovalTransition {
        match (self.question.state_at(now), decision) {
            (ApprovalState::Approved, Decision::Approve) | (ApprovalState::Rejected, Decision::Reject) => {
                ApprovalTransition::Repeat
            }
            (ApprovalState::Approved | ApprovalState::Rejected, _) => {
                ApprovalTransition::Refuse(ApprovalError::Decided)
            }
            (ApprovalState::Expired, _) => ApprovalTransition::Refuse(ApprovalError::Expired),
            (ApprovalState::Void, _) => ApprovalTransition::Refuse(ApprovalError::Void),
            (ApprovalState::Waiting, Decision::Reject) => ApprovalTransition::Reject,
            (ApprovalState::Waiting, Decision::Approve) => match (self.command(asked_at), target) {
                (Ok(command), TargetState::Unchanged) => ApprovalTransition::CarryOut(Box::new(command)),
                (Ok(_), TargetState::StillRunning) => ApprovalTransition::Refuse(ApprovalError::StillRunning),
                (Ok(_), TargetState::Changed) | (Err(_), _) => ApprovalTransition::Void,
            },
        }
    }

    /// The command that a yes carries out: the change that was asked for, of the tasks that the person
    /// was shown and no others. Days are read as they were when it was asked.
    ///
    /// # Errors
    /// When the arguments mean nothing to this version.
    pub fn command(&self, asked_at: PersonalTime) -> Result<TodoCommand, ToolError> {
        let Question { tool, arguments, tasks, .. } = &self.question;
        if let Some(target) = self.undo_target() {
            return Ok(TodoCommand::Undo(target));
        }
        if tasks.is_empty() {
            return match tool::decode(tool, arguments.clone(), asked_at)? {
                addition @ TodoCommand::Change(TodoChange::Add(_)) => Ok(addition),
                _ => Err(ToolError::new(ToolErrorCode::ValidationError, "This call is about no task.")),
            };
        }
        // Whatever named the tasks, a place in a list or a title: those that were shown are meant.
        let arguments = tool::about_tasks(arguments.clone(), &self.numbers());
        let change = match tool::decode(tool, arguments, asked_at)? {
            TodoCommand::Change(TodoChange::Update(_, patch)) => TaskChange::Update(patch),
            TodoCommand::Change(TodoChange::Delete(..)) => TaskChange::Delete,
            TodoCommand::ChangeTitled(_, change) | TodoCommand::ChangeMany(_, change) => change,
            _ => return Err(ToolError::new(ToolErrorCode::ValidationError, "This call changes no task.")),
        };
        Ok(match tasks.as_slice() {
            [task] => TodoCommand::Change(change.for_task(task.number)),
            _ => TodoCommand::ChangeMany(self.numbers(), change),
        })
    }

    /// Whether a program's call, made again when its clock shows `now`, is the one that waits: it is about
    /// the same, as it was when it was asked, and means the same days. "Tomorrow" is another day by then; "in
    /// two hours" is another minute at each call, and no other wish.
    pub fn is_asked_again(&self, asked_at: PersonalTime, target: &ApprovalTarget, now: PersonalTime) -> bool {
        (&self.question.tasks, &self.revisions) == (&target.tasks, &target.revisions)
            && self.command(asked_at).map(TodoCommand::without_times_of_day)
                == self.command(now).map(TodoCommand::without_times_of_day)
    }

    /// The approval as it stands after an answer.
    #[must_use]
    pub fn with_decision(mut self, state: ApprovalState, result: Value) -> Self {
        self.question.state = state;
        self.result = Some(self.question.attach_to(result));
        self
    }
}

#[cfg(test)]
mod tests;
