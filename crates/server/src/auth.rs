//! Tokens: short-lived ones that give access, and those that refresh them.

pub mod refresh;
pub mod token;
