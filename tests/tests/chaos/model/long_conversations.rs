//! Conversations that outlive their window: titles, summaries, and what is still known.

use std::time::{Duration, Instant};

use serde_json::json;
use tests::{
    TestApp, User,
    script::{silence, status, text},
};

/// Waits for what is done when nobody waits.
async fn until(app: &TestApp, query: &str) {
    let started_at = Instant::now();
    while app.database().query(query).await.is_empty() {
        assert!(started_at.elapsed() < Duration::from_secs(20), "still nothing: {query}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until the model was asked for so many texts.
async fn until_asked(app: &TestApp, count: usize) {
    let started_at = Instant::now();
    while app.model().text_requests().len() < count {
        assert!(started_at.elapsed() < Duration::from_secs(20), "it was not asked for text {count}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn titles(alice: &User<'_>) -> Vec<String> {
    let listed = alice.conversations().await.expect(200);
    let titles = listed["conversations"].as_array().unwrap().iter();
    titles.map(|listed| listed["title"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_title_is_made_once_after_the_first_answer_and_delays_nobody() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    app.model().write_texts([text("\"Groceries for the weekend\"")]);
    let first = alice.chat("Add a task to buy milk").await.expect(200);
    let id = first["conversation_id"].as_str().unwrap();
    until(&app, "SELECT 1 FROM conversation WHERE has_own_title").await;
    assert_eq!(titles(&alice).await, ["Groceries for the weekend"]);
    alice.chat_in(id, "Show my tasks").await.expect(200);
    assert_eq!(app.model().text_requests().len(), 1, "once");

    // A model that never comes to an end keeps nobody waiting, and its request ends with the next turn.
    app.model().write_texts([silence()]);
    let slow = alice.chat("hello").await.expect(200);
    let slow = slow["conversation_id"].as_str().unwrap();
    assert_eq!(alice.chat_in(slow, "hello again").await.expect(200)["finish_reason"], "stop");
    app.model().write_texts([status(500).body("{}"), status(500).body("{}"), status(500).body("{}")]);
    alice.chat("Show my tasks").await.expect(200);
    assert!(titles(&alice).await.contains(&"Show my tasks".to_owned()), "the first words stay");
    app.model().assert_clean();
}

#[tokio::test]
async fn five_hundred_messages_later_the_beginning_is_known_and_can_be_found() {
    let app = TestApp::everyday_with(&[("OPENAI_CONTEXT_TOKENS", "4096")]).await;
    let alice = app.user("alice").await;
    app.model().write_texts([]);
    let first = alice.chat("The party is on Friday the 11th at Annabel's").await.expect(200);
    let id = first["conversation_id"].as_str().unwrap().to_owned();
    for number in 0..248 {
        let words = match number % 4 {
            0 => format!("Add a task to water plant {number}"),
            1 => "Show my tasks".to_owned(),
            2 => format!("Mark task {} as done", number / 4 + 1),
            _ => format!("I went for walk number {number} in the rain"),
        };
        alice.chat_in(&id, &words).await.expect(200);
    }
    let listed = alice.conversations().await.expect(200);
    assert_eq!(listed["conversations"][0]["message_count"], 498);
    let newest = app.model().requests().last().unwrap()["messages"].to_string();
    assert!(newest.len() / 4 < 4_096, "it fits: {} bytes", newest.len());
    until(&app, "SELECT 1 FROM conversation WHERE summary_seq > last_seq - 95").await;

    let answer = alice.chat_in(&id, "What did we say about the party?").await.expect(200);
    assert!(answer["message"].as_str().unwrap().contains("Friday the 11th at Annabel's"), "{answer}");
    let request = app.model().requests().last().unwrap().clone();
    let messages = request["messages"].as_array().unwrap();
    assert!(messages[0]["content"].as_str().unwrap().contains("Friday the 11th"), "in the summary");
    assert!(messages.len() < 100, "and not in the window: {}", messages.len());

    let requests = app.model().text_requests();
    let asked = requests.len();
    assert!(asked < 250, "one request makes a summary of many turns: {asked}");
    let turns = requests.iter().map(|request| request.to_string().matches("Person:").count()).max();
    assert!(turns >= Some(10), "one request makes a summary of many turns: {turns:?}");

    for (search, count) in [("annabel", 1), ("Friday party", 1), ("Annabel's walk", 0), ("zeppelin", 0)] {
        let found = alice.own("GET", &format!("/conversations?search={search}")).await.expect(200);
        assert_eq!(found["total"], count, "{search}");
    }
    let bob = app.user("bob").await;
    assert_eq!(bob.own("GET", "/conversations?search=annabel").await.expect(200)["total"], 0);
    let seen = alice.own("GET", &format!("/conversations/{id}?limit=200")).await.expect(200);
    assert_eq!(seen["messages"].as_array().unwrap().len(), 400, "the person sees every message");
    app.model().assert_clean();
}

#[tokio::test]
async fn a_summary_that_another_replica_made_first_stands() {
    let app = TestApp::everyday_with(&[("OPENAI_CONTEXT_TOKENS", "2048")]).await;
    let alice = app.user("alice").await;
    let first = alice.chat("The party is on Friday").await.expect(200);
    let id = first["conversation_id"].as_str().unwrap().to_owned();
    until_asked(&app, 1).await;
    app.model().write_texts([text("Notes of the slow one").held()]);
    alice.chat_in(&id, &format!("I went for a walk {}", "in the rain ".repeat(300))).await.expect(200);
    until_asked(&app, 2).await;
    let sql = "UPDATE conversation SET summary = 'Notes of the quick one', summary_seq = 2 WHERE summary_seq = 0 RETURNING 1";
    assert_eq!(app.database().query(sql).await.len(), 1);
    app.model().release();
    let started_at = Instant::now();
    while !app.log().contains("another one was made first") {
        assert!(started_at.elapsed() < Duration::from_secs(20), "the slow one did not come to its end");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let kept = app.database().query("SELECT summary FROM conversation").await;
    assert_eq!(kept[0][0], "Notes of the quick one");
    let body = json!({"id": id, "message": "What did we say about the party?"});
    let stream = alice.own("POST", "/chat/stream").json(&body).await;
    assert!(stream.text.contains("Friday") || stream.text.contains("not spoken"), "{}", stream.text);
    app.model().assert_clean();
}
