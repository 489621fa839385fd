//! All scenarios of one crash point, played at once: each turn is begun on one replica, stopped at that point
//! by SIGKILL, and continued on another replica.

use std::{collections::HashSet, sync::Arc, time::Duration};

use futures::future::join_all;
use reqwest::Method;
use tests::{
    Server, TestApp, TestDatabase,
    chaos::{Answer, Behaviour, ChaosProxy, Person},
    script::{Reply, silence},
};
use tokio::{task::JoinSet, time::Instant};
use tokio_postgres::NoTls;

use super::scenario::{At, Next, Request, SHAPES, Scenario, said};

const WAIT_TIMEOUT: Duration = Duration::from_secs(20);

/// When the replica is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CrashPoint {
    /// The turn's first transaction waits for a lock.
    BeforeBegin,
    /// The model has been asked and does not answer.
    ModelThinks(At),
    /// The model has answered, and the transaction that keeps it waits for a lock.
    Uncommitted(At),
    /// The transaction is committed, and the replica has not been told.
    Unanswered(At),
    /// The model is in the middle of its last words.
    HalfSaid,
}

/// The scenarios of one crash point, and everything around them.
pub(super) struct CrashPointMatrix {
    crash_point: CrashPoint,
    scenarios: Vec<Scenario>,
    app: TestApp,
    alice: Person,
    to_database: ChaosProxy,
    doomed: Server,
}

impl CrashPointMatrix {
    /// Kills a replica at `crash_point` of many turns and checks what becomes of each.
    pub(super) async fn survives(crash_point: CrashPoint) {
        let matrix = Arc::new(Self::set_up(crash_point).await);
        let early_lock =
            if crash_point == CrashPoint::BeforeBegin { Some(matrix.lock().await) } else { None };
        let outcome = matrix.begin();
        let late_lock = matrix.reach_crash_point().await;
        matrix.doomed.kill_9();
        drop((early_lock, late_lock));
        outcome.join_all().await;
        // Time passes.
        matrix.app.database().query("UPDATE turn SET lease_until = now() WHERE state = 'running'").await;
        let mut checks = JoinSet::new();
        for scenario in matrix.scenarios.clone() {
            let matrix = Arc::clone(&matrix);
            checks.spawn(async move { matrix.go_on(&scenario).await });
        }
        checks.join_all().await;
        matrix.check_tasks().await;
    }

    async fn set_up(crash_point: CrashPoint) -> Self {
        let app = TestApp::everyday().await;
        let alice = Person::register(app.server().base(), "alice").await;
        let mut scenarios = Vec::new();
        for next in [Next::Plain, Next::Keyed] {
            for (index, shape) in SHAPES.into_iter().enumerate() {
                let name = format!("{next:?}-{index}");
                let opened = alice.send(app.server().base(), said("hello", None), None).await.unwrap();
                let conversation = opened.body["conversation_id"].as_str().unwrap().to_owned();
                let scenario = Scenario { name, shape, next, conversation };
                app.model().on(scenario.message(), crash_point.script_for(&scenario));
                scenarios.push(scenario);
            }
        }
        let to_database = ChaosProxy::in_front(&app.database().url()).await.unwrap();
        let url = to_database.in_front_of(&app.database().url());
        let environment = TestApp::production(&url, &app.model().base_url());
        let doomed = environment.with("DATABASE_POOL_SIZE", "40").start().await;
        doomed.wait_ready().await;
        let matrix = Self { crash_point, scenarios, app, alice, to_database, doomed };
        for base in [matrix.doomed.base(), matrix.app.server().base()] {
            matrix.fill_pool(base).await;
        }
        matrix
    }

    /// Has a replica open its connections before it counts, a few at a time: in a debug build each
    /// takes long.
    async fn fill_pool(&self, base: &str) {
        for count in 1..=self.scenarios.len() {
            let list = || (Method::GET, "/tasks".to_owned(), None);
            let ask = || (0..count).map(|_| self.alice.send(base, list(), None));
            while join_all(ask()).await.iter().flatten().any(|answer| answer.status != 200) {}
        }
    }

