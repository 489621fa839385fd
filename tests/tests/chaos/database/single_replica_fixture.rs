//! One replica, one database behind a proxy, one user, and what is measured of them.

use std::{sync::Mutex, time::Duration};

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::chaos::{Answer, Cluster, Person};
use tokio::time::{Instant, sleep};

/// The promise.
const ANSWER_WITHIN: Duration = Duration::from_secs(8);
/// Of every look at `/health`: platforms wait longer before they take a process for dead.
const HEALTH_WITHIN: Duration = Duration::from_secs(5);
/// Of half of them. Other tests run on the same processors: more of them would fail now and then.
const HALF_OF_HEALTH_WITHIN: Duration = Duration::from_millis(50);

pub(super) type Request = (Method, String, Option<Value>);

pub(super) fn create(title: &str) -> Request {
    (Method::POST, "/tasks".to_owned(), Some(json!({"title": title})))
}

/// A batch that adds two tasks, and deletes one that is not there.
pub(super) fn batch(title: &str) -> Request {
    let add = json!({"op": "add", "task": {"title": title}});
    let body = json!({"operations": [add, {"op": "delete", "id": 1_000_000}, add]});
    (Method::POST, "/tasks/batch".to_owned(), Some(body))
}

pub(super) fn list() -> Request {
    (Method::GET, "/tasks?limit=500".to_owned(), None)
}

pub(super) fn say(message: &str) -> Request {
    (Method::POST, "/chat".to_owned(), Some(json!({"message": message})))
}

pub(super) struct Bench {
    pub(super) cluster: Cluster,
    pub(super) alice: Person,
    thinking: Duration,
    acknowledged: Mutex<Vec<String>>,
}

/// What was seen of the replica's sessions.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    pub(super) most: usize,
    pub(super) longest_idle: Duration,
}

impl Bench {
    pub(super) async fn start() -> Self {
        Self::with_pool_of("10").await
    }

    pub(super) async fn with_pool_of(connections: &str) -> Self {
        let cluster = Cluster::with_environment(1, None, &[("DATABASE_POOL_SIZE", connections)]).await;
        let alice = Person::register(cluster.replicas[0].base(), "alice").await;
        let bench = Self { cluster, alice, thinking: Duration::ZERO, acknowledged: Mutex::default() };
        // Connections are opened before anything counts, a few at a time: in a debug build each
        // takes long.
        for count in 1..=10 {
            bench.ask_many(count, |_| list()).await;
        }
        bench
    }

    /// A chat may take so much longer, because its model does.
    pub(super) fn thinking_for(self, thinking: Duration) -> Self {
        Self { thinking, ..self }
    }

    pub(super) async fn another(&self, name: &str) -> Person {
        Person::register(self.cluster.replicas[0].base(), name).await
    }

    /// A program that Alice has given a token, which it has not used yet.
    pub(super) async fn program_of_alice(&self) -> Person {
        let new = json!({"name": "laptop", "scopes": ["tasks:read"], "expires_in_days": null});
        let answer = self.ask((Method::POST, "/tokens".to_owned(), Some(new))).await;
        self.alice.program(answer.body["token"].as_str().unwrap())
    }

    pub(super) async fn ask(&self, request: Request) -> Answer {
        self.ask_as(&self.alice, request).await
    }

    pub(super) async fn ask_as(&self, person: &Person, request: Request) -> Answer {
        self.in_time(person, request, None).await
    }

    pub(super) async fn ask_with_key(&self, request: Request, key: &str) -> Answer {
        self.in_time(&self.alice, request, Some(key)).await
    }

    /// Asks, and checks that the answer comes in time and is no 500.
    async fn in_time(&self, person: &Person, request: Request, key: Option<&str>) -> Answer {
        let started_at = Instant::now();
        let words = format!("{} {}", request.0, request.1);
        let time = if request.1 == "/chat" { ANSWER_WITHIN + self.thinking } else { ANSWER_WITHIN };
        let answer = person.send(self.cluster.replicas[0].base(), request, key).await;
        let answer = answer.unwrap_or_else(|| panic!("no answer to {words}"));
        assert_ne!(answer.status, 500, "{words}: {answer:?}");
        assert!(started_at.elapsed() < time, "{words} took {:?}: {answer:?}", started_at.elapsed());
        answer
    }

