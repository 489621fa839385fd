//! Kills a replica at each point of a turn and checks what is left: what was not committed never
//! happened, the conversation goes on, and a retry with the key completes the turn once.

mod crash_point_matrix;
mod scenario;

use std::time::{Duration, Instant};

use crash_point_matrix::{CrashPoint, CrashPointMatrix};
use scenario::At::{First, Last};
use tests::{
    TestApp,
    script::{call, silence, text},
};

#[tokio::test]
async fn killed_before_the_message_is_committed() {
    CrashPointMatrix::survives(CrashPoint::BeforeBegin).await;
}

#[tokio::test]
async fn killed_while_the_model_thinks_about_the_first_step() {
    CrashPointMatrix::survives(CrashPoint::ModelThinks(First)).await;
}

#[tokio::test]
async fn killed_while_the_model_thinks_about_the_last_answer() {
    CrashPointMatrix::survives(CrashPoint::ModelThinks(Last)).await;
}

#[tokio::test]
async fn killed_between_begin_and_commit_of_the_first_step() {
    CrashPointMatrix::survives(CrashPoint::Uncommitted(First)).await;
}

#[tokio::test]
async fn killed_between_begin_and_commit_of_the_end() {
    CrashPointMatrix::survives(CrashPoint::Uncommitted(Last)).await;
}

#[tokio::test]
async fn killed_after_the_commit_of_the_first_step_and_before_its_answer() {
    CrashPointMatrix::survives(CrashPoint::Unanswered(First)).await;
}

#[tokio::test]
async fn killed_after_the_commit_of_the_end_and_before_its_answer() {
    CrashPointMatrix::survives(CrashPoint::Unanswered(Last)).await;
}

#[tokio::test]
async fn killed_in_the_middle_of_the_last_words() {
    CrashPointMatrix::survives(CrashPoint::HalfSaid).await;
}

/// The matrix ends leases by hand; here they run out.
#[tokio::test]
async fn within_thirty_seconds_of_a_death_the_conversation_takes_a_new_message_and_the_key_its_answer() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let doomed = app.replica().await;
    let add = || call("add_task", serde_json::json!({"title": "Bread"}));
    app.model().on("first one", [add(), text("Added.").but_first(silence().hang())]);
    app.model().on("second one", [text("Heard.").but_first(silence().hang())]);
    let opened = alice.chat("hello").await.expect(200);
    let conversation = opened["conversation_id"].as_str().unwrap().to_owned();
    let asking = alice.chat("the first one").key("first").at(&doomed);
    let saying = alice.chat_in(&conversation, "the second one").at(&doomed);
    tokio::select! {
        _ = async { tokio::join!(asking.attempt(), saying.attempt()) } => panic!("nobody answers"),
        asked = app.model().wait_for_requests(4, Duration::from_secs(10)) => assert!(asked),
    }
    doomed.kill_9();
    let started_at = Instant::now();
    let (again, next) = tokio::join!(
        alice.chat("the first one").key("first"),
        alice.chat_in(&conversation, "what about me?"),
    );
    assert!(started_at.elapsed() < Duration::from_secs(30), "{:?}", started_at.elapsed());
    assert_eq!(again.expect(200)["tool_calls"][0]["result"]["task"]["title"], "Bread");
    next.expect(200);
    assert_eq!(alice.titles().await, ["Bread"]);
}
