//! The configuration of traces, by the standard variables of OpenTelemetry.

use secrecy::ExposeSecret;
use url::Url;

use super::{RawConfig, config_errors::Problems};
use crate::telemetry::traces::{TraceSettings, parse_headers};

/// Returns where traces are sent, if anywhere.
pub(super) fn settings(found: &mut Problems, raw: &RawConfig) -> Option<TraceSettings> {
    let headers = found.parse_secret(
        "OTEL_EXPORTER_OTLP_HEADERS",
        raw.otel_exporter_otlp_headers.as_ref(),
        None,
        |headers| parse_headers(headers.expose_secret()).map(|_parsed| headers.clone()),
    );
    let share = raw.otel_traces_sampler_arg.as_deref();
    let share = found.parse("OTEL_TRACES_SAMPLER_ARG", share, 1.0, |text| match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("must be a share from 0 to 1".to_owned()),
    });
    let endpoint = raw.otel_exporter_otlp_endpoint.as_deref();
    let endpoint = found.parse("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint, None, |text| {
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        url.map(Some).ok_or_else(|| "must be an http(s) address, such as http://localhost:4318".to_owned())
    });
    endpoint.map(|endpoint| TraceSettings { endpoint, headers, share })
}
