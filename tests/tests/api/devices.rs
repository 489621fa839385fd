//! The devices on which a person is signed in, and signing out there.

use serde_json::{Value, json};
use tests::{TestApp, User};

async fn sign_in<'a>(app: &'a TestApp, alice: &User<'a>, user_agent: &str) -> User<'a> {
    let answer = alice.sign_in().header("User-Agent", user_agent).await.expect(200);
    User::of(app, &answer, alice.password.clone())
}

async fn devices(person: &User<'_>) -> Vec<Value> {
    person.own("GET", "/sessions").await.expect(200)["sessions"].as_array().unwrap().clone()
}

#[tokio::test]
async fn devices_are_listed_and_one_is_told_apart() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let phone = sign_in(&app, &alice, "Firefox on a phone").await;
    let listed = devices(&phone).await;
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0]["user_agent"], "Firefox on a phone");
    assert_eq!((&listed[0]["current"], &listed[1]["current"]), (&json!(true), &json!(false)));
    assert_eq!(listed[1]["user_agent"], Value::Null, "this client told nothing of itself");
    for device in &listed {
        assert!(device["created_at"].is_string() && device["last_used_at"].is_string(), "{device}");
        assert_eq!(device.as_object().unwrap().len(), 5, "and nothing else: {device}");
    }
    let seen_there = devices(&alice).await;
    assert_eq!((&seen_there[0]["current"], &seen_there[1]["current"]), (&json!(false), &json!(true)));
    let long = sign_in(&app, &alice, &"x".repeat(500)).await;
    assert_eq!(devices(&long).await[0]["user_agent"], "x".repeat(200));
}

#[tokio::test]
async fn a_device_that_is_signed_out_is_out_at_once_on_another_replica() {
    let app = TestApp::start().await;
    let replica = app.replica().await;
    let alice = app.user("alice").await;
    let phone = sign_in(&app, &alice, "phone").await;
    phone.tasks().at(&replica).await.expect(200);
    let listed = devices(&alice).await;
    let lost = listed.iter().find(|device| device["user_agent"] == "phone").unwrap();
    let path = format!("/sessions/{}", lost["id"].as_str().unwrap());
    alice.own("DELETE", &path).await.expect(204);
    phone.tasks().at(&replica).await.expect(401);
    assert_eq!(alice.own("DELETE", &path).await.expect(404)["code"], "session_not_found");
    assert_eq!(devices(&alice).await.len(), 1);

    let here = format!("/sessions/{}", devices(&alice).await[0]["id"].as_str().unwrap());
    alice.own("DELETE", &here).await.expect(204);
    alice.tasks().at(&replica).await.expect(401);
}

#[tokio::test]
async fn nobody_signs_somebody_else_out() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let of_bob = devices(&bob).await[0]["id"].as_str().unwrap().to_owned();
    alice.own("DELETE", &format!("/sessions/{of_bob}")).await.expect(404);
    alice.call("DELETE", format!("/api/{}/sessions/{of_bob}", bob.id)).await.expect(403);
    alice.call("GET", format!("/api/{}/sessions", bob.id)).await.expect(403);
    bob.tasks().await.expect(200);
}
