//! The time zone of a request: the header `Time-Zone`, or else the account's.

use actix_web::{HttpRequest, http::header::HeaderName};
use domain::{
    caller::Caller,
    time_zone::{LocalNow, PersonalTime, TimeZone},
};

use crate::{error::ApiError, state::AppState};

/// The header with an IANA time zone, such as `Europe/Berlin`.
pub const TIME_ZONE: HeaderName = HeaderName::from_static("time-zone");

/// Returns the time zone that the header names, if it is there.
///
/// # Errors
/// When it names none.
pub fn named_time_zone(request: &HttpRequest) -> Result<Option<TimeZone>, ApiError> {
    let Some(value) = request.headers().get(&TIME_ZONE) else { return Ok(None) };
    Ok(Some(TimeZone::parse(value.to_str().unwrap_or_default())?))
}

/// Returns the time zone of a message: the one that its body names, or else the one of the header.
///
/// # Errors
/// When what is given names no time zone.
pub fn message_time_zone(in_body: Option<&str>, request: &HttpRequest) -> Result<Option<TimeZone>, ApiError> {
    match in_body {
        Some(name) => Ok(Some(TimeZone::parse(name)?)),
        None => named_time_zone(request),
    }
}

/// Returns what the clock of the person who asks shows. Their account is only read when the clock is needed
/// and the header names no time zone.
///
/// # Errors
/// When the header names no time zone, or the account cannot be read.
pub async fn local_now(
    request: &HttpRequest,
    state: &AppState,
    caller: Caller,
    is_needed: bool,
) -> Result<LocalNow, ApiError> {
    match named_time_zone(request)? {
        None if is_needed => Ok(personal_time(None, state, caller).await?.local),
        named => Ok(LocalNow { zone: named.unwrap_or(TimeZone::UTC), now: state.clock.now() }),
    }
}

/// Returns what the clock and the calendar of a person show now: in the time zone that was named, or else in
/// that of their account.
///
/// # Errors
/// When the account cannot be read.
pub async fn personal_time(
    named: Option<TimeZone>,
    state: &AppState,
    caller: Caller,
) -> Result<PersonalTime, ApiError> {
    let user = state.ports()?.accounts.find(caller).await?;
    let local = LocalNow { zone: named.unwrap_or(user.time_zone), now: state.clock.now() };
    Ok(PersonalTime { local, week_start: user.week_start })
}
