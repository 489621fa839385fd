//! Rows of `turn` and `message`.

use diesel::{
    Queryable,
    sql_types::{Binary, Bool, Integer, Jsonb, Nullable, SmallInt, Text, Uuid as SqlUuid},
};
use domain::{
    account::UserId,
    conversation::{ConversationId, Message, MessageBody},
    turn::{Lease, ToolCall, TurnId},
};
use serde_json::Value;
use uuid::Uuid;

/// The columns of a [`TurnRow`], in order.
pub(in crate::postgres) type TurnColumns = (
    (SqlUuid, SqlUuid, SqlUuid),
    Nullable<Binary>,
    (Text, Integer, Integer, Integer, SmallInt),
    (Nullable<Integer>, Integer, Bool, Bool),
    (Nullable<Text>, Nullable<Text>),
    (Nullable<Text>, Nullable<Integer>, Nullable<Integer>),
);

/// A `SELECT` of [`TurnColumns`], and of more columns if need be, that ends in the given clauses.
macro_rules! select_turn {
    ($rest:literal) => {
        select_turn!("", $rest)
    };
    ($more:literal, $rest:literal) => {
        concat!(
            "SELECT turn.id, turn.user_id, turn.conversation_id, body_hash,
                    state, first_seq, step, fence, attempt,
                    closing_seq, base_step, regenerates, lease_until <= now() AS is_dead,
                    finish_reason, failure, model, prompt_tokens, completion_tokens",
            $more,
            " FROM turn ",
            $rest
        )
    };
}
pub(in crate::postgres) use select_turn;

#[derive(Debug, Queryable)]
pub(in crate::postgres) struct TurnRow {
    pub(in crate::postgres) ids: (Uuid, Uuid, Uuid),
    pub(super) body_hash: Option<Vec<u8>>,
    pub(super) progress: Progress,
    pub(super) ending: Ending,
    pub(super) outcome: (Option<String>, Option<String>),
    pub(super) cost: (Option<String>, Option<i32>, Option<i32>),
}

#[derive(Debug, Queryable)]
pub(in crate::postgres) struct Progress {
    pub(super) state: String,
    pub(super) first_seq: i32,
    pub(super) step: i32,
    pub(super) fence: i32,
    pub(super) attempt: i16,
}

#[derive(Debug, Queryable)]
pub(in crate::postgres) struct Ending {
    pub(super) closing_seq: Option<i32>,
    pub(super) base_step: i32,
    pub(super) regenerates: bool,
    pub(super) is_dead: bool,
}

/// What a turn's `state` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::postgres) enum State {
    Running,
    Answered,
    Failed,
}

impl TurnRow {
    pub(in crate::postgres) fn turn(&self) -> TurnId {
        TurnId(self.ids.0)
    }

    pub(in crate::postgres) fn conversation(&self) -> ConversationId {
        ConversationId(self.ids.2)
    }

    pub(super) fn lease(&self) -> Lease {
        Lease {
            turn: self.turn(),
            user: UserId(self.ids.1),
            conversation: self.conversation(),
            fence: self.progress.fence,
        }
    }

    pub(in crate::postgres) fn state(&self) -> State {
        match self.progress.state.as_str() {
            "answered" => State::Answered,
            "failed" => State::Failed,
            // The column's CHECK leaves only this one.
            _ => State::Running,
        }
    }

    /// Whether nothing was committed since the turn began or was reopened.
    pub(super) fn is_untouched(&self) -> bool {
        self.progress.step == self.ending.base_step
    }
}

/// A row of `message`.
#[derive(Debug, Clone, Queryable)]
pub(in crate::postgres) struct MessageRow {
    pub(in crate::postgres) turn: Uuid,
    pub(in crate::postgres) seq: i32,
    pub(in crate::postgres) role: String,
    pub(in crate::postgres) content: String,
    pub(in crate::postgres) tool_calls: Option<Value>,
    pub(in crate::postgres) tool_call_id: Option<String>,
}

/// The columns of a [`MessageRow`], in order.
pub(in crate::postgres) type MessageColumns = (SqlUuid, Integer, Text, Text, Nullable<Jsonb>, Nullable<Text>);

impl MessageRow {
    /// The message as the model needs it.
    pub(super) fn message(self) -> Message {
        let turn = TurnId(self.turn);
        let calls = self.calls();
        let body = match (self.role.as_str(), self.tool_call_id) {
            ("tool", Some(call_id)) => MessageBody::Tool { call_id, content: self.content },
            ("assistant", _) => MessageBody::Assistant { text: self.content, calls },
            _ => MessageBody::User(self.content),
        };
        Message { turn, body }
    }

    /// The tool calls of an assistant's message. What an older version or a hand in the database
    /// left there and is none is passed over: one bad row must not cost a conversation.
    pub(in crate::postgres) fn calls(&self) -> Vec<ToolCall> {
        let stored = self.tool_calls.as_ref().and_then(Value::as_array);
        let call = |stored: &Value| {
            Some(ToolCall {
                id: stored["id"].as_str()?.to_owned(),
                name: stored["name"].as_str()?.to_owned(),
                arguments: stored["arguments"].as_object().cloned().unwrap_or_default(),
            })
        };
        stored.into_iter().flatten().filter_map(call).collect()
    }
}
