//! What every request passes on its way to a handler and back.

pub mod accept;
pub mod access_log;
pub mod account_queue;
pub mod authentication;
pub mod cors;
pub mod error_bodies;
pub mod http10;
pub mod large_answers;
pub mod panics;
pub mod request_id;
pub mod security_headers;
