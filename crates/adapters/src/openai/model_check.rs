//! Checks a model against its server's list at `GET {base}/models`: whether the key and the name are good,
//! and how large the model's context is.

use std::time::Duration;

use reqwest::{RequestBuilder, Response, header::CONTENT_TYPE};
use serde_json::{Value, json};
use tokio::time::timeout;

use super::{OpenAiModel, connection_fault::ConnectionFault};

/// The context that Ollama gives a model unless it is told otherwise (docs/faq.md there).
const OLLAMA_DEFAULT_CONTEXT: usize = 4_096;
const CHECK_TIMEOUT: Duration = Duration::from_secs(5);
/// The most bytes of a list of models. OpenRouter's has some 500 KiB.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// What is wrong with the configuration of a model, in one sentence each.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ModelFault {
    /// The server refuses the key.
    #[error("the model API refuses the key in OPENAI_API_KEY (status {0})")]
    KeyRefused(u16),
    /// There is no list of models, and so perhaps no API.
    #[error(
        "OPENAI_BASE_URL has no list of models (status {0}): unless its server keeps none, the path is wrong; it usually ends with /v1, once"
    )]
    NoApi(u16),
    /// There is no such model.
    #[error(
        "there is no model of this name, which OPENAI_MODEL, OPENAI_MODELS or OPENAI_FALLBACK_MODEL has; the API has: {0}"
    )]
    NoSuchModel(String),
    /// The server cannot be reached.
    #[error("the model API at OPENAI_BASE_URL cannot be reached yet: {0}")]
    Unreachable(ConnectionFault),
}

/// Whether a server's list has the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelLookup {
    /// It has the model.
    Found,
    /// There is no list, or it is empty.
    NotListable,
}

impl OpenAiModel {
    /// Asks the server about the model, and learns the size of its context when it is told. Servers
    /// that have no such list are left alone.
    ///
    /// # Errors
    /// When the model cannot answer as it is configured.
    pub async fn check(&self) -> Result<(), ModelFault> {
        if self.look_up().await? == ModelLookup::Found {
            self.ask_for_context().await;
        }
        Ok(())
    }

    /// Asks the server for its list of models and looks for this one, for five seconds at most.
    ///
    /// # Errors
    /// When the model cannot answer as it is configured.
    pub async fn look_up(&self) -> Result<ModelLookup, ModelFault> {
        let too_long = |_elapsed| ModelFault::Unreachable(ConnectionFault::TimedOut);
        let listed = timeout(CHECK_TIMEOUT, self.list()).await.map_err(too_long)??;
        let models: Vec<&Value> = listed["data"].as_array().into_iter().flatten().collect();
        let found =
            models.iter().find(|model| model["id"].as_str().is_some_and(|id| is_same(id, &self.model)));
        // A server of one model takes any name for it.
        let found = found.or(if models.len() == 1 { models.first() } else { None });
        match found {
            Some(model) => {
                self.context.learn(context_of(model));
                Ok(ModelLookup::Found)
            }
            None if models.is_empty() => Ok(ModelLookup::NotListable),
            None => Err(ModelFault::NoSuchModel(names(&models))),
        }
    }

    /// Asks a server on a network of its owner's how large a context it gives the model, unless that is
    /// known: llama.cpp tells it at `/props`, Ollama at `/api/show`.
    async fn ask_for_context(&self) {
        if self.context.is_known() || !self.base_url.is_local() {
            return;
        }
        let at = |path: &str| {
            let mut url = self.base_url.models();
            url.set_path(path);
            url
        };
        let props = fetch_json(self.client.get(at("/props"))).await;
        self.context.learn(number(&props["default_generation_settings"]["n_ctx"]));
        if !self.context.is_known() {
            let name = json!({ "model": self.model }).to_string();
            let asked = self.client.post(at("/api/show")).header(CONTENT_TYPE, "application/json").body(name);
            self.context.learn(ollama_context(&fetch_json(asked).await));
        }
    }

