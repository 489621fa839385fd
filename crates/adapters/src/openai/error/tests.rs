use reqwest::header::{HeaderName, HeaderValue};
use serde_json::json;

use super::*;

fn kind(error: &ModelError) -> &'static str {
    match error {
        ModelError::BadReply(_) => "bad reply",
        ModelError::Misconfigured(_) => "misconfigured",
        ModelError::Unavailable(_) => "unavailable",
        ModelError::ContextExceeded { .. } => "context exceeded",
        ModelError::Busy { .. } => "busy",
        ModelError::Loading { .. } => "loading",
        ModelError::TimedOut => "timed out",
    }
}

fn failure(status: u16, body: &str) -> RequestFailure {
    RequestFailure::from_response(status, &HeaderMap::new(), body.as_bytes())
}

#[test]
fn every_status_has_its_meaning() {
    let expected = [
        ("misconfigured", false, vec![301, 302, 307, 400, 401, 402, 403, 404, 405, 413, 415, 422, 451]),
        ("timed out", true, vec![408]),
        ("busy", true, vec![429]),
        ("unavailable", true, vec![409, 500, 502, 503, 504, 520, 529]),
    ];
    for (name, again, statuses) in expected {
        for status in statuses {
            let failure = failure(status, "<html>whatever</html>");
            assert_eq!((kind(&failure.error), failure.may_retry), (name, again), "{status}");
        }
    }
}

