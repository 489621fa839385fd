//! Reads a repeat from words and from the recurrence rules of RFC 5545, section 3.3.10.

use std::ops::RangeInclusive;

use chrono::{Datelike, NaiveDate, Weekday, WeekdaySet};

use super::{
    MONDAY_TO_FRIDAY, Repeat, RepeatFrom, RepeatRule,
    repeat_input::{RepeatInput, StatedDay, days_in_month},
    weekday_code,
};
use crate::natural_language_dates::{month, number, ordinal, singular, weekday};
use crate::text_validation::FieldError;

/// The longest text that is looked at, in bytes.
const MAX_BYTES: usize = 200;

const DAYS: RangeInclusive<u16> = 1..=365;
const WEEKS: RangeInclusive<u16> = 1..=52;
const MONTHS: RangeInclusive<u16> = 1..=12;
const YEARS: RangeInclusive<u16> = 1..=20;

/// Why a text is no repeat.
enum Fault {
    Unknown,
    Interval,
    DayAfterCompletion,
}

impl From<Fault> for FieldError {
    fn from(fault: Fault) -> Self {
        let message = match fault {
            Fault::Unknown => {
                "The repeat must be one of: daily, weekdays, every 3 days, every monday and thursday, \
                 every 2 weeks on friday, every month on the 15th, every month on the last day, every year on \
                 27 november; after an interval, \"after completion\" may follow."
            }
            Fault::Interval => {
                "A task may repeat every 1 to 365 days, 1 to 52 weeks, 1 to 12 months or 1 to 20 years."
            }
            Fault::DayAfterCompletion => {
                "A repeat after completion is counted from the day the task is done, so it takes no day: \
                 say for example every 2 weeks after completion."
            }
        };
        Self::new("repeat", message)
    }
}

/// A rule, and how much of its day it says itself.
type Found = (RepeatRule, StatedDay);

pub(super) fn repeat(text: &str, due: NaiveDate) -> Result<RepeatInput, FieldError> {
    if text.len() > MAX_BYTES {
        return Err(Fault::Unknown.into());
    }
    let text = text.trim().to_lowercase();
    let text = text.strip_prefix("rrule:").unwrap_or(&text);
    let ((rule, stated), from) = if text.contains("freq=") { rrule(text, due) } else { words(text, due) }?;
    let repeat = Repeat::new(rule, RepeatFrom::DueDate);
    if from == RepeatFrom::Completion && stated != StatedDay::Nothing && repeat.rule != RepeatRule::Weekdays {
        return Err(Fault::DayAfterCompletion.into());
    }
    Ok(RepeatInput { repeat: Repeat::new(repeat.rule, from), stated })
}

/// A rule of RFC 5545 in lower case.
fn rrule(text: &str, due: NaiveDate) -> Result<(Found, RepeatFrom), Fault> {
    let mut parts = Parts::default();
    for part in text.split(';').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').ok_or(Fault::Unknown)?;
        parts.set(name.trim(), value.trim()).ok_or(Fault::Unknown)?;
    }
    let every = match parts.interval {
        Some(interval) => interval.parse::<u16>().map_err(|_error| Fault::Interval)?,
        None => 1,
    };
    let found = match parts.frequency.ok_or(Fault::Unknown)? {
        "daily" => parts.daily(every),
        "weekly" => parts.weekly(every, due),
        "monthly" => parts.monthly(every, due),
        "yearly" => parts.yearly(every, due),
        _ => None,
    };
    Ok((within_bounds(found)?, parts.from))
}

/// The parts of a rule that are understood; each at most once.
#[derive(Default)]
struct Parts<'a> {
    frequency: Option<&'a str>,
    interval: Option<&'a str>,
    days: Option<&'a str>,
    month: Option<&'a str>,
    month_days: Option<&'a str>,
    position: Option<&'a str>,
    week_start: Option<&'a str>,
    from: RepeatFrom,
}

impl<'a> Parts<'a> {
    fn set(&mut self, name: &str, value: &'a str) -> Option<()> {
        let part = match name {
            "freq" => &mut self.frequency,
            "interval" => &mut self.interval,
            "byday" => &mut self.days,
            "bymonth" => &mut self.month,
            "bymonthday" => &mut self.month_days,
            "bysetpos" => &mut self.position,
            "wkst" => &mut self.week_start,
            "x-from" if value == "completion" => {
                self.from = RepeatFrom::Completion;
                return Some(());
            }
            _ => return None,
        };
        part.replace(value).is_none().then_some(())
    }

