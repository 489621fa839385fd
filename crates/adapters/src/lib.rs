//! The domain's ports on real things: Postgres, an OpenAI-compatible API, mail, argon2, clock and ids; and a
//! running server for programs that start their tools as a process.
//!
//! One module a thing; what a driver calls its own never leaves its module.

pub mod client_metadata_document;
pub mod clock_and_ids;
pub mod identity_provider;
pub mod mail;
pub mod mcp_stdio_bridge;
pub mod openai;
pub mod password;
pub mod postgres;
mod tls;
