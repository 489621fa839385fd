//! Days as people say them: `tomorrow`, `next monday at 9`, `27 November`, `in 3 weeks`.
//!
//! What could mean two days, such as `11/27` or a bare `9`, is not guessed. What is decided here:
//!
//! - A weekday, with or without `on` or `this`, is the next such day after today.
//! - `next` before a weekday or `weekend`, and `next week` after a weekday, mean the next ISO week (Monday to
//!   Sunday). `next week` alone is its Monday; `next month` and `next year` are their first days.
//! - A date without a year is the next such date; today counts. A day of the month that does not exist is
//!   looked for in the following months. `in 1 month` from 31 January is the last day of February.
//! - An hour from 1 to 6 without minutes and without `am` (`at 3`, `half past 4`) is in the afternoon; `at 7`
//!   is in the morning.
//! - A time alone is today, or tomorrow when it has passed; [`TimeAlone`] is what it is on another day.
//! - A part of today that has begun (`this morning` at noon) is today without a time.

mod time_of_day;

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Weekday};

use crate::due::{Due, YEARS};
use crate::time_zone::{LocalNow, TimeZone};
use time_of_day::{ClockTime, DayPart};

/// The longest text that is looked at, in bytes.
const MAX_BYTES: usize = 100;

/// What is left of a text, word by word.
type WordSlice<'a> = &'a [&'a str];

/// What a text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParsedDate {
    /// The due date.
    pub due: Due,
    /// The time of day, where no day was said.
    pub time_alone: Option<TimeAlone>,
}

/// A time of day that was said without a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeAlone {
    /// From the beginning of the day; 1440 is the midnight at its end.
    minutes: u32,
}

impl TimeAlone {
    /// That time of this day.
    fn on(self, date: NaiveDate, zone: TimeZone) -> Option<Due> {
        let time =
            date.and_time(NaiveTime::MIN).checked_add_signed(TimeDelta::minutes(self.minutes.into()))?;
        Some(Due { date: time.date(), time: Some(time.time()), zone })
    }

    /// That time of the day that a task has. One that is due at the midnight which ends a day has that day.
    pub fn on_day_of(self, had: Due, zone: TimeZone) -> Option<Due> {
        let is_its_end = self.minutes == 24 * 60 && had.time == Some(NaiveTime::MIN);
        let day = if is_its_end { had.date.pred_opt()? } else { had.date };
        self.on(day, zone)
    }
}

/// The due date that `text` means for a person whose clock shows `local`; `None` when it means no day, or
/// more than one.
pub fn resolve(text: &str, local: LocalNow) -> Option<Due> {
    parse(text, local).map(|meaning| meaning.due)
}

/// As [`resolve`], with whether a day was said.
pub fn parse(text: &str, local: LocalNow) -> Option<ParsedDate> {
    if text.len() > MAX_BYTES {
        return None;
    }
    if let Ok(due) = Due::parse(text, local.zone) {
        return Some(ParsedDate { due, time_alone: None });
    }
    let text = text.to_lowercase().replace(',', " ");
    let words: Vec<String> = text.split_whitespace().map(without_abbreviation_points).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let meaning = said(&words, local)?.into_parsed_date(local)?;
    YEARS.contains(&meaning.due.date.year()).then_some(meaning)
}

/// The most words that say one day: `on the 27th of November at 9 in the evening`.
const MAX_WORDS: usize = 10;

/// Whether `text` contains words that mean a day.
pub fn contains_date(text: &str, local: LocalNow) -> bool {
    let words: Vec<&str> =
        text.split_whitespace().map(|word| word.trim_end_matches(['?', '!', '.'])).collect();
    let phrases = (0..words.len()).flat_map(|start| {
        let most = MAX_WORDS.min(words.len() - start);
        (1..=most).map(move |count| (start, start + count))
    });
    phrases.into_iter().any(|(start, end)| resolve(&words[start..end].join(" "), local).is_some())
}

