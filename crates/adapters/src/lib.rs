//! Adapters: the domain's ports on Postgres, an OpenAI-compatible API, SMTP, identity providers, argon2, and
//! the system's clock and ids; and a bridge to a running server for programs that start their tools as a
//! process.
//!
//! Each module adapts one of these. Types of its driver or client library stay private to it.

pub mod client_metadata_document;
pub mod clock_and_ids;
pub mod identity_provider;
pub mod mail;
pub mod mcp_stdio_bridge;
pub mod openai;
pub mod password;
pub mod postgres;
mod tls;
