//! The table of origins, and what a browser reads on each kind of answer.

use actix_web::{
    dev::ServiceResponse,
    http::{Method, StatusCode},
    test::{TestRequest, call_service, init_service},
};

use super::{
    origins::{PreviewPattern, parse_list},
    *,
};
use crate::{
    app,
    testing::{Fixture, origins},
};

fn allowed() -> AllowedOrigins {
    let list =
        parse_list("https://app.example.com/, http://localhost:3000 ,https://Müller.example:443").unwrap();
    let pattern = PreviewPattern::parse("https://my-app-*-my-team.vercel.app").unwrap();
    AllowedOrigins::new(list, Some(pattern))
}

#[test]
fn the_listed_origins_are_admitted() {
    for origin in [
        "https://app.example.com",
        "http://localhost:3000",
        "https://xn--mller-kva.example",
        "https://my-app-git-main-my-team.vercel.app",
        "https://my-app-a1b2c3-my-team.vercel.app",
    ] {
        assert!(allowed().admits(origin), "{origin}");
    }
}

#[test]
fn nothing_that_only_resembles_them_is_admitted() {
    for origin in [
        "",
        "null",
        "*",
        "https://app.example.com/",
        "https://APP.example.com",
        "HTTPS://app.example.com",
        "http://app.example.com",
        "https://app.example.com:443",
        "https://app.example.com:8443",
        "https://app.example.com.evil.com",
        "https://evil-app.example.com",
        "https://x.app.example.com",
        "https://example.com",
        "https://app.example.co",
        "https://app.example.com evil",
        "https://app.example.com\u{0}",
        "http://localhost",
        "http://localhost:30000",
        "http://127.0.0.1:3000",
        "https://my-app--my-team.vercel.app.evil.com",
        "https://my-app-x-my-team.vercel.app.evil.com",
        "https://my-app-x.evil.com/-my-team.vercel.app",
        "https://my-app-x.y-my-team.vercel.app",
        "https://my-app--my-team.vercel.app:8443",
        "https://my-app--my-team.vercel.com",
        "https://my-app-X-my-team.vercel.app",
        "https://my-app-x-other-team.vercel.app",
        "https://evil-app.vercel.app",
        "http://my-app-x-my-team.vercel.app",
        "https://x.my-app-x-my-team.vercel.app",
        "https://my-app-my-team.vercel.app",
        "https://user@my-app-x-my-team.vercel.app",
    ] {
        assert!(!allowed().admits(origin), "{origin:?}");
    }
}

#[test]
fn a_list_that_cannot_be_understood_is_refused() {
    for list in [
        "",
        " , ",
        "*",
        "null",
        "app.example.com",
        "https://",
        "https://*.example.com",
        "https://app.example.com/path",
        "https://app.example.com?x",
        "https://app.example.com#x",
        "https://user:word@app.example.com",
        "ftp://app.example.com",
        "https://app.example.com https://b.example.com",
        "https://app.example.com,nonsense",
    ] {
        assert!(parse_list(list).is_err(), "{list:?}");
    }
}

#[test]
fn a_pattern_that_would_admit_strangers_is_refused() {
    assert!(PreviewPattern::parse("https://my-app-*-my-team.vercel.app/").is_ok());
    for pattern in [
        "",
        "*",
        "https://*",
        "https://*.vercel.app",
        "https://my-app-*.vercel.app",
        "https://*-my-team.vercel.app",
        "https://my-app-*-*-my-team.vercel.app",
        "https://my-app.*-x.vercel.app",
        "https://my-app-*-my-team",
        "https://my-app-*-my-team.app",
        "http://my-app-*-my-team.vercel.app",
        "https://my-app-*-my-team.vercel.app/path",
        "https://my-app-*-my-team.vercel.app:443",
        "https://user@my-app-*-my-team.vercel.app",
        "^https://.*$",
    ] {
        assert!(PreviewPattern::parse(pattern).is_err(), "{pattern:?}");
    }
}

async fn answer(method: Method, path: &str, headers: &[(&str, &str)]) -> ServiceResponse {
    let fixture = Fixture::ready().await;
    let service = init_service(app::app(fixture.state.clone(), origins())).await;
    let mut request = TestRequest::with_uri(path).method(method);
    for header in headers {
        request = request.append_header(*header);
    }
    call_service(&service, request.to_request()).await.map_into_boxed_body()
}

fn header<'a>(response: &'a ServiceResponse, name: &str) -> Option<&'a str> {
    response.headers().get(name).map(|value| value.to_str().unwrap())
}

const OURS: (&str, &str) = ("Origin", "https://app.example.com");

#[actix_web::test]
async fn every_kind_of_answer_says_who_may_read_it() {
    for (method, path, status) in [
        (Method::GET, "/health", 200),
        (Method::GET, "/api/nothing/here/at/all", 404),
        (Method::GET, "/api/auth/me", 401),
        (Method::PUT, "/health", 405),
        (Method::POST, "/api/auth/login", 415),
    ] {
        let response = answer(method, path, &[OURS]).await;
        assert_eq!(response.status().as_u16(), status, "{path}");
        assert_eq!(header(&response, "access-control-allow-origin"), Some(OURS.1), "{path}");
        assert_eq!(header(&response, "access-control-allow-credentials"), Some("true"), "{path}");
        assert!(header(&response, "access-control-expose-headers").unwrap().contains("Link"), "{path}");
        assert_eq!(header(&response, "vary"), Some("Origin"), "{path}");
    }
}

#[actix_web::test]
async fn a_preflight_is_answered_without_a_token() {
    let asks = [OURS, ("Access-Control-Request-Method", "POST")];
    let response = answer(Method::OPTIONS, "/api/x/tasks", &asks).await;
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert_eq!(header(&response, "access-control-allow-origin"), Some(OURS.1));
    assert_eq!(header(&response, "access-control-max-age"), Some("600"));
    assert!(header(&response, "access-control-allow-headers").unwrap().contains("Idempotency-Key"));
    assert!(header(&response, "access-control-allow-methods").unwrap().contains("PATCH"));
    assert!(header(&response, "x-request-id").is_some());
}

#[actix_web::test]
async fn a_stranger_is_told_nothing() {
    let stranger = ("Origin", "https://evil.example.com");
    let asks = [stranger, ("Access-Control-Request-Method", "POST")];
    for response in [
        answer(Method::OPTIONS, "/api/x/tasks", &asks).await,
        answer(Method::GET, "/health", &[stranger]).await,
        answer(Method::GET, "/health", &[OURS, stranger]).await,
        answer(Method::GET, "/health", &[]).await,
    ] {
        assert!(!response.headers().keys().any(|name| name.as_str().starts_with("access-control")));
        assert_eq!(header(&response, "vary"), Some("Origin"));
    }
}
