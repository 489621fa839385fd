//! A task as a `VEVENT`.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};
use domain::{
    account::UserId,
    priority::Priority,
    repeat::{Repeat, RepeatFrom},
    time_zone::TimeZone,
    todo::{TaskNumber, Todo},
};
use sha2::{Digest, Sha256};

use super::{content_lines::ContentLines, observances::KNOWN_YEARS};

/// How long an event lasts whose task is due at a time of day: long enough to be seen.
const LENGTH: &str = "PT30M";

/// When an event begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// It is on that day as a whole.
    Day(NaiveDate),
    /// When the wall clock shows this.
    Local(NaiveDateTime, TimeZone),
    /// At this instant.
    Utc(DateTime<Utc>),
}

impl Start {
    /// When the event of a task begins, if the task is due. A time that the wall clock shows twice or never
    /// is given in UTC, because programs do not agree on it; but not the first one of a series, whose
    /// others come at the same time of day.
    pub(super) fn of(todo: &Todo) -> Option<Self> {
        let due = todo.due?;
        let (Some(local), Some(instant)) = (due.wall_clock(), due.instant()) else {
            return Some(Self::Day(due.date));
        };
        let is_plain = due.zone.shows_once(local) || series(todo).is_some();
        Some(if is_plain && KNOWN_YEARS.contains(&local.year()) && due.zone != TimeZone::UTC {
            Self::Local(local, due.zone)
        } else if instant.year() <= 9999 {
            Self::Utc(instant)
        } else {
            // Its instant is in the year 10000, which cannot be written.
            Self::Day(due.date)
        })
    }
}

/// Writes the event of a task.
pub(super) fn write_event(lines: &mut ContentLines, user: UserId, todo: &Todo, start: Start) {
    let changed_at = utc(todo.updated_at);
    lines.begin("VEVENT");
    lines.raw("UID", &uid(user, todo.number));
    // Without a METHOD this is when the event was last revised (RFC 5545, section 3.8.7.2).
    lines.raw("DTSTAMP", &changed_at);
    lines.raw("CREATED", &utc(todo.created_at));
    lines.raw("LAST-MODIFIED", &changed_at);
    lines.raw("SEQUENCE", &todo.revision.clamp(0, i32::MAX.into()).to_string());
    lines.text("SUMMARY", todo.title.as_str());
    if let Some(description) = &todo.description {
        lines.text("DESCRIPTION", description.as_str());
    }
    match start {
        Start::Day(date) => lines.raw("DTSTART;VALUE=DATE", &date.format("%Y%m%d").to_string()),
        Start::Local(local, zone) => {
            let property = format!("DTSTART;TZID={}", zone.name());
            lines.raw(&property, &local.format("%Y%m%dT%H%M%S").to_string());
        }
        Start::Utc(instant) => lines.raw("DTSTART", &utc(instant)),
    }
    let is_timed = !matches!(start, Start::Day(_));
    lines.raw("DURATION", if is_timed { LENGTH } else { "P1D" });
    if let Some(series) = series(todo) {
        lines.raw("RRULE", &series.to_rrule());
    }
    lines.raw("TRANSP", "TRANSPARENT");
    match todo.priority {
        Priority::None => {}
        Priority::High => lines.raw("PRIORITY", "1"),
        Priority::Medium => lines.raw("PRIORITY", "5"),
        Priority::Low => lines.raw("PRIORITY", "9"),
    }
    if !todo.tags.is_empty() {
        lines.texts("CATEGORIES", todo.tags.as_slice().iter().map(String::as_str));
    }
    if is_timed {
        lines.begin("VALARM");
        lines.raw("ACTION", "DISPLAY");
        lines.text("DESCRIPTION", todo.title.as_str());
        lines.raw("TRIGGER", "PT0S");
        lines.end("VALARM");
    }
    lines.end("VEVENT");
}

/// How the task comes back, if its coming dates are known: those of one that is counted from completion are
/// not.
fn series(todo: &Todo) -> Option<Repeat> {
    todo.repeat.filter(|repeat| repeat.from == RepeatFrom::DueDate)
}

fn utc(instant: DateTime<Utc>) -> String {
    instant.format("%Y%m%dT%H%M%SZ").to_string()
}

/// The event's id: the same whatever becomes of the task and the calendar's secret, and nobody learns the
/// user's id from it (RFC 7986, section 5.3).
fn uid(user: UserId, task: TaskNumber) -> String {
    let digest = Sha256::new()
        .chain_update(b"todo-ai-chatbot/calendar")
        .chain_update(user.0.as_bytes())
        .chain_update(task.0.to_be_bytes())
        .finalize();
    let id: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{id}@todo-ai-chatbot")
}
