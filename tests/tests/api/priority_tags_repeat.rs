//! Everyday sentences about priorities, tags and repeats, end to end.

use chrono::{Datelike, NaiveDate, Weekday};
use chrono_tz::{America, Pacific};
use serde_json::{Value, json};
use tests::TestApp;

use crate::due_dates_in_chat::{Person, after, assert_due, said};

fn is_weekday(date: NaiveDate) -> bool {
    !matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// A sentence, its title, its rule, and whether a date is one of the rule's.
type Repeating = (&'static str, &'static str, &'static str, fn(NaiveDate) -> bool);

const REPEATING: &[Repeating] = &[
    ("add stand-up every weekday at 9:15", "Stand-up", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", is_weekday),
    ("pay rent every month on the 1st", "Pay rent", "FREQ=MONTHLY;BYMONTHDAY=1", |date| date.day() == 1),
    ("remind me to call mum every Sunday", "Call mum", "FREQ=WEEKLY;BYDAY=SU", |date| {
        date.weekday() == Weekday::Sun
    }),
    ("water plants every 3 days", "Water plants", "FREQ=DAILY;INTERVAL=3", |_| true),
    ("remind me every day at 8pm to take my pills", "Take my pills", "FREQ=DAILY", |_| true),
    ("gym every monday and thursday", "Gym", "FREQ=WEEKLY;BYDAY=MO,TH", |date| {
        matches!(date.weekday(), Weekday::Mon | Weekday::Thu)
    }),
    (
        "add a task to close the books every month on the last day",
        "Close the books",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        |date| after(date, 1).day() == 1,
    ),
    ("stretch every morning", "Stretch", "FREQ=DAILY", |_| true),
];

#[tokio::test]
async fn a_new_task_comes_back_as_it_was_said() {
    let app = TestApp::everyday().await;
    let mut person = Person::in_zone(&app, "alice", Pacific::Auckland).await;
    for (sentence, title, rule, is_of_rule) in REPEATING {
        let (words, _) = person.say(sentence).await;
        let task = person.newest().await;
        assert_eq!((&task["title"], &task["repeat"]), (&json!(title), &json!(rule)), "{sentence}: {words}");
        let due = task["due"].as_str().unwrap();
        let date: NaiveDate = due[..10].parse().unwrap();
        assert!(is_of_rule(date), "{sentence}: {due}");
        let has_time = ["9:15", "8pm", "morning"].iter().any(|time| sentence.contains(time));
        assert_eq!(due.len() > 10, has_time, "{sentence}: {due}");
        let repeats = format!("repeats {}", task["repeat_in_words"].as_str().unwrap());
        assert!(words.contains(&said(date)) && words.contains(&repeats), "{sentence}: {words}");
    }
}

#[tokio::test]
async fn a_task_that_comes_back_goes_on_is_skipped_and_stops() {
    let app = TestApp::everyday().await;
    let mut person = Person::in_zone(&app, "alice", America::New_York).await;
    person.say("add stand-up every day").await;
    for sentence in ["I finished the stand-up", "skip this one", "skip the stand-up this time", "skip task 1"]
    {
        let before: NaiveDate = person.newest().await["due"].as_str().unwrap().parse().unwrap();
        let (words, _) = person.say(sentence).await;
        let task = person.newest().await;
        let date: NaiveDate = task["due"].as_str().unwrap().parse().unwrap();
        assert_eq!((&task["completed"], date), (&json!(false), after(before, 1)), "{sentence}: {words}");
        assert!(words.contains(&format!("next on {}", said(date))), "{sentence}: {words}");
    }
    for sentence in ["stop repeating task 1", "don't repeat the stand-up anymore"] {
        person.say("repeat task 1 every 2 weeks").await;
        assert_eq!(person.newest().await["repeat"].as_str().unwrap()[..22], *"FREQ=WEEKLY;INTERVAL=2");
        let (words, _) = person.say(sentence).await;
        assert!(words.starts_with("'Stand-up' no longer repeats"), "{sentence}: {words}");
        assert_eq!(person.newest().await["repeat"], Value::Null, "{sentence}");
    }
    let (words, _) = person.say("make task 1 repeat every month on the 5th").await;
    assert!(words.contains("now repeats"), "{words}");
    assert_eq!(person.newest().await["due"].as_str().unwrap()[8..], *"05");
}

#[tokio::test]
async fn priorities_are_given_shown_and_taken() {
    let app = TestApp::everyday().await;
    let mut person = Person::in_zone(&app, "alice", Pacific::Auckland).await;
    person.add("Buy milk", None).await;
    person.add("Pay rent", None).await;
    for (sentence, priority) in [
        ("task 2 is urgent", "high"),
        ("make it low priority", "low"),
        ("set the priority of task 2 to medium", "medium"),
        ("no priority for task 2", "none"),
        ("mark the rent as important", "high"),
        ("the rent is not important anymore", "none"),
        ("give task 2 a high priority", "high"),
    ] {
        let (words, _) = person.say(sentence).await;
        assert_eq!(person.user.task(2).await.expect(200)["priority"], priority, "{sentence}: {words}");
        let told = if priority == "none" { "no" } else { priority };
        assert_eq!(words, format!("'Pay rent' has {told} priority now."), "{sentence}");
    }
    for sentence in ["what is important?", "what's urgent?", "show my important tasks"] {
        let (words, _) = person.say(sentence).await;
        assert!(
            words.contains("Task 2: Pay rent (high priority)") && !words.contains("milk"),
            "{sentence}: {words}"
        );
    }
    let (words, _) = person.say("make the milk low priority").await;
    assert_eq!(words, "'Buy milk' has low priority now.");
    let (words, days) = person.say("add an urgent task to call mum tomorrow").await;
    let task = person.newest().await;
    assert_eq!((&task["title"], &task["priority"]), (&json!("Call mum"), &json!("high")));
    assert_due(&task, &words, days, |today| after(today, 1).to_string(), "an urgent task");
}

#[tokio::test]
async fn tags_are_given_shown_and_taken() {
    let app = TestApp::everyday().await;
    let mut person = Person::in_zone(&app, "alice", Pacific::Auckland).await;
    person.say("add buy milk tagged shop").await;
    person.add("Pay rent", None).await;
    for (sentence, number, tags) in [
        ("tag task 1 with work and home", 1, json!(["shop", "work", "home"])),
        ("tag it home", 1, json!(["shop", "work", "home"])),
        ("remove the tag work from task 1", 1, json!(["shop", "home"])),
        ("label the rent as home", 2, json!(["home"])),
        ("remove all tags from task 2", 2, json!([])),
        ("add the tag money to task 2", 2, json!(["money"])),
    ] {
        let (words, _) = person.say(sentence).await;
        assert_eq!(person.user.task(number).await.expect(200)["tags"], tags, "{sentence}: {words}");
    }
    for sentence in ["show everything tagged home", "what is tagged home?", "show me #home"] {
        let (words, _) = person.say(sentence).await;
        assert!(
            words.contains("Task 1: Buy milk (tagged ") && !words.contains("rent"),
            "{sentence}: {words}"
        );
    }
}

#[tokio::test]
async fn several_tasks_are_changed_in_one_call() {
    let app = TestApp::everyday().await;
    let mut person = Person::in_zone(&app, "alice", Pacific::Auckland).await;
    for title in ["Ants", "Bees", "Cats", "Dogs", "Eels", "Fish"] {
        person.add(title, None).await;
    }
    let (words, _) = person.say("complete tasks 1, 2 and 3").await;
    assert_eq!(words, "I've marked 'Ants', 'Bees' and 'Cats' as done.");
    let (words, _) = person.say("delete tasks 4 and 5").await;
    assert_eq!(words, "I've deleted 'Dogs' and 'Eels'.");
    assert_eq!(person.user.titles().await, ["Ants", "Bees", "Cats", "Fish"]);
    let (words, _) = person.say("complete tasks 6 and 99").await;
    assert!(words.starts_with("I've marked 'Fish' as done. I could not mark task 99: "), "{words}");
    let (words, _) = person.say("put it back").await;
    assert_eq!(words, "I've marked 'Fish' as not done.");
}
