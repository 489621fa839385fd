use chrono::{DateTime, Utc};
use domain::{
    account::UserId,
    due::Due,
    priority::Priority,
    repeat::Repeat,
    tags::Tags,
    testing::sample_todo,
    todo::{Todo, TodoDescription},
};
use uuid::Uuid;

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn task(number: i64, title: &str, due: Option<(&str, &str)>) -> Todo {
    Todo {
        due: due.map(|(due, zone)| Due::parse(due, TimeZone::parse(zone).unwrap()).unwrap()),
        created_at: at("2026-11-20T08:00:00Z"),
        updated_at: at("2026-11-21T09:30:00Z"),
        ..sample_todo(number, title)
    }
}

fn lines(todos: Vec<Todo>) -> Vec<String> {
    let calendar = CalendarTasks { user: UserId(Uuid::from_u128(1)), todos };
    read(&calendar, ComponentKind::Event)
}

fn read(calendar: &CalendarTasks, kind: ComponentKind) -> Vec<String> {
    feed(calendar, kind).replace("\r\n ", "").lines().map(str::to_owned).collect()
}

/// The lines of the todos alone.
fn todos(todos: Vec<Todo>) -> Vec<String> {
    let calendar = CalendarTasks { user: UserId(Uuid::from_u128(1)), todos };
    read(&calendar, ComponentKind::Todo).into_iter().skip_while(|line| line != "BEGIN:VTODO").collect()
}

#[test]
fn a_todo_is_due_and_one_that_repeats_is_there_once() {
    let day = todos(vec![task(1, "Pay rent", Some(("2026-11-27", "Europe/Berlin")))]);
    let expected = [
        "BEGIN:VTODO",
        "UID:ef197dbfd8f0e0e60b8a1e9e761d0533@todo-ai-chatbot",
        "DTSTAMP:20261121T093000Z",
        "CREATED:20261120T080000Z",
        "LAST-MODIFIED:20261121T093000Z",
        "SEQUENCE:1",
        "SUMMARY:Pay rent",
        "DUE;VALUE=DATE:20261127",
        "STATUS:NEEDS-ACTION",
        "END:VTODO",
        "END:VCALENDAR",
    ];
    assert_eq!(day, expected);

    let due = Some(("2026-11-27T09:00", "Europe/Berlin"));
    let weekly = Todo {
        repeat: Some(Repeat::parse("FREQ=WEEKLY;BYDAY=FR", "2026-11-27".parse().unwrap()).unwrap()),
        ..task(7, "Call", due)
    };
    let weekly = todos(vec![weekly]);
    assert!(weekly.contains(&"DUE;TZID=Europe/Berlin:20261127T090000".to_owned()), "{weekly:?}");
    assert!(weekly.contains(&"TRIGGER;RELATED=END:PT0S".to_owned()), "{weekly:?}");
    let is_event =
        |line: &String| line.starts_with("RRULE") || line.starts_with("DTSTART") || line.contains("VEVENT");
    assert!(!weekly.iter().any(is_event), "{weekly:?}");
}

/// The lines of the events alone.
fn events(todos: Vec<Todo>) -> Vec<String> {
    lines(todos).into_iter().skip_while(|line| line != "BEGIN:VEVENT").collect()
}

fn property(todo: Todo, name: &str) -> String {
    let found = events(vec![todo]).into_iter().find(|line| line.starts_with(name));
    found.unwrap_or_else(|| panic!("there is a {name}"))
}

#[test]
fn a_day_is_an_event_of_the_whole_day() {
    let expected = [
        "BEGIN:VEVENT",
        "UID:ef197dbfd8f0e0e60b8a1e9e761d0533@todo-ai-chatbot",
        "DTSTAMP:20261121T093000Z",
        "CREATED:20261120T080000Z",
        "LAST-MODIFIED:20261121T093000Z",
        "SEQUENCE:4",
        "SUMMARY:Pay rent\\, now",
        "DESCRIPTION:To the\\nlandlord",
        "DTSTART;VALUE=DATE:20261127",
        "DURATION:P1D",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
    ];
    let description = TodoDescription::parse("To the\nlandlord").unwrap();
    let rent =
        Todo { description, revision: 4, ..task(1, "Pay rent, now", Some(("2026-11-27", "Europe/Berlin"))) };
    assert_eq!(events(vec![rent]), expected);
}

