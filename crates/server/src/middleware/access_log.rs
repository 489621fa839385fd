//! One line in the log for each request: what was asked, by whom, and what came of it. Of a flood of
//! them some lines are left.
//!
//! The route's pattern and never the path, a user's id and never their email: no line holds a
//! token, a title or a message.

use std::time::Duration;

use actix_web::{
    Error, HttpMessage, HttpRequest,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::StatusCode,
    middleware::Next,
    web,
};
use domain::account::UserId;
use tracing::{Instrument, Span, field::Empty};

use crate::{
    middleware::request_id::RequestId,
    state::AppState,
    telemetry::traces::{continue_trace, rename},
};

/// The most lines of one kind of refusal in a second, and of requests of one route that were served:
/// whoever asks for something that is cheap can ask for it thousands of times.
const REFUSALS_A_SECOND: u32 = 5;
const SERVED_A_SECOND: u32 = 50;

/// Logs the request once its answer begins.
///
/// # Errors
/// Propagates the inner service's error (infallible in practice).
pub async fn log_access(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let state = request.app_data::<web::Data<AppState>>().cloned();
    let started_at = state.as_ref().map(|state| state.clock.instant());
    let id = RequestId::of(&request.extensions());
    let method = shown(request.method().as_str());
    // Whatever is logged on the way has the id from the span.
    let span = tracing::info_span!("request", request_id = id.as_str());
    // The inner one of the two, so that a task which takes the current span along is part of the trace.
    let trace = span.in_scope(|| trace(&request, method, &id));
    let called = next.call(request).instrument(trace.clone()).instrument(span);
    let response = called.await?.map_into_boxed_body();
    let request = response.request();
    let route = request.match_pattern().unwrap_or_else(|| "(no route)".to_owned());
    let status = response.status();
    record(&trace, request, method, &route, status);
    let mut took = Duration::ZERO;
    let mut skipped = Some(0);
    if let Some((state, started_at)) = state.zip(started_at) {
        let now = state.clock.instant();
        took = now.saturating_duration_since(started_at);
        state.metrics.request(method, &route, status.as_u16(), took);
        if let Some(most) = lines_a_second(status) {
            skipped = state.log_lines.sample(&route, status.as_u16(), most, now);
        }
    }
    if let Some(skipped) = skipped {
        write_line(request, method, &route, status.as_u16(), took, skipped);
    }
    Ok(response)
}

/// Begins the request's part of a trace. It has the names of OpenTelemetry's semantic conventions.
fn trace(request: &ServiceRequest, method: &'static str, id: &RequestId) -> Span {
    let span = tracing::info_span!(
        target: "otel",
        "request",
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = Empty,
        http.response.status_code = Empty,
        request.id = id.as_str(),
        user.id = Empty,
    );
    continue_trace(&span, request.headers());
    span
}

fn record(trace: &Span, request: &HttpRequest, method: &str, route: &str, status: StatusCode) {
    if trace.is_disabled() {
        return;
    }
    rename(trace, format!("{method} {route}"));
    trace.record("http.route", route);
    trace.record("http.response.status_code", status.as_u16());
    if let Some(user) = request.extensions().get::<UserId>() {
        trace.record("user.id", tracing::field::display(user));
    }
    if status.is_server_error() {
        trace.record("otel.status_code", "ERROR");
    }
}

/// The most lines of one route with this status in a second; what went wrong here has all of its own.
fn lines_a_second(status: StatusCode) -> Option<u32> {
    if status.is_client_error() || status == StatusCode::SERVICE_UNAVAILABLE {
        return Some(REFUSALS_A_SECOND);
    }
    (!status.is_server_error()).then_some(SERVED_A_SECOND)
}

/// Writes the line of a request. `skipped` lines like it were not written since the last one.
fn write_line(request: &HttpRequest, method: &str, route: &str, status: u16, took: Duration, skipped: u64) {
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let extensions = request.extensions();
    let user = extensions.get::<UserId>().map(ToString::to_string);
    let id = RequestId::of(&extensions);
    tracing::info!(
        http.method = method,
        http.route = route,
        http.status = status,
        duration_ms,
        user.id = user,
        request_id = id.as_str(),
        skipped = (skipped > 0).then_some(skipped),
        "{method} {route} {status}",
    );
}

/// The method, unless a client made one up.
fn shown(method: &str) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"];
    known.into_iter().find(|known| *known == method).unwrap_or("(other)")
}
