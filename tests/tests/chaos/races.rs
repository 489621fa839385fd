//! Two at once on one conversation, two with one key, and a replica that wakes up too late.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tests::{
    Server, TestApp,
    chaos::{Answer, Person},
    script::{call, text},
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

/// A replica that is frozen in the middle of a turn, and thawed after somebody else went on.
struct Zombie {
    app: TestApp,
    alice: Person,
    conversation: String,
    frozen: Server,
    late_request: JoinHandle<Option<Answer>>,
}

impl Zombie {
    /// Freezes a replica while the model thinks about the first step of a turn of three.
    /// It thinks until the replica is thawed.
    async fn frozen() -> Self {
        let app = TestApp::everyday().await;
        let (alice, conversation) = opened(&app).await;
        let frozen = app.replica().await;
        let add = |title: &str| call("add_task", json!({"title": title}));
        let script = [add("one").but_first(add("one").held()), add("two"), add("three"), text("All three.")];
        app.model().on("three tasks", script);
        let late_request = asking(&alice, &frozen, said("three tasks", &conversation), "three");
        // The greeting came before.
        assert!(app.model().wait_for_requests(2, SOON).await);
        frozen.sigstop();
        app.database().query("UPDATE turn SET lease_until = now() WHERE state = 'running'").await;
        Self { app, alice, conversation, frozen, late_request }
    }

    async fn ask(&self, request: Request, key: Option<&str>) -> Answer {
        self.alice.send(self.app.server().base(), request, key).await.unwrap()
    }

    /// Thaws it and returns what its client is told then.
    async fn thawed(self) -> (TestApp, Answer) {
        self.app.model().release();
        self.frozen.sigcont();
        let late_answer =
            self.late_request.await.unwrap().expect("an answer of the replica that was overtaken");
        let log = self.frozen.log();
        assert!(log.wait_for(&["taken over", "handed over"]).await, "{}", log.text());
        (self.app, late_answer)
    }
}

#[tokio::test]
async fn a_frozen_replica_that_was_overtaken_under_the_key_commits_nothing_and_tells_the_same() {
    let zombie = Zombie::frozen().await;
    let answer = zombie.ask(said("three tasks", &zombie.conversation), Some("three")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let (app, late_answer) = zombie.thawed().await;
    assert_eq!((late_answer.status, &late_answer.body), (200, &answer.body));
    assert_eq!(titles(&app).await, ["one", "three", "two"]);
}

#[tokio::test]
async fn a_frozen_replica_wakes_up_beside_the_one_that_overtook_it_and_commits_nothing() {
    let zombie = Zombie::frozen().await;
    let overtaking =
        asking(&zombie.alice, &zombie.app.server(), said("three tasks", &zombie.conversation), "three");
    // Both work on the turn now; nobody says who is first.
    let taken = "SELECT count(*) FROM turn WHERE fence = 2";
    while zombie.app.database().query(taken).await[0][0] != "1" {}
    let (app, late_answer) = zombie.thawed().await;
    let answer = overtaking.await.unwrap().unwrap();
    assert_eq!((late_answer.status, &late_answer.body), (answer.status, &answer.body));
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(titles(&app).await, ["one", "three", "two"]);
}

#[tokio::test]
async fn a_frozen_replica_whose_conversation_went_on_commits_nothing() {
    let zombie = Zombie::frozen().await;
    let answer = zombie.ask(said("never mind", &zombie.conversation), None).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let (app, late_answer) = zombie.thawed().await;
    assert!(late_answer.status == 503 && late_answer.has_retry_after, "{late_answer:?}");
    assert_eq!(titles(&app).await, [""; 0]);
}

/// The task that renews leases may notice first that a turn was lost; of many turns some get to their
/// commit before, and there is only the fence.
#[tokio::test]
async fn a_frozen_replica_with_many_turns_commits_none_of_those_that_were_overtaken() {
    const TURNS: usize = 8;
    let app = TestApp::everyday().await;
    let alice = Person::register(app.server().base(), "alice").await;
    let frozen = app.replica().await;
    for index in 0..TURNS {
        let add = call("add_task", json!({"title": format!("task-{index}")}));
        app.model().on(format!("turn {index}."), [add.clone().but_first(add.held()), text("Done.")]);
    }
    let request =
        |index: usize| (Method::POST, "/chat".to_owned(), Some(json!({"message": format!("turn {index}.")})));
    let key = |index: usize| format!("key-{index}");
    let late_request: Vec<_> =
        (0..TURNS).map(|index| asking(&alice, &frozen, request(index), &key(index))).collect();
    assert!(app.model().wait_for_requests(TURNS as u64, SOON).await);
    frozen.sigstop();
    app.database().query("UPDATE turn SET lease_until = now() WHERE state = 'running'").await;
    let mut answers = Vec::new();
    for index in 0..TURNS {
        answers.push(alice.send(app.server().base(), request(index), Some(&key(index))).await.unwrap());
    }
    app.model().release();
    // The model's answers reach the replica, which cannot read them yet.
    tokio::time::sleep(Duration::from_millis(500)).await;
    frozen.sigcont();
    for (late_answer, answer) in late_request.into_iter().zip(answers) {
        let late_answer = late_answer.await.unwrap().expect("an answer of the replica that was overtaken");
        assert_eq!((late_answer.status, &late_answer.body), (200, &answer.body));
    }
    assert_eq!(titles(&app).await.len(), TURNS);
}
