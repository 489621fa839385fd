//! Days that stand between the words for a new task and its title, or alone.

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
    let mut talk = SmallTalk::default();
    talk.say("remind me tomorrow");
    talk.say("call mom on friday");
    assert_eq!(talk.calls, [r#"add_task {"due":"on friday","title":"Call mom"}"#]);
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
