//! Several replicas of the real server on one Postgres and one model, with a bad network between.

mod replica;

use std::time::Duration;

use devkit::model::{Faults, Options, StandIn};

use super::{ChaosProxy, EventLog, PrivatePostgres, chaos_environment_variables, pooler::Pooler};
use crate::{Environment, TestApp};
pub use replica::Replica;

/// Replicas, database and model, and the proxies in front of the latter two.
#[derive(Debug)]
pub struct Cluster {
    /// The replicas.
    pub replicas: Vec<Replica>,
    /// What happened.
    pub event_log: EventLog,
    /// The network between the replicas and the database.
    pub database: ChaosProxy,
    /// The network between the replicas and the model.
    pub model: ChaosProxy,
    /// The model.
    pub stand_in: StandIn,
    /// What stands in front of the database, where there is one.
    pub pooler: Option<Pooler>,
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
        let pooler = match chaos_environment_variables::pooler() {
            Some(program) => Some(Pooler::start(&program, &postgres.url()).await),
            None => None,
        };
        let upstream = pooler.as_ref().map_or_else(|| postgres.address(), Pooler::address);
        let to_database = ChaosProxy::start(upstream).await.expect("a proxy");
        let to_model = ChaosProxy::in_front(&stand_in.base_url()).await.expect("a proxy");
        let database_url = to_database.in_front_of(&postgres.url());
        let model_url = to_model.in_front_of(&stand_in.base_url());
        let mut environment = production(&database_url, &model_url);
        for (name, value) in variables {
            environment = environment.with(*name, *value);
        }
        let mut replicas = Vec::with_capacity(count);
        for number in 0..count {
            replicas.push(Replica::start(on_its_own_clock(environment.clone(), number)).await);
        }
        for replica in &replicas {
            replica.wait_ready().await;
        }
        Self {
            replicas,
            event_log: EventLog::default(),
            database: to_database,
            model: to_model,
            stand_in,
            pooler,
            postgres,
        }
    }

    /// Returns the end of what every replica wrote, and the pooler.
    pub fn log_tails(&self, lines: usize) -> String {
        let replicas = self.replicas.iter().enumerate();
        let replicas = replicas.map(|(number, replica)| (format!("replica {number}"), replica.log()));
        let pooler = self.pooler.iter().map(|pooler| ("pooler".to_owned(), pooler.log()));
        let tails = replicas.chain(pooler).map(|(name, text)| {
            let all: Vec<&str> = text.lines().collect();
            let tail = all[all.len().saturating_sub(lines)..].join("\n");
            format!("--- {name}\n{tail}\n")
        });
        tails.collect()
    }

    /// Waits until `query` yields `wanted`; a database that is not there yields nothing.
    pub async fn wait_for(&self, query: &str, wanted: &str, timeout: Duration) -> bool {
        let started_at = tokio::time::Instant::now();
        let mut session = None;
        while started_at.elapsed() < timeout {
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

/// Puts one replica an hour behind and the next an hour ahead: no two machines agree on the time, and nothing
/// may depend on it. The first one gives out the tokens: none is good before its time.
fn on_its_own_clock(environment: Environment, number: usize) -> Environment {
    // Built by `build.rs`, where there is such a thing.
    let Some(folder) = option_env!("CLOCK_SKEW_FOLDER") else { return environment };
    // The folder is named apart: `LD_PRELOAD` ends a path at a space, and `LD_LIBRARY_PATH` at these alone.
    assert!(
        !folder.contains([':', ';']),
        "no library is loaded from {folder}: build in a path without : and ;"
    );
    let skew = if number.is_multiple_of(2) { "-3600" } else { "3600" };
    let environment = environment.with("LD_PRELOAD", "libclock_skew.so").with("LD_LIBRARY_PATH", folder);
    environment.with("CLOCK_SKEW_SECONDS", skew)
}

/// Tokens live as long as the longest run.
fn production(database_url: &str, model_url: &str) -> Environment {
    TestApp::production(database_url, model_url).with("JWT_EXPIRE_MINUTES", "1440")
}
