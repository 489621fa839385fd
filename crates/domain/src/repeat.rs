//! Repeating tasks: the part of RFC 5545's recurrence rules that people use for tasks.
//!
//! - Counted from the due date, the next date is the first one of the series after both the due date and
//!   today: a task done late is not overdue again at once, and one done early does not come back on its old
//!   date.
//! - Counted from completion, only the interval counts: `every 2 weeks` is two weeks after the day it is
//!   done.
//! - Where a month has no such day it is the month's last one. RFC 5545 would skip that month, so
//!   [`Repeat::to_rrule`] writes it as the last of the days 28 to 30 that the month has. The 31st is the last
//!   day of every month.
//!
//! The dates are computed here because that is little arithmetic on whole days, whereas the crate `rrule`
//! brings a regex engine and walks through every occurrence since the first; the tests compare the two.

mod parse;
mod repeat_input;
mod series;

use chrono::{Datelike, Days, Months, NaiveDate, Weekday, WeekdaySet};

use crate::due::{Due, YEARS};
use crate::text_validation::FieldError;
pub use repeat_input::RepeatInput;

/// The working days of [`RepeatRule::Weekdays`].
const MONDAY_TO_FRIDAY: WeekdaySet =
    WeekdaySet::from_array([Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri]);

/// How a task comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Repeat {
    /// On which days.
    pub rule: RepeatRule,
    /// From when it is counted.
    pub from: RepeatFrom,
}

/// The days on which a task comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RepeatRule {
    /// Every so many days.
    Daily {
        /// 1 to 365 days.
        every: u16,
    },
    /// From Monday to Friday.
    Weekdays,
    /// On some days of every so many weeks, which begin on Monday.
    Weekly {
        /// 1 to 52 weeks.
        every: u16,
        /// At least one.
        days: WeekdaySet,
    },
    /// On one day of every so many months.
    MonthlyOnDay {
        /// 1 to 12 months.
        every: u16,
        /// 1 to 30; the last day of the month where there is none of that number.
        day: u8,
    },
    /// On the last day of every so many months.
    MonthlyLastDay {
        /// 1 to 12 months.
        every: u16,
    },
    /// On one day of every so many years.
    Yearly {
        /// 1 to 20 years.
        every: u16,
        /// 1 to 12.
        month: u8,
        /// 1 to 31; 29 February is 28 February where there is none.
        day: u8,
    },
}

/// From when a repeat is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RepeatFrom {
    /// From the date it was due.
    #[default]
    DueDate,
    /// From the day it is done.
    Completion,
}

impl RepeatInput {
    /// Parses as [`Repeat::parse`] does.
    ///
    /// # Errors
    /// As [`Repeat::parse`].
    pub fn parse(text: &str, due: NaiveDate) -> Result<Self, FieldError> {
        parse::repeat(text, due)
    }
}

impl Repeat {
    /// A repeat in its one form: the 31st is the last day, Monday to Friday of every week are
    /// [`RepeatRule::Weekdays`], and what is not looked at after completion is set to the first day.
    pub fn new(rule: RepeatRule, from: RepeatFrom) -> Self {
        use RepeatRule::{MonthlyLastDay, MonthlyOnDay, Weekdays, Weekly, Yearly};
        let rule = match (rule, from) {
            (Weekly { every, .. }, RepeatFrom::Completion) => {
                Weekly { every, days: WeekdaySet::single(Weekday::Mon) }
            }
            (MonthlyOnDay { every, .. } | MonthlyLastDay { every }, RepeatFrom::Completion) => {
                MonthlyOnDay { every, day: 1 }
            }
            (Yearly { every, .. }, RepeatFrom::Completion) => Yearly { every, month: 1, day: 1 },
            (Weekly { every: 1, days }, _) if days == MONDAY_TO_FRIDAY => Weekdays,
            (MonthlyOnDay { every, day: 31 }, _) => MonthlyLastDay { every },
            (rule, _) => rule,
        };
        Self { rule, from }
    }

    /// Parses words (`every 2 weeks on friday`, `every 3 days after completion`) or the recurrence rule of
    /// RFC 5545 that [`Repeat::to_text`] writes. A day that is not stated is that of `due`.
    ///
    /// # Errors
    /// When it is neither, says more than a [`Repeat`] can hold, or an interval is out of bounds.
    pub fn parse(text: &str, due: NaiveDate) -> Result<Self, FieldError> {
        RepeatInput::parse(text, due).map(|stated| stated.for_due_date(due))
    }

    /// The form for storage, which [`Repeat::parse`] reads: [`Repeat::to_rrule`], and `X-FROM=COMPLETION`
    /// when it is counted from completion.
    pub fn to_text(self) -> String {
        match self.from {
            RepeatFrom::DueDate => self.to_rrule(),
            RepeatFrom::Completion => format!("{};X-FROM=COMPLETION", self.to_rrule()),
        }
    }

