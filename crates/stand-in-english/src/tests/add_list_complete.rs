//! Adding, listing, finishing; the sentences of the deployment guide.

use super::{SmallTalk, expect};

#[test]
fn every_sentence_of_the_deployment_guide_works() {
    let mut talk = SmallTalk::default();
    assert_eq!(talk.say("Add a task to buy groceries"), "I've added 'Buy groceries' to your task list.");
    assert_eq!(talk.say("Show my tasks"), "You have 1 task:\n- Task 1: Buy groceries");
    assert_eq!(
        talk.say("Change task 1 to Buy organic groceries"),
        "I've changed task 1 to 'Buy organic groceries'."
    );
    assert_eq!(talk.say("Mark task 1 as done"), "I've marked 'Buy organic groceries' as done.");
    assert_eq!(talk.say("Delete task 1"), "I've deleted 'Buy organic groceries'.");
    assert_eq!(talk.say("Add a task to buy milk"), "I've added 'Buy milk' to your task list.");
    assert_eq!(talk.say("Mark it as done"), "I've marked 'Buy milk' as done.");
    assert_eq!(talk.calls.last().unwrap(), r#"complete_task {"task_id":2}"#);
    assert_eq!(talk.calls[0], r#"add_task {"title":"Buy groceries"}"#);
}

#[test]
fn new_tasks_are_asked_for_in_many_ways() {
    for user in [
        "Add a task to buy milk",
        "add buy milk",
        "Please add buy milk to my list.",
        "Remind me to buy milk!",
        "Can you remind me to buy milk, please?",
        "create a new task: buy milk",
        "New task: buy milk",
        "I need to buy milk",
        "Hey, I have to buy milk",
        "todo: buy milk",
        "Put buy milk on my todo list",
        "Don't let me forget to buy milk",
        "Add a todo called buy milk",
        "could you please add a reminder to buy milk?",
        "I want to add a task to buy milk",
        "Hello! Add a task to buy milk",
        "Add a task named \"Buy milk\"",
        "I'd like you to add buy milk to my tasks",
        "Add a task to my list: buy milk",
        "remember to buy milk",
        "set a reminder to buy milk",
        "Add to my list: buy milk",
        "Add a task for me to buy milk",
    ] {
        expect(&[], user, &[r#"add_task {"title":"Buy milk"}"#], "I've added 'Buy milk' to your task list.");
    }
    expect(&[], "Add buy bread and butter", &[r#"add_task {"title":"Buy bread and butter"}"#], "");
    expect(
        &[],
        "Add a task to sort and delete old files",
        &[r#"add_task {"title":"Sort and delete old files"}"#],
        "",
    );
    expect(&[], "Add a task to call Dr. Smith", &[r#"add_task {"title":"Call Dr. Smith"}"#], "");
    expect(&[], "Add a task to finish the report", &[r#"add_task {"title":"Finish the report"}"#], "");
    expect(&[], "I need to finish the report", &[r#"add_task {"title":"Finish the report"}"#], "");
    for rest in ["put it on my list", "please add that to my list"] {
        let said = format!("I need to pay the rent, {rest}");
        expect(&[], &said, &[r#"add_task {"title":"Pay the rent"}"#], "");
    }
    expect(
        &[],
        "Add \"wash, dry and show my tasks\"",
        &[r#"add_task {"title":"wash, dry and show my tasks"}"#],
        "",
    );
    let with_note = r#"add_task {"description":"Two litres","title":"Buy milk"}"#;
    expect(&[], "Add buy milk with description two litres", &[with_note], "");
}

#[test]
fn several_tasks_at_once_are_several_calls() {
    let three = [r#"add_task {"title":"A"}"#, r#"add_task {"title":"B"}"#, r#"add_task {"title":"C"}"#];
    for user in [
        "add three tasks: a, b and c",
        "Add tasks a, b, and c",
        "Add the following tasks:\n- a\n- b\n- c",
        "Add a, b and c as separate tasks",
    ] {
        expect(&[], user, &three, "I've added 'A', 'B' and 'C' to your task list.");
    }
    let two = [r#"add_task {"title":"Call the bank"}"#, r#"add_task {"title":"Pay rent"}"#];
    for user in [
        "Add a task to call the bank and a task to pay rent",
        "Add a task to call the bank and another one to pay rent",
        "Create a todo to call the bank, and a reminder to pay rent",
        "Add one task to call the bank and one task called pay rent",
        "Add a task to call the bank and add a task to pay rent",
    ] {
        expect(&[], user, &two, "I've added 'Call the bank' and 'Pay rent' to your task list.");
    }
    let one = r#"add_task {"title":"Write a guide and a task list"}"#;
    expect(&[], "Add a task to write a guide and a task list", &[one], "");
    let mut talk = SmallTalk::default();
    talk.say("add two tasks: milk and bread");
    assert_eq!(talk.say("mark both as done"), "I've marked 'Milk' and 'Bread' as done.");
    assert!(talk.say("mark it as not done").contains("Which one do you mean: task 1 or task 2?"));
    assert_eq!(talk.say("the second one"), "I've marked 'Bread' as not done.");
}

#[test]
fn the_list_is_shown_as_it_is_asked_for() {
    let pending = r#"list_tasks {"status":"pending"}"#;
    expect(
        &["Milk", "Bread"],
        "What's left?",
        &[pending],
        "You have 2 open tasks:\n- Task 2: Bread\n- Task 1: Milk",
    );
    expect(&[], "what is open", &[pending], "You have no open tasks.");
    expect(&[], "Show my tasks", &["list_tasks {}"], "Your task list is empty.");
    expect(&["Milk"], "Could you show me all my tasks, please?", &["list_tasks {}"], "Task 1: Milk");
    expect(
        &["Milk"],
        "what have I done?",
        &[r#"list_tasks {"status":"completed"}"#],
        "You have no completed tasks.",
    );
    expect(
        &["Buy milk", "Bread"],
        "find tasks about milk",
        &[r#"list_tasks {"search":"milk"}"#],
        "I found 1 task about 'milk':\n- Task 1: Buy milk",
    );
    expect(&["Milk"], "Show task 1", &["list_tasks {}"], "Task 1 is 'Milk'. It is not done yet.");
    expect(&["Milk"], "Is task 7 done?", &["list_tasks {}"], "I see no task 7 on your list.");
    expect(&[], "Is the weather fine?", &[], "stand-in model");
}

#[test]
fn tasks_are_finished_by_number_by_name_and_by_it() {
    let one = r#"complete_task {"task_id":1}"#;
    for user in [
        "Mark task 1 as done",
        "complete #1",
        "I finished task one",
        "task 1 is done",
        "check off 1",
        "Please tick task 1 off my list",
        "I'm done with task 1",
        "set task 1 to completed",
    ] {
        expect(&["Milk"], user, &[one], "I've marked 'Milk' as done.");
    }
    for user in [
        "I finished the milk one",
        "mark the milk task as done",
        "the milk one is done",
        "I've already done the milk",
        "finish \"Milk\"",
        "cross milk off my list",
        "mark everything as done",
        "Mark the last one as done",
    ] {
        expect(&["Milk"], user, &["list_tasks {}", one], "I've marked 'Milk' as done.");
    }
    for user in ["task 1 done", "complete all tasks", "I bought the milk", "done: milk"] {
        let mut talk = SmallTalk::with(&["Milk"]);
        assert_eq!(talk.say(user), "I've marked 'Milk' as done.", "{user}");
    }
    expect(
        &["Milk"],
        "I finished the bread one",
        &["list_tasks {}"],
        "I see no task on your list that matches 'bread'.",
    );
    expect(
        &["Milk"],
        "Mark task 42 as done",
        &[r#"complete_task {"task_id":42}"#],
        "I could not mark task 42: There is no task 42.",
    );
    expect(&["Milk"], "Mark it as done", &[], "Which task do you mean?");
    expect(
        &["Oat milk", "Bread"],
        "I finished milk and bread",
        &["list_tasks {}", one, r#"complete_task {"task_id":2}"#],
        "I've marked 'Oat milk' and 'Bread' as done.",
    );
}

#[test]
fn it_asks_back_when_several_match_and_understands_the_answer() {
    for answer in ["the second one", "2", "task 2", "oat milk", "the oat one"] {
        let mut talk = SmallTalk::with(&["Buy milk", "Oat milk"]);
        assert_eq!(
            talk.say("I finished the milk one"),
            "Which one do you mean: task 1 'Buy milk' or task 2 'Oat milk'?"
        );
        assert_eq!(talk.say(answer), "I've marked 'Oat milk' as done.", "{answer}");
    }
    let mut talk = SmallTalk::with(&["Buy milk", "Oat milk"]);
    talk.say("I finished the milk one");
    assert!(talk.say("show my tasks").contains("You have 2 tasks"));
}

#[test]
fn a_question_marks_nothing_as_done() {
    let (open, all) = (r#"list_tasks {"status":"pending"}"#, "list_tasks {}");
    for (user, look) in [
        ("Are all tasks done?", open),
        ("Is everything done?", open),
        ("Is my list done?", open),
        ("so, is everything finished", open),
        ("Have I done everything?", open),
        ("Am I done?", open),
        ("done with everything?", open),
        ("Check the list", all),
        ("check my todos please", all),
        ("check everything", all),
        ("check the overdue tasks", r#"list_tasks {"due":"overdue"}"#),
    ] {
        let mut talk = SmallTalk::with(&["Milk", "Bread"]);
        talk.say(user);
        assert_eq!(talk.calls, [look], "{user}");
    }
    for user in ["Task 1 done?", "Is the milk done?", "Did I finish the milk?", "the milk is done?"] {
        expect(&["Milk"], user, &[all], "Task 1 is 'Milk'. It is not done yet.");
    }
    for user in ["Task 1 is urgent?", "Task 1 is due Friday?"] {
        expect(&["Milk"], user, &[], "I did not understand that");
    }
    for user in
        ["Could you mark task 1 as done?", "check off task 1, ok?", "check milk", "I've done the milk, ok?"]
    {
        let mut talk = SmallTalk::with(&["Milk"]);
        assert_eq!(talk.say(user), "I've marked 'Milk' as done.", "{user}");
    }
}

#[test]
fn each_title_in_quotation_marks_is_a_task() {
    for (said, calls) in [
        (r#"add "pay rent" and "call mom""#, [r#"{"title":"pay rent"}"#, r#"{"title":"call mom"}"#]),
        (
            r#"Add "Call mom" tomorrow at 9 and "Pay rent" on friday."#,
            [r#"{"due":"tomorrow at 9","title":"Call mom"}"#, r#"{"due":"on friday","title":"Pay rent"}"#],
        ),
        (
            "add “a, b and c”, “d” for tomorrow",
            [r#"{"due":"tomorrow","title":"a, b and c"}"#, r#"{"due":"tomorrow","title":"d"}"#],
        ),
    ] {
        let calls = calls.map(|arguments| format!("add_task {arguments}"));
        expect(&[], said, &calls.each_ref().map(String::as_str), "");
    }
    let one = r#"add_task {"title":"Buy \"The Hobbit\" and \"Dune\""}"#;
    expect(&[], r#"add buy "The Hobbit" and "Dune""#, &[one], "");
    expect(&[], "add “” and “x”", &[r#"add_task {"title":"And “x”"}"#], "");
}
