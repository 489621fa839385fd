//! Changing, deleting, several intents at once, and manners.

use serde_json::json;

use super::{SmallTalk, expect, expect_together};
use crate::{Answer, Chat, answer};

#[test]
fn completion_can_be_undone() {
    let reopen = r#"complete_task {"completed":false,"task_id":1}"#;
    for user in [
        "Mark task 1 as not done",
        "reopen task 1",
        "task 1 is not done",
        "undo task 1",
        "mark task 1 as incomplete",
        "task 1 isn't done yet",
    ] {
        expect(&["Milk"], user, &[reopen], "I've marked 'Milk' as not done.");
    }
    let mut talk = SmallTalk::with(&["Milk"]);
    talk.say("Mark task 1 as done");
    assert_eq!(talk.say("I finished the milk one"), "'Milk' (task 1) is already done.");
    assert_eq!(talk.say("undo"), "I've marked 'Milk' as not done.");
    expect(&["Milk"], "undo", &["undo_last {}"], "There is nothing to undo.");
}

#[test]
fn what_was_done_last_is_undone() {
    for user in [
        "undo",
        "undo that",
        "undo it",
        "undo the last change",
        "Please undo that!",
        "take that back",
        "take it back please",
        "Can you take that back?",
        "undo everything",
        "undo everything you just did",
        "undo all that",
        "undo what you just did",
        "revert that",
    ] {
        let mut talk = SmallTalk::with(&["Milk", "Bread"]);
        talk.say("delete task 1 and rename task 2 to Rolls");
        let said = talk.say(user);
        assert_eq!(talk.calls.last().map(String::as_str), Some("undo_last {}"), "{user} → {said}");
        assert!(said.contains("I've brought back 'Milk'."), "{user} → {said}");
        assert!(said.contains("I've changed 'Bread' back to what it was."), "{user} → {said}");
    }
    let mut talk = SmallTalk::with(&["Milk"]);
    talk.say("add bread");
    assert_eq!(talk.say("undo that"), "I've taken 'Bread' off your list again.");
    assert_eq!(talk.say("undo that"), "There is nothing to undo.");
    // A task of this name is another intent.
    expect(&["Milk"], "undo the milk", &["list_tasks {}"], "'Milk' (task 1)");
}

#[test]
fn tasks_are_changed_by_number_and_by_name() {
    let change = r#"update_task {"task_id":2,"title":"Buy bread"}"#;
    for user in [
        "rename 2 to buy bread",
        "Change task 2 to Buy bread.",
        "update task 2: buy bread",
        "change the title of task 2 to \"Buy bread\"",
        "replace task 2 with buy bread",
        "Can you rename task #2 into buy bread?",
    ] {
        expect(&["Milk", "Bread"], user, &[change], "I've changed task 2 to 'Buy bread'.");
    }
    expect(&["Milk", "Bread"], "rename bread to buy bread", &["list_tasks {}", change], "");
    let describe = r#"update_task {"description":"Two litres","task_id":1}"#;
    for user in [
        "describe task 1 as two litres",
        "add a note to task 1: two litres",
        "set the description of task 1 to two litres",
        "add a note to task 1 saying two litres",
    ] {
        expect(&["Milk"], user, &[describe], "I've changed the description of 'Milk'.");
    }
    let mut talk = SmallTalk::with(&["Milk"]);
    assert_eq!(talk.say("Rename task 1"), "What should task 1 be called?");
    assert_eq!(talk.say("oat milk"), "I've changed task 1 to 'Oat milk'.");
    assert_eq!(talk.say("Add a task"), "What should the new task be called?");
    assert_eq!(talk.say("finish the report"), "I've added 'Finish the report' to your task list.");
}

