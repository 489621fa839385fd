//! Turns the bytes of a response, as they arrive, into a reply.
//!
//! The first byte tells a stream from a single JSON document: some servers ignore `stream` and answer in
//! one piece, and content types are not reliable.

use domain::{
    message::MAX_SAID_BYTES,
    ports::{ModelError, TextSink},
};
use serde_json::Value;

pub(super) use super::assemble::DecodedReply;
use super::{
    assemble::{Assembler, StreamEnd},
    error, lone_surrogates,
    sse::{SseDecoder, SseEvent},
    think_tag_origin::ThinkTagOrigin,
};

/// The most bytes that are kept of one answer's calls, or of a part that is still open. A long answer has
/// under 100 KiB.
const MAX_KEPT_BYTES: usize = 1024 * 1024;
/// The most bytes that one answer may come in. A stream puts 300 to 400 bytes around each token, so this is
/// more than 40,000 tokens of thoughts, of which nothing is kept.
const MAX_WIRE_BYTES: usize = 16 * 1024 * 1024;

/// An answer that is still arriving.
#[derive(Debug)]
pub(super) struct ReplyDecoder {
    bytes: usize,
    form: Form,
    assembler: Assembler,
    ended: StreamEnd,
}

#[derive(Debug)]
enum Form {
    Unknown(Vec<u8>),
    Stream(SseDecoder),
    Whole(Vec<u8>),
}

impl ReplyDecoder {
    /// Makes a decoder for one answer.
    pub(super) fn new() -> Self {
        let form = Form::Unknown(Vec::new());
        Self { bytes: 0, form, assembler: Assembler::default(), ended: StreamEnd::Truncated }
    }

    /// Makes a decoder for one answer that is an object under a schema.
    pub(super) fn for_json_object() -> Self {
        Self { assembler: Assembler::for_json_object(), ..Self::new() }
    }

    /// Sets who writes the opening `<think>` tag.
    pub(super) fn with_thoughts(self, opening: ThinkTagOrigin) -> Self {
        Self { assembler: self.assembler.with_thoughts(opening), ..self }
    }

    /// Takes the next bytes and hands out the words in them.
    ///
    /// # Errors
    /// When they are an error of the provider's or cannot be part of a reply.
    pub(super) fn push(&mut self, bytes: &[u8], words: TextSink<'_>) -> Result<(), ModelError> {
        self.bytes += bytes.len();
        if self.bytes > MAX_WIRE_BYTES {
            return Err(bad("the answer came in more than 16 MiB"));
        }
        match &mut self.form {
            Form::Stream(stream) => {
                let events = stream.push(bytes);
                self.take(events, words)?;
            }
            Form::Whole(body) => body.extend_from_slice(bytes),
            Form::Unknown(begin) => {
                begin.extend_from_slice(bytes);
                let begin = std::mem::take(begin);
                self.recognise(begin, words)?;
            }
        }
        self.check_kept_bytes()
    }

    fn check_kept_bytes(&self) -> Result<(), ModelError> {
        let open = match &self.form {
            Form::Stream(stream) => stream.open_bytes(),
            Form::Unknown(body) | Form::Whole(body) => body.len(),
        };
        if open.max(self.assembler.call_bytes()) > MAX_KEPT_BYTES {
            return Err(bad("the reply is longer than 1 MiB"));
        }
        // No store would keep it. A stream has shown the person its beginning by then.
        if self.assembler.said_bytes() > MAX_SAID_BYTES {
            return Err(bad("the reply says more than 256 KiB"));
        }
        Ok(())
    }

    /// Whether the provider has said that this was all.
    pub(super) fn is_done(&self) -> bool {
        self.ended == StreamEnd::Complete
    }

    /// Whether only the usage can still come.
    pub(super) fn has_finished(&self) -> bool {
        self.is_done() || self.assembler.has_finished()
    }

    /// Returns the reply, after the last byte.
    ///
    /// # Errors
    /// When it is not whole or is none.
    pub(super) fn finish(mut self, words: TextSink<'_>) -> Result<DecodedReply, ModelError> {
        match std::mem::replace(&mut self.form, Form::Unknown(Vec::new())) {
            Form::Stream(stream) => {
                // An event without its blank line, where the stream ended, counts only if it is whole.
                let tail = stream.finish().filter(|event| is_done(event) || parse(event).is_ok());
                self.take(tail, words)?;
            }
            Form::Whole(body) => {
                let text = String::from_utf8_lossy(trimmed(&body));
                let answer: Value = serde_json::from_str(&lone_surrogates::encode_lone_surrogates(&text))
                    .map_err(|error| bad(&format!("the answer is not JSON: {error}")))?;
                // Google wraps its errors in an array.
                self.assembler.push_whole_reply(answer.get(0).unwrap_or(&answer), words)?;
                self.ended = StreamEnd::Complete;
            }
            Form::Unknown(_) => {}
        }
        self.check_kept_bytes()?;
        self.assembler.finish(self.ended, words)
    }

    fn recognise(&mut self, begin: Vec<u8>, words: TextSink<'_>) -> Result<(), ModelError> {
        match trimmed(&begin).first() {
            None => self.form = Form::Unknown(begin),
            Some(b'{' | b'[') => self.form = Form::Whole(begin),
            Some(_) => {
                let mut stream = SseDecoder::default();
                let events = stream.push(&begin);
                self.form = Form::Stream(stream);
                self.take(events, words)?;
            }
        }
        Ok(())
    }

    fn take(
        &mut self,
        events: impl IntoIterator<Item = SseEvent>,
        words: TextSink<'_>,
    ) -> Result<(), ModelError> {
        for event in events {
            if self.is_done() {
                break;
            }
            if is_done(&event) {
                self.ended = StreamEnd::Complete;
                break;
            }
            let chunk = parse(&event)?;
            if event.name == "error" && chunk.get("error").is_none() {
                return Err(error::classify_error(&chunk));
            }
            self.assembler.push_chunk(&chunk, words)?;
        }
        Ok(())
    }
}

fn is_done(event: &SseEvent) -> bool {
    event.data.trim() == "[DONE]"
}

fn parse(event: &SseEvent) -> Result<Value, ModelError> {
    serde_json::from_str(&lone_surrogates::encode_lone_surrogates(&event.data))
        .map_err(|error| bad(&format!("a chunk of the reply is not JSON: {error}")))
}

fn bad(reason: &str) -> ModelError {
    ModelError::BadReply(reason.to_owned())
}

/// Without the byte order mark and the white space at the beginning.
fn trimmed(bytes: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| byte.is_ascii_whitespace() || b"\xEF\xBB\xBF".contains(byte);
    let begin = bytes.iter().position(|byte| !is_blank(byte)).unwrap_or(bytes.len());
    &bytes[begin..]
}

#[cfg(test)]
mod tests;
