//! Staying signed in: rotation, lost answers, theft, and what ends every session at once.

use futures::future::join;
use serde_json::{Value, json};
use tests::{HttpRequest, HttpResponse, Server, TestApp, TestDatabase, User};
use tokio_postgres::NoTls;

const EMAIL: &str = "ann@example.com";
const PASSWORD: &str = "a pass phrase for ann";
/// Of this password, by one pass: half the work of a hash of today.
const OLD_HASH: &str =
    "$argon2id$v=19$m=19456,t=1,p=1$hphAfC6LWEfhdIkkh8B6vg$YosUZwBcomD0VbR7k8aHUEc0iI4D+6JbyQ0711bm/4A";

async fn sign_up(app: &TestApp) -> Value {
    app.post("/api/auth/register", &json!({"email": EMAIL, "password": PASSWORD})).await.expect(201)
}

fn sign_in<'a>(app: &'a TestApp, password: &str) -> HttpRequest<'a> {
    app.post("/api/auth/login", &json!({"email": EMAIL, "password": password}))
}

fn refresh<'a>(app: &'a TestApp, answer: &Value) -> HttpRequest<'a> {
    app.post("/api/auth/refresh", &json!({"refresh_token": answer["refresh_token"]}))
}

fn assert_signed_out(answer: &HttpResponse) {
    let problem = answer.expect(401);
    assert_eq!(problem["code"], "invalid_refresh_token");
}

#[tokio::test]
async fn each_refresh_token_is_followed_by_another() {
    let app = TestApp::start().await;
    let first = sign_up(&app).await;
    let second = refresh(&app, &first).await.expect(200);
    let third = refresh(&app, &second).await.expect(200);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    assert_ne!(second["refresh_token"], third["refresh_token"]);
    assert_eq!(third["refresh_expires_in"], 30 * 24 * 60 * 60);
    User::of(&app, &third, PASSWORD.into()).me().await.expect(200);
}

#[tokio::test]
async fn a_sign_in_takes_a_weak_hash_away_and_no_token_with_it() {
    let app = TestApp::start().await;
    let before = sign_up(&app).await;
    app.database().query(&format!("UPDATE \"user\" SET password_hash = '{OLD_HASH}'")).await;
    sign_in(&app, "not the pass phrase").await.expect(401);
    let hash = "SELECT password_hash FROM \"user\"";
    assert_eq!(app.database().query(hash).await, [[OLD_HASH]]);
    for _ in 0..2 {
        sign_in(&app, PASSWORD).await.expect(200);
        let hash = app.database().query(hash).await.concat().concat();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
    }
    User::of(&app, &before, PASSWORD.into()).me().await.expect(200);
    refresh(&app, &before).await.expect(200);
}

#[tokio::test]
async fn when_the_answer_was_lost_the_same_token_gets_the_same_next_one() {
    let app = TestApp::start().await;
    let first = sign_up(&app).await;
    let lost = refresh(&app, &first).await.expect(200);
    let again = refresh(&app, &first).await.expect(200);
    assert_eq!(lost["refresh_token"], again["refresh_token"]);
    refresh(&app, &again).await.expect(200);
}

#[tokio::test]
async fn two_tabs_that_refresh_at_once_stay_signed_in_on_any_replica() {
    let app = TestApp::start().await;
    let replica = app.replica().await;
    let first = sign_up(&app).await;
    let tabs =
        join(refresh(&app, &first).into_future(), refresh(&app, &first).at(&replica).into_future()).await;
    let (one, other) = (tabs.0.expect(200), tabs.1.expect(200));
    assert_eq!(one["refresh_token"], other["refresh_token"]);
    refresh(&app, &other).await.expect(200);
}

#[tokio::test]
async fn an_older_token_is_theft_and_ends_the_session() {
    let app = TestApp::start().await;
    let stolen = sign_up(&app).await;
    let second = refresh(&app, &stolen).await.expect(200);
    let third = refresh(&app, &second).await.expect(200);
    assert_signed_out(&refresh(&app, &stolen).await);
    assert_signed_out(&refresh(&app, &third).await);
    let other_device = sign_in(&app, PASSWORD).await.expect(200);
    refresh(&app, &other_device).await.expect(200);
}

