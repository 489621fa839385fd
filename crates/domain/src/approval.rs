//! What the assistant may not do by itself, and how a person says yes to it.
//!
//! A call that would delete or change more than a turn may without a question is not made: an
//! [`Approval`] is kept in its place, and only a person's word, read by the server, carries it out,
//! once. What a model or a client says was approved counts for nothing.

mod plain_answer;
mod policy;
mod question;

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::{
    command::{TaskChange, TodoChange, TodoCommand},
    id::{ConversationId, TurnId},
    time_zone::PersonalTime,
    todo::{TaskNumber, Todo},
    tool::{self, ToolError, ToolErrorCode},
};

pub use plain_answer::plain_answer;
pub use policy::{MOST_CHANGED_UNASKED, MOST_DELETED_UNASKED, TurnCounts};
pub use question::{ApprovalTask, Question};

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
    /// It is more than a turn may do without a question.
    MoreThanUnasked,
    /// It was asked for by a program that may not change tasks. Only who may can answer.
    NotAllowed,
}

impl AskReason {
    /// How long the person may take to answer: they talk just now, or are told of it later.
    pub fn lifetime(self) -> Duration {
        match self {
            Self::MoreThanUnasked => Duration::from_secs(10 * 60),
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

/// A call that waits for a person's word, or has had it.
#[derive(Debug, Clone, PartialEq)]
pub struct Approval {
    /// What is asked.
    pub question: Question,
    /// The turn that asks.
    pub turn: TurnId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// The call's id in that turn.
    pub call_id: String,
    /// The revisions that the tasks of the question had when it was asked, in their order.
    pub revisions: Vec<i64>,
    /// What came of the call, once it was answered.
    pub result: Option<Value>,
}

/// What an answer means for an approval as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The call is carried out now.
    CarryOut,
    /// The call will not be made.
    Reject,
    /// A task was changed since: the call will never be made.
    Annul,
    /// The same was said before: what came of it then is the answer.
    Repeat,
    /// The answer counts for nothing.
    Refuse(ApprovalRefusal),
}

/// Why an answer counts for nothing. Nothing is done then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalRefusal {
    /// It came too late.
    #[error("This question has expired, so nothing was done. Ask for it once more.")]
    Expired,
    /// A task is no longer as it was when the person was asked.
    #[error("A task was changed since this was asked, so nothing was done. Ask for it once more.")]
    Void,
    /// The other answer was given before.
    #[error("This question was answered before.")]
    Decided,
    /// What was shown to the person is not what was asked.
    #[error("These are not the arguments that were asked about, so nothing was done.")]
    OtherArguments,
}

impl Approval {
    /// What an answer at this time means, when the tasks are those that `current` finds.
    pub fn verdict(
        &self,
        decision: Decision,
        now: DateTime<Utc>,
        current: impl Fn(TaskNumber) -> Option<i64>,
    ) -> Verdict {
        let is_unchanged = || {
            let asked = self.question.tasks.iter().zip(&self.revisions);
            asked.into_iter().all(|(task, revision)| current(task.number) == Some(*revision))
        };
        match (self.question.state_at(now), decision) {
            (ApprovalState::Approved, Decision::Approve) | (ApprovalState::Rejected, Decision::Reject) => {
                Verdict::Repeat
            }
            (ApprovalState::Approved | ApprovalState::Rejected, _) => {
                Verdict::Refuse(ApprovalRefusal::Decided)
            }
            (ApprovalState::Expired, _) => Verdict::Refuse(ApprovalRefusal::Expired),
            (ApprovalState::Void, _) => Verdict::Refuse(ApprovalRefusal::Void),
            (ApprovalState::Waiting, Decision::Reject) => Verdict::Reject,
            (ApprovalState::Waiting, Decision::Approve) if is_unchanged() => Verdict::CarryOut,
            (ApprovalState::Waiting, Decision::Approve) => Verdict::Annul,
        }
    }