    /// Asks so many things at once.
    pub(super) async fn ask_many(&self, count: usize, request: impl Fn(usize) -> Request) -> Vec<Answer> {
        join_all((0..count).map(|index| self.ask(request(index)))).await
    }

    /// Adds tasks all the time, and on until one is acknowledged; every answer is 201 or 503.
    pub(super) async fn load_for(&self, time: Duration) {
        let started_at = Instant::now();
        let mut count = 0;
        while started_at.elapsed() < time || self.acknowledged.lock().unwrap().is_empty() {
            let titles: Vec<String> = (0..5).map(|index| format!("load {count} {index}")).collect();
            let asking = titles.iter().map(|title| async move {
                let answer = self.ask(create(title)).await;
                assert!([201, 503].contains(&answer.status), "{answer:?}");
                (answer.status == 201).then(|| title.clone())
            });
            let done = join_all(asking).await;
            self.acknowledged.lock().unwrap().extend(done.into_iter().flatten());
            count += 1;
        }
    }

    /// Checks that what was acknowledged under [`load_for`](Self::load_for) is there, once.
    pub(super) async fn nothing_is_lost(&self) {
        let titles = self.cluster.postgres.query("SELECT title FROM todo").await.unwrap().concat();
        let acknowledged = self.acknowledged.lock().unwrap().clone();
        assert!(!acknowledged.is_empty());
        for title in acknowledged {
            assert_eq!(titles.iter().filter(|other| **other == title).count(), 1, "{title}");
        }
    }

    /// Waits for the first success since `back`.
    pub(super) async fn recovers(&self, back: Instant, within: Duration) {
        while self.ask(list()).await.status != 200 {
            assert!(back.elapsed() < within, "not within {within:?}");
            sleep(Duration::from_millis(20)).await;
        }
        assert!(back.elapsed() < within, "{:?}", back.elapsed());
    }

    /// Looks at `/health` until `over` is, checks that the answers were quick, and prints how quick.
    #[expect(clippy::print_stdout, reason = "the test harness shows it to who wants to see it")]
    pub(super) async fn health_is_quick_during<T>(&self, over: impl Future<Output = T>) -> T {
        let http = reqwest::Client::builder().no_proxy().timeout(HEALTH_WITHIN).build().unwrap();
        let url = format!("{}/health", self.cluster.replicas[0].base());
        let mut latencies = Vec::new();
        let looking = async {
            loop {
                let asked_at = Instant::now();
                assert_eq!(http.get(&url).send().await.unwrap().status(), 200);
                latencies.push(asked_at.elapsed());
                sleep(Duration::from_millis(10)).await;
            }
        };
        let outcome = tokio::select! {
            outcome = over => outcome,
            () = looking => unreachable!("it looks for ever"),
        };
        latencies.sort_unstable();
        let within = |percent: usize| latencies[(latencies.len() - 1) * percent / 100];
        println!(
            "{} looks at /health: half within {:?}, 99 % within {:?}, all within {:?}",
            latencies.len(),
            within(50),
            within(99),
            within(100)
        );
        assert!(within(50) < HALF_OF_HEALTH_WITHIN, "{latencies:?}");
        outcome
    }

    /// Returns how many tasks there are.
    pub(super) async fn count(&self) -> usize {
        let rows = self.cluster.postgres.query("SELECT count(*) FROM todo").await.unwrap();
        rows[0][0].parse().unwrap()
    }

    /// Has every COMMIT wait for a standby that does not exist, or no longer.
    pub(super) async fn wait_for_a_standby(&self, waits: bool) {
        let name = if waits { "nobody" } else { "" };
        // A change of the system is no transaction.
        let session = self.cluster.postgres.session().await.unwrap();
        session
            .simple_query(&format!("ALTER SYSTEM SET synchronous_standby_names = '{name}'"))
            .await
            .unwrap();
        session.simple_query("SELECT pg_reload_conf()").await.unwrap();
        let shows = || self.cluster.wait_for("SHOW synchronous_standby_names", name, ANSWER_WITHIN);
        assert!(shows().await);
    }

