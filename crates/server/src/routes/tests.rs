//! The routes over HTTP, on stores in memory: shapes of answers and of refusals.

mod accounts;
mod tasks;

use actix_web::{
    dev::ServiceResponse,
    http::{
        StatusCode,
        header::{ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, LINK, LOCATION},
    },
    test::{TestRequest, call_service, init_service, read_body},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::{
    app,
    resource_limits::memory_budget::DEFAULT_BYTES,
    testing::{Fixture, Person, origins},
};

fn is_for_users(route: &RouteDefinition) -> bool {
    matches!(route.access, Access::User(_) | Access::UserSelfThrottled(_))
}

async fn call(fixture: &Fixture, request: TestRequest) -> ServiceResponse {
    let service = init_service(app::app(fixture.state.clone(), origins())).await;
    call_service(&service, request.to_request()).await.map_into_boxed_body()
}

async fn json_of(response: ServiceResponse) -> Value {
    serde_json::from_slice(&read_body(response).await).unwrap()
}

/// Asks as `person` with a body, when it is not null.
async fn ask(fixture: &Fixture, person: &Person, method: Method, rest: &str, body: Value) -> ServiceResponse {
    let request = TestRequest::with_uri(&person.path(rest))
        .method(method)
        .insert_header(("Authorization", format!("Bearer {}", person.token)));
    let request = if body.is_null() { request } else { request.set_json(body) };
    call(fixture, request).await
}

fn filled(path: &str, user: &str) -> String {
    let id = Uuid::from_u128(7).to_string();
    path.replace("{user_id}", user)
        .replace("{task_id}", "7")
        .replace("{change_id}", "7")
        .replace("{conversation_id}", &id)
        .replace("{turn_id}", &id)
        .replace("{token_id}", &id)
        .replace("{session_id}", &id)
        .replace("{provider}", "github")
}

#[test]
fn routes_of_one_path_stand_together() {
    let mut seen: Vec<&str> = Vec::new();
    for entries in ROUTES.chunk_by(|one, next| one.path == next.path) {
        assert!(!seen.contains(&entries[0].path), "{} is in two places", entries[0].path);
        seen.push(entries[0].path);
    }
}

#[test]
fn only_routes_for_users_name_one() {
    for route in ROUTES {
        assert!(!route.path.contains("{user_id}") || route.access != Access::Public, "{}", route.path);
    }
}

#[actix_web::test]
async fn no_route_for_users_answers_a_stranger() {
    let fixture = Fixture::ready().await;
    let (ann, bob) = (fixture.person(), fixture.person());
    for route in ROUTES.iter().filter(|route| is_for_users(route)) {
        let path = filled(route.path, &ann.caller.user.to_string());
        let request = TestRequest::with_uri(&path).method(route.method.clone()).set_json(json!({}));
        assert_eq!(
            call(&fixture, request).await.status(),
            StatusCode::UNAUTHORIZED,
            "{} {path}",
            route.method
        );
        if route.path.contains("{user_id}") {
            let request = TestRequest::with_uri(&path)
                .method(route.method.clone())
                .insert_header(("Authorization", format!("Bearer {}", bob.token)))
                .set_json(json!({}));
            assert_eq!(
                call(&fixture, request).await.status(),
                StatusCode::FORBIDDEN,
                "{} {path}",
                route.method
            );
        }
    }
}

#[actix_web::test]
async fn no_route_for_users_answers_a_revoked_token_whatever_comes_with_it() {
    let fixture = Fixture::ready().await;
    let person = fixture.person();
    fixture.store.revoke_tokens(person.caller);
    for route in ROUTES.iter().filter(|route| is_for_users(route)) {
        let user = person.caller.user.to_string();
        let sound = filled(route.path, &user);
        // Not the user's id, which may hold the same digits.
        let (before, after) = sound.split_once(&user).unwrap_or((&sound, ""));
        let user = if after.is_empty() { "" } else { &user };
        let unsound =
            format!("{before}{user}{}", after.replace("/7", "/seven").replace("00000000", "no-uuid"));
        for (path, body) in
            [(&sound, "{}"), (&sound, "no JSON"), (&sound, r#"{"title": 7}"#), (&unsound, "{}")]
        {
            let request = TestRequest::with_uri(path)
                .method(route.method.clone())
                .insert_header(("Authorization", format!("Bearer {}", person.token)))
                .insert_header((CONTENT_TYPE, "application/json"))
                .set_payload(body);
            let response = call(&fixture, request).await;
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{} {path} {body}", route.method);
            assert_eq!(json_of(response).await["code"], "invalid_token");
        }
    }
}

#[actix_web::test]
async fn public_routes_answer_everybody() {
    let fixture = Fixture::ready().await;
    // The files of the web page are only there when it was built, a calendar when somebody made one.
    let not_always_there = [
        "/calendar/{secret}.ics",
        // Those that are configured.
        "/api/auth/{provider}/url",
        "/assets/{file}",
        "/favicon.svg",
        "/favicon.ico",
        "/apple-touch-icon.png",
        "/icon-192.png",
        "/icon-512.png",
        "/icon-maskable-512.png",
        "/manifest.webmanifest",
        "/sw.js",
        // About a program that asks.
        "/oauth/authorize",
        "/api/oauth/authorization",
    ];
    let is_public = |route: &&RouteDefinition| route.access == Access::Public && route.method == Method::GET;
    for route in ROUTES.iter().filter(is_public).filter(|route| !not_always_there.contains(&route.path)) {
        for method in [Method::GET, Method::HEAD] {
            let request = TestRequest::with_uri(route.path).method(method);
            let response = call(&fixture, request.insert_header((HOST, "localhost"))).await;
            assert_eq!(response.status(), StatusCode::OK, "{}", route.path);
        }
    }
}

#[actix_web::test]
async fn health_and_pages_need_no_database_and_the_api_says_it_is_away() {
    let fixture = Fixture::starting();
    for (path, status) in [("/", 200), ("/docs", 200), ("/health", 200), ("/api/info", 200), ("/ready", 503)]
    {
        let response = call(&fixture, TestRequest::with_uri(path)).await;
        assert_eq!(response.status().as_u16(), status, "{path}");
    }
    let response = ask(&fixture, &fixture.person(), Method::GET, "/tasks", Value::Null).await;
    assert_eq!(response.headers().get("retry-after").unwrap(), "2");
    assert_eq!(json_of(response).await["code"], "database_unavailable");
}

#[actix_web::test]
async fn health_is_what_the_guide_says() {
    let fixture = Fixture::starting();
    let health = json_of(call(&fixture, TestRequest::with_uri("/health")).await).await;
    assert_eq!(health, json!({"status": "ok", "version": "3.0.0"}));
}

#[actix_web::test]
async fn a_page_may_be_framed_by_the_space_and_data_by_nobody() {
    let fixture = Fixture::ready().await;
    let page = call(&fixture, TestRequest::with_uri("/")).await;
    let policy = page.headers().get(CONTENT_SECURITY_POLICY).unwrap().to_str().unwrap();
    assert!(policy.contains("frame-ancestors 'self' https://huggingface.co"), "{policy}");
    let data = call(&fixture, TestRequest::with_uri("/api/info")).await;
    let policy = data.headers().get(CONTENT_SECURITY_POLICY).unwrap().to_str().unwrap();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(data.headers().get(CACHE_CONTROL).unwrap(), "no-store");
    assert_eq!(data.headers().get("x-content-type-options").unwrap(), "nosniff");
    assert!(data.headers().get("server").is_none());
}

#[actix_web::test]
async fn every_refusal_is_a_problem_with_the_requests_id() {
    let fixture = Fixture::ready().await;
    for (method, path, status, code) in [
        (Method::GET, "/nothing", 404, "route_not_found"),
        (Method::GET, "/api/%2e%2e/x", 404, "route_not_found"),
        (Method::TRACE, "/health", 405, "method_not_allowed"),
        (Method::DELETE, "/api/auth/login", 405, "method_not_allowed"),
        (Method::GET, "/api/auth/me", 401, "missing_token"),
    ] {
        let request = TestRequest::with_uri(path).method(method).insert_header(("X-Request-Id", "mine-1"));
        let response = call(&fixture, request).await;
        assert_eq!(response.status().as_u16(), status, "{path}");
        assert_eq!(response.headers().get(CONTENT_TYPE).unwrap(), "application/problem+json");
        assert_eq!(response.headers().get("x-request-id").unwrap(), "mine-1");
        let problem = json_of(response).await;
        assert_eq!(problem["code"], code, "{path}");
        assert_eq!(problem["request_id"], "mine-1");
    }
    let response = call(&fixture, TestRequest::with_uri("/api/auth/me").method(Method::POST)).await;
    assert_eq!(response.headers().get(ALLOW).unwrap(), "GET, HEAD, PATCH, DELETE");
}

#[actix_web::test]
async fn a_body_is_refused_for_the_reason_that_it_has() {
    let fixture = Fixture::ready().await;
    let large = format!("{{\"email\":\"{}\"}}", "x".repeat(16 * 1024));
    for (kind, encoding, body, status) in [
        ("text/plain", None, "{}", 415),
        ("application/x-www-form-urlencoded", None, "email=a", 415),
        ("application/json", Some("gzip"), "{}", 415),
        ("application/json", None, "{", 400),
        ("application/json", None, "[]", 422),
        ("application/json; charset=utf-8", Some("identity"), "{}", 422),
        ("application/json", None, large.as_str(), 413),
    ] {
        let mut request = TestRequest::post()
            .uri("/api/auth/login")
            .insert_header(("Content-Type", kind))
            .set_payload(body.to_owned());
        if let Some(encoding) = encoding {
            request = request.insert_header(("Content-Encoding", encoding));
        }
        assert_eq!(call(&fixture, request).await.status().as_u16(), status, "{kind} {body:.20}");
    }
}

#[actix_web::test]
async fn a_body_that_may_be_missing_may_come_as_no_chunks() {
    let fixture = Fixture::ready().await;
    let person = fixture.person();
    let path = format!("/api/{}/chat/none/stop", person.caller.user);
    for (kind, body, status) in [(None, "", 204), (Some("text/plain"), "", 204), (None, "{}", 415)] {
        let mut request = TestRequest::post()
            .uri(&path)
            .insert_header(("Authorization", format!("Bearer {}", person.token)))
            .set_payload(body)
            .insert_header(("Transfer-Encoding", "chunked"));
        if let Some(kind) = kind {
            request = request.insert_header(("Content-Type", kind));
        }
        assert_eq!(call(&fixture, request).await.status().as_u16(), status, "{kind:?} {body}");
    }
}

#[actix_web::test]
async fn a_body_that_may_be_missing_is_refused_for_its_type_before_it_arrives() {
    let fixture = Fixture::ready().await;
    let person = fixture.person();
    let path = format!("/api/{}/chat/none/stop", person.caller.user);
    let large = "x".repeat(17 * 1024);
    for (kind, status) in [("text/plain", 415), ("application/json", 413)] {
        let request = TestRequest::post()
            .uri(&path)
            .insert_header(("Authorization", format!("Bearer {}", person.token)))
            .insert_header(("Content-Type", kind))
            .insert_header(("Content-Length", large.len()))
            .set_payload(large.clone());
        assert_eq!(call(&fixture, request).await.status().as_u16(), status, "{kind}");
    }
}

#[actix_web::test]
async fn who_accepts_no_json_is_told_so() {
    let fixture = Fixture::ready().await;
    let request = TestRequest::with_uri("/api/info").insert_header(("Accept", "image/png"));
    assert_eq!(call(&fixture, request).await.status(), StatusCode::NOT_ACCEPTABLE);
}

#[actix_web::test]
async fn bodies_and_answers_beyond_the_budget_are_refused_and_nothing_is_lost() {
    let fixture = Fixture::ready().await;
    let ann = fixture.person();
    let task = |number: u32| json!({"title": format!("task {number}"), "description": "words ".repeat(300)});
    for number in 0..30 {
        let added = ask(&fixture, &ann, Method::POST, "/tasks", task(number)).await;
        assert_eq!(added.status(), StatusCode::CREATED);
    }
    // Others hold nearly all of it.
    let held = fixture.state.body_memory.reserve(DEFAULT_BYTES - 1_000).unwrap();
    for (method, body) in [(Method::POST, task(30)), (Method::GET, Value::Null)] {
        let refused = ask(&fixture, &ann, method, "/tasks", body).await;
        assert_eq!(refused.headers().get("retry-after").unwrap(), "2");
        assert_eq!(json_of(refused).await["code"], "busy");
    }
    // What is small goes on.
    let small = ask(&fixture, &ann, Method::GET, "/tasks?limit=5", Value::Null).await;
    assert_eq!(small.status(), StatusCode::OK);
    drop(held);
    let added = ask(&fixture, &ann, Method::POST, "/tasks", task(30)).await;
    assert_eq!(added.status(), StatusCode::CREATED);
    let all = json_of(ask(&fixture, &ann, Method::GET, "/tasks", Value::Null).await).await;
    assert_eq!(all.as_array().unwrap().len(), 31, "a long answer comes whole, in its pieces");
    // And everything was given back.
    assert!(fixture.state.body_memory.reserve(DEFAULT_BYTES).is_ok());
}

#[actix_web::test]
async fn a_change_that_was_made_is_answered_whatever_others_hold() {
    let fixture = Fixture::ready().await;
    let ann = fixture.person();
    let long = json!({"title": "long", "description": "words ".repeat(300)});
    for _ in 0..30 {
        let added = ask(&fixture, &ann, Method::POST, "/tasks", long.clone()).await;
        assert_eq!(added.status(), StatusCode::CREATED);
    }
    let complete = |id: u32| json!({"op": "update", "id": id, "changes": {"completed": true}});
    let batch = json!({"operations": (1..=30).map(complete).collect::<Vec<_>>()});
    // The body has room, the answer has not.
    let held = fixture.state.body_memory.reserve(DEFAULT_BYTES - 10_000).unwrap();
    let answered = ask(&fixture, &ann, Method::POST, "/tasks/batch", batch.clone()).await;
    assert_eq!(answered.status(), StatusCode::OK);
    // While it is on its way there is room for nobody else, and nothing is done that nobody could be told of.
    let refused = ask(&fixture, &ann, Method::POST, "/tasks/batch", batch).await;
    assert_eq!(json_of(refused).await["code"], "busy");
    let results = json_of(answered).await["results"].take();
    assert_eq!(results.as_array().unwrap().iter().filter(|result| result["ok"] == true).count(), 30);
    drop(held);
    assert!(fixture.state.body_memory.reserve(DEFAULT_BYTES).is_ok());
}
