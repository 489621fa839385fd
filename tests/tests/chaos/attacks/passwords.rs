//! Attacks by strangers who try passwords: the owners of accounts can still sign in.

use std::time::{Duration, Instant};

use serde_json::json;
use tests::{HttpResponse, TestApp, User};
use tokio::time::sleep_until;

use super::{ATTACKER, OWNER, flood, length, report, while_others_look, with_default_limits};

async fn sign_in(app: &TestApp, user: &User<'_>, password: &str, from: &str) -> HttpResponse {
    let body = json!({"email": user.email, "password": password});
    app.post("/api/auth/login", &body).header("x-forwarded-for", from).await
}

/// 200 connections try passwords, from the addresses that are theirs.
async fn the_owner_signs_in_nine_times(attack: &str, source_of: fn(usize) -> String) {
    const TIMES: u32 = 9;
    let app = with_default_limits().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let (started_at, until) = (Instant::now(), Instant::now() + length());
    let url = format!("{}/api/auth/login", app.server().base());
    let flood = flood(200, until, move |client, number| {
        let body = json!({"email": format!("victim{number}@example.com"), "password": "wrong password"});
        client.post(&url).header("x-forwarded-for", source_of(number)).json(&body)
    });
    let owner = async {
        let (mut signed_in, mut slowest) = (0, Duration::ZERO);
        for number in 0..TIMES {
            sleep_until((started_at + length() * (number + 1) / (TIMES + 2)).into()).await;
            let asked_at = Instant::now();
            let answer = sign_in(&app, &alice, &alice.password, OWNER).await;
            signed_in += u32::from(answer.status == 200);
            slowest = slowest.max(asked_at.elapsed());
        }
        (signed_in, slowest)
    };
    let both = async { tokio::join!(flood, owner) };
    let ((statuses, (signed_in, slowest)), mut noticed) = while_others_look(&bob, both).await;
    let slowest = slowest.as_millis();
    let noticed_by_others = noticed.summary();
    report(
        attack,
        &format!(
            "the owner {signed_in} of {TIMES}, {slowest} ms at most; attackers {statuses:?}; {noticed_by_others}"
        ),
    );
    assert_eq!(signed_in, TIMES);
    noticed.is_served_all_the_time();
    assert!(statuses.get(&503).is_some_and(|refused| *refused > 100), "it was a flood: {statuses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_connections_that_try_passwords_keep_nobody_out() {
    the_owner_signs_in_nine_times("200 connections of one address sign in", |_| ATTACKER.to_owned()).await;
}

/// One customer has many networks of 64 bits: RFC 6177 has providers hand out up to 48.
#[tokio::test(flavor = "multi_thread")]
async fn a_customer_with_many_ipv6_networks_keeps_nobody_out() {
    let source_of = |number| format!("2001:db8:1:{number:x}::1");
    the_owner_signs_in_nine_times("200 networks of one IPv6 customer sign in", source_of).await;
}

async fn guess(attack: &str, source_of: fn(usize) -> String) {
    const WRONG: usize = 200;
    let app = with_default_limits().await;
    let alice = app.user("alice").await;
    let mut compared = 0;
    for number in 0..WRONG {
        let answer = sign_in(&app, &alice, "wrong password", &source_of(number)).await;
        assert!([401, 429].contains(&answer.status), "{}", answer.text);
        compared += usize::from(answer.status == 401);
    }
    let right = sign_in(&app, &alice, &alice.password, &source_of(WRONG)).await;
    report(
        attack,
        &format!("{compared} of {WRONG} were compared, the right one was answered {}", right.status),
    );
    assert_eq!((compared, right.status), (10, 429));
    assert_eq!(sign_in(&app, &alice, &alice.password, OWNER).await.status, 200, "the owner elsewhere");
}

#[tokio::test]
async fn who_guesses_two_hundred_passwords_is_not_told_of_the_right_one() {
    guess("200 wrong passwords and the right one", |_| ATTACKER.to_owned()).await;
}

#[tokio::test]
async fn guesses_of_a_customer_with_many_ipv6_networks_are_counted_together() {
    let source_of = |number| format!("2001:db8:1:{number:x}::1");
    guess("200 wrong passwords and the right one, each of another IPv6 network", source_of).await;
}
