//! Signing in with Google and GitHub, as the frontends of the earlier system do it.

use futures::future::join;
use serde_json::{Value, json};
use tests::{HttpRequest, Kind, LocalProvider, Person, ProviderBehaviour, SmtpSink, TestApp, User};

const PAGE: &str = "https://todos.example.com";

async fn start(kind: Kind) -> (LocalProvider, TestApp) {
    start_with(kind, &[]).await
}

async fn start_with(kind: Kind, more: &[(&str, &str)]) -> (LocalProvider, TestApp) {
    let provider = LocalProvider::start(kind).await;
    let own = provider.variables();
    let own = own.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let variables: Vec<_> = own.chain([("PUBLIC_URL", PAGE)]).chain(more.iter().copied()).collect();
    let app = TestApp::with_environment(&variables).await;
    (provider, app)
}

/// Begins, and goes to the provider: the code and the state that come back.
async fn consent(app: &TestApp, provider: &LocalProvider, person: &Person) -> (String, String) {
    let name = provider.name();
    let begun = app.get(format!("/api/auth/{name}/url")).await.expect(200);
    assert_eq!(begun["provider"], name);
    assert_eq!(begun.as_object().unwrap().len(), 2, "{begun}");
    provider.consent(begun["auth_url"].as_str().unwrap(), person)
}

fn finish<'a>(
    app: &'a TestApp,
    provider: &LocalProvider,
    (code, state): &(String, String),
) -> HttpRequest<'a> {
    app.post(format!("/api/auth/{}/callback", provider.name()), &json!({"code": code, "state": state}))
}

async fn sign_in<'a>(app: &'a TestApp, provider: &LocalProvider, person: &Person) -> HttpRequest<'a> {
    finish(app, provider, &consent(app, provider, person).await)
}

async fn first_sign_in_makes_an_account_and_the_next_finds_it(kind: Kind) {
    let (provider, app) = start(kind).await;
    let replica = app.replica().await;
    assert_eq!(app.get("/api/info").await.expect(200)["sign_in_with"], json!([provider.name()]));
    let ann = Person::new(7, "Ann@Example.com");
    let first = sign_in(&app, &provider, &ann).await.await.expect(200);
    assert_eq!(first["user"]["email"], "ann@example.com");
    assert_eq!(first["user"]["oauth_provider"], provider.name());
    assert_eq!(first["user"]["email_confirmed"], true);
    assert_eq!(first["user"]["has_password"], false);
    let person = User::of(&app, &first, String::new());
    person.add_task("Signed in with a provider").await.expect(201);
    let refresh = json!({"refresh_token": first["refresh_token"]});
    app.post("/api/auth/refresh", &refresh).await.expect(200);

    // Another address there, later and on another replica: the id is what counts.
    let moved = Person { email: "ann@elsewhere.example".to_owned(), ..ann };
    let begun = consent(&app, &provider, &moved).await;
    let second = finish(&app, &provider, &begun).at(&replica).await.expect(200);
    assert_eq!(second["user"], first["user"]);
    // And an address that is not verified any more keeps nobody out who is known.
    let again = sign_in(&app, &provider, &moved.unverified()).await.await.expect(200);
    assert_eq!(again["user"]["id"], first["user"]["id"]);
    let secrets = ["canary-of-the-client-secret", "canary-code", "canary-token", &begun.1];
    assert!(secrets.iter().all(|secret| !app.log().contains(secret)), "{}", app.log());
}

#[tokio::test]
async fn with_google_the_first_sign_in_makes_an_account_and_the_next_finds_it() {
    first_sign_in_makes_an_account_and_the_next_finds_it(Kind::Google).await;
}

#[tokio::test]
async fn with_github_the_first_sign_in_makes_an_account_and_the_next_finds_it() {
    first_sign_in_makes_an_account_and_the_next_finds_it(Kind::GitHub).await;
}

