//! What a reply says, as a person may see it: without the thoughts that a model writes before its
//! answer, and without calls that it writes as text.

use domain::ports::{RequestedCall, TextSink};

use serde_json::{Map, Value};

use super::{calls::arguments::unfenced, text_tool_calls};
use crate::openai::lone_surrogates::SurrogateJoiner;

const THOUGHT_BEGIN: &str = "<think>";
const THOUGHT_END: &str = "</think>";

/// What a reply says, while it arrives.
#[derive(Debug, Default)]
pub(super) struct VisibleText {
    /// What was handed out.
    text: String,
    /// What came and is not decided about yet.
    held: String,
    state: State,
    /// White space after a thought is not worth showing.
    had_thought: bool,
    /// Whether a JSON object was asked for. Otherwise an object is not shown: a small model has repeated a
    /// result.
    keeps_objects: bool,
    joiner: SurrogateJoiner,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing has been said yet: what comes may be a thought or a call.
    #[default]
    Beginning,
    /// Reasoning, which is not shown.
    Thinking,
    /// What comes is text for the person.
    Speaking,
}

/// Whether a text is nothing but objects, of which the last may break off.
fn is_data(text: &str) -> bool {
    let text = text.trim();
    let text = unfenced(text).unwrap_or(text);
    let text = text.strip_prefix("```json").unwrap_or(text).trim_start();
    let mut objects = serde_json::Deserializer::from_str(text).into_iter::<Map<String, Value>>();
    text.starts_with('{') && objects.all(|object| object.is_ok() || object.is_err_and(|error| error.is_eof()))
}

impl VisibleText {
    /// For a reply that was asked for as a JSON object.
    pub(super) fn of_objects() -> Self {
        Self { keeps_objects: true, ..Self::default() }
    }

    /// Takes a piece and hands out the words in it, unless they may still turn out to be a thought or a call.
    pub(super) fn push(&mut self, piece: &str, words: TextSink<'_>) {
        let piece = self.joiner.push(piece);
        if self.state == State::Speaking {
            self.say(&piece, words);
        } else {
            self.held.push_str(&piece);
            self.decide(words);
        }
    }

    /// Whether nothing has come that counts.
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty() && self.held.is_empty()
    }

    /// How many bytes are kept of it.
    pub(super) fn kept_bytes(&self) -> usize {
        self.text.len() + self.held.len()
    }

    /// Hands out the held text that turned out to be words. Returns all words, and the calls that were
    /// written as text.
    pub(super) fn finish(mut self, words: TextSink<'_>) -> (String, Vec<RequestedCall>) {
        let rest = self.joiner.finish();
        self.push(&rest, words);
        if self.state == State::Beginning {
            if let Some(calls) = text_tool_calls::read(&self.held) {
                return (self.text, calls);
            }
            if !self.keeps_objects && is_data(&self.held) {
                return (self.text, Vec::new());
            }
            self.say_held(words);
        }
        (self.text, Vec::new())
    }

    fn decide(&mut self, words: TextSink<'_>) {
        loop {
            if self.state == State::Thinking {
                let Some(end) = self.held.find(THOUGHT_END) else { return self.forget_thought() };
                self.held.drain(..end + THOUGHT_END.len());
                self.state = State::Beginning;
                self.had_thought = true;
            }
            let begin = self.held.trim_start();
            if let Some(thought) = begin.strip_prefix(THOUGHT_BEGIN) {
                self.held = thought.to_owned();
                self.state = State::Thinking;
                continue;
            }
            if !THOUGHT_BEGIN.starts_with(begin) && !text_tool_calls::may_begin_with(begin) {
                self.state = State::Speaking;
                self.say_held(words);
            }
            return;
        }
    }

    /// Keeps of a thought only what may be the beginning of its end, so that a long one is not searched
    /// again for each of its tokens.
    fn forget_thought(&mut self) {
        let mut kept_from = self.held.len().saturating_sub(THOUGHT_END.len() - 1);
        while !self.held.is_char_boundary(kept_from) {
            kept_from -= 1;
        }
        self.held.drain(..kept_from);
    }

    fn say_held(&mut self, words: TextSink<'_>) {
        let held = std::mem::take(&mut self.held);
        self.say(if self.had_thought { held.trim_start() } else { &held }, words);
    }

    fn say(&mut self, text: &str, words: TextSink<'_>) {
        if !text.is_empty() {
            words(text);
            self.text.push_str(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    /// What was handed out, what the reply says, and the tools it calls, for the same text in pieces
    /// of any size.
    fn heard(text: &str) -> (String, Vec<String>) {
        let mut outcomes = Vec::new();
        for size in [1, 2, 5, text.len().max(1)] {
            let streamed = Mutex::new(String::new());
            let sink = |piece: &str| streamed.lock().unwrap().push_str(piece);
            let mut speech = VisibleText::default();
            let characters: Vec<char> = text.chars().collect();
            for piece in characters.chunks(size) {
                speech.push(&piece.iter().collect::<String>(), &sink);
            }
            let (said, calls) = speech.finish(&sink);
            assert_eq!(*streamed.lock().unwrap(), said, "{text}");
            outcomes.push((said, calls.into_iter().map(|call| call.name).collect::<Vec<_>>()));
        }
        outcomes.dedup();
        assert_eq!(outcomes.len(), 1, "{outcomes:?}");
        outcomes.remove(0)
    }

    #[test]
    fn words_are_handed_out_and_thoughts_are_not() {
        for (text, said) in [
            ("Hello!", "Hello!"),
            ("", ""),
            ("  Hello", "  Hello"),
            ("<think>the person wants</think>\n\nHello!", "Hello!"),
            ("\n<think>\na < b </thin </think><think>again</think> Hello!", "Hello!"),
            ("<think>Käse \u{1F600}\u{1F600}</thi</think>Hello!", "Hello!"),
            ("<think>never ended", ""),
            ("<thinking aloud", "<thinking aloud"),
            ("a <think> later </think>", "a <think> later </think>"),
            ("<", "<"),
            ("{\"a\": 1} is JSON", "{\"a\": 1} is JSON"),
            ("[1] Milk", "[1] Milk"),
            ("{smiling} Hello", "{smiling} Hello"),
            ("```python\nprint()\n```", "```python\nprint()\n```"),
        ] {
            assert_eq!(heard(text), (said.to_owned(), vec![]), "{text}");
        }
    }

    #[test]
    fn an_object_is_no_answer_to_a_person_unless_it_was_asked_for() {
        let result = r#"{"success": true, "task": {"id": 1}}"#;
        let half = &result[..result.len() - 9];
        for text in [
            result.to_owned(),
            format!("```json\n{result}\n```"),
            half.to_owned(),
            format!("{result}\n{result} {half}"),
            format!("```json\n{half}"),
        ] {
            assert_eq!(heard(&text), (String::new(), vec![]), "{text}");
        }
        let mut speech = VisibleText::of_objects();
        speech.push(result, &|_| {});
        assert_eq!(speech.finish(&|_| {}).0, result);
    }

    #[test]
    fn a_call_in_the_place_of_words_is_a_call() {
        let call = r#"{"name": "add_task", "arguments": {"title": "One"}}"#;
        for text in [
            format!("<tool_call>\n{call}\n</tool_call>"),
            format!("<think>so</think>\n```json\n{call}\n```"),
            format!(" {call}\n"),
        ] {
            assert_eq!(heard(&text), (String::new(), vec!["add_task".to_owned()]), "{text}");
        }
    }
}
