//! Tokens: short-lived ones that give access, and those that refresh them.

pub mod attempts;
pub mod calendar_secret;
pub mod refresh;
pub mod token;
