//! Sentences about parts of tasks.

use super::{SmallTalk, expect};

#[test]
fn parts_are_added_to_a_task() {
    let tickets = r#"add_task {"parent":1,"title":"Buy tickets"}"#;
    for user in [
        "add a subtask to buy tickets to task 1",
        "Add a subtask Buy tickets to task 1.",
        "add a new subtask to task 1: buy tickets",
        "create a subtask called buy tickets under task 1",
        "add buy tickets as a subtask of task 1",
        "please add a step to buy tickets for task 1",
    ] {
        expect(
            &["Plan the trip"],
            user,
            &[tickets],
            "I've added 'Buy tickets' to your task list, under task 1.",
        );
    }
    expect(
        &["Plan the trip"],
        "add a subtask to write to mum tomorrow to task 1",
        &[r#"add_task {"due":"tomorrow","parent":1,"title":"Write to mum"}"#],
        "under task 1",
    );
}

#[test]
fn tasks_become_parts_and_stop_being_some() {
    let under = r#"update_task {"parent":1,"task_id":2}"#;
    for user in ["make task 2 a subtask of task 1", "put task 2 under task 1", "move task 2 below task 1"] {
        expect(&["Trip", "Pack"], user, &[under], "'Pack' is now under task 1.");
    }
    let out = r#"update_task {"parent":null,"task_id":2}"#;
    expect(&["Trip", "Pack"], "take task 2 out of task 1", &[out], "'Pack' is no subtask any more.");
}

#[test]
fn what_is_left_of_a_task_is_told() {
    let mut talk = SmallTalk::with(&["Plan the trip"]);
    talk.say("add a subtask to buy tickets to task 1");
    talk.say("add a subtask to pack to task 1");
    talk.say("task 2 is done");
    for user in ["what is left of task 1?", "what's still open in task 1", "show the open subtasks of task 1"]
    {
        let said = talk.say(user);
        assert_eq!(said, "You have 1 open task under task 1:\n- Task 3: Pack (under task 1)", "{user}");
        assert_eq!(talk.calls.last().unwrap(), r#"list_tasks {"parent":1,"status":"pending"}"#, "{user}");
    }
    let all = talk.say("list the subtasks of task 1");
    assert!(all.starts_with("You have 2 tasks under task 1:"), "{all}");
    assert_eq!(
        talk.say("task 1 is done"),
        "I've marked 'Plan the trip' as done; it still has 1 open subtask."
    );
    talk.say("task 3 is done");
    assert_eq!(talk.say("what is left of task 1?"), "You have no open tasks under task 1.");
}
