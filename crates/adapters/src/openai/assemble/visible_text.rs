//! The text of a reply that a person may see: without the thoughts that a model writes before its answer, and
//! without calls that it writes as text.

mod markdown_position;
mod special_tokens;

use domain::ports::{ModelFinish, RequestedCall, TextSink};
use serde_json::{Map, Value};

use self::{
    markdown_position::MarkdownPosition,
    special_tokens::{Mark, Thought},
};
use super::{
    calls::arguments::strip_code_fence,
    text_tool_calls::{self, CallMark},
};
use crate::openai::{
    lone_surrogates::SurrogateJoiner,
    think_tag_origin::{THOUGHT_END, ThinkTagOrigin},
};

/// A whole reply, with its text and the calls that stood in it.
#[derive(Debug, Default)]
pub(super) struct ParsedReply {
    /// What was handed out, unless that was a thought: then what follows it.
    pub(super) text: String,
    pub(super) calls: Vec<RequestedCall>,
    /// The text that the calls were read of.
    pub(super) calls_as_text: String,
    /// Who writes the beginnings of thoughts, as far as this reply tells.
    pub(super) opening: Option<ThinkTagOrigin>,
}

/// What a reply says, while it arrives.
#[derive(Debug, Default)]
pub(super) struct VisibleText {
    /// What was handed out, and what would have been after words that are void.
    text: String,
    /// What came and is not decided about yet.
    held: String,
    state: State,
    /// Where the words stand.
    position: MarkdownPosition,
    /// How many bytes of what is held have no end of a thought.
    known_thought: usize,
    /// White space after a thought is not worth showing.
    had_thought: bool,
    /// Whether the words that were handed out turned out to be a thought. No more are, then.
    is_void: bool,
    /// Whether the words speak of a thought's beginning, and so perhaps of its end.
    speaks_of_thoughts: bool,
    opening: Option<ThinkTagOrigin>,
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
    /// A thought, which nobody sees, until this mark.
    Thinking { end: &'static str },
    /// A thought if its end comes, and an answer otherwise.
    PerhapsThinking,
    /// What comes is text for the person.
    Speaking,
    /// A call, if it can be read as one. In the middle of a line it may be words.
    Calling { begins_line: bool },
}

/// How much of a reply has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arrived {
    Part,
    All,
}

/// Whether a text is nothing but objects, of which the last may break off.
fn is_data(text: &str) -> bool {
    let text = text.trim();
    let text = strip_code_fence(text).unwrap_or(text);
    let text = text.strip_prefix("```json").unwrap_or(text).trim_start();
    let mut objects = serde_json::Deserializer::from_str(text).into_iter::<Map<String, Value>>();
    text.starts_with('{') && objects.all(|object| object.is_ok() || object.is_err_and(|error| error.is_eof()))
}

/// Whether calls may begin with this mark here. In code it is spoken of.
fn may_begin_calls(mark: CallMark, position: MarkdownPosition) -> bool {
    let follows_words = mark.is_special && position.last() != Some('`');
    !position.is_in_fence() && (position.begins_line() || follows_words)
}

/// How many bytes of a text without a whole mark are words without doubt.
fn decided_bytes(text: &str, arrived: Arrived) -> usize {
    if arrived == Arrived::All {
        return text.len();
    }
    let until = special_tokens::find_partial_mark(text).unwrap_or(text.len());
    let visible = text[..until].trim_end().len();
    text[visible..until].find('\n').map_or(until, |at| visible + at)
}

impl VisibleText {
    /// For a reply that was asked for as a JSON object.
    pub(super) fn for_json_object() -> Self {
        Self { keeps_objects: true, ..Self::default() }
    }

    /// Sets who writes the opening `<think>` tag.
    pub(super) fn with_thoughts(self, opening: ThinkTagOrigin) -> Self {
        let state = match opening {
            ThinkTagOrigin::Model | ThinkTagOrigin::ModelButMentioned => State::Beginning,
            ThinkTagOrigin::ChatTemplate => State::PerhapsThinking,
        };
        let speaks_of_thoughts = opening == ThinkTagOrigin::ModelButMentioned;
        Self { state, speaks_of_thoughts, ..self }
    }

