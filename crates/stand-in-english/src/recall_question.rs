//! "What did we say about the party?": looked up in the notes and in what the person said.

use crate::{
    chat_request::{Chat, content, role},
    pattern_matcher::words,
};

const QUESTIONS: &[&str] =
    &["what did we say about ", "what did i say about ", "what did i tell you about ", "do you remember "];

/// How much is repeated.
const MAX_REMARKS: usize = 3;

/// Returns the answer to a question about something that was said, when the person asks one.
pub(crate) fn answer(chat: Chat<'_>) -> Option<String> {
    let asked = chat.user_text().to_lowercase();
    let asked = asked.trim().trim_end_matches(['?', '.', '!']);
    let topic = QUESTIONS.iter().find_map(|question| asked.strip_prefix(question))?.trim();
    let topic =
        ["the ", "my ", "our ", "a "].iter().find_map(|word| topic.strip_prefix(word)).unwrap_or(topic);
    let notes = chat.notes().lines();
    let said = chat.history().iter().filter(|message| role(message) == "user").map(content);
    let is_about = |line: &&str| {
        let plain = words(line).into_iter().map(|word| word.plain).collect::<Vec<_>>().join(" ");
        plain.contains(topic) && !QUESTIONS.iter().any(|question| plain.starts_with(question.trim()))
    };
    let mut remarks: Vec<&str> = notes.chain(said).filter(is_about).collect();
    remarks.dedup();
    if remarks.is_empty() {
        return Some(format!("As far as I know, we have not spoken about {topic}."));
    }
    let quoted: Vec<String> =
        remarks.iter().take(MAX_REMARKS).map(|remark| format!("“{}”", remark.trim())).collect();
    Some(format!("You said: {}", quoted.join(", ")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Answer;

    #[test]
    fn a_remark_is_found_in_the_notes_and_in_the_conversation() {
        let ask = |system: &str, said: &str| {
            let messages = json!([
                {"role": "system", "content": system},
                {"role": "user", "content": said},
                {"role": "assistant", "content": "All right."},
                {"role": "user", "content": "What did we say about the party?"},
            ]);
            crate::answer(Chat::of(&json!({ "messages": messages })))
        };
        let found = Answer::Say("You said: “The party is on Friday”".to_owned());
        let notes =
            "Be kind.\n\nEarlier in this conversation, in short (notes):\nThe party is on Friday\nTea";
        assert_eq!(ask(notes, "hello"), found);
        assert_eq!(ask("Be kind, at the party too.", "The party is on Friday"), found);
        let nothing = Answer::Say("As far as I know, we have not spoken about party.".to_owned());
        assert_eq!(ask("Be kind.", "hello"), nothing);
    }
}
