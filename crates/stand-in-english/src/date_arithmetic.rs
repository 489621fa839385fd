//! The few dates that no tool finds out: when a past week began, and a week after a task's own date. Today
//! is what the system prompt says, in the person's zone.

use chrono::{Datelike, Days, Months, NaiveDate, NaiveDateTime, TimeDelta, Weekday};

/// Reads today's date out of a system prompt: "It is Friday, 27 November 2026, after 8:00".
pub(crate) fn today(prompt: &str) -> Option<NaiveDate> {
    let (_, rest) = prompt.split_once("It is ")?;
    let end = rest.match_indices(',').nth(1)?.0;
    NaiveDate::parse_from_str(&rest[..end], "%A, %d %B %Y").ok()
}

/// Returns the day with which a past time began, or the words themselves when that is not to be known here:
/// the server knows on which day the person's weeks begin.
pub(crate) fn beginning(since: &str, today: Option<NaiveDate>) -> String {
    let since = since.strip_prefix("since ").or_else(|| since.strip_prefix("on ")).unwrap_or(since);
    let day = since.strip_prefix("last ").unwrap_or(since);
    let first = today.and_then(|today| match day {
        // "Last Friday" is over.
        _ if day != since => last(today.pred_opt()?, day.parse().ok()?),
        "this month" => today.with_day(1),
        "this year" => NaiveDate::from_yo_opt(today.year(), 1),
        _ => last(today, day.parse().ok()?),
    });
    match first {
        Some(first) => first.to_string(),
        None if day == "this morning" => "today".to_owned(),
        None => day.to_owned(),
    }
}

/// The newest such day, of which today may be one.
fn last(today: NaiveDate, weekday: Weekday) -> Option<NaiveDate> {
    today.checked_sub_days(Days::new(today.weekday().days_since(weekday).into()))
}

/// Returns the first and the last day of a past time that is over: "last month", "last week". Weeks are those
/// from Monday to Sunday.
pub(crate) fn past(period: &str, today: Option<NaiveDate>) -> Option<(NaiveDate, NaiveDate)> {
    let today = today?;
    match period {
        "last week" => {
            let end = last(today, Weekday::Mon)?.pred_opt()?;
            Some((last(end, Weekday::Mon)?, end))
        }
        "last month" => {
            let end = today.with_day(1)?.pred_opt()?;
            Some((end.with_day(1)?, end))
        }
        "last year" => {
            let end = NaiveDate::from_yo_opt(today.year(), 1)?.pred_opt()?;
            Some((NaiveDate::from_yo_opt(end.year(), 1)?, end))
        }
        _ => None,
    }
}

/// Whether a unit is shorter than a day.
pub(crate) fn is_of_the_clock(unit: &str) -> bool {
    matches!(unit, "minute" | "min" | "hour" | "hr")
}

/// Returns a due date so much later, written as it was: with or without a time of day.
pub(crate) fn later(due: &str, count: u64, unit: &str) -> Option<String> {
    if let Ok(time) = NaiveDateTime::parse_from_str(due, "%Y-%m-%dT%H:%M") {
        let minutes = |minutes: u64| TimeDelta::try_minutes(i64::try_from(minutes).ok()?);
        let time = match unit {
            "minute" | "min" => time.checked_add_signed(minutes(count)?)?,
            "hour" | "hr" => time.checked_add_signed(minutes(count.checked_mul(60)?)?)?,
            _ => days_later(time.date(), count, unit)?.and_time(time.time()),
        };
        return Some(time.format("%Y-%m-%dT%H:%M").to_string());
    }
    let date = NaiveDate::parse_from_str(due, "%Y-%m-%d").ok()?;
    Some(days_later(date, count, unit)?.to_string())
}

fn days_later(date: NaiveDate, count: u64, unit: &str) -> Option<NaiveDate> {
    let months = |each: u64| Some(Months::new(u32::try_from(count.checked_mul(each)?).ok()?));
    match unit {
        "day" => date.checked_add_days(Days::new(count)),
        "week" => date.checked_add_days(Days::new(count.checked_mul(7)?)),
        "month" => date.checked_add_months(months(1)?),
        "year" => date.checked_add_months(months(12)?),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_times_begin_on_a_day_of_the_person_s() {
        let today = today("You are.\nIt is Saturday, 28 November 2026, after 8:00 (Europe/Berlin).");
        for (since, day) in [
            ("this week", "this week"),
            ("since last saturday", "2026-11-21"),
            ("last friday", "2026-11-27"),
            ("this month", "2026-11-01"),
            ("this year", "2026-01-01"),
            ("since saturday", "2026-11-28"),
            ("since last sunday", "2026-11-22"),
            ("yesterday", "yesterday"),
            ("since yesterday", "yesterday"),
            ("this morning", "today"),
        ] {
            assert_eq!(beginning(since, today), day, "{since}");
        }
        assert_eq!(beginning("this month", None), "this month");
        let days = |period| past(period, today).map(|(from, to)| format!("{from} {to}")).unwrap_or_default();
        assert_eq!(days("last week"), "2026-11-16 2026-11-22");
        assert_eq!(days("last month"), "2026-10-01 2026-10-31");
        assert_eq!(days("last year"), "2025-01-01 2025-12-31");
        assert_eq!(days("last friday"), "");
    }

    #[test]
    fn a_date_is_put_off_as_it_is_written() {
        for (due, count, unit, expected) in [
            ("2026-11-27", 1, "week", Some("2026-12-04")),
            ("2026-11-27T09:00", 1, "week", Some("2026-12-04T09:00")),
            ("2026-11-27T23:30", 1, "hour", Some("2026-11-28T00:30")),
            ("2027-01-31", 1, "month", Some("2027-02-28")),
            ("2026-11-27", 1, "hour", None),
            ("2026-11-27", u64::MAX, "day", None),
        ] {
            assert_eq!(later(due, count, unit).as_deref(), expected, "{due} {count} {unit}");
        }
    }
}
