//! The Postgres adapter on a real Postgres, a fresh database each test.

#[path = "postgres/fresh.rs"]
mod fresh;
#[path = "postgres/turns.rs"]
mod turns;
