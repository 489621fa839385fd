//! Nothing loses, repeats or breaks a turn: faults put on the real server, and what must hold.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what a test sets up fails by panicking, at the place that went wrong"
)]

mod chaos {
    mod attacks;
    mod client_disconnect;
    #[cfg(target_os = "linux")]
    mod clock_skew;
    mod concurrent_requests;
    mod crash;
    mod database;
    mod exactly_once_history;
    mod malformed_stored_messages;
    mod model;
    mod startup_and_shutdown;
    mod undo;

    /// What the environment says about how long and how often.
    fn variable(name: &str) -> Option<String> {
        std::env::var_os(name)?.into_string().ok()
    }
}