/// A server with both, and Ann, who signs in with Google, then with GitHub.
async fn with_both() -> (LocalProvider, LocalProvider, TestApp, Value) {
    let github = LocalProvider::start(Kind::GitHub).await;
    let of_github = github.variables();
    let of_github: Vec<_> = of_github.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let (google, app) = start_with(Kind::Google, &of_github).await;
    let ann = Person::new(7, "ann@example.com");
    let first = sign_in(&app, &google, &ann).await.await.expect(200);
    let second = sign_in(&app, &github, &ann).await.await.expect(200);
    assert_eq!(first["user"]["id"], second["user"]["id"]);
    (google, github, app, second)
}

async fn linked(person: &User<'_>) -> Vec<Value> {
    let answer = person.own("GET", "/identities").await.expect(200);
    answer["identities"].as_array().unwrap().iter().map(|one| one["provider"].clone()).collect()
}

#[tokio::test]
async fn a_provider_is_given_up_but_never_the_last_way_in() {
    let (google, _github, app, signed_in) = with_both().await;
    let person = User::of(&app, &signed_in, String::new());
    let give_up = |name: &str| person.own("DELETE", &format!("/identities/{name}"));
    assert_eq!(linked(&person).await, ["google", "github"]);
    give_up("google").await.expect(204);
    assert_eq!(linked(&person).await, ["github"]);
    for name in ["google", "facebook"] {
        assert_eq!(give_up(name).await.expect(404)["code"], "identity_not_found");
    }
    let refused = give_up("github").await.expect(409);
    assert_eq!(refused["code"], "last_way_to_sign_in");
    assert_eq!(
        refused["detail"],
        "This is your only way to sign in. Set a password first, then you can give it up."
    );
    person.me().await.expect(200);

    // The mailbox is still theirs, on both sides.
    let again = sign_in(&app, &google, &Person::new(7, "ann@example.com")).await.await.expect(200);
    assert_eq!(again["user"]["id"], person.id.as_str());
    assert_eq!(linked(&person).await, ["github", "google"]);

    let change = json!({"new_password": "my own pass phrase"});
    let changed = person.call("POST", "/api/auth/password").json(&change).await.expect(200);
    let person = User::of(&app, &changed, "my own pass phrase".to_owned());
    for name in ["github", "google"] {
        person.own("DELETE", &format!("/identities/{name}")).await.expect(204);
    }
    assert_eq!(linked(&person).await, [""; 0]);
    person.sign_in().await.expect(200);
    let stranger = app.user("bob").await;
    person.call("GET", format!("/api/{}/identities", stranger.id)).await.expect(403);
}

#[tokio::test]
async fn of_two_providers_that_are_given_up_at_once_one_stays() {
    let (google, github, app, signed_in) = with_both().await;
    let replica = app.replica().await;
    let person = User::of(&app, &signed_in, String::new());
    for _ in 0..5 {
        let (one, other) = join(
            person.own("DELETE", "/identities/google").into_future(),
            person.own("DELETE", "/identities/github").at(&replica).into_future(),
        )
        .await;
        let mut statuses = [one.status, other.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 409]);
        for provider in [&google, &github] {
            sign_in(&app, provider, &Person::new(7, "ann@example.com")).await.await.expect(200);
        }
    }
}

#[tokio::test]
async fn a_provider_that_is_not_configured_any_more_is_no_way_in() {
    let (provider, app) = start(Kind::Google).await;
    let ann = Person::new(7, "ann@example.com");
    let signed_in = sign_in(&app, &provider, &ann).await.await.expect(200);
    let person = User::of(&app, &signed_in, String::new());
    let once = "INSERT INTO identity (provider, subject, user_id) SELECT 'github', '9', id FROM \"user\"";
    app.database().query(once).await;
    assert_eq!(person.own("DELETE", "/identities/google").await.expect(409)["code"], "last_way_to_sign_in");
    person.own("DELETE", "/identities/github").await.expect(204);
}

