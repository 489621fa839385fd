//! Three replicas behind a load balancer: nobody has to know which of them answers.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use tests::{
    Balancer, HttpRequest, Server, TestApp,
    script::{call, text},
};
use tokio::time::timeout;

/// Sends a request under a key again, as clients do, while the balancer or a replica says that nobody
/// can serve it or that who did is gone.
async fn insist(call: HttpRequest<'_>, status: u16) -> Value {
    let sending = async {
        loop {
            let answer = call.clone().open().await.unwrap();
            match answer.status().as_u16() {
                502 | 503 => tokio::time::sleep(Duration::from_millis(50)).await,
                other => {
                    assert_eq!(other, status);
                    return answer.json().await.unwrap();
                }
            }
        }
    };
    timeout(Duration::from_secs(60), sending).await.expect("it is served in the end")
}

fn answered_turns(server: &Server) -> usize {
    server.log().text().matches("a turn was answered").count()
}

#[tokio::test]
async fn a_conversation_goes_on_whichever_replica_answers() {
    let app = TestApp::everyday().await;
    let (second, third) = (app.replica().await, app.replica().await);
    let first = app.server();
    let balancer = Balancer::start(&[&first, &second, &third]).await;
    let alice = app.user("alice").await;
    let hello = alice.chat("add milk").through(balancer.base()).await.expect(200);
    let conversation = hello["conversation_id"].as_str().unwrap();
    for number in 1..12 {
        let message = format!("add thing number {number}");
        alice.chat_in(conversation, &message).through(balancer.base()).await.expect(200);
    }
    for server in [&*first, &second, &third] {
        assert!(server.log().wait_for(&["a turn was answered"]).await);
        assert!(answered_turns(server) >= 2, "{}", server.log().text());
    }
    let seen = alice.conversation(conversation).through(balancer.base()).await.expect(200);
    assert_eq!(seen["messages"].as_array().unwrap().len(), 24);
    assert_eq!(alice.tasks().through(balancer.base()).await.expect(200).as_array().unwrap().len(), 12);
}

#[tokio::test]
async fn a_replica_that_dies_costs_a_retry_and_no_effect() {
    let adding = call("add_task", json!({"title": "Milk"}));
    let app = TestApp::with_model([adding, text("Never heard.").held(), text("Added it.")]).await;
    let (second, third) = (app.replica().await, app.replica().await);
    let first = app.server();
    let alice = app.user("alice").await;
    // The first request goes to the one that stands first.
    let balancer = Balancer::start(&[&second, &third, &first]).await;
    let asking = alice.chat("Add milk").key("once").through(balancer.base());
    let killing = async {
        // The task is committed, and the answer on its way.
        while app.model().requests().len() < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        second.kill_9();
    };
    let (broken, ()) = tokio::join!(asking.clone().open(), killing);
    assert!(broken.is_err() || broken.is_ok_and(|answer| answer.status() == 502));
    let answer = insist(asking, 200).await;
    assert_eq!(answer["message"], "Added it.");
    assert_eq!(alice.titles().await, ["Milk"]);
}

#[tokio::test]
async fn replicas_are_replaced_one_by_one_and_nobody_loses_anything() {
    let app = TestApp::everyday().await;
    let (second, third) = (app.replica().await, app.replica().await);
    let first = app.server();
    let balancer = Balancer::start(&[&first, &second, &third]).await;
    let users = [app.user("alice").await, app.user("bob").await, app.user("carol").await];
    let working = users.iter().map(|user| {
        let base = balancer.base().to_owned();
        async move {
            for number in 0..40 {
                let title = format!("thing number {number}");
                let key = format!("key-{number}");
                insist(user.add_task(&title).key(&key).through(&base), 201).await;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    });
    let replacing = async {
        for server in [&second, &third] {
            tokio::time::sleep(Duration::from_millis(500)).await;
            server.sigterm();
        }
    };
    tokio::join!(join_all(working), replacing);
    for user in &users {
        assert_eq!(user.titles().await.len(), 40, "each task is there once");
    }
}
