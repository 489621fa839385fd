//! Background work after an answer: a title after the first one, and a new summary when the conversation has
//! become longer than its window.
//!
//! Nothing depends on it. What fails or is interrupted is done after a later answer.

use std::{sync::Arc, time::Duration};

use crate::{
    account::UserId,
    compaction, conversation_title_prompt,
    message::MessageBody,
    model_selection::Models,
    ports::{
        Clock, LanguageModel, ModelError, ModelRequest, StoreError, Summary, TitleAndSummaryStore, ToolChoice,
    },
    prompt::PromptFacts,
    time_zone::PersonalTime,
    turn::{RunningTurn, TurnAnswer},
    turn_and_conversation_ids::TurnId,
};

/// How long a model may take for one text.
const TEXT_TIMEOUT: Duration = Duration::from_secs(60);
/// The most messages that are read at once, and the most times that a summary is made anew in a row.
const MAX_READ: usize = 400;
const MAX_PASSES: usize = 50;

/// Makes titles and summaries in the background.
pub struct TitleAndSummaryWriter {
    summaries: Arc<dyn TitleAndSummaryStore>,
    models: Models,
    clock: Arc<dyn Clock>,
}

/// What there is to do after a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TitleAndSummaryWork {
    user: UserId,
    turn: TurnId,
    model: Option<String>,
    /// What the person said, when it opened the conversation.
    first_message: Option<String>,
    is_long: bool,
}

#[derive(Debug, thiserror::Error)]
enum TextError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TitleAndSummaryWork {
    /// Whether the conversation has become long.
    pub fn needs_summary(&self) -> bool {
        self.is_long
    }
}

impl TitleAndSummaryWriter {
    /// Makes one.
    pub fn new(summaries: Arc<dyn TitleAndSummaryStore>, models: Models, clock: Arc<dyn Clock>) -> Self {
        Self { summaries, models, clock }
    }

    /// Says what there will be to do after a turn; `None` for most of them.
    pub fn work_after(&self, turn: &RunningTurn) -> Option<TitleAndSummaryWork> {
        let budget = self.models.select(turn.model.as_deref()).current().history_tokens();
        let said = turn.history.iter().rev().find_map(|message| match &message.body {
            MessageBody::User(text) => Some(text.clone()),
            MessageBody::Assistant { .. } | MessageBody::Tool { .. } => None,
        });
        let work = TitleAndSummaryWork {
            user: turn.lease.user,
            turn: turn.lease.turn,
            model: turn.model.clone(),
            first_message: said.filter(|_| turn.opens_conversation && !turn.regenerates),
            is_long: turn.has_older || compaction::is_long(&turn.history, budget),
        };
        (work.is_long || work.first_message.is_some()).then_some(work)
    }

    /// Names a conversation after its first answer. May be dropped at any time; nothing is half done then.
    pub async fn make_title(&self, work: &TitleAndSummaryWork, answer: &TurnAnswer) {
        let model = self.models.select(work.model.as_deref());
        if let Some(said) = &work.first_message
            && let Err(error) = self.set_generated_title(model.current(), work, said, &answer.message).await
        {
            tracing::info!(%error, "no title was made for a conversation");
        }
    }

    /// Makes a summary where one is due. May be dropped at any time; nothing is half done then.
    pub async fn make_summary(&self, work: &TitleAndSummaryWork) {
        let model = self.models.select(work.model.as_deref());
        if work.is_long
            && let Err(error) = self.compact(model.current(), work).await
        {
            tracing::info!(%error, "no summary was made for a conversation");
        }
    }

    async fn set_generated_title(
        &self,
        model: &dyn LanguageModel,
        work: &TitleAndSummaryWork,
        said: &str,
        answer: &str,
    ) -> Result<(), TextError> {
        let reply = self
            .text(
                model,
                work.user,
                conversation_title_prompt::PROMPT,
                conversation_title_prompt::request(said, answer),
            )
            .await?;
        if let Some(title) = conversation_title_prompt::parse(&reply) {
            self.summaries.set_generated_title(work.turn, &title).await?;
        }
        Ok(())
    }

    async fn compact(&self, model: &dyn LanguageModel, work: &TitleAndSummaryWork) -> Result<(), TextError> {
        let turn = work.turn;
        for _ in 0..MAX_PASSES {
            let budget = model.history_tokens();
            let Some(found) = self.summaries.unsummarized(turn, MAX_READ).await? else { return Ok(()) };
            let count = compaction::messages_to_summarize(&found.messages, budget, found.more);
            let Some((through, _)) = found.messages[..count].last() else { return Ok(()) };
            let max_tokens = compaction::max_tokens(budget);
            let request =
                compaction::request(found.summary.as_deref(), &found.messages[..count], budget, max_tokens);
            let reply = self.text(model, work.user, compaction::PROMPT, request).await?;
            let Some(text) = compaction::parse(&reply, max_tokens) else { return Ok(()) };
            let summary = Summary { text, through: *through };
            if !self.summaries.replace_summary(turn, found.from, &summary).await? {
                tracing::info!(turn.id = %turn, "a summary was dropped: another one was made first");
                return Ok(());
            }
            tracing::debug!(turn.id = %turn, messages = count, "a conversation was summarized");
        }
        Ok(())
    }

    async fn text(
        &self,
        model: &dyn LanguageModel,
        user: UserId,
        system: &str,
        request: String,
    ) -> Result<String, TextError> {
        let local = PersonalTime::utc(self.clock.now()).local;
        let request = ModelRequest {
            system,
            facts: PromptFacts { local, summary: None },
            messages: &[MessageBody::User(request)],
            tools: ToolChoice::NotListed,
            deadline: self.clock.instant() + TEXT_TIMEOUT,
        };
        let reply = model.reply(request, &|_unheard| {}).await?;
        let usage = reply.usage.unwrap_or_else(|| request.estimated_usage(reply.bytes()));
        self.summaries.spend_tokens(user, usage).await?;
        Ok(reply.text)
    }
}

#[cfg(test)]
mod tests;
