mod hours_without_am_pm;

use proptest::prelude::*;

use super::*;
use crate::time_zone::TimeZone;

/// The clock in the zone shows `wall`.
fn at(wall: &str, zone: &str) -> LocalNow {
    let zone = TimeZone::parse(zone).unwrap();
    LocalNow { zone, now: Due::parse(wall, zone).unwrap().instant().unwrap() }
}

/// What `text` means at `local`, as [`Due::to_text`] writes it; "" when nothing.
fn meant(text: &str, local: LocalNow) -> String {
    resolve(text, local).map(Due::to_text).unwrap_or_default()
}

#[track_caller]
fn check(local: LocalNow, table: &[(&str, &str)]) {
    for (text, due) in table {
        assert_eq!(&meant(text, local), due, "{text:?}");
        assert_eq!(&meant(&text.to_uppercase(), local), due, "{text:?} in upper case");
    }
}

/// Wednesday, 25 November 2026, noon. It is the 48th week of the year.
fn wednesday() -> LocalNow {
    at("2026-11-25T12:00", "Europe/Berlin")
}

#[test]
fn days_by_their_relation_to_today() {
    check(
        wednesday(),
        &[
            ("today", "2026-11-25"),
            ("tomorrow", "2026-11-26"),
            ("  Tomorrow ", "2026-11-26"),
            ("by tomorrow", "2026-11-26"),
            ("yesterday", "2026-11-24"),
            ("day after tomorrow", "2026-11-27"),
            ("the day after tomorrow", "2026-11-27"),
            ("in 1 day", "2026-11-26"),
            ("in three days", "2026-11-28"),
            ("in 10 days", "2026-12-05"),
            ("in a week", "2026-12-02"),
            ("in 2 weeks", "2026-12-09"),
            ("in 1 month", "2026-12-25"),
            ("in 3 months", "2027-02-25"),
            ("in a year", "2027-11-25"),
            ("in 3 days at 9", "2026-11-28T09:00"),
            ("in 0 days", "2026-11-25"),
            ("next week", "2026-11-30"),
            ("next month", "2026-12-01"),
            ("next year", "2027-01-01"),
            ("end of month", "2026-11-30"),
            ("end of the month", "2026-11-30"),
            ("end of this month", "2026-11-30"),
            ("end of next month", "2026-12-31"),
            ("end of the year", "2026-12-31"),
            ("end of day", "2026-11-25"),
            ("weekend", "2026-11-28"),
            ("this weekend", "2026-11-28"),
            ("on the weekend", "2026-11-28"),
            ("next weekend", "2026-12-05"),
        ],
    );
}

#[test]
fn weekdays() {
    check(
        wednesday(),
        &[
            ("thursday", "2026-11-26"),
            ("fri", "2026-11-27"),
            ("on friday", "2026-11-27"),
            ("this friday", "2026-11-27"),
            ("Fri.", "2026-11-27"),
            ("tues", "2026-12-01"),
            ("wednesday", "2026-12-02"),
            ("monday", "2026-11-30"),
            ("next monday", "2026-11-30"),
            ("next wednesday", "2026-12-02"),
            ("next friday", "2026-12-04"),
            ("next sunday", "2026-12-06"),
            ("friday next week", "2026-12-04"),
            ("on thursday next week at 9", "2026-12-03T09:00"),
            ("by next mon", "2026-11-30"),
        ],
    );
    let sunday = at("2026-11-29T12:00", "Europe/Berlin");
    check(
        sunday,
        &[
            ("sunday", "2026-12-06"),
            ("next sunday", "2026-12-06"),
            ("next monday", "2026-11-30"),
            ("weekend", "2026-11-29"),
            ("next weekend", "2026-12-05"),
            ("next week", "2026-11-30"),
        ],
    );
    check(
        at("2026-11-30T12:00", "Europe/Berlin"),
        &[("next monday", "2026-12-07"), ("monday", "2026-12-07")],
    );
}

