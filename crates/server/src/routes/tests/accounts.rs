//! Signing up, signing in, and leaving.

use std::sync::atomic::Ordering;

use super::*;

#[actix_web::test]
async fn an_account_comes_and_goes() {
    let fixture = Fixture::ready().await;
    let body = json!({"email": "Ann@Example.com", "password": "securepassword123", "name": " Ann ", "id": 7});
    let register = || TestRequest::post().uri("/api/auth/register").set_json(&body);
    let response = call(&fixture, register()).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    let answer = json_of(response).await;
    assert_eq!((&answer["token_type"], &answer["expires_in"]), (&json!("bearer"), &json!(900)));
    assert_eq!(answer["user"]["email"], "ann@example.com");
    assert_eq!(answer["user"]["name"], "Ann");
    assert_eq!(answer["user"]["avatar_url"], Value::Null);
    assert_eq!(call(&fixture, register()).await.status(), StatusCode::CONFLICT);

    let login = |email: &str, password: &str| {
        TestRequest::post().uri("/api/auth/login").set_json(json!({"email": email, "password": password}))
    };
    assert_eq!(call(&fixture, login("ann@example.com", "securepassword123")).await.status(), StatusCode::OK);
    fixture.passwords.comparisons.store(0, Ordering::SeqCst);
    let mut refusals = Vec::new();
    for (email, password) in [("ann@example.com", "wrong"), ("bob@example.com", "securepassword123")] {
        let response = call(&fixture, login(email, password).insert_header(("X-Request-Id", "same"))).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        // It costs a comparison whether there is such an account or not: no clock could tell.
        assert_eq!(fixture.passwords.comparisons.swap(0, Ordering::SeqCst), 1, "{email}");
        let headers: Vec<_> =
            response.headers().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        refusals.push((headers, read_body(response).await));
    }
    assert_eq!(refusals[0], refusals[1]);

    let token = format!("Bearer {}", answer["access_token"].as_str().unwrap());
    let me = |method: Method| {
        TestRequest::with_uri("/api/auth/me").method(method).insert_header(("Authorization", token.as_str()))
    };
    assert_eq!(json_of(call(&fixture, me(Method::GET)).await).await, answer["user"]);
    let wrong = me(Method::DELETE).set_json(json!({"password": "wrong"}));
    assert_eq!(call(&fixture, wrong).await.status(), StatusCode::UNAUTHORIZED);
    let right = me(Method::DELETE).set_json(json!({"password": "securepassword123"}));
    assert_eq!(call(&fixture, right).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(call(&fixture, me(Method::GET)).await.status(), StatusCode::UNAUTHORIZED);
}

#[actix_web::test]
async fn a_registration_names_every_rule_it_breaks() {
    let fixture = Fixture::ready().await;
    let body = json!({"email": "nobody", "password": "short", "name": "x".repeat(101)});
    let response = call(&fixture, TestRequest::post().uri("/api/auth/register").set_json(body)).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let problem = json_of(response).await;
    let fields: Vec<_> = problem["errors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
    assert_eq!(fields, ["email", "password", "name"]);
}
