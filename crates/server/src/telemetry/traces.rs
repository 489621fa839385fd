//! Traces for an OpenTelemetry collector: requests, turns, model calls and transactions, by OTLP over
//! HTTP. Only spans of the target [`TARGET`] are sent. Without a collector nobody is interested in
//! them, and `tracing` skips them for the price of reading a flag.

use std::{collections::HashMap, time::Duration};

use actix_web::http::header::HeaderMap;
use opentelemetry::{
    propagation::{Extractor, TextMapPropagator},
    trace::{TraceContextExt, TracerProvider},
};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider},
};
use secrecy::{ExposeSecret, SecretString};
use tracing::{Span, Subscriber};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, filter::filter_fn, registry::LookupSpan};
use url::Url;

/// The target of the spans that are sent. Literals in the other crates repeat it: `tracing` wants it at
/// compile time, and they know nothing of this one.
pub const TARGET: &str = "otel";

const SERVICE_NAME: &str = "todo-ai-chatbot";
/// How long the collector may take, for a batch and for the last one at shutdown.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(5);
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

/// Where traces are sent.
#[derive(Debug, Clone)]
pub struct TraceSettings {
    /// The collector; `v1/traces` is appended, as the specification of OTLP's variables says.
    pub endpoint: Url,
    /// Headers for it, such as a key: `name=value` pairs with commas, values percent-encoded.
    pub headers: Option<SecretString>,
    /// The sampling ratio, 0 to 1. The trace's id decides, so that all spans of a trace agree and a client's
    /// `traceparent` cannot force sampling.
    pub share: f64,
}

/// Traces that are being sent; with [`finish`](Self::finish) the last of them.
#[derive(Debug, Default)]
pub struct Traces(Option<SdkTracerProvider>);

impl Traces {
    /// Begins to send traces, if there are settings.
    ///
    /// # Errors
    /// When there can be no client for the endpoint.
    pub fn start(settings: Option<&TraceSettings>) -> Result<Self, String> {
        settings.map(provider).transpose().map(Self)
    }

    /// The layer that turns spans into traces.
    pub fn layer<S>(&self) -> Option<impl Layer<S> + use<S>>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        self.0.as_ref().map(|provider| {
            tracing_opentelemetry::layer()
                .with_tracer(provider.tracer(SERVICE_NAME))
                .with_location(false)
                .with_threads(false)
                .with_tracked_inactivity(false)
                .with_filter(filter_fn(|metadata| metadata.is_span() && metadata.target() == TARGET))
        })
    }

    /// Sends what has not been sent, for two seconds at most.
    pub fn finish(self) {
        if let Some(provider) = self.0
            && let Err(error) = provider.shutdown_with_timeout(SHUTDOWN_TIMEOUT)
        {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

fn provider(settings: &TraceSettings) -> Result<SdkTracerProvider, String> {
    let base = settings.endpoint.as_str().trim_end_matches('/');
    let headers = settings.headers.as_ref().map(|headers| parse_headers(headers.expose_secret()));
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{base}/v1/traces"))
        .with_timeout(EXPORT_TIMEOUT)
        .with_headers(headers.transpose()?.unwrap_or_default())
        .build()
        .map_err(|error| error.to_string())?;
    let resource = Resource::builder().with_service_name(SERVICE_NAME).build();
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_sampler(Sampler::TraceIdRatioBased(settings.share))
        .with_resource(resource)
        .build())
}

/// Reads `name=value` pairs with commas, values percent-encoded: the form of the W3C's baggage, which
/// the specification of OTLP's variables names.
///
/// # Errors
/// With a sentence that has nothing of the text in it.
pub fn parse_headers(text: &str) -> Result<HashMap<String, String>, String> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        let value = percent_encoding::percent_decode_str(value.trim()).decode_utf8().ok()?;
        Some((name.trim().to_owned(), value.into_owned()))
    };
    let pairs = text.split(',').filter(|part| !part.trim().is_empty());
    pairs
        .map(pair)
        .collect::<Option<_>>()
        .ok_or_else(|| "must be name=value pairs with commas between them".to_owned())
}

/// Makes `span` a part of the trace that the client's `traceparent` names.
pub fn continue_trace(span: &Span, headers: &HeaderMap) {
    if !span.is_disabled() {
        let context = TraceContextPropagator::new().extract(&Headers(headers));
        // Fails when there is no layer, and then there is nothing to continue.
        let _ = span.set_parent(context);
    }
}

/// Renames `span`: the layer takes no new `otel.name` for one that was entered.
pub fn rename(span: &Span, name: String) {
    span.context().span().update_name(name);
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(|value| value.to_str().ok())
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(|name| name.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_pairs_with_commas() {
        let headers = parse_headers("x-key=a%2Cb, authorization=Bearer abc=,").unwrap();
        assert_eq!(headers["x-key"], "a,b");
        assert_eq!(headers["authorization"], "Bearer abc=");
        let error = parse_headers("hidden").unwrap_err();
        assert!(!error.contains("hidden"), "{error}");
    }
}
