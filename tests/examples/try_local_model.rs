//! Talks to a running server as people do and says what came of it, judged by the list and not by
//! words: `make local-model`. `BASE_URL` says where the server is.
//!
//! Seventeen sentences, each on a list of its own, then a conversation of `TURNS` (100) turns.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a program for people, which fails where it goes wrong"
)]

use std::time::Instant;

use serde_json::{Value, json};
use tests::chaos::Person;

/// What the list must be like afterwards.
enum Expected {
    /// A task with this in its title.
    Has(&'static str),
    /// A done task with this in its title.
    Done(&'static str),
    /// No task with this in its title.
    Gone(&'static str),
    /// The list was looked at.
    Looked,
}

const EMPTY: &[&str] = &[];
const TWO: &[&str] = &["Buy milk", "Call mom"];

const SENTENCES: [(&str, &[&str], Expected); 17] = [
    ("Add a task to buy milk", EMPTY, Expected::Has("milk")),
    ("Remind me to call mom", EMPTY, Expected::Has("mom")),
    ("add buy eggs", EMPTY, Expected::Has("egg")),
    ("I need to pay the rent, put it on my list", EMPTY, Expected::Has("rent")),
    ("New task: water the plants", EMPTY, Expected::Has("plant")),
    ("Add \"finish the report\" to my list please", EMPTY, Expected::Has("report")),
    ("Mark task 1 as done", TWO, Expected::Done("milk")),
    ("I bought the milk", TWO, Expected::Done("milk")),
    ("Complete the task call mom", TWO, Expected::Done("mom")),
    ("task 2 is finished", TWO, Expected::Done("mom")),
    ("Delete task 1", TWO, Expected::Gone("milk")),
    ("Remove call mom from my list", TWO, Expected::Gone("mom")),
    ("Please delete the task about milk", TWO, Expected::Gone("milk")),
    ("Rename task 1 to Buy oat milk", TWO, Expected::Has("oat")),
    ("Change \"call mom\" to \"call dad\"", TWO, Expected::Has("dad")),
    ("Show my tasks", TWO, Expected::Looked),
    ("What is open?", TWO, Expected::Looked),
];

/// What the person says in the long conversation; `%` is a number.
const PROMPTS: [&str; 6] = [
    "Add a task to water plant %",
    "Show my tasks",
    "Mark task % as done",
    "Hello, how are you?",
    "What is open?",
    "Delete task %",
];

/// One person on the server.
struct Talk {
    person: Person,
    base: String,
}

impl Talk {
    async fn begin(base: &str, name: &str) -> Self {
        let unique = std::time::UNIX_EPOCH.elapsed().map_or(0, |time| time.as_nanos());
        Self { person: Person::register(base, &format!("{name}-{unique}")).await, base: base.to_owned() }
    }

    async fn send(&self, method: reqwest::Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let answer = self.person.send(&self.base, (method, path.to_owned(), body), None).await;
        let answer = answer.expect("an answer in time");
        (answer.status, answer.body)
    }

    async fn say(&self, words: &str, conversation: Option<&Value>) -> (u16, Value) {
        let mut body = json!({ "message": words });
        if let Some(id) = conversation {
            body["conversation_id"] = id.clone();
        }
        self.send(reqwest::Method::POST, "/chat", Some(body)).await
    }
}

#[tokio::main]
async fn main() {
    let base = std::env::var("BASE_URL").expect("BASE_URL says where the server is");
    let turns: usize = std::env::var("TURNS").ok().and_then(|turns| turns.parse().ok()).unwrap_or(100);
    let (mut effects, mut failed, mut shown) = (0, 0, 0);
    for (words, tasks, expected) in SENTENCES {
        let talk = Talk::begin(&base, "sentence").await;
        for title in tasks {
            talk.send(reqwest::Method::POST, "/tasks", Some(json!({ "title": title }))).await;
        }
        let started_at = Instant::now();
        let (status, answer) = talk.say(words, None).await;
        let took = started_at.elapsed();
        let (_, list) = talk.send(reqwest::Method::GET, "/tasks", None).await;
        let has_effect = is_as_expected(&expected, &list, &answer);
        effects += usize::from(has_effect);
        failed += usize::from(status >= 500);
        shown += usize::from(shows_json(&answer));
        let mark = if has_effect { "yes" } else { "no " };
        println!("  {mark} {:5.1} s  {words:45} {}", took.as_secs_f64(), answer["message"]);
    }
    println!("{effects} of {} sentences had their effect", SENTENCES.len());

    let talk = Talk::begin(&base, "long").await;
    let mut conversation = None;
    for turn in 0..turns {
        let words = PROMPTS[turn % PROMPTS.len()].replace('%', &(turn / PROMPTS.len() + 1).to_string());
        let (status, answer) = talk.say(&words, conversation.as_ref()).await;
        if status == 200 {
            conversation = Some(answer["conversation_id"].clone());
        } else {
            println!("  turn {turn}: {status} {}", answer["detail"]);
        }
        failed += usize::from(status != 200);
        shown += usize::from(shows_json(&answer));
    }
    println!(
        "a conversation of {turns} turns; in all {failed} refused or failed, {shown} showed JSON to a person"
    );
}

fn is_as_expected(expected: &Expected, list: &Value, answer: &Value) -> bool {
    let tasks = list.as_array().map(Vec::as_slice).unwrap_or_default();
    let title = |task: &Value| task["title"].as_str().unwrap_or_default().to_lowercase();
    match expected {
        Expected::Has(words) => tasks.iter().any(|task| title(task).contains(words)),
        Expected::Done(words) => {
            tasks.iter().any(|task| title(task).contains(words) && task["completed"] == true)
        }
        Expected::Gone(words) => !tasks.iter().any(|task| title(task).contains(words)),
        Expected::Looked => {
            let calls = answer["tool_calls"].as_array().map(Vec::as_slice).unwrap_or_default();
            calls.iter().any(|call| call["tool"] == "list_tasks" && call["result"]["success"] == true)
        }
    }
}

/// Whether a person reads the syntax of a call or a result.
fn shows_json(answer: &Value) -> bool {
    let words = answer["message"].as_str().unwrap_or_default();
    words.contains("{\"") || words.contains("<tool_call>") || words.contains("\"arguments\"")
}
