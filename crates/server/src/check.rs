//! `todo-ai-chatbot check`: whether the configuration, the database and the model are good, each in one
//! line for a person. Only looks; ends within ten seconds whoever does not answer.

mod database;
mod model;

use std::fmt::Display;

use crate::{
    backends,
    command_line::EX_CONFIG,
    config::{Config, ConfigError},
};

/// What is said of everything that is looked at once the configuration is bad.
const NOT_LOOKED_AT: &str = "not looked at; the configuration comes first";

/// What was found.
#[derive(Debug)]
pub struct Report {
    configuration: Finding,
    database: Finding,
    model: Finding,
}

/// What was found of one thing, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Finding {
    Good(String),
    Bad(String),
    NotLookedAt,
}

/// Looks at everything that the configuration names.
pub async fn check(config: &Result<Config, ConfigError>) -> Report {
    match config {
        Ok(config) => {
            backends::choose_cryptography();
            let (database, model) = tokio::join!(database::check(config), model::check(&config.model));
            let environment = format!("{:?}", config.environment).to_lowercase();
            let configuration = Finding::Good(format!("every variable is good, for {environment}"));
            Report { configuration, database, model }
        }
        Err(error) => Report {
            configuration: Finding::Bad(error.to_string()),
            database: Finding::NotLookedAt,
            model: Finding::NotLookedAt,
        },
    }
}

impl Report {
    /// 0 when all is well, 78 (`EX_CONFIG` of sysexits.h) when the configuration is not good, 1 when
    /// something else is not.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self { configuration: Finding::Good(_), database: Finding::Good(_), model: Finding::Good(_) } => {
                0
            }
            Self { configuration: Finding::Good(_), .. } => 1,
            Self { .. } => EX_CONFIG,
        }
    }
}

/// One line each. What is wrong with the configuration is one line for each variable.
impl Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let findings =
            [("configuration", &self.configuration), ("database", &self.database), ("model", &self.model)];
        for (what, finding) in findings {
            let (word, text) = match finding {
                Finding::Good(text) => ("good", text.as_str()),
                Finding::Bad(text) => ("BAD", text.as_str()),
                Finding::NotLookedAt => ("-", NOT_LOOKED_AT),
            };
            for line in text.lines() {
                writeln!(f, "{word:<5} {what:<14} {line}")?;
            }
        }
        Ok(())
    }
}
