//! Dates in the arguments of tools that only read.

use super::*;

#[test]
fn days_of_what_is_over_are_looked_for_in_the_past() {
    // A Wednesday.
    let now = "2026-12-02T10:00:00Z".parse().unwrap();
    let time = PersonalTime::utc(now);
    let since = |text: &str| {
        let arguments = Map::from_iter([("since".to_owned(), json!(text))]);
        match decode("list_changes", arguments, time).unwrap() {
            TodoCommand::Changes(filter) => filter.from.unwrap().date_naive().to_string(),
            other => panic!("it looks: {other:?}"),
        }
    };
    for (text, day) in [
        ("monday", "2026-11-30"),
        ("wednesday", "2026-11-25"),
        ("friday", "2026-11-27"),
        ("27 november", "2026-11-27"),
        ("1 january", "2026-01-01"),
        ("yesterday", "2026-12-01"),
        ("this week", "2026-11-30"),
        ("2026-11-03", "2026-11-03"),
        // What is to come is what was said.
        ("tomorrow", "2026-12-03"),
        ("2027-01-01", "2027-01-01"),
    ] {
        assert_eq!(since(text), day, "{text}");
    }
    let done_since = |text: &str| {
        let arguments = Map::from_iter([("done_since".to_owned(), json!(text))]);
        match decode("list_tasks", arguments, time).unwrap() {
            TodoCommand::List(filter) => filter.completed_since.unwrap().date_naive().to_string(),
            other => panic!("it looks: {other:?}"),
        }
    };
    assert_eq!((done_since("monday"), done_since("this week")), ("2026-11-30".into(), "2026-11-30".into()));
}

#[test]
fn a_time_of_day_is_read_in_a_filter_as_it_is_in_a_task() {
    let time = PersonalTime::utc(DateTime::UNIX_EPOCH);
    let arguments = Map::from_iter([("due".to_owned(), json!("2026-11-27T09:00"))]);
    assert!(decode("list_tasks", arguments, time).is_ok());
}