    /// Begins every turn; nobody gets an answer.
    fn begin(&self) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        for scenario in self.scenarios.clone() {
            let (alice, base) = (self.alice.clone(), self.doomed.base().to_owned());
            tasks.spawn(async move {
                // On a busy machine a transaction may take too long: then it is asked again.
                while let Some(answer) = alice.send(&base, scenario.request(), Some(&scenario.name)).await {
                    assert_eq!(answer.status, 503, "{}: {answer:?}", scenario.name);
                }
            });
        }
        tasks
    }

    /// Waits until all scenarios are at the crash point; returns the lock that holds them there, if one does.
    async fn reach_crash_point(&self) -> Option<tokio_postgres::Client> {
        match self.crash_point {
            CrashPoint::BeforeBegin => self.wait_for(TestDatabase::WAITING_FOR_A_LOCK).await,
            CrashPoint::ModelThinks(at) => self.wait_for_model(at).await,
            CrashPoint::HalfSaid => {
                self.wait_for_model(At::Last).await;
                // The words follow at once.
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            CrashPoint::Uncommitted(at) => {
                self.wait_for_model(at).await;
                let lock = self.lock().await;
                self.app.model().release();
                self.wait_for(TestDatabase::WAITING_FOR_A_LOCK).await;
                return Some(lock);
            }
            CrashPoint::Unanswered(at) => {
                self.wait_for_model(at).await;
                self.to_database.set(Behaviour::HoldAnswerTo("COMMIT"));
                self.app.model().release();
                self.wait_for(if at == At::First { BEYOND_A_STEP } else { ANSWERED }).await;
            }
        }
        None
    }

    /// Takes the lock on every conversation.
    async fn lock(&self) -> tokio_postgres::Client {
        let (session, connection) = tokio_postgres::connect(&self.app.database().url(), NoTls).await.unwrap();
        tokio::spawn(connection);
        session.batch_execute("BEGIN; SELECT FROM conversation FOR UPDATE").await.unwrap();
        session
    }

    /// Waits until the model was asked for this reply of every scenario.
    async fn wait_for_model(&self, at: At) {
        let opened = self.scenarios.len();
        let asked: usize = self.scenarios.iter().map(|scenario| scenario.place(at) + 1).sum();
        let all = self.app.model().wait_for_requests((opened + asked) as u64, WAIT_TIMEOUT).await;
        assert!(all, "not all scenarios asked the model:\n{}", self.doomed.log().text());
    }

    /// Waits until a count is that of the scenarios.
    async fn wait_for(&self, count: &str) {
        let started_at = Instant::now();
        let mut counted = String::new();
        while counted != self.scenarios.len().to_string() {
            assert!(
                started_at.elapsed() < WAIT_TIMEOUT,
                "{counted} scenarios:\n{}",
                self.doomed.log().text()
            );
            counted = self.app.database().query(count).await[0][0].clone();
        }
    }

    /// What a client does after the crash, and what must come of it.
    async fn go_on(&self, scenario: &Scenario) {
        let answer = match scenario.next {
            Next::Plain => self.ask(said("are you there?", Some(&scenario.conversation)), None).await,
            Next::Keyed => self.ask(scenario.request(), Some(&scenario.name)).await,
        };
        assert_eq!(answer.status, 200, "{} {:?}: {answer:?}", scenario.name, self.crash_point);
        if scenario.next == Next::Keyed {
            let again = self.ask(scenario.request(), Some(&scenario.name)).await;
            assert!(again.is_replayed && again.body == answer.body, "{answer:?}\n{again:?}");
            let calls = answer.body["tool_calls"].as_array().unwrap().len();
            assert_eq!(calls, scenario.titles().len(), "{answer:?}");
        }
    }

    /// Asks until the database was quick enough, which a busy machine's is not always.
    async fn ask(&self, request: Request, key: Option<&str>) -> Answer {
        loop {
            let answer = self.alice.send(self.app.server().base(), request.clone(), key).await;
            match answer.expect("an answer") {
                busy if busy.code() == "database_unavailable" => {}
                answer => return answer,
            }
        }
    }

    /// A turn that was completed took effect once; of one that was not, whole steps did or nothing.
    async fn check_tasks(&self) {
        let titles = self.app.database().query("SELECT title FROM todo").await.concat();
        for scenario in &self.scenarios {
            let counts: Vec<usize> = (0..scenario.shape.steps)
                .map(|step| {
                    let ours: Vec<String> = scenario.titles_of(step).collect();
                    titles.iter().filter(|title| ours.contains(title)).count()
                })
                .collect();
            let is_whole = |count: &usize| [0, scenario.shape.tools].contains(count);
            assert!(counts.iter().all(is_whole), "{} at {:?}: {counts:?}", scenario.name, self.crash_point);
            assert!(counts.is_sorted_by(|one, next| one >= next), "{}: {counts:?}", scenario.name);
            if scenario.next == Next::Keyed {
                assert_eq!(counts, vec![scenario.shape.tools; scenario.shape.steps], "{}", scenario.name);
            }
        }
        assert_eq!(titles.iter().collect::<HashSet<_>>().len(), titles.len(), "{titles:?}");
    }
}

const BEYOND_A_STEP: &str = "SELECT count(*) FROM turn
                             WHERE idempotency_key IS NOT NULL AND (step > 0 OR state = 'answered')";
const ANSWERED: &str = "SELECT count(*) FROM turn WHERE idempotency_key IS NOT NULL AND state = 'answered'";

impl CrashPoint {
    /// Returns the scenario's script with what holds it at this crash point, the first time that it comes by.
    fn script_for(self, scenario: &Scenario) -> Vec<Reply> {
        let mut script = scenario.script();
        let at = match self {
            Self::BeforeBegin => return script,
            Self::ModelThinks(at) | Self::Uncommitted(at) | Self::Unanswered(at) => at,
            Self::HalfSaid => At::Last,
        };
        let reply = &mut script[scenario.place(at)];
        let first = match self {
            Self::ModelThinks(_) | Self::BeforeBegin => silence().hang(),
            Self::Uncommitted(_) | Self::Unanswered(_) => reply.clone().held(),
            Self::HalfSaid => reply.clone().hang_after(260),
        };
        *reply = reply.clone().but_first(first);
        script
    }
}
