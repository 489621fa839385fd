//! The dates of a rule that is counted from the due date.

use chrono::{Datelike, Days, NaiveDate, Weekday};

use super::{MONDAY_TO_FRIDAY, RepeatRule};

/// The first date of the series that begins with `due` after `after`, which is not before `due`.
pub(super) fn next(rule: RepeatRule, due: NaiveDate, after: NaiveDate) -> Option<NaiveDate> {
    match rule {
        RepeatRule::Daily { every } => {
            let every = i64::from(every.max(1));
            let passed = (after - due).num_days() / every;
            due.checked_add_days(Days::new(u64::try_from((passed + 1) * every).ok()?))
        }
        RepeatRule::Weekdays => (1..=3).find_map(|days| {
            let date = after.checked_add_days(Days::new(days))?;
            MONDAY_TO_FRIDAY.contains(date.weekday()).then_some(date)
        }),
        RepeatRule::Weekly { every, days } => {
            let first_week = due.week(Weekday::Mon).checked_first_day()?;
            let week = after.week(Weekday::Mon).checked_first_day()?;
            let period = 7 * u64::from(every.max(1));
            let begun = u64::try_from((week - first_week).num_days()).ok()? / period * period;
            let weeks = [begun, begun + period];
            let in_week =
                |start: u64| (start..start + 7).filter_map(|n| first_week.checked_add_days(Days::new(n)));
            weeks.into_iter().flat_map(in_week).find(|date| *date > after && days.contains(date.weekday()))
        }
        RepeatRule::MonthlyOnDay { every, day } => in_months(month_number(due), every.into(), day, after),
        RepeatRule::MonthlyLastDay { every } => in_months(month_number(due), every.into(), 31, after),
        RepeatRule::Yearly { every, month, day } => {
            let january = i64::from(due.year()) * 12;
            in_months(january + i64::from(month) - 1, 12 * i64::from(every), day, after)
        }
    }
}

/// Whether a task with this rule may be due on `date`.
pub(super) fn contains(rule: RepeatRule, date: NaiveDate) -> bool {
    match rule {
        RepeatRule::Daily { .. } => true,
        RepeatRule::Weekdays => MONDAY_TO_FRIDAY.contains(date.weekday()),
        RepeatRule::Weekly { days, .. } => days.contains(date.weekday()),
        RepeatRule::MonthlyOnDay { day, .. } => in_month(month_number(date), day) == Some(date),
        RepeatRule::MonthlyLastDay { .. } => in_month(month_number(date), 31) == Some(date),
        RepeatRule::Yearly { month, day, .. } => {
            date.month() == u32::from(month) && in_month(month_number(date), day) == Some(date)
        }
    }
}

/// The months since January of the year 0.
fn month_number(date: NaiveDate) -> i64 {
    i64::from(date.year()) * 12 + i64::from(date.month0())
}

/// The first date after `after` with that day, in every so many months counted from `first`.
fn in_months(first: i64, every: i64, day: u8, after: NaiveDate) -> Option<NaiveDate> {
    let every = every.max(1);
    let begun = first + (month_number(after) - first).div_euclid(every) * every;
    let dates = [begun, begun + every].into_iter().filter_map(|month| in_month(month, day));
    dates.into_iter().find(|date| *date > after)
}

/// That day of the month, or its last one.
fn in_month(month: i64, day: u8) -> Option<NaiveDate> {
    let year = i32::try_from(month.div_euclid(12)).ok()?;
    let month = u32::try_from(month.rem_euclid(12)).ok()? + 1;
    (28..=day.into())
        .rev()
        .chain([u32::from(day).min(28)])
        .find_map(|day| NaiveDate::from_ymd_opt(year, month, day))
}