    async fn list(&self) -> Result<Value, ModelFault> {
        let request = self.client.get(self.base_url.models()).send().await;
        let mut response =
            request.map_err(|error| ModelFault::Unreachable(ConnectionFault::from_error(&error)))?;
        match response.status().as_u16() {
            200 => {}
            status @ (401 | 403) => return Err(ModelFault::KeyRefused(status)),
            status @ 404 => return Err(ModelFault::NoApi(status)),
            status @ 500.. => return Err(ModelFault::Unreachable(ConnectionFault::Status(status))),
            _ => return Ok(Value::Null),
        }
        Ok(json_of(&mut response).await)
    }
}

/// Returns the JSON that a request is answered with, or null when it fails.
async fn fetch_json(request: RequestBuilder) -> Value {
    let asked = async {
        let mut response = request.send().await.ok().filter(|response| response.status().is_success())?;
        Some(json_of(&mut response).await)
    };
    timeout(CHECK_TIMEOUT, asked).await.ok().flatten().unwrap_or_default()
}

async fn json_of(response: &mut Response) -> Value {
    let mut body = Vec::new();
    while let Ok(Some(bytes)) = response.chunk().await {
        body.extend_from_slice(&bytes);
        if body.len() > MAX_BYTES {
            return Value::Null;
        }
    }
    serde_json::from_slice(&body).unwrap_or_default()
}

fn number(value: &Value) -> Option<usize> {
    value.as_u64().and_then(|tokens| usize::try_from(tokens).ok())
}

/// The size that Ollama gives a model, as `/api/show` has it: what its file sets, or else the default,
/// beyond which it silently cuts the conversation.
fn ollama_context(shown: &Value) -> Option<usize> {
    let parameters = shown["parameters"].as_str().unwrap_or_default();
    let set = parameters.lines().find_map(|line| line.trim().strip_prefix("num_ctx")?.trim().parse().ok());
    let default = || shown.get("model_info").map(|_is_ollama| OLLAMA_DEFAULT_CONTEXT);
    set.or_else(default)
}

/// Whether two names are of one model: a listed name may have a tag (Ollama), a wanted one a provider
/// (Hugging Face).
fn is_same(listed: &str, wanted: &str) -> bool {
    let begins = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    };
    begins(listed, wanted) || begins(wanted, listed)
}

/// The size of a model's context: as this server runs it (llama.cpp, vLLM), or else the largest that the
/// model has (OpenRouter, Groq).
fn context_of(model: &Value) -> Option<usize> {
    let places =
        ["/meta/n_ctx", "/max_model_len", "/context_length", "/context_window", "/max_context_length"];
    let told = places.iter().find_map(|place| model.pointer(place)?.as_u64());
    told.and_then(|tokens| usize::try_from(tokens).ok())
}

/// A few names for a log, without those that hold unusual characters.
fn names(models: &[&Value]) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/".contains(c);
    let names = models
        .iter()
        .filter_map(|model| model["id"].as_str())
        .filter(|id| id.len() <= 80 && id.chars().all(is_plain));
    let mut shown: Vec<&str> = names.take(5).collect();
    if models.len() > shown.len() {
        shown.push("…");
    }
    shown.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_sizes_are_read_as_servers_write_them() {
        assert!(is_same("llama3.2:latest", "llama3.2") && is_same("m", "m:fastest") && is_same("m", "m"));
        assert!(!is_same("llama3", "llama3.2") && !is_same("gpt-4o", "gpt-4o-mini"));
        for (model, size) in [
            (json!({"id": "m", "meta": {"n_ctx": 2048, "n_ctx_train": 32768}}), Some(2048)),
            (json!({"id": "m", "max_model_len": 4096}), Some(4096)),
            (json!({"id": "m", "context_length": 131_072}), Some(131_072)),
            (json!({"id": "m"}), None),
        ] {
            assert_eq!(context_of(&model), size, "{model}");
        }
        let shown =
            json!({"model_info": {}, "parameters": "stop  \"<end>\"\nnum_ctx                        8192"});
        assert_eq!(ollama_context(&shown), Some(8_192));
        assert_eq!(ollama_context(&json!({"model_info": {}})), Some(4_096));
        assert_eq!(ollama_context(&Value::Null), None, "somebody else's server");
        let many: Vec<Value> =
            (0..9).map(|n| json!({"id": format!("m-{n}")})).chain([json!({"id": "a b"})]).collect();
        assert_eq!(names(&many.iter().collect::<Vec<_>>()), "m-0, m-1, m-2, m-3, m-4, …");
    }
}