    /// The command that a yes carries out: the change that was asked for, of the tasks that the person
    /// was shown and no others. Days are read as they were when it was asked.
    ///
    /// # Errors
    /// When the arguments mean nothing to this version.
    pub fn command(&self, asked_at: PersonalTime) -> Result<TodoCommand, ToolError> {
        let Question { tool, arguments, tasks, .. } = &self.question;
        if tasks.is_empty() {
            return match tool::decode(tool, arguments.clone(), asked_at)? {
                addition @ TodoCommand::Change(TodoChange::Add(_)) => Ok(addition),
                _ => Err(ToolError::new(ToolErrorCode::ValidationError, "This call is about no task.")),
            };
        }
        // Whatever named the tasks, a place in a list or a title: those that were shown are meant.
        let mut arguments = arguments.clone();
        let numbers: Vec<_> = tasks.iter().map(|task| task.number.0).collect();
        arguments.insert("task_id".to_owned(), json!(numbers));
        let change = match tool::decode(tool, arguments, asked_at)? {
            TodoCommand::Change(TodoChange::Update(_, patch)) => TaskChange::Update(patch),
            TodoCommand::Change(TodoChange::Delete(..)) => TaskChange::Delete,
            TodoCommand::ChangeTitled(_, change) | TodoCommand::ChangeMany(_, change) => change,
            _ => return Err(ToolError::new(ToolErrorCode::ValidationError, "This call changes no task.")),
        };
        Ok(match tasks.as_slice() {
            [task] => TodoCommand::Change(change.of(task.number)),
            tasks => TodoCommand::ChangeMany(tasks.iter().map(|task| task.number).collect(), change),
        })
    }

    /// The approval as it stands after an answer.
    #[must_use]
    pub fn decided(mut self, state: ApprovalState, result: Value) -> Self {
        self.question.state = state;
        self.result = Some(self.question.marked(result));
        self
    }

    /// What stands as the result of the call that asked, once it was answered: what came of it or, when
    /// another turn made the call, how the question stands.
    pub fn record(&self, made_in: TurnId) -> Value {
        match &self.result {
            Some(result) if made_in == self.turn => result.clone(),
            _ => self.asking(AskReason::MoreThanUnasked),
        }
    }

    /// What a model reads of a call that waits for a person's word.
    pub fn asking(&self, why: AskReason) -> Value {
        let refusal = match why {
            AskReason::MoreThanUnasked => ToolError::new(
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
        let mut result = tool::error_to_json(&refusal);
        result["approval"] = json!(self.question.members());
        result
    }

    /// What a model reads of a call that was refused by this word of the person's.
    pub fn refused(&self, why: ApprovalRefusal) -> Value {
        self.question.marked(tool::error_to_json(&why.into()))
    }

    /// What a model reads of a call that the person does not want.
    pub fn rejected(&self) -> Value {
        tool::error_to_json(&not_approved("The person said no, so nothing was done.".to_owned()))
    }
}

impl From<ApprovalRefusal> for ToolError {
    fn from(refusal: ApprovalRefusal) -> Self {
        not_approved(refusal.to_string())
    }
}

fn not_approved(sentence: String) -> ToolError {
    ToolError::new(ToolErrorCode::NotApproved, sentence)
}

/// What a model reads when there is no such approval any more.
pub fn gone() -> ToolError {
    not_approved("This question is not on record any more, so nothing was done.".to_owned())
}

/// Which existing tasks a command is about, as far as it names them.
pub fn named_tasks(command: &TodoCommand) -> Vec<TaskNumber> {
    match command {
        TodoCommand::Change(change) => change.number().into_iter().collect(),
        TodoCommand::ChangeMany(numbers, _) => numbers.clone(),
        TodoCommand::ChangeSeen(seen, _) => seen.iter().map(|task| task.number).collect(),
        _ => Vec::new(),
    }
}

/// Whether a command is about tasks that are there already.
pub fn is_about_existing_tasks(command: &TodoCommand) -> bool {
    !matches!(command, TodoCommand::Change(TodoChange::Add(_)))
}

/// The tasks of a question, in the order in which they were named.
pub fn in_order(numbers: &[TaskNumber], todos: &[Todo]) -> (Vec<ApprovalTask>, Vec<i64>) {
    let found = numbers.iter().filter_map(|number| todos.iter().find(|todo| todo.number == *number));
    found.map(|todo| (ApprovalTask::of(todo), todo.revision)).unzip()
}

/// Whether two arguments mean the same. What went through JavaScript has lost whether a number had a
/// decimal point.
pub fn are_same(one: &Map<String, Value>, other: &Map<String, Value>) -> bool {
    fn is_same(one: &Value, other: &Value) -> bool {
        match (one, other) {
            (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
            (Value::Array(one), Value::Array(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
            }
            (Value::Object(one), Value::Object(other)) => are_same(one, other),
            _ => one == other,
        }
    }
    one.len() == other.len()
        && one.iter().all(|(name, value)| other.get(name).is_some_and(|other| is_same(value, other)))
}

#[cfg(test)]
mod tests;
