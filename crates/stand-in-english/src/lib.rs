//! The stand-in model: a pure function from a conversation to the next answer, good enough to keep a task
//! list by talking, and honest about what it is.

mod activity_summary_text;
mod approval_text;
mod change_results_text;
mod chat_request;
mod clarification_answers;
mod conversation_state;
mod date_arithmetic;
mod day_phrase;
mod describe_filter;
mod filter;
mod find_task;
mod intent;
mod intent_tool_calls;
mod list_request_words;
mod list_requests;
mod next_tool_calls;
mod parse_message;
mod pattern_matcher;
mod priority_words;
mod recall_question;
mod repeat_phrase;
mod reply_text;
mod restore_task;
mod sentence_patterns;
mod task;
mod task_attributes;
mod task_reference;
mod task_title;
#[cfg(test)]
mod tests;
mod title_and_summary_texts;
mod yes_and_no;

pub use chat_request::{Chat, role};
use serde_json::Value;
pub use title_and_summary_texts::{is_for_a_text, text};

/// What the stand-in does next.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// It says this.
    Say(String),
    /// It calls these tools with these arguments.
    Call(Vec<(&'static str, Value)>),
}

/// Returns the stand-in's answer: tool calls while something is left to do, then words that claim
/// only what the tools' results say.
pub fn answer(chat: Chat<'_>) -> Answer {
    if let Some(remembered) = recall_question::answer(chat) {
        return Answer::Say(remembered);
    }
    let steps = conversation_state::steps(chat.turn());
    if let Some(first) = steps.first().filter(|first| approval_text::are_answered(first)) {
        return Answer::Say(match approval_text::are_rejected(first) {
            true => reply_text::DECLINED.to_owned(),
            false => change_results_text::changes(&steps.concat()).join(" "),
        });
    }
    let meaning = clarification_answers::meaning(chat);
    if meaning.declined {
        return Answer::Say(reply_text::DECLINED.to_owned());
    }
    let state = conversation_state::ConversationState::of(chat.history());
    let mut progress = next_tool_calls::progress(
        &meaning.intents,
        &next_tool_calls::Known { state, today: chat.today(), chat },
        &steps,
        meaning.confirmed,
    );
    if !progress.next.is_empty() {
        if progress.next.iter().all(|(tool, _)| chat.offers(tool)) {
            return Answer::Call(progress.next);
        }
        progress.remarks.push("I was not given the tools to do the rest, so it is not done.".to_owned());
    }
    let words = reply_text::speak(&meaning.intents, &progress, clarification_answers::recalled(chat));
    Answer::Say(match words.is_empty() {
        true => reply_text::NOT_UNDERSTOOD.to_owned(),
        false if meaning.is_asked_again => format!("{} {words}", reply_text::ALL_OR_NOTHING),
        false => words,
    })
}
