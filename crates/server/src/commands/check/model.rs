//! The models: whether their API answers, takes the key and has them.

use adapters::openai::{ModelFault, ModelListing};
use futures::future::join_all;

use super::Finding;
use crate::{config::ModelSettings, external_services};

/// Looks all models up that people may get an answer from.
pub(super) async fn check(settings: &ModelSettings) -> Finding {
    if settings.is_absent() {
        return Finding::Good("OPENAI_API_KEY is not set; the stand-in answers, for development".to_owned());
    }
    let looked_up = join_all(settings.names().map(|name| look_up(settings, name))).await;
    let names = settings.names().map(String::as_str).collect::<Vec<_>>().join(", ");
    match looked_up.into_iter().collect::<Result<Vec<_>, _>>() {
        Err(wrong) => Finding::Bad(wrong),
        Ok(listings) if listings.contains(&ModelListing::Untold) => Finding::Good(format!(
            "the API answers but lists no models; whether it takes the key and has {names} shows with the \
             first message"
        )),
        Ok(_) => Finding::Good(format!("the API answers and has {names}")),
    }
}

async fn look_up(settings: &ModelSettings, name: &str) -> Result<ModelListing, String> {
    let model = external_services::model(settings, name).map_err(|error| format!("{name}: {error}"))?;
    model.look_up().await.map_err(|fault| format!("{name}: {fault}{}", advice(&fault)))
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
        ModelFault::Unreachable => {
            ". What to do: look whether the address is right and its server runs; from a Space only ports 443, 80 \
             and 8080 can be reached"
        }
    }
}
