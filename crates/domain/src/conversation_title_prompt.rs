//! A title for a conversation, made by the model after the first answer.

use crate::{conversation::ConversationTitle, text_truncation::truncate, text_validation::replace_nul};

/// What a model is told that makes a title.
pub const PROMPT: &str = "Name the conversation that begins like this, in two to six words of the person's \
language, for a list of conversations. Answer with the name alone, without quotes.";

/// What of each message the model reads, in characters.
const MAX_MESSAGE_CHARS: usize = 400;
const MAX_TITLE_CHARS: usize = 60;
const MAX_TITLE_WORDS: usize = 10;

/// What the model reads that makes the title.
pub fn request(said: &str, answer: &str) -> String {
    let (said, answer) = (truncate(said, MAX_MESSAGE_CHARS), truncate(answer, MAX_MESSAGE_CHARS));
    format!("Person: {said}\nAssistant: {answer}")
}

/// The title in what a model wrote; `None` when that is none. Models put it in quotes, in bold, and
/// after a word like "Title:".
pub fn parse(reply: &str) -> Option<ConversationTitle> {
    let line = reply.lines().map(str::trim).find(|line| !line.is_empty())?;
    let is_decoration = |c: char| c.is_whitespace() || "\"'`*#_“”„«»‘’.:".contains(c);
    let line = line.trim_matches(is_decoration);
    let named = ["title", "name", "conversation"].iter().find_map(|word| {
        let rest = line
            .get(..word.len())
            .filter(|begin| begin.eq_ignore_ascii_case(word))
            .map(|_| &line[word.len()..])?;
        rest.trim_start().strip_prefix(':')
    });
    let title = named.unwrap_or(line).trim_matches(is_decoration);
    let is_title =
        !title.contains(['{', '}', '<', '>', '[']) && title.split_whitespace().count() <= MAX_TITLE_WORDS;
    let title = replace_nul(truncate(title, MAX_TITLE_CHARS));
    ConversationTitle::parse(&title).ok().filter(|_| is_title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_found_in_what_models_write() {
        for (reply, title) in [
            ("Groceries for the week", "Groceries for the week"),
            ("\"Groceries\"\n", "Groceries"),
            ("**Title:** Groceries.", "Groceries"),
            ("Title: “Einkauf für Ännchen”", "Einkauf für Ännchen"),
            ("\n\n# Milk and eggs\nThis name says it all.", "Milk and eggs"),
            ("Titles of books to read", "Titles of books to read"),
        ] {
            assert_eq!(
                parse(reply).map(|title| title.as_str().to_owned()).as_deref(),
                Some(title),
                "{reply}"
            );
        }
    }

    #[test]
    fn what_is_no_title_is_none() {
        let chatter = "Sure! Here is a name for the conversation that you have shown to me just now";
        for reply in ["", " \n ", "\"\"", "{\"action\": \"reply\"}", "<tool_call>", chatter] {
            assert_eq!(parse(reply), None, "{reply}");
        }
    }

    #[test]
    fn a_long_title_is_shortened() {
        let title = parse(&format!("Groceries {}", "x".repeat(300))).unwrap();
        assert_eq!(title.as_str().chars().count(), 60);
    }
}
