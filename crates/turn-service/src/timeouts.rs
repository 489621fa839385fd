//! How long things around a turn may take. Each is shorter than what waits for it: a turn ends by
//! itself after [`domain::turn_driver::TURN_TIMEOUT`] (55 s), its answer is waited for a little longer, and
//! the platform's proxy cuts a request after 60 s.

use std::time::Duration;

/// How long a request waits for its answer in all.
pub(crate) const ANSWER_TIMEOUT: Duration = Duration::from_secs(57);

/// How much of that it may wait for another turn of its conversation, or for the first request of
/// its key, before it is told to come back.
pub(crate) const BEGIN_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a request waits for its account's share of the database. A database that is away is then waited
/// for as well (5.5 s), and every answer but that of a turn has to come within 8 s.
pub(crate) const PERMIT_TIMEOUT: Duration = Duration::from_millis(1_500);

/// How often a request looks again that waits to begin its turn. Each look is one short transaction.
pub(crate) const BEGIN_POLL_INTERVAL: Duration = Duration::from_millis(250);

/// How often a turn that runs on another replica is looked at, by each who follows it or waits for its
/// answer.
pub(crate) const REMOTE_POLL_INTERVAL: Duration = Duration::from_millis(500);

/// How long a turn is waited for whose worker is gone. Whoever sent its message sends it again within
/// seconds, and then it goes on.
pub(crate) const WORKER_TIMEOUT: Duration = Duration::from_secs(3);

/// How long a conversation has to rest before a summary of it is asked for.
pub(crate) const SUMMARY_PAUSE: Duration = Duration::from_millis(500);

/// How long turns that are handed over may take to give their leases back before the process ends.
pub(crate) const INTERRUPT_TIMEOUT: Duration = Duration::from_millis(1_500);
