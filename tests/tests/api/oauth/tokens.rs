//! Codes, access tokens and refresh tokens: what they are good for, and what ends them.

use futures::future::join;
use serde_json::json;
use tests::{TestApp, User};

use super::{BOTH, PAGE, Program, REDIRECT, Tokens, app, assert_refused, challenge, form, list, noted, tool};

async fn people(app: &TestApp) -> (User<'_>, Program) {
    (app.user("alice").await, Program::register(app).await)
}

#[tokio::test]
async fn a_code_is_good_once_and_twice_ends_what_it_gave() {
    let app = app().await;
    let (alice, program) = people(&app).await;
    let replica = app.replica().await;
    let code = program.code(&alice, &BOTH).await;
    let tokens = noted(&app, Tokens::of(&program.exchange(&app, &code, &[]).await));
    list(&app, &tokens.access).at(&replica).await.expect(200);
    assert_refused(&program.exchange(&app, &code, &[]).at(&replica).await, "invalid_grant");
    list(&app, &tokens.access).at(&replica).await.expect(401);
    assert_refused(&program.refresh(&app, &tokens.refresh, &[]).await, "invalid_grant");
    assert_eq!(alice.own("GET", "/oauth/grants").await.expect(200), json!({"grants": []}));

    // Of two at once at most one gets tokens, and the other one ends them.
    let code = program.code(&alice, &BOTH).await;
    let both = join(async { program.exchange(&app, &code, &[]).await }, async {
        program.exchange(&app, &code, &[]).at(&replica).await
    });
    let (one, other) = both.await;
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
    assert_eq!(alice.own("GET", "/oauth/grants").await.expect(200), json!({"grants": []}));
}

#[tokio::test]
async fn a_code_is_good_for_a_minute_and_for_who_asked_with_it() {
    let app = app().await;
    let (alice, program) = people(&app).await;
    let another = Program::register(&app).await;
    for (name, value, error) in [
        ("code_verifier", "another-verifier-that-is-long-enough-0123456789-xyz", "invalid_grant"),
        ("code_verifier", &challenge(super::VERIFIER), "invalid_grant"),
        ("redirect_uri", REDIRECT, "invalid_grant"),
        ("redirect_uri", "https://evil.example/callback", "invalid_grant"),
        ("client_id", &another.id, "invalid_grant"),
    ] {
        let code = program.code(&alice, &BOTH).await;
        assert_refused(&program.exchange(&app, &code, &[(name, value)]).await, error);
        assert_refused(&program.exchange(&app, &code, &[]).await, "invalid_grant");
    }
    // What is not a try at a code does not use it up.
    let code = program.code(&alice, &BOTH).await;
    for (name, value, error) in [
        ("code_verifier", "", "invalid_request"),
        ("client_id", "", "invalid_request"),
        ("code", "", "invalid_request"),
        ("grant_type", "", "invalid_request"),
        ("grant_type", "client_credentials", "unsupported_grant_type"),
        ("resource", "https://evil.example/mcp", "invalid_target"),
        ("code", "made up", "invalid_grant"),
    ] {
        assert_refused(&program.exchange(&app, &code, &[(name, value)]).await, error);
    }
    let twice = [("code", code.as_str()), ("code", "another")];
    assert_refused(&program.exchange(&app, &code, &twice).await, "invalid_request");
    program.exchange(&app, &code, &[]).await.expect(200);
    // OAuth 2.1 has no redirect_uri here.
    let code = program.code(&alice, &BOTH).await;
    let tokens = Tokens::of(&program.exchange(&app, &code, &[("redirect_uri", "")]).await);
    list(&app, &tokens.access).await.expect(200);
    let late = program.code(&alice, &BOTH).await;
    app.database().query("UPDATE oauth_grant SET expires_at = now() WHERE secret_hash IS NULL").await;
    assert_refused(&program.exchange(&app, &late, &[]).await, "invalid_grant");
    let lifetimes =
        "SELECT extract(epoch FROM expires_at - created_at) <= 60 FROM oauth_grant WHERE secret_hash IS NULL";
    program.code(&alice, &BOTH).await;
    assert_eq!(app.database().query(lifetimes).await.concat(), ["t"], "the one that was late is forgotten");
    let plain = app.call("POST", "/oauth/token").json(&json!({"grant_type": "authorization_code"})).await;
    plain.expect(415);
}

