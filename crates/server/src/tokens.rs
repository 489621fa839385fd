//! Tokens: short-lived ones that give access, those that refresh them, and those of programs.

pub mod access_jwt;
pub mod access_token_cache;
pub mod api_token_format;
pub mod refresh;
pub mod secret_link_token;
