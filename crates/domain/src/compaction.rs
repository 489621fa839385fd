//! Summaries of long conversations: which messages go into one, and how a model is asked for it.
//!
//! A person sees every message. The model is sent the summary, which holds the messages up to some
//! point, and those after it.

use serde_json::Value;

use crate::{
    message::{Message, MessageBody, ToolCall},
    prompt_history::{HISTORY_MESSAGES, tokens_of_bytes, tokens_without_provider_data},
    text_truncation::truncate,
    tool,
};

/// The most characters of a summary that are kept, whatever the model writes.
pub const MAX_SUMMARY_CHARS: usize = 6_000;

/// What of a message goes into the request for a summary, in characters.
const MAX_MESSAGE_CHARS: usize = 1_000;

/// System prompt for summaries.
pub const PROMPT: &str = "You keep notes of a conversation between a person and the assistant of their todo list. \
Write the notes anew: what they held before, and what was said since. Keep what may be asked about later: \
names, dates, places, numbers, plans, wishes, and decisions; earlier notes are as good as later ones. \
Leave out greetings and the state of the list, which is kept elsewhere. \
Write short lines in the person's language, and nothing but the notes.";

/// A message that a summary does not hold yet, with its place in the conversation.
pub type PositionedMessage = (i32, Message);

/// The number of oldest messages to add to the summary now: whole turns, never the newest, until the rest
/// takes at most half of `budget` tokens; none while everything fits. The request for the summary, which has
/// no tool results in it, holds at most `budget` tokens. `more` says that there are newer messages than
/// these.
pub fn messages_to_summarize(messages: &[PositionedMessage], budget: usize, more: bool) -> usize {
    let tokens = |turn: &[PositionedMessage]| {
        turn.iter().map(|(_, message)| tokens_without_provider_data(&message.body)).sum()
    };
    let turns: Vec<&[PositionedMessage]> = messages.chunk_by(|(_, a), (_, b)| a.turn == b.turn).collect();
    let sizes: Vec<usize> = turns.iter().map(|turn| tokens(turn)).collect();
    let mut left: usize = sizes.iter().sum();
    if !more && is_comfortable(left, messages.len(), budget) {
        return 0;
    }
    let (mut taken, mut count) = (0, 0);
    // The last one may be half a turn, or the newest.
    for (turn, size) in turns.iter().zip(&sizes).take(turns.len().saturating_sub(1)) {
        let is_enough = !more && left <= budget / 2 && messages.len() - count <= HISTORY_MESSAGES / 2;
        let asked: usize = turn.iter().map(|(_, message)| request_tokens(&message.body)).sum();
        if is_enough || (count > 0 && taken + asked > budget) {
            break;
        }
        taken += asked;
        left -= size;
        count += turn.len();
    }
    count
}

/// Whether a conversation takes more of `budget` tokens than leaves room for it to grow.
pub fn is_long(history: &[Message], budget: usize) -> bool {
    let tokens = history.iter().map(|message| tokens_without_provider_data(&message.body)).sum();
    !is_comfortable(tokens, history.len(), budget)
}

fn is_comfortable(tokens: usize, messages: usize, budget: usize) -> bool {
    tokens <= budget / 4 * 3 && messages <= HISTORY_MESSAGES / 4 * 3
}

/// What the model reads that makes the summary: the one before, and the messages that go into it, in
/// about `budget` tokens.
pub fn request(
    summary: Option<&str>,
    messages: &[PositionedMessage],
    budget: usize,
    max_tokens: usize,
) -> String {
    let mut text = format!("Notes so far:\n{}\n\nSaid since:\n", summary.unwrap_or("(none)"));
    // One turn alone may be longer than a request.
    let most = (budget * 3 / messages.len().max(1)).clamp(80, MAX_MESSAGE_CHARS);
    for (_, message) in messages {
        if let Some(line) = line_of(&message.body, most) {
            text.push_str(&line);
            text.push('\n');
        }
    }
    text.push_str(&format!("\nWrite the notes in at most {} words.", max_tokens * 2 / 3));
    text
}

/// The most tokens of a summary beside so many tokens of conversation.
pub fn max_tokens(budget: usize) -> usize {
    (budget / 8).clamp(120, 1_200)
}

/// The summary in what a model wrote; `None` when that is none.
pub fn parse(reply: &str, max_tokens: usize) -> Option<String> {
    let text = reply.trim();
    let is_object = text.starts_with('{') && text.ends_with('}');
    let most = MAX_SUMMARY_CHARS.min(max_tokens * 4);
    (!text.is_empty() && !is_object).then(|| truncate(text, most))
}

/// About how many tokens a message takes in the request for a summary.
fn request_tokens(message: &MessageBody) -> usize {
    line_of(message, MAX_MESSAGE_CHARS).map_or(0, |line| tokens_of_bytes(line.len()) + 1)
}

fn line_of(message: &MessageBody, most: usize) -> Option<String> {
    match message {
        MessageBody::User(text) => Some(format!("Person: {}", truncate(text.trim(), most))),
        MessageBody::Assistant { text, calls } => {
            let words = (!text.trim().is_empty()).then(|| truncate(text.trim(), most));
            let done = calls.iter().filter(|call| tool::changes_the_list(&call.name)).map(call_text);
            let parts: Vec<String> = words.into_iter().chain(done).collect();
            (!parts.is_empty()).then(|| format!("Assistant: {}", parts.join(" ")))
        }
        // What came of a call is told by the words after it.
        MessageBody::Tool { .. } => None,
    }
}

