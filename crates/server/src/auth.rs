//! Tokens: short-lived ones that give access, those that refresh them, and those of programs.

pub mod link_secret;
pub mod login_throttle;
pub mod program_token;
pub mod refresh;
pub mod token;
pub mod token_cache;
