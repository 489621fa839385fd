//! A repeat as entered; its day may be left to the task.

use chrono::{Datelike, NaiveDate, WeekdaySet};

use super::{Repeat, RepeatRule};

/// A repeat, and how much of its day was stated with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepeatInput {
    /// With the day of some date where none was stated.
    pub(super) repeat: Repeat,
    pub(super) stated: StatedDay,
}

/// How much of its day a repeat says itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StatedDay {
    /// None of it, or its rule has no day.
    Nothing,
    /// The month of the year.
    Month,
    /// All of it.
    Day,
}

impl RepeatInput {
    /// The repeat of a task that is due on this date.
    pub fn for_due_date(self, due: NaiveDate) -> Repeat {
        use RepeatRule::{MonthlyLastDay, MonthlyOnDay, Weekly, Yearly};
        let Repeat { rule, from } = self.repeat;
        let day = u8::try_from(due.day()).unwrap_or(1);
        let rule = match (self.stated, rule) {
            (StatedDay::Nothing, Weekly { every, .. }) => {
                Weekly { every, days: WeekdaySet::single(due.weekday()) }
            }
            (StatedDay::Nothing, MonthlyOnDay { every, .. } | MonthlyLastDay { every }) => {
                MonthlyOnDay { every, day }
            }
            (StatedDay::Nothing, Yearly { every, .. }) => {
                Yearly { every, month: u8::try_from(due.month()).unwrap_or(1), day }
            }
            (StatedDay::Month, Yearly { every, month, .. }) => {
                Yearly { every, month, day: day.min(days_in_month(month)) }
            }
            (_, rule) => rule,
        };
        Repeat::new(rule, from)
    }
}

/// The days of a month, in a leap year.
pub(super) fn days_in_month(month: u8) -> u8 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// What was parsed on one day is, on another, what it would be if it were parsed then.
    #[test]
    fn a_day_that_was_not_said_is_that_of_the_task() {
        for text in [
            "daily",
            "weekdays",
            "weekly",
            "weekly on tuesday",
            "every 2 weeks",
            "monthly",
            "monthly on the 15th",
            "monthly on the 31st",
            "quarterly",
            "yearly",
            "yearly on 29 february",
            "FREQ=YEARLY;BYMONTH=2",
            "FREQ=MONTHLY",
            "FREQ=WEEKLY;BYDAY=MO,FR",
            "every 2 months after completion",
            "weekly after completion",
        ] {
            for parsed_on in ["2026-11-27", "2027-01-31", "2028-02-29"] {
                let stated = RepeatInput::parse(text, date(parsed_on)).unwrap();
                for due in ["2026-12-05", "2027-01-31", "2028-02-29"] {
                    let expected = Repeat::parse(text, date(due)).unwrap();
                    assert_eq!(stated.for_due_date(date(due)), expected, "{text} on {parsed_on}, due {due}");
                }
            }
        }
        let february = Repeat::parse("FREQ=YEARLY;BYMONTH=2", date("2027-01-31")).unwrap();
        assert_eq!(february.rule, RepeatRule::Yearly { every: 1, month: 2, day: 29 });
    }
}