#[tokio::test]
async fn refresh_tokens_follow_one_another_and_a_lost_answer_is_given_again() {
    let app = app().await;
    let (alice, program) = people(&app).await;
    let replica = app.replica().await;
    let first = program.connect(&app, &alice, &BOTH).await;
    let second = noted(&app, Tokens::of(&program.refresh(&app, &first.refresh, &[]).await));
    assert!(second.refresh != first.refresh && second.access != first.access);
    let again = noted(&app, Tokens::of(&program.refresh(&app, &first.refresh, &[]).at(&replica).await));
    assert_eq!(again.refresh, second.refresh, "the answer was lost: the same one follows");
    for tokens in [&first, &second, &again] {
        list(&app, &tokens.access).await.expect(200);
    }
    let third = noted(&app, Tokens::of(&program.refresh(&app, &second.refresh, &[]).await));
    // Somebody else has the first one.
    assert_refused(&program.refresh(&app, &first.refresh, &[]).await, "invalid_grant");
    for tokens in [&second, &third] {
        list(&app, &tokens.access).at(&replica).await.expect(401);
        assert_refused(&program.refresh(&app, &tokens.refresh, &[]).await, "invalid_grant");
    }
    assert_eq!(alice.own("GET", "/oauth/grants").await.expect(200), json!({"grants": []}));

    let late = program.connect(&app, &alice, &BOTH).await;
    let next = noted(&app, Tokens::of(&program.refresh(&app, &late.refresh, &[]).await));
    app.database().query("UPDATE oauth_grant SET rotated_at = now() - interval '90 s'").await;
    assert_refused(&program.refresh(&app, &late.refresh, &[]).await, "invalid_grant");
    assert_refused(&program.refresh(&app, &next.refresh, &[]).await, "invalid_grant");
    let idle = program.connect(&app, &alice, &BOTH).await;
    app.database().query("UPDATE oauth_grant SET expires_at = now()").await;
    assert_refused(&program.refresh(&app, &idle.refresh, &[]).await, "invalid_grant");
}

#[tokio::test]
async fn a_refresh_token_is_its_programs_own_and_gives_no_more_than_was_granted() {
    let app = app().await;
    let (alice, program) = people(&app).await;
    let another = Program::register(&app).await;
    let tokens = program.connect(&app, &alice, &["tasks:read"]).await;
    assert_refused(&another.refresh(&app, &tokens.refresh, &[]).await, "invalid_grant");
    let more = program.refresh(&app, &tokens.refresh, &[("scope", "tasks:read tasks:write")]).await;
    assert_refused(&more, "invalid_scope");
    assert_refused(&program.refresh(&app, &tokens.refresh, &[("scope", "chat")]).await, "invalid_scope");
    for token in ["", "tdo_ort_", "tdo_ort_AAAA", &tokens.access, &tokens.refresh["tdo_ort_".len()..]] {
        program.refresh(&app, token, &[]).await.expect(400);
    }
    program.refresh(&app, &tokens.refresh, &[]).await.expect(200);

    let both = program.connect(&app, &alice, &BOTH).await;
    let less = program.refresh(&app, &both.refresh, &[("scope", "tasks:read offline_access")]).await;
    assert_eq!(less.expect(200)["scope"], "tasks:read");
    let less = noted(&app, Tokens::of(&less));
    let asked = tool(&app, &less.access, "add_task", json!({"title": "Too much"})).await.expect(200);
    assert_eq!(asked["result"]["structuredContent"]["code"], "NOT_ALLOWED", "it waits for the person");
    let whole = program.refresh(&app, &less.refresh, &[]).await;
    assert_eq!(whole.expect(200)["scope"], "tasks:read tasks:write");
    // Ever new access tokens do not fill the database.
    let mut newest = noted(&app, Tokens::of(&whole));
    for _ in 0..8 {
        newest = noted(&app, Tokens::of(&program.refresh(&app, &newest.refresh, &[]).await));
    }
    let most = "SELECT max(count) FROM (SELECT count(*) FROM access_token GROUP BY grant_id) AS grants";
    assert_eq!(app.database().query(most).await.concat(), ["5"]);
    list(&app, &newest.access).await.expect(200);
}

