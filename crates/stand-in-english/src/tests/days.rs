//! Sentences about days and about tasks that come back.

use serde_json::json;

use super::{SmallTalk, expect};

/// Asserts the arguments of the one call that a message makes on an empty list.
#[track_caller]
fn adds(user: &str, arguments: &str) {
    expect(&[], user, &[&format!("add_task {arguments}")], "I've added '");
}

#[test]
fn a_new_task_takes_its_day_along() {
    let rent = r#"{"due":"on Friday at 9am","title":"Pay rent"}"#;
    for user in [
        "remind me to pay rent on Friday at 9am",
        "Add pay rent on Friday at 9am",
        "add a task to pay rent on Friday at 9am",
        "Please remind me on Friday at 9am to pay rent",
        "on Friday at 9am remind me to pay rent",
        "I need to pay rent on Friday at 9am",
        "on Friday at 9am I need to pay rent",
        "pay rent on Friday at 9am",
        "on Friday at 9am, pay rent",
        "put pay rent on my list on Friday at 9am",
        "Can you add pay rent on Friday at 9am, please?",
        "Don't let me forget to pay rent on Friday at 9am",
    ] {
        adds(user, rent);
    }
    for (user, arguments) in [
        ("add buy milk tomorrow", r#"{"due":"tomorrow","title":"Buy milk"}"#),
        ("call mum in 3 days", r#"{"due":"in 3 days","title":"Call mum"}"#),
        ("dentist next Monday at 14:30", r#"{"due":"next Monday at 14:30","title":"Dentist"}"#),
        ("tomorrow: call mum", r#"{"due":"tomorrow","title":"Call mum"}"#),
        ("add a task for tomorrow: call mum", r#"{"due":"tomorrow","title":"Call mum"}"#),
        ("submit the tax return by 31 May", r#"{"due":"by 31 May","title":"Submit the tax return"}"#),
        ("Add \"Friday magazine\" tomorrow", r#"{"due":"tomorrow","title":"Friday magazine"}"#),
        ("add buy Friday magazine", r#"{"title":"Buy Friday magazine"}"#),
        ("add read Tomorrow by X", r#"{"title":"Read Tomorrow by X"}"#),
        ("add \"call mum tomorrow\"", r#"{"title":"call mum tomorrow"}"#),
        (
            "add milk tomorrow with description two litres",
            r#"{"description":"Two litres","due":"tomorrow","title":"Milk"}"#,
        ),
    ] {
        adds(user, arguments);
    }
    expect(
        &[],
        "add buy milk tomorrow",
        &[r#"add_task {"due":"tomorrow","title":"Buy milk"}"#],
        "I've added 'Buy milk' to your task list, due day tomorrow.",
    );
    for user in [
        "The party is on Friday",
        "how are you today?",
        "the dentist isn't at 5pm",
        "nothing to do today",
        "done for today",
        "I am sick today",
        "what is tomorrow night like",
        "Friday",
    ] {
        let mut talk = SmallTalk::default();
        talk.say(user);
        assert!(talk.tasks.is_empty(), "{user}: {:?}", talk.calls);
    }
}

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
        adds(user, arguments);
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
fn several_tasks_and_their_days() {
    let three =
        [r#"add_task {"title":"Milk"}"#, r#"add_task {"title":"Eggs"}"#, r#"add_task {"title":"Bread"}"#];
    expect(
        &[],
        "add milk, eggs and bread",
        &three,
        "I've added 'Milk', 'Eggs' and 'Bread' to your task list.",
    );
    expect(&[], "put milk, eggs and bread on my list", &three, "");
    expect(&[], "add buy milk, eggs and bread", &[r#"add_task {"title":"Buy milk, eggs and bread"}"#], "");
    let mut talk = SmallTalk::taking_many(&[]);
    talk.say("add milk, eggs and bread for tomorrow");
    assert_eq!(talk.calls[2], r#"add_task {"due":"tomorrow","title":"Bread"}"#);
    assert!(talk.say("move them to friday").contains("'Milk', 'Eggs' and 'Bread' are now due day friday."));
    assert_eq!(talk.calls[3], r#"update_task {"due":"friday","task_id":[1,2,3]}"#);
}

/// Asserts the look that a question makes, and how its answer begins.
#[track_caller]
pub(super) fn looks(user: &str, arguments: &str, answer: &str) {
    expect(&[], user, &[&format!("list_tasks {arguments}")], answer);
}

#[test]
fn days_are_asked_for_in_many_ways() {
    let today = r#"{"due":"today"}"#;
    for user in [
        "what's due today?",
        "What do I have to do today?",
        "what's on today",
        "anything due today?",
        "show me today's tasks",
        "tasks for today",
        "what is planned for today?",
        "show everything due today",
    ] {
        looks(user, today, "You have no open tasks due today.");
    }
    for (user, due, words) in [
        ("what's due this week?", "week", "due this week"),
        ("what does my week look like?", "week", "due this week"),
        ("anything this week?", "week", "due this week"),
        ("what is overdue?", "overdue", "overdue"),
        ("show my overdue tasks", "overdue", "overdue"),
        ("anything for tomorrow?", "tomorrow", "due tomorrow"),
        ("what about tomorrow?", "tomorrow", "due tomorrow"),
        ("what's on for Friday?", "Friday", "due Friday"),
        ("what do I have on Monday?", "on Monday", "due on Monday"),
        ("what is due next week?", "next monday..next sunday", "due next week"),
        ("what has no date?", "none", "without a date"),
        ("show tasks without a due date", "none", "without a date"),
        ("what's due on the 1st?", "on the 1st", "due on the 1st"),
    ] {
        looks(user, &json!({"due": due}).to_string(), &format!("You have no open tasks {words}."));
    }
}

#[test]
fn a_list_says_days_and_what_it_leaves_out() {
    let mut talk = SmallTalk::default();
    talk.say("add pay rent today");
    talk.say("add milk");
    assert_eq!(
        talk.say("what's due today?"),
        "You have 1 open task due today:\n- Task 1: Pay rent (due day today)"
    );
    for number in 0..60 {
        talk.run("add_task", &json!({"title": format!("Thing {number}"), "due": "today"}));
    }
    let said = talk.say("what's due today?");
    assert!(
        said.starts_with("You have 61 open tasks due today; the first 50 (11 more are not shown):"),
        "{said}"
    );
}

#[test]
fn what_was_done_is_asked_for_by_day() {
    for (user, since, words) in [
        ("what did I get done today?", "today", "today"),
        ("what did I get done yesterday?", "yesterday", "since yesterday"),
        ("What have I done today?", "today", "today"),
        ("what have I completed since Monday?", "2026-11-23", "since monday"),
        ("show what I finished this month", "2026-11-01", "this month"),
        ("What did I finish since last Saturday?", "2026-11-21", "since last saturday"),
        ("what did I finish last Friday", "2026-11-27", "since last friday"),
    ] {
        let arguments = json!({"status": "completed", "done_since": since}).to_string();
        looks(user, &arguments, &format!("You have completed no tasks {words}."));
    }
}

#[test]
fn what_was_changed_is_asked_for_by_day() {
    for (user, arguments, words) in [
        ("what did I do today?", r#"{"since":"today"}"#, " today"),
        ("What did I do this week?", r#"{"since":"this week"}"#, " this week"),
        ("what did I do yesterday", r#"{"since":"yesterday","until":"yesterday"}"#, " yesterday"),
        ("what changed today?", r#"{"since":"today"}"#, " today"),
        ("What has changed since Monday?", r#"{"since":"2026-11-23"}"#, " since monday"),
        ("show me the changes of this week", r#"{"since":"this week"}"#, " this week"),
        (
            "what did I do last week?",
            r#"{"since":"2026-11-16","until":"2026-11-22"}"#,
            " from 2026-11-16 to 2026-11-22",
        ),
        ("please tell me what happened today", r#"{"since":"today"}"#, " today"),
        ("what did I change?", "{}", ""),
    ] {
        let mut talk = SmallTalk::default();
        assert_eq!(talk.say(user), format!("Nothing was changed{words}."), "{user}");
        assert_eq!(talk.calls, [format!("list_changes {arguments}")], "{user}");
    }
}

#[test]
fn what_was_changed_is_said_line_by_line() {
    let changes = vec![
        json!({"at": "2026-11-28 08:10", "kind": "completed", "task_id": 2, "title": "Milk"}),
        json!({"at": "2026-11-28 08:05", "kind": "updated", "task_id": 1, "title": "Rye bread",
               "details": "was called 'Bread'"}),
    ];
    let mut talk = SmallTalk { changes, ..SmallTalk::default() };
    assert_eq!(
        talk.say("what did I do today?"),
        "These are 2 changes today:\n- 2026-11-28 08:10: completed 'Milk'\n\
         - 2026-11-28 08:05: changed 'Rye bread' (was called 'Bread')"
    );
}

#[test]
fn tasks_are_moved_to_another_day() {
    let moved = r#"update_task {"due":"Monday","task_id":1}"#;
    for user in [
        "move task 1 to Monday",
        "postpone task 1 until Monday",
        "reschedule task 1 for Monday",
        "set the due date of task 1 to Monday",
        "task 1 is due Monday",
        "make task 1 due Monday",
        "put off task 1 till Monday",
        "Could you push task 1 to Monday, please?",
    ] {
        expect(&["Dentist"], user, &[moved], "'Dentist' is now due day Monday.");
    }
    let looked = ["list_tasks {}", r#"update_task {"due":"next week","task_id":1}"#];
    expect(&["Dentist"], "postpone the dentist to next week", &looked, "'Dentist' is now due day next week.");
    let looked = ["list_tasks {}", r#"update_task {"due":"on the 1st","task_id":1}"#];
    expect(&["Pay the rent"], "the rent is due on the 1st", &looked, "due day on the 1st");
    let cleared = r#"update_task {"due":null,"task_id":2}"#;
    for user in [
        "remove the date of task 2",
        "clear the due date from task 2",
        "task 2 has no deadline",
        "no date for task 2",
    ] {
        expect(&["Milk", "Dentist"], user, &[cleared], "'Dentist' has no date any more.");
    }
    let mut talk = SmallTalk::default();
    talk.say("add dentist tomorrow");
    assert_eq!(talk.say("make it friday"), "'Dentist' is now due day friday.");
    assert_eq!(talk.say("move it to monday at 9"), "'Dentist' is now due day monday at 9.");
    assert_eq!(talk.say("The dentist is on your nerves"), super::super::reply_text::NOT_UNDERSTOOD);
}

#[test]
fn a_task_is_put_off_from_its_own_date() {
    let mut talk = SmallTalk::with(&["Milk"]);
    talk.run("add_task", &json!({"title": "Dentist", "due": "2026-12-03T14:30"}));
    assert_eq!(talk.say("postpone the dentist by a week"), "'Dentist' is now due day 2026-12-10T14:30.");
    assert_eq!(talk.say("push task 2 back 2 days"), "'Dentist' is now due day 2026-12-12T14:30.");
    assert_eq!(talk.say("postpone the milk by a week"), "'Milk' is now due day in 1 week.");
}

#[test]
fn everything_is_moved_at_once() {
    let mut talk = SmallTalk::taking_many(&[]);
    for sentence in ["add ants today", "add bees", "add cats today"] {
        talk.say(sentence);
    }
    talk.calls.clear();
    talk.say("move everything due today to tomorrow");
    assert_eq!(
        talk.calls,
        [r#"list_tasks {"due":"today"}"#, r#"update_task {"due":"tomorrow","task_id":[3,1]}"#]
    );
    talk.calls.clear();
    assert_eq!(talk.say("move everything to friday"), "'Ants', 'Bees' and 'Cats' are now due day friday.");
    assert_eq!(
        talk.calls,
        [r#"list_tasks {"status":"pending"}"#, r#"update_task {"due":"friday","task_id":[1,2,3]}"#]
    );
    assert_eq!(talk.say("move the overdue tasks to today"), "You have no open tasks overdue.");
    assert_eq!(
        talk.say("mark everything due friday as done"),
        "I've marked 'Cats', 'Bees' and 'Ants' as done."
    );
    assert_eq!(talk.say("move today's tasks to tomorrow"), "You have no open tasks due today.");
}

#[test]
fn them_are_the_tasks_that_were_shown_last() {
    let mut talk = SmallTalk::default();
    for sentence in ["add ants today", "add bees", "add cats today", "what's due today?"] {
        talk.say(sentence);
    }
    assert_eq!(talk.say("move the second one to friday"), "'Ants' is now due day friday.");
    talk.say("show my tasks");
    talk.say("what has no date?");
    assert_eq!(talk.say("mark them as done"), "I've marked 'Bees' as done.");
    talk.say("what's due today?");
    talk.say("show my tasks");
    assert_eq!(talk.say("move them to monday"), "'Cats', 'Bees' and 'Ants' are now due day monday.");
}

#[test]
fn tasks_that_come_back_are_moved_skipped_and_stopped() {
    let mut talk = SmallTalk::with(&["Stand-up"]);
    assert_eq!(talk.say("repeat task 1 every weekday"), "'Stand-up' now repeats every weekday.");
    assert_eq!(talk.say("make it repeat every 2 days"), "'Stand-up' now repeats every 2 days.");
    assert_eq!(talk.say("I finished the stand-up"), "I've marked 'Stand-up' as done; next on the next day.");
    for user in ["skip this one", "skip the stand-up this time", "skip it today", "skip task 1"] {
        assert_eq!(talk.say(user), "I've skipped 'Stand-up' this time; next on day next.", "{user}");
        assert_eq!(talk.calls.last().unwrap(), r#"update_task {"skip":true,"task_id":1}"#, "{user}");
    }
    for user in ["stop repeating task 1", "don't repeat it anymore", "task 1 should not repeat"] {
        assert_eq!(talk.say(user), "'Stand-up' no longer repeats, due day next.", "{user}");
        assert_eq!(talk.calls.last().unwrap(), r#"update_task {"repeat":null,"task_id":1}"#, "{user}");
    }
}

#[test]
fn a_time_is_changed_or_removed_on_its_own_date() {
    let timed = || {
        let mut talk = SmallTalk::taking_many(&["Milk"]);
        talk.run("add_task", &json!({"title": "Dentist", "due": "2026-12-03T14:30"}));
        talk
    };
    for (user, due) in [
        ("Remove the time from the dentist", "2026-12-03 all day"),
        ("remove the time of task 2", "2026-12-03 all day"),
        ("make the dentist all day", "2026-12-03 all day"),
        ("change the dentist to 5pm", "5pm"),
        ("change the time of the dentist to 5pm", "5pm"),
        ("move task 2 to 4:45pm", "4:45pm"),
        ("change the dentist to 16:45", "16:45"),
        ("the dentist is due at 9 am", "at 9 am"),
        ("Postpone everything by a week", "2026-12-10T14:30"),
        ("move everything to 5pm", "5pm"),
    ] {
        let mut talk = timed();
        let said = talk.say(user);
        let changed = json!({"due": due, "task_id": 2}).to_string();
        talk.calls.retain(|call| !call.starts_with("list_tasks"));
        assert_eq!(talk.calls, [format!("update_task {changed}")], "{user} → {said}");
    }
    assert_eq!(timed().say("remove the time from the milk"), "There is no time of day to remove.");
    let mut undated = SmallTalk::with(&["Milk", "Bread"]);
    assert_eq!(undated.say("postpone everything by a week"), "None of these tasks has a date.");
}

#[test]
fn who_needs_a_date_loses_none() {
    for user in [
        "Task 1 needs a deadline",
        "task 1 has a deadline",
        "task 1 should have a date",
        "The dentist has a deadline",
        "the dentist needs any date",
    ] {
        let mut talk = SmallTalk::with(&["Dentist"]);
        talk.say(user);
        assert!(!talk.calls.iter().any(|call| call.starts_with("update_task")), "{user}: {:?}", talk.calls);
    }
    let cleared = r#"update_task {"due":null,"task_id":1}"#;
    for user in ["task 1 doesn't need a date", "task 1 needs no deadline", "task 1 does not have a due date"]
    {
        expect(&["Dentist"], user, &[cleared], "'Dentist' has no date any more.");
    }
}
