//! An answer of the server, and what must be true of every one of them.

use reqwest::header::HeaderMap;
use serde_json::Value;

/// The members that a problem may have (RFC 9457 and `docs/API.md`).
const PROBLEM: [&str; 12] = [
    "conflicts",
    "task",
    "type",
    "title",
    "status",
    "detail",
    "code",
    "request_id",
    "errors",
    "turn_id",
    "conversation_id",
    "tool_calls",
];

/// The headers that are another in every answer, or of the connection: a body that had not arrived whole when
/// it was refused ends it.
const OF_ONE_REQUEST: [&str; 3] = ["connection", "date", "x-request-id"];

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body as text.
    pub text: String,
    /// The body, null when it is not JSON.
    pub json: Value,
    /// The request, for messages of failing tests.
    pub(crate) request: String,
}

impl HttpResponse {
    pub(crate) async fn read(request: String, response: reqwest::Response) -> Self {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let text = response.text().await.unwrap_or_else(|error| panic!("{request}: {error}"));
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self { status, headers, text, json, request }
    }

    /// Returns the body, which is null when there is none.
    ///
    /// # Panics
    /// When the status is another one.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}\n{}", self.request, self.text);
        self.json.clone()
    }

    /// Returns a header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Returns status, headers and body without the time, the connection and the id of the request: what may
    /// be compared byte by byte with another answer.
    pub fn anonymous(&self) -> String {
        let id = self.header("x-request-id").unwrap_or_default();
        let headers = self.headers.iter().filter(|(name, _)| !OF_ONE_REQUEST.contains(&name.as_str()));
        let mut headers: Vec<_> = headers.map(|(name, value)| format!("{name}: {value:?}")).collect();
        headers.sort();
        format!("{}\n{}\n\n{}", self.status, headers.join("\n"), self.text.replace(id, "[request id]"))
    }

    /// # Panics
    /// When something that holds for every answer does not hold for this one.
    #[track_caller]
    pub fn check(&self, is_head: bool) {
        let request = &self.request;
        let id = self.header("x-request-id");
        assert!(id.is_some_and(|id| !id.is_empty()), "{request}: no X-Request-Id");
        assert_ne!(self.status, 500, "{request}: {}", self.text);
        assert_eq!(self.header("x-content-type-options"), Some("nosniff"), "{request}");
        if matches!(self.status, 429 | 502..=504) {
            let seconds = self.header("retry-after").and_then(|value| value.parse::<u32>().ok());
            assert!(
                seconds.is_some_and(|seconds| seconds > 0),
                "{request}: {} without Retry-After",
                self.status
            );
        }
        if self.status == 401 {
            let challenge = self.header("www-authenticate");
            assert!(challenge.is_some_and(|text| text.starts_with("Bearer")), "{request}: no challenge");
        }
        if self.status >= 400 && !is_head && !self.is_of_oauth() {
            self.check_problem();
        }
    }

    /// Whether it is an error in the form that OAuth has for programs, or a page for the person whom a
    /// program has sent.
    ///
    /// # Panics
    /// When it is in another one.
    #[track_caller]
    fn is_of_oauth(&self) -> bool {
        let kind = self.header("content-type").unwrap_or_default();
        if self.request.starts_with("GET /oauth/authorize") && kind.starts_with("text/html") {
            let policy = self.header("content-security-policy").unwrap_or_default();
            assert!(policy.contains("frame-ancestors 'none'"), "{}: {policy}", self.request);
            return self.status == 400;
        }
        let is_error = self.request.starts_with("POST /oauth/") && kind == "application/json";
        if is_error {
            let members = self.json.as_object().map(|members| members.keys().map(String::as_str).collect());
            assert_eq!(members, Some(vec!["error", "error_description"]), "{}: {}", self.request, self.text);
            assert_eq!(self.header("cache-control"), Some("no-store"), "{}", self.request);
        }
        is_error && self.status == 400
    }

    #[track_caller]
    fn check_problem(&self) {
        let request = &self.request;
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{request}: {}", self.text);
        let Value::Object(members) = &self.json else {
            panic!("{request}: no problem but {}", self.text);
        };
        for name in members.keys() {
            assert!(PROBLEM.contains(&name.as_str()), "{request}: a problem has no {name}");
        }
        for name in ["type", "title", "detail", "code", "request_id"] {
            let is_given = members.get(name).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
            assert!(is_given, "{request}: no {name} in {}", self.text);
        }
        assert_eq!(self.json["status"], self.status, "{request}");
        assert_eq!(self.json["request_id"].as_str(), self.header("x-request-id"), "{request}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&'static str, &str)], text: &str) -> HttpResponse {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse().expect("a name"), value.parse().expect("a value")));
        let (headers, text) = (headers.collect(), text.to_owned());
        HttpResponse { status, headers, text, json: Value::Null, request: String::new() }
    }

    #[test]
    fn answers_are_compared_by_everything_but_the_time_and_the_id_of_the_request() {
        let one =
            answer(401, &[("date", "Mon"), ("x-request-id", "1a"), ("etag", "x")], "no, 1a").anonymous();
        let same = answer(401, &[("etag", "x"), ("x-request-id", "2b"), ("date", "Tue")], "no, 2b");
        assert_eq!(one, same.anonymous());
        for other in [
            answer(403, &[("x-request-id", "1a"), ("etag", "x")], "no, 1a"),
            answer(401, &[("x-request-id", "1a"), ("etag", "y")], "no, 1a"),
            answer(401, &[("x-request-id", "1a")], "no, 1a"),
            answer(401, &[("x-request-id", "1a"), ("etag", "x"), ("allow", "GET")], "no, 1a"),
            answer(401, &[("x-request-id", "1a"), ("etag", "x")], "no"),
        ] {
            assert_ne!(one, other.anonymous(), "{other:?}");
        }
    }
}
