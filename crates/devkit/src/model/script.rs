//! A small language for the stand-in's replies in tests: `text("Done.")`, `call("add_task", json!({"title":
//! "Milk"})).say("One moment")`, `status(429).header("retry-after", "1")`, `text("…").cut_after(100)`.

mod scripted_reply;

use std::time::Duration;

use serde_json::Value;
use stand_in_english::Answer;

pub(crate) use scripted_reply::{Call, Ending, Shape};
pub use scripted_reply::{CallIds, Index};

/// Returns a reply that only says something.
pub fn text(words: impl Into<String>) -> Reply {
    Reply { text: Some(words.into()), ..Reply::default() }
}

/// Returns a reply that calls one tool.
pub fn call(tool: impl Into<String>, arguments: Value) -> Reply {
    Reply::default().call(tool, arguments)
}

/// Returns a reply that calls several tools at once.
pub fn calls<T: Into<String>>(calls: impl IntoIterator<Item = (T, Value)>) -> Reply {
    calls.into_iter().fold(Reply::default(), |reply, (tool, arguments)| reply.call(tool, arguments))
}

/// Returns an answer with this HTTP status; an OpenAI-shaped error unless [`Reply::body`] says otherwise.
pub fn status(status: u16) -> Reply {
    Reply::default().status(status)
}

/// Returns an answer whose body is exactly this, sent as an event stream with status 200.
pub fn raw(body: impl Into<Vec<u8>>) -> Reply {
    Reply::default().body(body).header("content-type", "text/event-stream")
}

/// Returns a reply without words and without calls, as some models send.
pub fn silence() -> Reply {
    Reply::default()
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Say(words) => text(words),
            Answer::Call(wanted) => calls(wanted),
        }
    }
}

/// One answer of the model and how it travels.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reply {
    pub(crate) text: Option<String>,
    pub(crate) calls: Vec<Call>,
    pub(crate) finish: Option<String>,
    pub(crate) shape: Shape,
    pub(crate) status: Option<u16>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<Vec<u8>>,
    pub(crate) repeat: usize,
    pub(crate) delay: Duration,
    pub(crate) is_held: bool,
    pub(crate) dribble: Option<(usize, Duration)>,
    pub(crate) ending: Ending,
    pub(crate) first: Vec<Reply>,
}

impl Reply {
    /// Adds words, before the tool calls.
    pub fn say(mut self, words: impl Into<String>) -> Self {
        self.text = Some(words.into());
        self
    }

    /// Adds a tool call.
    pub fn call(self, tool: impl Into<String>, arguments: Value) -> Self {
        self.call_raw(tool, arguments.to_string())
    }

    /// Adds a tool call whose arguments are exactly this text, valid or not.
    pub fn call_raw(mut self, tool: impl Into<String>, arguments: impl Into<String>) -> Self {
        self.calls.push(Call { tool: tool.into(), arguments: arguments.into() });
        self
    }

    /// Sets `finish_reason`; without it `tool_calls` or `stop`, as fits.
    pub fn finish(mut self, reason: impl Into<String>) -> Self {
        self.finish = Some(reason.into());
        self
    }

    /// Waits so long before anything is sent.
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Waits for [`StandIn::release`](super::StandIn::release) before anything is sent.
    pub fn held(mut self) -> Self {
        self.is_held = true;
        self
    }

    /// Sets the HTTP status, whatever the body is.
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Adds a header; one that the stand-in would set itself is replaced.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body to exactly these bytes.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Sends the body so many times over: a large answer from a small script.
    pub fn repeat(mut self, times: usize) -> Self {
        self.repeat = times;
        self
    }

    /// Closes the connection after so many bytes of the body.
    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.ending = Ending::Cut(bytes);
        self
    }

    /// Resets the connection (TCP RST) after so many bytes of the body.
    pub fn reset_after(mut self, bytes: usize) -> Self {
        self.ending = Ending::Reset(bytes);
        self
    }

    /// Ends the body after so many bytes as if that were all.
    pub fn end_after(mut self, bytes: usize) -> Self {
        self.ending = Ending::End(bytes);
        self
    }

    /// Says nothing more after the head and so many bytes, but keeps the connection.
    pub fn hang_after(mut self, bytes: usize) -> Self {
        self.ending = Ending::Hang(bytes);
        self
    }

    /// Never answers, but keeps the connection.
    pub fn hang(mut self) -> Self {
        self.ending = Ending::HangAtOnce;
        self
    }

    /// Sends the body in pieces of so many bytes with a pause between.
    pub fn dribble(mut self, bytes: usize, every: Duration) -> Self {
        self.dribble = Some((bytes.max(1), every));
        self
    }

    /// Sends no usage even when asked.
    pub fn without_usage(mut self) -> Self {
        self.shape.without_usage = true;
        self
    }

    /// Leaves out `data: [DONE]`.
    pub fn no_done(mut self) -> Self {
        self.shape.no_done = true;
        self
    }

    /// Leaves out the frame with `finish_reason`.
    pub fn no_finish(mut self) -> Self {
        self.shape.no_finish = true;
        self
    }

    /// Chooses which `index` the fragments of tool calls carry.
    pub fn index(mut self, index: Index) -> Self {
        self.shape.index = index;
        self
    }

    /// Chooses which ids tool calls carry.
    pub fn ids(mut self, ids: CallIds) -> Self {
        self.shape.ids = ids;
        self
    }

    /// Splits the arguments of each call into so many fragments after the first frame.
    pub fn fragments(mut self, count: usize) -> Self {
        self.shape.fragments = count;
        self
    }

    /// Sends the name of each tool in two fragments.
    pub fn split_names(mut self) -> Self {
        self.shape.split_names = true;
        self
    }

    /// Answers with `other` the first time that this very request comes, and
    /// with `self` when it is repeated. Several of them are used in order.
    pub fn but_first(mut self, other: Reply) -> Self {
        self.first.push(other);
        self
    }

    /// Returns the reply for the `attempt`-th (from 0) arrival of one request.
    pub(crate) fn for_attempt(&self, attempt: usize) -> &Self {
        self.first.get(attempt).unwrap_or(self)
    }
}
