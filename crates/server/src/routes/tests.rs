//! The routes over HTTP, on stores in memory: shapes of answers and of refusals.

use actix_web::{
    dev::ServiceResponse,
    http::{
        StatusCode,
        header::{ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LINK, LOCATION},
    },
    test::{TestRequest, call_service, init_service, read_body},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::{
    app,
    testing::{Bench, Person, origins},
};

async fn call(bench: &Bench, request: TestRequest) -> ServiceResponse {
    let service = init_service(app::app(bench.state.clone(), origins())).await;
    call_service(&service, request.to_request()).await.map_into_boxed_body()
}

async fn json_of(response: ServiceResponse) -> Value {
    serde_json::from_slice(&read_body(response).await).unwrap()
}

/// Asks as `person` with a body, when it is not null.
async fn ask(bench: &Bench, person: &Person, method: Method, rest: &str, body: Value) -> ServiceResponse {
    let request = TestRequest::with_uri(&person.path(rest))
        .method(method)
        .insert_header(("Authorization", format!("Bearer {}", person.token)));
    let request = if body.is_null() { request } else { request.set_json(body) };
    call(bench, request).await
}

fn filled(path: &str, user: &str) -> String {
    let id = Uuid::from_u128(7).to_string();
    path.replace("{user_id}", user).replace("{task_id}", "7").replace("{conversation_id}", &id).replace("{turn_id}", &id)
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
        assert!(!route.path.contains("{user_id}") || route.who == Who::User, "{}", route.path);
    }
}

#[actix_web::test]
async fn no_route_for_users_answers_a_stranger() {
    let bench = Bench::ready().await;
    let (ann, bob) = (bench.person(), bench.person());
    for route in ROUTES.iter().filter(|route| route.who == Who::User) {
        let path = filled(route.path, &ann.caller.user.to_string());
        let request = TestRequest::with_uri(&path).method(route.method.clone()).set_json(json!({}));
        assert_eq!(call(&bench, request).await.status(), StatusCode::UNAUTHORIZED, "{} {path}", route.method);
        if route.path.contains("{user_id}") {
            let request = TestRequest::with_uri(&path)
                .method(route.method.clone())
                .insert_header(("Authorization", format!("Bearer {}", bob.token)))
                .set_json(json!({}));
            assert_eq!(call(&bench, request).await.status(), StatusCode::FORBIDDEN, "{} {path}", route.method);
        }
    }
}

#[actix_web::test]
async fn public_routes_answer_everybody() {
    let bench = Bench::ready().await;
    for route in ROUTES.iter().filter(|route| route.who == Who::Public && route.method == Method::GET) {
        for method in [Method::GET, Method::HEAD] {
            let response = call(&bench, TestRequest::with_uri(route.path).method(method)).await;
            assert_eq!(response.status(), StatusCode::OK, "{}", route.path);
        }
    }
}

#[actix_web::test]
async fn health_and_pages_need_no_database_and_the_api_says_it_is_away() {
    let bench = Bench::starting();
    for (path, status) in [("/", 200), ("/docs", 200), ("/health", 200), ("/api/info", 200), ("/ready", 503)] {
        let response = call(&bench, TestRequest::with_uri(path)).await;
        assert_eq!(response.status().as_u16(), status, "{path}");
    }
    let response = ask(&bench, &bench.person(), Method::GET, "/tasks", Value::Null).await;
    assert_eq!(response.headers().get("retry-after").unwrap(), "2");
    assert_eq!(json_of(response).await["code"], "database_unavailable");
}

#[actix_web::test]
async fn health_is_what_the_guide_says() {
    let bench = Bench::starting();
    let health = json_of(call(&bench, TestRequest::with_uri("/health")).await).await;
    assert_eq!(health, json!({"status": "ok", "version": "3.0.0"}));
}

#[actix_web::test]
async fn a_page_may_be_framed_by_the_space_and_data_by_nobody() {
    let bench = Bench::ready().await;
    let page = call(&bench, TestRequest::with_uri("/")).await;
    let policy = page.headers().get(CONTENT_SECURITY_POLICY).unwrap().to_str().unwrap();
    assert!(policy.contains("frame-ancestors 'self' https://huggingface.co"), "{policy}");
    let data = call(&bench, TestRequest::with_uri("/api/info")).await;
    let policy = data.headers().get(CONTENT_SECURITY_POLICY).unwrap().to_str().unwrap();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(data.headers().get(CACHE_CONTROL).unwrap(), "no-store");
    assert_eq!(data.headers().get("x-content-type-options").unwrap(), "nosniff");
    assert!(data.headers().get("server").is_none());
}

