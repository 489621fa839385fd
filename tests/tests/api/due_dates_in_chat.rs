//! Everyday sentences about days, end to end: the real server resolves them on the person's own clock, and
//! the answer says the weekday that the task really has.

use std::time::SystemTime;

use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Timelike, Utc, Weekday};
use chrono_tz::{America, Asia, Pacific, Tz};
use serde_json::{Value, json};
use tests::{TestApp, User};

/// A person somewhere, who says one thing after another.
pub(crate) struct Person<'a> {
    pub(crate) user: User<'a>,
    zone: Tz,
    conversation: Option<String>,
}

/// The date before and after something was said: around midnight these are two, and either may have counted.
#[derive(Clone, Copy)]
pub(crate) struct Between(NaiveDate, NaiveDate);

impl<'a> Person<'a> {
    pub(crate) async fn in_zone(app: &'a TestApp, name: &str, zone: Tz) -> Self {
        Self { user: app.user(name).await, zone, conversation: None }
    }

    #[expect(clippy::disallowed_methods, reason = "what the server's clock shows is what is compared")]
    fn today(&self) -> NaiveDate {
        DateTime::<Utc>::from(SystemTime::now()).with_timezone(&self.zone).date_naive()
    }

    /// Says something and returns the answer's words.
    pub(crate) async fn say(&mut self, message: &str) -> (String, Between) {
        let before = self.today();
        let call = match &self.conversation {
            Some(id) => self.user.chat_in(id, message),
            None => self.user.chat(message),
        };
        let answer = call.header("Time-Zone", self.zone.name()).await.expect(200);
        self.conversation = answer["conversation_id"].as_str().map(str::to_owned);
        let words = answer["message"].as_str().unwrap().to_owned();
        (words, Between(before, self.today()))
    }

    pub(crate) async fn add(&self, title: &str, due: Option<String>) -> i64 {
        let task = json!({"title": title, "due": due});
        let call = self.user.own("POST", "/tasks").json(&task).header("Time-Zone", self.zone.name());
        call.await.expect(201)["id"].as_i64().unwrap()
    }

    /// The newest task.
    pub(crate) async fn newest(&self) -> Value {
        self.user.tasks().await.expect(200)[0].clone()
    }
}

/// A zone in which the day began hours ago and goes on for hours, for what takes place within one.
#[expect(clippy::disallowed_methods, reason = "the days are those of the server's clock")]
pub(crate) fn midday_zone() -> Tz {
    match DateTime::<Utc>::from(SystemTime::now()).hour() {
        3..18 => Tz::UTC,
        _ => Asia::Tokyo,
    }
}

/// "Friday, 4 December" without the year, which only another year's date has.
pub(crate) fn said(date: NaiveDate) -> String {
    date.format("%A, %-d %B").to_string()
}

/// Asserts that a task is due as expected, and that the answer says the day that it has.
#[track_caller]
pub(crate) fn assert_due(
    task: &Value,
    words: &str,
    days: Between,
    expected: impl Fn(NaiveDate) -> String,
    sentence: &str,
) {
    let due = task["due"].as_str().unwrap_or_else(|| panic!("{sentence}: {task}, {words}"));
    let possible = [expected(days.0), expected(days.1)];
    assert!(possible.iter().any(|expected| expected == due), "{sentence}: {due}, not {possible:?}; {words}");
    let date: NaiveDate = due[..10].parse().unwrap();
    assert!(words.contains(&said(date)), "{sentence}: {due} is {}; {words}", said(date));
}

pub(crate) fn after(today: NaiveDate, days: u64) -> NaiveDate {
    today + Days::new(days)
}

/// The next such day after today.
fn coming(today: NaiveDate, weekday: Weekday) -> NaiveDate {
    today.iter_days().skip(1).find(|date| date.weekday() == weekday).unwrap()
}

/// That day of the week after this one.
fn next_week(today: NaiveDate, weekday: Weekday) -> NaiveDate {
    after(coming(today, Weekday::Mon), weekday.num_days_from_monday().into())
}

