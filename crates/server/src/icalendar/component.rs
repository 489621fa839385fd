//! A task as a component of a calendar: a `VEVENT` or a `VTODO`.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};
use domain::{
    account::UserId,
    due::Due,
    priority::Priority,
    repeat::{Repeat, RepeatFrom},
    time_zone::TimeZone,
    todo::{TaskNumber, Todo},
};
use sha2::{Digest, Sha256};

use super::{
    content_lines::ContentLines,
    observances::{KNOWN_YEARS, YEARS_AHEAD},
};

/// How long an event lasts whose task is due at a time of day: long enough to be seen.
const LENGTH: &str = "PT30M";

/// The most dates of a series that are written one by one, the first one among them.
const MAX_DATES: usize = 36;

/// What a task is in a calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ComponentKind {
    /// A `VEVENT` (RFC 5545, section 3.6.1), which every calendar shows.
    Event,
    /// A `VTODO` (section 3.6.2), for programs that keep lists of what is to be done.
    Todo,
}

impl ComponentKind {
    fn name(self) -> &'static str {
        match self {
            Self::Event => "VEVENT",
            Self::Todo => "VTODO",
        }
    }
}

/// When an event begins, or a todo is due.
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
    /// is given in UTC, because programs do not agree on it; but not the first one of a series of events,
    /// whose others come at the same time of day.
    pub(super) fn of(todo: &Todo, kind: ComponentKind) -> Option<Self> {
        let due = todo.due?;
        let (Some(local), Some(instant)) = (due.wall_clock(), due.instant()) else {
            return Some(Self::Day(due.date));
        };
        let begins_series = kind == ComponentKind::Event && series(todo).is_some();
        let is_plain = due.zone.shows_once(local) || begins_series;
        Some(if is_plain && KNOWN_YEARS.contains(&local.year()) && due.zone != TimeZone::UTC {
            Self::Local(local, due.zone)
        } else if instant.year() <= 9999 {
            Self::Utc(instant)
        } else {
            // Its instant is in the year 10000, which cannot be written.
            Self::Day(due.date)
        })
    }

    /// The same kind of start on another date of a series.
    fn moved_to(self, due: Due) -> Option<Self> {
        Some(match self {
            Self::Day(_) => Self::Day(due.date),
            Self::Local(_, zone) => Self::Local(due.wall_clock()?, zone),
            Self::Utc(_) => Self::Utc(due.instant()?),
        })
    }

    /// A property with the parameters that its value needs.
    fn property(self, name: &str) -> String {
        match self {
            Self::Day(_) => format!("{name};VALUE=DATE"),
            Self::Local(_, zone) => format!("{name};TZID={}", zone.name()),
            Self::Utc(_) => name.to_owned(),
        }
    }

    fn value(self) -> String {
        match self {
            Self::Day(date) => date.format("%Y%m%d").to_string(),
            Self::Local(local, _) => local.format("%Y%m%dT%H%M%S").to_string(),
            Self::Utc(instant) => utc(instant),
        }
    }
}

/// Writes a task with the day on which it is.
pub(super) fn write(lines: &mut ContentLines, kind: ComponentKind, user: UserId, todo: &Todo, start: Start) {
    let changed_at = utc(todo.updated_at);
    lines.begin(kind.name());
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
    let is_timed = !matches!(start, Start::Day(_));
    match kind {
        ComponentKind::Event => {
            lines.raw(&start.property("DTSTART"), &start.value());
            lines.raw("DURATION", if is_timed { LENGTH } else { "P1D" });
            write_series(lines, todo, start);
            lines.raw("TRANSP", "TRANSPARENT");
        }
        // One that repeats is on the list once, as it is here: done, it is due on its next date.
        ComponentKind::Todo => {
            lines.raw(&start.property("DUE"), &start.value());
            lines.raw("STATUS", "NEEDS-ACTION");
        }
    }
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
        // Without a start the alarm of a todo goes by its end (section 3.8.6.3).
        lines.raw(
            match kind {
                ComponentKind::Event => "TRIGGER",
                ComponentKind::Todo => "TRIGGER;RELATED=END",
            },
            "PT0S",
        );
        lines.end("VALARM");
    }
    lines.end(kind.name());
}

/// Writes when the event comes again. Where a short month has no such day the rule of RFC 5545 wants a
/// `BYSETPOS`, which ical.js, and with it Thunderbird, reads wrongly: there the dates are written instead.
fn write_series(lines: &mut ContentLines, todo: &Todo, start: Start) {
    let (Some(repeat), Some(due)) = (series(todo), todo.due) else { return };
    let rule = repeat.to_rrule();
    if !rule.contains("BYSETPOS") {
        return lines.raw("RRULE", &rule);
    }
    // ical.js looks for the first date among them too.
    let dates = std::iter::successors(Some(due), |due| repeat.next(*due, due.date));
    let last_year = due.date.year() + YEARS_AHEAD;
    for due in dates.take(MAX_DATES).take_while(|due| due.date.year() <= last_year) {
        if let Some(next) = start.moved_to(due) {
            lines.raw(&next.property("RDATE"), &next.value());
        }
    }
}

/// How the task comes back, if its coming dates are known: those of one that is counted from completion are
/// not.
fn series(todo: &Todo) -> Option<Repeat> {
    todo.repeat.filter(|repeat| repeat.from == RepeatFrom::DueDate)
}

fn utc(instant: DateTime<Utc>) -> String {
    instant.format("%Y%m%dT%H%M%SZ").to_string()
}

/// The component's id: the same whatever becomes of the task and the calendar's secret, and nobody learns the
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