    /// Makes the database one that may only be read, or no longer.
    pub(super) async fn set_read_only(&self, is_read_only: bool) {
        let setting = if is_read_only { "SET default_transaction_read_only = on" } else { "RESET ALL" };
        let session = self.cluster.postgres.session().await.unwrap();
        session.batch_execute("SET default_transaction_read_only = off").await.unwrap();
        session.batch_execute(&format!("ALTER DATABASE chaos {setting}")).await.unwrap();
        // It holds for new sessions.
        self.cluster.postgres.terminate_all().await;
    }

    /// Has every change of a task, a turn or a token fail as Postgres fails when its disk is full, or no
    /// longer.
    pub(super) async fn set_disk_full(&self, is_full: bool) {
        let session = self.cluster.postgres.session().await.unwrap();
        let statements = if is_full {
            r#"CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                   RAISE EXCEPTION USING ERRCODE = '53100',
                       MESSAGE = 'could not extend file "base/16384/16400": No space left on device',
                       HINT = 'Check free disk space.';
               END $$;
               CREATE TRIGGER disk_is_full BEFORE INSERT OR UPDATE ON todo EXECUTE FUNCTION disk_is_full();
               CREATE TRIGGER disk_is_full BEFORE INSERT OR UPDATE ON turn EXECUTE FUNCTION disk_is_full();
               CREATE TRIGGER disk_is_full BEFORE UPDATE ON access_token EXECUTE FUNCTION disk_is_full()"#
        } else {
            "DROP FUNCTION disk_is_full CASCADE"
        };
        session.batch_execute(statements).await.unwrap();
    }

    /// Has every change of a task or a turn rolled back with this error, or none any more. The sequence
    /// counts them: it is rolled back with nothing.
    pub(super) async fn set_rolled_back(&self, error: Option<(&str, &str)>) {
        let session = self.cluster.postgres.session().await.unwrap();
        let statements = match error {
            Some((code, message)) => format!(
                "CREATE SEQUENCE rolled_back_attempt;
                 CREATE FUNCTION roll_back() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                     PERFORM nextval('rolled_back_attempt');
                     RAISE EXCEPTION USING ERRCODE = '{code}', MESSAGE = '{message}';
                 END $$;
                 CREATE TRIGGER roll_back BEFORE INSERT OR UPDATE ON todo EXECUTE FUNCTION roll_back();
                 CREATE TRIGGER roll_back BEFORE INSERT OR UPDATE ON turn EXECUTE FUNCTION roll_back()"
            ),
            None => "DROP FUNCTION roll_back CASCADE; DROP SEQUENCE rolled_back_attempt".to_owned(),
        };
        session.batch_execute(&statements).await.unwrap();
    }

    /// Waits until so many sessions wait for a lock.
    pub(super) async fn wait_for_lock_waiters(&self, count: usize) {
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
        let count = count.to_string();
        assert!(self.cluster.wait_for(waiting, &count, ANSWER_WITHIN).await, "others wait for a lock");
    }

    /// Watches the replica's sessions.
    pub(super) async fn sessions_for(&self, time: Duration) -> Sessions {
        const LOOK: &str =
            "SELECT count(*), coalesce(max(extract(milliseconds FROM clock_timestamp() - state_change))
                                FILTER (WHERE state = 'idle in transaction'), 0)::int
                            FROM pg_stat_activity
                            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let (started_at, mut seen) = (Instant::now(), Sessions::default());
        while started_at.elapsed() < time {
            let row = self.cluster.postgres.query(LOOK).await.unwrap().concat();
            seen.most = seen.most.max(row[0].parse().unwrap());
            seen.longest_idle = seen.longest_idle.max(Duration::from_millis(row[1].parse().unwrap()));
            sleep(Duration::from_millis(25)).await;
        }
        seen
    }
}
