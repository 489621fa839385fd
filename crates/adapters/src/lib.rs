//! The domain's ports on real things: Postgres, an OpenAI-compatible API, mail, argon2, clock and ids.
//!
//! One module a thing; what a driver calls its own never leaves its module.

pub mod clock_and_ids;
pub mod identity_provider;
pub mod mail;
pub mod openai;
pub mod password;
pub mod postgres;
mod tls;
