//! Errors of the configuration: all are collected and named, and none quotes a value.

use secrecy::{ExposeSecret, SecretString};

/// What is wrong with one variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The variable's name.
    pub variable: &'static str,
    /// What it wants, without its value.
    pub wants: String,
}

/// Everything that is wrong with the configuration, one line each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct ConfigError(pub Vec<Problem>);

fn lines(problems: &[Problem]) -> String {
    let line = |problem: &Problem| format!("{} {}", problem.variable, problem.wants);
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The problems found so far.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Problem>);

impl Problems {
    /// Takes note of a problem.
    pub(super) fn note(&mut self, variable: &'static str, wants: impl Into<String>) {
        self.0.push(Problem { variable, wants: wants.into() });
    }

    /// Returns the parsed value, or `default` when there is none or it is bad.
    pub(super) fn parse<T>(
        &mut self,
        variable: &'static str,
        value: Option<&str>,
        default: T,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> T {
        match value.map(parse) {
            None => default,
            Some(Ok(parsed)) => parsed,
            Some(Err(wants)) => {
                self.note(variable, wants);
                default
            }
        }
    }

    /// Returns what `parse` makes of a secret. When it is absent, `missing` says what is wanted, or
    /// that nothing is.
    pub(super) fn parse_secret<T>(
        &mut self,
        variable: &'static str,
        value: Option<&SecretString>,
        missing: Option<&str>,
        parse: impl FnOnce(&SecretString) -> Result<T, String>,
    ) -> Option<T> {
        let Some(value) = value.filter(|value| !value.expose_secret().is_empty()) else {
            if let Some(wants) = missing {
                self.note(variable, wants);
            }
            return None;
        };
        match parse(value) {
            Ok(parsed) => Some(parsed),
            Err(wants) => {
                self.note(variable, wants);
                None
            }
        }
    }

    /// Returns `config`, unless there are problems.
    pub(super) fn into_result<T>(self, config: T) -> Result<T, ConfigError> {
        if self.0.is_empty() { Ok(config) } else { Err(ConfigError(self.0)) }
    }
}
