//! A model whose requests are counted.

use std::sync::Arc;

use async_trait::async_trait;
use domain::{
    ports::{Clock, LanguageModel, ModelError, ModelReply, ModelRequest, TextSink},
    turn::FailureKind,
};

use tracing::{Instrument, Span, field::Empty};

use super::{Metrics, ModelLabels, TokenLabels};

/// Counts what a model is asked, and passes everything on.
pub struct MeteredModel {
    inner: Arc<dyn LanguageModel>,
    metrics: Arc<Metrics>,
    clock: Arc<dyn Clock>,
}

impl MeteredModel {
    /// Wraps a model.
    pub fn new(inner: Arc<dyn LanguageModel>, metrics: Arc<Metrics>, clock: Arc<dyn Clock>) -> Self {
        Self { inner, metrics, clock }
    }

    fn count(&self, reply: &ModelReply) {
        let Some(usage) = reply.usage else { return };
        let tokens = [("prompt", usage.prompt_tokens), ("completion", usage.completion_tokens)];
        for (kind, count) in tokens {
            let labels = TokenLabels { model: self.name().to_owned(), kind };
            self.metrics.tokens.get_or_create(&labels).inc_by(u64::try_from(count).unwrap_or_default());
        }
    }
}

#[async_trait]
impl LanguageModel for MeteredModel {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn history_tokens(&self) -> usize {
        self.inner.history_tokens()
    }

    async fn reply(&self, request: ModelRequest<'_>, words: TextSink<'_>) -> Result<ModelReply, ModelError> {
        let started_at = self.clock.instant();
        // As OpenTelemetry's conventions for generative models have it.
        let trace = tracing::info_span!(
            target: "otel",
            "chat",
            otel.kind = "client",
            otel.status_code = Empty,
            gen_ai.operation.name = "chat",
            gen_ai.request.model = self.name(),
            gen_ai.usage.input_tokens = Empty,
            gen_ai.usage.output_tokens = Empty,
            error.r#type = Empty,
        );
        let reply = self.inner.reply(request, words).instrument(trace.clone()).await;
        let took = self.clock.instant().saturating_duration_since(started_at);
        let outcome = match &reply {
            Ok(reply) => {
                self.count(reply);
                "replied"
            }
            Err(ModelError::ContextExceeded { .. }) => "context_exceeded",
            Err(error) => FailureKind::from(error).as_str(),
        };
        record(&trace, &reply, outcome);
        let labels = ModelLabels { model: self.name().to_owned(), outcome };
        self.metrics.model_durations.get_or_create(&labels).observe(took.as_secs_f64());
        reply
    }
}

fn record(trace: &Span, reply: &Result<ModelReply, ModelError>, outcome: &'static str) {
    match reply {
        Ok(reply) => {
            let usage = reply.usage.unwrap_or_default();
            trace.record("gen_ai.usage.input_tokens", usage.prompt_tokens);
            trace.record("gen_ai.usage.output_tokens", usage.completion_tokens);
        }
        Err(_) => {
            trace.record("error.type", outcome);
            trace.record("otel.status_code", "ERROR");
        }
    }
}
