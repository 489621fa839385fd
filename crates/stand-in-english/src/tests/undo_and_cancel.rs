//! Sentences that undo something, and sentences that call something off.

use serde_json::json;

use super::{SmallTalk, expect};

#[test]
fn everything_that_was_deleted_last_is_brought_back() {
    for user in ["Restore everything", "bring everything back", "put everything back", "bring back all tasks"]
    {
        let mut talk = SmallTalk::with(&["Milk", "Bread", "Eggs"]);
        talk.say("task 3 is done");
        talk.say("delete tasks 1 and 2");
        let said = talk.say(user);
        assert_eq!((talk.tasks.len(), talk.completed()), (3, 1), "{user} → {said}");
        assert_eq!(talk.calls.last().unwrap(), "undo_last {}", "{user} → {said}");
    }
    expect(&["Milk"], "restore everything", &["list_tasks {}"], "You have no completed tasks.");
    let mut talk = SmallTalk::with(&["Milk"]);
    talk.say("delete task 1");
    assert_eq!(talk.say("restore task 1"), "I've brought back 'Milk'.");
    talk.say("delete the milk");
    assert_eq!(talk.say("restore the milk"), "I've brought back 'Milk'.");
    talk.say("task 1 is done");
    assert_eq!(talk.say("restore the milk"), "I've marked 'Milk' as not done.");
}

#[test]
fn what_is_called_off_is_undone_before_anything_else() {
    for user in ["Cancel that, add bread", "No, forget it, and add bread", "undo that and add bread"] {
        let mut talk = SmallTalk::with(&[]);
        talk.say("add milk");
        talk.calls.clear();
        talk.say(user);
        talk.calls.retain(|call| call != "list_changes {}");
        assert_eq!(talk.calls, ["undo_last {}", r#"add_task {"title":"Bread"}"#], "{user}");
    }
    for user in ["Delete the rent. No, undo that.", "Delete the rent. Undo.", "add eggs. Oh, take that back"]
    {
        let mut talk = SmallTalk::with(&["Rent"]);
        talk.say("add milk");
        talk.calls.clear();
        assert_eq!(talk.say(user), "All right, I leave everything as it is.", "{user}");
        assert_eq!((talk.tasks.len(), talk.calls.len()), (2, 0), "{user}");
    }
}

#[test]
fn only_its_own_change_of_a_task_is_undone() {
    for kind in ["completed", "reopened", "added", "deleted", "restored"] {
        let mut talk = SmallTalk::with(&["Rent"]);
        talk.say("rename the rent to Pay the rent");
        talk.changes.insert(0, json!({"kind": kind, "task_id": 1}));
        let said = talk.say("cancel that");
        assert!(said.starts_with("I leave everything as it is,"), "{kind} → {said}");
    }
}

#[test]
fn who_does_not_want_to_do_that_deletes_nothing() {
    for user in [
        "I don't want to do that",
        "I dont want to do this.",
        "I do not want to do it",
        "I don't want to",
        "we don't need to do that",
    ] {
        expect(&["Do the laundry"], user, &[], "All right, I leave everything as it is.");
    }
    let mut talk = SmallTalk::with(&["Do the laundry"]);
    assert_eq!(talk.say("I don't need to do the laundry anymore"), "I've deleted 'Do the laundry'.");
    let mut talk = SmallTalk::with(&["Do the laundry", "Milk"]);
    let said = talk.say("delete to do that");
    assert_eq!(talk.tasks.len(), 2, "{said}");
}