#[test]
fn deleting_takes_care() {
    expect(
        &["Milk"],
        "remove the milk task",
        &["list_tasks {}", r#"delete_task {"task_id":1}"#],
        "I've deleted 'Milk'.",
    );
    expect(
        &["Milk", "Bread"],
        "delete tasks 1 and 2",
        &[r#"delete_task {"task_id":1}"#, r#"delete_task {"task_id":2}"#],
        "I've deleted 'Milk' and 'Bread'.",
    );
    expect(&["Milk"], "delete all completed", &["list_tasks {}"], "You have no completed tasks.");
    let mut talk = SmallTalk::with(&["Milk", "Bread", "Eggs"]);
    talk.say("mark 1 and 3 as done");
    assert_eq!(talk.say("remove everything that is done"), "I've deleted 'Milk' and 'Eggs'.");
    assert_eq!(talk.say("delete it"), "Which task do you mean? Tell me its number or its title.");
    talk.say("add salt");
    assert_eq!(talk.say("Delete everything"), "That would delete 2 tasks. Shall I really do that?");
    assert_eq!(talk.say("no"), "All right, I leave everything as it is.");
    assert_eq!(talk.tasks.len(), 2);
    talk.say("clear my list");
    assert_eq!(talk.say("Yes, do it"), "I've deleted 'Bread' and 'Salt'.");
}

#[test]
fn one_message_can_hold_several_intents() {
    expect(
        &[],
        "add buy milk and remind me what is open",
        &[r#"add_task {"title":"Buy milk"}"#, r#"list_tasks {"status":"pending"}"#],
        "I've added 'Buy milk' to your task list.\n\nYou have 1 open task:\n- Task 1: Buy milk",
    );
    expect(
        &[],
        "Add milk. Then mark it as done.",
        &[r#"add_task {"title":"Milk"}"#, "list_tasks {}", r#"complete_task {"task_id":1}"#],
        "I've added 'Milk' to your task list. I've marked 'Milk' as done.",
    );
    expect(
        &["Milk", "Bread"],
        "Delete task 1, rename task 2 to Eggs and show my tasks",
        &[r#"delete_task {"task_id":1}"#, r#"update_task {"task_id":2,"title":"Eggs"}"#, "list_tasks {}"],
        "Task 2: Eggs",
    );
    expect(
        &["Milk"],
        "Thanks! What's left?",
        &[r#"list_tasks {"status":"pending"}"#],
        "You have 1 open task",
    );
    expect(
        &[],
        "remind me to buy milk and remind me to call Mom",
        &[r#"add_task {"title":"Buy milk"}"#, r#"add_task {"title":"Call Mom"}"#],
        "",
    );
}

#[test]
fn it_is_polite_and_honest() {
    for (user, part) in [
        ("Hi", "Hello!"),
        ("Good morning!", "Hello!"),
        ("Thank you so much", "welcome"),
        ("bye", "Goodbye"),
        ("help", "Delete all completed\n\nI am a stand-in model"),
        ("What can you do?", "Add a task"),
        ("what did I say last?", "the first thing"),
        ("What is the capital of France?", "OPENAI_API_KEY"),
        ("Tell me a joke", "no real AI"),
        ("asdf", "stand-in model"),
        ("?", "stand-in"),
        ("", "stand-in"),
    ] {
        let mut talk = SmallTalk::default();
        talk.messages.push(json!({"role": "user", "content": user}));
        let next = answer(Chat::of(&talk.request()));
        assert!(matches!(&next, Answer::Say(words) if words.contains(part)), "{user} → {next:?}");
    }
    let mut talk = SmallTalk::default();
    talk.say("Add milk");
    assert_eq!(talk.say("What did I say last?"), "You said: 'Add milk'");
}

#[test]
fn without_tools_it_makes_no_calls_and_no_false_claims() {
    let mut talk = SmallTalk::with(&["Milk"]);
    talk.messages.push(json!({"role": "user", "content": "Mark task 1 as done"}));
    let mut request = talk.request();
    request.as_object_mut().unwrap().remove("tools");
    let next = answer(Chat::of(&request));
    assert!(matches!(&next, Answer::Say(words) if words.contains("it is not done")), "{next:?}");
}

#[test]
fn no_message_takes_long_or_panics() {
    let long = [
        "tasks, ".repeat(1_400),
        "hi, ".repeat(2_000),
        "add x and ".repeat(1_000),
        "a ".repeat(5_000),
        "change task to ".repeat(26),
        "\"".repeat(10_000),
        "ü".repeat(5_000),
        "şİ́ to 😀, ".repeat(30),
        "task:\n\n:".repeat(100),
    ];
    let started_at = std::time::Instant::now();
    for user in long {
        let mut talk = SmallTalk::default();
        talk.messages.push(json!({"role": "user", "content": user}));
        answer(Chat::of(&talk.request()));
    }
    assert!(started_at.elapsed() < std::time::Duration::from_secs(10), "{:?}", started_at.elapsed());
}

#[test]
fn what_was_undone_for_another_answer_is_done_again() {
    let mut talk = SmallTalk::default();
    talk.say("add milk");
    talk.messages.pop();
    let call =
        json!({"id": "u", "type": "function", "function": {"name": "undo_replaced", "arguments": "{}"}});
    talk.messages.push(json!({"role": "assistant", "content": null, "tool_calls": [call]}));
    let result = json!({"success": true, "results": []}).to_string();
    talk.messages.push(json!({"role": "tool", "tool_call_id": "u", "content": result}));
    let request = talk.request();
    assert_eq!(Chat::of(&request).step(), 0);
    let next = answer(Chat::of(&request));
    assert!(matches!(&next, Answer::Call(calls) if calls[0].0 == "add_task"), "{next:?}");
}

#[test]
fn a_day_or_a_repeat_is_no_title() {
    for (user, arguments) in [
        ("Update the report to Friday", r#"{"due":"Friday","task_id":1}"#),
        ("change report to next week at 9", r#"{"due":"next week at 9","task_id":1}"#),
        ("move the report from Thursday to Friday", r#"{"due":"Friday","task_id":1}"#),
        ("The report should be on Friday", r#"{"due":"on Friday","task_id":1}"#),
        ("change the report to the weekend", r#"{"due":"weekend","task_id":1}"#),
        ("Change the report to every Monday", r#"{"repeat":"every monday","task_id":1}"#),
        ("modify the report to weekly", r#"{"repeat":"weekly","task_id":1}"#),
        ("update the report to urgent", r#"{"priority":"high","task_id":1}"#),
        ("rename the report to Friday", r#"{"task_id":1,"title":"Friday"}"#),
        ("change the title of the report to Friday", r#"{"task_id":1,"title":"Friday"}"#),
        ("change the report to \"Friday\"", r#"{"task_id":1,"title":"Friday"}"#),
        ("update the report to Friday report", r#"{"task_id":1,"title":"Friday report"}"#),
    ] {
        expect(&["Report"], user, &["list_tasks {}", &format!("update_task {arguments}")], "");
    }
    expect(
        &["Report"],
        "Task 1 should be on Friday",
        &[r#"update_task {"due":"on Friday","task_id":1}"#],
        "",
    );
    expect(
        &["Report"],
        "Task 1 should be the book",
        &[r#"update_task {"task_id":1,"title":"The book"}"#],
        "",
    );
}

#[test]
fn several_tasks_never_get_one_title() {
    let moved = r#"update_task {"due":"tomorrow","task_id":[1,2]}"#;
    let look = r#"list_tasks {"status":"pending"}"#;
    expect_together(
        &["Milk", "Bread"],
        "Update all tasks to tomorrow",
        &[look, moved],
        "are now due day tomorrow",
    );
    let refused = "Several tasks with one title could not be told apart: rename them one by one.";
    expect(&["Milk", "Bread"], "change everything to Eggs", &["list_tasks {}"], refused);
    expect(&["Milk", "Bread"], "rename tasks 1 and 2 to Eggs", &[], refused);
}

#[test]
fn a_task_without_a_time_is_not_moved_by_hours() {
    let dated = || {
        let mut talk = SmallTalk::with(&["Milk"]);
        talk.run("add_task", &json!({"title": "Report", "due": "2026-12-04"}));
        talk.run("add_task", &json!({"title": "Dentist", "due": "2026-12-03T14:30"}));
        talk
    };
    for user in ["Postpone the report by an hour", "push task 2 back 30 minutes"] {
        let mut talk = dated();
        assert_eq!(talk.say(user), "There is no time of day to move.", "{user}");
        assert_eq!(talk.calls, ["list_tasks {}"], "{user}");
    }
    assert_eq!(dated().say("postpone the dentist by an hour"), "'Dentist' is now due day 2026-12-03T15:30.");
    assert_eq!(dated().say("postpone everything by an hour"), "'Dentist' is now due day 2026-12-03T15:30.");
    assert_eq!(dated().say("postpone the report by a day"), "'Report' is now due day 2026-12-05.");
    assert_eq!(dated().say("postpone the milk by an hour"), "'Milk' is now due day in 1 hour.");
}

#[test]
fn what_need_not_be_done_any_more_is_deleted() {
    let looked = ["list_tasks {}", r#"delete_task {"task_id":1}"#];
    for user in ["I don't need to call mom anymore", "I don't want the call any more"] {
        expect(&["Call mom", "Bread"], user, &looked, "I've deleted 'Call mom'.");
    }
}

#[test]
fn who_says_only_how_many_tasks_is_asked_for_them() {
    for user in ["add 5 tasks", "create two new tasks", "add 6 tasks", "add 25 new todos", "add twelve tasks"]
    {
        expect(&[], user, &[], "What should the new task be called?");
    }
}
