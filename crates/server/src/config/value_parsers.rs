//! Parses the text of an environment variable into its value, or says what is wanted.

use std::net::IpAddr;

use jsonwebtoken::Algorithm;

use super::Environment;

pub(super) fn environment(text: &str) -> Result<Environment, String> {
    match text {
        "production" => Ok(Environment::Production),
        "development" => Ok(Environment::Development),
        _ => Err("must be production or development".to_owned()),
    }
}

pub(super) fn host(text: &str) -> Result<IpAddr, String> {
    text.parse().map_err(|_error| "must be an IP address, such as 0.0.0.0 or 127.0.0.1".to_owned())
}

pub(super) fn algorithm(text: &str) -> Result<Algorithm, String> {
    match text {
        "HS256" => Ok(Algorithm::HS256),
        "HS384" => Ok(Algorithm::HS384),
        "HS512" => Ok(Algorithm::HS512),
        _ => Err("must be HS256, HS384 or HS512".to_owned()),
    }
}

/// Returns a parser of whole numbers in bounds.
pub(super) fn number<T>(least: T, most: T, what: &'static str) -> impl FnOnce(&str) -> Result<T, String>
where
    T: std::str::FromStr + PartialOrd + std::fmt::Display,
{
    move |text| match text.parse::<T>() {
        Ok(number) if least <= number && number <= most => Ok(number),
        _ => Err(format!("must be {what}: a whole number from {least} to {most}")),
    }
}

/// A list of models, separated by commas.
pub(super) fn model_names(text: &str) -> Result<Vec<String>, String> {
    let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
    let is_good = |name: &String| !name.is_empty() && name.chars().count() <= 200;
    let is_twice = names.iter().enumerate().any(|(index, name)| names[..index].contains(name));
    if names.iter().all(is_good) && !is_twice {
        return Ok(names);
    }
    Err("must be names of models, each once, separated by commas".to_owned())
}
