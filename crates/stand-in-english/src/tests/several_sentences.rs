//! Where a new task's title ends and the next sentence begins.

use super::expect;

const MILK: &str = r#"add_task {"title":"Milk"}"#;

#[test]
fn a_title_ends_where_its_sentence_does() {
    let tasks = ["Bread", "Rent", "Report"];
    for (user, next) in [
        ("Add milk. Delete the bread.", r#"delete_task {"task_id":1}"#),
        ("Add milk! Delete the bread", r#"delete_task {"task_id":1}"#),
        ("Add milk; remove the bread", r#"delete_task {"task_id":1}"#),
        ("Add milk\nDelete the bread", r#"delete_task {"task_id":1}"#),
        ("Add milk. I finished the report.", r#"complete_task {"task_id":3}"#),
        ("Add milk, then complete the rent", r#"complete_task {"task_id":2}"#),
        ("Add milk and then complete the rent", r#"complete_task {"task_id":2}"#),
        ("Add milk then complete the rent", r#"complete_task {"task_id":2}"#),
        ("Add milk. Move the report to Friday.", r#"update_task {"due":"Friday","task_id":3}"#),
    ] {
        expect(&tasks, user, &[MILK, "list_tasks {}", next], "I've added 'Milk'");
    }
    expect(&tasks, "Add milk. Undo.", &[], "All right, I leave everything as it is.");
}

#[test]
fn what_is_no_end_of_a_sentence_stays_in_the_title() {
    for (user, title) in [
        ("Add a task to sort and delete old files", "Sort and delete old files"),
        ("Add sort, delete old files", "Sort, delete old files"),
        ("Add a task to call Dr. Smith", "Call Dr. Smith"),
        ("Add \"Milk. Delete the bread\"", "Milk. Delete the bread"),
    ] {
        let call = serde_json::json!({"title": title});
        expect(&["Bread"], user, &[&format!("add_task {call}")], "");
    }
    let two = [r#"add_task {"title":"Milk"}"#, r#"add_task {"title":"Finish the report"}"#];
    for user in [
        "Add the following tasks:\n- milk\n- finish the report",
        "Add the following tasks:\nmilk\nfinish the report",
        "Add these tasks:\n1. milk\n2. finish the report",
        "Add two tasks: milk; finish the report",
    ] {
        expect(&["Report"], user, &two, "I've added 'Milk' and 'Finish the report'");
    }
}
