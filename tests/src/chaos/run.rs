//! A run: clients do things while things go wrong; then it is quiet, and everything is read back.

mod random_operations;

use std::{sync::Arc, time::Duration};

use devkit::model::Faults;
use reqwest::Method;
use serde_json::json;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{
    Cluster, OperationRecord, Rng,
    client::{Client, Person, RetryBehaviour},
    faults, final_state, history_checker,
};
use random_operations::ClientState;

/// How long after the last fault every conversation takes a new message again.
const QUIET_WITHIN: Duration = Duration::from_secs(30);

/// So small that a conversation of a run outgrows it: the model is sent the newest turns of it only.
const SMALL_CONTEXT: (&str, &str) = ("OPENAI_CONTEXT_TOKENS", "8192");

/// What a run is like.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Where all chance comes from.
    pub seed: u64,
    /// How long things go wrong.
    pub time: Duration,
    /// How many clients there are.
    pub clients: usize,
    /// How many users they share.
    pub users: usize,
    /// How many replicas serve them.
    pub replicas: usize,
}

/// What came of a run.
#[derive(Debug)]
pub struct History {
    /// Its seed.
    pub seed: u64,
    /// Everything that clients did and were told.
    pub records: Vec<OperationRecord>,
    /// How many faults there were.
    pub faults: usize,
    violations: Vec<String>,
    event_log: String,
}

impl History {
    /// Runs `plan` and reads back what is there in the end.
    ///
    /// # Panics
    /// When the surroundings themselves fail.
    pub async fn record(plan: &Plan) -> Self {
        let model = Faults { error: 0.04, cut: 0.04, seed: plan.seed, ..Faults::default() };
        let cluster = Cluster::with_environment(plan.replicas, Some(model), &[SMALL_CONTEXT]).await;
        let cluster = Arc::new(cluster);
        let people = people(&cluster, plan).await;
        let schedule = faults::schedule(plan.seed, plan.replicas, cluster.pooler.is_some(), plan.time);
        let faults = schedule.len();
        let working = work(&cluster, plan, &people);
        let (records, ()) = tokio::join!(working, faults::happen(&cluster, schedule));
        cluster.event_log.note("QUIET");
        let mut violations = wake(&cluster, &people).await;
        let mut belongings = Vec::new();
        for (person, _) in &people {
            belongings.push(final_state::belongings(&cluster, person).await);
        }
        violations.extend(history_checker::violations(&records, &belongings));
        violations.extend(history_checker::database_rows::violations(&cluster.postgres, &records).await);
        violations.extend(cluster.stand_in.violations());
        violations.extend(cluster.event_log.complaints());
        let event_log = format!("{}\n{}", cluster.event_log.text(), cluster.log_tails(60));
        Self { seed: plan.seed, records, faults, violations, event_log }
    }

    /// # Panics
    /// When something did not hold; with the seed and everything that happened.
    pub fn assert_sound(&self) {
        let Self { seed, violations, event_log, .. } = self;
        assert!(
            violations.is_empty(),
            "{event_log}\n\nseed {seed}: {} violations\n{}",
            violations.len(),
            violations.join("\n")
        );
    }

    /// Returns what did not hold.
    pub fn violations(&self) -> &[String] {
        &self.violations
    }

    /// Returns everything that happened, one event a line, and the ends of the logs.
    pub fn event_log(&self) -> &str {
        &self.event_log
    }

    /// Returns the run in a line.
    pub fn summary(&self) -> String {
        let attempts: usize = self.records.iter().map(|record| record.attempts.len()).sum();
        let unknown = self.records.iter().filter(|record| record.was_done_by().is_none()).count();
        format!(
            "seed {}: {} faults, {} operations in {attempts} attempts, {unknown} without success, \
             slowest answer without a model {:.1} s, {} violations",
            self.seed,
            self.faults,
            self.records.len(),
            self.slowest().as_secs_f64(),
            self.violations.len()
        )
    }

    /// Returns the longest time in which a replica that nobody disturbed answered a request that
    /// waits for no model.
    fn slowest(&self) -> Duration {
        let quick = self.records.iter().filter(|record| !record.operation.asks_a_model());
        let attempts = quick.flat_map(|record| &record.attempts);
        let undisturbed = attempts.filter(|attempt| attempt.answer.is_some() && !attempt.is_disturbed);
        undisturbed.map(|attempt| attempt.to - attempt.from).max().unwrap_or_default()
    }
}

/// Registers the users and opens a conversation for each that their clients share.
async fn people(cluster: &Cluster, plan: &Plan) -> Vec<(Person, String)> {
    let base = cluster.replicas[0].base();
    let mut people = Vec::new();
    for user in 0..plan.users {
        let person = Person::register(base, &format!("user-{user}")).await;
        let hello = (Method::POST, "/chat".to_owned(), Some(json!({"message": "hello"})));
        let shared = loop {
            let answer = person.send(base, hello.clone(), Some("hello")).await;
            let id = answer.and_then(|answer| Some(answer.body["conversation_id"].as_str()?.to_owned()));
            // The model fails now and then from the beginning.
            if let Some(id) = id {
                break id;
            }
        };
        people.push((person, shared));
    }
    people
}

/// Lets every client work until the time is up and its last operation is over.
async fn work(cluster: &Arc<Cluster>, plan: &Plan, people: &[(Person, String)]) -> Vec<OperationRecord> {
    let end = Instant::now() + plan.time;
    let mut clients = JoinSet::new();
    for number in 0..plan.clients {
        let user = number % plan.users;
        let (person, shared) = people[user].clone();
        let mut rng = Rng::new(plan.seed, &format!("client {number}"));
        let mut drawing = ClientState::new(number, shared);
        let manners =
            RetryBehaviour { goes_away: 0.05, is_impatient: 0.5, asks_twice: 0.1, asks_again: 0.15 };
        let mut client = Client {
            number,
            user,
            person,
            cluster: Arc::clone(cluster),
            rng: Rng::new(plan.seed, &format!("luck of client {number}")),
            manners,
        };
        clients.spawn(async move {
            let mut records = Vec::new();
            while Instant::now() < end {
                let operation = drawing.next(&mut rng);
                let record = client.perform(operation, records.len()).await;
                drawing.learn(&record);
                records.push(record);
                sleep(rng.between(Duration::from_millis(5), Duration::from_millis(60))).await;
            }
            records
        });
    }
    clients.join_all().await.into_iter().flatten().collect()
}

/// Says something in every conversation: none may refuse for longer than [`QUIET_WITHIN`].
async fn wake(cluster: &Arc<Cluster>, people: &[(Person, String)]) -> Vec<String> {
    let mut waking = JoinSet::new();
    let rows = cluster.postgres.query("SELECT user_id, id FROM conversation").await;
    for row in rows.expect("a list of conversations") {
        let Some((person, _)) = people.iter().find(|(person, _)| person.id == row[0]) else { continue };
        let (person, conversation, cluster) = (person.clone(), row[1].clone(), Arc::clone(cluster));
        waking.spawn(async move {
            let started_at = Instant::now();
            let body = json!({"message": "are you there?", "conversation_id": conversation});
            while started_at.elapsed() < QUIET_WITHIN {
                let request = (Method::POST, "/chat".to_owned(), Some(body.clone()));
                let answer = person.send(cluster.replicas[0].base(), request, None).await;
                if answer.is_some_and(|answer| answer.is_success()) {
                    return None;
                }
                sleep(Duration::from_millis(100)).await;
            }
            Some(format!("conversation {conversation} takes no new message"))
        });
    }
    waking.join_all().await.into_iter().flatten().collect()
}
