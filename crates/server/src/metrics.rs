//! Numbers for the operator, in the text format of Prometheus: see docs/DEPLOY.md.
//!
//! Labels have few values, all of them ours: routes, statuses, codes, models of the configuration.
//! None comes from a client.

mod metered_model;

use std::time::Duration;

use domain::account_limits::LimitReached;
pub use metered_model::MeteredModel;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};
use turn_service::TurnTelemetry;

/// The counters of this process.
pub struct Metrics {
    registry: Registry,
    requests: Family<RequestLabels, Counter>,
    request_durations: Family<RouteLabel, Histogram>,
    limits: Family<CodeLabel, Counter>,
    turns: Family<EndingLabel, Counter>,
    turn_durations: Histogram,
    model_durations: Family<ModelLabels, Histogram>,
    tokens: Family<TokenLabels, Counter>,
    connections: Family<ConnectionLabel, Gauge>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabel {
    route: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CodeLabel {
    code: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct EndingLabel {
    ending: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ModelLabels {
    model: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct TokenLabels {
    model: String,
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ConnectionLabel {
    state: &'static str,
}

/// The connections to the database at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionCounts {
    /// Requests that wait for one.
    pub waiting: usize,
    /// Open and idle.
    pub idle: usize,
    /// Open and in use.
    pub in_use: usize,
}

impl Default for Metrics {
    fn default() -> Self {
        // From a millisecond to a minute.
        let durations = || Histogram::new(exponential_buckets(0.001, 2.0, 17));
        let mut metrics = Self {
            registry: Registry::with_prefix("todo"),
            requests: Family::default(),
            request_durations: Family::new_with_constructor(durations),
            limits: Family::default(),
            turns: Family::default(),
            turn_durations: durations(),
            model_durations: Family::new_with_constructor(durations),
            tokens: Family::default(),
            connections: Family::default(),
        };
        metrics.register();
        metrics
    }
}

impl Metrics {
    fn register(&mut self) {
        let Self { registry, .. } = self;
        registry.register("http_requests", "Requests that were answered", self.requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "The time until an answer began",
            Unit::Seconds,
            self.request_durations.clone(),
        );
        registry.register("limits_reached", "Requests beyond a limit of their account", self.limits.clone());
        registry.register("turns", "Turns that ended here", self.turns.clone());
        registry.register_with_unit(
            "turn_duration",
            "The time that a turn was worked on",
            Unit::Seconds,
            self.turn_durations.clone(),
        );
        registry.register_with_unit(
            "model_request_duration",
            "The time that a model took to answer",
            Unit::Seconds,
            self.model_durations.clone(),
        );
        registry.register("model_tokens", "Tokens that models counted", self.tokens.clone());
        registry.register("database_connections", "Connections to the database", self.connections.clone());
    }

    /// Counts a request: `route` is a pattern of ours, `method` a standard one.
    pub fn request(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let labels = RequestLabels { method, route: route.to_owned(), status };
        self.requests.get_or_create(&labels).inc();
        let route = RouteLabel { route: labels.route };
        self.request_durations.get_or_create(&route).observe(took.as_secs_f64());
    }

    /// Counts a request that was refused because of a limit.
    pub fn limit_reached(&self, limit: &LimitReached) {
        self.limits.get_or_create(&CodeLabel { code: limit.code() }).inc();
    }

    /// Counts a turn that ended here.
    pub fn turn(&self, report: TurnTelemetry) {
        self.turns.get_or_create(&EndingLabel { ending: report.ending }).inc();
        self.turn_durations.observe(report.took.as_secs_f64());
    }

    /// Returns everything as text.
    ///
    /// # Errors
    /// When the text cannot be written, which memory rules out.
    pub fn text(&self, connections: ConnectionCounts) -> Result<String, std::fmt::Error> {
        let ConnectionCounts { waiting, idle, in_use } = connections;
        for (state, count) in [("waiting", waiting), ("idle", idle), ("in_use", in_use)] {
            self.connections.get_or_create(&ConnectionLabel { state }).set(count as i64);
        }
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_CONNECTIONS: ConnectionCounts = ConnectionCounts { waiting: 0, idle: 3, in_use: 1 };

    #[test]
    fn what_is_counted_is_told() {
        let metrics = Metrics::default();
        metrics.request("GET", "/health", 200, Duration::from_millis(3));
        metrics.limit_reached(&LimitReached::Tasks(7));
        metrics.turn(TurnTelemetry { ending: "stop", took: Duration::from_secs(2) });
        let text = metrics.text(NO_CONNECTIONS).unwrap();
        for line in [
            r#"todo_http_requests_total{method="GET",route="/health",status="200"} 1"#,
            r#"todo_http_request_duration_seconds_count{route="/health"} 1"#,
            r#"todo_limits_reached_total{code="task_quota_reached"} 1"#,
            r#"todo_turns_total{ending="stop"} 1"#,
            "todo_turn_duration_seconds_sum 2.0",
            r#"todo_database_connections{state="idle"} 3"#,
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is missing in {text}");
        }
    }
}