#[tokio::test]
async fn eighty_forged_tokens_are_refused_alike() {
    let app = app().await;
    let replica = app.replica().await;
    let (alice, program) = people(&app).await;
    let good = program.connect(&app, &alice, &BOTH).await.access;
    let expired = program.connect(&app, &alice, &BOTH).await.access;
    app.database().query("UPDATE access_token SET expires_at = now() WHERE id = (SELECT max(id::text)::uuid FROM access_token)").await;
    list(&app, &good).at(&replica).await.expect(200);
    let mut forged = vec![expired, "tdo_oat_".to_owned(), good.to_uppercase(), format!("{good}0")];
    forged.push(good[..good.len() - 1].to_owned());
    forged.push(good.replacen("tdo_oat_", "tdo_pat_", 1));
    for position in (0..good.len()).chain(0..17) {
        let mut bytes = good.clone().into_bytes();
        bytes[position] = if bytes[position] == b'a' { b'b' } else { b'a' };
        if forged.len() >= good.len() + 6 {
            bytes.swap(20, 40);
        }
        forged.push(String::from_utf8(bytes).unwrap());
    }
    assert_eq!(forged.len(), 80);
    let personal = list(&app, "tdo_pat_made_up").await;
    let challenge = format!(
        "Bearer error=\"invalid_token\", resource_metadata=\"{PAGE}/.well-known/oauth-protected-resource/mcp\", \
         scope=\"tasks:read tasks:write\""
    );
    for token in &forged {
        let answer = list(&app, token).at(&replica).await;
        assert_eq!((answer.status, answer.anonymous()), (401, personal.anonymous()), "{token}");
        assert_eq!(answer.header("www-authenticate"), Some(challenge.as_str()), "{token}");
    }
}

#[tokio::test]
async fn grant_revocation_applies_at_once_on_another_replica() {
    let app = app().await;
    let (alice, program) = people(&app).await;
    let replica = app.replica().await;
    let connected = async |person: &User<'_>| {
        let tokens = program.connect(&app, person, &BOTH).await;
        list(&app, &tokens.access).at(&replica).await.expect(200);
        tokens
    };
    let is_over = async |tokens: &Tokens| {
        for call in
            [list(&app, &tokens.access), tool(&app, &tokens.access, "add_task", json!({"title": "Late"}))]
        {
            call.at(&replica).await.expect(401);
        }
        assert_refused(&program.refresh(&app, &tokens.refresh, &[]).at(&replica).await, "invalid_grant");
    };
    let first = connected(&alice).await;
    let other = connected(&alice).await;
    let listed = alice.own("GET", "/oauth/grants").await.expect(200);
    let oldest = listed["grants"][1]["id"].as_str().unwrap();
    alice.own("DELETE", &format!("/oauth/grants/{oldest}")).await.expect(204);
    is_over(&first).await;
    list(&app, &other.access).await.expect(200);
    let gone = alice.own("DELETE", &format!("/oauth/grants/{oldest}")).await;
    assert_eq!(gone.expect(404)["code"], "grant_not_found");

    let code = program.code(&alice, &BOTH).await;
    let change = json!({"current_password": alice.password, "new_password": "another pass phrase"});
    let answer = alice.call("POST", "/api/auth/password").json(&change).await.expect(200);
    is_over(&other).await;
    assert_refused(&program.exchange(&app, &code, &[]).at(&replica).await, "invalid_grant");
    let alice = User::of(&app, &answer, "another pass phrase".to_owned());
    let second = connected(&alice).await;
    alice.call("POST", "/api/auth/logout-everywhere").await.expect(204);
    is_over(&second).await;
    let bob = app.user("bob").await;
    let of_bob = connected(&bob).await;
    bob.leave().await.expect(204);
    is_over(&of_bob).await;
    // A grant of a time before stays over, even where an older version forgot to end it.
    let carol = app.user("carol").await;
    let third = connected(&carol).await;
    app.database().query("UPDATE \"user\" SET token_version = token_version + 1").await;
    is_over(&third).await;
}

#[tokio::test]
async fn a_program_gives_its_tokens_back() {
    let app = app().await;
    let (alice, program) = people(&app).await;
    let another = Program::register(&app).await;
    let back = |id: &str, token: &str| {
        form(&app, "/oauth/revoke", &[("client_id", id), ("token", token)], &[("token_type_hint", "x")])
    };
    let tokens = program.connect(&app, &alice, &BOTH).await;
    for token in [&tokens.access, &tokens.refresh] {
        back(&another.id, token).await.expect(200);
    }
    list(&app, &tokens.access).await.expect(200);
    back(&program.id, &tokens.access).await.expect(200);
    list(&app, &tokens.access).await.expect(401);
    let next = noted(&app, Tokens::of(&program.refresh(&app, &tokens.refresh, &[]).await));
    back(&program.id, &next.refresh).await.expect(200);
    list(&app, &next.access).await.expect(401);
    assert_refused(&program.refresh(&app, &next.refresh, &[]).await, "invalid_grant");
    for token in [&next.refresh, "no token", "tdo_pat_x"] {
        back(&program.id, token).await.expect(200);
    }
    assert_refused(&back(&program.id, "").await, "invalid_request");
    assert_refused(&back("", &next.refresh).await, "invalid_request");
}
