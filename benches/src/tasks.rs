//! A list of tasks, against two ceilings of the same run: the same server without a database, and
//! the same query without a server.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::task::JoinSet;
use tokio_postgres::{Client, NoTls, Statement};

use crate::{
    people::{self, Person},
    report::{line, ms},
    server::Server,
    stats::{Durations, median},
};

/// As many as the server has connections to the database.
const CONNECTIONS: usize = 8;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);
const TASKS: usize = 20;
const NO_MODEL: &str = "http://127.0.0.1:1/v1";
const QUERY: &str = "SELECT number, title, description, completed, created_at::text, updated_at::text \
                     FROM todo WHERE user_id = $1::text::uuid ORDER BY number DESC LIMIT 201";

pub(crate) async fn measure(binary: &Path, database: &str) {
    let server = Server::ready(binary, database, NO_MODEL);
    let http = people::client();
    let person = Person::register(&http, &server).await;
    for number in 0..TASKS {
        person.add_task(&format!("Task {number} of the benches")).await;
    }
    let mut sessions = Vec::new();
    for _ in 0..CONNECTIONS {
        sessions.push(Asker::Query(Arc::new(Session::open(database, &person.id).await)));
    }
    let health = Asker::Health(http, server.url("/health"));
    let mut series = [
        Series::of("GET tasks", vec![Asker::Tasks(person); CONNECTIONS]),
        Series::of("ceiling: GET /health of the same server", vec![health; CONNECTIONS]),
        Series::of("ceiling: the same query without a server", sessions),
    ];
    for _ in 0..ROUNDS {
        for series in &mut series {
            series.round().await;
        }
    }
    line("connections, tasks in a list", format!("{CONNECTIONS}, {TASKS}"));
    series.iter().for_each(Series::print);
    let [tasks, health, query] = series.map(|series| median(series.rates));
    line("GET tasks as a share of GET /health", format!("{:.2}", tasks / health));
    line("GET tasks as a share of the bare query", format!("{:.2}", tasks / query));
    line("memory after that", format!("{:.1} MiB", server.memory()));
}

/// What asks again and again.
#[derive(Clone)]
enum Asker {
    Tasks(Person),
    Health(reqwest::Client, String),
    Query(Arc<Session>),
}

impl Asker {
    async fn ask(&self) {
        let size = match self {
            Self::Tasks(person) => person.tasks().await,
            Self::Health(http, url) => people::bytes(http.get(url)).await,
            Self::Query(session) => session.rows().await,
        };
        assert!(size > 0, "an empty answer");
    }

    async fn ask_until(self, end: Instant) -> Vec<Duration> {
        let mut took = Vec::new();
        while Instant::now() < end {
            let started_at = Instant::now();
            self.ask().await;
            took.push(started_at.elapsed());
        }
        took
    }
}

/// A connection to the database with the query prepared.
struct Session {
    client: Client,
    statement: Statement,
    user: String,
}

impl Session {
    async fn open(database: &str, user: &str) -> Self {
        let (client, connection) = tokio_postgres::connect(database, NoTls).await.expect("a connection");
        tokio::spawn(connection);
        let statement = client.prepare(QUERY).await.expect("a query that is good");
        Self { client, statement, user: user.to_owned() }
    }

    async fn rows(&self) -> usize {
        let rows = self.client.query(&self.statement, &[&self.user]).await.expect("rows");
        assert_eq!(rows.len(), TASKS);
        rows.len()
    }
}

/// Rounds of one kind.
struct Series {
    name: &'static str,
    askers: Vec<Asker>,
    rates: Vec<f64>,
    took: Vec<Duration>,
}

impl Series {
    fn of(name: &'static str, askers: Vec<Asker>) -> Self {
        Self { name, askers, rates: Vec::new(), took: Vec::new() }
    }

    async fn round(&mut self) {
        let started_at = Instant::now();
        let asking: JoinSet<_> =
            self.askers.iter().map(|asker| asker.clone().ask_until(started_at + ROUND)).collect();
        let took = asking.join_all().await.concat();
        self.rates.push(took.len() as f64 / started_at.elapsed().as_secs_f64());
        self.took.extend(took);
    }

    fn print(&self) {
        let took = Durations::new(self.took.clone());
        let rate = median(self.rates.clone());
        let (middle, late) = (ms(took.median()), ms(took.percentile(0.99)));
        line(self.name, format!("{rate:.0}/s, p50 {middle}, p99 {late}"));
    }
}
