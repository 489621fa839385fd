//! What still counts of an answer that another one replaces: the messages, calls and steps that the next one
//! builds on.

use crate::{
    calls_of_current_answer::{has_effect_or_question, has_undone},
    history_after_edit,
    message::{ExecutedCall, Message, MessageBody},
    turn::RunningTurn,
};

/// History for the model. Drops replaced steps without effect, so that the model does not repeat them. After
/// a takeover, steps of the new answer may be among them; those are reads and refusals too.
pub(super) fn history(turn: &RunningTurn) -> Vec<Message> {
    let mut history = history_after_edit::history(turn);
    if !turn.regenerates {
        return history;
    }
    let recorded = |id: &str| turn.done.iter().find(|call| call.id == id);
    let (mut has_steps, mut is_kept) = (false, true);
    history.retain(|message| {
        match &message.body {
            MessageBody::Assistant { calls, .. } if message.turn == turn.lease.turn => {
                is_kept = calls.iter().any(|call| match recorded(&call.id) {
                    Some(past) => has_undone(past) || has_effect_or_question(past),
                    // That the message was edited is on no record, and says something of the steps before.
                    None => has_steps,
                });
                has_steps |= is_kept;
            }
            MessageBody::Tool { .. } => {}
            MessageBody::Assistant { .. } | MessageBody::User(_) => is_kept = true,
        }
        is_kept
    });
    history
}

/// The model's calls in the answer that is being given: without the server's own record of the undo.
pub(super) fn own_calls(done: &[ExecutedCall], replaced_calls: usize) -> impl Iterator<Item = &ExecutedCall> {
    done.iter().skip(replaced_calls).filter(|call| !has_undone(call))
}

/// How many steps the model has made in the answer that is being given, also before it was taken over.
pub(super) fn own_steps(turn: &RunningTurn) -> u32 {
    let is_own = |id: &str| own_calls(&turn.done, turn.replaced_calls).any(|call| call.id == id);
    let other_steps = turn.history.iter().filter(|message| match &message.body {
        MessageBody::Assistant { calls, .. } if message.turn == turn.lease.turn => {
            !calls.is_empty() && !calls.iter().any(|call| is_own(&call.id))
        }
        _ => false,
    });
    let steps = usize::try_from(turn.step).unwrap_or_default().saturating_sub(other_steps.count());
    u32::try_from(steps).unwrap_or(u32::MAX)
}