/// `p.m.` and `Nov.` as `pm` and `nov`; `27.11.` stays as it is.
fn without_abbreviation_points(word: &str) -> String {
    if word.chars().any(char::is_alphabetic) { word.replace('.', "") } else { word.to_owned() }
}

/// What a text says, each at most once.
#[derive(Default)]
struct DateWords {
    day: Option<NaiveDate>,
    part: Option<DayPart>,
    clock: Option<ClockTime>,
}

impl DateWords {
    fn into_parsed_date(self, local: LocalNow) -> Option<ParsedDate> {
        let now = local.zone.local(local.now);
        let minutes = match (self.clock, self.part) {
            (Some(clock), part) => clock.minutes(part)?,
            (None, Some(part)) => part.usual_minutes(),
            (None, None) => {
                let due = Due::on(self.day?, local.zone);
                return Some(ParsedDate { due, time_alone: None });
            }
        };
        let time = TimeAlone { minutes };
        let has_passed = |due: Due| due.wall_clock().is_some_and(|time| time < now);
        let Some(date) = self.day else {
            let today = time.on(now.date(), local.zone)?;
            let due =
                if has_passed(today) { time.on(days_after(now.date(), 1)?, local.zone)? } else { today };
            return Some(ParsedDate { due, time_alone: Some(time) });
        };
        let mut due = time.on(date, local.zone)?;
        if has_passed(due) && date == now.date() && self.clock.is_none() {
            due = Due::on(date, local.zone);
        }
        Some(ParsedDate { due, time_alone: None })
    }
}

/// Reads all words, in whatever order day and time come.
fn said(words: WordSlice<'_>, local: LocalNow) -> Option<DateWords> {
    let today = local.today();
    let mut said = DateWords::default();
    let mut rest = words;
    while !rest.is_empty() {
        if let Some((part, left)) = time_of_day::part(rest).filter(|_| said.part.is_none()) {
            (said.part, rest) = (Some(part), left);
        } else if let Some((clock, left)) = time_of_day::clock(rest).filter(|_| said.clock.is_none()) {
            (said.clock, rest) = (Some(clock), left);
        } else if said.day.is_some() {
            return None;
        } else if let ["tonight", left @ ..] = rest {
            (said.day, said.part, rest) = (Some(today), only(said.part, DayPart::Night)?, left);
        } else if let ["this", left @ ..] = rest
            && let Some((part, left)) = time_of_day::part(left)
        {
            (said.day, said.part, rest) = (Some(today), only(said.part, part)?, left);
        } else if let Some((time, left)) = moment(rest, local) {
            let clock = ClockTime::exactly(time.time());
            (said.day, said.clock, rest) = (Some(time.date()), only(said.clock, clock)?, left);
        } else {
            let (day, left) = day(rest, today)?;
            (said.day, rest) = (Some(day), left);
        }
    }
    Some(said)
}

/// Sets the value; fails if it is already set.
fn only<T>(present: Option<T>, new: T) -> Option<Option<T>> {
    present.is_none().then_some(Some(new))
}

/// `in 90 minutes`: a point in time, as the person's clock will show it.
fn moment<'a>(words: WordSlice<'a>, local: LocalNow) -> Option<(NaiveDateTime, WordSlice<'a>)> {
    let ["in", count, unit, rest @ ..] = words else { return None };
    let minutes = match singular(unit) {
        "minute" | "min" => 1,
        "hour" | "hr" => 60,
        _ => return None,
    };
    let delta = TimeDelta::minutes(i64::from(number(count)?) * minutes);
    let instant = local.now.checked_add_signed(delta)?;
    Some((local.zone.local(instant), rest))
}

