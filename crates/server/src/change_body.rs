//! A change of the log as the API shows one, and what stands against taking one back.

use chrono::{DateTime, Utc};
use domain::{
    change_log::LoggedChange,
    id::{ConversationId, TurnId},
    undo::Conflict,
};
use serde::Serialize;

use crate::task_body::TaskBody;

/// A change.
#[derive(Serialize)]
pub(crate) struct ChangeBody {
    id: i64,
    kind: &'static str,
    task_id: i64,
    title: String,
    before: Option<TaskBody>,
    after: Option<TaskBody>,
    channel: &'static str,
    turn_id: Option<TurnId>,
    conversation_id: Option<ConversationId>,
    at: DateTime<Utc>,
    /// The change that took it back, if it is taken back.
    undone_by: Option<i64>,
    /// The change that it took back; the newest, when there were several.
    undoes: Option<i64>,
}

impl From<LoggedChange> for ChangeBody {
    fn from(change: LoggedChange) -> Self {
        Self {
            id: change.id.0,
            kind: change.kind().as_str(),
            task_id: change.number.0,
            title: change.title().to_owned(),
            channel: change.channel.as_str(),
            turn_id: change.turn,
            conversation_id: change.conversation,
            at: change.at,
            undone_by: change.undone_by.map(|id| id.0),
            undoes: change.undoes.last().map(|id| id.0),
            before: change.before.map(TaskBody::from),
            after: change.after.map(TaskBody::from),
        }
    }
}

/// A task that was changed since.
#[derive(Serialize)]
pub(crate) struct ConflictBody {
    task_id: i64,
    title: String,
    reason: &'static str,
    since: Option<ChangeBody>,
}

impl From<Conflict> for ConflictBody {
    fn from(conflict: Conflict) -> Self {
        Self {
            task_id: conflict.number.0,
            title: conflict.title,
            reason: conflict.reason.as_str(),
            since: conflict.since.map(ChangeBody::from),
        }
    }
}
