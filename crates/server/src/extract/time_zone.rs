//! Where the person is who asks: the header `Time-Zone`, or else what their account says.

use actix_web::{HttpRequest, http::header::HeaderName};
use domain::{
    account::Caller,
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

/// Returns the time zone of the person who asks.
///
/// # Errors
/// When the header names none, or the account cannot be read.
pub async fn time_zone(
    request: &HttpRequest,
    state: &AppState,
    caller: Caller,
) -> Result<TimeZone, ApiError> {
    match named_time_zone(request)? {
        Some(zone) => Ok(zone),
        None => Ok(state.ports()?.accounts.find(caller).await?.0.time_zone),
    }
}

/// Returns what the clock and the calendar of the person who asks show now.
///
/// # Errors
/// As [`time_zone`].
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
