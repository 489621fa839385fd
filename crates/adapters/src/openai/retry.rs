//! Sends a request until it is answered: tried again only while nothing has been answered yet.

use std::time::Duration;

use domain::ports::ModelError;
use reqwest::{RequestBuilder, Response, header::CONTENT_TYPE};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::{OpenAiModel, error, http_client};

/// How often a request is tried again.
const MAX_RETRIES: u32 = 2;
/// The longest that we wait when a provider asks us to: the person is waiting too.
const MAX_WAIT: Duration = Duration::from_secs(10);
/// What is read of an error, and for how long.
const MAX_ERROR_BYTES: usize = 16 * 1024;
const ERROR_BODY_TIMEOUT: Duration = Duration::from_secs(2);

/// An answer whose head has come, and is no error.
pub(super) struct Answer {
    pub(super) response: Response,
    /// When the first byte of its body has to be there.
    pub(super) first_byte: Instant,
}

/// An attempt that came to nothing.
struct Failure {
    error: ModelError,
    may_pass: bool,
    retry_after: Option<Duration>,
}

impl OpenAiModel {
    /// Sends `body` until an answer's head is there, or there is no hope.
    pub(super) async fn send(&self, body: Vec<u8>, deadline: Instant) -> Result<Answer, ModelError> {
        let mut retries = 0;
        loop {
            let first_byte = Instant::now() + self.timeouts.first_byte;
            let failure = match timeout_at(first_byte, self.post(body.clone()).send()).await {
                Err(_elapsed) => return Err(ModelError::TimedOut),
                Ok(Ok(response)) if response.status().is_success() => {
                    return Ok(Answer { response, first_byte });
                }
                Ok(Ok(response)) => {
                    let (failure, takes_no_tools) = Failure::of_response(response).await;
                    if takes_no_tools {
                        self.mode.tools_refused();
                    }
                    failure
                }
                Ok(Err(error)) => Failure::of_transport(error),
            };
            let wait = failure.wait(retries, self.timeouts.backoff, deadline)?;
            retries += 1;
            tracing::warn!(
                retries,
                wait_ms = wait.as_secs_f64() * 1e3,
                "the model gave no answer, asking again"
            );
            sleep(wait).await;
        }
    }

    fn post(&self, body: Vec<u8>) -> RequestBuilder {
        self.client.post(self.completions.clone()).header(CONTENT_TYPE, "application/json").body(body)
    }
}

impl Failure {
    /// Returns the failure that a response is, and whether it says that tools cannot be used.
    async fn of_response(mut response: Response) -> (Self, bool) {
        let mut body = Vec::new();
        let read = async {
            while let Ok(Some(bytes)) = response.chunk().await {
                body.extend_from_slice(&bytes);
                if body.len() > MAX_ERROR_BYTES {
                    break;
                }
            }
        };
        // Whatever came of the text in time is good enough for a log.
        drop(timeout(ERROR_BODY_TIMEOUT, read).await);
        let (error, may_pass) = error::of_response(response.status().as_u16(), response.headers(), &body);
        let failure = Self { error, may_pass, retry_after: error::retry_after(response.headers()) };
        (failure, error::refuses_tools(&body))
    }

    fn of_transport(error: reqwest::Error) -> Self {
        // No request that cannot even be written gets better by trying.
        let may_pass = !error.is_builder();
        Self { error: ModelError::Unavailable(http_client::text_of(error)), may_pass, retry_after: None }
    }

    /// Returns how long to wait before the next attempt.
    ///
    /// # Errors
    /// What to say in the end when there shall be none.
    fn wait(self, retries: u32, backoff: Duration, deadline: Instant) -> Result<Duration, ModelError> {
        if !self.may_pass || retries >= MAX_RETRIES {
            return Err(self.error);
        }
        let wait = match self.retry_after {
            Some(wait) => wait,
            // Between half and all of it, so that those who failed together do not come back so.
            None => (backoff * 2_u32.pow(retries)).mul_f64(rand::random_range(0.5..1.0)),
        };
        let in_time = Instant::now().checked_add(wait).is_some_and(|then| then < deadline);
        match self.retry_after {
            Some(_) if !in_time || wait > MAX_WAIT => Err(ModelError::Busy { retry_after: self.retry_after }),
            None if !in_time => Err(self.error),
            _ => Ok(wait),
        }
    }
}
