//! The stand-in that understands everyday sentences, end to end: what `make run` gives a person.

use chrono::{Days, NaiveDate, Utc};
use serde_json::Value;
use tests::{TestApp, User};

/// A date that is to come whenever this runs.
#[expect(clippy::disallowed_methods, reason = "a date without a year is the next one on the server's clock")]
fn in_days(days: u64) -> NaiveDate {
    Utc::now().date_naive() + Days::new(days)
}

/// Says something in a conversation, or in a new one, and returns the answer.
async fn say(person: &User<'_>, conversation: Option<&str>, message: &str) -> Value {
    let call = match conversation {
        Some(id) => person.chat_in(id, message),
        None => person.chat(message),
    };
    call.await.expect(200)
}

#[tokio::test]
async fn the_sentences_of_the_guide_work_in_one_conversation() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let first = say(&alice, None, "Add a task to buy groceries").await;
    let conversation = first["conversation_id"].as_str().unwrap();
    assert_eq!(first["message"], "I've added 'Buy groceries' to your task list.");
    assert_eq!(alice.titles().await, ["Buy groceries"]);

    let shown = say(&alice, Some(conversation), "Show my tasks").await;
    assert!(shown["message"].as_str().unwrap().contains("Buy groceries"), "{shown}");

    say(&alice, Some(conversation), "Change task 1 to Buy organic groceries").await;
    assert_eq!(alice.titles().await, ["Buy organic groceries"]);

    say(&alice, Some(conversation), "Mark task 1 as done").await;
    assert_eq!(alice.task(1).await.expect(200)["completed"], true);

    say(&alice, Some(conversation), "Delete task 1").await;
    assert!(alice.titles().await.is_empty());
}

#[tokio::test]
async fn it_is_understood_after_a_restart() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let first = say(&alice, None, "Add a task to buy milk").await;
    app.restart().await;
    let second = say(&alice, first["conversation_id"].as_str(), "Mark it as done").await;
    assert_eq!(second["message"], "I've marked 'Buy milk' as done.");
    assert_eq!(alice.task(1).await.expect(200)["completed"], true);
}

#[tokio::test]
async fn several_tasks_in_one_sentence_are_several_tasks() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let answer = say(&alice, None, "add three tasks: wash the car, call mum and pay the rent").await;
    assert_eq!(answer["tool_calls"].as_array().unwrap().len(), 3);
    assert_eq!(alice.titles().await, ["Wash the car", "Call mum", "Pay the rent"]);
}

#[tokio::test]
async fn what_is_not_understood_changes_nothing_and_is_answered_honestly() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    alice.add_task("Buy groceries").await.expect(201);
    let answer = say(&alice, None, "What is the capital of France?").await;
    assert!(answer["tool_calls"].as_array().unwrap().is_empty());
    assert!(answer["message"].as_str().unwrap().contains("stand-in"), "{answer}");
    assert_eq!(alice.titles().await, ["Buy groceries"]);
}

#[tokio::test]
async fn a_task_that_is_moved_to_another_day_keeps_its_time() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let [first_day, second_day, third_day, last_day] = [10, 13, 15, 16].map(in_days);
    let spoken = |day: NaiveDate| day.format("%-d %B").to_string();
    let first = say(&alice, None, &format!("Add pay the rent on {} at 9am", spoken(first_day))).await;
    let conversation = first["conversation_id"].as_str();
    let due = async || alice.task(1).await.expect(200)["due"].as_str().unwrap().to_owned();
    assert_eq!(due().await, format!("{first_day}T09:00"));
    let moved = say(&alice, conversation, &format!("move the rent to {}", spoken(second_day))).await;
    assert_eq!(due().await, format!("{second_day}T09:00"), "{moved}");
    assert!(moved["message"].as_str().unwrap().contains("9:00"), "{moved}");
    say(&alice, conversation, &format!("move everything to {}", spoken(third_day))).await;
    assert_eq!(due().await, format!("{third_day}T09:00"));
    say(&alice, conversation, &format!("move the rent to {} at 10:30", spoken(last_day))).await;
    assert_eq!(due().await, format!("{last_day}T10:30"));
    say(&alice, conversation, "change the rent to 5pm").await;
    assert_eq!(due().await, format!("{last_day}T17:00"));
    say(&alice, conversation, "remove the time from the rent").await;
    assert_eq!(due().await, last_day.to_string());
}

#[tokio::test]
async fn a_task_that_is_moved_to_another_time_keeps_its_day() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let first = say(&alice, None, "Add call the dentist in 10 days at 9am").await;
    let conversation = first["conversation_id"].as_str();
    let due = async || alice.task(1).await.expect(200)["due"].as_str().unwrap().to_owned();
    let day = due().await.strip_suffix("T09:00").unwrap().to_owned();
    let moved = say(&alice, conversation, "move the dentist to 3pm").await;
    assert_eq!(due().await, format!("{day}T15:00"), "{moved}");
    assert!(moved["message"].as_str().unwrap().contains("15:00"), "{moved}");
}

#[tokio::test]
async fn parts_of_a_task_are_added_and_asked_for() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let first = say(&alice, None, "Add plan the trip").await;
    let conversation = first["conversation_id"].as_str();
    say(&alice, conversation, "Add a subtask to buy tickets to task 1").await;
    say(&alice, conversation, "Add pack the bags as a subtask of task 1").await;
    let left = say(&alice, conversation, "What is left of task 1?").await;
    let left = left["message"].as_str().unwrap().to_owned();
    assert!(left.contains("Buy tickets") && left.contains("Pack the bags"), "{left}");
    let done = say(&alice, conversation, "Task 1 is done").await;
    assert_eq!(done["message"], "I've marked 'Plan the trip' as done; it still has 2 open subtasks.");
}

#[tokio::test]
async fn what_is_called_off_is_undone_before_what_follows() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let first = say(&alice, None, "Add a task to buy milk").await;
    let conversation = first["conversation_id"].as_str();
    let said = say(&alice, conversation, "Cancel that, add buy bread").await;
    assert_eq!(alice.titles().await, ["Buy bread"], "{said}");
    say(&alice, conversation, "Add eggs").await;
    let said = say(&alice, conversation, "Delete the bread. No, undo that.").await;
    assert_eq!(said["message"], "All right, I leave everything as it is.");
    assert_eq!(alice.titles().await, ["Buy bread", "Eggs"]);
}

#[tokio::test]
async fn only_what_was_offered_is_deleted() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    for title in ["Bread", "Oat milk", "Buy milk"] {
        alice.add_task(title).await.expect(201);
    }
    let first = say(&alice, None, "Delete milk").await;
    let conversation = first["conversation_id"].as_str();
    assert!(first["message"].as_str().unwrap().starts_with("Which one do you mean: "), "{first}");
    let said = say(&alice, conversation, "Delete both").await;
    assert_eq!(alice.titles().await, ["Bread"], "{said}");
}
