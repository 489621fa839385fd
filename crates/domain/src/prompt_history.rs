//! Selects the part of a conversation that the model is sent: the newest whole turns that fit, never cut
//! between a call and its result.
//!
//! Steps are atomic, so what is stored is well-formed. [`repaired`] is the second line of defence,
//! against what an older version or a hand in the database may have left: a model API refuses a
//! conversation with one bad message in it, and would refuse it for ever.

mod shorten;

use std::collections::HashSet;

use serde_json::{Value, json};

use crate::message::{Message, MessageBody, ProviderData};

/// The most tokens of history in one request, by [`estimated_tokens`]. Every model that has tools
/// takes several times as much; the rest is for the prompt, the tools and the answer.
pub const HISTORY_TOKENS: usize = 12_000;

/// The most messages that are read for one request beside those of its turn. The window takes fewer,
/// as it is bounded by tokens; what matters is that the number does not grow with the conversation.
pub const HISTORY_MESSAGES: usize = 120;

/// Returns what of a conversation the model is sent, in `budget` tokens where that is possible: the
/// newest turns that fit, and of the newest one, which is always there, old thoughts left out and long
/// texts shortened.
pub fn request(messages: &[Message], budget: usize) -> Vec<MessageBody> {
    let messages = window(messages, budget).into_iter().map(shorten::strip_unneeded_fields);
    shorten::fit_to_budget(messages.collect(), budget)
}

/// Returns the newest whole turns of `messages` that fit in `budget` tokens, oldest first. The
/// newest turn is always among them, whatever its size. Thoughts are there in the newest turn only: once the
/// person speaks again they cost tokens, and some providers refuse them. What belongs to a call itself, as
/// its signature does, stays with it as long as there is room: what was said matters more.
///
/// `messages` may begin in the middle of a turn (a store loads the newest rows and not whole
/// turns); such a torso is left out unless it is the newest turn.
pub fn window(messages: &[Message], budget: usize) -> Vec<MessageBody> {
    let turns: Vec<&[Message]> = messages.chunk_by(|a, b| a.turn == b.turn).collect();
    let (mut used, mut first) = (0, turns.len());
    for (index, turn) in turns.iter().enumerate().rev() {
        let is_newest = index + 1 == turns.len();
        let tokens = if is_newest {
            tokens_in_newest_turn(turn, budget)
        } else {
            turn.iter().map(|message| tokens_without_provider_data(&message.body)).sum()
        };
        let is_whole = matches!(turn[0].body, MessageBody::User(_));
        if !is_newest && (used + tokens > budget || !is_whole) {
            break;
        }
        used += tokens;
        first = index;
    }
    let mut bodies: Vec<Message> = turns[first..].concat();
    let newest = messages.last().map(|message| message.turn);
    let older = bodies.iter_mut().rev().skip_while(|message| Some(message.turn) == newest);
    let mut room = budget.saturating_sub(used);
    for Message { body, .. } in older {
        drop_reasoning(body);
        let signatures = estimated_tokens(body) - tokens_without_provider_data(body);
        if signatures > room {
            // Those of older calls have no room either, so that none is left out in the middle.
            room = 0;
            forget_provider_data(body);
        }
        room = room.saturating_sub(signatures);
    }
    repaired(bodies.into_iter().map(|message| message.body))
}

/// About how many tokens the newest turn takes of `budget`. Its thoughts take half of that at most: they can
/// be left out, and shall not push out all that was said before.
fn tokens_in_newest_turn(turn: &[Message], budget: usize) -> usize {
    let (mut needed, mut thoughts) = (0, 0);
    for Message { body, .. } in turn {
        let whole = estimated_tokens(body);
        let without_thoughts = tokens_with(body, |data| bytes_of(data.without_unsigned_reasoning()));
        needed += without_thoughts;
        thoughts += whole - without_thoughts;
    }
    needed + thoughts.min(budget / 2)
}

/// Takes away what a provider has put beside the calls of a message.
fn forget_provider_data(message: &mut MessageBody) {
    if let MessageBody::Assistant { calls, .. } = message {
        calls.iter_mut().for_each(|call| call.provider_data = ProviderData::default());
    }
}

