use proptest::prelude::*;

use super::*;

const UTC: TimeZone = TimeZone::UTC;

fn zone(name: &str) -> TimeZone {
    TimeZone::parse(name).unwrap()
}

fn due(text: &str, zone: TimeZone) -> Due {
    Due::parse(text, zone).unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The wall clock of `name` shows `wall`.
fn at(wall: &str, name: &str) -> LocalNow {
    let zone = zone(name);
    LocalNow { zone, now: due(wall, zone).instant().unwrap() }
}

#[test]
fn a_day_and_a_day_with_a_time_are_read() {
    for (text, canonical) in [
        ("2026-11-27", "2026-11-27"),
        ("2026-11-27T09:00", "2026-11-27T09:00"),
        ("2026-11-27 09:00", "2026-11-27T09:00"),
        ("2026-11-27T09:00:59", "2026-11-27T09:00"),
        ("2024-02-29", "2024-02-29"),
        (" 1900-01-01T00:00 ", "1900-01-01T00:00"),
        ("9999-12-31T23:59", "9999-12-31T23:59"),
    ] {
        assert_eq!(due(text, UTC).to_text(), canonical);
    }
    assert_eq!(due("2026-11-27", UTC), Due::on(date("2026-11-27"), UTC));
}

#[test]
fn anything_else_is_refused_with_the_two_forms() {
    for text in [
        "",
        "tomorrow",
        "2026-11-31",
        "2026-02-29",
        "2026-13-01",
        "2026-1-2",
        "26-11-27",
        "+2026-11-27",
        "2026-11-27T",
        "2026-11-27T9:00",
        "2026-11-27T24:00",
        "2026-11-27T09:60",
        "2026-11-27T09:00:60",
        "2026-11-27T09:00:00.000",
        "2026-11-27T09:00:0é",
        "2026-11-27  09:00",
        "2026-11-27T09",
        "2026-11-27-01",
        "２０２６-11-27",
    ] {
        let refused = Due::parse(text, UTC).unwrap_err();
        let expected = "The due date must be written as 2026-11-27 or 2026-11-27T09:00.";
        assert_eq!((refused.field, refused.message.as_str()), ("due", expected), "{text:?}");
    }
}

#[test]
fn an_offset_is_refused_because_it_would_be_dropped() {
    for text in [
        "2026-11-27T09:00Z",
        "2026-11-27T09:00:00z",
        "2026-11-27T09:00:00.000Z",
        "2026-11-27T09:00+01:00",
        "2026-11-27 09:00 -0500",
    ] {
        let message = Due::parse(text, UTC).unwrap_err().message;
        let expected = "Send the due time as local time without an offset, for example 2026-11-27T09:00.";
        assert_eq!(message, expected, "{text}");
    }
}

#[test]
fn what_is_no_date_is_not_taken_for_one_with_an_offset() {
    for text in ["yesterday-ish", "next tue-thu", "at 5-6"] {
        let message = Due::parse(text, UTC).unwrap_err().message;
        assert_eq!(message, "The due date must be written as 2026-11-27 or 2026-11-27T09:00.", "{text}");
    }
}

#[test]
fn years_are_bounded() {
    for text in ["1899-12-31", "0000-01-01", "0026-11-27T09:00"] {
        let message = Due::parse(text, UTC).unwrap_err().message;
        assert_eq!(message, "The year of the due date must lie between 1900 and 9999.", "{text}");
    }
}

#[test]
fn a_time_of_day_is_an_instant_in_its_zone() {
    let instant = |text, name| due(text, zone(name)).instant().map(|t| t.to_rfc3339());
    assert_eq!(instant("2026-11-27T09:00", "Europe/Berlin").unwrap(), "2026-11-27T08:00:00+00:00");
    assert_eq!(instant("2026-07-27T09:00", "Europe/Berlin").unwrap(), "2026-07-27T07:00:00+00:00");
    assert_eq!(instant("2026-11-27T09:00", "America/New_York").unwrap(), "2026-11-27T14:00:00+00:00");
    assert_eq!(instant("2026-11-27", "Europe/Berlin"), None);
}

#[test]
fn a_day_is_overdue_when_it_is_over_where_the_person_is() {
    let friday = due("2026-11-27", zone("Europe/Berlin"));
    assert!(!friday.is_overdue(at("2026-11-27T23:59", "Europe/Berlin")));
    assert!(friday.is_overdue(at("2026-11-28T00:00", "Europe/Berlin")));
    // The person has travelled; the day on the task stays.
    assert!(!friday.is_overdue(at("2026-11-27T23:59", "Pacific/Honolulu")));
    assert!(friday.is_overdue(at("2026-11-28T00:00", "Pacific/Auckland")));
}

#[test]
fn a_time_is_overdue_once_its_instant_has_passed() {
    let nine = due("2026-11-27T09:00", zone("Europe/Berlin"));
    assert!(!nine.is_overdue(at("2026-11-27T08:59", "Europe/Berlin")));
    assert!(!nine.is_overdue(at("2026-11-27T09:00", "Europe/Berlin")));
    assert!(nine.is_overdue(at("2026-11-27T09:01", "Europe/Berlin")));
    assert!(!nine.is_overdue(at("2026-11-27T03:00", "America/New_York")));
    assert!(nine.is_overdue(at("2026-11-27T03:01", "America/New_York")));
}

#[test]
fn a_due_date_in_words() {
    let today = date("2026-11-28");
    for (text, words) in [
        ("2026-11-27", "Friday, 27 November"),
        ("2026-11-27T09:00", "Friday, 27 November, 9:00"),
        ("2026-11-28T00:05", "Saturday, 28 November, 0:05"),
        ("2027-01-01T18:30", "Friday, 1 January 2027, 18:30"),
        ("2025-11-27", "Thursday, 27 November 2025"),
    ] {
        assert_eq!(due(text, UTC).in_words(today), words);
    }
}

#[test]
fn days_come_in_order_and_those_without_a_time_last() {
    let mut texts = ["2026-11-28", "2026-11-27", "2026-11-27T23:59", "2026-11-28T00:00"];
    texts.sort_by_key(|text| due(text, UTC).sort_key());
    assert_eq!(texts, ["2026-11-27T23:59", "2026-11-27", "2026-11-28T00:00", "2026-11-28"]);
}

/// Which of these a range selects on Saturday, 28 November 2026, at noon in Berlin.
fn selected(range: DueRange) -> Vec<&'static str> {
    let texts = [
        "2026-11-27",
        "2026-11-28",
        "2026-11-28T11:59",
        "2026-11-28T12:01",
        "2026-11-29",
        "2026-11-30T08:00",
        "2026-12-05",
        "2026-12-06",
    ];
    let local = at("2026-11-28T12:00", "Europe/Berlin");
    assert_eq!(range.matches(None, local), range == DueRange::Undated);
    texts.into_iter().filter(|text| range.matches(Some(&due(text, local.zone)), local)).collect()
}

