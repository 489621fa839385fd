//! Undo under faults: an answer is taken back wholly or not at all, by an undo or by an edit of its message,
//! wherever its replica dies and whichever answer is lost.

use reqwest::Method;
use serde_json::json;
use tests::{
    TestApp, TestDatabase,
    chaos::{Answer, Behaviour, ChaosProxy, Person},
    script::{calls, text},
};
use tokio_postgres::{Client, NoTls};

/// Where the replica is when it is killed.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Point {
    /// It waits for the account.
    BeforeAnything,
    /// It has the account and waits for a task.
    BetweenItsLooks,
    /// It waits to write.
    BeforeItsWrite,
    /// It has written everything and waits to commit: a deferred check holds it.
    BeforeItsCommit,
    /// It has committed and has not been told.
    AfterItsCommit,
}

const POINTS: [Point; 5] = [
    Point::BeforeAnything,
    Point::BetweenItsLooks,
    Point::BeforeItsWrite,
    Point::BeforeItsCommit,
    Point::AfterItsCommit,
];

impl Point {
    /// What holds the replica there.
    fn lock(self) -> Option<&'static str> {
        match self {
            Self::BeforeAnything => Some("SELECT FROM \"user\" FOR UPDATE"),
            Self::BetweenItsLooks => Some("SELECT FROM todo FOR UPDATE"),
            Self::BeforeItsWrite => Some("LOCK TABLE todo IN SHARE MODE"),
            Self::BeforeItsCommit => Some("SELECT pg_advisory_xact_lock(14)"),
            Self::AfterItsCommit => None,
        }
    }
}

/// Has every COMMIT that changed the log wait for the lock of [`Point::BeforeItsCommit`].
const WAITS_TO_COMMIT: &str = "CREATE FUNCTION waits_to_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
         PERFORM pg_advisory_xact_lock_shared(14);
         RETURN NULL;
     END $$;
     CREATE CONSTRAINT TRIGGER waits_to_commit AFTER INSERT ON todo_change
         DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION waits_to_commit()";

const OTHERS: &str = "SELECT count(*) FROM pg_stat_activity
                      WHERE datname = current_database() AND state <> 'idle' AND pid <> pg_backend_pid()";
const UNDOS: &str = "SELECT count(*) FROM todo_change WHERE undoes <> '{}'";
const TITLES: &str = "SELECT title FROM todo ORDER BY title";

/// The lease of a turn that nobody works on runs out.
const TIME_PASSES: &str = "UPDATE turn SET lease_until = now() WHERE state = 'running'";

const SAID: &str = "tidy up";
const SAID_INSTEAD: &str = "leave it as it was";

const BEFORE: [&str; 2] = ["Buy milk", "Pay rent"];
const AFTER: [&str; 2] = ["Buy oat milk", "Water the plants"];

/// How a turn is taken back.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Way {
    /// By `undo`.
    Undo,
    /// By other words in the place of its message, to which the model adds nothing.
    Edit,
}

/// A server with a turn that is to be taken back.
struct Scene {
    app: TestApp,
    alice: Person,
    conversation: String,
    turn: String,
}

impl Scene {
    async fn set_up() -> Self {
        let app = TestApp::everyday().await;
        app.database().query(WAITS_TO_COMMIT).await;
        let alice = Person::register(app.server().base(), "alice").await;
        let scene = Self { app, alice, conversation: String::new(), turn: String::new() };
        for title in BEFORE {
            let add = (Method::POST, "/tasks".to_owned(), Some(json!({"title": title})));
            scene.ask(add, None).await;
        }
        let made = calls([
            ("update_task", json!({"task_id": 1, "title": AFTER[0]})),
            ("delete_task", json!({"task_id": 2})),
            ("add_task", json!({"title": AFTER[1]})),
        ]);
        scene.app.model().on(SAID, [made, text("Done.")]);
        scene.app.model().on(SAID_INSTEAD, [text("All right.")]);
        let said = (Method::POST, "/chat".to_owned(), Some(json!({"message": SAID})));
        let answer = scene.ask(said, None).await.body;
        let id = |name: &str| answer[name].as_str().unwrap().to_owned();
        Self { conversation: id("conversation_id"), turn: id("turn_id"), ..scene }
    }

    /// Asks the replica that lives until the database was quick enough.
    async fn ask(&self, request: (Method, String, Option<serde_json::Value>), key: Option<&str>) -> Answer {
        loop {
            let answer = self.alice.send(self.app.server().base(), request.clone(), key).await;
            match answer.expect("an answer") {
                busy if busy.code() == "database_unavailable" => {}
                answer => {
                    assert!(answer.is_success(), "{answer:?}");
                    return answer;
                }
            }
        }
    }

    fn request(&self, way: Way) -> (Method, String, Option<serde_json::Value>) {
        if way == Way::Undo {
            return (Method::POST, format!("/turns/{}/undo", self.turn), None);
        }
        let id = format!("{}-user", self.turn);
        let parts = json!([{"type": "text", "text": SAID_INSTEAD}]);
        let message = json!({"id": id, "role": "user", "parts": parts});
        let body = json!({"id": self.conversation, "messages": [message], "messageId": id});
        (Method::POST, "/chat/stream".to_owned(), Some(body))
    }

