//! Rules at random: against the crate `rrule`, read back from what they are written as, and never a panic.

use chrono::{NaiveTime, TimeDelta};
use proptest::prelude::*;
use rrule::RRuleSet;

use super::*;

fn any_days() -> impl Strategy<Value = WeekdaySet> {
    let all =
        [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
    prop::sample::subsequence(all.to_vec(), 1..=7).prop_map(|days| days.into_iter().collect())
}

fn any_rule() -> impl Strategy<Value = RepeatRule> {
    prop_oneof![
        (1..=365_u16).prop_map(|every| RepeatRule::Daily { every }),
        Just(RepeatRule::Weekdays),
        (1..=52_u16, any_days()).prop_map(|(every, days)| RepeatRule::Weekly { every, days }),
        (1..=4_u16, any_days()).prop_map(|(every, days)| RepeatRule::Weekly { every, days }),
        (1..=12_u16, 1..=31_u8).prop_map(|(every, day)| RepeatRule::MonthlyOnDay { every, day }),
        (1..=12_u16).prop_map(|every| RepeatRule::MonthlyLastDay { every }),
        (1..=20_u16, 0..366_u64).prop_map(|(every, day)| {
            let date = date("2024-01-01") + Days::new(day);
            RepeatRule::Yearly { every, month: date.month() as u8, day: date.day() as u8 }
        }),
    ]
}

fn any_repeat() -> impl Strategy<Value = Repeat> {
    (any_rule(), prop::sample::select(vec![RepeatFrom::DueDate, RepeatFrom::Completion]))
        .prop_map(|(rule, from)| Repeat::new(rule, from))
}

/// A day from 1990 to 2099.
fn any_date() -> impl Strategy<Value = NaiveDate> {
    (0..40_000_u64).prop_map(|days| date("1990-01-01") + Days::new(days))
}

/// The first occurrence after `after` by the crate `rrule`.
fn by_rrule(rule: &str, due: NaiveDate, after: NaiveDate) -> NaiveDate {
    let series: RRuleSet = format!("DTSTART:{}\nRRULE:{rule}", due.format("%Y%m%dT000000Z")).parse().unwrap();
    series.into_iter().map(|time| time.date_naive()).find(|date| *date > after).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(4000) })]

    #[test]
    fn dates_are_those_of_the_crate_rrule(rule in any_rule(), due in any_date(), late in -30..800_i64) {
        let repeat = Repeat::new(rule, RepeatFrom::DueDate);
        let today = due + TimeDelta::days(late);
        let next = repeat.next(Due::on(due, UTC), today).unwrap().date;
        prop_assert_eq!(next, by_rrule(&repeat.to_rrule(), due, due.max(today)), "{}", repeat.to_rrule());
    }

    #[test]
    fn text_and_words_are_read_back(repeat in any_repeat(), due in any_date()) {
        prop_assert_eq!(&Repeat::parse(&repeat.to_text(), due), &Ok(repeat));
        prop_assert_eq!(&Repeat::parse(&repeat.in_words(), due), &Ok(repeat));
        prop_assert_eq!(&Repeat::parse(&format!("RRULE:{}", repeat.to_text().to_lowercase()), due), &Ok(repeat));
    }

    /// A task that has been done is not overdue by its next date.
    #[test]
    fn the_next_date_is_after_today(repeat in any_repeat(), due in any_date(), today in any_date()) {
        let time = NaiveTime::from_hms_opt(9, 0, 0);
        let due = Due { date: due, time, zone: UTC };
        let next = repeat.next(due, today).unwrap();
        prop_assert!(next.date > today);
        prop_assert!(repeat.from == RepeatFrom::Completion || next.date > due.date);
        prop_assert_eq!((next.time, next.zone), (due.time, due.zone));
    }

    #[test]
    fn no_text_is_a_panic(text in "(every|FREQ=DAILY;|weekly|on|after completion|\\PC{0,9}| |[0-9]{1,9}|;|=){0,6}") {
        if let Ok(repeat) = Repeat::parse(&text, date("2026-11-27")) {
            prop_assert_eq!(&Repeat::parse(&repeat.to_text(), date("2026-11-27")), &Ok(repeat));
        }
    }

    /// Fields are public, and whatever they hold is no panic.
    #[test]
    fn no_number_is_a_panic(every: u16, month: u8, day: u8, ends in (0..4_usize, 0..4_usize)) {
        let ends_of_time = [NaiveDate::MIN, date("1900-01-01"), date("9999-12-31"), NaiveDate::MAX];
        let (due, today) = (ends_of_time[ends.0], ends_of_time[ends.1]);
        for rule in [
            RepeatRule::Daily { every },
            RepeatRule::Weekdays,
            RepeatRule::Weekly { every, days: WeekdaySet::EMPTY },
            RepeatRule::Weekly { every, days: WeekdaySet::ALL },
            RepeatRule::MonthlyOnDay { every, day },
            RepeatRule::MonthlyLastDay { every },
            RepeatRule::Yearly { every, month, day },
        ] {
            for from in [RepeatFrom::DueDate, RepeatFrom::Completion] {
                let repeat = Repeat { rule, from };
                let next = repeat.next(Due::on(due, UTC), today);
                prop_assert!(next.is_none_or(|next| YEARS.contains(&next.date.year())));
                repeat.to_text();
                repeat.in_words();
            }
        }
    }
}
