mod properties;

use super::*;
use crate::time_zone::TimeZone;

const UTC: TimeZone = TimeZone::UTC;

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Parses for a task that is due on Friday, 27 November 2026.
fn parse(text: &str) -> Result<Repeat, String> {
    Repeat::parse(text, date("2026-11-27")).map_err(|error| {
        assert_eq!(error.field, "repeat");
        error.message
    })
}

/// What is said, what is stored, and what is shown.
const FORMS: &[(&str, &str, &str)] = &[
    ("daily", "FREQ=DAILY", "every day"),
    ("Every day", "FREQ=DAILY", "every day"),
    ("every 3 days", "FREQ=DAILY;INTERVAL=3", "every 3 days"),
    ("every three days", "FREQ=DAILY;INTERVAL=3", "every 3 days"),
    ("every other day", "FREQ=DAILY;INTERVAL=2", "every 2 days"),
    ("weekdays", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
    ("every weekday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
    ("each weekday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
    ("weekly", "FREQ=WEEKLY;BYDAY=FR", "every Friday"),
    ("every week", "FREQ=WEEKLY;BYDAY=FR", "every Friday"),
    ("weekly on tuesday", "FREQ=WEEKLY;BYDAY=TU", "every Tuesday"),
    ("every monday and thursday", "FREQ=WEEKLY;BYDAY=MO,TH", "every Monday and Thursday"),
    ("every mon & thu", "FREQ=WEEKLY;BYDAY=MO,TH", "every Monday and Thursday"),
    ("thu, mon", "FREQ=WEEKLY;BYDAY=MO,TH", "every Monday and Thursday"),
    ("on wednesdays", "FREQ=WEEKLY;BYDAY=WE", "every Wednesday"),
    ("every sun, mon and wed", "FREQ=WEEKLY;BYDAY=MO,WE,SU", "every Monday, Wednesday and Sunday"),
    ("every 2 weeks on friday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "every 2 weeks on Friday"),
    ("every other monday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "every 2 weeks on Monday"),
    ("every second monday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "every 2 weeks on Monday"),
    ("every 2nd monday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "every 2 weeks on Monday"),
    ("every second week on friday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "every 2 weeks on Friday"),
    ("each third day", "FREQ=DAILY;INTERVAL=3", "every 3 days"),
    ("every 3rd day", "FREQ=DAILY;INTERVAL=3", "every 3 days"),
    ("every other week", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "every 2 weeks on Friday"),
    ("fortnightly", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "every 2 weeks on Friday"),
    ("monthly", "FREQ=MONTHLY;BYMONTHDAY=27", "every month on the 27th"),
    ("every month on the 15th", "FREQ=MONTHLY;BYMONTHDAY=15", "every month on the 15th"),
    ("monthly on day 1", "FREQ=MONTHLY;BYMONTHDAY=1", "every month on the 1st"),
    ("every 2 months on the 22nd", "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=22", "every 2 months on the 22nd"),
    ("quarterly", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=27", "every 3 months on the 27th"),
    ("monthly on the 29th", "FREQ=MONTHLY;BYMONTHDAY=28,29;BYSETPOS=-1", "every month on the 29th"),
    ("monthly on the 30th", "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1", "every month on the 30th"),
    ("monthly on the 31st", "FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day"),
    ("last day of the month", "FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day"),
    (
        "every 2 months on the last day",
        "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=-1",
        "every 2 months on the last day",
    ),
    ("yearly", "FREQ=YEARLY;BYMONTH=11;BYMONTHDAY=27", "every year on 27 November"),
    ("every year on March 3rd", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=3", "every year on 3 March"),
    ("annually on the 3rd of march", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=3", "every year on 3 March"),
    (
        "yearly on 29 february",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1",
        "every year on 29 February",
    ),
    (
        "every 3 days after completion",
        "FREQ=DAILY;INTERVAL=3;X-FROM=COMPLETION",
        "every 3 days after completion",
    ),
    ("weekly from completion", "FREQ=WEEKLY;X-FROM=COMPLETION", "every week after completion"),
    ("monthly after completion", "FREQ=MONTHLY;X-FROM=COMPLETION", "every month after completion"),
    (
        "every 10 years after completion",
        "FREQ=YEARLY;INTERVAL=10;X-FROM=COMPLETION",
        "every 10 years after completion",
    ),
    (
        "weekdays after completion",
        "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;X-FROM=COMPLETION",
        "every weekday after completion",
    ),
    ("RRULE:FREQ=DAILY", "FREQ=DAILY", "every day"),
    (
        "rrule:freq=weekly;interval=2;byday=th,mo;wkst=mo",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
        "every 2 weeks on Monday and Thursday",
    ),
    ("FREQ=WEEKLY;WKST=SU", "FREQ=WEEKLY;BYDAY=FR", "every Friday"),
    ("FREQ=DAILY;BYDAY=FR,TH,WE,TU,MO;", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every weekday"),
    ("BYMONTHDAY=31;FREQ=MONTHLY", "FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day"),
    ("FREQ=MONTHLY", "FREQ=MONTHLY;BYMONTHDAY=27", "every month on the 27th"),
    ("FREQ=YEARLY;BYMONTH=3", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=27", "every year on 27 March"),
    (
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1",
        "every year on 29 February",
    ),
];

#[test]
fn words_and_rules_have_one_form() {
    for &(text, stored, words) in FORMS {
        let repeat = parse(text).unwrap();
        assert_eq!(repeat.to_text(), stored, "{text}");
        assert_eq!(repeat.in_words(), words, "{text}");
        assert_eq!(parse(stored).unwrap(), repeat, "{text}");
        assert_eq!(parse(words).unwrap(), repeat, "{text}");
    }
}

#[test]
fn a_day_that_is_not_said_is_that_of_the_due_date() {
    let on = |due: &str, text: &str| Repeat::parse(text, date(due)).unwrap().to_text();
    assert_eq!(on("2026-11-30", "weekly"), "FREQ=WEEKLY;BYDAY=MO");
    assert_eq!(on("2026-11-30", "monthly"), "FREQ=MONTHLY;BYMONTHDAY=28,29,30;BYSETPOS=-1");
    assert_eq!(on("2026-10-31", "monthly"), "FREQ=MONTHLY;BYMONTHDAY=-1");
    assert_eq!(on("2028-02-29", "yearly"), "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=28,29;BYSETPOS=-1");
}

/// What no repeat can hold.
const OUTSIDE: &[&str] = &[
    "",
    "sometimes",
    "every",
    "every 2",
    "every hour",
    "every 2 mondays",
    "every monday at",
    "and",
    "every &",
    "every month on the",
    "monthly on the 32nd",
    "monthly on the 0th",
    "monthly on the first monday",
    "yearly on 30 february",
    "yearly on 27",
    "after completion",
    "FREQ=HOURLY",
    "FREQ=",
    "INTERVAL=2",
    "FREQ=DAILY;COUNT=3",
    "FREQ=DAILY;UNTIL=20261231",
    "FREQ=DAILY;FREQ=WEEKLY",
    "FREQ=DAILY;BYDAY=MO",
    "FREQ=DAILY;INTERVAL=2;BYDAY=MO,TU,WE,TH,FR",
    "FREQ=WEEKLY;BYDAY=1MO",
    "FREQ=WEEKLY;BYDAY=",
    "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
    "FREQ=MONTHLY;BYDAY=1MO",
    "FREQ=MONTHLY;BYMONTHDAY=1,15",
    "FREQ=MONTHLY;BYMONTHDAY=-2",
    "FREQ=MONTHLY;BYMONTHDAY=15;BYSETPOS=1",
    "FREQ=MONTHLY;BYMONTHDAY=32",
    "FREQ=YEARLY;BYMONTHDAY=3",
    "FREQ=YEARLY;BYMONTH=13;BYMONTHDAY=1",
    "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=31",
    "FREQ=DAILY;X-FROM=DUE",
];

#[test]
fn what_lies_outside_is_refused_with_what_can_be_said() {
    for text in OUTSIDE {
        let message = parse(text).unwrap_err();
        assert!(message.starts_with("The repeat must be one of: daily, weekdays,"), "{text}: {message}");
    }
    for text in [
        "every 0 days",
        "every 366 days",
        "every 53 weeks",
        "every 13 months",
        "every 21 years",
        "every 9999 days",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=DAILY;INTERVAL=-1",
        "FREQ=DAILY;INTERVAL=99999999999",
    ] {
        let expected =
            "A task may repeat every 1 to 365 days, 1 to 52 weeks, 1 to 12 months or 1 to 20 years.";
        assert_eq!(parse(text).unwrap_err(), expected, "{text}");
    }
    for text in [
        "every friday after completion",
        "monthly on the 15th after completion",
        "last day of the month after completion",
        "FREQ=WEEKLY;BYDAY=FR;X-FROM=COMPLETION",
        "FREQ=YEARLY;BYMONTH=2;X-FROM=COMPLETION",
    ] {
        assert!(parse(text).unwrap_err().contains("it takes no day"), "{text}");
    }
}

#[test]
fn the_next_date() {
    for (text, due, done, next) in [
        ("daily", "2026-11-27", "2026-11-27", "2026-11-28"),
        ("daily", "2026-11-27", "2026-12-02", "2026-12-03"),
        ("daily", "2026-11-27", "2026-11-20", "2026-11-28"),
        ("every 3 days", "2026-11-27", "2026-11-27", "2026-11-30"),
        ("every 3 days", "2026-11-27", "2026-12-01", "2026-12-03"),
        ("every 3 days", "2026-11-27", "2026-11-30", "2026-12-03"),
        ("weekdays", "2026-11-27", "2026-11-27", "2026-11-30"),
        ("weekdays", "2026-11-26", "2026-11-28", "2026-11-30"),
        ("weekly", "2026-11-27", "2026-11-27", "2026-12-04"),
        ("weekly", "2026-11-27", "2026-11-25", "2026-12-04"),
        ("weekly", "2026-11-27", "2026-12-04", "2026-12-11"),
        ("every monday and friday", "2026-11-27", "2026-11-27", "2026-11-30"),
        ("every 2 weeks on monday and friday", "2026-11-27", "2026-11-27", "2026-12-07"),
        ("every 2 weeks on monday and friday", "2026-12-07", "2026-12-07", "2026-12-11"),
        ("every 2 weeks on friday", "2026-11-27", "2026-12-05", "2026-12-11"),
        ("monthly", "2026-11-27", "2026-11-27", "2026-12-27"),
        ("monthly on the 30th", "2027-01-30", "2027-01-30", "2027-02-28"),
        ("monthly on the 30th", "2027-02-28", "2027-02-28", "2027-03-30"),
        ("monthly on the 29th", "2028-01-29", "2028-01-29", "2028-02-29"),
        ("monthly on the 31st", "2027-03-31", "2027-03-31", "2027-04-30"),
        ("monthly on the 15th", "2026-11-27", "2026-11-27", "2026-12-15"),
        ("every 2 months on the last day", "2026-12-31", "2027-01-15", "2027-02-28"),
        ("yearly on 29 february", "2028-02-29", "2028-02-29", "2029-02-28"),
        ("yearly on 29 february", "2031-02-28", "2031-02-28", "2032-02-29"),
        ("yearly on 1 december", "2026-11-27", "2026-11-27", "2026-12-01"),
        ("yearly on 1 march", "2026-11-27", "2026-11-27", "2027-03-01"),
        ("every 2 years on 1 march", "2026-11-27", "2026-11-27", "2028-03-01"),
        ("yearly", "2020-11-27", "2026-11-27", "2027-11-27"),
        ("every 3 days after completion", "2026-11-27", "2026-12-02", "2026-12-05"),
        ("every 3 days after completion", "2026-11-27", "2026-11-20", "2026-11-23"),
        ("every 2 weeks after completion", "2026-11-27", "2026-11-25", "2026-12-09"),
        ("monthly after completion", "2026-11-27", "2027-01-31", "2027-02-28"),
        ("yearly after completion", "2026-11-27", "2028-02-29", "2029-02-28"),
        ("weekdays after completion", "2026-11-20", "2026-11-27", "2026-11-30"),
        ("weekdays after completion", "2026-11-20", "2026-11-29", "2026-11-30"),
    ] {
        let repeat = Repeat::parse(text, date(due)).unwrap();
        let found = repeat.next(Due::on(date(due), UTC), date(done));
        assert_eq!(found, Some(Due::on(date(next), UTC)), "{text}, due {due}, done {done}");
    }
}

#[test]
fn the_time_of_day_and_the_zone_stay() {
    let zone = TimeZone::parse("Europe/Berlin").unwrap();
    let due = Due::parse("2026-10-24T09:00", zone).unwrap();
    let next = parse("daily").unwrap().next(due, due.date).unwrap();
    assert_eq!((next.to_text().as_str(), next.zone), ("2026-10-25T09:00", zone));
}

#[test]
fn a_series_ends_with_the_calendar() {
    let last = Due::on(date("9999-12-31"), UTC);
    for text in ["daily", "weekdays", "weekly", "monthly", "yearly", "monthly after completion"] {
        assert_eq!(parse(text).unwrap().next(last, last.date), None, "{text}");
        assert_eq!(parse(text).unwrap().next(last, NaiveDate::MAX), None, "{text}");
    }
    let november = Due::on(date("9999-11-30"), UTC);
    assert_eq!(parse("last day of the month").unwrap().next(november, november.date), Some(last));
}

#[test]
fn the_first_date_is_the_given_one_if_the_rule_has_it_and_else_the_next() {
    let cases = [
        ("every 2 weeks on monday and friday", "2027-01-04", "2027-01-04"),
        ("every 2 weeks on monday and friday", "2027-01-08", "2027-01-08"),
        ("every 2 weeks on monday and friday", "2027-01-05", "2027-01-08"),
        ("every 2 weeks on monday", "2027-01-05", "2027-01-18"),
        ("weekdays", "2027-01-04", "2027-01-04"),
        ("weekdays", "2027-01-02", "2027-01-04"),
        ("every 2 months on the 1st", "2027-01-01", "2027-01-01"),
        ("every 2 months on the 15th", "2027-01-20", "2027-03-15"),
        ("every 3 months on the 30th", "2027-02-28", "2027-02-28"),
        ("every 2 months on the last day", "2027-02-28", "2027-02-28"),
        ("every 2 years on 1 january", "2027-01-01", "2027-01-01"),
        ("every year on 29 february", "2027-02-28", "2027-02-28"),
        ("every year on 1 march", "2027-02-28", "2027-03-01"),
        ("every 3 days", "2027-01-05", "2027-01-05"),
    ];
    for (rule, due, first) in cases {
        let due = due.parse().unwrap();
        let repeat = Repeat::parse(rule, due).unwrap();
        let due = Due::on(due, TimeZone::UTC);
        assert_eq!(repeat.first(due).date, first.parse::<NaiveDate>().unwrap(), "{rule} from {due:?}");
    }
}
