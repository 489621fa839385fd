//! Validates numbers and times of a file, and says where in it an error is.

use chrono::{DateTime, Utc};
use domain::text_validation::FieldError;

use crate::error::ApiError;

/// The highest number of a task, and the highest version: far from where counting on would fail.
const MAX_NUMBER: i64 = 1_000_000_000;

/// The error of a member of something in the file.
pub(super) fn at_path(path: &str, error: FieldError) -> ApiError {
    ApiError::invalid(format!("{path}.{}", error.field), format!("{path}: {}", error.message))
}

/// Limits a time to the span from 1970 to `now`: nothing in a file may lie in the future.
pub(super) fn clamp_to_past(time: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
    time.clamp(DateTime::UNIX_EPOCH, now)
}

/// A number of a task, or a version.
pub(super) fn number(field: &'static str, number: i64, least: i64) -> Result<i64, FieldError> {
    if (least..=MAX_NUMBER).contains(&number) {
        return Ok(number);
    }
    let message = format!("The {field} must be a whole number from {least} to {MAX_NUMBER}.");
    Err(FieldError::new(field, message))
}