    /// Takes a piece and hands out the words in it, unless they may still turn out to be a thought or a call.
    pub(super) fn push(&mut self, piece: &str, words: TextSink<'_>) {
        self.held.push_str(&self.joiner.push(piece));
        self.decide(Arrived::Part, words);
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
    /// written as text. Calls that came beside them are known by the reply's other parts.
    pub(super) fn finish(mut self, finish: ModelFinish, has_calls: bool, words: TextSink<'_>) -> ParsedReply {
        self.held.push_str(&self.joiner.finish());
        let has_come = !self.is_empty();
        self.decide(Arrived::All, words);
        if self.state == State::PerhapsThinking {
            if finish == ModelFinish::Length {
                // The end of the thought did not fit, or there is none: then the next reply is shown.
                self.opening = Some(ThinkTagOrigin::Model);
                return self.into_reply(Vec::new());
            }
            self.state = State::Beginning;
            self.decide(Arrived::All, words);
        }
        if has_come && finish != ModelFinish::Length {
            self.opening.get_or_insert_default();
        }
        while let State::Beginning | State::Calling { .. } = self.state {
            if let Some(calls) = self.written_calls() {
                return self.into_reply(calls);
            }
            if self.state == State::Beginning && !self.keeps_objects && is_data(&self.held) {
                return self.into_reply(Vec::new());
            }
            let begins_with_mark = text_tool_calls::begins_with_mark(self.held.trim_start());
            // Marks in the words of an object are spoken of.
            let is_object = self.keeps_objects && is_data(&self.held);
            self.begin_speaking();
            if begins_with_mark || is_object {
                let held = std::mem::take(&mut self.held);
                self.say(&held, words);
            }
            self.decide(Arrived::All, words);
        }
        let ends_with_answer = finish == ModelFinish::Stop && !has_calls;
        if self.held.starts_with(THOUGHT_END) && !ends_with_answer {
            self.end_thought_of_words("");
        }
        self.into_reply(Vec::new())
    }

    /// The calls that what is held consists of, or begins with.
    fn written_calls(&self) -> Option<Vec<RequestedCall>> {
        match self.state {
            State::Calling { begins_line: false } => {
                text_tool_calls::read_after_words(self.held.trim_start())
            }
            State::Calling { begins_line: true } => text_tool_calls::read_on_line_after_words(&self.held),
            _ => text_tool_calls::parse(&self.held),
        }
    }

    fn into_reply(self, calls: Vec<RequestedCall>) -> ParsedReply {
        let calls_as_text = if calls.is_empty() { String::new() } else { self.held };
        ParsedReply { text: self.text, calls, calls_as_text, opening: self.opening }
    }

    /// Decides about what is held, as far as that is possible now.
    fn decide(&mut self, arrived: Arrived, words: TextSink<'_>) {
        while match self.state {
            State::Beginning => self.begin(arrived),
            State::Thinking { end } => self.think(end),
            State::PerhapsThinking => self.perhaps_think(arrived),
            State::Speaking => self.speak(arrived, words),
            State::Calling { .. } => false,
        } {}
    }

    /// Returns whether there is more to decide, as the others do.
    fn begin(&mut self, arrived: Arrived) -> bool {
        let begin = self.held.trim_start();
        if let Some(Thought { end, after_begin }) = special_tokens::parse_thought(begin) {
            self.held = after_begin.to_owned();
            self.state = State::Thinking { end };
            return true;
        }
        if let Some(after) = special_tokens::strip_answer_header(begin) {
            self.held = after.to_owned();
            self.had_thought = true;
            return true;
        }
        let may_begin = special_tokens::may_begin(begin) || text_tool_calls::may_begin_with(begin);
        if may_begin || begin.is_empty() || arrived == Arrived::All {
            return false;
        }
        self.begin_speaking();
        true
    }

    fn begin_speaking(&mut self) {
        if self.had_thought && self.text.is_empty() {
            self.held = self.held.trim_start().to_owned();
        }
        self.state = State::Speaking;
    }

    fn think(&mut self, end: &'static str) -> bool {
        if let Some(at) = self.held.find(end) {
            self.end_thought(at + end.len());
            return true;
        }
        // Only what may be the beginning of its end is kept, so that a long one is not searched again for
        // each of its tokens.
        self.held.drain(..special_tokens::length_without_last(&self.held, end.len() - 1));
        false
    }

    fn perhaps_think(&mut self, arrived: Arrived) -> bool {
        if special_tokens::parse_thought(self.held.trim_start()).is_some() {
            self.state = State::Beginning;
            return true;
        }
        match special_tokens::end_of_thought(&self.held, self.known_thought, arrived == Arrived::All) {
            Ok(end) => {
                self.opening = Some(ThinkTagOrigin::ChatTemplate);
                self.end_thought(end);
                true
            }
            Err(known) => {
                self.known_thought = known;
                false
            }
        }
    }

    fn end_thought(&mut self, end: usize) {
        self.held.drain(..end);
        self.had_thought = true;
        self.position = MarkdownPosition::default();
        self.state = State::Beginning;
    }

    /// Hands out what is held, up to what may be a mark, and up to a line's end: a mark may follow.
    fn speak(&mut self, arrived: Arrived, words: TextSink<'_>) -> bool {
        let held = std::mem::take(&mut self.held);
        let mut rest = held.as_str();
        while let Some((at, length, mark)) = special_tokens::find_first_mark(rest) {
            let (before, after) = (&rest[..at], &rest[at + length..]);
            let position = self.position.after(before);
            match mark {
                Mark::ThoughtEnd if !position.is_in_code() && !self.speaks_of_thoughts => {
                    match special_tokens::ends_thought(position.last(), after, arrived == Arrived::All) {
                        // With nothing behind it, the words before it may be all that there is to say.
                        Some(true) if after.trim().is_empty() => {
                            return self.hold_after(before, &rest[at..], words);
                        }
                        Some(true) => {
                            self.end_thought_of_words(after);
                            return true;
                        }
                        Some(false) => {}
                        None => return self.hold_after(before, &rest[at..], words),
                    }
                }
                Mark::EndOfMessage if self.had_thought && !position.is_in_code() => {
                    self.hold_after(before, after, words);
                    self.state = State::Beginning;
                    return true;
                }
                Mark::Call(mark) if may_begin_calls(mark, position) => {
                    let said = before.trim_end();
                    self.hold_after(said, &rest[said.len()..], words);
                    self.state = State::Calling { begins_line: position.begins_line() };
                    return true;
                }
                Mark::ThoughtBegin => self.speaks_of_thoughts = true,
                Mark::ThoughtEnd | Mark::EndOfMessage | Mark::Call(_) => {}
            }
            self.say(&rest[..=at], words);
            rest = &rest[at + 1..];
        }
        let (said, kept) = rest.split_at(decided_bytes(rest, arrived));
        self.hold_after(said, kept, words)
    }

    /// Returns that there is nothing more to decide.
    fn hold_after(&mut self, said: &str, kept: &str, words: TextSink<'_>) -> bool {
        self.say(said, words);
        kept.clone_into(&mut self.held);
        false
    }

    /// Goes on after the end of a thought that all words so far turned out to be.
    fn end_thought_of_words(&mut self, after: &str) {
        self.opening = Some(ThinkTagOrigin::ChatTemplate);
        self.is_void |= !self.text.is_empty();
        self.text.clear();
        after.clone_into(&mut self.held);
        self.end_thought(0);
    }

    fn say(&mut self, text: &str, words: TextSink<'_>) {
        if text.is_empty() {
            return;
        }
        if !self.is_void {
            words(text);
        }
        self.position.advance(text);
        self.text.push_str(text);
    }
}

#[cfg(test)]
mod tests;