#[test]
fn a_time_is_that_of_its_zone_and_rings() {
    let written = lines(vec![task(1, "Call Ann", Some(("2026-11-27T09:00", "Europe/Berlin")))]);
    let expected = [
        "SUMMARY:Call Ann",
        "DTSTART;TZID=Europe/Berlin:20261127T090000",
        "DURATION:PT30M",
        "TRANSP:TRANSPARENT",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:Call Ann",
        "TRIGGER:PT0S",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ];
    assert_eq!(written[written.len() - expected.len()..], expected);
    assert!(written.contains(&"TZID:Europe/Berlin".to_owned()), "{written:?}");
}

#[test]
fn a_calendar_says_what_it_is() {
    let expected = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//todo-ai-chatbot//Tasks//EN",
        "CALSCALE:GREGORIAN",
        "NAME:Tasks",
        "X-WR-CALNAME:Tasks",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "END:VCALENDAR",
    ];
    assert_eq!(lines(vec![task(1, "Some day", None)]), expected, "what is not due is no event");
}

#[test]
fn a_time_that_is_shown_twice_or_never_is_in_utc() {
    let start = |due, zone| property(task(1, "x", Some((due, zone))), "DTSTART");
    assert_eq!(start("2026-10-25T02:30", "Europe/Berlin"), "DTSTART:20261025T003000Z");
    assert_eq!(start("2026-03-29T02:30", "Europe/Berlin"), "DTSTART:20260329T013000Z");
    assert_eq!(start("2026-03-29T03:00", "Europe/Berlin"), "DTSTART;TZID=Europe/Berlin:20260329T030000");
    assert_eq!(start("2026-03-29T02:30", "UTC"), "DTSTART:20260329T023000Z");
}

#[test]
fn times_beyond_the_known_rules_are_in_utc() {
    let start = |due, zone| property(task(1, "x", Some((due, zone))), "DTSTART");
    assert_eq!(start("2099-07-01T12:00", "Europe/Berlin"), "DTSTART;TZID=Europe/Berlin:20990701T120000");
    assert_eq!(start("2100-07-01T12:00", "Asia/Tokyo"), "DTSTART:21000701T030000Z");
    assert_eq!(start("1950-07-01T12:00", "Asia/Tokyo"), "DTSTART:19500701T020000Z");
    assert_eq!(start("9999-12-31T23:00", "America/New_York"), "DTSTART;VALUE=DATE:99991231");
}

#[test]
fn each_zone_is_written_once_and_not_any_number_of_them() {
    let names: Vec<_> =
        chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()).filter(|name| name.contains('/')).collect();
    let due = |name| Some(("2026-07-01T12:00", name));
    let tasks = (1..).zip(names.iter().chain(&names)).map(|(number, name)| task(number, "x", due(*name)));
    let written = lines(tasks.collect());
    let count = |beginning: &str| written.iter().filter(|line| line.starts_with(beginning)).count();
    assert_eq!(count("BEGIN:VTIMEZONE"), MAX_ZONES);
    assert_eq!(count("DTSTART;TZID="), 2 * MAX_ZONES);
    assert_eq!(count("BEGIN:VEVENT"), 2 * names.len());
}

