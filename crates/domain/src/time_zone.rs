//! A person's time zone: what the clock on their wall shows, and which instant it shows it at.
//!
//! The rules come from the IANA time zone database that `chrono-tz` carries. That crate lists the
//! changes of the clock up to the year 2100; later times are read with the last offset known.

pub mod utc_offset_transitions;

use chrono::{
    DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeDelta, Utc, Weekday,
};
use chrono::{LocalResult, TimeZone as _};
use chrono_tz::{TZ_VARIANTS, Tz};

use crate::text_validation::FieldError;

/// A time zone of the IANA database, for example `Europe/Berlin`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeZone(Tz);

impl TimeZone {
    /// Coordinated Universal Time.
    pub const UTC: Self = Self(Tz::UTC);

    /// Parses an IANA name in upper or lower case; the database's own spelling is kept.
    ///
    /// # Errors
    /// When the database has no zone of that name.
    pub fn parse(raw: &str) -> Result<Self, FieldError> {
        let name = raw.trim();
        let known = || TZ_VARIANTS.iter().find(|zone| zone.name().eq_ignore_ascii_case(name));
        name.parse().ok().or_else(|| known().copied()).map(Self).ok_or_else(|| {
            FieldError::new("time_zone", "The time zone must be an IANA name, for example Europe/Berlin.")
        })
    }

    /// The IANA name.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// The wall clock at `now`.
    pub fn local(self, now: DateTime<Utc>) -> NaiveDateTime {
        let utc = now.naive_utc();
        let offset = self.0.offset_from_utc_datetime(&utc).fix();
        utc.checked_add_offset(offset).unwrap_or(utc)
    }

    /// The date on the calendar at `now`.
    pub fn today(self, now: DateTime<Utc>) -> NaiveDate {
        self.local(now).date()
    }

    /// The instant at which the wall clock shows `local`, by RFC 5545, section 3.3.5: a time that
    /// occurs twice is the first one, and one that does not exist is read with the offset before the gap.
    pub fn instant(self, local: NaiveDateTime) -> DateTime<Utc> {
        match self.0.from_local_datetime(&local) {
            LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => time.to_utc(),
            LocalResult::None => match self.before_gap(local) {
                Some((earlier, instant)) => instant + (local - earlier),
                None => local.and_utc(),
            },
        }
    }

    /// The first instant of `date`, which is not midnight where the clock skips midnight. For a date that
    /// was skipped as a whole (30 December 2011 in `Pacific/Apia`) it is the first instant after it.
    pub fn start_of_day(self, date: NaiveDate) -> DateTime<Utc> {
        let midnight = date.and_time(NaiveTime::MIN);
        let (LocalResult::None, Some((_, before))) =
            (self.0.from_local_datetime(&midnight), self.before_gap(midnight))
        else {
            return self.instant(midnight);
        };
        // The clock shows less than midnight at `early` and more at `late`: the change is in between.
        let (mut early, mut late) = (before.timestamp(), self.instant(midnight).timestamp());
        while late - early > 1 {
            let middle = early + (late - early) / 2;
            let shows_midnight =
                DateTime::from_timestamp(middle, 0).is_some_and(|t| self.local(t) >= midnight);
            if shows_midnight { late = middle } else { early = middle }
        }
        DateTime::from_timestamp(late, 0).unwrap_or(before)
    }

    /// A wall clock shortly before the gap that `local` lies in, with its instant. The longest gap was a
    /// day; none begins within a quarter of an hour after another change of the clock.
    fn before_gap(self, local: NaiveDateTime) -> Option<(NaiveDateTime, DateTime<Utc>)> {
        (1..=100).find_map(|quarters| {
            let earlier = local.checked_sub_signed(TimeDelta::minutes(15 * quarters))?;
            Some((earlier, self.0.from_local_datetime(&earlier).latest()?.to_utc()))
        })
    }
}

impl std::fmt::Display for TimeZone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// The day a person's week begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WeekStart {
    /// As in ISO 8601 and most of Europe.
    #[default]
    Monday,
    /// As in North America.
    Sunday,
    /// As in much of the Middle East.
    Saturday,
}

impl WeekStart {
    /// Parses the day's English name in upper or lower case.
    ///
    /// # Errors
    /// When it is not one of the three.
    pub fn parse(raw: &str) -> Result<Self, FieldError> {
        let all = [Self::Monday, Self::Sunday, Self::Saturday];
        all.into_iter().find(|start| start.as_str().eq_ignore_ascii_case(raw.trim())).ok_or_else(|| {
            FieldError::new("week_start", "The first day of the week must be monday, sunday or saturday.")
        })
    }

    /// The day's English name in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Monday => "monday",
            Self::Sunday => "sunday",
            Self::Saturday => "saturday",
        }
    }

    /// The first day of the week that `date` lies in.
    pub fn first_day_of_week(self, date: NaiveDate) -> NaiveDate {
        date.checked_sub_days(Days::new(self.days_before(date))).unwrap_or(date)
    }

    /// The last day of the week that `date` lies in.
    pub fn last_day_of_week(self, date: NaiveDate) -> NaiveDate {
        date.checked_add_days(Days::new(6 - self.days_before(date))).unwrap_or(date)
    }

    /// How many days of its week lie before `date`.
    fn days_before(self, date: NaiveDate) -> u64 {
        let first = match self {
            Self::Monday => Weekday::Mon,
            Self::Sunday => Weekday::Sun,
            Self::Saturday => Weekday::Sat,
        };
        date.weekday().days_since(first).into()
    }
}

/// An instant and the zone of the person whose clock is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalNow {
    /// Where the person is.
    pub zone: TimeZone,
    /// The instant.
    pub now: DateTime<Utc>,
}

impl LocalNow {
    /// The date on the person's calendar.
    pub fn today(self) -> NaiveDate {
        self.zone.today(self.now)
    }

    /// The time of day on the person's clock.
    pub fn time(self) -> NaiveTime {
        self.zone.local(self.now).time()
    }
}

/// What a person's clock and calendar show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonalTime {
    /// Their clock.
    pub local: LocalNow,
    /// The first day of their week.
    pub week_start: WeekStart,
}

impl PersonalTime {
    /// This time in UTC, with weeks that begin on Monday: for no particular user.
    pub fn utc(now: DateTime<Utc>) -> Self {
        Self { local: LocalNow { zone: TimeZone::UTC, now }, week_start: WeekStart::Monday }
    }
}

#[cfg(test)]
mod tests;
