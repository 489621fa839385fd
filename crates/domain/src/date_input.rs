//! Days as people and models say them: when a task is due, which ones a filter means, and since when one
//! looks back.

use chrono::TimeDelta;

use crate::{
    due::{Due, DueRange},
    natural_language_dates::{self, ParsedDate},
    text_validation::FieldError,
    time_zone::{LocalNow, PersonalTime},
};

/// Returns the day that a text means to the person whose clock shows `local`.
///
/// # Errors
/// With what to write instead, when it means no day or more than one.
pub fn parse_day(text: &str, local: LocalNow) -> Result<Due, FieldError> {
    parse_day_or_time(text, local).map(|meaning| meaning.due)
}

/// Returns the day that a text means where it is one that is over, or today: a weekday, or a date without a
/// year, is the last such one. What is said to be to come, such as `tomorrow`, stays that. `name` is the
/// argument's.
///
/// # Errors
/// As [`parse_day`].
pub fn parse_past_day(name: &'static str, text: &str, local: LocalNow) -> Result<Due, FieldError> {
    let error = |_error| {
        FieldError::new(
            name,
            format!("{name} must be a day, such as \"today\", \"monday\" or \"2026-11-27\"."),
        )
    };
    let due = parse_day(text, local).map_err(error)?;
    if due.date <= local.today() {
        return Ok(due);
    }
    // Read as of a week, a month and a year ago, and a day more: a date that moves by as much is relative
    // to now ("in two days").
    let said_before = |days: i64| {
        let before = parse_day(text, LocalNow { now: local.now - TimeDelta::days(days), ..local }).ok()?;
        let is_fixed = due.date - before.date != TimeDelta::days(days);
        (is_fixed && before.date <= local.today()).then_some(before)
    };
    Ok([8, 32, 367].into_iter().find_map(said_before).unwrap_or(due))
}

/// The day on which the time begins that a text means: as [`parse_past_day`], or the person's week.
///
/// # Errors
/// As [`parse_day`].
pub fn parse_since(name: &'static str, text: &str, time: PersonalTime) -> Result<Due, FieldError> {
    if matches!(text.trim().to_lowercase().as_str(), "week" | "this week" | "this_week") {
        let first = time.week_start.first_day_of_week(time.local.today());
        return Ok(Due::on(first, time.local.zone));
    }
    parse_past_day(name, text, time.local)
}

/// Whether some of the words of `text` may be meant as days of a filter.
pub fn names_days(text: &str, local: LocalNow) -> bool {
    let is_range = |word: &str| matches!(word, "week" | "overdue" | "late");
    let words = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    natural_language_dates::contains_date(text, local) || words.into_iter().any(|word| is_range(&word))
}

/// As [`parse_day`], with whether a day was said.
///
/// # Errors
/// As [`parse_day`].
pub fn parse_day_or_time(text: &str, local: LocalNow) -> Result<ParsedDate, FieldError> {
    natural_language_dates::parse(text, local).ok_or_else(|| match Due::parse(text, local.zone) {
        // A date that was nearly right is refused in its own words.
        Err(error) if text.trim().starts_with(|c: char| c.is_ascii_digit()) => error,
        _ => FieldError::new(
            "due",
            "due must be a day, such as \"tomorrow\", \"friday 9am\", \"2026-11-27\" or \"2026-11-27T09:00\".",
        ),
    })
}

impl DueRange {
    /// Parses `today`, `tomorrow`, `week`, `overdue`, `none`, a day, or two as `2026-11-01..2026-11-30`,
    /// of which one may be left out.
    ///
    /// # Errors
    /// With what to write instead.
    pub fn parse(text: &str, time: PersonalTime) -> Result<Self, FieldError> {
        let day = |text: &str| parse_day(text, time.local).map(|due| due.date);
        let text = text.trim().to_lowercase().replace('_', " ");
        Ok(match text.as_str() {
            "today" => Self::Today,
            "tomorrow" => Self::Tomorrow,
            "overdue" | "late" => Self::Overdue,
            "week" | "this week" => Self::Week(time.week_start),
            "none" | "no date" | "undated" => Self::Undated,
            other => match other.split_once("..") {
                Some((from, to)) => {
                    let bound = |text: &str| (!text.trim().is_empty()).then(|| day(text)).transpose();
                    Self::Between { from: bound(from)?, to: bound(to)? }
                }
                None => {
                    let date = Some(day(other)?);
                    Self::Between { from: date, to: date }
                }
            },
        })
    }
}
