//! Nothing loses, repeats or breaks a turn: faults put on the real server, and what must hold.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "what a test sets up fails by panicking, at the place that went wrong"
)]

mod chaos {
    mod attacks;
    mod contest;
    mod crash;
    mod database;
    mod detached;
    mod history;
    mod model;
    mod poison;
    mod processes;
    mod undo;

    /// What the environment says about how long and how often.
    fn variable(name: &str) -> Option<String> {
        std::env::var_os(name)?.into_string().ok()
    }
}