/// Takes the thoughts away that a provider has put beside the calls of a message.
pub(crate) fn drop_reasoning(message: &mut MessageBody) {
    if let MessageBody::Assistant { calls, .. } = message {
        calls.iter_mut().for_each(|call| call.provider_data.drop_all_reasoning());
    }
}

/// Returns `messages` as the strictest model API accepts them: every call answered exactly once
/// and in place, no result without its call, ids unique, nothing empty.
pub fn repaired(messages: impl IntoIterator<Item = MessageBody>) -> Vec<MessageBody> {
    let mut messages = messages.into_iter().peekable();
    let mut sound = Vec::new();
    let mut seen = HashSet::new();
    while let Some(message) = messages.next() {
        match message {
            MessageBody::User(text) if !text.trim().is_empty() => sound.push(MessageBody::User(text)),
            // A result is taken together with its call below; one that comes here has none.
            MessageBody::User(_) | MessageBody::Tool { .. } => {}
            MessageBody::Assistant { text, mut calls } => {
                let mut results = Vec::new();
                while let Some(result) = messages.next_if(|next| matches!(next, MessageBody::Tool { .. })) {
                    results.push(result);
                }
                calls.retain(|call| !call.id.is_empty() && seen.insert(call.id.clone()));
                if calls.is_empty() && text.trim().is_empty() {
                    continue;
                }
                let answers: Vec<_> = calls.iter().map(|call| result_of(&call.id, &results)).collect();
                let text = if text.trim().is_empty() { String::new() } else { text };
                sound.push(MessageBody::Assistant { text, calls });
                sound.extend(answers);
            }
        }
    }
    sound
}

/// The stored result of a call, or an honest one where none is stored.
fn result_of(id: &str, results: &[MessageBody]) -> MessageBody {
    let stored = results.iter().find(
        |result| matches!(result, MessageBody::Tool { call_id, content } if call_id == id && !content.is_empty()),
    );
    stored
        .cloned()
        .unwrap_or_else(|| MessageBody::Tool { call_id: id.to_owned(), content: lost_result().to_string() })
}

/// What stands for the result of a call that is not on record, or cannot be read.
pub fn lost_result() -> Value {
    json!({"success": false, "error": "The result of this call was lost.", "code": "LOST"})
}

/// About how many tokens messages are.
pub fn tokens(messages: &[MessageBody]) -> usize {
    messages.iter().map(estimated_tokens).sum()
}

/// About how many tokens a message is: four bytes each, the rule of thumb that providers publish
/// for English, and a few for the message itself.
pub fn estimated_tokens(message: &MessageBody) -> usize {
    tokens_with(message, |data| bytes_of(&data.0))
}

/// About how many tokens a message is without what a provider has put beside its calls, which goes first
/// where there is little room.
pub fn tokens_without_provider_data(message: &MessageBody) -> usize {
    tokens_with(message, |_| 0)
}

/// About how many tokens a message is, with so many bytes beside each call.
fn tokens_with(message: &MessageBody, beside_call: impl Fn(&ProviderData) -> usize) -> usize {
    let bytes = match message {
        MessageBody::User(text) => text.len(),
        MessageBody::Tool { content, .. } => content.len(),
        MessageBody::Assistant { text, calls } => {
            let calls = calls.iter().map(|call| {
                call.name.len() + bytes_of(&call.arguments) + 16 + beside_call(&call.provider_data)
            });
            text.len() + calls.sum::<usize>()
        }
    };
    tokens_of_bytes(bytes) + 4
}

fn bytes_of<'a>(members: impl IntoIterator<Item = (&'a String, &'a Value)>) -> usize {
    members.into_iter().map(|(name, value)| name.len() + value.to_string().len() + 3).sum()
}

/// About how many tokens so many bytes of text are: a token has some four of them.
pub(crate) fn tokens_of_bytes(bytes: usize) -> usize {
    bytes / 4
}

#[cfg(test)]
mod tests;
