//! One account that chats more than anybody can.

use std::time::Duration;

use futures::future::join_all;
use serde_json::json;
use tests::{TestApp, script::text};
use tokio::{io::AsyncWriteExt, net::TcpStream, task::JoinSet, time::Instant};

use super::{flood, length, median_and_slowest, report, while_others_look, with_default_limits};

/// A turn has ended after 55 seconds, and then another one may begin.
const MAX_HOLD: Duration = Duration::from_secs(45);

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_chats_at_once_are_two_calls_of_the_model() {
    let app = with_default_limits().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    app.model().on("slow", [text("There.").held(), text("There.").held()]);
    let (url, token) = (format!("{}/api/{}/chat", app.server().base(), alice.id), alice.token.clone());
    let until = std::time::Instant::now() + length().min(MAX_HOLD);
    let asking = flood(500, until, move |client, _| {
        client.post(&url).bearer_auth(&token).json(&json!({"message": "slow"}))
    });
    let flooding = async {
        let release = async {
            tokio::time::sleep_until(until.into()).await;
            // Behind so many others the second one may still be on its way.
            let longest = Instant::now() + Duration::from_secs(20);
            while app.model().requests().len() < 2 && Instant::now() < longest {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let calls = app.model().requests().len();
            app.model().release();
            calls
        };
        tokio::join!(asking, release)
    };
    let ((statuses, calls), mut noticed) = while_others_look(&bob, flooding).await;
    report(
        "500 connections of one account chat",
        &format!("{calls} calls of the model at once; {statuses:?}; {}", noticed.summary()),
    );
    assert_eq!(calls, 2);
    noticed.is_served_all_the_time();
}

/// Nothing is held while a model thinks: no connection to the database, and no thread.
#[tokio::test(flavor = "multi_thread")]
async fn while_a_hundred_models_do_not_answer_everybody_else_is_served() {
    const PEOPLE: usize = 10;
    const TURNS_OF_EACH: usize = 10;
    const TURNS: usize = PEOPLE * TURNS_OF_EACH;
    let app = TestApp::start().await;
    let bob = app.user("bob").await;
    let mut people = Vec::new();
    for number in 0..PEOPLE {
        people.push(app.user(&format!("user-{number}")).await);
    }
    app.model().on("slow", [text("There.").held()]);
    let turns = people.iter().flat_map(|person| (0..TURNS_OF_EACH).map(|_| person.chat("slow")));
    let asking = join_all(turns.map(IntoFuture::into_future));
    let looking = async {
        let asked = app.model().wait_for_requests(TURNS as u64, Duration::from_secs(30)).await;
        let ((), noticed) = while_others_look(&bob, tokio::time::sleep(length().min(MAX_HOLD))).await;
        app.model().release();
        (asked, noticed)
    };
    let (answers, (asked, mut noticed)) = tokio::join!(asking, looking);
    assert!(asked, "not all of the models were asked");
    report("100 models do not answer", &noticed.summary());
    noticed.is_served_all_the_time();
    let medians = [&mut noticed.times, &mut noticed.times_of_health].map(|times| median_and_slowest(times).0);
    assert!(medians[0] < Duration::from_millis(150), "{medians:?}");
    assert!(medians[1] < Duration::from_millis(50), "{medians:?}");
    for answer in answers {
        assert_eq!(answer.expect(200)["message"], "There.");
    }
}

/// All of them are one turn: the others wait for it.
#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_requests_under_one_key_leave_the_database_to_others() {
    let app = with_default_limits().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    app.model().on("slow", [text("There.").held()]);
    let (url, token) = (format!("{}/api/{}/chat", app.server().base(), alice.id), alice.token.clone());
    let until = std::time::Instant::now() + length().min(MAX_HOLD);
    let asking = flood(500, until, move |client, _| {
        let request = client.post(&url).bearer_auth(&token).header("Idempotency-Key", "one");
        request.json(&json!({"message": "slow"}))
    });
    let flooding = async {
        let release = async {
            tokio::time::sleep_until(until.into()).await;
            app.model().release();
        };
        tokio::join!(asking, release).0
    };
    let (statuses, mut noticed) = while_others_look(&bob, flooding).await;
    report("500 requests of one account under one key", &format!("{statuses:?}; {}", noticed.summary()));
    noticed.is_served_all_the_time();
}

/// What was begun is not given up when its client goes away.
#[tokio::test(flavor = "multi_thread")]
async fn who_asks_and_goes_away_again_and_again_leaves_the_database_to_others() {
    let app = with_default_limits().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    app.model().on("slow", [text("There.").held()]);
    let server = app.server();
    let address = server.base().trim_start_matches("http://").to_owned();
    let body = json!({"message": "slow"}).to_string();
    let request = format!(
        "POST /api/{}/chat HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\nIdempotency-Key: one\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        alice.id,
        alice.token,
        body.len()
    );
    let end = Instant::now() + length().min(MAX_HOLD);
    let asking = async {
        let mut asking = JoinSet::new();
        for _ in 0..16 {
            let (address, request) = (address.clone(), request.clone());
            asking.spawn(async move {
                let mut asked = 0;
                while Instant::now() < end {
                    let mut stream = TcpStream::connect(&address).await.unwrap();
                    stream.write_all(request.as_bytes()).await.unwrap();
                    asked += 1;
                    // Long enough for the server to begin.
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                asked
            });
        }
        asking.join_all().await.into_iter().sum::<usize>()
    };
    let (asked, mut noticed) = while_others_look(&bob, asking).await;
    let (_, mut later) = while_others_look(&bob, tokio::time::sleep(Duration::from_secs(2))).await;
    app.model().release();
    report(
        "one account asks and goes away",
        &format!("{asked} requests; {}; later {}", noticed.summary(), later.summary()),
    );
    assert_eq!((noticed.not_served, later.not_served), ([].into(), [].into()), "nobody else is refused");
}
