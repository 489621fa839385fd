//! Forgotten passwords, confirmed addresses, and the mail about them.

use std::time::Duration;

use futures::future::join;
use serde_json::{Value, json};
use tests::{HttpRequest, HttpResponse, SmtpSink, TestApp, User};
use tokio_postgres::NoTls;

const PAGE: &str = "https://todos.example.com";
const RESET: &str = "Choose a new password";
const CONFIRM: &str = "Confirm your address";
const CHANGED: &str = "Your password was changed";

async fn app_with_mail(sink: &SmtpSink) -> TestApp {
    app_with(sink, &[]).await
}

async fn app_with(sink: &SmtpSink, more: &[(&str, &str)]) -> TestApp {
    let mail = [("SMTP_URL", sink.url()), ("MAIL_FROM", "Todos <todos@example.com>"), ("PUBLIC_URL", PAGE)];
    TestApp::with_environment(&[&mail, more].concat()).await
}

fn forget<'a>(app: &'a TestApp, email: &str) -> HttpRequest<'a> {
    app.post("/api/auth/forgot-password", &json!({"email": email}))
}

fn reset<'a>(app: &'a TestApp, token: &str, new: &str) -> HttpRequest<'a> {
    app.post("/api/auth/reset-password", &json!({"token": token, "new_password": new}))
}

fn sign_in<'a>(app: &'a TestApp, email: &str, password: &str) -> HttpRequest<'a> {
    app.post("/api/auth/login", &json!({"email": email, "password": password}))
}

/// The secret of the newest link to another password.
async fn reset_token(app: &TestApp, sink: &SmtpSink, person: &User<'_>) -> String {
    forget(app, &person.email).await.expect(202);
    sink.mail(&person.email, RESET).await.token("reset-password")
}

/// All mail that was to be sent is sent when the server has ended.
async fn end(app: &TestApp) {
    app.server().sigterm();
    assert!(app.server().exit_within(Duration::from_secs(10)).await.is_some());
}

fn assert_bad_link(answer: &HttpResponse) {
    assert_eq!(answer.expect(400)["code"], "invalid_link");
}

#[tokio::test]
async fn a_forgotten_password_is_set_anew_by_a_link_and_ends_all_access_on_every_replica() {
    let sink = SmtpSink::start().await;
    let app = app_with_mail(&sink).await;
    let replica = app.replica().await;
    let ann = app.user("ann").await;
    let fields = json!({"name": "A program", "scopes": ["tasks:read"], "expires_in_days": 7});
    let made = ann.own("POST", "/tokens").json(&fields).await.expect(201);
    let program = made["token"].as_str().unwrap();
    let tasks = format!("/api/{}/tasks", ann.id);
    app.get(&tasks).bearer(program).at(&replica).await.expect(200);

    let token = reset_token(&app, &sink, &ann).await;
    let mail = sink.mail(&ann.email, RESET).await;
    assert_eq!(mail.header("From"), Some("Todos <todos@example.com>"));
    assert!(mail.text().contains(&format!("\n{PAGE}/#/reset-password?token={token}\n")), "{}", mail.text());
    let stored = format!("SELECT user_id FROM one_time_token WHERE secret_hash = sha256('{token}')");
    assert_eq!(app.database().query(&stored).await, [[ann.id.clone()]], "its hash is kept");

    reset(&app, &token, "a second pass phrase").at(&replica).await.expect(204);
    ann.tasks().await.expect(401);
    ann.tasks().at(&replica).await.expect(401);
    app.get(&tasks).bearer(program).await.expect(401);
    app.get(&tasks).bearer(program).at(&replica).await.expect(401);
    sign_in(&app, &ann.email, &ann.password).await.expect(401);
    let signed_in = sign_in(&app, &ann.email, "a second pass phrase").await.expect(200);
    assert_eq!(signed_in["user"]["email_confirmed"], true, "the link came by mail");
    sink.mail(&ann.email, CHANGED).await;

    for again in
        [reset(&app, &token, "a third pass phrase"), reset(&app, &token, "a third pass phrase").at(&replica)]
    {
        assert_bad_link(&again.await);
    }
    sign_in(&app, &ann.email, "a second pass phrase").await.expect(200);
}

