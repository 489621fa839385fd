//! A log of what happened in a run and when, for whoever has to find out why an invariant did not hold.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// A log of events with the time since the run's beginning, and of what was seen to be wrong.
#[derive(Debug)]
pub struct EventLog {
    started_at: Instant,
    pages: Mutex<Pages>,
}

#[derive(Debug, Default)]
struct Pages {
    lines: Vec<String>,
    complaints: Vec<String>,
}

impl Default for EventLog {
    fn default() -> Self {
        Self { started_at: Instant::now(), pages: Mutex::default() }
    }
}

impl EventLog {
    /// Returns the time since the beginning.
    pub fn now(&self) -> Duration {
        self.started_at.elapsed()
    }

    /// Notes that something happens now.
    pub fn note(&self, line: impl std::fmt::Display) {
        let line = format!("{:9.3} {line}", self.now().as_secs_f64());
        self.pages().lines.push(line);
    }

    /// Notes that something is wrong, whatever else comes out.
    pub fn complain(&self, complaint: impl std::fmt::Display) {
        self.note(format!("WRONG: {complaint}"));
        self.pages().complaints.push(complaint.to_string());
    }

    /// Returns what was complained about.
    pub fn complaints(&self) -> Vec<String> {
        self.pages().complaints.clone()
    }

    /// Returns everything, one event a line.
    pub fn text(&self) -> String {
        self.pages().lines.join("\n")
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
