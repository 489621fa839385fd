//! The Postgres adapter on a real Postgres, a fresh database each test.

#[cfg(test)]
mod postgres {
    mod access_tokens;
    mod connection_reuse_after_errors;
    mod constraints;
    mod contract;
    mod errors;
    mod fresh_database;
    mod full_list_races;
    mod idempotency_key_retention;
    mod limit_precedence;
    mod migrations;
    mod oauth;
    mod password_reset_races;
    mod prepared_statements;
    mod sessions;
    mod stored_bytes;
    mod turns;
    mod undo;
}
