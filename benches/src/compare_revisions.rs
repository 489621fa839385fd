//! Two binaries side by side, in one run: `make bench-compare BEFORE=<revision>`.
//!
//! Each has a database of its own on one Postgres, and the rounds alternate, so that whatever else
//! the machine does hits both alike. What counts is the ratio.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use devkit::model::{Options, StandIn, script};
use devkit::postgres::{DATABASE, LocalPostgres};
use serde_json::json;
use tokio::task::JoinSet;
use tokio_postgres::NoTls;

use crate::{
    api_client::{self, Person},
    report::{line, title},
    server::Server,
    stats::median,
};

/// As many clients as the server has connections to the database.
const CLIENTS: usize = 8;
const ROUNDS: usize = 7;
const ROUND: Duration = Duration::from_secs(2);
const STARTS: usize = 15;
const TASKS: usize = 20;
/// Of one conversation.
const TURNS: usize = 20;
const DATABASES: [&str; 2] = ["compare_before", "compare_after"];

/// What the clients do again and again.
#[derive(Debug, Clone, Copy)]
enum Workload {
    ListTasks,
    AddTask,
    TurnWithoutTool,
    TurnWithTool,
    TurnWithManyChanges,
}

impl Workload {
    const ALL: [(Self, &str); 5] = [
        (Self::ListTasks, "GET 20 tasks"),
        (Self::AddTask, "POST a task"),
        (Self::TurnWithoutTool, "a turn without a tool"),
        (Self::TurnWithTool, "a turn with one tool call"),
        (Self::TurnWithManyChanges, "a turn that changes ten tasks"),
    ];

    async fn run(self, reader: &Person, writer: &Person, conversation: &mut Conversation) {
        match self {
            Self::ListTasks => assert!(reader.tasks().await > 0, "an empty answer"),
            Self::AddTask => writer.add_task("A task of the benches").await,
            Self::TurnWithoutTool => conversation.say(writer, "Hello there").await,
            Self::TurnWithTool => conversation.say(writer, "Add a task").await,
            Self::TurnWithManyChanges => conversation.say(reader, "Complete ten tasks").await,
        }
    }
}

/// Where a client says something: a new conversation after every few turns, as people begin them.
#[derive(Debug, Default)]
struct Conversation {
    id: Option<String>,
    turns: usize,
}

impl Conversation {
    async fn say(&mut self, person: &Person, message: &str) {
        if self.turns == TURNS {
            *self = Self::default();
        }
        let answer = person.chat(message, self.id.as_deref()).await;
        self.id = answer["conversation_id"].as_str().map(str::to_owned);
        self.turns += 1;
    }
}

/// A server under load with the people who use it.
struct Side {
    server: Server,
    readers: Vec<Person>,
    writers: Vec<Person>,
}

pub(crate) async fn measure(before: &Path, after: &Path, postgres: &LocalPostgres) {
    let model = StandIn::start(Options::for_tests()).await.expect("a model");
    model.on("Hello", [script::text("Hello to you.")]);
    model.on("Add", [script::call("add_task", json!({"title": "Milk"})), script::text("Added.")]);
    let ten = json!({"task_id": (1..=10).collect::<Vec<_>>()});
    model.on("Complete", [script::call("complete_task", ten), script::text("Completed.")]);
    create_databases(&postgres.url(DATABASE)).await;
    let urls = DATABASES.map(|name| postgres.url(name));
    title("exec to /health: before, after, ratio");
    starts([before, after], &urls, &model.base_url());
    let mut sides = Vec::new();
    for (binary, url) in [before, after].into_iter().zip(&urls) {
        sides.push(Side::open(binary, url, &model.base_url()).await);
    }
    title("requests a second: before, after, ratio");
    for (workload, name) in Workload::ALL {
        let mut rates = [Vec::new(), Vec::new()];
        for round in 0..ROUNDS {
            for turn in 0..sides.len() {
                let which = (round + turn) % sides.len();
                rates[which].push(sides[which].round(workload).await);
            }
        }
        compare(name, rates.map(median), "/s");
    }
    title("memory after that: before, after, ratio");
    compare("resident", [sides[0].server.memory(), sides[1].server.memory()], " MiB");
}

fn compare(name: &str, [before, after]: [f64; 2], unit: &str) {
    line(name, format!("{before:.1}{unit}, {after:.1}{unit}, {:.2}", after / before));
}

fn starts(binaries: [&Path; 2], urls: &[String; 2], model: &str) {
    let mut took = [Vec::new(), Vec::new()];
    for (binary, url) in binaries.iter().zip(urls) {
        // Migrates, and brings the binary into the page cache.
        drop(Server::ready(binary, url, model));
    }
    for _ in 0..STARTS {
        for (which, (binary, url)) in binaries.iter().zip(urls).enumerate() {
            took[which].push(Server::start(binary, url, model).1.as_secs_f64() * 1e3);
        }
    }
    compare("start, median", took.map(median), " ms");
}

async fn create_databases(url: &str) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("a connection");
    tokio::spawn(connection);
    for name in DATABASES {
        client.batch_execute(&format!("CREATE DATABASE {name}")).await.expect("a database of its own");
    }
}

impl Side {
    async fn open(binary: &Path, database: &str, model: &str) -> Self {
        let server = Server::ready(binary, database, model);
        let client = api_client::client();
        let (mut readers, mut writers) = (Vec::new(), Vec::new());
        for _ in 0..CLIENTS {
            let reader = Person::register(&client, &server).await;
            for number in 0..TASKS {
                reader.add_task(&format!("Task {number} of the benches")).await;
            }
            readers.push(reader);
            writers.push(Person::register(&client, &server).await);
        }
        Self { server, readers, writers }
    }

    /// Returns how many requests a second were answered.
    async fn round(&self, workload: Workload) -> f64 {
        let started_at = Instant::now();
        let mut clients = JoinSet::new();
        for (reader, writer) in self.readers.iter().cloned().zip(self.writers.iter().cloned()) {
            clients.spawn(async move {
                let (mut count, mut conversation) = (0_u32, Conversation::default());
                while started_at.elapsed() < ROUND {
                    workload.run(&reader, &writer, &mut conversation).await;
                    count += 1;
                }
                count
            });
        }
        let count: u32 = clients.join_all().await.into_iter().sum();
        f64::from(count) / started_at.elapsed().as_secs_f64()
    }
}
