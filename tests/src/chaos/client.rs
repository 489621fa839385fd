//! A client that keeps to the contract: it retries what it is not sure of, with the same key.

use std::{sync::Arc, time::Duration};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::{Answer, Attempt, Cluster, Operation, OperationRecord, Rng};

/// How often an operation is tried before nobody knows.
const MAX_ATTEMPTS: usize = 40;
/// Longer than any answer may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(62);
/// No client of a run waits longer than this before it asks again.
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// Somebody with an account.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their id.
    pub id: String,
    token: String,
    http: reqwest::Client,
}

/// How a client behaves that loses answers.
#[derive(Debug, Clone, Copy)]
pub(super) struct RetryBehaviour {
    /// How often it goes away at once, before the answer is there.
    pub(super) goes_away: f64,
    /// How often it loses patience, after some seconds.
    pub(super) is_impatient: f64,
    /// How often it asks two replicas at once.
    pub(super) asks_twice: f64,
    /// How often it asks once more after it was told that all is done.
    pub(super) asks_again: f64,
}

impl Person {
    /// Registers somebody.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn register(base: &str, name: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().timeout(REQUEST_TIMEOUT).build().expect("a client");
        let email = format!("{name}@example.com");
        let body = json!({"email": email, "password": "correct horse battery", "name": name});
        let answer = http.post(format!("{base}/api/auth/register")).json(&body).send().await;
        let answer = answer.expect("an answer to a registration");
        assert_eq!(answer.status(), 201, "a registration");
        let answer: Value = answer.json().await.expect("a token answer");
        let text = |value: &Value| value.as_str().expect("a token answer holds text").to_owned();
        Self { id: text(&answer["user"]["id"]), token: text(&answer["access_token"]), http }
    }

    /// A program of theirs, with this token.
    pub fn program(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// Sends one request to a path below their own; nothing when no answer comes.
    pub async fn send(
        &self,
        base: &str,
        (method, path, body): (Method, String, Option<Value>),
        key: Option<&str>,
    ) -> Option<Answer> {
        let mut request = self.http.request(method, format!("{base}/api/{}{path}", self.id));
        request = request.bearer_auth(&self.token);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.ok()?;
        let header = |name: &str| response.headers().get(name).is_some();
        let (has_retry_after, is_replayed) = (header("retry-after"), header("idempotency-replayed"));
        let status = response.status().as_u16();
        let content_type = response.headers().get("content-type");
        let is_stream = content_type.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        let text = response.text().await.ok()?;
        if is_stream {
            return Answer::of_stream(&text, is_replayed);
        }
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Some(Answer { status, has_retry_after, is_replayed, body })
    }
}

/// One of a run's clients.
pub(super) struct Client {
    pub(super) number: usize,
    pub(super) user: usize,
    pub(super) person: Person,
    pub(super) cluster: Arc<Cluster>,
    pub(super) rng: Rng,
    pub(super) manners: RetryBehaviour,
}

impl Client {
    /// Does an operation, trying until it is done, refused, or tried often enough.
    pub(super) async fn perform(&mut self, operation: Operation, number: usize) -> OperationRecord {
        let key = match &operation {
            Operation::Resend { key, .. } => Some(key.clone()),
            operation => operation.takes_a_key().then(|| format!("client-{}-{number}", self.number)),
        };
        let attempts = Vec::new();
        let mut record = OperationRecord { user: self.user, client: self.number, key, operation, attempts };
        if record.operation.takes_a_key() && self.rng.hits(self.manners.asks_twice) {
            let (one, other) = (self.timeout(), self.timeout());
            let (one, other) = tokio::join!(self.attempt(&record, 0, one), self.attempt(&record, 1, other));
            record.attempts.extend([one, other]);
        }
        while record.attempts.len() < MAX_ATTEMPTS && !record.is_over() {
            let timeout = self.timeout();
            let attempt = self.attempt(&record, record.attempts.len(), timeout).await;
            let pause = self.pause_after(attempt.answer.as_ref());
            record.attempts.push(attempt);
            if !record.is_over() {
                sleep(pause).await;
            }
        }
        if record.operation.takes_a_key() && self.rng.hits(self.manners.asks_again) {
            let again = self.attempt(&record, record.attempts.len(), REQUEST_TIMEOUT).await;
            record.attempts.push(again);
        }
        record
    }

    /// Draws how long it waits for an answer. Also when it goes away at once, the request was often
    /// sent by then.
    fn timeout(&mut self) -> Duration {
        if self.rng.hits(self.manners.goes_away) {
            self.rng.pause(Duration::from_millis(15))
        } else if self.rng.hits(self.manners.is_impatient) {
            self.rng.between(Duration::from_secs(2), Duration::from_secs(8))
        } else {
            REQUEST_TIMEOUT
        }
    }

    /// Sends the request once, to the replica whose turn it is.
    async fn attempt(&self, record: &OperationRecord, tried: usize, max_wait: Duration) -> Attempt {
        let event_log = &self.cluster.event_log;
        let number = (self.number + tried) % self.cluster.replicas.len();
        let replica = &self.cluster.replicas[number];
        let (base, disturbances) = (replica.base(), replica.disturbances());
        let from = event_log.now();
        let sending = self.person.send(base, record.operation.request(), record.key.as_deref());
        let answer = timeout(max_wait, sending).await.unwrap_or(None);
        let outcome = answer.as_ref().map(|answer| format!("{} {}", answer.status, answer.code()));
        let outcome = outcome.unwrap_or_else(|| "no answer".to_owned());
        let took = (event_log.now() - from).as_millis();
        event_log.note(format!(
            "client {} of user {}, replica {number}, {took} ms: {} -> {outcome}",
            self.number, self.user, record.operation
        ));
        let is_disturbed = replica.disturbances() != disturbances;
        Attempt { from, to: event_log.now(), replica: number, is_disturbed, answer }
    }

    /// How long to wait before the next attempt.
    fn pause_after(&mut self, answer: Option<&Answer>) -> Duration {
        let (least, most) = match answer {
            None => (Duration::ZERO, Duration::from_millis(200)),
            Some(_) => (Duration::from_millis(100), MAX_PAUSE),
        };
        self.rng.between(least, most)
    }
}
