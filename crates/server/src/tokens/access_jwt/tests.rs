//! Forged, damaged and stale tokens. Only the one that we issued is good.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::testing::ManualClock;
use serde_json::{Value, json};

use super::*;
use crate::testing::{SECRET, access_jwts, user};

const SOMEBODY: Uuid = Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0001);

fn now() -> i64 {
    ManualClock::default().now().timestamp()
}

fn good_claims() -> Value {
    json!({
        "sub": SOMEBODY, "iat": now(), "exp": now() + 900, "iss": ISSUER, "aud": AUDIENCE, "ver": 3,
    })
}

/// Signs as we do, with any header, claims and key.
fn signed(header: &str, claims: &str, algorithm: Algorithm, key: &str) -> String {
    let message = format!("{}.{}", base64url(header.as_bytes()), base64url(claims.as_bytes()));
    let key = EncodingKey::from_secret(key.as_bytes());
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, algorithm).unwrap();
    format!("{message}.{signature}")
}

fn with_claims(claims: &Value) -> String {
    signed(r#"{"alg":"HS256"}"#, &claims.to_string(), Algorithm::HS256, SECRET)
}

fn with_header(header: &str) -> String {
    signed(header, &good_claims().to_string(), Algorithm::HS256, SECRET)
}

fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn verify(token: &str) -> Option<Caller> {
    access_jwts(Arc::new(ManualClock::default())).verify(token).ok()
}

#[test]
fn a_token_speaks_for_the_user_it_was_issued_to() {
    let clock = Arc::new(ManualClock::default());
    let access_jwts = access_jwts(clock);
    let session = SessionId(Uuid::from_u128(7));
    let caller = Caller { user: UserId(SOMEBODY), token_version: 3, grant: Some(Grant::Session(session)) };
    let issued = access_jwts.issue(&user(caller), session).unwrap();
    assert_eq!(issued.expires_in, 900);
    assert_eq!(access_jwts.verify(&issued.token).unwrap(), caller);
}

#[test]
fn the_forger_of_these_tests_can_make_a_good_token() {
    let caller = Some(Caller { user: UserId(SOMEBODY), token_version: 3, grant: None });
    assert_eq!(verify(&with_claims(&good_claims())), caller);
    for header in
        [r#"{"alg":"HS256","typ":"JWT"}"#, r#"{"alg":"HS256","kid":"../../key","jku":"https://evil"}"#]
    {
        assert_eq!(verify(&with_header(header)), caller, "{header}");
    }
}

#[test]
fn another_algorithm_is_refused() {
    for alg in ["none", "nOnE", "None", "", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA", "hs256"] {
        assert_eq!(verify(&with_header(&format!(r#"{{"alg":"{alg}"}}"#))), None, "{alg}");
    }
    let claims = good_claims().to_string();
    for (name, algorithm) in [("HS384", Algorithm::HS384), ("HS512", Algorithm::HS512)] {
        let token = signed(&format!(r#"{{"alg":"{name}"}}"#), &claims, algorithm, SECRET);
        assert_eq!(verify(&token), None, "{name} with the right key");
        let token = signed(r#"{"alg":"HS256"}"#, &claims, algorithm, SECRET);
        assert_eq!(verify(&token), None, "{name} under another name");
    }
    assert_eq!(verify(&with_header("{}")), None);
    assert_eq!(verify(&with_header(r#"{"alg":["HS256"]}"#)), None);
}

#[test]
fn what_must_be_understood_and_is_not_is_refused() {
    for crit in [r#"["b64"]"#, "[]", "\"exp\"", "7"] {
        assert_eq!(verify(&with_header(&format!(r#"{{"alg":"HS256","crit":{crit}}}"#))), None, "{crit}");
    }
}

#[test]
fn another_key_is_refused() {
    let claims = good_claims().to_string();
    let published = "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7";
    for key in ["", "secret", "your-256-bit-secret", published, &SECRET[1..]] {
        assert_eq!(verify(&signed(r#"{"alg":"HS256"}"#, &claims, Algorithm::HS256, key)), None, "{key}");
    }
}

#[test]
fn a_claim_that_is_missing_or_of_another_kind_is_refused() {
    let strange = [json!(null), json!("x"), json!(""), json!([]), json!({}), json!(true)];
    for claim in ["sub", "iat", "exp", "iss", "aud", "ver"] {
        let mut claims = good_claims();
        claims.as_object_mut().unwrap().remove(claim);
        assert_eq!(verify(&with_claims(&claims)), None, "without {claim}");
        for value in &strange {
            let mut claims = good_claims();
            claims[claim] = value.clone();
            assert_eq!(verify(&with_claims(&claims)), None, "{claim} = {value}");
        }
    }
}

#[test]
fn a_time_that_is_no_plain_number_of_seconds_is_refused() {
    let times =
        [json!((now() + 900).to_string()), json!(-1), json!(0), json!(1.5e10), json!(1e300), json!(u64::MAX)];
    for exp in times {
        let mut claims = good_claims();
        claims["exp"] = exp.clone();
        assert_eq!(verify(&with_claims(&claims)), None, "exp = {exp}");
    }
}

#[test]
fn a_token_is_good_in_its_time_only() {
    for (iat, exp, is_good) in [
        (0, 1, true),
        (-900, -4, true),
        (-900, -5, false),
        (30, 930, true),
        (0, 31_622_400, true),
        (0, 31_622_401, false),
    ] {
        let mut claims = good_claims();
        claims["iat"] = json!(now() + iat);
        claims["exp"] = json!(now() + exp);
        assert_eq!(verify(&with_claims(&claims)).is_some(), is_good, "iat {iat}, exp {exp}");
    }
}

/// Two replicas whose clocks are half a minute apart. The token outlives its time by no more than that.
#[test]
fn a_replica_takes_the_tokens_of_one_whose_clock_is_fast() {
    let (fast, slow) = (Arc::new(ManualClock::default()), Arc::new(ManualClock::default()));
    fast.advance(Duration::from_secs(30));
    let (one, other) = (access_jwts(fast), access_jwts(slow.clone()));
    let session = SessionId(Uuid::from_u128(7));
    let caller = Caller { user: UserId(SOMEBODY), token_version: 3, grant: Some(Grant::Session(session)) };
    let issued = one.issue(&user(caller), session).unwrap();
    assert_eq!(other.verify(&issued.token).ok(), Some(caller));
    slow.advance(Duration::from_secs(900 + 30 + 5));
    assert!(other.verify(&issued.token).is_err());
}

#[test]
fn a_token_that_is_not_good_yet_is_refused() {
    for (nbf, is_good) in [
        (json!(now() - 9), true),
        (json!(now() + 5), true),
        (json!(now() + 6), false),
        (json!("soon"), false),
    ] {
        let mut claims = good_claims();
        claims["nbf"] = nbf.clone();
        assert_eq!(verify(&with_claims(&claims)).is_some(), is_good, "nbf {nbf}");
    }
}

#[test]
fn a_token_for_another_purpose_is_refused() {
    for (claim, value) in
        [("iss", "other"), ("aud", "todo-ai-chatbot/refresh"), ("aud", "todo-ai-chatbot/mcp")]
    {
        let mut claims = good_claims();
        claims[claim] = json!(value);
        assert_eq!(verify(&with_claims(&claims)), None, "{claim} = {value}");
    }
}

#[test]
fn claims_given_twice_are_refused() {
    let claims = good_claims().to_string();
    for twice in [r#"{"sub":"00000000-0000-0000-0000-000000000000","#, r#"{"exp":99999999999,"#] {
        let claims = claims.replacen('{', twice, 1);
        assert_eq!(verify(&signed(r#"{"alg":"HS256"}"#, &claims, Algorithm::HS256, SECRET)), None, "{twice}");
    }
}

#[test]
fn a_damaged_token_is_refused() {
    let good = with_claims(&good_claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = message.split_once('.').unwrap();
    let damaged = [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        format!("{message}."),
        message.to_owned(),
        format!("{good}="),
        format!("{good} "),
        format!("{good}."),
        format!("{good}.{signature}"),
        format!(".{good}"),
        format!("{header}..{signature}"),
        format!(".{payload}.{signature}"),
        format!("{header}.{payload}x.{signature}"),
        good.replace('-', "+").replace('_', "/") + "==",
        "a".repeat(64 * 1024),
        format!("{good}{}", "A".repeat(64 * 1024)),
    ];
    for token in damaged {
        assert_eq!(verify(&token), None, "{} bytes: {:.80}", token.len(), token);
    }
    for index in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[index] ^= 0x01;
        let token = String::from_utf8_lossy(&bytes).into_owned();
        assert_eq!(verify(&token), None, "byte {index} of {good}");
    }
}