    /// The value of an `RRULE` property (RFC 5545, section 3.3.10). One that is counted from completion is
    /// written as if the task was done on its day.
    pub fn to_rrule(self) -> String {
        let (frequency, every, by) = match self.rule {
            RepeatRule::Daily { every } => ("DAILY", every, String::new()),
            RepeatRule::Weekdays => ("WEEKLY", 1, by_day(MONDAY_TO_FRIDAY)),
            RepeatRule::Weekly { every, days } => ("WEEKLY", every, by_day(days)),
            RepeatRule::MonthlyOnDay { every, day } => ("MONTHLY", every, by_month_day(day, day > 28)),
            RepeatRule::MonthlyLastDay { every } => ("MONTHLY", every, ";BYMONTHDAY=-1".to_owned()),
            RepeatRule::Yearly { every, month, day } => {
                ("YEARLY", every, format!(";BYMONTH={month}{}", by_month_day(day, (month, day) == (2, 29))))
            }
        };
        let is_interval = self.from == RepeatFrom::Completion && self.rule != RepeatRule::Weekdays;
        let by = if is_interval { "" } else { &by };
        let interval = if every == 1 { String::new() } else { format!(";INTERVAL={every}") };
        format!("FREQ={frequency}{interval}{by}")
    }

    /// For a person: `every 2 weeks on Monday and Friday`, `every 3 days after completion`.
    pub fn in_words(self) -> String {
        let (every, unit, on) = match self.rule {
            RepeatRule::Daily { every } => (every, "day", String::new()),
            RepeatRule::Weekdays => (1, "weekday", String::new()),
            RepeatRule::Weekly { every, days } => (every, "week", list(days)),
            RepeatRule::MonthlyOnDay { every, day } => (every, "month", format!("the {}", ordinal(day))),
            RepeatRule::MonthlyLastDay { every } => (every, "month", "the last day".to_owned()),
            RepeatRule::Yearly { every, month, day } => {
                (every, "year", format!("{day} {}", chrono::Month::try_from(month).map_or("", |m| m.name())))
            }
        };
        match (self.from, every, unit) {
            (RepeatFrom::Completion, ..) => format!("every {} after completion", counted(every, unit)),
            (_, 1, "week") => format!("every {on}"),
            _ if on.is_empty() => format!("every {}", counted(every, unit)),
            _ => format!("every {} on {on}", counted(every, unit)),
        }
    }

    /// The first date of a task that shall come back from `due` on: itself, or the next of the rule's days.
    pub fn first(self, due: Due) -> Due {
        if self.from == RepeatFrom::Completion || series::contains(self.rule, due.date) {
            return due;
        }
        self.next(due, due.date).unwrap_or(due)
    }

    /// When a task that was due at `due` and is done on `today` is due again, at the same time of day;
    /// `None` beyond the year 9999.
    pub fn next(self, due: Due, today: NaiveDate) -> Option<Due> {
        let date = match self.from {
            RepeatFrom::DueDate => series::next(self.rule, due.date, due.date.max(today)),
            RepeatFrom::Completion => self.interval_after(today),
        }?;
        YEARS.contains(&date.year()).then_some(Due { date, ..due })
    }

    fn interval_after(self, today: NaiveDate) -> Option<NaiveDate> {
        let days = |days: u64| today.checked_add_days(Days::new(days));
        let months = |months: u32| today.checked_add_months(Months::new(months));
        match self.rule {
            RepeatRule::Daily { every } => days(every.into()),
            RepeatRule::Weekdays => series::next(self.rule, today, today),
            RepeatRule::Weekly { every, .. } => days(7 * u64::from(every)),
            RepeatRule::MonthlyOnDay { every, .. } | RepeatRule::MonthlyLastDay { every } => {
                months(every.into())
            }
            RepeatRule::Yearly { every, .. } => months(12 * u32::from(every)),
        }
    }
}

fn by_day(days: WeekdaySet) -> String {
    let names = days.iter(Weekday::Mon).map(weekday_code);
    format!(";BYDAY={}", names.collect::<Vec<_>>().join(","))
}

/// A day of the week in a recurrence rule (RFC 5545, section 3.3.10).
pub fn weekday_code(weekday: Weekday) -> &'static str {
    match weekday {
        Weekday::Mon => "MO",
        Weekday::Tue => "TU",
        Weekday::Wed => "WE",
        Weekday::Thu => "TH",
        Weekday::Fri => "FR",
        Weekday::Sat => "SA",
        Weekday::Sun => "SU",
    }
}

/// The day or, where there is none of that number, the month's last one.
fn by_month_day(day: u8, or_last: bool) -> String {
    if !or_last {
        return format!(";BYMONTHDAY={day}");
    }
    let days = (28..=day).map(|day| day.to_string()).collect::<Vec<_>>();
    format!(";BYMONTHDAY={};BYSETPOS=-1", days.join(","))
}

fn counted(every: u16, unit: &str) -> String {
    if every == 1 { unit.to_owned() } else { format!("{every} {unit}s") }
}

/// `Monday, Wednesday and Friday`.
fn list(days: WeekdaySet) -> String {
    let names: Vec<String> = days
        .iter(Weekday::Mon)
        .map(|day| match day {
            Weekday::Mon => "Monday",
            Weekday::Tue => "Tuesday",
            Weekday::Wed => "Wednesday",
            Weekday::Thu => "Thursday",
            Weekday::Fri => "Friday",
            Weekday::Sat => "Saturday",
            Weekday::Sun => "Sunday",
        })
        .map(str::to_owned)
        .collect();
    match names.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => names.concat(),
    }
}

/// `1st`, `2nd`, `3rd`, `4th`.
fn ordinal(day: u8) -> String {
    let ending = match (day % 10, day / 10) {
        (_, 1) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{day}{ending}")
}

#[cfg(test)]
mod tests;
