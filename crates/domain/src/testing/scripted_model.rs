//! A language model that follows a script and is as strict as the strictest provider.

use std::{
    collections::VecDeque,
    future::pending,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use async_trait::async_trait;
use serde_json::Value;

use super::fit_to_send;
use crate::{
    message::MessageBody,
    ports::{
        LanguageModel, ModelError, ModelFinish, ModelReply, ModelRequest, RequestedCall, TextSink, ToolChoice,
    },
    turn::Usage,
};

/// One answer of a script: the words as they come, and how it ends.
#[derive(Debug)]
pub struct Scripted {
    words: Vec<String>,
    end: End,
}

#[derive(Debug)]
enum End {
    Reply(ModelReply),
    Error(ModelError),
    Never,
}

impl Scripted {
    /// The model says `text`, word by word, and nothing else.
    pub fn says(text: &str) -> Self {
        Self::replies(text, Vec::new())
    }

    /// The model says `thought` as if it were words, and only then `text`, which is all of its reply.
    pub fn thinks_aloud_and_says(thought: &str, text: &str) -> Self {
        Self { words: words(thought), ..Self::says(text) }
    }

    /// The model calls tools, with arguments as they should be.
    pub fn calls<'a>(calls: impl IntoIterator<Item = (&'a str, Value)>) -> Self {
        Self::says_and_calls("", calls)
    }

    /// The model says `text` and calls tools beside it.
    pub fn says_and_calls<'a>(text: &str, calls: impl IntoIterator<Item = (&'a str, Value)>) -> Self {
        let call = |(name, arguments): (&str, Value)| RequestedCall {
            name: name.to_owned(),
            arguments: arguments.to_string(),
            ..Default::default()
        };
        Self::replies(text, calls.into_iter().map(call).collect())
    }

    /// The model says `text` and makes calls as badly as it likes.
    pub fn replies(text: &str, calls: Vec<RequestedCall>) -> Self {
        let reply = ModelReply { text: text.to_owned(), calls, finish: ModelFinish::Stop, usage: None };
        Self { words: words(text), end: End::Reply(reply) }
    }

    /// The model fails before its first word.
    pub fn fails(error: ModelError) -> Self {
        Self { words: Vec::new(), end: End::Error(error) }
    }

    /// The model says `text` and then breaks off.
    pub fn says_and_fails(text: &str, error: ModelError) -> Self {
        Self { words: words(text), end: End::Error(error) }
    }

    /// The model says `text` and then nothing any more, for ever.
    pub fn says_and_hangs(text: &str) -> Self {
        Self { words: words(text), end: End::Never }
    }

    /// The same reply with another reason to end.
    #[must_use]
    pub fn finishing(mut self, finish: ModelFinish) -> Self {
        if let End::Reply(reply) = &mut self.end {
            reply.finish = finish;
        }
        self
    }

    /// The same reply with tokens counted by the provider.
    #[must_use]
    pub fn using(mut self, prompt_tokens: i32, completion_tokens: i32) -> Self {
        if let End::Reply(reply) = &mut self.end {
            reply.usage = Some(Usage { prompt_tokens, completion_tokens });
        }
        self
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_inclusive(' ').map(str::to_owned).collect()
}

/// A request as it reached the model.
#[derive(Debug, Clone)]
pub struct RecordedRequest {
    /// The system prompt.
    pub system: String,
    /// The conversation.
    pub messages: Vec<MessageBody>,
    /// Whether tools were offered.
    pub tools: ToolChoice,
    /// Until when it is answered.
    pub deadline: Instant,
}

/// A model that answers its requests with its script, in order. It panics when a request breaks a
/// rule of [`fit_to_send`], and when there is no line left to answer it with.
#[derive(Debug)]
pub struct ScriptedModel {
    name: String,
    script: Mutex<VecDeque<Scripted>>,
    requests: Mutex<Vec<RecordedRequest>>,
    texts: Mutex<VecDeque<Scripted>>,
    text_requests: Mutex<Vec<RecordedRequest>>,
}

impl Default for ScriptedModel {
    fn default() -> Self {
        Self::new([])
    }
}

impl ScriptedModel {
    /// The name it goes by.
    pub const NAME: &'static str = "scripted";

    /// Makes a model with this script.
    pub fn new(script: impl IntoIterator<Item = Scripted>) -> Self {
        Self::named(Self::NAME, script)
    }

    /// Makes a model with a name of its own.
    pub fn named(name: &str, script: impl IntoIterator<Item = Scripted>) -> Self {
        Self {
            name: name.to_owned(),
            script: Mutex::new(script.into_iter().collect()),
            requests: Mutex::default(),
            texts: Mutex::default(),
            text_requests: Mutex::default(),
        }
    }

    /// Adds to the answers to requests for a text, which nobody waits for. Without one they fail.
    pub fn writes(&self, line: Scripted) {
        locked(&self.texts).push_back(line);
    }

    /// Returns every request for a text so far.
    pub fn text_requests(&self) -> Vec<RecordedRequest> {
        locked(&self.text_requests).clone()
    }

    /// Adds to the end of the script.
    pub fn then(&self, line: Scripted) {
        locked(&self.script).push_back(line);
    }

    /// Returns every request so far.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        locked(&self.requests).clone()
    }

    /// Asserts that the whole script was asked for.
    ///
    /// # Panics
    /// When lines are left.
    pub fn assert_used_up(&self) {
        let left = locked(&self.script);
        assert!(left.is_empty(), "nobody asked for the end of the script: {left:?}");
    }

    fn next_line(&self, request: &ModelRequest<'_>) -> Scripted {
        let fault = fit_to_send(request.messages).err();
        let asked = RecordedRequest {
            system: request.system.to_owned(),
            messages: request.messages.to_vec(),
            tools: request.tools,
            deadline: request.deadline,
        };
        if request.tools == ToolChoice::NotListed {
            locked(&self.text_requests).push(asked);
            let failure = || Scripted::fails(ModelError::Unavailable("nobody wrote a text".to_owned()));
            return locked(&self.texts).pop_front().unwrap_or_else(failure);
        }
        locked(&self.requests).push(asked);
        assert!(fault.is_none(), "a provider refuses this request, {fault:?}: {:#?}", request.messages);
        let line = locked(&self.script).pop_front();
        line.unwrap_or_else(|| panic!("the script has no answer to {:#?}", request.messages.last()))
    }
}

#[async_trait]
impl LanguageModel for ScriptedModel {
    fn name(&self) -> &str {
        &self.name
    }

    async fn reply(&self, request: ModelRequest<'_>, words: TextSink<'_>) -> Result<ModelReply, ModelError> {
        let line = self.next_line(&request);
        line.words.iter().for_each(|word| words(word));
        match line.end {
            End::Reply(reply) => Ok(reply),
            End::Error(error) => Err(error),
            End::Never => pending().await,
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
