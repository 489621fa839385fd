//! A conversation as JSON: messages with their parts, in the form that chat frontends keep them.

use chrono::{DateTime, Utc};
use domain::{
    answer_verification,
    calls_of_current_answer::calls_of_current_answer,
    conversation::{ConversationSummary, ConversationView, Ending, StepView, TurnView},
    message::ExecutedCall,
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{
    field_schemas,
    response_bodies::{tool_call_body::ToolCallBody, turn_effects_body::Effects},
};

/// What a list shows of a conversation.
#[derive(Serialize, ToSchema)]
#[schema(as = ConversationSummary)]
pub(in crate::routes) struct SummaryBody {
    #[schema(value_type = Uuid)]
    id: ConversationId,
    title: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    message_count: i64,
}

impl From<ConversationSummary> for SummaryBody {
    fn from(summary: ConversationSummary) -> Self {
        let ConversationSummary { id, title, created_at, updated_at, message_count } = summary;
        Self { id, title, created_at, updated_at, message_count }
    }
}

/// A conversation with the turns of its page.
#[derive(Serialize, ToSchema)]
#[schema(as = Conversation)]
pub(in crate::routes) struct ConversationBody {
    #[schema(value_type = Uuid)]
    id: ConversationId,
    title: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[schema(value_type = Option<Uuid>, required)]
    running_turn_id: Option<TurnId>,
    #[schema(required)]
    model: Option<String>,
    messages: Vec<Message>,
}

#[derive(Serialize, ToSchema)]
#[serde(tag = "role", rename_all = "lowercase")]
enum Message {
    User {
        id: String,
        content: String,
        #[schema(value_type = Vec<Part>)]
        parts: [Part; 1],
        #[schema(value_type = Uuid)]
        turn_id: TurnId,
        created_at: DateTime<Utc>,
    },
    Assistant {
        #[schema(value_type = Uuid)]
        id: TurnId,
        content: String,
        #[schema(schema_with = field_schemas::tool_calls)]
        tool_calls: Vec<ToolCallBody>,
        /// `effects` and `notice`.
        #[serde(flatten)]
        effects: Effects,
        parts: Vec<Part>,
        #[schema(value_type = Uuid)]
        turn_id: TurnId,
        #[schema(schema_with = field_schemas::maybe_finish_reason, required)]
        finish_reason: Option<&'static str>,
        created_at: DateTime<Utc>,
    },
}

/// A part of a message, as the AI SDK's `UIMessage` has them.
#[derive(Serialize, ToSchema)]
#[schema(as = MessagePart)]
#[serde(untagged)]
enum Part {
    StepStart {
        #[schema(schema_with = field_schemas::step_start)]
        r#type: &'static str,
    },
    Text {
        #[schema(schema_with = field_schemas::text_part)]
        r#type: &'static str,
        text: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(schema_with = field_schemas::done)]
        state: Option<&'static str>,
    },
    #[serde(rename_all = "camelCase")]
    Tool {
        #[schema(schema_with = field_schemas::tool_part)]
        r#type: String,
        tool_call_id: String,
        #[schema(schema_with = field_schemas::output_available)]
        state: &'static str,
        #[schema(schema_with = field_schemas::object)]
        input: Map<String, Value>,
        #[schema(schema_with = field_schemas::anything)]
        output: Value,
    },
}

impl From<ConversationView> for ConversationBody {
    fn from(view: ConversationView) -> Self {
        let messages = |turn: &TurnView| std::iter::once(question(turn)).chain(answer(turn));
        Self {
            id: view.id,
            title: view.title,
            created_at: view.created_at,
            updated_at: view.updated_at,
            running_turn_id: view.running_turn,
            model: view.model,
            messages: view.turns.iter().flat_map(messages).collect(),
        }
    }
}

fn question(turn: &TurnView) -> Message {
    Message::User {
        id: turn.message_id(),
        content: turn.said.clone(),
        parts: [Part::Text { r#type: "text", text: turn.said.clone(), state: None }],
        turn_id: turn.turn,
        created_at: turn.sent_at,
    }
}

/// The one answer to what was said, once a step of it is committed.
fn answer(turn: &TurnView) -> Option<Message> {
    let first = turn.steps.first()?;
    let tool_calls: Vec<ExecutedCall> = turn.steps.iter().flat_map(|step| &step.calls).cloned().collect();
    let is_answered = matches!(turn.ending, Ending::Finished(_));
    let effective = calls_of_current_answer(&tool_calls, turn.replaced_calls);
    let requested_change_not_made =
        is_answered && answer_verification::requested_change_not_made(&turn.said, effective);
    let words = turn.steps.iter().map(|step| step.text.as_str()).filter(|text| !text.is_empty());
    Some(Message::Assistant {
        id: turn.turn,
        content: words.collect::<Vec<_>>().join("\n\n"),
        effects: Effects::of(&tool_calls, requested_change_not_made),
        tool_calls: ToolCallBody::all(tool_calls),
        parts: turn.steps.iter().flat_map(parts).collect(),
        turn_id: turn.turn,
        finish_reason: match turn.ending {
            Ending::Finished(reason) => Some(reason.as_str()),
            Ending::Running | Ending::Orphaned | Ending::Failed => None,
        },
        created_at: first.at,
    })
}

fn parts(step: &StepView) -> impl Iterator<Item = Part> {
    let begin = Part::StepStart { r#type: "step-start" };
    let has_words = !step.text.is_empty();
    let words =
        has_words.then(|| Part::Text { r#type: "text", text: step.text.clone(), state: Some("done") });
    std::iter::once(begin).chain(words).chain(step.calls.iter().map(tool_part))
}

fn tool_part(call: &ExecutedCall) -> Part {
    Part::Tool {
        r#type: format!("tool-{}", call.tool),
        tool_call_id: call.id.clone(),
        state: "output-available",
        input: call.input.clone(),
        output: call.result.clone(),
    }
}

#[cfg(test)]
mod tests;
