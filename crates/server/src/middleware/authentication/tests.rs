//! Which tokens are accepted, and how other requests are refused.

use std::time::Duration;

use actix_web::{
    http::{StatusCode, header::WWW_AUTHENTICATE},
    test::{TestRequest, call_service, init_service},
};

use tokio::time::timeout;

use super::*;
use crate::{
    app,
    testing::{Fixture, Person, origins},
};

/// Much longer than a permit takes that is there, and shorter than one that is not is waited for.
const SOON: Duration = Duration::from_millis(100);

/// The status and `WWW-Authenticate` of a request for tasks with these `Authorization` headers.
async fn ask(fixture: &Fixture, path: &str, authorization: &[&str]) -> (StatusCode, Option<String>) {
    let service = init_service(app::app(fixture.state.clone(), origins())).await;
    let mut request = TestRequest::get().uri(path);
    for value in authorization {
        request = request.append_header((AUTHORIZATION, *value));
    }
    let response = call_service(&service, request.to_request()).await;
    let challenge = response.headers().get(WWW_AUTHENTICATE).map(|value| value.to_str().unwrap().to_owned());
    (response.status(), challenge)
}

#[actix_web::test]
async fn a_good_token_gets_in_however_its_scheme_is_written() {
    let fixture = Fixture::ready().await;
    let Person { token, caller } = fixture.person();
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let answer =
            ask(&fixture, &format!("/api/{}/tasks", caller.user), &[&format!("{scheme} {token}")]).await;
        assert_eq!(answer, (StatusCode::OK, None), "{scheme}");
    }
}

#[actix_web::test]
async fn no_token_and_a_bad_one_are_told_apart() {
    let fixture = Fixture::ready().await;
    let person = fixture.person();
    let good = format!("Bearer {}", person.token);
    let path = person.path("/tasks");
    let none = [vec![], vec![""], vec!["Bearer"], vec!["Bearer "], vec!["Basic dTpw"], vec![&person.token]];
    for authorization in none {
        let answer = ask(&fixture, &path, &authorization).await;
        assert_eq!(answer, (StatusCode::UNAUTHORIZED, Some("Bearer".to_owned())), "{authorization:?}");
    }
    let invalid = Some("Bearer error=\"invalid_token\"".to_owned());
    for authorization in [vec!["Bearer garbage"], vec!["Bearer a b"], vec![good.as_str(), good.as_str()]] {
        let answer = ask(&fixture, &path, &authorization).await;
        assert_eq!(answer, (StatusCode::UNAUTHORIZED, invalid.clone()), "{authorization:?}");
    }
}

#[actix_web::test]
async fn a_token_anywhere_else_is_no_token() {
    let fixture = Fixture::ready().await;
    let person = fixture.person();
    for name in ["token", "access_token"] {
        let path = person.path(&format!("/tasks?{name}={}", person.token));
        assert_eq!(ask(&fixture, &path, &[]).await.0, StatusCode::UNAUTHORIZED);
    }
}

#[actix_web::test]
async fn a_path_that_is_not_the_callers_is_forbidden() {
    let fixture = Fixture::ready().await;
    let (ann, bob) = (fixture.person(), fixture.person());
    let good = format!("Bearer {}", ann.token);
    for user in [bob.caller.user.to_string(), "me".to_owned(), "1".to_owned(), "%00".to_owned()] {
        let answer = ask(&fixture, &format!("/api/{user}/tasks"), &[&good]).await;
        assert_eq!(answer, (StatusCode::FORBIDDEN, None), "{user}");
    }
}

#[actix_web::test]
async fn a_revoked_token_is_invalid() {
    let fixture = Fixture::ready().await;
    let person = fixture.person();
    fixture.store.revoke_tokens(person.caller);
    let (status, challenge) =
        ask(&fixture, &person.path("/tasks"), &[&format!("Bearer {}", person.token)]).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert_eq!(challenge.unwrap(), "Bearer error=\"invalid_token\"");
}

/// The status of a request with a good token and a body that is not.
async fn send_a_bad_body(fixture: &Fixture, person: &Person, rest: &str) -> StatusCode {
    let service = init_service(app::app(fixture.state.clone(), origins())).await;
    let request = TestRequest::post()
        .uri(&person.path(rest))
        .append_header((AUTHORIZATION, format!("Bearer {}", person.token)))
        .set_json(serde_json::json!({"title": 7, "message": 7}));
    call_service(&service, request.to_request()).await.status()
}

#[actix_web::test]
async fn what_is_wrong_with_a_request_is_told_to_who_has_a_good_token() {
    let fixture = Fixture::ready().await;
    let person = fixture.person();
    assert_eq!(send_a_bad_body(&fixture, &person, "/tasks").await, StatusCode::UNPROCESSABLE_ENTITY);
    fixture.store.revoke_tokens(person.caller);
    assert_eq!(send_a_bad_body(&fixture, &person, "/tasks").await, StatusCode::UNAUTHORIZED);
    let starting = Fixture::starting();
    let person = starting.person();
    assert_eq!(
        send_a_bad_body(&starting, &person, "/tasks").await,
        StatusCode::SERVICE_UNAVAILABLE,
        "nobody knows"
    );
}

#[actix_web::test]
async fn what_is_wrong_with_a_request_is_told_also_while_the_account_is_busy() {
    let fixture = Fixture::ready().await;
    let person = fixture.person();
    let mut permits = Vec::new();
    while let Ok(permit) = timeout(SOON, fixture.state.account_concurrency.acquire(person.caller.user)).await
    {
        permits.push(permit.unwrap());
    }
    assert_eq!(send_a_bad_body(&fixture, &person, "/chat").await, StatusCode::UNPROCESSABLE_ENTITY);
}
