//! Replicas whose clocks are two hours apart: what was said first stands first, for people and the model.

use chrono::{DateTime, Utc};
use reqwest::Method;
use serde_json::{Value, json};
use tests::chaos::{Cluster, Person};

/// Which replica hears which message: the first is behind the second.
const HEARD_BY: [usize; 6] = [1, 0, 0, 1, 1, 0];

async fn answer(person: &Person, base: &str, request: (Method, &str, Option<Value>)) -> Value {
    let (method, path, body) = request;
    let answer = person.send(base, (method, path.to_owned(), body), None).await.expect("an answer");
    assert!(answer.is_success(), "{answer:?}");
    answer.body
}

/// Returns what is said by one role, in order.
fn said(messages: &Value, role: &str) -> Vec<String> {
    let messages = messages.as_array().into_iter().flatten().filter(|message| message["role"] == role);
    messages.map(|message| message["content"].as_str().unwrap_or_default().to_owned()).collect()
}

async fn time_of(base: &str) -> DateTime<Utc> {
    let response = reqwest::get(format!("{base}/health")).await.expect("an answer");
    let date = response.headers()["date"].to_str().expect("a date is text");
    DateTime::parse_from_rfc2822(date).expect("a date").to_utc()
}

#[tokio::test]
async fn turns_stand_in_the_order_in_which_they_were_said_whatever_the_clocks_of_their_replicas_say() {
    let cluster = Cluster::start(2, None).await;
    let (behind, ahead) = (cluster.replicas[0].base(), cluster.replicas[1].base());
    let apart = time_of(ahead).await - time_of(behind).await;
    assert!((118..=122).contains(&apart.num_minutes()), "the clocks are {apart} apart");
    let alice = Person::register(behind, "alice").await;
    let mut conversation = Value::Null;
    let mut all = Vec::new();
    for (number, replica) in HEARD_BY.into_iter().enumerate() {
        let message = format!("Add a task to water plant {number}");
        let body = json!({"message": message, "conversation_id": conversation});
        let base = cluster.replicas[replica].base();
        conversation =
            answer(&alice, base, (Method::POST, "/chat", Some(body))).await["conversation_id"].clone();
        all.push(message);
    }
    let id = conversation.as_str().expect("an id");
    for base in [behind, ahead] {
        let newest = answer(&alice, base, (Method::GET, &format!("/conversations/{id}?limit=3"), None)).await;
        assert_eq!(said(&newest["messages"], "user"), all[3..]);
        let before = newest["messages"][0]["turn_id"].as_str().expect("an id");
        let path = format!("/conversations/{id}?limit=3&before={before}");
        let older = answer(&alice, base, (Method::GET, &path, None)).await;
        assert_eq!(said(&older["messages"], "user"), all[..3]);
    }
    let requests = cluster.stand_in.requests();
    assert_eq!(said(&requests.last().expect("a request")["messages"], "user"), all);
    assert_eq!(cluster.stand_in.violations(), [""; 0]);
}