/// A day at the beginning of `words`, and the words after it.
fn day<'a>(words: WordSlice<'a>, today: NaiveDate) -> Option<(NaiveDate, WordSlice<'a>)> {
    let (day, rest) = match words {
        ["on" | "by" | "due" | "the", rest @ ..] if !rest.is_empty() => return day(rest, today),
        ["today", rest @ ..] => (Some(today), rest),
        ["tomorrow", rest @ ..] => (days_after(today, 1), rest),
        ["yesterday", rest @ ..] => (today.pred_opt(), rest),
        ["day", "after", "tomorrow", rest @ ..] => (days_after(today, 2), rest),
        ["in", count, unit, rest @ ..] => (units_after(today, number(count)?, singular(unit)), rest),
        ["next", "week", rest @ ..] => (in_next_week(today, Weekday::Mon), rest),
        ["next", "month", rest @ ..] => (first_of_month(today, 1), rest),
        ["next", "year", rest @ ..] => (NaiveDate::from_ymd_opt(today.year() + 1, 1, 1), rest),
        ["next", "weekend", rest @ ..] => (in_next_week(today, Weekday::Sat), rest),
        ["next", day, rest @ ..] => (in_next_week(today, weekday(day)?), rest),
        ["end", "of", "the" | "this", unit, rest @ ..] | ["end", "of", unit, rest @ ..]
            if *unit != "next" =>
        {
            (end_of(today, unit), rest)
        }
        ["end", "of", "next", "month", rest @ ..] => (end_of(first_of_month(today, 1)?, "month"), rest),
        ["this", "weekend", rest @ ..] | ["weekend", rest @ ..] => (weekend(today), rest),
        ["this", day, rest @ ..] => (next_weekday(today, weekday(day)?), rest),
        [day, "next", "week", rest @ ..] if weekday(day).is_some() => {
            (in_next_week(today, weekday(day)?), rest)
        }
        [day, rest @ ..] if weekday(day).is_some() => (next_weekday(today, weekday(day)?), rest),
        _ => return calendar_date(words, today),
    };
    Some((day?, rest))
}

/// A day by its number: `27 November`, `Nov 27 2027`, `27.11.`, `2026-11-27`, `the 15th`.
fn calendar_date<'a>(words: WordSlice<'a>, today: NaiveDate) -> Option<(NaiveDate, WordSlice<'a>)> {
    let (day_of_month, month, rest) = match words {
        [day, "of", name, rest @ ..] if month(name).is_some() => (ordinal(day)?, month(name)?, rest),
        [day, name, rest @ ..] if month(name).is_some() => (ordinal(day)?, month(name)?, rest),
        [name, "the", day, rest @ ..] if month(name).is_some() => (ordinal(day)?, month(name)?, rest),
        [name, day, rest @ ..] if month(name).is_some() => (ordinal(day)?, month(name)?, rest),
        [word, rest @ ..] => {
            let day = dotted(word, today).or_else(|| iso(word)).or_else(|| day_of_month(word, today))?;
            return Some((day, rest));
        }
        [] => return None,
    };
    match rest {
        [year, left @ ..] if is_year(year) => {
            Some((NaiveDate::from_ymd_opt(year.parse().ok()?, month, day_of_month)?, left))
        }
        _ => Some((next_date(today, month, day_of_month)?, rest)),
    }
}

/// `27.11.` or `27.11.2026`. Without the last point it might be a time of day.
fn dotted(word: &str, today: NaiveDate) -> Option<NaiveDate> {
    let mut parts = word.splitn(3, '.');
    let (day, month, year) = (ordinal(parts.next()?)?, ordinal(parts.next()?)?, parts.next()?);
    match year {
        "" => next_date(today, month, day),
        _ if is_year(year) => NaiveDate::from_ymd_opt(year.parse().ok()?, month, day),
        _ => None,
    }
}

fn iso(word: &str) -> Option<NaiveDate> {
    Due::parse(word, crate::time_zone::TimeZone::UTC)
        .ok()
        .filter(|due| due.time.is_none())
        .map(|due| due.date)
}

/// `15th`: the next day with that number.
fn day_of_month(word: &str, today: NaiveDate) -> Option<NaiveDate> {
    let has_ending = word.ends_with(|c: char| c.is_ascii_alphabetic());
    let day = ordinal(word).filter(|_| has_ending)?;
    (0..=12).filter_map(|months| first_of_month(today, months)?.with_day(day)).find(|date| *date >= today)
}