fn coming_date(today: NaiveDate, month: u32, day: u32) -> NaiveDate {
    today.iter_days().find(|date| (date.month(), date.day()) == (month, day)).unwrap()
}

fn day_of_month(today: NaiveDate, day: u32) -> NaiveDate {
    today.iter_days().find(|date| date.day() == day).unwrap()
}

type Expected = fn(NaiveDate) -> String;

/// A sentence, the title of the task that comes of it, and when that is due.
const NEW: &[(&str, &str, Expected)] = &[
    ("remind me to pay rent on Friday at 9am", "Pay rent", |today| {
        format!("{}T09:00", coming(today, Weekday::Fri))
    }),
    ("on Friday at 9am remind me to pay rent", "Pay rent", |today| {
        format!("{}T09:00", coming(today, Weekday::Fri))
    }),
    ("Please remind me on Friday at 9am to pay rent", "Pay rent", |today| {
        format!("{}T09:00", coming(today, Weekday::Fri))
    }),
    ("add buy milk tomorrow", "Buy milk", |today| after(today, 1).to_string()),
    ("Can you add buy milk for tomorrow, please?", "Buy milk", |today| after(today, 1).to_string()),
    ("tomorrow: buy milk", "Buy milk", |today| after(today, 1).to_string()),
    ("I need to buy milk tomorrow morning", "Buy milk", |today| format!("{}T09:00", after(today, 1))),
    ("put buy milk on my list for tomorrow", "Buy milk", |today| after(today, 1).to_string()),
    ("call mum in 3 days", "Call mum", |today| after(today, 3).to_string()),
    ("add a task to call mum in two weeks", "Call mum", |today| after(today, 14).to_string()),
    ("remind me in a week to call mum", "Call mum", |today| after(today, 7).to_string()),
    ("dentist next Monday at 14:30", "Dentist", |today| format!("{}T14:30", next_week(today, Weekday::Mon))),
    ("New task: dentist on Monday at 2:30 pm", "Dentist", |today| {
        format!("{}T14:30", coming(today, Weekday::Mon))
    }),
    ("add dentist wednesday next week", "Dentist", |today| next_week(today, Weekday::Wed).to_string()),
    ("add a task: submit the report by 31 May", "Submit the report", |today| {
        coming_date(today, 5, 31).to_string()
    }),
    ("remind me to buy a cake for the 12th of June", "Buy a cake", |today| {
        coming_date(today, 6, 12).to_string()
    }),
    ("add buy presents on December 20th at noon", "Buy presents", |today| {
        format!("{}T12:00", coming_date(today, 12, 20))
    }),
    ("pay the card on the 15th", "Pay the card", |today| day_of_month(today, 15).to_string()),
    ("don't let me forget to vote the day after tomorrow", "Vote", |today| after(today, 2).to_string()),
    ("add close the books at the end of the month", "Close the books", |today| {
        (today.with_day(1).unwrap() + Months::new(1)).pred_opt().unwrap().to_string()
    }),
    ("add plan the budget next month", "Plan the budget", |today| {
        (today.with_day(1).unwrap() + Months::new(1)).to_string()
    }),
    ("add \"Friday magazine\" tomorrow", "Friday magazine", |today| after(today, 1).to_string()),
];

async fn new_tasks(zone: Tz) {
    let app = TestApp::everyday().await;
    let mut person = Person::in_zone(&app, "alice", zone).await;
    for (sentence, title, expected) in NEW {
        let (words, days) = person.say(sentence).await;
        let task = person.newest().await;
        assert_eq!(task["title"], *title, "{sentence}: {words}");
        assert_due(&task, &words, days, expected, sentence);
    }
    for sentence in ["add buy Friday magazine", "add read Tomorrow by Ann", "add \"call mum tomorrow\""] {
        person.say(sentence).await;
        let task = person.newest().await;
        assert_eq!(task["due"], Value::Null, "{sentence}: {task}");
    }
}