#[test]
fn a_model_that_is_being_loaded_is_told_apart_and_says_when() {
    for (body, seconds) in [
        (json!({"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}), None),
        (json!({"error": "Model m is currently loading", "estimated_time": 20.4}), Some(21)),
    ] {
        let failure = failure(503, &body.to_string());
        assert_eq!((kind(&failure.error), failure.may_retry), ("loading", false), "{body}");
        assert_eq!(failure.error.retry_after(), seconds.map(Duration::from_secs), "{body}");
    }
    let inside = json!({"code": 503, "message": "Loading model", "type": "unavailable_error"});
    assert_eq!(kind(&classify_error(&inside)), "loading", "also inside 200");
    assert_eq!(kind(&failure(503, r#"{"error": "overloaded"}"#).error), "unavailable");
}

#[test]
fn a_filter_inside_200_says_nothing_of_the_configuration() {
    let error = |code| json!({"message": "m", "type": "invalid_request_error", "code": code});
    assert_eq!(kind(&classify_error(&error("content_filter"))), "bad reply");
    assert_eq!(kind(&classify_error(&error("unknown"))), "misconfigured");
}

#[test]
fn an_empty_purse_is_no_rush_hour() {
    for body in [
        json!({"error": {"message": "You exceeded your quota", "type": "insufficient_quota", "code": "insufficient_quota"}}),
        json!([{"error": {"code": "billing_not_active", "message": "m"}}]),
    ] {
        let failure = failure(429, &body.to_string());
        assert_eq!((kind(&failure.error), failure.may_retry), ("unavailable", false), "{body}");
    }
}

/// As Groq (413) and OpenAI (429) say that one request has more tokens than a minute may have.
const LARGER_THAN_A_MINUTE: &str = "Request too large for model `m` in organization `org_1` service tier \
    `on_demand` on tokens per minute (TPM): Limit 6000, Requested 6500, please reduce your message size and \
    try again.";

#[test]
fn a_request_that_no_minute_has_room_for_is_too_long_and_one_that_comes_too_soon_is_not() {
    let error = |message: &str| json!({"message": message, "type": "tokens", "code": "rate_limit_exceeded"});
    let larger = error(LARGER_THAN_A_MINUTE);
    let told = [413, 429].map(|status| failure(status, &json!({"error": larger}).to_string()));
    for failure in &told {
        assert!(!failure.may_retry);
    }
    for error in told.map(|failure| failure.error).into_iter().chain([classify_error(&larger)]) {
        assert!(matches!(error, ModelError::ContextExceeded { context_tokens: Some(6_000), .. }), "{error}");
    }
    let soon = error(
        "Rate limit reached for model `m` in organization `org_1` on tokens per minute (TPM): Limit 6000, \
         Used 5000, Requested 1500. Please try again in 5s.",
    );
    let failure = failure(429, &json!({"error": soon}).to_string());
    assert_eq!((kind(&failure.error), failure.may_retry), ("busy", true));
}

#[test]
fn a_server_that_takes_no_tools_says_so_in_its_own_words() {
    for (body, refuses_tools) in [
        (r#"{"error": {"message": "registry.ollama.ai/library/m does not support tools"}}"#, true),
        (r#"{"error": {"code": 500, "message": "tools param requires --jinja flag"}}"#, true),
        (r#"{"message": "\"auto\" tool choice requires --enable-auto-tool-choice"}"#, true),
        ("Tools are not supported", true),
        (r#"{"error": {"message": "unknown tool"}}"#, false),
    ] {
        for status in [400, 500] {
            let failure = failure(status, body);
            assert_eq!(failure.refuses_tools, refuses_tools, "{body}");
            assert_eq!(kind(&failure.error) == "unavailable", status == 500 && !refuses_tools, "{body}");
        }
    }
}

#[test]
fn an_error_with_status_200_is_known_by_its_code() {
    let cases = [
        (json!({"code": 429, "message": "m"}), "busy"),
        (json!({"code": "429"}), "busy"),
        (json!({"code": null, "type": "rate_limit_error"}), "busy"),
        (json!({"code": 502, "message": "upstream", "metadata": {"provider_name": "x"}}), "unavailable"),
        (json!({"message": "m", "type": "server_error", "param": null, "code": null}), "unavailable"),
        (json!({"code": 402, "message": "no credit"}), "misconfigured"),
        (json!({"code": "insufficient_quota"}), "unavailable"),
        (json!({"code": 408}), "timed out"),
        (json!({"message": "something else"}), "bad reply"),
        (json!({"code": -1}), "bad reply"),
        (json!("just words"), "bad reply"),
        (json!(["odd"]), "bad reply"),
    ];
    for (error, expected) in cases {
        let checked = check(&json!({"error": error, "choices": []}));
        assert_eq!(kind(&checked.unwrap_err()), expected, "{error}");
    }
}

#[test]
fn an_error_that_says_nothing_is_none() {
    for error in [json!(null), json!({}), json!(""), json!(false)] {
        assert!(check(&json!({"error": error})).is_ok(), "{error}");
    }
    assert!(check(&json!({})).is_ok());
}

type Headers = &'static [(&'static str, &'static str)];

#[test]
fn every_form_of_retry_after_is_read() {
    let cases: &[(Headers, Option<u64>)] = &[
        (&[("retry-after", "2")], Some(2_000)),
        (&[("retry-after", " 1.5 ")], Some(1_500)),
        (&[("retry-after", "2"), ("retry-after-ms", "130")], Some(130)),
        (&[("retry-after", "-3")], Some(0)),
        (&[("retry-after", "soon")], None),
        (&[("retry-after", "NaN")], Some(0)),
        (&[("retry-after", "inf")], None),
        (&[("retry-after", "1e300")], None),
        (&[("retry-after-ms", "soon"), ("retry-after", "1")], Some(1_000)),
        (&[("retry-after", "Wed, 21 Oct 2026 07:28:10 GMT")], None),
        (
            &[("retry-after", "Wed, 21 Oct 2026 07:28:10 GMT"), ("date", "Wed, 21 Oct 2026 07:28:00 GMT")],
            Some(10_000),
        ),
        (
            &[("retry-after", "Wed, 21 Oct 2026 07:27:00 GMT"), ("date", "Wed, 21 Oct 2026 07:28:00 GMT")],
            Some(0),
        ),
        (&[], None),
    ];
    for (given, expected) in cases {
        let header = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        let headers: HeaderMap = given.iter().map(header).collect();
        assert_eq!(retry_after(&headers), expected.map(Duration::from_millis), "{given:?}");
    }
}
