//! Sends a request, and sends it again after a failure that may pass. Once a response has begun there are no
//! more retries.

use std::time::Duration;

use bytes::Bytes;
use domain::ports::ModelError;
use reqwest::{RequestBuilder, Response, header::CONTENT_TYPE};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::{
    OpenAiModel,
    error::{ExchangeError, RequestFailure},
    http_client,
    reasoning_field_rules::NamedFields,
};

/// How often a request is tried again.
const MAX_RETRIES: u32 = 2;
/// The longest that we wait when a provider asks us to: the person is waiting too.
const MAX_WAIT: Duration = Duration::from_secs(10);
/// How much of an error's body is read, and for how long.
const MAX_ERROR_BYTES: usize = 16 * 1024;
const ERROR_BODY_TIMEOUT: Duration = Duration::from_secs(2);

/// A successful response, of which only the head has been read.
pub(super) struct ResponseHead {
    pub(super) response: Response,
    /// When the first byte of its body has to be there.
    pub(super) first_byte: Instant,
}

/// The next attempt after a failed one.
struct Retry {
    wait: Duration,
    /// Why the last attempt failed.
    cause: ModelError,
}

impl OpenAiModel {
    /// Sends `body` until the head of a successful response is there, or no retry is left.
    pub(super) async fn send(&self, body: Bytes, deadline: Instant) -> Result<ResponseHead, ExchangeError> {
        let mut retries = 0;
        loop {
            let first_byte = Instant::now() + self.timeouts.first_byte;
            let failure = match timeout_at(first_byte, self.post(body.clone()).send()).await {
                Err(_elapsed) => return Err(ModelError::TimedOut.into()),
                Ok(Ok(response)) if response.status().is_success() => {
                    return Ok(ResponseHead { response, first_byte });
                }
                Ok(Ok(response)) => failure_of(response).await,
                Ok(Err(error)) => failure_of_transport(error),
            };
            if failure.refuses_tools {
                self.mode.record_refused_tools();
            }
            self.mode.record_refused_fields(failure.refused);
            self.mode.record_missing_fields(failure.missed);
            let (is_content_filter, is_bad_request) = (failure.is_content_filter, failure.is_bad_request);
            let Retry { wait, cause } = next_attempt(failure, retries, self.timeouts.backoff, deadline)
                .map_err(|error| ExchangeError { error, is_content_filter, is_bad_request })?;
            retries += 1;
            tracing::warn!(
                model = self.model,
                retries,
                wait_ms = wait.as_secs_f64() * 1e3,
                error = %self.redactor.redact_error(cause),
                "a model request failed, retrying"
            );
            sleep(wait).await;
        }
    }

    fn post(&self, body: Bytes) -> RequestBuilder {
        let url = self.base_url.completions().clone();
        self.client.post(url).header(CONTENT_TYPE, "application/json").body(body)
    }
}

/// Reads the body of a response that is no success.
async fn failure_of(mut response: Response) -> RequestFailure {
    let mut body = Vec::new();
    let read = async {
        while let Ok(Some(bytes)) = response.chunk().await {
            body.extend_from_slice(&bytes);
            if body.len() > MAX_ERROR_BYTES {
                break;
            }
        }
    };
    // The part of the text that arrives in time is enough for a log.
    drop(timeout(ERROR_BODY_TIMEOUT, read).await);
    RequestFailure::from_response(response.status().as_u16(), response.headers(), &body)
}

fn failure_of_transport(error: reqwest::Error) -> RequestFailure {
    // A request that cannot be built fails every time.
    let may_retry = !error.is_builder();
    let error = ModelError::Unavailable(http_client::error_text(error));
    let none = NamedFields::default();
    RequestFailure {
        error,
        may_retry,
        retry_after: None,
        refuses_tools: false,
        is_content_filter: false,
        is_bad_request: false,
        missed: none,
        refused: none,
    }
}

/// Returns when to try again after `failure`, which came after so many retries.
///
/// # Errors
/// The error of the whole request when there is no further attempt.
fn next_attempt(
    failure: RequestFailure,
    retries: u32,
    backoff: Duration,
    deadline: Instant,
) -> Result<Retry, ModelError> {
    let RequestFailure { error: cause, may_retry, retry_after, .. } = failure;
    if !may_retry || retries >= MAX_RETRIES {
        return Err(cause);
    }
    // Between half and all of the backoff, so that requests that failed together are not repeated together.
    let jittered = || (backoff * 2_u32.pow(retries)).mul_f64(rand::random_range(0.5..1.0));
    let wait = retry_after.unwrap_or_else(jittered);
    let in_time = Instant::now().checked_add(wait).is_some_and(|then| then < deadline);
    match retry_after {
        Some(_) if !in_time || wait > MAX_WAIT => Err(ModelError::Busy { retry_after }),
        None if !in_time => Err(cause),
        _ => Ok(Retry { wait, cause }),
    }
}
