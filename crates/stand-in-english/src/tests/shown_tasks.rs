//! "Them", "both", "the last one": of the tasks that the person saw.

use serde_json::json;

use super::{SmallTalk, expect};

fn titles(talk: &SmallTalk) -> Vec<&str> {
    talk.tasks.iter().map(|task| task["title"].as_str().unwrap()).collect()
}

#[test]
fn both_are_those_that_were_offered() {
    for user in ["delete both", "delete them", "delete all of them", "Please remove both of them."] {
        let mut talk = SmallTalk::with(&["Bread", "Oat milk", "Buy milk"]);
        assert!(talk.say("delete milk").starts_with("Which one do you mean: task 2 'Oat milk' or"));
        assert_eq!(talk.say(user), "I've deleted 'Oat milk' and 'Buy milk'.", "{user}");
        assert_eq!(titles(&talk), ["Bread"], "{user}");
    }
    let mut talk = SmallTalk::with(&["Bread", "Oat milk", "Buy milk"]);
    talk.say("delete milk");
    assert_eq!(talk.say("delete the second one"), "I've deleted 'Buy milk'.");
    // Of more than were listed before, those are offered that were changed.
    let mut talk = SmallTalk::with(&["Bread"]);
    talk.say("add tasks: milk, eggs");
    talk.say("show my tasks");
    assert!(talk.say("mark it as done").contains("Which one do you mean: task 2 or task 3?"));
    assert_eq!(talk.say("mark both as done"), "I've marked 'Milk' and 'Eggs' as done.");
}

#[test]
fn both_are_two() {
    let mut talk = SmallTalk::with(&["Bread", "Oat milk", "Buy milk"]);
    talk.say("delete milk");
    talk.say("show my tasks");
    for user in ["delete both", "delete both of them", "mark both as done", "remove all two"] {
        let asks = "Which task do you mean? Tell me its number or its title.";
        assert_eq!(talk.say(user), asks, "{user}");
        talk.say("show my tasks");
    }
    assert_eq!(talk.say("delete all of them"), "I've deleted 'Buy milk', 'Oat milk' and 'Bread'.");
}

#[test]
fn what_was_only_looked_at_is_neither_it_nor_them() {
    for user in ["remove it", "remove them", "remove both"] {
        let mut talk = SmallTalk::with(&["Milk"]);
        talk.say("delete the bread");
        assert_eq!(talk.say(user), "Which task do you mean? Tell me its number or its title.", "{user}");
        let mut talk = SmallTalk::with(&["Eggs"]);
        talk.say("add milk");
        talk.say("show my tasks");
        talk.say("delete the bread");
        assert_eq!(talk.say(user), "Which task do you mean? Tell me its number or its title.", "{user}");
        // What was shown before can still be counted.
        assert_eq!(talk.say("delete the first one"), "I've deleted 'Milk'.", "{user}");
    }
    let mut talk = SmallTalk::with(&["Milk", "Bread"]);
    talk.say("mark the bread as done");
    assert_eq!(talk.say("mark the bread as done"), "'Bread' (task 2) is already done.");
    assert_eq!(talk.say("delete it"), "I've deleted 'Bread'.");
}

#[test]
fn a_place_is_counted_in_what_was_shown() {
    let shown = || {
        let mut talk = SmallTalk::with(&["Milk", "Bread", "Eggs"]);
        talk.say("show my tasks");
        talk
    };
    for (user, expected) in [
        ("Delete the last one", "I've deleted 'Milk'."),
        ("delete the last task", "I've deleted 'Milk'."),
        ("delete the first one", "I've deleted 'Eggs'."),
        ("delete the newest one", "I've deleted 'Eggs'."),
        ("delete the latest task", "I've deleted 'Eggs'."),
        ("delete the fourth one", "I have shown only 3 tasks. Which task do you mean?"),
    ] {
        let said = shown().say(user);
        assert!(said.starts_with(expected), "{user} → {said}");
    }
    for user in ["Delete the last one", "delete the second task", "mark the first one as done"] {
        let mut talk = SmallTalk::with(&["Milk", "Bread", "Eggs"]);
        let said = talk.say(user);
        assert_eq!(said, "Which task do you mean? Tell me its number or its title.", "{user}");
        assert_eq!(titles(&talk).len(), 3, "{user}");
        let changed = talk.say("task 2");
        assert!(changed.contains("'Bread'"), "{user} → {changed}");
    }
    // One task alone is the first and the last one.
    assert_eq!(SmallTalk::with(&["Milk"]).say("delete the last one"), "I've deleted 'Milk'.");
    expect(&[], "delete the last one", &["list_tasks {}"], "Your task list is empty.");
}

#[test]
fn one_task_of_a_kind_is_not_all_of_them() {
    let asks = "Which task do you mean? Tell me its number or its title.";
    for user in [
        "Mark the other task as done",
        "complete the other one",
        "delete the other",
        "Mark the open task as done",
        "delete the remaining task",
    ] {
        let mut talk = SmallTalk::with(&["Milk", "Bread", "Eggs"]);
        assert_eq!(talk.say(user), asks, "{user}");
        assert!(talk.tasks.len() == 3 && talk.tasks.iter().all(|task| task["completed"] == json!(false)));
    }
    for user in ["mark the other tasks as done", "complete all other tasks", "finish every open task"] {
        let said = SmallTalk::with(&["Milk", "Bread"]).say(user);
        assert_eq!(said, "I've marked 'Milk' and 'Bread' as done.", "{user}");
    }
    let mut talk = SmallTalk::with(&["Milk", "Bread"]);
    talk.say("task 1 is done");
    assert_eq!(talk.say("mark the open task as done"), "I've marked 'Bread' as done.");
}
