//! A replica that wakes up after another one took over its turns.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tests::{
    Server, TestApp,
    chaos::{Answer, Person},
    script::{call, text},
};
use tokio::task::JoinHandle;

use super::{Request, SOON, asking, opened, said, titles};

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
