//! For programs that start their tools as a process: each message of theirs, a line of JSON on the standard
//! input, goes on to `/mcp` of a running server, and the answer comes back as a line on the standard output
//! (the stdio transport of the Model Context Protocol).
//!
//! Nothing is decided here. Which revision is spoken, and what HTTP wants to be told beside the message, is
//! read from the message.

use std::{io, str::FromStr, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::{
    Client, Response, StatusCode,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use url::Url;

use crate::openai::{Timeouts, config::base_url, http_client};

const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");

/// Where a request of revision 2026-07-28 says which revision it speaks.
const VERSION_IN_META: &str = "/params/_meta/io.modelcontextprotocol~1protocolVersion";

/// Longer than the server takes for any answer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(60);

/// JSON-RPC's codes for what is not JSON, and for server errors.
const PARSE_ERROR: i64 = -32700;
const SERVER_ERROR: i64 = -32000;
const TOKEN_REFUSED: &str =
    "The access token in TODO_TOKEN is not valid, or no longer. The page makes another one.";

/// The address of a running server's `/mcp`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerAddress(Url);

/// A server on this machine, on the port that it listens on unless it is told another one.
impl Default for ServerAddress {
    #[expect(clippy::expect_used, reason = "the address is a constant")]
    fn default() -> Self {
        "http://localhost:7860".parse().expect("an address")
    }
}

/// Why the address of the server or the token cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StdioBridgeError {
    /// The address is no valid URL.
    #[error("must be the address of a server, such as https://todo.example.com")]
    Address,
    /// Others could read the token.
    #[error("must begin with https://, unless the server is on this machine: others could read the token")]
    NotEncrypted,
    /// There can be no client.
    #[error("no connection can be made with this token")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl FromStr for ServerAddress {
    type Err = StdioBridgeError;

    /// Parses the address of a server's page, or of its `/mcp`.
    fn from_str(text: &str) -> Result<Self, StdioBridgeError> {
        let mut url = Url::parse(text).map_err(|_error| StdioBridgeError::Address)?;
        let is_bare = url.username().is_empty() && url.password().is_none() && url.query().is_none();
        if !is_bare || !matches!(url.scheme(), "http" | "https") {
            return Err(StdioBridgeError::Address);
        }
        if url.scheme() == "http" && !base_url::is_loopback(&url) {
            return Err(StdioBridgeError::NotEncrypted);
        }
        let path = url.path().trim_end_matches('/');
        let path = format!("{}/mcp", path.strip_suffix("/mcp").unwrap_or(path));
        url.set_path(&path);
        url.set_fragment(None);
        Ok(Self(url))
    }
}

/// Passes messages on.
pub struct StdioBridge {
    client: Client,
    url: Url,
    /// What `initialize` has agreed on; a request of a newer revision says it itself.
    version: Option<HeaderValue>,
}

impl StdioBridge {
    /// Makes one for a server, with a personal access token.
    ///
    /// # Errors
    /// When the token cannot be sent in a header.
    pub fn new(server: ServerAddress, token: &SecretString) -> Result<Self, StdioBridgeError> {
        let client = http_client::build_client(&server.0, token, &Timeouts::default());
        let client = client.map_err(|error| StdioBridgeError::Client(Box::new(error)))?;
        Ok(Self { client, url: server.0, version: None })
    }

    /// Passes on what comes by the standard input, and answers on the standard output, until the input ends.
    ///
    /// # Errors
    /// As [`StdioBridge::run`].
    pub async fn run_on_stdio(&mut self) -> io::Result<()> {
        self.run(tokio::io::stdin(), tokio::io::stdout()).await
    }

    /// Passes on each message of `input` and writes its answer to `output`, until the input ends.
    ///
    /// # Errors
    /// When the program cannot be read from, or does not read any more.
    pub async fn run(
        &mut self,
        input: impl AsyncRead + Unpin,
        mut output: impl AsyncWrite + Unpin,
    ) -> io::Result<()> {
        let mut lines = BufReader::new(input).lines();
        while let Some(line) = lines.next_line().await? {
            if line.trim().is_empty() {
                continue;
            }
            if let Some(answer) = self.forward(line).await {
                // In one line, however the server writes it.
                output.write_all(format!("{answer}\n").as_bytes()).await?;
                output.flush().await?;
            }
        }
        Ok(())
    }

    /// The answer to a message; a notification has none.
    async fn forward(&mut self, line: String) -> Option<Value> {
        let Ok(message) = serde_json::from_str::<Value>(&line) else {
            return Some(error(&Value::Null, PARSE_ERROR, "This line is not JSON.", None));
        };
        let id = message.get("id").filter(|id| !id.is_null());
        let answer = match self.send(&message, line).await {
            Ok(answer) => answer,
            Err((sentence, data)) => id.map(|id| error(id, SERVER_ERROR, &sentence, data)),
        };
        if let Some(answer) = answer.as_ref().filter(|_| message["method"] == "initialize") {
            let agreed = answer["result"]["protocolVersion"].as_str();
            self.version = agreed.and_then(|version| version.parse().ok());
        }
        answer
    }

    async fn send(&self, message: &Value, line: String) -> Result<Option<Value>, (String, Option<Value>)> {
        let away = |error: reqwest::Error| {
            (format!("The todo server cannot be reached: {}.", http_client::error_text(error)), None)
        };
        let request = self.client.post(self.url.clone()).headers(self.headers(message)).body(line);
        let response = request.timeout(ANSWERED_WITHIN).send().await.map_err(away)?;
        let (status, is_message) = (response.status(), is_json(&response));
        if status == StatusCode::ACCEPTED {
            return Ok(None);
        }
        let body = response.bytes().await.map_err(away)?;
        match serde_json::from_slice::<Value>(&body) {
            Ok(answer) if is_message => Ok(Some(answer)),
            // A problem (RFC 9457) has a sentence for people.
            Ok(problem) if problem["detail"].is_string() => {
                let detail = problem["detail"].as_str().unwrap_or_default();
                // The server speaks to people there, who sign in.
                let sentence = if status == StatusCode::UNAUTHORIZED { TOKEN_REFUSED } else { detail };
                Err((sentence.to_owned(), Some(json!({"status": status.as_u16(), "code": problem["code"]}))))
            }
            _ => Err((format!("There is no todo server there: it answered {}.", status.as_u16()), None)),
        }
    }

    /// What HTTP is told beside the message (revision 2026-07-28, Streamable HTTP, request headers).
    fn headers(&self, message: &Value) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let own = message.pointer(VERSION_IN_META).and_then(Value::as_str);
        let Some(own) = own.and_then(|version| version.parse().ok()) else {
            headers.extend(self.version.clone().map(|version| (PROTOCOL_VERSION, version)));
            return headers;
        };
        headers.insert(PROTOCOL_VERSION, own);
        let params = &message["params"];
        let name = match message["method"].as_str() {
            Some("tools/call" | "prompts/get") => params["name"].as_str(),
            Some("resources/read") => params["uri"].as_str(),
            _ => None,
        };
        let method = message["method"].as_str().and_then(header_value);
        headers.extend(method.map(|method| (METHOD, method)));
        headers.extend(name.and_then(header_value).map(|name| (NAME, name)));
        headers
    }
}

/// A text as the value of a header: as it is where it can be, and else in the protocol's form for it.
fn header_value(text: &str) -> Option<HeaderValue> {
    let is_plain = !text.is_empty()
        && text.trim() == text
        && text.bytes().all(|b| (b' '..=b'~').contains(&b))
        && !text.starts_with("=?base64?");
    let encoded = || format!("=?base64?{}?=", STANDARD.encode(text));
    if is_plain { text.parse().ok() } else { encoded().parse().ok() }
}

fn is_json(response: &Response) -> bool {
    response.headers().get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}

fn error(id: &Value, code: i64, message: &str, data: Option<Value>) -> Value {
    let mut error = json!({"code": code, "message": message});
    if let Some(data) = data {
        error["data"] = data;
    }
    json!({"jsonrpc": "2.0", "id": id, "error": error})
}

#[cfg(test)]
mod tests;