    fn daily(&self, every: u16) -> Option<Found> {
        let is_plain = self.month.is_none() && self.month_days.is_none() && self.position.is_none();
        match self.days.map(weekdays_by_code) {
            None if is_plain => Some((RepeatRule::Daily { every }, StatedDay::Nothing)),
            Some(days) if is_plain && every == 1 && days? == MONDAY_TO_FRIDAY => {
                Some((RepeatRule::Weekdays, StatedDay::Nothing))
            }
            _ => None,
        }
    }

    fn weekly(&self, every: u16, due: NaiveDate) -> Option<Found> {
        let begins_on_monday = every == 1 || self.week_start.is_none_or(|day| day == "mo");
        if self.month.is_some() || self.month_days.is_some() || self.position.is_some() || !begins_on_monday {
            return None;
        }
        weekly(every, self.days.map(weekdays_by_code), due)
    }

    fn monthly(&self, every: u16, due: NaiveDate) -> Option<Found> {
        if self.days.is_some() || self.month.is_some() {
            return None;
        }
        match self.month_days {
            Some("-1") if self.position.is_none() => {
                Some((RepeatRule::MonthlyLastDay { every }, StatedDay::Day))
            }
            _ => {
                let day = self.day_of_month()?;
                let stated = if day.is_some() { StatedDay::Day } else { StatedDay::Nothing };
                Some((RepeatRule::MonthlyOnDay { every, day: day.unwrap_or(day_of(due)) }, stated))
            }
        }
    }

    fn yearly(&self, every: u16, due: NaiveDate) -> Option<Found> {
        if self.days.is_some() || (self.month.is_none() && self.month_days.is_some()) {
            return None;
        }
        let month = self.month.map(|month| month.parse().ok());
        let on_month = month.unwrap_or(Some(due.month()))?;
        let (on_day, stated) = match (month, self.day_of_month()?) {
            (None, _) => (day_of(due), StatedDay::Nothing),
            (Some(_), Some(day)) => (day, StatedDay::Day),
            (Some(_), None) => {
                (day_of(due).min(days_in_month(u8::try_from(on_month).ok()?)), StatedDay::Month)
            }
        };
        yearly(every, on_month, on_day, stated)
    }

    /// `15`, or `28,29,30` of which the last that there is; `Some(None)` when no day is stated.
    fn day_of_month(&self) -> Option<Option<u8>> {
        match (self.month_days, self.position) {
            (None, None) => Some(None),
            (Some(day), None) => day.parse().ok().filter(|day| (1..=31).contains(day)).map(Some),
            (Some("28,29"), Some("-1")) => Some(Some(29)),
            (Some("28,29,30"), Some("-1")) => Some(Some(30)),
            (Some("28,29,30,31"), Some("-1")) => Some(Some(31)),
            _ => None,
        }
    }
}

/// `mo,we`.
fn weekdays_by_code(codes: &str) -> Option<WeekdaySet> {
    let mut days = WeekdaySet::EMPTY;
    for code in codes.split(',') {
        let is_meant = |day: &Weekday| weekday_code(*day).eq_ignore_ascii_case(code);
        days.insert(WeekdaySet::ALL.iter(Weekday::Mon).find(is_meant)?);
    }
    Some(days)
}

/// English words in lower case.
fn words(text: &str, due: NaiveDate) -> Result<(Found, RepeatFrom), Fault> {
    let text = text.replace(',', " ");
    let words: Vec<&str> = text.split_whitespace().map(|word| word.trim_end_matches('.')).collect();
    let (words, from) = match words.as_slice() {
        [words @ .., "after" | "from", "completion"] => (words, RepeatFrom::Completion),
        words => (words, RepeatFrom::DueDate),
    };
    let found = match words {
        ["daily"] => Some((RepeatRule::Daily { every: 1 }, StatedDay::Nothing)),
        ["on", "weekdays"] | ["weekdays"] | ["every" | "each", "weekday"] => {
            Some((RepeatRule::Weekdays, StatedDay::Nothing))
        }
        ["weekly", on @ ..] => in_unit(1, "week", on, due),
        ["fortnightly", on @ ..] => in_unit(2, "week", on, due),
        ["monthly", on @ ..] => in_unit(1, "month", on, due),
        ["quarterly", on @ ..] => in_unit(3, "month", on, due),
        ["yearly" | "annually", on @ ..] => in_unit(1, "year", on, due),
        ["last", "day", "of", "the" | "every" | "each", "month"]
        | ["end", "of", "the" | "every" | "each", "month"] => {
            Some((RepeatRule::MonthlyLastDay { every: 1 }, StatedDay::Day))
        }
        ["every" | "each", "other" | "second" | "2nd", unit, on @ ..] if is_unit(unit) => {
            in_unit(2, singular(unit), on, due)
        }
        ["every" | "each", "other" | "second" | "2nd", days @ ..] => weekly(2, Some(weekdays(days)), due),
        ["every" | "each", unit, on @ ..] if is_unit(unit) => in_unit(1, singular(unit), on, due),
        ["every" | "each", count, unit, on @ ..] if is_unit(unit) => {
            let every = number(count).or_else(|| place(count)).ok_or(Fault::Unknown)?;
            in_unit(u16::try_from(every).unwrap_or(u16::MAX), singular(unit), on, due)
        }
        ["every" | "each" | "on", days @ ..] => weekly(1, Some(weekdays(days)), due),
        days => weekly(1, Some(weekdays(days)), due),
    };
    Ok((within_bounds(found)?, from))
}