/// The next such date from today on; within eight years there is a 29 February.
fn next_date(today: NaiveDate, month: u32, day: u32) -> Option<NaiveDate> {
    let years = today.year()..=today.year() + 8;
    years.filter_map(|year| NaiveDate::from_ymd_opt(year, month, day)).find(|date| *date >= today)
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit())
}

/// `27`, `27.`, `27th`: a number of one or two digits.
pub(crate) fn ordinal(word: &str) -> Option<u32> {
    let digits = word.trim_end_matches('.');
    let digits = ["st", "nd", "rd", "th"].iter().find_map(|end| digits.strip_suffix(end)).unwrap_or(digits);
    let is_number = matches!(digits.len(), 1 | 2) && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

/// A count of at most four digits, or a small one in letters.
pub(crate) fn number(word: &str) -> Option<u32> {
    const NAMES: [&str; 12] =
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    if matches!(word, "a" | "an") {
        return Some(1);
    }
    if let Some(at) = NAMES.iter().position(|name| *name == word) {
        return u32::try_from(at + 1).ok();
    }
    let is_number = matches!(word.len(), 1..=4) && word.bytes().all(|b| b.is_ascii_digit());
    word.parse().ok().filter(|_| is_number)
}

/// The name of one of a unit, as in `3 days`.
pub(crate) fn singular(unit: &str) -> &str {
    unit.strip_suffix('s').unwrap_or(unit)
}

fn days_after(today: NaiveDate, days: u64) -> Option<NaiveDate> {
    today.checked_add_days(Days::new(days))
}

fn units_after(today: NaiveDate, count: u32, unit: &str) -> Option<NaiveDate> {
    match unit {
        "day" => days_after(today, count.into()),
        "week" => days_after(today, 7 * u64::from(count)),
        "month" => today.checked_add_months(Months::new(count)),
        "year" => today.checked_add_months(Months::new(12 * count)),
        _ => None,
    }
}

fn next_weekday(today: NaiveDate, day: Weekday) -> Option<NaiveDate> {
    days_after(today, u64::from(6 - today.weekday().days_since(day)) + 1)
}

/// That day of the ISO week after the one today is in.
fn in_next_week(today: NaiveDate, day: Weekday) -> Option<NaiveDate> {
    let monday = next_weekday(today, Weekday::Mon)?;
    days_after(monday, day.num_days_from_monday().into())
}

/// Saturday, or today when the weekend is on.
fn weekend(today: NaiveDate) -> Option<NaiveDate> {
    match today.weekday() {
        Weekday::Sat | Weekday::Sun => Some(today),
        _ => next_weekday(today, Weekday::Sat),
    }
}

fn first_of_month(today: NaiveDate, months: u32) -> Option<NaiveDate> {
    today.with_day(1)?.checked_add_months(Months::new(months))
}

fn end_of(today: NaiveDate, unit: &str) -> Option<NaiveDate> {
    match unit {
        "day" => Some(today),
        "month" => first_of_month(today, 1)?.pred_opt(),
        "year" => NaiveDate::from_ymd_opt(today.year(), 12, 31),
        _ => None,
    }
}

/// The weekday of that English name, or of its first three letters.
pub(crate) fn weekday(word: &str) -> Option<Weekday> {
    match word {
        "tues" => Some(Weekday::Tue),
        "weds" => Some(Weekday::Wed),
        "thur" | "thurs" => Some(Weekday::Thu),
        _ => word.parse().ok(),
    }
}

/// The number of the month of that English name, or of its first three letters.
pub(crate) fn month(word: &str) -> Option<u32> {
    match word {
        "sept" => Some(9),
        _ => word.parse::<chrono::Month>().ok().map(|month| month.number_from_month()),
    }
}

#[cfg(test)]
mod tests;
