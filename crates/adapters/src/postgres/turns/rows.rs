//! Rows of `turn` and `message`.

use chrono::{DateTime, Utc};
use diesel::{Queryable, Selectable, pg::Pg};
use domain::{
    account::UserId,
    message::{Message, MessageBody, ToolCall},
    time_zone::{LocalNow, PersonalTime, TimeZone, WeekStart},
    turn::{
        Lease, NewTurn,
        admission::{EarlierEnding, FoundBy, TurnFacts, TurnState},
    },
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use serde_json::Value;
use uuid::Uuid;

use crate::postgres::{
    lease_condition::is_leased,
    schema::{message, turn},
    stored_tool_calls,
};

/// A row of `turn`.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = turn, check_for_backend(Pg))]
pub(super) struct TurnRow {
    pub(super) id: Uuid,
    pub(super) user_id: Uuid,
    /// The id of the conversation's row. Its user may know it by another one.
    pub(super) conversation_id: Uuid,
    pub(super) idempotency_key: Option<String>,
    pub(super) body_hash: Option<Vec<u8>>,
    pub(super) state: String,
    pub(super) first_seq: i32,
    pub(super) step: i32,
    pub(super) fence: i32,
    pub(super) attempt: i16,
    pub(super) final_message_seq: Option<i32>,
    pub(super) base_step: i32,
    pub(super) regenerates: bool,
    pub(super) stop_requested: bool,
    pub(super) edited_after: Option<i32>,
    #[diesel(select_expression = is_leased(), select_expression_type = is_leased)]
    pub(super) is_leased: bool,
    pub(super) finish_reason: Option<String>,
    pub(super) failure: Option<String>,
    pub(super) model: Option<String>,
    pub(super) prompt_tokens: Option<i32>,
    pub(super) completion_tokens: Option<i32>,
    pub(super) time_zone: String,
    pub(super) week_start: String,
    pub(super) created_at: DateTime<Utc>,
    pub(super) asked_at: Option<DateTime<Utc>>,
}

/// A person's time, from its columns. A name that this version does not know, perhaps of a newer time
/// zone database, is read as UTC: a conversation must go on.
pub(super) fn personal_time(zone: &str, week_start: &str, at: DateTime<Utc>) -> PersonalTime {
    PersonalTime {
        local: LocalNow { zone: TimeZone::parse(zone).unwrap_or(TimeZone::UTC), now: at },
        week_start: WeekStart::parse(week_start).unwrap_or_default(),
    }
}

impl TurnRow {
    pub(super) fn turn(&self) -> TurnId {
        TurnId(self.id)
    }

    /// What the person's clock and calendar showed when they sent the message, or asked for another answer.
    pub(super) fn time(&self) -> PersonalTime {
        personal_time(&self.time_zone, &self.week_start, self.asked_at.unwrap_or(self.created_at))
    }

    /// The right to work on the turn, in the conversation that its user knows by this id.
    pub(super) fn lease(&self, conversation: ConversationId) -> Lease {
        Lease { turn: self.turn(), user: UserId(self.user_id), conversation, fence: self.fence }
    }

    pub(super) fn state(&self) -> TurnState {
        turn_state(&self.state, self.is_leased)
    }

    pub(super) fn is_running(&self) -> bool {
        matches!(self.state(), TurnState::Running { .. })
    }

    /// How many of its first steps answers made that another one replaced.
    pub(super) fn replaced_steps(&self) -> usize {
        replaced_steps(self.regenerates, self.base_step)
    }

    /// What the rules of admission need to know of the turn.
    pub(super) fn facts(&self) -> TurnFacts {
        TurnFacts {
            state: self.state(),
            attempt: self.attempt,
            has_new_steps: self.step > self.base_step,
            earlier_ending: self.final_message_seq.map(|_seq| match &self.finish_reason {
                Some(_) => EarlierEnding::Answered,
                None => EarlierEnding::Failed,
            }),
            is_first: self.first_seq == 1,
        }
    }

    /// How this turn is the one that `new` asks for, if it is.
    pub(super) fn found_by(&self, new: &NewTurn) -> Option<FoundBy> {
        if self.id == new.id.0 {
            return Some(FoundBy::Id);
        }
        let key = new.key.as_ref().filter(|key| {
            self.user_id == new.caller.user.0 && self.idempotency_key.as_deref() == Some(key.key.as_str())
        })?;
        let is_same = self.body_hash.as_deref() == Some(key.body_hash.as_slice());
        Some(if is_same { FoundBy::Key } else { FoundBy::KeyWithOtherBody })
    }
}

/// The state of a turn, from its column and whether it [`is_leased`].
pub(in crate::postgres) fn turn_state(state: &str, is_leased: bool) -> TurnState {
    match state {
        "answered" => TurnState::Answered,
        "failed" => TurnState::Failed,
        // The column's CHECK leaves only this one.
        _ => TurnState::Running { is_leased },
    }
}

/// How many of a turn's first steps answers made that another one replaced.
pub(in crate::postgres) fn replaced_steps(regenerates: bool, base_step: i32) -> usize {
    usize::try_from(base_step).ok().filter(|_| regenerates).unwrap_or_default()
}

/// A row of `message`.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = message, check_for_backend(Pg))]
pub(in crate::postgres) struct MessageRow {
    pub(in crate::postgres) turn_id: Uuid,
    pub(in crate::postgres) seq: i32,
    pub(in crate::postgres) role: String,
    pub(in crate::postgres) content: String,
    pub(in crate::postgres) tool_calls: Option<Value>,
    pub(in crate::postgres) tool_call_id: Option<String>,
}

impl MessageRow {
    /// The message as the model needs it.
    pub(in crate::postgres) fn message(self) -> Message {
        let turn = TurnId(self.turn_id);
        let calls = self.calls();
        let body = match (self.role.as_str(), self.tool_call_id) {
            ("tool", Some(call_id)) => MessageBody::Tool { call_id, content: self.content },
            ("assistant", _) => MessageBody::Assistant { text: self.content, calls },
            _ => MessageBody::User(self.content),
        };
        Message { turn, body }
    }

    /// The tool calls of an assistant's message.
    pub(super) fn calls(&self) -> Vec<ToolCall> {
        stored_tool_calls::from_column(self.tool_calls.as_ref())
    }
}
