//! Tokens: short-lived ones that give access, those that refresh them, and those of programs.

pub mod access_jwt;
pub mod attempt_throttle;
pub mod link_secret;
pub mod program_token;
pub mod program_token_cache;
pub mod refresh;
