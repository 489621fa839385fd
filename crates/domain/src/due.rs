//! The due date of a task: a day, perhaps with a time of day, as the person's wall clock shows it.

use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};

use crate::text_validation::FieldError;
use crate::time_zone::{LocalNow, TimeZone, WeekStart};

/// The years a due date may lie in.
pub const YEARS: RangeInclusive<i32> = 1900..=9999;

/// The day a task is due, and the time of day if it has one, in the zone in which it was meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Due {
    /// The day.
    pub date: NaiveDate,
    /// The time of day, in whole minutes.
    pub time: Option<NaiveTime>,
    /// Whose wall clock is meant.
    pub zone: TimeZone,
}

impl Due {
    /// Parses `2026-11-27` or `2026-11-27T09:00`. A space is taken for the `T`; seconds are taken and
    /// dropped.
    ///
    /// # Errors
    /// When it is written otherwise, has an offset from UTC, or names a day outside of [`YEARS`].
    pub fn parse(text: &str, zone: TimeZone) -> Result<Self, FieldError> {
        let text = text.trim();
        let (date, time) = match text.split_once(['T', 't', ' ']) {
            Some((date, time)) => (date, Some(time)),
            None => (text, None),
        };
        let date = parse_date(date).ok_or_else(malformed)?;
        if time.is_some_and(|time| time.contains(['Z', 'z', '+', '-'])) {
            return Err(FieldError::new(
                "due",
                "Send the due time as local time without an offset, for example 2026-11-27T09:00.",
            ));
        }
        let time = time.map(|time| parse_time(time).ok_or_else(malformed)).transpose()?;
        if !YEARS.contains(&date.year()) {
            return Err(FieldError::new("due", "The year of the due date must lie between 1900 and 9999."));
        }
        Ok(Self { date, time, zone })
    }

    /// Due on `date` as a whole.
    pub fn on(date: NaiveDate, zone: TimeZone) -> Self {
        Self { date, time: None, zone }
    }

    /// The form that [`Due::parse`] reads: `2026-11-27` or `2026-11-27T09:00`.
    pub fn to_text(self) -> String {
        match self.wall_clock() {
            Some(local) => local.format("%Y-%m-%dT%H:%M").to_string(),
            None => self.date.format("%Y-%m-%d").to_string(),
        }
    }

    /// What the wall clock shows when it is due, when it has a time of day.
    pub fn wall_clock(self) -> Option<NaiveDateTime> {
        self.time.map(|time| self.date.and_time(time))
    }

    /// The instant it is due, when it has a time of day.
    pub fn instant(self) -> Option<DateTime<Utc>> {
        self.wall_clock().map(|local| self.zone.instant(local))
    }

    /// Whether its instant has passed or, without a time of day, its day is over where the person is now.
    pub fn is_overdue(self, local: LocalNow) -> bool {
        match self.instant() {
            Some(instant) => instant < local.now,
            None => self.date < local.today(),
        }
    }

    /// For a person: `Friday, 27 November, 9:00`, with the year when it is not that of `today`.
    pub fn in_words(self, today: NaiveDate) -> String {
        let format = if self.date.year() == today.year() { "%A, %-d %B" } else { "%A, %-d %B %Y" };
        let day = self.date.format(format);
        match self.time {
            Some(time) => format!("{day}, {}:{:02}", time.hour(), time.minute()),
            None => day.to_string(),
        }
    }

    /// What tasks are sorted by: the day, then the time of day; those without one come last on their day.
    pub fn sort_key(self) -> (NaiveDate, bool, NaiveTime) {
        (self.date, self.time.is_none(), self.time.unwrap_or_default())
    }
}

fn malformed() -> FieldError {
    FieldError::new("due", "The due date must be written as 2026-11-27 or 2026-11-27T09:00.")
}

/// Reads exactly `YYYY-MM-DD`.
fn parse_date(text: &str) -> Option<NaiveDate> {
    let [year, month, day] = numbers(text, '-', &[4, 2, 2])?;
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
}

/// Reads exactly `HH:MM` or `HH:MM:SS`.
fn parse_time(text: &str) -> Option<NaiveTime> {
    let minutes = match text.len() {
        8 => {
            let [_, _, second] = numbers(text, ':', &[2, 2, 2])?;
            (second < 60).then(|| text.get(..5))??
        }
        _ => text,
    };
    let [hour, minute] = numbers(minutes, ':', &[2, 2])?;
    NaiveTime::from_hms_opt(hour, minute, 0)
}

/// The numbers in `text`, of as many ASCII digits as `digits` says, between separators.
fn numbers<const N: usize>(text: &str, separator: char, digits: &[usize; N]) -> Option<[u32; N]> {
    let mut parts = text.split(separator);
    let mut found = [0; N];
    for (number, digits) in found.iter_mut().zip(digits) {
        let part = parts.next()?;
        if part.len() != *digits || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

/// Which due dates a person asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueRange {
    /// Due today, whether the time has passed or not.
    Today,
    /// Due and not done in time.
    Overdue,
    /// Due from today to the last day of the person's week.
    Week(WeekStart),
    /// Due tomorrow.
    Tomorrow,
    /// Due on one of these days, both included; without one of them that side is open.
    Between {
        /// The first day.
        from: Option<NaiveDate>,
        /// The last day.
        to: Option<NaiveDate>,
    },
    /// Without a due date.
    Undated,
}

/// What a [`DueRange`] asks of a task's due date at a given time, in terms a database can compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DueCondition {
    /// The date, as it is written on the task, lies between these days, both included.
    Days {
        /// The first day.
        from: Option<NaiveDate>,
        /// The last day.
        to: Option<NaiveDate>,
    },
    /// Either the instant is before `now` or, without a time of day, the date is before `today`.
    Before {
        /// The person's today.
        today: NaiveDate,
        /// The present instant.
        now: DateTime<Utc>,
    },
    /// There is no due date.
    Missing,
}

impl DueRange {
    /// What this asks at `local`. A task's day is the one written on it, in whatever zone that was.
    pub fn condition(self, local: LocalNow) -> DueCondition {
        let today = local.today();
        let day = |date| DueCondition::Days { from: Some(date), to: Some(date) };
        match self {
            Self::Today => day(today),
            Self::Tomorrow => day(today.checked_add_days(Days::new(1)).unwrap_or(today)),
            Self::Week(start) => {
                DueCondition::Days { from: Some(today), to: Some(start.last_day_of_week(today)) }
            }
            Self::Between { from, to } => DueCondition::Days { from, to },
            Self::Overdue => DueCondition::Before { today, now: local.now },
            Self::Undated => DueCondition::Missing,
        }
    }

    /// Whether a task that is due at `due` is asked for at `local`.
    pub fn matches(self, due: Option<&Due>, local: LocalNow) -> bool {
        match (self.condition(local), due) {
            (DueCondition::Missing, due) => due.is_none(),
            (_, None) => false,
            (DueCondition::Days { from, to }, Some(due)) => {
                from.is_none_or(|from| from <= due.date) && to.is_none_or(|to| due.date <= to)
            }
            (DueCondition::Before { .. }, Some(due)) => due.is_overdue(local),
        }
    }
}

#[cfg(test)]
mod tests;
