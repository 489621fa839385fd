//! The calls of a turn that count for its current answer.

use crate::{approval, message::ExecutedCall, tool};

/// Calls whose effect still holds, in order. The first `replaced` of `done` belong to replaced answers and
/// count only if not undone. The new answer's own record of that undo counts.
pub fn calls_of_current_answer(done: &[ExecutedCall], replaced: usize) -> Vec<&ExecutedCall> {
    let last_undo = done.iter().rposition(has_undone).unwrap_or_default();
    let stands = |(index, call): &(usize, &ExecutedCall)| {
        *index >= last_undo && (*index >= replaced || (has_effect_or_question(call) && !has_undone(call)))
    };
    done.iter().enumerate().filter(stands).map(|(_, call)| call).collect()
}

/// Whether a call took back what the answers before did. A model may make a call of this name up: that one
/// has no success.
pub fn has_undone(call: &ExecutedCall) -> bool {
    call.tool == tool::UNDO_REPLACED && call.result["success"] == true
}

/// Whether a call of an answer that is being replaced counts: it had an effect, or holds a question that
/// does. What only looked, or was refused, may come to something else now.
pub(crate) fn has_effect_or_question(call: &ExecutedCall) -> bool {
    !tool::effects_of(call).is_empty() || approval::has_open_or_answered_question(call)
}
