//! Puts a reply together from the chunks that providers send, in OpenAI's format and in many variants of it.
//! Few things make a reply a bad one: a provider's error, no JSON object, too many calls, or a wrong end.

mod calls;
pub(super) mod text_tool_calls;
mod visible_text;

use domain::{
    ports::{ModelError, ModelFinish, ModelReply, TextSink},
    turn::Usage,
};
use serde_json::Value;

use self::{
    calls::{CallDrafts, Fragment},
    visible_text::{ParsedReply, VisibleText},
};
use super::{error, opaque_provider_fields::Reasoning, think_tag_origin::ThinkTagOrigin};

/// How a reply ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StreamEnd {
    /// The provider said that this was all.
    Complete,
    /// Nothing more came.
    Truncated,
}

/// A whole reply.
#[derive(Debug)]
pub(super) struct DecodedReply {
    pub(super) reply: ModelReply,
    /// The text that its calls were written as, if they were.
    pub(super) written_calls: Option<String>,
    /// Who writes the beginnings of the model's thoughts, as far as this reply tells.
    pub(super) opening: Option<ThinkTagOrigin>,
}

/// A reply that is still arriving.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    speech: VisibleText,
    calls: CallDrafts,
    reasoning: Reasoning,
    has_tool_calls: bool,
    finish: Option<ModelFinish>,
    usage: Option<Usage>,
}

impl Assembler {
    /// Makes an assembler for a reply that is an object under a schema.
    pub(super) fn for_json_object() -> Self {
        Self { speech: VisibleText::for_json_object(), ..Self::default() }
    }

    /// Sets who writes the opening `<think>` tag.
    pub(super) fn with_thoughts(self, opening: ThinkTagOrigin) -> Self {
        Self { speech: self.speech.with_thoughts(opening), ..self }
    }

    /// Takes a chunk of a stream.
    ///
    /// # Errors
    /// When it is an error of the provider's, or no chunk at all.
    pub(super) fn push_chunk(&mut self, chunk: &Value, words: TextSink<'_>) -> Result<(), ModelError> {
        let Some(choice) = self.choice(chunk)? else { return Ok(()) };
        let has_nothing = self.speech.is_empty() && self.calls.is_empty();
        match (present(choice, "delta"), present(choice, "message")) {
            (Some(delta), _) => self.delta(delta, words)?,
            // A whole message in the place of a stream; after deltas it only repeats them.
            (None, Some(message)) if has_nothing => self.message(message, words)?,
            _ => {}
        }
        self.finish_reason(choice)
    }

    /// Takes an answer that came in one piece.
    ///
    /// # Errors
    /// When it is an error of the provider's, or no answer at all.
    pub(super) fn push_whole_reply(&mut self, answer: &Value, words: TextSink<'_>) -> Result<(), ModelError> {
        let choice = self.choice(answer)?.ok_or_else(|| bad("the answer has no choices"))?;
        let message = present(choice, "message").or_else(|| present(choice, "delta"));
        self.message(message.ok_or_else(|| bad("the answer has no message"))?, words)?;
        self.finish_reason(choice)
    }

    /// Whether the provider has said why it stopped: all that can follow is the usage.
    pub(super) fn has_finished(&self) -> bool {
        self.finish.is_some()
    }

    /// How many bytes are kept of the words.
    pub(super) fn said_bytes(&self) -> usize {
        self.speech.kept_bytes()
    }

    /// How many bytes are kept of the calls.
    pub(super) fn call_bytes(&self) -> usize {
        self.calls.kept_bytes()
    }

    /// Returns the reply.
    ///
    /// # Errors
    /// When it is not whole: neither did the provider say why it stopped nor that this was all.
    pub(super) fn finish(self, ended: StreamEnd, words: TextSink<'_>) -> Result<DecodedReply, ModelError> {
        let mut calls = self.calls.into_requested();
        let has_nothing = self.speech.is_empty() && calls.is_empty();
        let finish = match (self.finish, ended) {
            (Some(finish), _) => finish,
            (None, StreamEnd::Complete) if !has_nothing => ModelFinish::Stop,
            (None, _) => return Err(bad("the reply ended before it was complete")),
        };
        let ParsedReply { text, calls: written, calls_as_text, opening } =
            self.speech.finish(finish, !calls.is_empty(), words);
        let has_written_calls = calls.is_empty() && !written.is_empty();
        if has_written_calls {
            calls = written;
        }
        if let Some(first) = calls.first_mut() {
            self.reasoning.insert(&mut first.provider_data);
        }
        let written_calls = has_written_calls.then_some(calls_as_text);
        let reply = ModelReply { text, calls, finish, usage: self.usage };
        Ok(DecodedReply { reply, written_calls, opening })
    }