#[actix_web::test]
async fn the_page_shows_names_as_text() {
    let bench = Bench::ready().await;
    let page = read_body(call(&bench, TestRequest::with_uri("/")).await).await;
    let page = String::from_utf8_lossy(&page);
    assert!(page.contains("scripted &lt;model&gt;") && page.contains("3.0.0"), "{page}");
    assert!(!page.contains("{{"), "{page}");
}

#[actix_web::test]
async fn every_refusal_is_a_problem_with_the_requests_id() {
    let bench = Bench::ready().await;
    for (method, path, status, code) in [
        (Method::GET, "/nothing", 404, "route_not_found"),
        (Method::GET, "/api/%2e%2e/x", 404, "route_not_found"),
        (Method::TRACE, "/health", 405, "method_not_allowed"),
        (Method::DELETE, "/api/auth/login", 405, "method_not_allowed"),
        (Method::GET, "/api/auth/me", 401, "missing_token"),
    ] {
        let request = TestRequest::with_uri(path).method(method).insert_header(("X-Request-Id", "mine-1"));
        let response = call(&bench, request).await;
        assert_eq!(response.status().as_u16(), status, "{path}");
        assert_eq!(response.headers().get(CONTENT_TYPE).unwrap(), "application/problem+json");
        assert_eq!(response.headers().get("x-request-id").unwrap(), "mine-1");
        let problem = json_of(response).await;
        assert_eq!(problem["code"], code, "{path}");
        assert_eq!(problem["request_id"], "mine-1");
    }
    let response = call(&bench, TestRequest::with_uri("/api/auth/me").method(Method::POST)).await;
    assert_eq!(response.headers().get(ALLOW).unwrap(), "GET, HEAD, DELETE");
}

#[actix_web::test]
async fn a_body_is_refused_for_the_reason_that_it_has() {
    let bench = Bench::ready().await;
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
        assert_eq!(call(&bench, request).await.status().as_u16(), status, "{kind} {body:.20}");
    }
}

#[actix_web::test]
async fn who_accepts_no_json_is_told_so() {
    let bench = Bench::ready().await;
    let request = TestRequest::with_uri("/api/info").insert_header(("Accept", "image/png"));
    assert_eq!(call(&bench, request).await.status(), StatusCode::NOT_ACCEPTABLE);
}

