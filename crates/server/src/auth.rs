//! Tokens: short-lived ones that give access, those that refresh them, and those of programs.

pub mod attempts;
pub mod calendar_secret;
pub mod known_tokens;
pub mod personal_token;
pub mod refresh;
pub mod token;