/// Every third day is every three days.
fn place(word: &str) -> Option<u32> {
    match word {
        "third" => Some(3),
        "fourth" => Some(4),
        _ => ordinal(word),
    }
}

fn is_unit(word: &str) -> bool {
    matches!(singular(word), "day" | "week" | "month" | "year")
}

/// What stands behind the interval: `on friday`, `on the 15th`, `on 27 november`.
fn in_unit(every: u16, unit: &str, on: &[&str], due: NaiveDate) -> Option<Found> {
    let on = match on {
        ["on", "the", on @ ..] | ["on", on @ ..] if !on.is_empty() => on,
        [] => &[],
        _ => return None,
    };
    match (unit, on) {
        ("day", []) => Some((RepeatRule::Daily { every }, StatedDay::Nothing)),
        ("week", []) => weekly(every, None, due),
        ("week", days) => weekly(every, Some(weekdays(days)), due),
        ("month", []) => Some((RepeatRule::MonthlyOnDay { every, day: day_of(due) }, StatedDay::Nothing)),
        ("month", ["last", "day"]) => Some((RepeatRule::MonthlyLastDay { every }, StatedDay::Day)),
        ("month", ["day", day] | [day]) => {
            let day = ordinal(day).filter(|day| (1..=31).contains(day))?;
            Some((RepeatRule::MonthlyOnDay { every, day: u8::try_from(day).ok()? }, StatedDay::Day))
        }
        ("year", []) => yearly(every, due.month(), day_of(due), StatedDay::Nothing),
        ("year", [day, "of", name] | [day, name] | [name, day]) if month(name).is_some() => {
            yearly(every, month(name)?, u8::try_from(ordinal(day)?).ok()?, StatedDay::Day)
        }
        _ => None,
    }
}

/// `monday and thursday`, `monday & thursday`, `mondays`.
fn weekdays(words: &[&str]) -> Option<WeekdaySet> {
    let mut days = WeekdaySet::EMPTY;
    for word in words.iter().filter(|word| !matches!(**word, "and" | "&")) {
        days.insert(weekday(word).or_else(|| weekday(singular(word)))?);
    }
    Some(days)
}

/// On these days or, when none are stated, on that of the due date.
fn weekly(every: u16, days: Option<Option<WeekdaySet>>, due: NaiveDate) -> Option<Found> {
    let stated = if days.is_some() { StatedDay::Day } else { StatedDay::Nothing };
    let days = days.unwrap_or(Some(WeekdaySet::single(due.weekday())))?;
    (!days.is_empty()).then_some((RepeatRule::Weekly { every, days }, stated))
}

/// On that day, which the month has in a leap year.
fn yearly(every: u16, month: u32, day: u8, stated: StatedDay) -> Option<Found> {
    NaiveDate::from_ymd_opt(2024, month, day.into())?;
    Some((RepeatRule::Yearly { every, month: u8::try_from(month).ok()?, day }, stated))
}

fn day_of(date: NaiveDate) -> u8 {
    u8::try_from(date.day()).unwrap_or(1)
}

fn within_bounds(found: Option<Found>) -> Result<Found, Fault> {
    let (rule, stated) = found.ok_or(Fault::Unknown)?;
    let is_within = match rule {
        RepeatRule::Daily { every } => DAYS.contains(&every),
        RepeatRule::Weekdays => true,
        RepeatRule::Weekly { every, .. } => WEEKS.contains(&every),
        RepeatRule::MonthlyOnDay { every, .. } | RepeatRule::MonthlyLastDay { every } => {
            MONTHS.contains(&every)
        }
        RepeatRule::Yearly { every, .. } => YEARS.contains(&every),
    };
    if is_within { Ok((rule, stated)) } else { Err(Fault::Interval) }
}
