//! Which words of a sentence are the due date and which are the title.

use serde_json::json;

use super::{SmallTalk, expect};

#[test]
fn a_day_before_the_title_is_its_day() {
    for (user, due, title) in [
        ("add a task for tomorrow to call mom", "tomorrow", "Call mom"),
        ("set a reminder for 5pm to call mom", "5pm", "Call mom"),
        ("create a reminder tomorrow at 9 to call mom", "tomorrow at 9", "Call mom"),
        ("add a new todo for next monday: call mom", "next monday", "Call mom"),
        ("set me a reminder on friday about the rent", "on friday", "The rent"),
        ("set a reminder for half past 3 to call mom", "half past 3", "Call mom"),
    ] {
        let arguments = json!({"due": due, "title": title});
        expect(&[], user, &[&format!("add_task {arguments}")], "I've added '");
    }
    let pills = r#"add_task {"due":"at 8pm","repeat":"every day","title":"Take my pills"}"#;
    expect(&[], "set a reminder every day at 8pm to take my pills", &[pills], "");
    expect(&[], "add a task for mom", &[r#"add_task {"title":"Mom"}"#], "");
    expect(
        &[],
        "add a task to plan tomorrow's party",
        &[r#"add_task {"title":"Plan tomorrow's party"}"#],
        "",
    );
}

#[test]
fn a_day_alone_is_no_title() {
    for (user, due) in [
        ("remind me tomorrow", "tomorrow"),
        ("Remind me in an hour, please", "in an hour"),
        ("remind me at 5pm", "at 5pm"),
        ("add a task for tomorrow", "tomorrow"),
        ("set a reminder for friday at 9", "friday at 9"),
    ] {
        let mut talk = SmallTalk::default();
        assert_eq!(talk.say(user), "What should the new task be called?", "{user}");
        talk.say("call mom");
        assert_eq!(talk.calls, [format!("add_task {}", json!({"due": due, "title": "Call mom"}))], "{user}");
    }
    assert_eq!(SmallTalk::default().say("set a reminder"), "What should the new task be called?");
    let mut talk = SmallTalk::default();
    talk.say("remind me tomorrow");
    talk.say("call mom on friday");
    assert_eq!(talk.calls, [r#"add_task {"due":"on friday","title":"Call mom"}"#]);
    expect(&[], "add 5", &[r#"add_task {"title":"5"}"#], "");
    expect(&[], "add \"Friday\"", &[r#"add_task {"title":"Friday"}"#], "");
}

#[test]
fn to_be_reminded_of_it_is_no_new_task() {
    for (user, change) in [
        ("remind me about it tomorrow", json!({"due": "tomorrow", "task_id": 1})),
        ("remind me tomorrow about it", json!({"due": "tomorrow", "task_id": 1})),
        ("remind me of that at 5pm", json!({"due": "at 5pm", "task_id": 1})),
        ("remind me to do it on friday", json!({"due": "on friday", "task_id": 1})),
        ("remind me about task 1 tomorrow", json!({"due": "tomorrow", "task_id": 1})),
    ] {
        let mut talk = SmallTalk::default();
        talk.say("add milk");
        talk.say(user);
        assert_eq!(talk.calls[1..], [format!("update_task {change}")], "{user}");
    }
}

#[test]
fn a_task_is_changed_to_a_day_and_not_named_after_it() {
    for (said, due) in [
        ("the 15th", "the 15th"),
        ("15th", "15th"),
        ("the 15th at 9am", "the 15th at 9am"),
        ("sat", "sat"),
        ("fri 3pm", "fri 3pm"),
        ("5", "at 5"),
        ("5pm instead", "5pm"),
        ("friday instead, please", "friday"),
        ("half past 3", "half past 3"),
        ("quarter to 5", "quarter to 5"),
    ] {
        for verb in ["Change", "move", "update", "reschedule"] {
            let change = format!("update_task {}", json!({"due": due, "task_id": 1}));
            let user = format!("{verb} the dentist to {said}");
            expect(&["Dentist"], &user, &["list_tasks {}", &change], "'Dentist' is now due");
        }
    }
    let by_number = r#"update_task {"due":"sat","task_id":1}"#;
    expect(&["Dentist"], "set the due date of task 1 to sat", &[by_number], "'Dentist' is now due");
    for (user, title) in [
        ("change the dentist to the 15th birthday", "The 15th birthday"),
        ("rename the dentist to Sat", "Sat"),
        ("change the dentist to 5 apples", "5 apples"),
        ("change the dentist to 50", "50"),
    ] {
        let change = format!("update_task {}", json!({"task_id": 1, "title": title}));
        expect(&["Dentist"], user, &["list_tasks {}", &change], "I've changed task 1 to");
    }
    expect(&["Dentist"], "change task 1 to 5", &[r#"update_task {"task_id":1,"title":"5"}"#], "");
}

#[test]
fn of_a_repeat_that_cannot_be_read_no_word_is_lost() {
    for title in
        ["Water plants every third monday", "Gym each first friday", "Backup every last day of the month"]
    {
        expect(&[], &format!("Add {title}"), &[&format!("add_task {}", json!({"title": title}))], title);
    }
    let timed = json!({"title": "Water plants every third monday at 9"});
    expect(&[], "Remind me to water plants every third monday at 9", &[&format!("add_task {timed}")], "");
}
