//! A request to the server: built word by word, sent by `.await`.

use std::{
    pin::Pin,
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::Value;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use super::TestApp;
use crate::{http_response::HttpResponse, openapi_conformance, running_server::Server};

/// The parameters of forms that no log may hold.
const PRIVATE_PARAMETERS: [&str; 4] = ["code", "code_verifier", "refresh_token", "token"];

/// A request that is about to be sent.
#[derive(Debug, Clone)]
#[must_use = "a call does nothing until it is awaited"]
pub struct HttpRequest<'a> {
    app: &'a TestApp,
    method: Method,
    base: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl<'a> HttpRequest<'a> {
    pub(crate) fn new(app: &'a TestApp, method: &str, path: impl Into<String>) -> Self {
        let method = method.parse().expect("a method");
        Self { app, method, base: app.base(), path: path.into(), headers: Vec::new(), body: None }
    }

    /// Sends it to another replica.
    pub fn at(mut self, replica: &Server) -> Self {
        self.base = replica.base().to_owned();
        self
    }

    /// Sends it through what listens at this base URL.
    pub fn through(mut self, base: &str) -> Self {
        base.clone_into(&mut self.base);
        self
    }

    /// Sets a header, in place of one that is already there.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Adds a header beside those that are already there.
    pub fn another_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Leaves a header out.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self
    }

    /// Sets the access token.
    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", format!("Bearer {token}"))
    }

    /// Sets the idempotency key.
    pub fn key(self, key: &str) -> Self {
        self.header("Idempotency-Key", key)
    }

    /// Sets the body, and what it is.
    pub fn json(self, body: &Value) -> Self {
        self.app.note_private(body);
        self.body(body.to_string()).header("Content-Type", "application/json")
    }

    /// Sets the body to a form of these parameters.
    pub fn form(self, parameters: &[(&str, &str)]) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        for (name, value) in parameters.iter().filter(|(name, _)| PRIVATE_PARAMETERS.contains(name)) {
            self.app.note_private(&serde_json::json!({ "token": value, "name": name }));
        }
        self.body(body).header("Content-Type", "application/x-www-form-urlencoded")
    }

    /// Sets the body to exactly these bytes.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Returns the request as text.
    fn describe(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Sends it and returns the response while its body may still be on its way.
    ///
    /// # Errors
    /// When no response comes.
    pub async fn open(self) -> reqwest::Result<reqwest::Response> {
        let mut request = self.app.http().request(self.method, format!("{}{}", self.base, self.path));
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        if let Some(body) = self.body {
            request = request.body(body);
        }
        request.send().await
    }

    /// Sends it; nothing is checked, and there may be no answer.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn attempt(self) -> reqwest::Result<HttpResponse> {
        let request = self.describe();
        let response = self.open().await?;
        Ok(HttpResponse::read(request, response).await)
    }

    /// Sends it over a connection that is reset after a while, whatever came of it.
    ///
    /// # Panics
    /// When nobody takes the connection.
    pub async fn reset_after(self, pause: Duration) {
        let address = self.base.trim_start_matches("http://");
        let body = self.body.unwrap_or_default();
        let (method, path, length) = (&self.method, &self.path, body.len());
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nContent-Length: {length}\r\n");
        for (name, value) in &self.headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        let request = [request.as_bytes(), b"\r\n", &body].concat();
        let mut connection = TcpStream::connect(address).await.expect("a connection");
        connection.write_all(&request).await.expect("a server that reads");
        tokio::time::sleep(pause).await;
        // With this the kernel sends RST and not FIN when the socket is closed.
        connection.set_zero_linger().expect("an option of sockets");
    }

    /// Sends it again and again while the answer is 503, as clients do.
    ///
    /// # Panics
    /// When that takes longer than `timeout`.
    pub async fn until_served(self, timeout: Duration) -> HttpResponse {
        let started_at = Instant::now();
        loop {
            let answer = self.clone().await;
            if answer.status != 503 {
                return answer;
            }
            assert!(started_at.elapsed() < timeout, "{}: still {}", self.describe(), answer.text);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl<'a> IntoFuture for HttpRequest<'a> {
    type Output = HttpResponse;
    type IntoFuture = Pin<Box<dyn Future<Output = HttpResponse> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let is_head = self.method == Method::HEAD;
            let request = self.describe();
            let (method, path) = (self.method.to_string(), self.path.clone());
            let app = self.app;
            let answer = self.attempt().await.unwrap_or_else(|error| panic!("{request}: {error:?}"));
            answer.check(is_head);
            app.check_answer(&answer);
            openapi_conformance::check(&method, &path, &answer);
            answer
        })
    }
}
