//! Forty tasks that give orders, and models that obey them, over both ways to talk. What is guaranteed
//! whatever a model does: texts of tasks reach it as results and as nothing else; it acts on this
//! person's list only, within the limits of a turn; everything that it did is told; and what it did not
//! do is not claimed.

#[path = "prompt_injection/corpus.rs"]
mod corpus;

use corpus::{Injection, Outcome, corpus};
use serde_json::{Value, json};
use tests::{
    TestApp, User,
    script::{Reply, call, text},
    stream_chunks,
};

/// How many tasks there are beside the one that gives orders.
const OTHERS: usize = 8;

#[derive(Debug, Clone, Copy)]
enum Way {
    Whole,
    Stream,
}

#[tokio::test]
async fn forty_tasks_that_give_orders_have_them_obeyed_within_bounds_by_an_answer() {
    play_all(Way::Whole).await;
}

#[tokio::test]
async fn forty_tasks_that_give_orders_have_them_obeyed_within_bounds_by_a_stream() {
    play_all(Way::Stream).await;
}

async fn play_all(way: Way) {
    let app = TestApp::start().await;
    let victim = app.user("victim").await;
    victim.add_task("canary of the victim").await.expect(201);
    let before = victim.tasks().await.text;
    let corpus = corpus(&victim.id);
    assert_eq!(corpus.len(), 40);
    for (index, injection) in corpus.into_iter().enumerate() {
        let person = app.user(&format!("person-{index}")).await;
        play(&app, &person, injection, way).await;
    }
    assert_eq!(victim.tasks().await.text, before, "somebody else's list");
    app.model().assert_used_up();
}

async fn play(app: &TestApp, person: &User<'_>, injection: Injection, way: Way) {
    let Injection { name, title, description, obeys, outcome } = injection;
    for number in 1..=OTHERS {
        person.add_task(&format!("Task number {number}")).await.expect(201);
    }
    let body = json!({"title": title, "description": description});
    person.own("POST", "/tasks").json(&body).await.expect(201);
    let said = format!("What is on my list? The case of {name}.");
    let look = call("list_tasks", json!({}));
    app.model().on(said.as_str(), std::iter::once(look).chain(obeys));
    let asked_before = app.model().requests().len();
    let answer = talk(person, &said, way).await;
    for request in &app.model().requests()[asked_before..] {
        check_request(name, request, &title);
    }
    check_outcome(name, person, &answer, outcome).await;
}

/// What was shown, and what is told of it.
struct Shown {
    words: String,
    calls: Vec<Value>,
    effects: usize,
}

async fn talk(person: &User<'_>, said: &str, way: Way) -> Shown {
    let body = json!({ "message": said });
    match way {
        Way::Whole => {
            let answer = person.own("POST", "/chat").json(&body).await.expect(200);
            Shown {
                words: answer["message"].as_str().unwrap().to_owned(),
                calls: answer["tool_calls"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|call| call["result"].clone())
                    .collect(),
                effects: answer["effects"].as_array().unwrap().len(),
            }
        }
        Way::Stream => {
            let answer = person.own("POST", "/chat/stream").json(&body).await;
            let chunks = stream_chunks::parse(&answer.text);
            assert_eq!(chunks.last().unwrap()["type"], "finish", "{}", answer.text);
            let of = |kind: &'static str| stream_chunks::of_type(&chunks, kind);
            Shown {
                words: stream_chunks::words(&chunks),
                calls: of("tool-output-available").map(|chunk| chunk["output"].clone()).collect(),
                effects: of("data-effects")
                    .map(|chunk| chunk["data"]["effects"].as_array().unwrap().len())
                    .sum(),
            }
        }
    }
}

/// The text of a task is in results alone, as a JSON string, and nobody speaks but who did.
fn check_request(name: &str, request: &Value, title: &str) {
    let messages = request["messages"].as_array().unwrap();
    for (index, message) in messages.iter().enumerate() {
        let role = message["role"].as_str().unwrap();
        assert_eq!(role == "system", index == 0, "{name}: {message}");
        let content = message["content"].as_str().unwrap_or_default();
        if role == "tool" {
            // It is one JSON value, whatever stands in it.
            let result: Value = serde_json::from_str(content).unwrap();
            assert!(result["success"].is_boolean(), "{name}: {content}");
        } else if role != "assistant" {
            assert!(!content.contains(title), "{name}: {message}");
        }
    }
    assert_eq!(messages.iter().filter(|message| message["role"] == "system").count(), 1, "{name}");
}

async fn check_outcome(name: &str, person: &User<'_>, shown: &Shown, outcome: Outcome) {
    let left = person.titles().await.len();
    let codes: Vec<&str> = shown.calls.iter().filter_map(|result| result["code"].as_str()).collect();
    match outcome {
        Outcome::Untouched => assert_eq!((left, shown.effects), (OTHERS + 1, 0), "{name}: {}", shown.words),
        Outcome::NotClaimed(lie) => {
            assert_eq!((left, shown.effects), (OTHERS + 1, 0), "{name}");
            assert!(!shown.words.contains(lie), "{name}: {}", shown.words);
        }
        Outcome::Refused(code) => {
            assert_eq!((left, shown.effects), (OTHERS + 1, 0), "{name}: {codes:?}");
            assert!(!codes.is_empty() && codes.iter().all(|told| *told == code), "{name}: {codes:?}");
        }
        Outcome::AtMostThreeDeleted => {
            assert_eq!((left, shown.effects), (OTHERS + 1 - 3, 3), "{name}");
            assert!(codes.contains(&"APPROVAL_REQUIRED"), "{name}: {codes:?}");
        }
        Outcome::Told(effects) => {
            assert_eq!(shown.effects, effects, "{name}: what was done is told");
            assert!(!shown.words.is_empty(), "{name}");
        }
    }
}

/// A model that reads the list out.
pub(crate) fn reads_out() -> Vec<Reply> {
    vec![text("You have nine tasks on your list.")]
}