#[tokio::test]
async fn signing_out_ends_this_session_and_no_other() {
    let app = TestApp::start().await;
    let here = sign_up(&app).await;
    let there = sign_in(&app, PASSWORD).await.expect(200);
    let body = json!({"refresh_token": here["refresh_token"]});
    app.post("/api/auth/logout", &body).await.expect(204);
    app.post("/api/auth/logout", &body).await.expect(204);
    assert_signed_out(&refresh(&app, &here).await);
    refresh(&app, &there).await.expect(200);
}

#[tokio::test]
async fn signing_out_with_any_token_of_a_session_ends_it() {
    let app = TestApp::start().await;
    let first = sign_up(&app).await;
    let second = refresh(&app, &first).await.expect(200);
    let third = refresh(&app, &second).await.expect(200);
    let there = sign_in(&app, PASSWORD).await.expect(200);
    app.post("/api/auth/logout", &json!({"refresh_token": first["refresh_token"]})).await.expect(204);
    assert_signed_out(&refresh(&app, &third).await);
    User::of(&app, &third, PASSWORD.into()).tasks().await.expect(401);
    refresh(&app, &there).await.expect(200);
}

/// Whatever the access token is used for, it is no longer good.
async fn assert_locked_out(user: &User<'_>, replica: &Server, task: i64) {
    let change = json!({"title": "Too late"});
    let calls = [
        user.tasks(),
        user.task(task),
        user.add_task("Too late"),
        user.add_task("Too late").key("late"),
        user.update_task(task, &change),
        user.delete_task(task),
        user.chat("Too late"),
        user.conversations(),
        user.own("GET", "/usage"),
        user.me(),
        user.leave(),
        user.call("POST", "/api/auth/logout-everywhere"),
    ];
    for call in calls {
        call.at(replica).await.expect(401);
    }
}

#[tokio::test]
async fn an_access_token_ends_with_its_session_on_every_replica() {
    let app = TestApp::start().await;
    let replica = app.replica().await;
    let here = sign_up(&app).await;
    let (ann, there) = (User::of(&app, &here, PASSWORD.into()), sign_in(&app, PASSWORD).await.expect(200));
    let task = ann.add_task("Still here").await.expect(201)["id"].as_i64().unwrap();
    let body = json!({"refresh_token": here["refresh_token"]});
    app.post("/api/auth/logout", &body).await.expect(204);
    assert_locked_out(&ann, &replica, task).await;
    User::of(&app, &there, PASSWORD.into()).tasks().at(&replica).await.expect(200);
    // A refresh token that is used twice ends the session, and the thief's access token with it.
    let stolen = sign_in(&app, PASSWORD).await.expect(200);
    let second = refresh(&app, &stolen).await.expect(200);
    refresh(&app, &second).await.expect(200);
    let thief = User::of(&app, &second, PASSWORD.into());
    thief.tasks().await.expect(200);
    assert_signed_out(&refresh(&app, &stolen).await);
    assert_locked_out(&thief, &replica, task).await;
}

#[tokio::test]
async fn signing_out_everywhere_applies_at_once_on_another_replica() {
    let app = TestApp::start().await;
    let replica = app.replica().await;
    let answer = sign_up(&app).await;
    let ann = User::of(&app, &answer, PASSWORD.into());
    ann.tasks().at(&replica).await.expect(200);
    ann.call("POST", "/api/auth/logout-everywhere").await.expect(204);
    ann.tasks().at(&replica).await.expect(401);
    ann.add_task("Too late").at(&replica).await.expect(401);
    ann.chat("Too late as well").at(&replica).await.expect(401);
    assert_signed_out(&refresh(&app, &answer).at(&replica).await);
}

#[tokio::test]
async fn another_password_signs_out_everywhere_but_here() {
    let app = TestApp::start().await;
    let replica = app.replica().await;
    let old = sign_up(&app).await;
    let ann = User::of(&app, &old, PASSWORD.into());
    let change = |current: &str, new: &str| {
        let body = json!({"current_password": current, "new_password": new});
        ann.call("POST", "/api/auth/password").json(&body)
    };
    change("not my pass phrase", "another pass phrase").await.expect(401);
    let refused = change(PASSWORD, "short").await.expect(422);
    assert_eq!(refused["errors"][0]["field"], "new_password");
    let new = change(PASSWORD, "another pass phrase").await.expect(200);
    ann.tasks().at(&replica).await.expect(401);
    assert_signed_out(&refresh(&app, &old).await);
    sign_in(&app, PASSWORD).await.expect(401);
    sign_in(&app, "another pass phrase").await.expect(200);
    User::of(&app, &new, PASSWORD.into()).tasks().at(&replica).await.expect(200);
    refresh(&app, &new).await.expect(200);
}

