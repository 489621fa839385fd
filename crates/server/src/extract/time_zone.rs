//! Where the person is who asks: the header `Time-Zone`, or else what their account says.

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

/// Returns what the clock of the person who asks shows. When that is not needed, nobody asks their
/// account where they are.
///
/// # Errors
/// When the header names no time zone, or the account cannot be read.
pub async fn local_now(
    request: &HttpRequest,
    state: &AppState,
    caller: Caller,
    is_needed: bool,
) -> Result<LocalNow, ApiError> {
    let zone = match named_time_zone(request)? {
        Some(zone) => zone,
        None if is_needed => state.ports()?.accounts.find(caller).await?.0.time_zone,
        None => TimeZone::UTC,
    };
    Ok(LocalNow { zone, now: state.clock.now() })
}

/// Returns what the clock and the calendar of the person who asks show now.
///
/// # Errors
/// As [`local_now`].
pub async fn personal_time(
    request: &HttpRequest,
    state: &AppState,
    caller: Caller,
) -> Result<PersonalTime, ApiError> {
    let zone = named_time_zone(request)?;
    let (user, _hash) = state.ports()?.accounts.find(caller).await?;
    let local = LocalNow { zone: zone.unwrap_or(user.time_zone), now: state.clock.now() };
    Ok(PersonalTime { local, week_start: user.week_start })
}