#[tokio::test]
async fn neither_the_answer_nor_its_time_tells_whether_there_is_an_account() {
    let sink = SmtpSink::start().await;
    let app = app_with_mail(&sink).await;
    let ann = app.user("ann").await;
    sink.mail(&ann.email, CONFIRM).await;
    let (client, connection) = tokio_postgres::connect(&app.database().url(), NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    // Whoever looks for an account now waits.
    client.simple_query("BEGIN; LOCK TABLE \"user\" IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let known = forget(&app, &ann.email).await;
    let unknown = forget(&app, "nobody.at.all@example.com").await;
    client.simple_query("COMMIT").await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();

    known.expect(202);
    assert_eq!(known.status, unknown.status);
    assert_eq!(known.anonymous(), unknown.anonymous());
    let names = |answer: &HttpResponse| {
        let mut names: Vec<_> = answer.headers.keys().map(|name| name.to_string()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&known), names(&unknown));
    sink.mail(&ann.email, RESET).await;
    end(&app).await;
    assert!(sink.received().iter().all(|mail| mail.to == [ann.email.as_str()]), "{:#?}", sink.received());
}

#[tokio::test]
async fn a_link_lasts_half_an_hour_and_is_not_spent_by_a_bad_password() {
    let sink = SmtpSink::start().await;
    let app = app_with_mail(&sink).await;
    let ann = app.user("ann").await;
    let token = reset_token(&app, &sink, &ann).await;
    let lasts = "SELECT expires_at - created_at FROM one_time_token WHERE purpose = 'reset_password'";
    assert_eq!(app.database().query(lasts).await, [["00:30:00"]]);
    let problem = reset(&app, &token, "password1").await.expect(422);
    assert_eq!(problem["errors"][0]["field"], "new_password");
    for wrong in ["", "x", &token[1..], &token.to_uppercase(), &"A".repeat(5_000)] {
        assert_bad_link(&reset(&app, wrong, "a second pass phrase").await);
    }
    let over = "UPDATE one_time_token SET expires_at = now() WHERE purpose = 'reset_password'";
    app.database().query(over).await;
    assert_bad_link(&reset(&app, &token, "a second pass phrase").await);
    sign_in(&app, &ann.email, &ann.password).await.expect(200);

    // Another link, and a changed password, which ends it.
    let token = reset_token(&app, &sink, &ann).await;
    let change = json!({"current_password": ann.password, "new_password": "a second pass phrase"});
    ann.call("POST", "/api/auth/password").json(&change).await.expect(200);
    sink.mail(&ann.email, CHANGED).await;
    assert_bad_link(&reset(&app, &token, "a third pass phrase").await);
}

#[tokio::test]
async fn two_replicas_that_take_one_link_at_once_set_one_password() {
    let sink = SmtpSink::start().await;
    let app = app_with_mail(&sink).await;
    let replica = app.replica().await;
    let ann = app.user("ann").await;
    let token = reset_token(&app, &sink, &ann).await;
    let (one, other) = join(
        reset(&app, &token, "the pass phrase of one").into_future(),
        reset(&app, &token, "the pass phrase of another").at(&replica).into_future(),
    )
    .await;
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 400]);
    let won = if one.status == 204 { "the pass phrase of one" } else { "the pass phrase of another" };
    sign_in(&app, &ann.email, won).await.expect(200);
}