#[test]
fn a_range_selects_by_the_day_on_the_task() {
    let between = |from: &str, to: &str| DueRange::Between { from: from.parse().ok(), to: to.parse().ok() };
    assert_eq!(selected(DueRange::Today), ["2026-11-28", "2026-11-28T11:59", "2026-11-28T12:01"]);
    assert_eq!(selected(DueRange::Tomorrow), ["2026-11-29"]);
    assert_eq!(selected(DueRange::Overdue), ["2026-11-27", "2026-11-28T11:59"]);
    assert_eq!(
        selected(DueRange::Week(WeekStart::Monday)),
        ["2026-11-28", "2026-11-28T11:59", "2026-11-28T12:01", "2026-11-29"]
    );
    assert_eq!(selected(DueRange::Week(WeekStart::Sunday)), selected(DueRange::Today));
    assert_eq!(
        selected(DueRange::Week(WeekStart::Saturday)),
        ["2026-11-28", "2026-11-28T11:59", "2026-11-28T12:01", "2026-11-29", "2026-11-30T08:00"]
    );
    assert_eq!(
        selected(between("2026-11-29", "2026-12-05")),
        ["2026-11-29", "2026-11-30T08:00", "2026-12-05"]
    );
    assert_eq!(selected(between("2026-12-05", "")), ["2026-12-05", "2026-12-06"]);
    assert_eq!(selected(between("", "2026-11-27")), ["2026-11-27"]);
    assert_eq!(selected(between("", "")).len(), 8, "all that have a date");
    assert_eq!(selected(between("2026-12-06", "2026-12-05")), [""; 0]);
    assert_eq!(selected(DueRange::Undated), [""; 0]);
}

#[test]
fn the_end_of_the_calendar_is_no_panic() {
    let local = LocalNow { zone: UTC, now: DateTime::<Utc>::MAX_UTC };
    for range in [DueRange::Today, DueRange::Tomorrow, DueRange::Week(WeekStart::Sunday)] {
        assert!(!range.matches(Some(&due("9999-12-31", UTC)), local));
    }
}

proptest! {
    #[test]
    fn text_is_read_back(days in 0..2_958_463_u64, minutes in proptest::option::of(0..1440_u32)) {
        let date = date("1900-01-01") + Days::new(days);
        let time = minutes.map(|m| NaiveTime::from_hms_opt(m / 60, m % 60, 0).unwrap());
        let due = Due { date, time, zone: UTC };
        prop_assert_eq!(Due::parse(&due.to_text(), UTC).unwrap(), due);
    }

    #[test]
    fn no_text_is_a_panic(text in "\\PC{0,24}|[0-9:T Z+-]{0,24}") {
        if let Ok(due) = Due::parse(&text, UTC) {
            prop_assert_eq!(Due::parse(&due.to_text(), UTC).unwrap(), due);
        }
    }
}
