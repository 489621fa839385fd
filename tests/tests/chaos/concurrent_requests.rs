//! Two turns at once on one conversation, and two requests with one key on two replicas.

mod frozen_replica;

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    Server, TestApp,
    chaos::{Answer, Person},
};
use tokio::task::JoinHandle;

use super::variable;

const SOON: Duration = Duration::from_secs(20);

type Request = (Method, String, Option<Value>);

fn said(message: &str, conversation: &str) -> Request {
    let body = json!({"message": message, "conversation_id": conversation});
    (Method::POST, "/chat".to_owned(), Some(body))
}

/// A turn that adds a task with the turn's name, after the model thought for a while.
fn adding(name: &str, thinking: u64, conversation: &str) -> Request {
    let calls = json!([{"tool": "add_task", "input": {"title": name}}]);
    let steps = json!([{"calls": calls, "delay_ms": thinking}]);
    said(&format!("{name} #script {steps}"), conversation)
}

async fn opened(app: &TestApp) -> (Person, String) {
    let alice = Person::register(app.server().base(), "alice").await;
    let body = Some(json!({"message": "hello"}));
    let hello = alice.send(app.server().base(), (Method::POST, "/chat".to_owned(), body), None).await;
    let conversation = hello.unwrap().body["conversation_id"].as_str().unwrap().to_owned();
    (alice, conversation)
}

fn asking(alice: &Person, server: &Server, request: Request, key: &str) -> JoinHandle<Option<Answer>> {
    let (alice, base, key) = (alice.clone(), server.base().to_owned(), key.to_owned());
    tokio::spawn(async move { alice.send(&base, request, Some(&key)).await })
}

/// How often two meet: `CHAOS_ROUNDS`, or a few times.
fn rounds() -> usize {
    variable("CHAOS_ROUNDS").and_then(|rounds| rounds.parse().ok()).unwrap_or(15)
}

/// What a conversation consists of: the roles in order.
async fn roles(app: &TestApp) -> Vec<String> {
    app.database().query("SELECT role FROM message ORDER BY seq").await.concat()
}

async fn titles(app: &TestApp) -> Vec<String> {
    app.database().query("SELECT title FROM todo ORDER BY title").await.concat()
}

#[tokio::test]
async fn two_turns_at_once_on_one_conversation_run_one_after_the_other() {
    let app = TestApp::everyday().await;
    let (first, second) = (app.server(), app.replica().await);
    let (alice, conversation) = opened(&app).await;
    let mut expected = Vec::new();
    for round in 0..rounds() {
        let (one, two) = (format!("task-{round:03}-a"), format!("task-{round:03}-b"));
        let thinking = (round as u64 * 37) % 150;
        let late_request = asking(&alice, &first, adding(&one, thinking, &conversation), &one);
        let right = asking(&alice, &second, adding(&two, thinking, &conversation), &two);
        for answer in [late_request.await.unwrap(), right.await.unwrap()] {
            assert_eq!(answer.as_ref().map(|answer| answer.status), Some(200), "{answer:?}");
        }
        expected.extend([one, two]);
    }
    assert_eq!(titles(&app).await, expected);
    let turn = ["user", "assistant", "tool", "assistant"];
    assert_eq!(roles(&app).await, [&["user", "assistant"][..], &turn.repeat(2 * rounds())].concat());
}

#[tokio::test]
async fn one_key_on_two_replicas_at_once_is_one_turn_and_one_answer() {
    let app = TestApp::everyday().await;
    let (first, second) = (app.server(), app.replica().await);
    let (alice, conversation) = opened(&app).await;
    for round in 0..rounds() {
        let name = format!("task-{round:03}");
        let request = || adding(&name, (round as u64 * 29) % 100, &conversation);
        let late_request = asking(&alice, &first, request(), &name);
        let right = asking(&alice, &second, request(), &name);
        let (late_request, right) = (late_request.await.unwrap().unwrap(), right.await.unwrap().unwrap());
        assert_eq!((late_request.status, &late_request.body), (right.status, &right.body));
        assert_eq!(late_request.status, 200);
        assert!(late_request.is_replayed != right.is_replayed, "one of them is the first");
    }
    assert_eq!(titles(&app).await.len(), rounds());
}

#[tokio::test]
async fn one_key_for_a_task_on_two_replicas_at_once_is_one_task() {
    let app = TestApp::everyday().await;
    let (first, second) = (app.server(), app.replica().await);
    let (alice, _) = opened(&app).await;
    for round in 0..2 * rounds() {
        let name = format!("task-{round:03}");
        let request = || (Method::POST, "/tasks".to_owned(), Some(json!({"title": name})));
        let late_request = asking(&alice, &first, request(), &name);
        let right = asking(&alice, &second, request(), &name);
        let (late_request, right) = (late_request.await.unwrap().unwrap(), right.await.unwrap().unwrap());
        assert_eq!((late_request.status, &late_request.body), (right.status, &right.body));
    }
    assert_eq!(titles(&app).await.len(), 2 * rounds());
}