#[tokio::test]
async fn a_state_is_good_once_for_ten_minutes_and_at_its_own_provider() {
    let github = LocalProvider::start(Kind::GitHub).await;
    let of_github = github.variables();
    let of_github: Vec<_> = of_github.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let (google, app) = start_with(Kind::Google, &of_github).await;
    let replica = app.replica().await;
    let ann = Person::new(7, "ann@example.com");
    let refused = async |call: HttpRequest<'_>| assert_eq!(call.await.expect(400)["code"], "invalid_sign_in");

    let begun = consent(&app, &google, &ann).await;
    finish(&app, &google, &begun).await.expect(200);
    refused(finish(&app, &google, &begun)).await;
    refused(finish(&app, &google, &begun).at(&replica)).await;

    let (code, state) = consent(&app, &google, &ann).await;
    for forged in ["", "x", &state[1..], &format!("{state}x"), &state.to_uppercase()] {
        refused(finish(&app, &google, &(code.clone(), forged.to_owned()))).await;
    }
    refused(finish(&app, &github, &(code.clone(), state.clone()))).await;
    // A state with somebody else's code: the verifier is another one.
    let (_, other_state) = consent(&app, &google, &ann).await;
    refused(finish(&app, &google, &(code, other_state))).await;
    for code in ["", "made-up", &"x".repeat(5_000)] {
        let (_, state) = consent(&app, &google, &ann).await;
        refused(finish(&app, &google, &(code.to_owned(), state))).await;
    }

    let late = consent(&app, &github, &ann).await;
    let lasts =
        "SELECT count(*) FROM provider_sign_in WHERE expires_at > now() + interval '9 minutes 50 seconds'
                 AND expires_at <= now() + interval '10 minutes'";
    assert_ne!(app.database().query(lasts).await, [["0"]]);
    app.database().query("UPDATE provider_sign_in SET expires_at = now()").await;
    refused(finish(&app, &github, &late)).await;
    // What nobody finished is forgotten by the way.
    consent(&app, &google, &ann).await;
    assert_eq!(app.database().query("SELECT count(*) FROM provider_sign_in").await, [["1"]]);
}

#[tokio::test]
async fn two_that_bring_back_one_code_and_two_first_sign_ins_at_once_make_one_account() {
    let (provider, app) = start(Kind::Google).await;
    let replica = app.replica().await;
    let ann = Person::new(7, "ann@example.com");
    let begun = consent(&app, &provider, &ann).await;
    let (one, other) = join(
        finish(&app, &provider, &begun).into_future(),
        finish(&app, &provider, &begun).at(&replica).into_future(),
    )
    .await;
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);

    let bob = Person::new(8, "bob@example.com");
    let (first, second) = (consent(&app, &provider, &bob).await, consent(&app, &provider, &bob).await);
    let (one, other) = join(
        finish(&app, &provider, &first).into_future(),
        finish(&app, &provider, &second).at(&replica).into_future(),
    )
    .await;
    assert_eq!(one.expect(200)["user"], other.expect(200)["user"]);
}

#[tokio::test]
async fn an_address_that_is_not_verified_opens_nothing() {
    for kind in [Kind::Google, Kind::GitHub] {
        let (provider, app) = start(kind).await;
        let eve = Person::new(9, "ann@example.com").unverified();
        let refused = sign_in(&app, &provider, &eve).await.await.expect(403);
        assert_eq!(refused["code"], "email_not_verified");
        assert_eq!(app.database().query("SELECT count(*) FROM \"user\"").await, [["0"]]);
    }
}

