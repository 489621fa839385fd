//! The answer as a stream: its format, what may be sent, resuming and stopping it on any replica,
//! and what it looks like when something goes wrong.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a failing test says enough")]

#[path = "stream/approvals.rs"]
mod approvals;
#[path = "stream/balancer.rs"]
mod balancer;
#[path = "stream/errors.rs"]
mod errors;
#[path = "stream/format.rs"]
mod format;
#[path = "stream/rebuilt_message.rs"]
mod rebuilt_message;
#[path = "stream/regenerate.rs"]
mod regenerate;
#[path = "stream/replicas.rs"]
mod replicas;
#[path = "stream/requests.rs"]
mod requests;
#[path = "stream/resume.rs"]
mod resume;
#[path = "stream/sse_client.rs"]
mod sse_client;
#[path = "stream/stop.rs"]
mod stop;
#[path = "stream/timing.rs"]
mod timing;
