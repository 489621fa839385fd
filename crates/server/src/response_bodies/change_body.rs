//! A change of the log as the API shows one, and what stands against taking one back.

use chrono::{DateTime, Utc};
use domain::{
    change_log::LoggedChange,
    turn_and_conversation_ids::{ConversationId, TurnId},
    undo::Conflict,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{field_schemas, response_bodies::task_body::TaskBody};

/// A change.
#[derive(Serialize, ToSchema)]
#[schema(as = Change)]
pub(crate) struct ChangeBody {
    id: i64,
    #[schema(schema_with = field_schemas::change_kind)]
    kind: &'static str,
    task_id: i64,
    title: String,
    #[schema(required)]
    before: Option<TaskBody>,
    #[schema(required)]
    after: Option<TaskBody>,
    #[schema(schema_with = field_schemas::channel)]
    channel: &'static str,
    /// What the token was called with which a program made it, or asked for it.
    #[schema(required)]
    program: Option<String>,
    #[schema(value_type = Option<Uuid>, required)]
    turn_id: Option<TurnId>,
    #[schema(value_type = Option<Uuid>, required)]
    conversation_id: Option<ConversationId>,
    at: DateTime<Utc>,
    /// The change that took it back, if it is taken back.
    #[schema(required)]
    undone_by: Option<i64>,
    /// The change that it took back; the newest, when there were several.
    #[schema(required)]
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
            program: change.program,
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
#[derive(Serialize, ToSchema)]
#[schema(as = UndoConflict)]
pub(crate) struct ConflictBody {
    task_id: i64,
    title: String,
    #[schema(schema_with = field_schemas::conflict_reason)]
    reason: &'static str,
    #[schema(required)]
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
