//! The models: whether their API answers, takes the key and has them.

use adapters::openai::{ModelFault, ModelLookup};
use futures::future::join_all;

use super::Finding;
use crate::{config::ModelSettings, service_clients};

/// Looks all models up that people may get an answer from.
pub(super) async fn check(settings: &ModelSettings) -> Finding {
    if settings.is_absent() {
        return Finding::Good("OPENAI_API_KEY is not set; the stand-in answers, for development".to_owned());
    }
    let mut names: Vec<&str> = Vec::new();
    for name in settings.names() {
        if !names.contains(&name.as_str()) {
            names.push(name);
        }
    }
    let looked_up = join_all(names.iter().map(|name| look_up(settings, name))).await;
    finding(&names, looked_up)
}

/// Tells every fault that there is, and one that several models share only once.
fn finding(names: &[&str], looked_up: Vec<Result<ModelLookup, String>>) -> Finding {
    let tells_nothing = looked_up.contains(&Ok(ModelLookup::NotListable));
    let mut faults: Vec<(String, Vec<&str>)> = Vec::new();
    for (name, outcome) in names.iter().zip(looked_up) {
        let Err(fault) = outcome else { continue };
        match faults.iter_mut().find(|(known, _)| *known == fault) {
            Some((_, models)) => models.push(name),
            None => faults.push((fault, vec![name])),
        }
    }
    if !faults.is_empty() {
        let lines = faults.iter().map(|(fault, models)| format!("{}: {fault}", models.join(", ")));
        return Finding::Bad(lines.collect::<Vec<_>>().join("\n"));
    }
    let names = names.join(", ");
    Finding::Good(if tells_nothing {
        format!(
            "the API answers but lists no models; whether it takes the key and has {names} shows with the first message"
        )
    } else {
        format!("the API answers and has {names}")
    })
}

async fn look_up(settings: &ModelSettings, name: &str) -> Result<ModelLookup, String> {
    let model = service_clients::model(settings, name).map_err(|error| error.to_string())?;
    model.look_up().await.map_err(|fault| format!("{fault}{}", advice(&fault)))
}

/// What a person can do, where the fault does not say it.
fn advice(fault: &ModelFault) -> &'static str {
    match fault {
        ModelFault::KeyRefused(_) => {
            ". What to do: set it to a key of your account at whoever OPENAI_BASE_URL names"
        }
        ModelFault::NoApi(_) => "",
        ModelFault::NoSuchModel(_) => {
            ". What to do: choose one of these, or another API with OPENAI_BASE_URL"
        }
        ModelFault::Unreachable(_) => {
            ". What to do: look whether the address is right and its server runs; from a Space only ports 443, 80 \
             and 8080 can be reached"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_told_and_one_of_several_models_once() {
        let absent = || Err(ModelFault::NoSuchModel("a, b".to_owned()).to_string());
        let refused = || Err("the key is refused".to_owned());
        let Finding::Bad(text) =
            finding(&["a", "x", "b", "y"], vec![refused(), absent(), refused(), absent()])
        else {
            panic!("it is bad")
        };
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert_eq!(lines[0], "a, b: the key is refused");
        assert!(lines[1].starts_with("x, y: there is no model of this name, which OPENAI_MODEL, "), "{text}");
        assert!(lines[1].contains("OPENAI_FALLBACK_MODEL has"), "{text}");
    }
}
