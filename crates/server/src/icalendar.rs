//! A person's tasks as a calendar that other programs subscribe to: RFC 5545, in one `VCALENDAR`.
//!
//! Each task is a `VEVENT`, or for programs that keep lists a `VTODO`, never both: Google Calendar, Apple
//! Calendar and Outlook show only the events of a calendar that is subscribed to, and programs that show its
//! todos show its events too, so that there every task would stand twice. The events take no time of their
//! person's (`TRANSP`).
//!
//! The text is written here and not by the crate `icalendar`, whose version 0.17 has no `VTIMEZONE`, lets
//! a carriage return through, and folds a line in time that grows with the square of its length.

mod component;
mod content_lines;
mod observances;

use std::collections::BTreeMap;

use chrono::Datelike;
use domain::{ports::CalendarTasks, time_zone::TimeZone};

pub use component::ComponentKind;
use component::Start;
use content_lines::ContentLines;

/// How often programs are asked to look, as a duration of RFC 5545, section 3.3.6. Many look less often.
const REFRESH_INTERVAL: &str = "PT1H";
/// What the calendar is called until its reader gives it another name.
const NAME: &str = "Tasks";
/// The most zones whose rules are written. Times in further ones are given in UTC.
const MAX_ZONES: usize = 50;

/// Writes the calendar, with each task as such a component. The same tasks are always the same text.
pub fn feed(calendar: &CalendarTasks, kind: ComponentKind) -> String {
    let mut zones = BTreeMap::<&str, ZoneInUse>::new();
    let mut events = Vec::new();
    for todo in &calendar.todos {
        if let Some(start) = Start::of(todo, kind) {
            events.push((todo, in_known_zone(start, &mut zones)));
        }
    }
    let mut lines = ContentLines::default();
    lines.begin("VCALENDAR");
    lines.raw("VERSION", "2.0");
    lines.raw("PRODID", "-//todo-ai-chatbot//Tasks//EN");
    lines.raw("CALSCALE", "GREGORIAN");
    lines.raw("NAME", NAME);
    lines.raw("X-WR-CALNAME", NAME);
    lines.raw("REFRESH-INTERVAL;VALUE=DURATION", REFRESH_INTERVAL);
    lines.raw("X-PUBLISHED-TTL", REFRESH_INTERVAL);
    for zone in zones.values() {
        observances::write_zone(&mut lines, zone.zone, zone.first_year..=zone.last_year);
    }
    for (todo, start) in events {
        component::write(&mut lines, kind, calendar.user, todo, start);
    }
    lines.end("VCALENDAR");
    lines.into_text()
}

/// A zone that an event names, and the years of the first and the last event in it.
struct ZoneInUse {
    zone: TimeZone,
    first_year: i32,
    last_year: i32,
}

/// The start, whose zone is among those in use then; in UTC when there are too many already.
fn in_known_zone(start: Start, zones: &mut BTreeMap<&str, ZoneInUse>) -> Start {
    let Start::Local(local, zone) = start else { return start };
    if zones.len() == MAX_ZONES && !zones.contains_key(zone.name()) {
        return Start::Utc(zone.instant(local));
    }
    let year = local.year();
    let in_use = zones.entry(zone.name()).or_insert(ZoneInUse { zone, first_year: year, last_year: year });
    in_use.first_year = in_use.first_year.min(year);
    in_use.last_year = in_use.last_year.max(year);
    start
}

#[cfg(test)]
mod tests;
