//! The days that a filter names, as people and models say them.

use crate::{
    due::{Due, DueRange},
    natural_language_dates::{self, Meaning},
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

/// As [`parse_day`], with whether a day was said.
///
/// # Errors
/// As [`parse_day`].
pub fn parse_day_or_time(text: &str, local: LocalNow) -> Result<Meaning, FieldError> {
    natural_language_dates::meaning(text, local).ok_or_else(|| match Due::parse(text, local.zone) {
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