#[test]
fn dates() {
    check(
        wednesday(),
        &[
            ("2026-11-27", "2026-11-27"),
            ("2026-11-27T09:00", "2026-11-27T09:00"),
            ("2026-11-27 at 9", "2026-11-27T09:00"),
            ("on 2026-11-27", "2026-11-27"),
            ("27 November", "2026-11-27"),
            ("25 November", "2026-11-25"),
            ("24 November", "2027-11-24"),
            ("27 nov at 9", "2026-11-27T09:00"),
            ("27th of November", "2026-11-27"),
            ("27. November", "2026-11-27"),
            ("Nov 27", "2026-11-27"),
            ("Nov. 27th", "2026-11-27"),
            ("november the 27th", "2026-11-27"),
            ("November 27, 2027", "2027-11-27"),
            ("27 Nov 2025", "2025-11-27"),
            ("Sept 1", "2027-09-01"),
            ("may 5", "2027-05-05"),
            ("27.11.", "2026-11-27"),
            ("27.11. 9:30", "2026-11-27T09:30"),
            ("1.2.2027", "2027-02-01"),
            ("the 25th", "2026-11-25"),
            ("on the 1st", "2026-12-01"),
            ("the 31st", "2026-12-31"),
            ("29 February", "2028-02-29"),
            ("29.02.", "2028-02-29"),
        ],
    );
}

#[test]
fn times_alone_are_the_next_such_time() {
    check(
        wednesday(),
        &[
            ("at 13", "2026-11-25T13:00"),
            ("at 9", "2026-11-26T09:00"),
            ("at 12", "2026-11-25T12:00"),
            ("at 11:59", "2026-11-26T11:59"),
            ("9am", "2026-11-26T09:00"),
            ("9 pm", "2026-11-25T21:00"),
            ("by 9pm", "2026-11-25T21:00"),
            ("9:30 p.m.", "2026-11-25T21:30"),
            ("12am", "2026-11-26T00:00"),
            ("12:30pm", "2026-11-25T12:30"),
            ("09:00", "2026-11-26T09:00"),
            ("18:05", "2026-11-25T18:05"),
            ("9 o'clock", "2026-11-26T09:00"),
            ("at 9 o'clock", "2026-11-26T09:00"),
            ("noon", "2026-11-25T12:00"),
            ("midnight", "2026-11-26T00:00"),
            ("morning", "2026-11-26T09:00"),
            ("in the morning", "2026-11-26T09:00"),
            ("in the afternoon", "2026-11-25T15:00"),
            ("evening", "2026-11-25T18:00"),
            ("in 5 minutes", "2026-11-25T12:05"),
            ("in an hour", "2026-11-25T13:00"),
            ("in 36 hours", "2026-11-27T00:00"),
            ("in 90 mins", "2026-11-25T13:30"),
        ],
    );
}

#[test]
fn days_with_times() {
    check(
        wednesday(),
        &[
            ("tonight", "2026-11-25T20:00"),
            ("tonight at 9", "2026-11-25T21:00"),
            ("at 9:30 tonight", "2026-11-25T21:30"),
            ("tonight at 12", "2026-11-26T00:00"),
            ("tonight at midnight", "2026-11-26T00:00"),
            ("tomorrow at 9", "2026-11-26T09:00"),
            ("at 9 tomorrow", "2026-11-26T09:00"),
            ("tomorrow, 9:00", "2026-11-26T09:00"),
            ("tomorrow noon", "2026-11-26T12:00"),
            ("tomorrow morning", "2026-11-26T09:00"),
            ("tomorrow morning at 8", "2026-11-26T08:00"),
            ("tomorrow at 8 in the evening", "2026-11-26T20:00"),
            ("tomorrow night", "2026-11-26T20:00"),
            ("this evening", "2026-11-25T18:00"),
            ("this evening at 7", "2026-11-25T19:00"),
            ("this morning", "2026-11-25"),
            ("today at 9", "2026-11-25T09:00"),
            ("friday 9am", "2026-11-27T09:00"),
            ("friday at midnight", "2026-11-28T00:00"),
            ("friday 0:00", "2026-11-27T00:00"),
            ("9am on friday", "2026-11-27T09:00"),
            ("friday at 3 in the afternoon", "2026-11-27T15:00"),
            ("next week at 10:15", "2026-11-30T10:15"),
            ("end of month, 17:00", "2026-11-30T17:00"),
            ("weekend afternoon", "2026-11-28T15:00"),
        ],
    );
}