#[tokio::test]
async fn an_account_with_a_password_is_opened_only_when_its_address_is_confirmed() {
    let sink = SmtpSink::start().await;
    let mail = [("SMTP_URL", sink.url()), ("MAIL_FROM", "todos@example.com")];
    let (provider, app) = start_with(Kind::Google, &mail).await;
    // Perhaps this is not Ann, but somebody who waits for her.
    let early = app.user("ann").await;
    let calendar = early.own("POST", "/calendar").await.expect(201);
    let calendar = calendar["url"].as_str().unwrap().split_once("/calendar/").unwrap().1.to_owned();
    app.get(format!("/calendar/{calendar}")).await.expect(200);
    let ann = Person::new(7, &early.email);
    let refused = sign_in(&app, &provider, &ann).await.await.expect(409);
    assert_eq!(refused["code"], "account_exists");
    early.me().await.expect(200);

    // Ann reads the mail: whoever was there before is out, and she is in.
    app.post("/api/auth/forgot-password", &json!({"email": early.email})).await.expect(202);
    let token = sink.mail(&early.email, "Choose a new password").await.token("reset-password");
    let body = json!({"token": token, "new_password": "a second pass phrase"});
    app.post("/api/auth/reset-password", &body).await.expect(204);
    early.me().await.expect(401);
    app.get(format!("/calendar/{calendar}")).await.expect(404);
    let signed_in = sign_in(&app, &provider, &ann).await.await.expect(200);
    assert_eq!(signed_in["user"]["id"], early.id.as_str());
    assert_eq!(signed_in["user"]["has_password"], true);
    assert_eq!(signed_in["user"]["oauth_provider"], Value::Null, "the account was not made with it");
    let login = json!({"email": early.email, "password": "a second pass phrase"});
    app.post("/api/auth/login", &login).await.expect(200);
}

#[tokio::test]
async fn a_provider_that_is_away_or_confused_is_said_to_be_and_can_be_tried_again() {
    for kind in [Kind::Google, Kind::GitHub] {
        let (provider, app) = start(kind).await;
        let ann = Person::new(7, "ann@example.com");
        for (mood, status, code) in [
            (ProviderBehaviour::Down, 503, "provider_unavailable"),
            (ProviderBehaviour::Confused, 502, "provider_bad_answer"),
        ] {
            provider.set_mood(ProviderBehaviour::Well);
            let begun = consent(&app, &provider, &ann).await;
            provider.set_mood(mood);
            let answer = finish(&app, &provider, &begun).await;
            assert_eq!(answer.expect(status)["code"], code);
            assert!(!answer.text.contains("canary") && !app.log().contains("canary-page"), "{}", answer.text);
        }
        provider.set_mood(ProviderBehaviour::Well);
        sign_in(&app, &provider, &ann).await.await.expect(200);
    }
}

#[tokio::test]
async fn who_has_no_password_proves_themselves_by_a_fresh_sign_in() {
    let (provider, app) = start(Kind::GitHub).await;
    let ann = Person::new(7, "ann@example.com");
    let signed_in = sign_in(&app, &provider, &ann).await.await.expect(200);
    let person = User::of(&app, &signed_in, String::new());
    let login = json!({"email": "ann@example.com", "password": "a guess of somebody"});
    assert_eq!(app.post("/api/auth/login", &login).await.expect(401)["code"], "wrong_credentials");

    app.database().query("UPDATE session SET created_at = now() - interval '11 minutes'").await;
    let change = json!({"new_password": "my own pass phrase"});
    let refused = person.call("POST", "/api/auth/password").json(&change).await.expect(403);
    assert_eq!(refused["code"], "sign_in_not_recent");
    person.call("DELETE", "/api/auth/me").json(&json!({})).await.expect(403);

    let signed_in = sign_in(&app, &provider, &ann).await.await.expect(200);
    let person = User::of(&app, &signed_in, String::new());
    let changed = person.call("POST", "/api/auth/password").json(&change).await.expect(200);
    assert_eq!(changed["user"]["has_password"], true);
    let person = User::of(&app, &changed, "my own pass phrase".to_owned());
    // From now on the password is asked for.
    person.call("DELETE", "/api/auth/me").json(&json!({})).await.expect(422);
    person.leave().await.expect(204);
}

#[tokio::test]
async fn what_is_not_configured_is_not_offered() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/api/info").await.expect(200)["sign_in_with"], json!([]));
    for name in ["google", "github"] {
        let begun = app.get(format!("/api/auth/{name}/url")).await;
        assert_eq!(begun.expect(503)["code"], "provider_not_configured");
        let body = json!({"code": "x", "state": "x"});
        app.post(format!("/api/auth/{name}/callback"), &body).await.expect(503);
    }
    app.get("/api/auth/facebook/url").await.expect(404);
}
