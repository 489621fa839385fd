//! One address that opens connections and keeps them.

use std::time::Duration;

use reqwest::Client;
use tests::TestApp;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, sleep_until},
};

use super::{allow_many_files, length, report};

/// An attacker without a proxy in front, and somebody who comes from another address.
#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_keeps_all_the_connections_it_gets_keeps_nobody_out() {
    const WANTED: usize = 1_000;
    allow_many_files();
    let app = TestApp::start().await;
    let end = Instant::now() + length();
    let server = app.server();
    let address = server.base().trim_start_matches("http://").to_owned();
    let mut kept = Vec::new();
    for _ in 0..WANTED {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        stream.write_all(b"GET /api/info HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
        let mut answer = [0; 4096];
        let count = stream.read(&mut answer).await.unwrap();
        if answer[..count].starts_with(b"HTTP/1.1 200 ") {
            kept.push(stream);
        }
    }
    let other = Client::builder().no_proxy().local_address(Some([127, 0, 0, 2].into()));
    let other = other.pool_max_idle_per_host(0).timeout(Duration::from_secs(20)).build().unwrap();
    let (mut looks, mut served) = (0, 0);
    loop {
        let answer = other.get(format!("{}/api/info", server.base())).send().await;
        looks += 1;
        served += usize::from(answer.is_ok_and(|answer| answer.status() == 200));
        if Instant::now() > end {
            break;
        }
        sleep_until(Instant::now() + Duration::from_millis(100)).await;
    }
    let count = kept.len();
    report(
        "one address wants 1,000 connections",
        &format!("{count} kept; somebody else was served {served} times of {looks}"),
    );
    assert_eq!((count, served), (512, looks));
}
