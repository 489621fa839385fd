//! The HTTP server of todo-ai-chatbot: routes, middleware and streams. [`Application`] puts the adapters
//! together.
//!
//! Start at [`routes`] for the URL map, then at a handler; [`error`] says what a failure becomes.

pub mod account_mail;
pub mod allowed_hosts;
pub mod app;
pub mod attempt_throttle;
pub mod command_line;
pub mod commands;
mod composition_root;
pub mod config;
mod database_troubleshooting;
#[cfg(feature = "devkit")]
pub mod development;
pub mod error;
pub mod extract;
mod field_schemas;
pub mod icalendar;
pub mod mcp;
pub mod metrics;
pub mod middleware;
pub mod oauth;
pub mod openapi;
pub mod public_url;
pub mod readiness;
mod replayed_header;
pub mod resource_limits;
mod response_bodies;
pub mod routes;
mod service_clients;
pub mod shutdown;
pub mod state;
pub mod stream;
pub mod telemetry;
#[cfg(test)]
mod testing;
pub mod tokens;

pub use composition_root::{Application, BuildError};

/// The workspace's version, which `/health` shows.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