fn call_text(call: &ToolCall) -> String {
    let title = call.arguments.get("title").and_then(Value::as_str).unwrap_or_default();
    format!("[{} {title}]", call.name)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::turn_and_conversation_ids::TurnId;

    fn turn(number: u128, words: usize) -> Vec<PositionedMessage> {
        let turn = TurnId(Uuid::from_u128(number));
        let seq = i32::try_from(number).unwrap() * 2;
        let said = MessageBody::User("word ".repeat(words));
        let answer = MessageBody::Assistant { text: "Fine.".into(), calls: vec![] };
        vec![(seq, Message { turn, body: said }), (seq + 1, Message { turn, body: answer })]
    }

    fn turns(sizes: &[usize]) -> Vec<PositionedMessage> {
        sizes.iter().zip(1..).flat_map(|(words, number)| turn(number, *words)).collect()
    }

    #[test]
    fn what_fits_stays_as_it_is() {
        assert_eq!(messages_to_summarize(&turns(&[100, 100]), 1_000, false), 0);
        assert_eq!(messages_to_summarize(&[], 1_000, false), 0);
        assert_eq!(
            messages_to_summarize(&turns(&[5_000]), 1_000, false),
            0,
            "the newest turn is never taken"
        );
    }

    #[test]
    fn the_oldest_turns_go_until_half_is_left() {
        let messages = turns(&[200; 5]);
        let all: usize =
            messages.iter().map(|(_, message)| tokens_without_provider_data(&message.body)).sum();
        let budget = all;
        let count = messages_to_summarize(&messages, budget, false);
        assert_eq!(count % 2, 0, "whole turns");
        let left: usize =
            messages[count..].iter().map(|(_, message)| tokens_without_provider_data(&message.body)).sum();
        assert!(count > 0 && left <= budget / 2, "{count} {left}");
    }

    #[test]
    fn there_may_be_too_many_messages_as_well() {
        let messages = turns(&[1; 50]);
        let count = messages_to_summarize(&messages, 1_000_000, false);
        assert_eq!((messages.len() - count) / 2, 30, "half as many as are read at once");
    }

    #[test]
    fn one_pass_takes_what_one_request_holds() {
        let messages = turns(&[200; 40]);
        let count = messages_to_summarize(&messages, 1_000, false);
        let taken: usize =
            messages[..count].iter().map(|(_, message)| tokens_without_provider_data(&message.body)).sum();
        assert!(count > 0 && taken <= 1_000, "{taken}");
        assert!(
            messages_to_summarize(&turns(&[10, 10, 10]), 1_000, true) > 0,
            "there are newer ones that were not read"
        );
    }

    #[test]
    fn results_that_are_not_in_the_request_do_not_bound_it() {
        let messages: Vec<PositionedMessage> = (1..40)
            .flat_map(|number| {
                let mut turn = turn(number, 10);
                let content = "a task ".repeat(1_000);
                let result = MessageBody::Tool { call_id: "c".into(), content };
                turn.insert(1, (turn[0].0, Message { turn: turn[0].1.turn, body: result }));
                turn
            })
            .collect();
        assert!(messages_to_summarize(&messages, 2_000, false) >= 3 * 30, "one request for many turns");
    }

    #[test]
    fn a_turn_that_is_too_long_alone_is_taken_all_the_same() {
        assert_eq!(messages_to_summarize(&turns(&[9_000, 10, 10]), 1_000, false), 2);
    }

    #[test]
    fn the_request_holds_what_was_said_and_done() {
        let call = ToolCall {
            id: "c".into(),
            name: "add_task".into(),
            arguments: serde_json::Map::from_iter([("title".to_owned(), "Balloons".into())]),
            provider_data: Default::default(),
        };
        let turn = TurnId(Uuid::nil());
        let messages = [
            (1, Message { turn, body: MessageBody::User("The party is on Friday.".into()) }),
            (2, Message { turn, body: MessageBody::Assistant { text: String::new(), calls: vec![call] } }),
            (3, Message { turn, body: MessageBody::Tool { call_id: "c".into(), content: "{}".into() } }),
            (4, Message { turn, body: MessageBody::Assistant { text: "Noted.".into(), calls: vec![] } }),
        ];
        let text = request(Some("Ann likes tea."), &messages, 12_000, 300);
        let lines = "Notes so far:\nAnn likes tea.\n\nSaid since:\nPerson: The party is on Friday.\n\
                     Assistant: [add_task Balloons]\nAssistant: Noted.\n";
        assert!(text.starts_with(lines) && text.contains("at most 200 words"), "{text}");
    }

    #[test]
    fn a_reply_is_a_summary_unless_it_is_none() {
        assert_eq!(parse(" Ann likes tea.\n", 100).as_deref(), Some("Ann likes tea."));
        assert_eq!(parse(" \n", 100), None);
        assert_eq!(parse("{\"action\": \"reply\"}", 100), None);
        assert_eq!(parse(&"tea ".repeat(9_000), 100).unwrap().chars().count(), 400);
    }
}
