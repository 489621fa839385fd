//! Several replicas of the real server on one Postgres and one model, with a bad network between.

mod replica;

use std::time::Duration;

use devkit::model::{Faults, Options, StandIn};

use super::{ChaosProxy, Journal, PrivatePostgres};
use crate::{Environment, TestApp};
pub use replica::Replica;

/// Replicas, database and model, and the proxies in front of the latter two.
#[derive(Debug)]
pub struct Cluster {
    /// The replicas.
    pub replicas: Vec<Replica>,
    /// What happened.
    pub journal: Journal,
    /// The network between the replicas and the database.
    pub database: ChaosProxy,
    /// The network between the replicas and the model.
    pub model: ChaosProxy,
    /// The model.
    pub stand_in: StandIn,
    /// The database itself: the last to go.
    pub postgres: PrivatePostgres,
}

impl Cluster {
    /// Starts `count` replicas on an empty database, all at once.
    ///
    /// # Panics
    /// When something does not start.
    pub async fn start(count: usize, faults: Option<Faults>) -> Self {
        Self::with_environment(count, faults, &[]).await
    }

    /// Starts them with these variables set.
    ///
    /// # Panics
    /// When something does not start.
    pub async fn with_environment(count: usize, faults: Option<Faults>, variables: &[(&str, &str)]) -> Self {
        let postgres = PrivatePostgres::start().await;
        let model = Options { faults, ..Options::for_tests() };
        let stand_in = StandIn::start(model).await.expect("a model");
        let to_database = ChaosProxy::start(postgres.address()).await.expect("a proxy");
        let to_model = ChaosProxy::in_front(&stand_in.base_url()).await.expect("a proxy");
        let database_url = to_database.in_front_of(&postgres.url());
        let model_url = to_model.in_front_of(&stand_in.base_url());
        let mut environment = production(&database_url, &model_url);
        for (name, value) in variables {
            environment = environment.with(*name, *value);
        }
        let mut replicas = Vec::with_capacity(count);
        for _ in 0..count {
            replicas.push(Replica::start(environment.clone()).await);
        }
        for replica in &replicas {
            replica.wait_ready().await;
        }
        Self {
            replicas,
            journal: Journal::default(),
            database: to_database,
            model: to_model,
            stand_in,
            postgres,
        }
    }

    /// Returns the end of what every replica wrote.
    pub fn log_tails(&self, lines: usize) -> String {
        let tails = self.replicas.iter().enumerate().map(|(number, replica)| {
            let text = replica.log();
            let all: Vec<&str> = text.lines().collect();
            let tail = all[all.len().saturating_sub(lines)..].join("\n");
            format!("--- replica {number}\n{tail}\n")
        });
        tails.collect()
    }

    /// Waits until `query` yields `wanted`; a database that is not there yields nothing.
    pub async fn wait_for(&self, query: &str, wanted: &str, patience: Duration) -> bool {
        let begun = tokio::time::Instant::now();
        let mut session = None;
        while begun.elapsed() < patience {
            // A new session costs more than many looks.
            session = match session {
                None => self.postgres.session().await.ok(),
                open => open,
            };
            let Some(open) = &session else { continue };
            match PrivatePostgres::rows(open, query).await {
                Ok(rows) if rows.first().and_then(|row| row.first()).is_some_and(|cell| cell == wanted) => {
                    return true;
                }
                Ok(_) => {}
                Err(_gone) => session = None,
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        false
    }
}

/// Tokens live as long as the longest run.
fn production(database_url: &str, model_url: &str) -> Environment {
    TestApp::production(database_url, model_url).with("JWT_EXPIRE_MINUTES", "1440")
}