    async fn lock(&self, statement: &str) -> Client {
        let (session, connection) = tokio_postgres::connect(&self.app.database().url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        session.batch_execute(&format!("BEGIN; {statement}")).await.unwrap();
        session
    }

    async fn titles(&self) -> Vec<String> {
        self.app.database().query(TITLES).await.concat()
    }

    /// What the person said, as it is on record.
    async fn said(&self) -> String {
        self.app.database().query("SELECT content FROM message WHERE role = 'user'").await.concat().concat()
    }

    /// Takes it back twice under its key, and checks that it is done once in all.
    async fn is_done_once(&self, way: Way) {
        let answer = self.ask(self.request(way), way.key()).await;
        let asked = self.app.model().requests().len();
        let again = self.ask(self.request(way), way.key()).await;
        assert_eq!(again.body, answer.body, "{way:?}");
        assert_eq!(self.app.model().requests().len(), asked, "{way:?}: the model is not asked again");
        if way == Way::Undo {
            // A stream can say so only when the database is quick enough.
            assert!(again.is_replayed, "{again:?}");
            assert_eq!(answer.body["changes"].as_array().map(Vec::len), Some(3), "{answer:?}");
        } else {
            assert_eq!(
                (self.said().await.as_str(), &answer.body["message"]),
                (SAID_INSTEAD, &json!("All right."))
            );
        }
        assert_eq!(self.titles().await, BEFORE);
        assert_eq!(self.app.database().query(UNDOS).await[0][0], "3");
    }
}

impl Way {
    fn key(self) -> Option<&'static str> {
        Some(match self {
            Self::Undo => "undo",
            Self::Edit => "edit",
        })
    }
}

#[tokio::test]
async fn killed_at_any_point_an_undo_is_whole_or_not_there_and_under_its_key_it_is_done_once() {
    survives_a_kill_at_every_point(Way::Undo).await;
}

#[tokio::test]
async fn killed_at_any_point_an_edit_is_whole_or_not_there_and_sent_again_it_is_done_once() {
    survives_a_kill_at_every_point(Way::Edit).await;
}

async fn survives_a_kill_at_every_point(way: Way) {
    for point in POINTS {
        let scene = Scene::set_up().await;
        let to_database = ChaosProxy::in_front(&scene.app.database().url()).await.unwrap();
        let url = to_database.in_front_of(&scene.app.database().url());
        let doomed = TestApp::production(&url, &scene.app.model().base_url()).start().await;
        doomed.wait_ready().await;
        let database = scene.app.database();
        let lock = match point.lock() {
            Some(statement) => Some(scene.lock(statement).await),
            None => {
                to_database.set(Behaviour::HoldAnswerTo("COMMIT"));
                None
            }
        };
        // On a busy machine a transaction may take too long: then it is asked again.
        let asking = async {
            while let Some(answer) = scene.alice.send(doomed.base(), scene.request(way), way.key()).await {
                assert_eq!(answer.status, 503, "{point:?}: {answer:?}");
            }
        };
        let held = async {
            match point {
                Point::AfterItsCommit => database.wait_for(UNDOS, "3").await,
                _ => database.wait_for(TestDatabase::WAITING_FOR_A_LOCK, "1").await,
            }
        };
        tokio::select! {
            () = asking => panic!("{point:?}: it lives"),
            () = held => {}
        }
        doomed.kill_9();
        drop(to_database);
        drop(lock);
        database.wait_for(OTHERS, "0").await;
        // A COMMIT that was sent is done, whether or not anybody is there to be told.
        let expected: &[[&str; 2]] = match point {
            Point::AfterItsCommit => &[BEFORE],
            Point::BeforeItsCommit => &[BEFORE, AFTER],
            _ => &[AFTER],
        };
        let titles = scene.titles().await;
        assert!(expected.iter().any(|expected| titles == *expected), "{point:?}: {titles:?}");
        let is_edited = way == Way::Edit && titles == BEFORE;
        let said = if is_edited { SAID_INSTEAD } else { SAID };
        assert_eq!(scene.said().await, said, "{point:?}: the words change with what they led to");
        scene.app.database().query(TIME_PASSES).await;
        scene.is_done_once(way).await;
    }
}

#[tokio::test]
async fn when_the_commit_of_an_undo_or_of_an_edit_or_its_answer_is_lost_it_is_done_once() {
    for way in [Way::Undo, Way::Edit] {
        for lost in [Behaviour::CutAnswerTo("COMMIT", 1), Behaviour::CutBefore("COMMIT", 1)] {
            let scene = Scene::set_up().await;
            let to_database = ChaosProxy::in_front(&scene.app.database().url()).await.unwrap();
            let url = to_database.in_front_of(&scene.app.database().url());
            let replica = TestApp::production(&url, &scene.app.model().base_url()).start().await;
            replica.wait_ready().await;
            to_database.set(lost);
            let answer = scene.alice.send(replica.base(), scene.request(way), way.key()).await;
            assert_eq!(to_database.behaviour(), Behaviour::Pass, "the trap was sprung");
            let answer = answer.expect("an answer");
            if way == Way::Undo {
                // It finds its own changes under the key.
                assert_eq!(answer.status, 200, "{lost:?}: {answer:?}");
                assert_eq!(scene.titles().await, BEFORE);
            } else {
                assert_eq!((answer.status, answer.has_retry_after), (503, true), "{lost:?}: {answer:?}");
                scene.app.database().query(TIME_PASSES).await;
            }
            scene.is_done_once(way).await;
        }
    }
}
