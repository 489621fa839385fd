//! The Postgres adapter on a real Postgres, a fresh database each test.

#[path = "postgres/contract.rs"]
mod contract;
#[path = "postgres/fresh.rs"]
mod fresh;
#[path = "postgres/schema.rs"]
mod schema;
#[path = "postgres/sessions.rs"]
mod sessions;
#[path = "postgres/trouble.rs"]
mod trouble;
#[path = "postgres/turns.rs"]
mod turns;
