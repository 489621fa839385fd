//! Strangers who try passwords, and strangers who sign up: neither shuts anybody else out.

use futures::future::join_all;
use serde_json::{Value, json};
use tests::{HttpResponse, TestApp};

/// One proxy in front, which writes the address that it sees at the end of the header.
const BEHIND_A_PROXY: &[(&str, &str)] = &[("TRUSTED_PROXY_HOPS", "1")];

async fn sign_in(app: &TestApp, email: &str, password: &str, forwarded: &str) -> HttpResponse {
    let body = json!({"email": email, "password": password});
    app.post("/api/auth/login", &body).header("x-forwarded-for", forwarded).await
}

#[tokio::test]
async fn after_ten_wrong_passwords_a_source_waits_and_the_owner_elsewhere_does_not() {
    let app = TestApp::everyday_with(BEHIND_A_PROXY).await;
    let alice = app.user("alice").await;
    let email = alice.email.clone();
    for number in 0..10 {
        // What stands left of the proxy's own word is the attacker's, and helps nobody.
        let forwarded = format!("10.9.8.{number}, 198.51.100.66");
        sign_in(&app, &email, "wrong password", &forwarded).await.expect(401);
    }
    let refused = sign_in(&app, &email, &alice.password, "203.0.113.200, 198.51.100.66").await;
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((800..=900).contains(&wait), "{wait}");
    assert_eq!(refused.expect(429)["code"], "too_many_requests");
    sign_in(&app, &email, &alice.password, "203.0.113.9").await.expect(200);
    let other = app.user("bob").await;
    sign_in(&app, &other.email, &other.password, "198.51.100.66").await.expect(200);
    alice.tasks().await.expect(200);
}

#[tokio::test]
async fn of_guesses_at_once_none_is_compared_that_is_one_too_many() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let guess = |password: &'static str| {
        app.post("/api/auth/login", &json!({"email": alice.email, "password": password}))
    };
    for _ in 0..9 {
        guess("wrong password").await.expect(401);
    }
    let wrong = (0..17).map(|_| guess("wrong password"));
    let at_once = wrong.chain([alice.sign_in()]).map(IntoFuture::into_future);
    let answers = join_all(at_once).await;
    let compared = answers.iter().filter(|answer| answer.status != 429).count();
    assert_eq!(
        compared,
        1,
        "the tenth: {:?}",
        answers.iter().map(|answer| answer.status).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn the_password_of_who_is_signed_in_is_not_guessed_either() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let change = json!({"current_password": "wrong password", "new_password": "another good password"});
    for number in 0..10 {
        let answer = if number % 2 == 0 {
            alice.call("POST", "/api/auth/password").json(&change).await
        } else {
            alice.call("DELETE", "/api/auth/me").json(&json!({"password": "wrong password"})).await
        };
        answer.expect(401);
    }
    assert_eq!(
        alice.call("POST", "/api/auth/password").json(&change).await.expect(429)["code"],
        "too_many_requests"
    );
    alice.leave().await.expect(429);
    alice.sign_in().await.expect(429);
    alice.tasks().await.expect(200);
}

#[tokio::test]
async fn without_a_trusted_proxy_a_header_decides_nothing() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let email = alice.email.clone();
    for number in 0..10 {
        sign_in(&app, &email, "wrong password", &format!("198.51.100.{number}")).await.expect(401);
    }
    sign_in(&app, &email, &alice.password, "203.0.113.9").await.expect(429);
}

#[tokio::test]
async fn registrations_are_bounded_for_an_address_and_others_still_sign_up() {
    let app = TestApp::everyday_with(&[("TRUSTED_PROXY_HOPS", "1"), ("REGISTRATIONS_PER_MINUTE", "3")]).await;
    let register = |number: usize, address: &str| {
        let body = json!({"email": format!("a{number}@example.com"), "password": "a good password of mine"});
        app.post("/api/auth/register", &body).header("x-forwarded-for", address)
    };
    for number in 0..3 {
        register(number, "198.51.100.66").await.expect(201);
    }
    let refused: Value = register(3, "198.51.100.66").await.expect(429);
    assert_eq!(refused["code"], "too_many_requests");
    register(4, "203.0.113.9").await.expect(201);
}