    /// Reads a chunk's error and usage, and returns its choice. Azure sends chunks without one.
    fn choice<'a>(&mut self, chunk: &'a Value) -> Result<Option<&'a Value>, ModelError> {
        if !chunk.is_object() {
            return Err(bad("a chunk of the reply is no JSON object"));
        }
        error::check(chunk)?;
        self.usage = present(chunk, "usage").and_then(usage).or(self.usage);
        let choice = chunk.get("choices").and_then(|choices| choices.get(0));
        // Some servers send a second choice, which was not asked for.
        let choice = choice.filter(|choice| choice.get("index").and_then(Value::as_u64).unwrap_or(0) == 0);
        choice.map_or(Ok(()), error::check)?;
        Ok(choice)
    }

    fn delta(&mut self, delta: &Value, words: TextSink<'_>) -> Result<(), ModelError> {
        self.say(delta, words);
        for call in list(delta, "tool_calls") {
            self.has_tool_calls = true;
            self.calls.push(Fragment::read(call)).map_err(|error| bad(&error.to_string()))?;
        }
        self.function_call(delta)
    }

    fn message(&mut self, message: &Value, words: TextSink<'_>) -> Result<(), ModelError> {
        self.say(message, words);
        for call in list(message, "tool_calls") {
            self.has_tool_calls = true;
            self.calls.begin(Fragment::read(call)).map_err(|error| bad(&error.to_string()))?;
        }
        self.function_call(message)
    }

    /// `function_call` is the predecessor of `tool_calls`; some servers send both.
    fn function_call(&mut self, part: &Value) -> Result<(), ModelError> {
        match present(part, "function_call") {
            Some(call) if !self.has_tool_calls => {
                self.calls.push(Fragment::read(call)).map_err(|error| bad(&error.to_string()))
            }
            _ => Ok(()),
        }
    }

    /// A refusal is shown like other text. Reasoning is not shown.
    fn say(&mut self, part: &Value, words: TextSink<'_>) {
        self.reasoning.push(part);
        for member in ["content", "refusal"] {
            let said = present(part, member).map(text).unwrap_or_default();
            self.speech.push(&said, words);
        }
    }

    fn finish_reason(&mut self, choice: &Value) -> Result<(), ModelError> {
        match choice.get("finish_reason").and_then(Value::as_str) {
            None | Some("") => return Ok(()),
            Some("error") => return Err(bad("the provider broke off with an error")),
            Some("length" | "max_tokens") => self.finish = Some(ModelFinish::Length),
            Some("content_filter") => self.finish = Some(ModelFinish::ContentFilter),
            Some(_) => self.finish = Some(ModelFinish::Stop),
        }
        Ok(())
    }
}

fn bad(reason: &str) -> ModelError {
    ModelError::BadReply(reason.to_owned())
}

fn present<'a>(object: &'a Value, member: &str) -> Option<&'a Value> {
    object.get(member).filter(|value| !value.is_null())
}

fn list<'a>(object: &'a Value, member: &str) -> &'a [Value] {
    object.get(member).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The text of a content: a string, or parts, of which other kinds (thoughts) are left out.
fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(text_of_part).collect(),
        _ => String::new(),
    }
}

fn text_of_part(part: &Value) -> Option<&str> {
    let kind = part.get("type").and_then(Value::as_str);
    let is_text = matches!(kind, None | Some("text" | "output_text" | "refusal"));
    part.get("text").or_else(|| part.get("refusal")).filter(|_| is_text)?.as_str()
}

fn usage(usage: &Value) -> Option<Usage> {
    let count = |member: &str| {
        let count = usage.get(member).and_then(Value::as_f64)?;
        // Rust's casts saturate, so nonsense stays in bounds.
        Some(count.max(0.0) as i32)
    };
    let (prompt, completion) = (count("prompt_tokens"), count("completion_tokens"));
    let (prompt_tokens, completion_tokens) = (prompt.unwrap_or(0), completion.unwrap_or(0));
    // Some servers send zeros for what they do not count.
    (prompt_tokens > 0 || completion_tokens > 0).then_some(Usage { prompt_tokens, completion_tokens })
}

#[cfg(test)]
mod tests;