#[tokio::test]
async fn a_new_task_is_due_on_the_day_that_was_said_in_auckland() {
    new_tasks(Pacific::Auckland).await;
}

#[tokio::test]
async fn a_new_task_is_due_on_the_day_that_was_said_in_new_york() {
    new_tasks(America::New_York).await;
}

#[tokio::test]
async fn tasks_are_moved_and_their_new_day_is_said() {
    const MOVED: &[(&str, Expected)] = &[
        ("move task 2 to Monday", |today| coming(today, Weekday::Mon).to_string()),
        ("postpone the dentist to next week", |today| next_week(today, Weekday::Mon).to_string()),
        ("move it to friday at 9:15", |today| format!("{}T09:15", coming(today, Weekday::Fri))),
        ("make it tomorrow", |today| format!("{}T09:15", after(today, 1))),
        ("the dentist is due on the 1st", |today| format!("{}T09:15", day_of_month(today, 1))),
        ("reschedule task 2 for next Tuesday", |today| format!("{}T09:15", next_week(today, Weekday::Tue))),
        ("put off the dentist until the 20th of March", |today| {
            format!("{}T09:15", coming_date(today, 3, 20))
        }),
        ("postpone the dentist by a week", |today| format!("{}T09:15", after(coming_date(today, 3, 20), 7))),
        ("push task 2 back 2 days", |today| format!("{}T09:15", after(coming_date(today, 3, 20), 9))),
        ("set the due date of task 2 to tomorrow at 8pm", |today| format!("{}T20:00", after(today, 1))),
        ("Could you push the dentist to Sunday, please?", |today| {
            format!("{}T20:00", coming(today, Weekday::Sun))
        }),
    ];
    let app = TestApp::everyday().await;
    let mut person = Person::in_zone(&app, "alice", Pacific::Auckland).await;
    person.add("Milk", None).await;
    let dentist = person.add("Dentist", None).await;
    for (sentence, expected) in MOVED {
        let (words, days) = person.say(sentence).await;
        let task = person.user.task(dentist).await.expect(200);
        assert_due(&task, &words, days, expected, sentence);
    }
    for sentence in
        ["remove the date of task 2", "clear the due date of the dentist", "task 2 has no deadline"]
    {
        person.say("move task 2 to tomorrow").await;
        let (words, _) = person.say(sentence).await;
        assert_eq!(words, "'Dentist' has no date any more.", "{sentence}");
        assert_eq!(person.user.task(dentist).await.expect(200)["due"], Value::Null, "{sentence}");
    }
}

#[tokio::test]
async fn questions_about_days_show_what_is_due_then() {
    let app = TestApp::everyday().await;
    let mut person = Person::in_zone(&app, "alice", America::New_York).await;
    let today = person.today();
    for (title, days) in [("Pay rent", 0), ("Call mum", 1)] {
        person.add(title, Some(after(today, days).to_string())).await;
    }
    person.add("File taxes", Some(today.pred_opt().unwrap().to_string())).await;
    person.add("Learn chess", None).await;
    let friday = person.add("Swim", Some(coming(after(today, 1), Weekday::Fri).to_string())).await;
    let on_friday = person.user.task(friday).await.expect(200);
    for (sentence, title) in [
        ("what's due today?", "Pay rent"),
        ("what do I have to do today?", "Pay rent"),
        ("anything due today?", "Pay rent"),
        ("show me today's tasks", "Pay rent"),
        ("what's due this week?", "Pay rent"),
        ("anything for tomorrow?", "Call mum"),
        ("what about tomorrow?", "Call mum"),
        ("what's on for tomorrow?", "Call mum"),
        ("what is overdue?", "File taxes"),
        ("show my overdue tasks", "File taxes"),
        ("what has no date?", "Learn chess"),
        ("show tasks without a due date", "Learn chess"),
    ] {
        let (words, Between(before, now)) = person.say(sentence).await;
        // A day that began meanwhile has other tasks.
        if (before, now) == (today, today) {
            assert!(words.contains(title), "{sentence}: {words}");
            // Of what has a day, anything may be of this week.
            let is_other =
                |other| other != title && (sentence != "what's due this week?" || other == "Learn chess");
            let others = ["Pay rent", "Call mum", "File taxes", "Learn chess"]
                .map(|other| is_other(other) && words.contains(other));
            assert_eq!(others, [false; 4], "{sentence}: {words}");
        }
    }
    for sentence in ["what's on for Friday?", "what do I have on Friday?"] {
        let (words, Between(before, now)) = person.say(sentence).await;
        let date: NaiveDate = on_friday["due"].as_str().unwrap().parse().unwrap();
        if [before, now].iter().all(|today| coming(*today, Weekday::Fri) == date) {
            assert!(words.contains("Swim") && words.contains(&said(date)), "{sentence}: {words}");
        }
    }
}

