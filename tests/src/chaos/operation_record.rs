//! The record of an operation of a client: every attempt, and every answer.

use std::time::Duration;

use serde_json::Value;

use super::Operation;

/// One operation of a client, from its first attempt to the last.
#[derive(Debug, Clone)]
pub struct OperationRecord {
    /// Which user it was done as.
    pub user: usize,
    /// Which client did it; a client does one thing after the other.
    pub client: usize,
    /// The idempotency key, where there is one.
    pub key: Option<String>,
    /// What was to be done.
    pub operation: Operation,
    /// How often it was tried, and with what result.
    pub attempts: Vec<Attempt>,
}

/// One request.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// When it was sent, since the beginning of the run.
    pub from: Duration,
    /// When it was over.
    pub to: Duration,
    /// Which replica it went to.
    pub replica: usize,
    /// Whether somebody killed or froze that replica meanwhile.
    pub is_disturbed: bool,
    /// What came back; nothing when the connection broke or the client went away.
    pub answer: Option<Answer>,
}

/// An answer of the server's.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Whether it says when to come again.
    pub has_retry_after: bool,
    /// Whether it says that it was given before.
    pub is_replayed: bool,
    /// The body; null when there is none.
    pub body: Value,
}

/// What is known of an operation in the end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OperationOutcome<'a> {
    /// It was done, and this is the first answer that said so.
    Done(&'a Answer),
    /// It was given up for good, and whatever of it was done is on record.
    GivenUp,
    /// Nobody knows.
    Unknown,
}

impl Answer {
    /// Whether it says that the operation was done.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Returns the problem's code; empty when it is none.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}

impl OperationRecord {
    /// Returns the answers that came, in order.
    pub fn answers(&self) -> impl Iterator<Item = &Answer> {
        self.attempts.iter().filter_map(|attempt| attempt.answer.as_ref())
    }

    /// Returns what is known of it in the end.
    pub fn outcome(&self) -> OperationOutcome<'_> {
        if let Some(done) = self.answers().find(|answer| self.says_done(answer)) {
            return OperationOutcome::Done(done);
        }
        match self.answers().last() {
            Some(answer) if answer.code() == "turn_abandoned" => OperationOutcome::GivenUp,
            _ => OperationOutcome::Unknown,
        }
    }

    /// Whether there is no use in another attempt: it was done, refused, or given up for good.
    pub fn is_over(&self) -> bool {
        let may_pass = |answer: &Answer| matches!(answer.status, 408 | 409 | 429 | 500..);
        let is_last = |answer: &Answer| {
            self.says_done(answer) || !may_pass(answer) || answer.code() == "turn_abandoned"
        };
        self.answers().any(is_last)
    }

    /// Whether some attempt may have had an effect that nobody was told of.
    pub fn was_in_doubt(&self) -> bool {
        self.attempts.iter().any(|attempt| attempt.answer.as_ref().is_none_or(|answer| answer.status >= 500))
    }

    /// Returns when it was first tried.
    pub fn began(&self) -> Duration {
        self.attempts.first().map_or(Duration::ZERO, |attempt| attempt.from)
    }

    /// Returns when the client was first told that it was done.
    pub fn was_done_by(&self) -> Option<Duration> {
        let tells = |attempt: &&Attempt| attempt.answer.as_ref().is_some_and(|answer| self.says_done(answer));
        self.attempts.iter().filter(tells).map(|attempt| attempt.to).min()
    }

    /// What is not there any more when its deletion is tried again was deleted; and what was said in a
    /// conversation that is deleted is to be refused.
    pub(super) fn says_done(&self, answer: &Answer) -> bool {
        match &self.operation {
            Operation::Resend { .. } => answer.status == 404 && answer.code() == "conversation_not_found",
            operation => answer.is_success() || operation.deletes() && answer.status == 404,
        }
    }
}
