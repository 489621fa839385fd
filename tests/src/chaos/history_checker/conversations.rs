//! Conversations: each message once, the answer that was given behind it, in the order in which
//! they were said.

use std::{collections::HashSet, time::Duration};

use serde_json::Value;

use super::super::{
    Operation, Record, RecordOutcome,
    final_state::{FinalConversation, Said},
};

pub(super) fn violations(records: &[&Record], talks: &[FinalConversation]) -> Vec<String> {
    let mut found = Vec::new();
    for talk in talks {
        found.extend(disorder(talk).into_iter().map(|fault| format!("conversation {}: {fault}", talk.id)));
    }
    let chats: Vec<&Record> =
        records.iter().copied().filter(|record| record.operation.asks_a_model()).collect();
    for (index, chat) in chats.iter().enumerate() {
        found.extend(misquotation(chat, edits_of(chat, &chats[index + 1..]), talks));
    }
    found.extend(talks.iter().flat_map(|talk| anachronisms(&chats, talk)));
    found
}

/// Each turn is in one piece: what was said, and at most one answer to it.
fn disorder(talk: &FinalConversation) -> Vec<String> {
    let mut found = Vec::new();
    let mut turns = HashSet::new();
    for block in talk.messages.chunk_by(|one, next| one.turn == next.turn) {
        let roles: Vec<&str> = block.iter().map(|said| said.role.as_str()).collect();
        if !matches!(roles.as_slice(), ["user"] | ["user", "assistant"]) {
            found.push(format!("turn {} consists of {roles:?}", block[0].turn));
        }
        if !turns.insert(&block[0].turn) {
            found.push(format!("turn {} is in two pieces", block[0].turn));
        }
    }
    found
}

/// What became of the message of an answered turn that was edited later.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Edits {
    Never,
    Perhaps,
    Surely,
}

/// The records of a client are in order, and nobody else edits its messages.
fn edits_of(chat: &Record, later: &[&Record]) -> Edits {
    let RecordOutcome::Done(answer) = chat.outcome() else { return Edits::Never };
    let of_this_turn = |record: &&&Record| match &record.operation {
        Operation::Edit { turn, .. } => answer.body["turn_id"] == **turn,
        _ => false,
    };
    let mut edits = later.iter().filter(of_this_turn).peekable();
    if edits.peek().is_none() {
        return Edits::Never;
    }
    let is_done = |record: &&Record| matches!(record.outcome(), RecordOutcome::Done(_));
    if edits.any(is_done) { Edits::Surely } else { Edits::Perhaps }
}

/// What was said is there at most once; and once, with the answer that was given, when it was and
/// nothing was said instead.
fn misquotation(chat: &Record, edits: Edits, talks: &[FinalConversation]) -> Vec<String> {
    let message = chat.operation.message();
    let said: Vec<(&FinalConversation, usize)> = talks
        .iter()
        .flat_map(|talk| places(talk, &message).into_iter().map(move |place| (talk, place)))
        .collect();
    if said.len() > 1 {
        return vec![format!("{}: is there {} times", chat.operation, said.len())];
    }
    let RecordOutcome::Done(answer) = chat.outcome() else { return Vec::new() };
    if edits == Edits::Surely {
        let fault = format!("{}: was edited and is there", chat.operation);
        return if said.is_empty() { Vec::new() } else { vec![fault] };
    }
    if said.is_empty() && edits == Edits::Perhaps {
        return Vec::new();
    }
    let Some((talk, place)) = said.first() else {
        return vec![format!("{}: was answered and is not there", chat.operation)];
    };
    let mut found = Vec::new();
    if answer.body["conversation_id"] != talk.id {
        found.push(format!("{}: is in another conversation, {}", chat.operation, talk.id));
    }
    let reply = talk.messages.get(place + 1).filter(|reply| is_reply(reply, &answer.body, edits));
    if reply.is_none() {
        found.push(format!("{}: the answer that was given is not behind it: {answer:?}", chat.operation));
    }
    found
}

/// When an edit got no answer, the record may tell of what it did behind what the old answer did.
fn is_reply(reply: &Said, answer: &Value, edits: Edits) -> bool {
    let words = answer["message"].as_str().unwrap_or_default();
    let (kept, told) = (calls(&reply.tool_calls), calls(&answer["tool_calls"]));
    reply.role == "assistant"
        && answer["turn_id"] == reply.turn
        && (edits == Edits::Perhaps && kept.starts_with(told)
            || kept == told && reply.content.ends_with(words))
}

fn calls(calls: &Value) -> &[Value] {
    calls.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// If one was answered before another was said, it stands before it.
fn anachronisms(chats: &[&Record], talk: &FinalConversation) -> Vec<String> {
    let mut placed: Vec<(usize, Duration, Option<Duration>)> = chats
        .iter()
        .filter_map(|chat| {
            let place = *places(talk, &chat.operation.message()).first()?;
            Some((place, chat.began(), chat.was_done_by()))
        })
        .collect();
    placed.sort_by_key(|(place, ..)| *place);
    let mut found = Vec::new();
    for (index, (place, began, _)) in placed.iter().enumerate() {
        let later = &placed[index + 1..];
        if later.iter().any(|(_, _, done)| done.is_some_and(|done| done < *began)) {
            found.push(format!("conversation {}: message {place} stands before an earlier one", talk.id));
        }
    }
    found
}

fn places(talk: &FinalConversation, message: &str) -> Vec<usize> {
    let is_it = |said: &Said| said.role == "user" && said.content == message;
    talk.messages.iter().enumerate().filter(|(_, said)| is_it(said)).map(|(place, _)| place).collect()
}