#[actix_web::test]
async fn an_account_comes_and_goes() {
    let bench = Bench::ready().await;
    let body = json!({"email": "Ann@Example.com", "password": "securepassword123", "name": " Ann ", "id": 7});
    let register = || TestRequest::post().uri("/api/auth/register").set_json(&body);
    let response = call(&bench, register()).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    let answer = json_of(response).await;
    assert_eq!((&answer["token_type"], &answer["expires_in"]), (&json!("bearer"), &json!(900)));
    assert_eq!(answer["user"]["email"], "ann@example.com");
    assert_eq!(answer["user"]["name"], "Ann");
    assert_eq!(answer["user"]["avatar_url"], Value::Null);
    assert_eq!(call(&bench, register()).await.status(), StatusCode::CONFLICT);

    let login = |email: &str, password: &str| {
        TestRequest::post().uri("/api/auth/login").set_json(json!({"email": email, "password": password}))
    };
    assert_eq!(call(&bench, login("ann@example.com", "securepassword123")).await.status(), StatusCode::OK);
    let mut refusals = Vec::new();
    for (email, password) in [("ann@example.com", "wrong"), ("bob@example.com", "securepassword123")] {
        let response = call(&bench, login(email, password).insert_header(("X-Request-Id", "same"))).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        let headers: Vec<_> =
            response.headers().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        refusals.push((headers, read_body(response).await));
    }
    assert_eq!(refusals[0], refusals[1]);

    let token = format!("Bearer {}", answer["access_token"].as_str().unwrap());
    let me = |method: Method| {
        TestRequest::with_uri("/api/auth/me").method(method).insert_header(("Authorization", token.as_str()))
    };
    assert_eq!(json_of(call(&bench, me(Method::GET)).await).await, answer["user"]);
    let wrong = me(Method::DELETE).set_json(json!({"password": "wrong"}));
    assert_eq!(call(&bench, wrong).await.status(), StatusCode::UNAUTHORIZED);
    let right = me(Method::DELETE).set_json(json!({"password": "securepassword123"}));
    assert_eq!(call(&bench, right).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(call(&bench, me(Method::GET)).await.status(), StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn a_registration_names_every_rule_it_breaks() {
    let bench = Bench::ready().await;
    let body = json!({"email": "nobody", "password": "short", "name": "x".repeat(101)});
    let response = call(&bench, TestRequest::post().uri("/api/auth/register").set_json(body)).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let problem = json_of(response).await;
    let fields: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["email", "password", "name"]);
}

#[actix_web::test]
async fn a_task_lives_its_life() {
    let bench = Bench::ready().await;
    let ann = bench.person();
    let body = json!({"title": " Buy milk ", "description": "two", "id": 99, "completed": true});
    let response = ask(&bench, &ann, Method::POST, "/tasks", body).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(response.headers().get(LOCATION).unwrap(), ann.path("/tasks/1").as_str());
    let task = json_of(response).await;
    assert_eq!((&task["id"], &task["title"], &task["completed"]), (&json!(1), &json!("Buy milk"), &json!(false)));
    for (method, body, member, expected) in [
        (Method::PUT, json!({"completed": true}), "completed", json!(true)),
        (Method::PATCH, json!({"title": "Milk", "unknown": 1}), "title", json!("Milk")),
        (Method::PATCH, json!({"description": null}), "description", Value::Null),
        (Method::GET, Value::Null, "completed", json!(true)),
    ] {
        let response = ask(&bench, &ann, method, "/tasks/1", body).await;
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(json_of(response).await[member], expected);
    }
    for body in [json!({}), json!({"title": null}), json!({"completed": null}), json!({"title": " "}), json!({"x": 1})] {
        let response = ask(&bench, &ann, Method::PATCH, "/tasks/1", body.clone()).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
    assert_eq!(ask(&bench, &ann, Method::DELETE, "/tasks/1", Value::Null).await.status(), StatusCode::NO_CONTENT);
    for id in ["1", "42", "-1", "+1", "1e3", "0x10", "abc", "99999999999999999999"] {
        let response = ask(&bench, &ann, Method::GET, &format!("/tasks/{id}"), Value::Null).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{id}");
        assert_eq!(json_of(response).await["detail"], "There is no such task.", "{id}");
    }
}

#[actix_web::test]
async fn a_list_comes_in_pages_that_are_linked() {
    let bench = Bench::ready().await;
    let ann = bench.person();
    for title in ["one", "two", "three"] {
        ask(&bench, &ann, Method::POST, "/tasks", json!({"title": title})).await;
    }
    let first = ask(&bench, &ann, Method::GET, "/tasks?limit=2&status=pending", Value::Null).await;
    let next = format!("<{}?limit=2&status=pending&before=2>; rel=\"next\"", ann.path("/tasks"));
    assert_eq!(first.headers().get(LINK).unwrap(), next.as_str());
    assert_eq!(json_of(first).await.as_array().unwrap().len(), 2);
    let last = ask(&bench, &ann, Method::GET, "/tasks?limit=2&status=pending&before=2", Value::Null).await;
    assert!(last.headers().get(LINK).is_none());
    assert_eq!(json_of(last).await[0]["title"], "one");
    for query in ["limit=0", "limit=501", "limit=x", "status=done", "before=x", "search=%00"] {
        let response = ask(&bench, &ann, Method::GET, &format!("/tasks?{query}"), Value::Null).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{query}");
    }
}

#[actix_web::test]
async fn a_key_adds_a_task_once() {
    let bench = Bench::ready().await;
    let ann = bench.person();
    let add = |key: &'static str, title: &'static str| {
        TestRequest::post()
            .uri(&ann.path("/tasks"))
            .insert_header(("Authorization", format!("Bearer {}", ann.token)))
            .insert_header(("Idempotency-Key", key))
            .set_json(json!({"title": title}))
    };
    let first = call(&bench, add("k1", "milk")).await;
    assert!(first.headers().get("idempotency-replayed").is_none());
    let first = json_of(first).await;
    let again = call(&bench, add("k1", " milk ")).await;
    assert_eq!(again.status(), StatusCode::CREATED);
    assert_eq!(again.headers().get("idempotency-replayed").unwrap(), "true");
    assert_eq!(json_of(again).await, first);
    let other = call(&bench, add("k1", "bread")).await;
    assert_eq!(json_of(other).await["code"], "idempotency_key_reused");
    let bad = call(&bench, add("two words", "milk")).await;
    assert_eq!(json_of(bad).await["errors"][0]["field"], "Idempotency-Key");
}

#[actix_web::test]
async fn a_conversation_that_is_not_there_is_not_found() {
    let bench = Bench::ready().await;
    let ann = bench.person();
    let title = json!({"title": "Shopping"});
    for id in [Uuid::from_u128(7).to_string(), "7".to_owned()] {
        let path = format!("/conversations/{id}");
        for (method, body) in
            [(Method::GET, Value::Null), (Method::PATCH, title.clone()), (Method::DELETE, Value::Null)]
        {
            let response = ask(&bench, &ann, method, &path, body).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND);
            assert_eq!(json_of(response).await["code"], "conversation_not_found");
        }
    }
    let list = json_of(ask(&bench, &ann, Method::GET, "/conversations?limit=5", Value::Null).await).await;
    assert_eq!(list, json!({"conversations": [], "total": 0, "limit": 5, "offset": 0}));
}
