//! The clock and the generator of ids.

use std::time::Instant;

use uuid::Uuid;

/// The clock: the time of day, and a monotonic one for time-outs.
pub trait Clock: Send + Sync {
    /// The date and time, for people.
    fn now(&self) -> chrono::DateTime<chrono::Utc>;
    /// The monotonic time, for deadlines.
    fn instant(&self) -> Instant;
}

/// New ids.
pub trait IdGenerator: Send + Sync {
    /// Returns a new UUIDv7 (RFC 9562).
    fn next(&self) -> Uuid;
}
