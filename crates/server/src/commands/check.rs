//! `todo-ai-chatbot check`: whether the configuration, the database, the model and, where they are
//! configured, the mail server and the providers of sign-ins are good, each in one line for a person. Only
//! looks; ends within ten seconds even when a service does not answer.

mod database;
mod mail;
mod model;
mod providers;

use std::{fmt::Display, time::Duration};

use futures::future::join_all;

use crate::{
    command_line::EX_CONFIG,
    config::{Config, ConfigError},
    service_clients,
};

/// How long the mail server, and each provider, may take.
const CHECK_TIMEOUT: Duration = Duration::from_secs(8);
/// What is said of all other checks when the configuration is bad.
const NOT_LOOKED_AT: &str = "not looked at; the configuration comes first";

/// What was found of each thing, in the order in which it is told. The configuration is the first.
#[derive(Debug)]
pub struct Report(Vec<(&'static str, Finding)>);

/// What was found of one thing, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Finding {
    Good(String),
    Bad(String),
    NotLookedAt,
}

/// Looks at everything that the configuration names.
pub async fn check(config: &Result<Config, ConfigError>) -> Report {
    let config = match config {
        Ok(config) => config,
        Err(error) => {
            let configuration = Finding::Bad(error.to_string());
            let rest = ["database", "model"].map(|what| (what, Finding::NotLookedAt));
            return Report([("configuration", configuration)].into_iter().chain(rest).collect());
        }
    };
    service_clients::choose_cryptography();
    let mail = async {
        let settings = config.mail.as_ref()?;
        Some(("mail", mail::check(settings).await))
    };
    let providers = config
        .providers
        .iter()
        .map(async |provider| (provider.provider.as_str(), providers::check(provider).await));
    let (database, model, mail, providers) =
        tokio::join!(database::check(config), model::check(&config.model), mail, join_all(providers));
    let environment = format!("{:?}", config.environment).to_lowercase();
    let configuration = Finding::Good(format!("every variable is good, for {environment}"));
    let always = [("configuration", configuration), ("database", database), ("model", model)];
    Report(always.into_iter().chain(mail).chain(providers).collect())
}

impl Report {
    /// 0 when all is well, 78 (`EX_CONFIG` of sysexits.h) when the configuration is not good, 1 when
    /// something else is not.
    pub fn exit_code(&self) -> u8 {
        let is_good = |(_, finding): &(&str, Finding)| matches!(finding, Finding::Good(_));
        match self.0.iter().position(|found| !is_good(found)) {
            None => 0,
            Some(0) => EX_CONFIG,
            Some(_) => 1,
        }
    }
}

/// One line each. What is wrong with the configuration is one line for each variable.
impl Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (what, finding) in &self.0 {
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
