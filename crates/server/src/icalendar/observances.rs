//! A zone's rules as a `VTIMEZONE` (RFC 5545, section 3.6.5), for the years in which it has events.
//!
//! Changes of the clock that come back every year are written as a rule, all others one by one. A rule is
//! what the changes of the next two decades have in common, so it says nothing that the zone's data does
//! not say.

use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc};
use domain::{
    repeat::weekday_code,
    time_zone::{
        TimeZone,
        utc_offset_transitions::{ClockChange, ClockSetting},
    },
};

use super::content_lines::ContentLines;

/// The years whose changes of the clock are known: `chrono-tz` has none after 2099, and earlier ones are
/// found from 1970 on.
pub(super) const KNOWN_YEARS: RangeInclusive<i32> = 1970..=2099;

/// For how many years after the last event the rules are written: for events that repeat.
pub(super) const YEARS_AHEAD: i32 = 20;

/// For how many years a rule must have held.
const YEARS_OF_RULE: usize = 5;

/// A setting of the clock, and the times at which it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Observance {
    /// Seconds that the clock was ahead of UTC before.
    offset_before: i32,
    setting: ClockSetting,
    /// When it begins, as the clock showed before; never empty.
    onsets: Vec<NaiveDateTime>,
    /// The rule by which it begins again after the one onset, for ever.
    rule: Option<String>,
}

/// Writes what the zone's clock does around events in these years.
pub(super) fn write_zone(lines: &mut ContentLines, zone: TimeZone, years: RangeInclusive<i32>) {
    lines.begin("VTIMEZONE");
    lines.raw("TZID", zone.name());
    for observance in observances(zone, years) {
        observance.write(lines);
    }
    lines.end("VTIMEZONE");
}

/// What the zone's clock does from before the first event to long after the last.
fn observances(zone: TimeZone, years: RangeInclusive<i32>) -> Vec<Observance> {
    // The changes of the year before the first event are those that it is read by.
    let from = new_year(years.start() - 1);
    let last_year = (years.end() + YEARS_AHEAD).min(*KNOWN_YEARS.end());
    let changes = zone.clock_changes(from, new_year(last_year + 1));
    let mut observances = Vec::new();
    let soon_enough = new_year(*years.start()) - TimeDelta::days(2);
    if changes.first().is_none_or(|change| change.at > soon_enough) {
        observances.push(Observance::since(from, zone.clock_setting(from)));
    }
    let mut kinds: Vec<(i32, &ClockSetting, Vec<NaiveDateTime>)> = Vec::new();
    for ClockChange { before, after, .. } in &changes {
        if !kinds.iter().any(|(offset, setting, _)| *offset == before.offset && *setting == after) {
            let is_kind =
                |change: &&ClockChange| change.before.offset == before.offset && change.after == *after;
            let onsets = changes.iter().filter(is_kind).map(ClockChange::wall_clock_before).collect();
            kinds.push((before.offset, after, onsets));
        }
    }
    for (offset_before, setting, onsets) in kinds {
        observances.extend(Observance::of_kind(offset_before, setting, &onsets, last_year));
    }
    observances
}

impl Observance {
    /// A setting that no change led to.
    fn since(from: DateTime<Utc>, setting: ClockSetting) -> Self {
        let local = from.naive_utc() + TimeDelta::seconds(setting.offset.into());
        Self { offset_before: setting.offset, setting, onsets: vec![local], rule: None }
    }

    /// The onsets one by one; where a rule starts, that onset carries the rule.
    fn of_kind(
        offset_before: i32,
        setting: &ClockSetting,
        onsets: &[NaiveDateTime],
        last_year: i32,
    ) -> impl Iterator<Item = Self> {
        let rule =
            (0..onsets.len()).find_map(|start| Some((start, yearly_rule(&onsets[start..], last_year)?)));
        let (alone, first) = match rule {
            Some((start, rule)) => (&onsets[..start], onsets.get(start).map(|first| (*first, rule))),
            None => (onsets, None),
        };
        let alone = (!alone.is_empty()).then(|| (alone.to_vec(), None));
        let by_rule = first.map(|(first, rule)| (vec![first], Some(rule)));
        let setting = setting.clone();
        alone.into_iter().chain(by_rule).map(move |(onsets, rule)| Self {
            offset_before,
            setting: setting.clone(),
            onsets,
            rule,
        })
    }

    fn write(&self, lines: &mut ContentLines) {
        let kind = if self.setting.is_daylight { "DAYLIGHT" } else { "STANDARD" };
        lines.begin(kind);
        let times = || self.onsets.iter().map(|onset| onset.format("%Y%m%dT%H%M%S").to_string());
        for first in times().take(1) {
            lines.raw("DTSTART", &first);
        }
        // Where there are several, ical.js and libical look for the first one among them too.
        for onset in times().filter(|_| self.onsets.len() > 1) {
            lines.raw("RDATE", &onset);
        }
        if let Some(rule) = &self.rule {
            lines.raw("RRULE", rule);
        }
        lines.raw("TZOFFSETFROM", &offset(self.offset_before));
        lines.raw("TZOFFSETTO", &offset(self.setting.offset));
        if let Some(name) = &self.setting.name {
            lines.text("TZNAME", name);
        }
        lines.end(kind);
    }
}

/// The rule by which there is one of these onsets every year until the last year, if there is one.
fn yearly_rule(onsets: &[NaiveDateTime], last_year: i32) -> Option<String> {
    let first = onsets.first()?;
    let is_like_first = |(years, onset): (i32, &NaiveDateTime)| {
        onset.year() == first.year() + years
            && (onset.month(), onset.weekday(), onset.time())
                == (first.month(), first.weekday(), first.time())
    };
    let reaches_the_end = onsets.last()?.year() == last_year;
    if onsets.len() < YEARS_OF_RULE || !reaches_the_end || !(0..).zip(onsets).all(is_like_first) {
        return None;
    }
    let days = || onsets.iter().map(Datelike::day);
    let (earliest, latest) = (days().min()?, days().max()?);
    let weekday = weekday_code(first.weekday());
    let day = if onsets.iter().all(|onset| is_last_of_month(onset.date())) {
        format!("BYDAY=-1{weekday}")
    } else if (earliest - 1) / 7 == (latest - 1) / 7 {
        format!("BYDAY={}{weekday}", (earliest - 1) / 7 + 1)
    } else if latest - earliest == 6 {
        let days: Vec<String> = (earliest..=latest).map(|day| day.to_string()).collect();
        format!("BYMONTHDAY={};BYDAY={weekday}", days.join(","))
    } else {
        return None;
    };
    Some(format!("FREQ=YEARLY;BYMONTH={};{day}", first.month()))
}

/// Whether a week later it is another month.
fn is_last_of_month(date: NaiveDate) -> bool {
    (date + TimeDelta::days(7)).month() != date.month()
}

fn new_year(year: i32) -> DateTime<Utc> {
    NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default().and_time(NaiveTime::MIN).and_utc()
}

/// An offset from UTC as RFC 5545, section 3.3.14, writes it.
fn offset(seconds: i32) -> String {
    let (sign, seconds) = (if seconds < 0 { '-' } else { '+' }, seconds.unsigned_abs());
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match seconds {
        0 => format!("{sign}{hours:02}{minutes:02}"),
        _ => format!("{sign}{hours:02}{minutes:02}{seconds:02}"),
    }
}

#[cfg(test)]
mod tests;
