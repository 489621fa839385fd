//! The moments at which a zone changes its clock, for formats that carry a zone's rules with them.

use chrono::{DateTime, NaiveDateTime, Offset, TimeDelta, TimeZone as _, Utc};
use chrono_tz::{OffsetComponents, OffsetName, TzOffset};

use super::TimeZone;

/// How far apart the zone is looked at. From 1970 to 2100 no two changes of any zone are closer than six
/// days.
const STEP: TimeDelta = TimeDelta::days(3);

/// What a zone's clock shows between two changes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClockSetting {
    /// Seconds that the clock is ahead of UTC.
    pub offset: i32,
    /// Whether this is a time of the year when the clock is put forward.
    pub is_daylight: bool,
    /// What people call it, for example `CEST`, where they have a name for it.
    pub name: Option<String>,
}

/// A change of a zone's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockChange {
    /// The first instant of the new setting.
    pub at: DateTime<Utc>,
    /// What the clock showed before.
    pub before: ClockSetting,
    /// What it shows from then on.
    pub after: ClockSetting,
}

impl ClockChange {
    /// What the clock would show at the change if it was not changed.
    pub fn wall_clock_before(&self) -> NaiveDateTime {
        self.at.naive_utc() + TimeDelta::seconds(self.before.offset.into())
    }
}

impl TimeZone {
    /// What the clock is set to at `instant`.
    pub fn clock_setting(self, instant: DateTime<Utc>) -> ClockSetting {
        setting(&self.offset(instant))
    }

    /// The changes of the clock after `from` and up to `to`, in order. Those before 1970 may not be found.
    pub fn clock_changes(self, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<ClockChange> {
        let mut changes = Vec::new();
        let (mut early, mut before) = (from, self.offset(from));
        while early < to {
            let late = early.checked_add_signed(STEP).map_or(to, |late| late.min(to));
            let after = self.offset(late);
            if after != before {
                let at = self.change_between(early, late);
                changes.push(ClockChange { at, before: setting(&before), after: setting(&after) });
            }
            (early, before) = (late, after);
        }
        changes
    }

    /// The instant at which the setting of `late` begins.
    fn change_between(self, early: DateTime<Utc>, late: DateTime<Utc>) -> DateTime<Utc> {
        let after = self.offset(late);
        let (mut early, mut late) = (early.timestamp(), late.timestamp());
        while late - early > 1 {
            let middle = early + (late - early) / 2;
            let is_changed = DateTime::from_timestamp(middle, 0).map(|t| self.offset(t)) == Some(after);
            if is_changed { late = middle } else { early = middle }
        }
        DateTime::from_timestamp(late, 0).unwrap_or_default()
    }

    fn offset(self, instant: DateTime<Utc>) -> TzOffset {
        self.0.offset_from_utc_datetime(&instant.naive_utc())
    }

    /// Whether the wall clock shows `local` exactly once.
    pub fn shows_once(self, local: NaiveDateTime) -> bool {
        self.0.from_local_datetime(&local).single().is_some()
    }
}

fn setting(offset: &TzOffset) -> ClockSetting {
    ClockSetting {
        offset: offset.fix().local_minus_utc(),
        is_daylight: offset.dst_offset() > TimeDelta::zero(),
        name: offset.abbreviation().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> DateTime<Utc> {
        text.parse::<chrono::NaiveDate>().unwrap().and_time(chrono::NaiveTime::MIN).and_utc()
    }

    fn changes(zone: &str, from: &str, to: &str) -> Vec<String> {
        let changes = TimeZone::parse(zone).unwrap().clock_changes(day(from), day(to));
        let shown = |change: &ClockChange| {
            let ClockChange { at, before, after } = change;
            let name = after.name.as_deref().unwrap_or_default();
            let kind = if after.is_daylight { "daylight" } else { "standard" };
            format!("{} {} {} {name} {kind}", at.format("%FT%R"), before.offset, after.offset)
        };
        changes.iter().map(shown).collect()
    }

    #[test]
    fn the_changes_of_a_year_are_found_to_the_second() {
        assert_eq!(
            changes("Europe/Berlin", "2026-01-01", "2027-01-01"),
            ["2026-03-29T01:00 3600 7200 CEST daylight", "2026-10-25T01:00 7200 3600 CET standard"]
        );
        assert_eq!(
            changes("Australia/Lord_Howe", "2026-01-01", "2027-01-01"),
            ["2026-04-04T15:00 39600 37800  standard", "2026-10-03T15:30 37800 39600  daylight"]
        );
        assert_eq!(
            changes("Africa/Casablanca", "2026-01-01", "2027-01-01").len(),
            2,
            "the clock goes back for Ramadan"
        );
        assert_eq!(changes("Asia/Kolkata", "2026-01-01", "2099-01-01"), [""; 0]);
        assert_eq!(changes("UTC", "1970-01-01", "2099-01-01"), [""; 0]);
    }

    #[test]
    fn a_day_that_was_left_out_is_a_change() {
        assert_eq!(
            changes("Pacific/Apia", "2011-12-01", "2012-01-31"),
            ["2011-12-30T10:00 -36000 50400  daylight"]
        );
    }

    #[test]
    fn no_change_hides_between_two_looks() {
        // Every zone of the database, day by day.
        let (from, to) = (day("2008-01-01"), day("2028-01-01"));
        for zone in chrono_tz::TZ_VARIANTS.map(TimeZone) {
            let found = zone.clock_changes(from, to);
            let mut instant = from;
            let mut daily = 0;
            while instant < to {
                let next = instant + TimeDelta::days(1);
                daily += usize::from(zone.clock_setting(instant) != zone.clock_setting(next));
                instant = next;
            }
            assert_eq!(found.len(), daily, "{zone}");
        }
    }

    #[test]
    fn a_change_is_the_first_instant_of_its_setting() {
        for name in ["Europe/Dublin", "America/St_Johns", "Pacific/Chatham", "America/Nuuk", "Asia/Gaza"] {
            let zone = TimeZone::parse(name).unwrap();
            for change in zone.clock_changes(day("1970-01-01"), day("2040-01-01")) {
                assert_eq!(zone.clock_setting(change.at), change.after, "{name}");
                assert_eq!(zone.clock_setting(change.at - TimeDelta::seconds(1)), change.before, "{name}");
            }
        }
    }
}