/// Signs in with what was right until `change` is committed, and that is while the sign-in waits for it.
async fn sign_in_during(app: &TestApp, change: &str) -> HttpResponse {
    let (client, connection) = tokio_postgres::connect(&app.database().url(), NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    client.batch_execute(&format!("BEGIN; {change}")).await.unwrap();
    let commit = async {
        app.database().wait_for(TestDatabase::WAITING_FOR_A_LOCK, "1").await;
        client.batch_execute("COMMIT").await.unwrap();
    };
    let (answer, ()) = join(sign_in(app, PASSWORD).into_future(), commit).await;
    drop(client);
    connection.await.unwrap().unwrap();
    answer
}

#[tokio::test]
async fn a_sign_in_that_is_under_way_does_not_survive_another_password() {
    let app = TestApp::start().await;
    sign_up(&app).await;
    let change = r#"UPDATE "user" SET token_version = token_version + 1"#;
    let late = sign_in_during(&app, change).await.expect(401);
    assert_eq!(late["code"], "wrong_credentials");
    sign_in(&app, PASSWORD).await.expect(200);
    let late = sign_in_during(&app, r#"DELETE FROM "user""#).await.expect(401);
    assert_eq!(late["code"], "wrong_credentials");
}

#[tokio::test]
async fn where_no_session_can_be_kept_no_password_is_changed_and_no_address_taken() {
    let app = TestApp::start().await;
    let ann = User::of(&app, &sign_up(&app).await, PASSWORD.into());
    // As Postgres fails when its disk is full.
    let full = "CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = 'could not extend file: No space left on device';
                END $$;
                CREATE TRIGGER disk_is_full BEFORE INSERT ON session EXECUTE FUNCTION disk_is_full()";
    app.database().query(full).await;
    let change = json!({"current_password": PASSWORD, "new_password": "another pass phrase"});
    ann.call("POST", "/api/auth/password").json(&change).await.expect(503);
    let bob = json!({"email": "bob@example.com", "password": PASSWORD});
    app.post("/api/auth/register", &bob).await.expect(503);
    app.database().query("DROP FUNCTION disk_is_full CASCADE").await;
    ann.tasks().await.expect(200);
    sign_in(&app, PASSWORD).await.expect(200);
    app.post("/api/auth/register", &bob).await.expect(201);
    let changed = ann.call("POST", "/api/auth/password").json(&change).await.expect(200);
    refresh(&app, &changed).await.expect(200);
}

#[tokio::test]
async fn what_is_no_refresh_token_signs_nobody_in() {
    let app = TestApp::start().await;
    let answer = sign_up(&app).await;
    for token in ["", "x", "AAAA", answer["access_token"].as_str().unwrap()] {
        assert_signed_out(&app.post("/api/auth/refresh", &json!({"refresh_token": token})).await);
    }
    app.post("/api/auth/refresh", &json!({})).await.expect(422);
    // And a refresh token is no access token.
    let path = format!("/api/{}/tasks", answer["user"]["id"].as_str().unwrap());
    app.get(path).bearer(answer["refresh_token"].as_str().unwrap()).await.expect(401);
}

#[tokio::test]
async fn an_account_has_a_hundred_sessions_and_the_one_unused_for_longest_goes_first() {
    let app = TestApp::start().await;
    let first = sign_up(&app).await;
    let second = sign_in(&app, PASSWORD).await.expect(200);
    // As if it had been signed in a hundred times since.
    let fill = "INSERT INTO session (id, user_id, secret_hash, expires_at)
                SELECT gen_random_uuid(), user_id, secret_hash, now() + interval '30 days'
                FROM (SELECT * FROM session LIMIT 1) AS one, generate_series(1, 98)";
    app.database().query(fill).await;
    let used = refresh(&app, &first).await.expect(200);
    sign_in(&app, PASSWORD).await.expect(200);
    assert_signed_out(&refresh(&app, &second).await);
    refresh(&app, &used).await.expect(200);
    for _ in 0..3 {
        sign_in(&app, PASSWORD).await.expect(200);
    }
    assert_eq!(app.database().query("SELECT count(*) FROM session").await, [["100"]]);
}
