//! New tasks that come back.

use serde_json::json;

use super::expect;

#[test]
fn a_new_task_comes_back_as_it_is_said() {
    for (user, arguments) in [
        (
            "add stand-up every weekday at 9:15",
            r#"{"due":"at 9:15","repeat":"every weekday","title":"Stand-up"}"#,
        ),
        ("add stand-up each weekday", r#"{"repeat":"each weekday","title":"Stand-up"}"#),
        ("pay rent every month on the 1st", r#"{"repeat":"every month on the 1st","title":"Pay rent"}"#),
        ("water plants every 3 days", r#"{"repeat":"every 3 days","title":"Water plants"}"#),
        (
            "remind me to water the plants every Monday",
            r#"{"repeat":"every monday","title":"Water the plants"}"#,
        ),
        (
            "remind me every day at 8pm to take my pills",
            r#"{"due":"at 8pm","repeat":"every day","title":"Take my pills"}"#,
        ),
        ("every friday I need to call mum", r#"{"repeat":"every friday","title":"Call mum"}"#),
        ("add stretch every morning", r#"{"due":"in the morning","repeat":"every day","title":"Stretch"}"#),
        ("gym every monday and thursday", r#"{"repeat":"every monday and thursday","title":"Gym"}"#),
        ("add gym every monday & thursday", r#"{"repeat":"every monday & thursday","title":"Gym"}"#),
        ("add a task to back up daily", r#"{"repeat":"daily","title":"Back up"}"#),
    ] {
        expect(&[], user, &[&format!("add_task {arguments}")], "I've added '");
    }
}

#[test]
fn every_second_is_every_other() {
    for (said, repeat) in [
        ("every 2nd monday", "every 2nd monday"),
        ("every second monday", "every second monday"),
        ("every second week on friday", "every second week on friday"),
        ("every 3rd day", "every 3rd day"),
    ] {
        let arguments = json!({"repeat": repeat, "title": "Gym"});
        expect(&[], &format!("Add gym {said}"), &[&format!("add_task {arguments}")], "");
    }
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