#[tokio::test]
async fn nobody_fills_a_mailbox_or_asks_without_end() {
    let sink = SmtpSink::start().await;
    let app = app_with_mail(&sink).await;
    let ann = app.user("ann").await;
    for _ in 0..10 {
        forget(&app, &ann.email).await.expect(202);
    }
    let refused = forget(&app, "somebody.else@example.com").await;
    assert_eq!(refused.expect(429)["code"], "too_many_requests");
    end(&app).await;
    let links: Vec<_> = sink.received().into_iter().filter(|mail| mail.subject() == RESET).collect();
    assert_eq!(links.len(), 3);
    app.restart().await;
    // Mails come in any order: each of them is good, also the oldest.
    reset(&app, &links[0].token("reset-password"), "a second pass phrase").await.expect(204);
    sign_in(&app, &ann.email, "a second pass phrase").await.expect(200);
}

#[tokio::test]
async fn who_forgot_the_password_and_tried_too_many_may_sign_in_with_the_new_one() {
    let sink = SmtpSink::start().await;
    let app = app_with_mail(&sink).await;
    let ann = app.user("ann").await;
    for _ in 0..10 {
        sign_in(&app, &ann.email, "not this one either").await.expect(401);
    }
    sign_in(&app, &ann.email, &ann.password).await.expect(429);
    let token = reset_token(&app, &sink, &ann).await;
    reset(&app, &token, "a second pass phrase").await.expect(204);
    sign_in(&app, &ann.email, "a second pass phrase").await.expect(200);
}

#[tokio::test]
async fn no_address_makes_the_server_write_to_somebody_else() {
    let sink = SmtpSink::start().await;
    let app = app_with_mail(&sink).await;
    for refused in ["ann@example.com\r\nBcc: eve@example.com", "ann@example.com\nRCPT TO:<eve@example.com>"] {
        forget(&app, refused).await.expect(422);
    }
    // These are taken for addresses, and no mail server would take them.
    for hostile in ["ann,eve@example.com", "ann<eve@example.com", "ann>eve@example.com", "a\"b@example.com"] {
        let body = json!({"email": hostile, "password": "a pass phrase of ann"});
        if app.post("/api/auth/register", &body).await.status == 201 {
            forget(&app, hostile).await.expect(202);
        }
    }
    end(&app).await;
    assert_eq!(sink.received().len(), 0, "{:#?}", sink.received());
    assert!(app.log().contains("a mail was not sent"), "and it is on record");
}

#[tokio::test]
async fn a_mail_server_that_is_busy_is_asked_again_and_one_that_refuses_is_not() {
    let sink = SmtpSink::start().await;
    let app = app_with_mail(&sink).await;
    sink.refuse_next(&[451]);
    let ann = app.user("ann").await;
    sink.mail(&ann.email, CONFIRM).await;
    assert!(app.log().contains("a mail is tried again"), "{}", app.log());

    sink.refuse_next(&[550]);
    let bob = app.user("bob").await;
    assert!(app.server().log().wait_for(&["a mail was not sent: the mail is refused"]).await);
    end(&app).await;
    assert!(sink.received().iter().all(|mail| mail.to != [bob.email.as_str()]));
}

#[tokio::test]
async fn a_mail_server_without_tls_is_sent_nothing_unless_that_was_said() {
    let sink = SmtpSink::start().await;
    let url = sink.url().trim_end_matches("?tls=none").to_owned();
    let app = app_with(&sink, &[("SMTP_URL", url.as_str())]).await;
    app.user("ann").await;
    let words = "a mail is tried again: the mail server cannot be used just now: the mail server cannot do";
    assert!(app.server().log().wait_for(&[words]).await, "{}", app.log());
    assert_eq!(sink.received().len(), 0);
}

#[tokio::test]
async fn a_calendar_outlives_a_new_password_where_the_address_was_confirmed_before() {
    let sink = SmtpSink::start().await;
    let app = app_with_mail(&sink).await;
    let ann = app.user("ann").await;
    let body = json!({"token": sink.mail(&ann.email, CONFIRM).await.token("confirm-email")});
    ann.call("POST", "/api/auth/confirm-email").json(&body).await.expect(200);
    let made = ann.own("POST", "/calendar").await.expect(201);
    let (_, calendar) = made["url"].as_str().unwrap().split_once("/calendar/").unwrap();
    let token = reset_token(&app, &sink, &ann).await;
    reset(&app, &token, "a second pass phrase").await.expect(204);
    app.get(format!("/calendar/{calendar}")).await.expect(200);
}