#[tokio::test]
async fn what_was_done_is_told_by_day() {
    let app = TestApp::everyday().await;
    let mut person = Person::in_zone(&app, "alice", Pacific::Auckland).await;
    person.add("Pay rent", None).await;
    person.add("Call mum", None).await;
    let (_, done) = person.say("mark task 1 as done").await;
    for sentence in [
        "what did I finish this week?",
        "what did I get done today?",
        "what did I get done yesterday?",
        "what have I done since Monday?",
        "which tasks did I complete this week?",
        "show what I finished this month",
    ] {
        let (words, asked) = person.say(sentence).await;
        if done.0 == asked.1 {
            // When the person's week began is known to the server, which is asked for the changes since.
            let count = if sentence.contains("this week") {
                "I see 1 completion this week"
            } else {
                "You have completed 1 task "
            };
            assert!(words.contains(count) && words.contains("Pay rent"), "{sentence}: {words}");
            assert!(!words.contains("Call mum"), "{sentence}: {words}");
        }
    }
}

#[tokio::test]
async fn everything_of_a_day_is_moved_or_done_at_once() {
    let app = TestApp::everyday().await;
    let mut person = Person::in_zone(&app, "alice", midday_zone()).await;
    let (words, _) = person.say("add milk, eggs and bread").await;
    assert_eq!(words, "I've added 'Milk', 'Eggs' and 'Bread' to your task list.");
    for (sentence, expected) in [
        ("move everything to Friday", (|today| coming(today, Weekday::Fri).to_string()) as Expected),
        ("move everything due on Friday to next Monday", |today| next_week(today, Weekday::Mon).to_string()),
        ("move them to next Sunday", |today| next_week(today, Weekday::Sun).to_string()),
    ] {
        let (words, days) = person.say(sentence).await;
        for number in 1..=3 {
            let task = person.user.task(number).await.expect(200);
            assert_due(&task, &words, days, expected, sentence);
        }
    }
    let (words, _) = person.say("mark everything due next Sunday as done").await;
    assert!(words.starts_with("I've marked '") && words.ends_with("' as done."), "{words}");
    for number in 1..=3 {
        assert_eq!(person.user.task(number).await.expect(200)["completed"], true);
    }
    let (words, _) = person.say("put the milk back").await;
    assert_eq!(words, "I've marked 'Milk' as not done.");
    let (words, _) = person.say("delete the eggs and the bread").await;
    assert!(words.contains("'Eggs'") && words.contains("'Bread'"), "{words}");
    assert_eq!(person.user.titles().await, ["Milk"]);
}

#[tokio::test]
async fn an_old_task_is_found_by_its_words() {
    let app = TestApp::everyday().await;
    let mut person = Person::in_zone(&app, "alice", Pacific::Auckland).await;
    person.add("Buy groceries", None).await;
    for number in 0..55 {
        person.add(&format!("Thing {number}"), None).await;
    }
    let (words, days) = person.say("move the grocery one to tomorrow").await;
    let task = person.user.task(1).await.expect(200);
    assert_due(&task, &words, days, |today| after(today, 1).to_string(), "the grocery one");
}
