//! The effects of a turn and the notice about its answer, as JSON: beside every answer, and in the stream.

use domain::{
    message::ExecutedCall,
    tool::{CallEffect, effects_of_calls},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::field_schemas;

/// What an answer has done, whatever its words say.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Effects {
    effects: Vec<EffectBody>,
    #[schema(required)]
    notice: Option<Notice>,
}

/// What became of one task.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Effect)]
struct EffectBody {
    #[schema(schema_with = field_schemas::change_kind)]
    kind: &'static str,
    task_id: i64,
    /// As it is now or, after a delete, as it was.
    title: String,
}

/// Something that a person should know of an answer.
#[derive(Debug, Serialize, ToSchema)]
struct Notice {
    code: &'static str,
    detail: &'static str,
}

impl Effects {
    /// The effects of a turn's calls. `requested_change_not_made` says that the person had asked for a
    /// change.
    pub(crate) fn of(tool_calls: &[ExecutedCall], requested_change_not_made: bool) -> Self {
        let notice = requested_change_not_made
            .then_some(Notice { code: "nothing_was_changed", detail: "Nothing was changed on your list." });
        Self { effects: effects_of_calls(tool_calls).into_iter().map(EffectBody::from).collect(), notice }
    }
}

impl From<CallEffect> for EffectBody {
    fn from(effect: CallEffect) -> Self {
        let kind = effect.change_kind().as_str();
        Self { kind, task_id: effect.number, title: effect.title }
    }
}
