//! A client that sends a model one request.

use std::{
    sync::Mutex,
    time::{Duration, Instant},
};

use adapters::openai::{OpenAiConfig, OpenAiModel, Timeouts};
use devkit::model::{StandIn, script::Reply};
use domain::{
    message::MessageBody,
    ports::{LanguageModel, ModelError, ModelReply, ModelRequest, ToolChoice},
    prompt::PromptFacts,
};

/// The key that must never be seen again.
pub(super) const KEY: &str = "sk-proj-canary-0123456789";

/// Long enough for everything that is not meant to time out, on a busy machine too.
pub(super) const LONG_TIMEOUTS: Timeouts = Timeouts {
    connect: Duration::from_secs(10),
    first_byte: Duration::from_secs(20),
    idle: Duration::from_secs(20),
    backoff: Duration::from_millis(2),
};

/// What came of asking.
pub(super) struct Attempt {
    pub(super) reply: Result<ModelReply, ModelError>,
    pub(super) words: String,
    pub(super) took: Duration,
}

impl Attempt {
    /// The name of what it failed with, and no part of the key in it.
    #[track_caller]
    pub(super) fn failure(&self) -> &'static str {
        let error = self.reply.as_ref().unwrap_err();
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("canary") && !shown.contains("012345"), "{shown}");
        assert!(shown.chars().count() < 1_000, "{shown}");
        match error {
            ModelError::BadReply(_) => "bad reply",
            ModelError::Misconfigured(_) => "misconfigured",
            ModelError::Unavailable(_) => "unavailable",
            ModelError::ContextExceeded { .. } => "context exceeded",
            ModelError::Busy { .. } => "busy",
            ModelError::Loading { .. } => "loading",
            ModelError::TimedOut => "timed out",
        }
    }
}

pub(super) fn model(base_url: &str, timeouts: Timeouts) -> OpenAiModel {
    let base_url = base_url.parse().unwrap();
    OpenAiModel::new(OpenAiConfig {
        base_url,
        model: "test-model".into(),
        api_key: KEY.into(),
        timeouts,
        context_tokens: None,
        tool_mode: Default::default(),
    })
    .unwrap()
}

/// Says hello and gives the model so much time.
pub(super) async fn hello(model: &OpenAiModel, time: Duration) -> Attempt {
    let messages = [MessageBody::User("Hello".into())];
    ask(model, &messages, ToolChoice::Auto, time).await
}

pub(super) async fn ask(
    model: &OpenAiModel,
    messages: &[MessageBody],
    tools: ToolChoice,
    time: Duration,
) -> Attempt {
    let started_at = Instant::now();
    let request = ModelRequest {
        facts: PromptFacts {
            local: domain::time_zone::PersonalTime::utc(chrono::DateTime::UNIX_EPOCH).local,
            summary: None,
        },
        system: "Be brief.",
        messages,
        tools,
        deadline: started_at + time,
    };
    let words = Mutex::new(String::new());
    let reply = model.reply(request, &|piece| words.lock().unwrap().push_str(piece)).await;
    Attempt { reply, words: words.into_inner().unwrap(), took: started_at.elapsed() }
}

/// Asks a stand-in that answers so, with patience; returns how often it was asked.
pub(super) async fn answered(script: impl IntoIterator<Item = Reply>) -> (Attempt, usize) {
    let stand_in = StandIn::scripted(script).await.unwrap();
    let attempt = hello(&model(&stand_in.base_url(), LONG_TIMEOUTS), Duration::from_secs(60)).await;
    stand_in.assert_clean();
    (attempt, stand_in.requests().len())
}