#[test]
fn what_is_ambiguous_or_unknown_is_no_day() {
    let none = [
        "",
        " ",
        "11/27",
        "2026/11/27",
        "27.11",
        "9",
        "tomorrow 9",
        "9.30",
        "soon",
        "someday",
        "this week",
        "end of week",
        "november",
        "november 2026",
        "27 nov 26",
        "31 november",
        "31.11.",
        "30 February",
        "2026-11-27T09:00Z",
        "2026-11-27T09:00+01:00",
        "13pm",
        "0am",
        "25:00",
        "at 24",
        "9:5",
        "9:60",
        "tomorrow today",
        "tomorrow friday",
        "at 9 at 10",
        "in 2 hours at 9",
        "tomorrow in 2 hours",
        "tomorrow morning evening",
        "tonight at 9am",
        "tonight this morning",
        "tonight at 2",
        "tomorrow at",
        "on",
        "next",
        "in",
        "in days",
        "in 5",
        "in -3 days",
        "in 99999 days",
        "in 9000 years",
        "in 9999 months at",
        "1500-01-01",
        "27 november 1500",
        "32nd",
        "0th",
    ];
    for text in none {
        assert_eq!(meant(text, wednesday()), "", "{text:?}");
    }
    assert_eq!(meant(&" tomorrow".repeat(30), wednesday()), "");
}

#[test]
fn months_end_where_they_end() {
    check(
        at("2027-01-31T12:00", "UTC"),
        &[
            ("in 1 month", "2027-02-28"),
            ("in 13 months", "2028-02-29"),
            ("next month", "2027-02-01"),
            ("the 30th", "2027-03-30"),
            ("end of next month", "2027-02-28"),
        ],
    );
    check(at("2028-02-29T12:00", "UTC"), &[("in a year", "2029-02-28"), ("29 February", "2028-02-29")]);
    // 2100 is no leap year.
    check(at("2096-03-01T12:00", "UTC"), &[("29 February", "2104-02-29")]);
    check(at("2026-12-31T12:00", "UTC"), &[("tomorrow", "2027-01-01"), ("end of month", "2026-12-31")]);
}

/// The same instant: half past midnight on Thursday in Auckland, half past one on Wednesday in Honolulu.
#[test]
fn today_is_the_day_where_the_person_is() {
    let auckland = at("2026-11-26T00:30", "Pacific/Auckland");
    check(
        auckland,
        &[
            ("today", "2026-11-26"),
            ("tomorrow", "2026-11-27"),
            ("thursday", "2026-12-03"),
            ("friday", "2026-11-27"),
            ("tonight", "2026-11-26T20:00"),
            ("at 0:15", "2026-11-27T00:15"),
            ("in 12 hours", "2026-11-26T12:30"),
        ],
    );
    let honolulu = LocalNow { now: auckland.now, zone: TimeZone::parse("Pacific/Honolulu").unwrap() };
    check(
        honolulu,
        &[
            ("today", "2026-11-25"),
            ("tomorrow", "2026-11-26"),
            ("thursday", "2026-11-26"),
            ("friday", "2026-11-27"),
            ("tonight", "2026-11-25T20:00"),
            ("at 0:15", "2026-11-26T00:15"),
            ("in 12 hours", "2026-11-25T13:30"),
        ],
    );
    check(
        at("2026-11-25T23:59", "Pacific/Honolulu"),
        &[("tonight", "2026-11-25"), ("noon", "2026-11-26T12:00")],
    );
}

#[test]
fn hours_pass_across_a_change_of_the_clock() {
    let before = at("2026-10-25T01:30", "Europe/Berlin");
    check(before, &[("in 3 hours", "2026-10-25T03:30"), ("in 1 day", "2026-10-26")]);
    let before = at("2026-03-29T01:30", "Europe/Berlin");
    check(before, &[("in 1 hour", "2026-03-29T03:30")]);
}

/// Texts that are nearly days.
fn nearly() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "today",
        "tomorrow",
        "tonight",
        "in",
        "next",
        "this",
        "end",
        "of",
        "the",
        "on",
        "at",
        "by",
        "week",
        "month",
        "months",
        "days",
        "hours",
        "years",
        "monday",
        "nov",
        "feb",
        "29",
        "31",
        "9999",
        "27.11.",
        "a",
        "15th",
        "9am",
        "12",
        "pm",
        "9:30",
        "midnight",
        "morning",
        "evening",
        "weekend",
        "2026-11-27",
        "ſ",
        "",
    ]);
    prop::collection::vec(word, 0..6).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn no_text_is_a_panic(text in prop_oneof![nearly(), "\\PC{0,40}"], days in -25_567_i64..2_932_896) {
        let now = wednesday().now + TimeDelta::days(days - 20_782);
        for zone in ["Pacific/Apia", "Pacific/Honolulu"] {
            let local = LocalNow { zone: TimeZone::parse(zone).unwrap(), now };
            if let Some(due) = resolve(&text, local) {
                prop_assert_eq!(Due::parse(&due.to_text(), due.zone).unwrap(), due);
            }
        }
    }
}
