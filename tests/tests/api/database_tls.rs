//! The database over TLS, as Neon and every other managed one is spoken to: with who is trusted, with nobody
//! else, and never in plain.

use std::time::Duration;

use serde_json::json;
use tests::{Environment, TestApp, TlsPostgres};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::{Instant, timeout},
};

/// What a client asks for that wants TLS, before it says anything else.
const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];

fn environment(url: &str) -> Environment {
    TestApp::production(url, "http://127.0.0.1:9/v1")
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Starts a server that must not get ready, and say why without the password in `url`. So does `check`.
async fn is_refused(environment: Environment, url: &str, reason: &str, advice: &str) {
    let server = environment.start().await;
    assert!(server.log().wait_for(&[reason]).await, "{}", server.log().text());
    let ready = reqwest::get(format!("{}/ready", server.base())).await.unwrap();
    assert_eq!(ready.status(), 503);
    let checked = environment.run_with(&["check"]).await;
    assert_eq!(checked.code, Some(1), "{}", checked.log);
    let line = checked.log.lines().find(|line| line.starts_with("BAD   database")).unwrap();
    assert!(line.contains(reason) && line.contains(advice), "{line}");
    let password = url::Url::parse(url).unwrap().password().unwrap().to_owned();
    for log in [server.log().text(), checked.log] {
        assert!(!log.contains(&password), "{log}");
    }
}

#[tokio::test]
async fn a_database_over_tls_is_used_when_its_authority_is_trusted() {
    let tls = TlsPostgres::start("localhost").await;
    for parameters in
        ["sslmode=require", "sslmode=require&channel_binding=require", "sslmode=verify-full", "ssl=true"]
    {
        let environment = environment(&tls.url(parameters)).with("SSL_CERT_FILE", tls.authority());
        let server = environment.start().await;
        server.wait_ready().await;
        let body =
            json!({"email": format!("{}@example.com", parameters.len()), "password": "a long pass phrase"});
        let register = client().post(format!("{}/api/auth/register", server.base()));
        assert_eq!(register.json(&body).send().await.unwrap().status(), 201, "{parameters}");
        let is_encrypted =
            "SELECT count(*) > 0, bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                            WHERE application_name = 'todo-ai-chatbot'";
        assert_eq!(tls.postgres().query(is_encrypted).await.unwrap(), [["t", "t"]], "{parameters}");
        assert!(server.log().text().contains("tls=true"), "{}", server.log().text());
        let checked = environment.run_with(&["check"]).await;
        assert!(checked.log.contains("good  database"), "{}", checked.log);
    }
}

#[tokio::test]
async fn a_certificate_of_an_authority_that_is_not_trusted_is_refused() {
    let tls = TlsPostgres::start("localhost").await;
    for parameters in ["sslmode=require", "sslmode=prefer"] {
        let url = tls.url(parameters);
        is_refused(environment(&url), &url, "UnknownIssuer", "SSL_CERT_FILE").await;
    }
}

#[tokio::test]
async fn a_certificate_for_another_host_is_refused() {
    let tls = TlsPostgres::start("database.example.com").await;
    let url = tls.url("sslmode=require");
    let environment = environment(&url).with("SSL_CERT_FILE", tls.authority());
    is_refused(environment, &url, "not valid for name", "host").await;
}

#[tokio::test]
async fn a_database_that_speaks_no_tls_is_refused_where_it_is_required() {
    let tls = TlsPostgres::start("localhost").await;
    tls.set_tls("off").await;
    let url = tls.url("sslmode=require");
    is_refused(environment(&url), &url, "server does not support TLS", "sslmode").await;
}

/// What stands between may answer that there is no TLS, to be told the password.
#[tokio::test]
async fn who_says_that_there_is_no_tls_is_told_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url =
        format!("postgres://todo:canary-password@{}/todo?sslmode=require", listener.local_addr().unwrap());
    let server = environment(&url).start().await;
    let mut told = Vec::new();
    for _ in 0..3 {
        let (mut stream, _) = timeout(Duration::from_secs(10), listener.accept()).await.unwrap().unwrap();
        let mut asked = [0; 8];
        stream.read_exact(&mut asked).await.unwrap();
        assert_eq!(asked, SSL_REQUEST);
        stream.write_all(b"N").await.unwrap();
        // Until it hangs up.
        timeout(Duration::from_secs(10), stream.read_to_end(&mut told)).await.unwrap().unwrap();
    }
    assert_eq!(told, [0; 0]);
    assert!(!server.log().text().contains("canary-password"), "{}", server.log().text());
}

/// A request to cancel has a connection of its own.
#[tokio::test]
async fn statements_are_cancelled_over_tls_too() {
    let tls = TlsPostgres::start("localhost").await;
    let environment = environment(&tls.url("sslmode=require")).with("SSL_CERT_FILE", tls.authority());
    let server = environment.start().await;
    server.wait_ready().await;
    let session = tls.postgres().session().await.unwrap();
    session.batch_execute("BEGIN; LOCK TABLE \"user\"").await.unwrap();
    let body = json!({"email": "alice@example.com", "password": "a long pass phrase"});
    let login = client().post(format!("{}/api/auth/login", server.base())).json(&body).send();
    assert_eq!(login.await.unwrap().status(), 503);
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    let answered_at = Instant::now();
    while tls.postgres().query(waiting).await.unwrap() != [["0"]] {
        assert!(answered_at.elapsed() < Duration::from_secs(2), "it still waits for the lock");
    }
}
