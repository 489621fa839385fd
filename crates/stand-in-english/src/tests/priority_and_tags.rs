//! Sentences about priorities, tags, several tasks at once, and what comes back on the list.

use serde_json::json;

use super::{SmallTalk, expect, expect_together};

#[test]
fn priorities_are_given_and_taken() {
    let high = r#"update_task {"priority":"high","task_id":2}"#;
    for user in [
        "task 2 is urgent",
        "make task 2 high priority",
        "mark task 2 as important",
        "prioritise task 2",
        "set the priority of task 2 to high",
        "give task 2 a high priority",
        "high priority for task 2",
        "task 2 has top priority",
        "Please make task 2 urgent!",
    ] {
        expect(&["Milk", "Bread"], user, &[high], "'Bread' has high priority now.");
    }
    let none = r#"update_task {"priority":"none","task_id":2}"#;
    for user in [
        "no priority for task 2",
        "remove the priority of task 2",
        "task 2 is not urgent anymore",
        "set the priority of task 2 to none",
        "task 2 isn't important",
    ] {
        let mut talk = SmallTalk::with(&["Milk", "Bread"]);
        assert_eq!(talk.say(user), "'Bread' has no priority now.", "{user}");
        assert_eq!(talk.calls, [none], "{user}");
    }
    expect(
        &["Buy milk"],
        "make the milk low priority",
        &["list_tasks {}", r#"update_task {"priority":"low","task_id":1}"#],
        "'Buy milk' has low priority now.",
    );
    let mut talk = SmallTalk::default();
    talk.say("add call mum");
    assert_eq!(talk.say("make it high priority"), "'Call mum' has high priority now.");
    assert_eq!(talk.say("it's not so important"), "'Call mum' has no priority now.");
    assert_eq!(talk.say("That's urgent"), "'Call mum' has high priority now.");
    for user in
        ["what is important?", "show my important tasks", "what's urgent?", "show all high priority tasks"]
    {
        let said = talk.say(user);
        assert_eq!(
            said, "You have 1 open task with high priority:\n- Task 1: Call mum (high priority)",
            "{user}"
        );
        assert_eq!(talk.calls.last().unwrap(), r#"list_tasks {"priority":"high","status":"pending"}"#);
    }
}

#[test]
fn a_new_task_is_told_as_in_the_line_of_the_page() {
    let laundry = json!({"due": "at 10am", "priority": "high", "repeat": "every sunday", "tags": ["home"], "title": "Laundry"});
    expect(&[], "add Laundry every sunday at 10am #home !high", &[&format!("add_task {laundry}")], "");
    expect(&[], "add Say wow !", &[r#"add_task {"title":"Say wow"}"#], "");
    expect(&[], "add Shout no!", &[r#"add_task {"title":"Shout no"}"#], "");
}

#[test]
fn a_new_task_can_be_important() {
    let urgent = r#"add_task {"priority":"high","title":"Pay rent"}"#;
    for user in [
        "add an urgent task to pay rent",
        "urgent: pay rent",
        "add pay rent with high priority",
        "add a high priority task: pay rent",
    ] {
        let mut talk = SmallTalk::default();
        talk.say(user);
        let wanted: &[&str] = if user.starts_with("urgent") { &[] } else { &[urgent] };
        assert_eq!(talk.calls, wanted, "{user}");
    }
}

#[test]
fn tags_are_given_taken_and_asked_for() {
    let both = r#"update_task {"add_tags":["work","home"],"task_id":1}"#;
    for user in [
        "tag task 1 with work and home",
        "add the tags work and home to task 1",
        "label task 1 as work and home",
        "tag task 1 as work, home",
        "give task 1 the tags work and home",
    ] {
        expect(&["Milk"], user, &[both], "'Milk' is now tagged work and home.");
    }
    let mut talk = SmallTalk::default();
    talk.say("add milk tagged shop");
    assert_eq!(talk.calls, [r#"add_task {"tags":["shop"],"title":"Milk"}"#]);
    assert_eq!(talk.say("tag it home"), "'Milk' is now tagged shop and home.");
    for user in [
        "show everything tagged home",
        "what is tagged home?",
        "show tasks with the tag home",
        "show me #home",
    ] {
        assert_eq!(
            talk.say(user),
            "You have 1 task tagged 'home':\n- Task 1: Milk (tagged shop and home)",
            "{user}"
        );
    }
    assert_eq!(talk.say("remove the tag shop from task 1"), "'Milk' is now tagged home.");
    assert_eq!(talk.say("mark everything tagged home as done"), "I've marked 'Milk' as done.");
    assert_eq!(talk.say("remove all tags from task 1"), "'Milk' has no tags any more.");
    assert_eq!(talk.say("show everything tagged home"), "You have no tasks tagged 'home'.");
}

#[test]
fn several_tasks_are_changed_in_one_call() {
    let titles = ["A", "B", "C", "D", "E"];
    expect_together(
        &titles,
        "complete tasks 1, 2 and 3",
        &[r#"complete_task {"task_id":[1,2,3]}"#],
        "I've marked 'A', 'B' and 'C' as done.",
    );
    expect_together(
        &titles,
        "delete tasks 4 and 5",
        &[r#"delete_task {"task_id":[4,5]}"#],
        "I've deleted 'D' and 'E'.",
    );
    expect_together(
        &titles,
        "move tasks 1 and 2 to friday",
        &[r#"update_task {"due":"friday","task_id":[1,2]}"#],
        "'A' and 'B' are now due day friday.",
    );
    expect_together(
        &titles,
        "tasks 1 and 2 are urgent",
        &[r#"update_task {"priority":"high","task_id":[1,2]}"#],
        "'A' and 'B' have high priority now.",
    );
    let mut talk = SmallTalk::taking_many(&["A"]);
    assert_eq!(
        talk.say("complete tasks 1 and 9"),
        "I've marked 'A' as done. I could not mark task 9: There is no task 9."
    );
    assert_eq!(talk.say("undo"), "I've marked 'A' as not done.");
}

#[test]
fn what_left_the_list_is_put_back() {
    let mut talk = SmallTalk::with(&["Bread"]);
    talk.say("add milk tomorrow");
    talk.say("I bought the milk");
    assert_eq!(talk.say("put the milk back"), "I've marked 'Milk' as not done.");
    assert_eq!(talk.say("put the milk back on my list"), "'Milk' (task 2) is on your list and open.");
    talk.say("delete task 2");
    assert_eq!(talk.say("put it back"), "I've brought back 'Milk'.");
    talk.say("delete the milk");
    talk.say("show my tasks");
    assert_eq!(talk.say("bring the milk back"), "I've brought back 'Milk'.");
    // What was deleted before the last change cannot be undone alone: it is added again.
    talk.say("delete the milk");
    talk.say("add eels");
    assert_eq!(talk.say("bring the milk back"), "I've added 'Milk' to your task list, due day tomorrow.");
    assert_eq!(talk.say("put the eggs back"), "I see no task on your list that matches 'eggs'.");
}

#[test]
fn old_tasks_are_found_by_their_words() {
    let mut talk = SmallTalk::with(&["Buy groceries"]);
    for number in 0..60 {
        talk.run("add_task", &json!({"title": format!("Thing {number}")}));
    }
    assert_eq!(talk.say("move the grocery one to friday"), "'Buy groceries' is now due day friday.");
    assert_eq!(talk.calls[1], r#"list_tasks {"search":"grocer"}"#);
    assert_eq!(talk.say("I finished the bread"), "I see no task on your list that matches 'bread'.");
    talk.run("add_task", &json!({"title": "Unpack groceries"}));
    assert!(
        talk.say("delete the groceries").contains("task 1 'Buy groceries' or task 62 'Unpack groceries'?")
    );
    assert!(
        talk.say("mark everything as done").contains("I saw only 50 of 62 tasks; ask me again for the rest.")
    );
}