#[tokio::test]
async fn an_address_is_confirmed_by_who_has_both_the_account_and_the_mail() {
    let sink = SmtpSink::start().await;
    let app = app_with_mail(&sink).await;
    let (ann, eve) = (app.user("ann").await, app.user("eve").await);
    let is_confirmed = async |person: &User<'_>| person.me().await.expect(200)["email_confirmed"].clone();
    assert_eq!(is_confirmed(&ann).await, false);
    let token = sink.mail(&ann.email, CONFIRM).await.token("confirm-email");
    let body = json!({"token": token});
    app.post("/api/auth/confirm-email", &body).await.expect(401);
    let of_somebody_else = eve.call("POST", "/api/auth/confirm-email").json(&body).await;
    assert_bad_link(&of_somebody_else);
    assert_bad_link(&reset(&app, &token, "a second pass phrase").await);
    assert_eq!((is_confirmed(&ann).await, is_confirmed(&eve).await), (json!(false), json!(false)));

    let answer = ann.call("POST", "/api/auth/confirm-email").json(&body).await.expect(200);
    assert_eq!(answer["email_confirmed"], true);
    // Two clicks do no harm, and nothing is sent to who has confirmed.
    ann.call("POST", "/api/auth/confirm-email").json(&body).await.expect(200);
    ann.call("POST", "/api/auth/send-confirmation").await.expect(202);
    eve.call("POST", "/api/auth/send-confirmation").await.expect(202);
    end(&app).await;
    let to =
        |person: &User<'_>| sink.received().iter().filter(|mail| mail.to == [person.email.as_str()]).count();
    assert_eq!((to(&ann), to(&eve)), (1, 2));
}

#[tokio::test]
async fn without_a_mail_server_whoever_runs_the_server_prints_a_link() {
    let app = TestApp::start().await;
    let ann = app.user("ann").await;
    assert_eq!(app.get("/api/info").await.expect(200)["mail"], false);
    for call in [forget(&app, &ann.email), forget(&app, "nobody.at.all@example.com")] {
        assert_eq!(call.await.expect(503)["code"], "mail_not_configured");
    }
    ann.call("POST", "/api/auth/send-confirmation").await.expect(503);

    let environment = TestApp::production(&app.database().url(), &app.model().base_url());
    let printed =
        environment.clone().with("PUBLIC_URL", PAGE).run_with(&["reset-password", &ann.email]).await;
    assert_eq!(printed.code, Some(0), "{}", printed.log);
    let beginning = format!("{PAGE}/#/reset-password?token=");
    let token = printed.log.lines().next().unwrap().strip_prefix(&beginning).unwrap();
    reset(&app, token, "a second pass phrase").await.expect(204);
    let signed_in = sign_in(&app, &ann.email, "a second pass phrase").await.expect(200);
    assert_eq!(signed_in["user"]["email_confirmed"], false, "no mail was read");

    let printed = environment.run_with(&["reset-password", &ann.email]).await;
    assert!(printed.log.starts_with("/#/reset-password?token="), "{}", printed.log);
    assert!(printed.log.contains("PUBLIC_URL is not set"), "{}", printed.log);
    let unknown = environment.run_with(&["reset-password", "nobody@example.com"]).await;
    assert_eq!(
        (unknown.code, unknown.log.as_str()),
        (Some(1), "No link was made: no account has this address\n")
    );
    assert_eq!(environment.run_with(&["reset-password", "nobody"]).await.code, Some(1));
}

#[tokio::test]
async fn with_a_mail_server_the_page_is_told_so() {
    let sink = SmtpSink::start().await;
    let app = app_with_mail(&sink).await;
    let info: Value = app.get("/api/info").await.expect(200);
    assert_eq!(info["mail"], true);
}