#[test]
fn an_event_keeps_its_id_and_no_other_has_it() {
    let id = |user, number, title| {
        let calendar = CalendarTasks {
            user: UserId(Uuid::from_u128(user)),
            todos: vec![task(number, title, Some(("2026-11-27", "UTC")))],
        };
        feed(&calendar, ComponentKind::Event)
            .lines()
            .find(|line| line.starts_with("UID:"))
            .unwrap()
            .to_owned()
    };
    assert_eq!(id(1, 1, "a"), id(1, 1, "b"));
    assert_ne!(id(1, 1, "a"), id(1, 2, "a"));
    assert_ne!(id(1, 1, "a"), id(2, 1, "a"));
    assert!(!id(0xabcd, 1, "a").contains("abcd"));
}

fn repeating(due: &str, zone: &str, repeat: &str) -> Todo {
    let task = task(1, "Water the plants", Some((due, zone)));
    let repeat = Repeat::parse(repeat, task.due.unwrap().date).unwrap();
    Todo { repeat: Some(repeat), ..task }
}

#[test]
fn what_comes_back_is_a_series() {
    let monday = repeating("2026-11-30T09:00", "Europe/Berlin", "every 2 weeks on monday and friday");
    assert_eq!(property(monday, "RRULE"), "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR");
    let day = repeating("2026-11-30", "Europe/Berlin", "every month on the last day");
    assert_eq!(property(day, "RRULE"), "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1");
}

#[test]
fn a_series_that_short_months_disturb_is_told_date_by_date() {
    let rent = repeating("2027-01-30T09:00", "Europe/Berlin", "every month on the 30th");
    let written = events(vec![rent]);
    let dates: Vec<_> = written.iter().filter(|line| line.starts_with("RDATE")).collect();
    assert_eq!(dates.len(), 36);
    let expected = ["20270130", "20270228", "20270330"];
    assert_eq!(dates[..3], expected.map(|date| format!("RDATE;TZID=Europe/Berlin:{date}T090000")).each_ref());
    let birthday = events(vec![repeating("2028-02-29", "Europe/Berlin", "every 10 years on 29 february")]);
    let dates: Vec<_> = birthday.iter().filter(|line| line.starts_with("R")).collect();
    assert_eq!(
        dates,
        ["20280229", "20380228", "20480229"].map(|date| format!("RDATE;VALUE=DATE:{date}")).each_ref()
    );
}

#[test]
fn of_what_is_counted_from_its_completion_only_the_next_date_is_known() {
    let task = repeating("2026-11-30", "Europe/Berlin", "every 3 days after completion");
    assert!(!events(vec![task]).iter().any(|line| line.starts_with("RRULE")));
}

#[test]
fn a_series_keeps_its_time_of_day_also_where_it_begins_with_one_that_is_left_out() {
    let skipped = repeating("2026-03-29T02:30", "Europe/Berlin", "daily");
    assert_eq!(property(skipped.clone(), "DTSTART"), "DTSTART;TZID=Europe/Berlin:20260329T023000");
    // On a list of todos it is due once, at a time that clocks show.
    let calendar = CalendarTasks { user: UserId(Uuid::from_u128(1)), todos: vec![skipped] };
    let todos = read(&calendar, ComponentKind::Todo);
    assert!(todos.contains(&"DUE:20260329T013000Z".to_owned()), "{todos:?}");
}

#[test]
fn what_is_known_of_a_task_beside_its_day_is_told() {
    let tags = Tags::parse(vec!["home".to_owned(), "a;b".to_owned()]).unwrap();
    let task = |priority| Todo { priority, tags: tags.clone(), ..task(1, "x", Some(("2026-11-27", "UTC"))) };
    assert_eq!(property(task(Priority::High), "PRIORITY"), "PRIORITY:1");
    assert_eq!(property(task(Priority::Medium), "PRIORITY"), "PRIORITY:5");
    assert_eq!(property(task(Priority::Low), "PRIORITY"), "PRIORITY:9");
    assert_eq!(property(task(Priority::None), "CATEGORIES"), "CATEGORIES:home,a\\;b");
    assert!(!events(vec![task(Priority::None)]).iter().any(|line| line.starts_with("PRIORITY")));
}
