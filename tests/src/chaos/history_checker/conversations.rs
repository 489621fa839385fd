//! Conversations: each message once, the answer that was given behind it, in the order in which
//! they were said.

use std::{collections::HashSet, time::Duration};

use serde_json::Value;

use super::super::{
    Answer, Operation, OperationOutcome, OperationRecord,
    final_state::{FinalConversation, Said},
};

pub(super) fn violations(records: &[&OperationRecord], talks: &[FinalConversation]) -> Vec<String> {
    let mut found = Vec::new();
    for talk in talks {
        found.extend(disorder(talk).into_iter().map(|fault| format!("conversation {}: {fault}", talk.id)));
    }
    for (index, record) in records.iter().enumerate() {
        if record.operation.asks_a_model() {
            found.extend(misquotation(record, &records[index + 1..], talks));
        }
        found.extend(resurrection(record, talks));
    }
    let chats: Vec<&OperationRecord> =
        records.iter().copied().filter(|record| record.operation.asks_a_model()).collect();
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

/// Whether something was done later on.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Later {
    Never,
    Perhaps,
    Surely,
}

/// What was done about an answered message since.
struct Since {
    edits: Later,
    deletions: Later,
    other_answers: Later,
}

impl Since {
    /// The records of a client are in order, and nobody else touches its messages.
    fn of(answer: &Answer, later: &[&OperationRecord]) -> Self {
        let (turn, conversation) = (&answer.body["turn_id"], &answer.body["conversation_id"]);
        let done = |does: &dyn Fn(&Operation) -> bool| {
            let mut attempts = later.iter().filter(|record| does(&record.operation)).peekable();
            if attempts.peek().is_none() {
                return Later::Never;
            }
            let is_done = |record: &&OperationRecord| matches!(record.outcome(), OperationOutcome::Done(_));
            if attempts.any(is_done) { Later::Surely } else { Later::Perhaps }
        };
        Self {
            edits: done(&|operation| matches!(operation, Operation::Edit { turn: of, .. } if turn == of)),
            deletions: done(
                &|operation| matches!(operation, Operation::DeleteConversation { conversation: of } if conversation == of),
            ),
            other_answers: done(
                &|operation| matches!(operation, Operation::Regenerate { turn: of, .. } if turn == of),
            ),
        }
    }
}

/// What was said is there at most once; and once, with the answer that was given, when it was and
/// nothing was said instead.
fn misquotation(
    chat: &OperationRecord,
    later: &[&OperationRecord],
    talks: &[FinalConversation],
) -> Vec<String> {
    let message = chat.operation.message();
    let said: Vec<(&FinalConversation, usize)> = talks
        .iter()
        .flat_map(|talk| places(talk, &message).into_iter().map(move |place| (talk, place)))
        .collect();
    if said.len() > 1 {
        return vec![format!("{}: is there {} times", chat.operation, said.len())];
    }
    let OperationOutcome::Done(answer) = chat.outcome() else { return Vec::new() };
    let since = Since::of(answer, later);
    for (later, done) in [(since.edits, "edited"), (since.deletions, "deleted")] {
        if later == Later::Surely {
            let fault = format!("{}: was {done} and is there", chat.operation);
            return if said.is_empty() { Vec::new() } else { vec![fault] };
        }
    }
    if said.is_empty() && [since.edits, since.deletions].contains(&Later::Perhaps) {
        return Vec::new();
    }
    let Some((talk, place)) = said.first() else {
        return vec![format!("{}: was answered and is not there", chat.operation)];
    };
    let mut found = Vec::new();
    if answer.body["conversation_id"] != talk.id {
        found.push(format!("{}: is in another conversation, {}", chat.operation, talk.id));
    }
    let reply = talk.messages.get(place + 1);
    if !reply.is_some_and(|reply| is_reply(reply, &answer.body, &since)) {
        found.push(format!("{}: the answer that was given is not behind it: {answer:?}", chat.operation));
    }
    found
}

/// When the words that were to take an answer's place did not come, the record may tell of what was done for
/// them behind what the old answer did.
fn is_reply(reply: &Said, answer: &Value, since: &Since) -> bool {
    let words = answer["message"].as_str().unwrap_or_default();
    let (kept, told) = (calls(&reply.tool_calls), calls(&answer["tool_calls"]));
    let may_be_replaced = [since.edits, since.other_answers].contains(&Later::Perhaps);
    reply.role == "assistant"
        && answer["turn_id"] == reply.turn
        && (since.other_answers == Later::Surely
            || may_be_replaced && kept.starts_with(told)
            || kept == told && reply.content.ends_with(words))
}

/// What is deleted does not come back, whatever is sent again.
fn resurrection(record: &OperationRecord, talks: &[FinalConversation]) -> Option<String> {
    let Operation::DeleteConversation { conversation } = &record.operation else { return None };
    let is_done = matches!(record.outcome(), OperationOutcome::Done(_));
    (is_done && talks.iter().any(|talk| talk.id == *conversation))
        .then(|| format!("conversation {conversation} was deleted and is there"))
}

fn calls(calls: &Value) -> &[Value] {
    calls.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// If one was answered before another was said, it stands before it.
fn anachronisms(chats: &[&OperationRecord], talk: &FinalConversation) -> Vec<String> {
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
