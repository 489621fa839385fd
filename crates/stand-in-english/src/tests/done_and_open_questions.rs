//! Questions about which tasks were done in some time, questions about which are still open, and people who
//! object that not all are done.

use serde_json::json;

use super::{SmallTalk, days::looks, expect};

#[test]
fn what_was_done_in_a_time_is_found_in_the_changes() {
    let changes = vec![
        json!({"at": "2026-11-20 08:10", "kind": "completed", "task_id": 2, "title": "Milk"}),
        json!({"at": "2026-11-20 08:05", "kind": "added", "task_id": 1, "title": "Bread"}),
    ];
    for (user, arguments, words) in [
        ("what did I finish this week?", r#"{"since":"this week"}"#, "this week"),
        (
            "What did I finish last week?",
            r#"{"since":"2026-11-16","until":"2026-11-22"}"#,
            "from 2026-11-16 to 2026-11-22",
        ),
        (
            "what have I completed last month",
            r#"{"since":"2026-10-01","until":"2026-10-31"}"#,
            "from 2026-10-01 to 2026-10-31",
        ),
    ] {
        let mut talk = SmallTalk { changes: changes.clone(), ..SmallTalk::default() };
        let said = talk.say(user);
        assert_eq!(
            said,
            format!("I see 1 completion {words}:\n- 2026-11-20 08:10: completed 'Milk'"),
            "{user}"
        );
        assert_eq!(talk.calls, [format!("list_changes {arguments}")], "{user}");
    }
    expect(&[], "What did I finish two weeks ago?", &[], "I did not understand that");
}

#[test]
fn what_is_to_be_done_is_open() {
    for (user, arguments) in [
        ("What needs to be done?", r#"{"status":"pending"}"#),
        ("which tasks must I finish?", r#"{"status":"pending"}"#),
        ("What should be done today?", r#"{"due":"today"}"#),
        ("What do I need to get done today?", r#"{"due":"today"}"#),
        ("what has to be done this week?", r#"{"due":"week"}"#),
        ("What needs to be done tomorrow?", r#"{"due":"tomorrow"}"#),
    ] {
        looks(user, arguments, "You have no open tasks");
    }
}

#[test]
fn what_was_opened_again_was_not_finished() {
    let change = |at: &str, kind: &str, id: u64, title: &str| json!({"at": at, "kind": kind, "task_id": id, "title": title});
    // The newest come first.
    let changes = vec![
        change("09:00", "completed", 3, "Eggs"),
        change("08:50", "reopened", 3, "Eggs"),
        change("08:40", "completed", 3, "Eggs"),
        change("08:30", "reopened", 2, "Milk"),
        change("08:20", "completed", 2, "Milk"),
        change("08:15", "repeated", 4, "Stand-up"),
        change("08:12", "repeated", 4, "Stand-up"),
        change("08:10", "completed", 1, "Bread"),
        change("08:05", "reopened", 1, "Bread"),
    ];
    let mut talk = SmallTalk { changes, ..SmallTalk::default() };
    assert_eq!(
        talk.say("What did I finish this week?"),
        "I see 4 completions this week:\n- 09:00: completed 'Eggs'\n- 08:15: completed 'Stand-up'\n\
         - 08:12: completed 'Stand-up'\n- 08:10: completed 'Bread'"
    );
}

#[test]
fn who_says_that_not_all_is_done_sees_what_is_open() {
    for user in [
        "I haven't finished everything yet",
        "I didn't do everything",
        "I have not done all of my tasks",
        "my tasks are not done yet",
        "the tasks are still open",
        "not everything is done yet",
        "all tasks aren't done yet",
    ] {
        let mut talk = SmallTalk::with(&["Milk", "Bread", "Eggs"]);
        talk.say("mark tasks 1 and 2 as done");
        let said = talk.say(user);
        assert_eq!(said, "You have 1 open task:\n- Task 3: Eggs", "{user}");
        assert_eq!(talk.completed(), 2, "{user}");
    }
    let mut talk = SmallTalk::with(&["Milk", "Bread"]);
    talk.say("mark everything as done");
    assert_eq!(talk.say("mark everything as not done"), "I've marked 'Milk' and 'Bread' as not done.");
    talk.say("add rent today");
    talk.say("task 3 is done");
    talk.say("everything due today is not done yet");
    assert_eq!(talk.completed(), 1, "{:?}", talk.calls);
}
