//! Tokens: only the ones that the server issued, in their time, are good.

use std::time::Duration;

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde_json::{Value, json};
use tests::{JWT_SECRET, TestApp, User, script};

/// Returns the claims of a token of the server's.
pub(crate) fn claims(token: &str) -> Value {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.validate_exp = false;
    validation.validate_aud = false;
    decode::<Value>(token, &DecodingKey::from_secret(JWT_SECRET.as_bytes()), &validation).unwrap().claims
}

/// Returns a token with these claims and the server's own signature.
pub(crate) fn signed(claims: &Value) -> String {
    signed_with(&Header::new(Algorithm::HS256), claims, JWT_SECRET)
}

fn signed_with(header: &Header, claims: &Value, secret: &str) -> String {
    encode(header, claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
}

/// Returns the person's claims with changes; a null takes a claim away.
pub(crate) fn changed(person: &User<'_>, changes: &Value) -> Value {
    let mut claims = claims(&person.token);
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

/// Returns a token of the person's that was good once.
pub(crate) fn expired(person: &User<'_>) -> String {
    let issued = claims(&person.token)["iat"].as_i64().unwrap();
    signed(&changed(person, &json!({"iat": issued - 1000, "exp": issued - 100})))
}

#[tokio::test]
async fn a_token_that_expires_while_a_stream_goes_on_ends_the_stream_no_sooner() {
    let app = TestApp::with_model([script::text("Good morning.").after(Duration::from_secs(4))]).await;
    let mut alice = app.user("alice").await;
    // Good for two seconds more: five are left to clocks that are apart.
    let now = claims(&alice.token)["iat"].as_i64().unwrap();
    alice.token = signed(&changed(&alice, &json!({"exp": now - 2})));
    let message = json!({"role": "user", "parts": [{"type": "text", "text": "hello"}]});
    let stream = alice.own("POST", "/chat/stream").json(&json!({"message": message})).await;
    assert_eq!(stream.status, 200);
    assert!(stream.text.contains("\"type\":\"finish\""), "{}", stream.text);
    assert!(stream.text.ends_with("data: [DONE]\n\n"), "{}", stream.text);
    let next = alice.tasks().await;
    assert_eq!(next.expect(401)["code"], "invalid_token");
    assert_eq!(next.header("www-authenticate"), Some("Bearer error=\"invalid_token\""));
}

/// A JSON text as it stands in a token.
fn part(json: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in json.as_bytes().chunks(3) {
        let bits =
            chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for digit in 0..=chunk.len() {
            text.push(char::from(DIGITS[(bits >> (18 - 6 * digit) & 63) as usize]));
        }
    }
    text
}

/// Claims that the server never writes, under its own signature.
fn wrong_claims(person: &User<'_>, other: &User<'_>) -> Vec<String> {
    let issued = claims(&person.token)["iat"].as_i64().unwrap();
    let changes = [
        json!({"exp": issued - 100}),
        json!({"exp": null}),
        json!({"exp": (issued + 900).to_string()}),
        json!({"exp": -1}),
        json!({"exp": [issued + 900]}),
        json!({"exp": false}),
        json!({"iat": null}),
        json!({"sub": null}),
        json!({"sub": ""}),
        json!({"sub": [person.id]}),
        json!({"sub": "0193d5e0-0000-7000-8000-000000000000"}),
        json!({"sub": format!("{}\u{0}", person.id)}),
        json!({"sub": other.id, "ver": 99}),
        json!({"iss": null}),
        json!({"iss": "somebody-else"}),
        json!({"aud": null}),
        json!({"aud": "todo-ai-chatbot/mcp"}),
        json!({"ver": null}),
        json!({"ver": 99}),
        json!({"ver": "0"}),
    ];
    changes.iter().map(|change| signed(&changed(person, change))).collect()
}

/// Other headers and other keys over good claims.
fn wrong_signatures(person: &User<'_>) -> Vec<String> {
    let claims = claims(&person.token);
    let [header, body, signature] = person.token.split('.').collect::<Vec<_>>().try_into().unwrap();
    let mut forged: Vec<String> =
        ["none", "None", "nOnE", "NONE", "RS256", "ES256", "HS384", "HS512", "hs256", ""]
            .iter()
            .flat_map(|algorithm| {
                let header = part(&json!({"alg": algorithm, "typ": "JWT"}).to_string());
                [format!("{header}.{body}."), format!("{header}.{body}.{signature}")]
            })
            .collect();
    forged.push(signed_with(&Header::new(Algorithm::HS384), &claims, JWT_SECRET));
    forged.push(signed_with(&Header::new(Algorithm::HS512), &claims, JWT_SECRET));
    for secret in
        ["", "secret", "your-secret-key", "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7"]
    {
        forged.push(signed_with(&Header::new(Algorithm::HS256), &claims, secret));
    }
    let critical = part(r#"{"alg":"HS256","typ":"JWT","crit":["b64"],"b64":true}"#);
    let other = part(&json!({"sub": "0193d5e0-0000-7000-8000-000000000000"}).to_string());
    forged.extend([
        format!("{critical}.{body}.{signature}"),
        format!("{header}.{other}.{signature}"),
        format!("{header}.{body}"),
        format!("{header}.{body}.{signature}.x"),
        format!("{header}.{body}.{signature}="),
        format!("{header}.{body}.{}", signature.to_ascii_uppercase()),
        format!("{header}. {body}.{signature}"),
        format!("{header}..{signature}"),
        "..".to_owned(),
        "x".repeat(4000),
        part("not JSON at all"),
    ]);
    forged
}

#[tokio::test]
async fn forged_tokens_are_all_refused_with_the_same_words() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let reference = alice.me().bearer("garbage").await;
    reference.expect(401);
    assert_eq!(reference.header("www-authenticate"), Some("Bearer error=\"invalid_token\""));
    for token in wrong_claims(&alice, &bob).into_iter().chain(wrong_signatures(&alice)) {
        let answer = alice.me().bearer(&token).await;
        assert_eq!(answer.anonymous(), reference.anonymous(), "{token}");
    }
    alice.me().await.expect(200);
}

#[tokio::test]
async fn other_ways_to_show_a_token_are_no_way() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let token = alice.token.as_str();
    let with = |value: &str| alice.tasks().header("Authorization", value);
    let refused = [
        alice.tasks().without("Authorization"),
        with(""),
        with("Bearer"),
        with("Bearer "),
        with(token),
        with(&format!("Basic {token}")),
        with(&format!("Token {token}")),
        with(&format!("Bearer{token}")),
        with(&format!("Bearer {token} {token}")),
        with(&format!("Bearer \"{token}\"")),
        alice.tasks().another_header("Authorization", format!("Bearer {token}")),
        alice.tasks().without("Authorization").header("Cookie", format!("access_token={token}")),
        alice.own("GET", &format!("/tasks?token={token}&access_token={token}")).without("Authorization"),
    ];
    for call in refused {
        let answer = call.clone().await;
        assert_eq!(answer.status, 401, "{call:?}: {}", answer.text);
    }
    with(&format!("bearer {token}")).await.expect(200);
    with(&format!("BEARER   {token}  ")).await.expect(200);
}

#[tokio::test]
async fn a_deleted_account_is_signed_out_everywhere_at_once() {
    let app = TestApp::start().await;
    let replica = app.replica().await;
    let alice = app.user("alice").await;
    alice.tasks().at(&replica).await.expect(200);
    alice.leave().await.expect(204);
    for call in [alice.tasks().at(&replica), alice.me(), alice.me().at(&replica), alice.sign_in()] {
        call.await.expect(401);
    }
    // The address is free again, and whoever takes it finds nothing.
    let again = app.user("alice").await;
    assert_ne!(again.id, alice.id);
    assert_eq!(again.tasks().await.expect(200), json!([]));
}

#[tokio::test]
async fn signing_in_fails_alike_for_unknown_people_and_wrong_passwords() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let sign_in = |email: &str, password: &str| {
        app.post("/api/auth/login", &json!({"email": email, "password": password}))
    };
    let wrong = sign_in("alice@example.com", "not her password").await;
    let unknown = sign_in("nobody@example.com", "not her password").await;
    wrong.expect(401);
    assert_eq!(wrong.anonymous(), unknown.anonymous());
    // Longer than may be registered, and as long as a body may be.
    for password in ["x".repeat(257), "\u{1f4a9}".repeat(257), "x".repeat(16_000)] {
        let answers =
            [sign_in("alice@example.com", &password).await, sign_in("nobody@example.com", &password).await];
        assert_eq!(answers.map(|answer| answer.anonymous()), [wrong.anonymous(), wrong.anonymous()]);
    }
    let answer = sign_in(" Alice@EXAMPLE.com ", &alice.password).await.expect(200);
    assert_eq!(answer["user"]["id"], alice.id);
}
