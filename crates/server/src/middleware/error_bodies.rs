//! The middleware that gives every 4xx and 5xx its body, unless another protocol has done so, and
//! logs a cause once.

use std::error::Error as _;

use actix_web::{
    Error, HttpMessage, HttpRequest, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::header::{CONTENT_TYPE, HeaderValue},
    middleware::Next,
    web::Data,
};

use domain::error_chain::with_causes;

use crate::{
    error::{ApiError, PROBLEM_JSON, problem_body},
    middleware::request_id::RequestId,
    state::AppState,
};

/// What an answer carries whose body is right as it is: an error of another protocol's.
pub struct OwnErrorBody;

/// Writes the problem of an answer with a status of 400 or more, whoever made that answer, unless it carries
/// [`OwnErrorBody`].
///
/// # Errors
/// Propagates the inner service's error (infallible in practice).
pub async fn render_errors(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let status = response.status();
    let is_right = response.response().extensions().contains::<OwnErrorBody>();
    if is_right || (!status.is_client_error() && !status.is_server_error()) {
        return Ok(response);
    }
    let id = RequestId::of(&response.request().extensions());
    let body = match response.response().error().and_then(|error| error.as_error::<ApiError>()) {
        Some(error) => {
            log_cause(error);
            count_limit(response.request(), error);
            problem_body(error, id.as_str())
        }
        None => problem_body(&ApiError::of_status(status), id.as_str()),
    };
    let mut response = response.map_body(|_, _| BoxBody::new(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
    Ok(response)
}

/// Counts a refusal that a limit caused.
fn count_limit(request: &HttpRequest, error: &ApiError) {
    if let (ApiError::Limit(limit), Some(state)) = (error, request.app_data::<Data<AppState>>()) {
        state.metrics.limit_reached(limit);
    }
}

/// Logs what a client is not told.
fn log_cause(error: &ApiError) {
    let Some(error) = unlogged(error) else {
        return;
    };
    let cause = with_causes(error);
    let code = error.code();
    match error {
        ApiError::Internal { .. } => tracing::error!(code, cause, "internal error"),
        ApiError::Provider { .. } => {
            tracing::error!(code, cause, "the identity provider's response could not be used");
        }
        _ => tracing::warn!(code, cause, "a request could not be served"),
    }
}

/// The error whose cause is not in the log yet. A client's own mistake is in the access log and no more, and
/// so is a cause that was logged where it was found.
fn unlogged(error: &ApiError) -> Option<&ApiError> {
    let error = match error {
        ApiError::TurnInterrupted { error, .. } => error,
        other => other,
    };
    let is_ours = error.status_code().is_server_error();
    let is_cause_unknown = error.source().is_some() || matches!(error, ApiError::Internal { .. });
    (is_ours && is_cause_unknown).then_some(error)
}

#[cfg(test)]
mod tests {
    use domain::turn_and_conversation_ids::{ConversationId, TurnId};
    use turn_service::{TurnProgress, TurnServiceError};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn the_cause_of_a_turn_that_broke_off_is_logged_as_without_steps() {
        let broke_off = |error| {
            let (turn, conversation) = (TurnId(Uuid::nil()), ConversationId(Uuid::nil()));
            let progress = TurnProgress { turn, conversation, tool_calls: Vec::new() };
            ApiError::from(TurnServiceError::Interrupted { error: Box::new(error), progress })
        };
        let panicked = broke_off(TurnServiceError::Panicked);
        assert!(matches!(unlogged(&panicked), Some(ApiError::Internal { .. })), "{panicked:?}");
        let lost = broke_off(TurnServiceError::WorkerLost);
        assert!(unlogged(&lost).is_none(), "it was logged where it was found: {lost:?}");
    }
}
