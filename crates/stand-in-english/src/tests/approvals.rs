//! Calls that the server has wait for the person's yes.

use super::*;

/// Says something whose first call waits; returns the words and the call that waited.
fn asked(talk: &mut SmallTalk, user: &str) -> (String, (&'static str, Value)) {
    talk.messages.push(json!({"role": "user", "content": user}));
    loop {
        match answer(Chat::of(&talk.request())) {
            Answer::Say(words) => panic!("'{user}' waits for nothing: {words}"),
            Answer::Call(calls) if calls[0].0 == "list_tasks" => talk.act(&calls, 0),
            Answer::Call(calls) => {
                let ids = calls[0].1["task_id"].as_array().unwrap();
                let tasks: Vec<_> =
                    ids.iter().map(|id| json!({"id": id, "title": format!("Task {id}")})).collect();
                let approval = json!({"id": "a", "state": "waiting", "expires_at": "2026", "tasks": tasks});
                let result = json!({"success": false, "code": "APPROVAL_REQUIRED", "error": "Ask.", "approval": approval});
                answers(talk, &calls[0], &result);
                let Answer::Say(words) = answer(Chat::of(&talk.request())) else { panic!("it must ask") };
                talk.messages.push(json!({"role": "assistant", "content": words}));
                return (words, calls[0].clone());
            }
        }
    }
}

fn answers(talk: &mut SmallTalk, (tool, arguments): &(&str, Value), result: &Value) {
    let function = json!({"name": tool, "arguments": arguments.to_string()});
    let calls = json!([{"id": "w", "type": "function", "function": function}]);
    talk.messages.push(json!({"role": "assistant", "content": null, "tool_calls": calls}));
    talk.messages.push(json!({"role": "tool", "tool_call_id": "w", "content": result.to_string()}));
}

fn talk() -> SmallTalk {
    SmallTalk::taking_many(&["One", "Two", "Three", "Four"])
}

#[test]
fn it_asks_in_words_for_what_waits() {
    let (words, _) = asked(&mut talk(), "Delete everything");
    let names = "'Task 1', 'Task 2', 'Task 3' and 'Task 4'";
    assert_eq!(words, format!("That would delete 4 tasks: {names}. Shall I really do that?"));
}

#[test]
fn it_says_what_the_server_has_done_after_a_yes_or_a_no() {
    let mut talk = talk();
    let (_, call) = asked(&mut talk, "Delete everything");
    talk.messages.push(json!({"role": "user", "content": "yes"}));
    let mut result = talk.change(call.0, &call.1);
    result["approval"] = json!({"id": "a", "state": "approved"});
    answers(&mut talk, &call, &result);
    let said = answer(Chat::of(&talk.request()));
    assert_eq!(said, Answer::Say("I've deleted 'One', 'Two', 'Three' and 'Four'.".to_owned()));

    let mut talk = self::talk();
    let (_, call) = asked(&mut talk, "Delete everything");
    talk.messages.push(json!({"role": "user", "content": "no"}));
    let result = json!({"success": false, "error": "No.", "code": "NOT_APPROVED", "approval": {"id": "a", "state": "rejected"}});
    answers(&mut talk, &call, &result);
    let said = answer(Chat::of(&talk.request()));
    assert_eq!(said, Answer::Say("All right, I leave everything as it is.".to_owned()));
}

#[test]
fn it_says_why_a_yes_came_to_nothing() {
    let mut talk = talk();
    let (_, call) = asked(&mut talk, "Delete everything");
    talk.messages.push(json!({"role": "user", "content": "yes"}));
    let result = json!({"success": false, "error": "A task was changed.", "code": "NOT_APPROVED", "approval": {"id": "a", "state": "void"}});
    answers(&mut talk, &call, &result);
    let Answer::Say(words) = answer(Chat::of(&talk.request())) else { panic!("it must speak") };
    assert!(words.contains("I could not delete") && words.contains("A task was changed."), "{words}");
}

#[test]
fn an_unclear_reply_deletes_nothing() {
    let question = "That would delete 2 tasks. Shall I really do that?";
    for user in
        ["Yes, but keep the milk", "Yes except milk", "yes delete everything but milk", "ok not the milk"]
    {
        let mut talk = SmallTalk::with(&["Milk", "Bread"]);
        assert_eq!(talk.say("ok delete everything"), question);
        let again = format!("I can only do all of that or nothing. {question}");
        assert_eq!(talk.say(user), again, "{user}");
        assert_eq!(talk.say(user), again, "{user}");
        assert_eq!(talk.tasks.len(), 2, "{user}");
        assert_eq!(talk.say("yes"), "I've deleted 'Milk' and 'Bread'.", "{user}");
    }
    for user in ["yes please", "Yes, I am sure.", "sure, delete them all", "ok do it", "go ahead"] {
        let mut talk = SmallTalk::with(&["Milk", "Bread"]);
        talk.say("delete everything");
        assert_eq!(talk.say(user), "I've deleted 'Milk' and 'Bread'.", "{user}");
    }
}

#[test]
fn what_is_put_aside_leaves_everything_as_it_is() {
    let asked: [&[&str]; 5] = [
        &["add salt", "Delete everything"],
        &["Add a task"],
        &["Rename task 1"],
        &["finish the b one"],
        &["delete it"],
    ];
    for user in
        ["Forget it", "cancel that", "never mind", "oh, forget about it, sorry", "No, drop it", "cancel"]
    {
        for asked in asked {
            let mut talk = SmallTalk::with(&["Milk b", "Bread b"]);
            for said in asked {
                talk.say(said);
            }
            let (tasks, calls) = (talk.tasks.clone(), talk.calls.len());
            assert_eq!(talk.say(user), "All right, I leave everything as it is.", "{asked:?} {user}");
            assert_eq!((talk.tasks, talk.calls.len()), (tasks, calls), "{asked:?} {user}");
        }
    }
    let mut talk = SmallTalk::with(&["Milk"]);
    talk.say("add a task");
    assert_eq!(talk.say("nothing"), "All right, I leave everything as it is.");
    talk.say("delete it");
    assert_eq!(talk.say("the milk"), "I've deleted 'Milk'.");
}

#[test]
fn a_change_that_is_called_off_is_undone() {
    for user in ["cancel that", "Forget it", "drop it", "scrap that, please", "thanks, cancel it"] {
        let mut talk = SmallTalk::with(&["Rent", "Bread"]);
        talk.say("Mark rent as done");
        assert_eq!(talk.say(user), "I've marked 'Rent' as not done.", "{user}");
        assert_eq!(talk.say("forget it"), "All right, I leave everything as it is.", "{user}");
        talk.say("Mark rent as done");
        talk.say("show my tasks");
        assert_eq!(talk.say(user.trim_start_matches("thanks, ")), "All right, I leave everything as it is.");
        assert_eq!((talk.tasks.len(), &talk.tasks[1]["completed"]), (2, &json!(true)), "{user}");
    }
    // What was changed last is something else by then: a task of somebody else's, or the same one, back.
    for (kind, task) in [("completed", 2), ("reopened", 1)] {
        let mut talk = SmallTalk::with(&["Rent", "Bread"]);
        talk.say("Mark rent as done");
        talk.changes.insert(0, json!({"kind": kind, "task_id": task}));
        assert!(talk.say("cancel that").starts_with("I leave everything as it is,"));
        assert_eq!(talk.calls.last().unwrap(), "list_changes {}");
    }
    let mut talk = SmallTalk::with(&["Rent"]);
    talk.say("add milk");
    let call =
        json!({"id": "u", "type": "function", "function": {"name": "undo_replaced", "arguments": "{}"}});
    let result = json!({"success": true, "results": []}).to_string();
    let words = talk.messages.pop().unwrap();
    talk.messages.push(json!({"role": "assistant", "content": null, "tool_calls": [call]}));
    talk.messages.push(json!({"role": "tool", "tool_call_id": "u", "content": result}));
    talk.messages.push(words);
    assert_eq!(talk.say("cancel"), "All right, I leave everything as it is.", "its answer was replaced");
    for user in [
        "Delete the rent. No, forget it",
        "add eggs, oh never mind",
        "Add eggs. Cancel that.",
        "add eggs, forget it",
    ] {
        expect(&["Rent"], user, &[], "All right, I leave everything as it is.");
    }
    expect(
        &["Rent"],
        "cancel the rent",
        &["list_tasks {}", r#"delete_task {"task_id":1}"#],
        "I've deleted 'Rent'.",
    );
}
