use chrono::DateTime;
use serde_json::from_value;

use super::*;
use crate::{
    command::{Effect, NewTodo, StatusFilter, TodoChange, TodoFilter, TodoPage, TodoPatch},
    todo::{TaskNumber, TodoDescription, TodoTitle},
};

fn schema_of(name: &str) -> Value {
    TOOLS.iter().find(|tool| tool.name == name).unwrap().schema()
}

fn decoded(name: &str, arguments: Value) -> Result<TodoCommand, ToolError> {
    decode(name, from_value(arguments).unwrap())
}

fn title(text: &str) -> TodoTitle {
    TodoTitle::parse(text).unwrap()
}

fn list(status: StatusFilter, search: Option<&str>, limit: i64) -> TodoCommand {
    TodoCommand::List(TodoFilter { status, search: search.map(str::to_owned), limit, before: None })
}

fn update(number: i64, patch: TodoPatch) -> TodoCommand {
    TodoCommand::Change(TodoChange::Update(TaskNumber(number), patch))
}

fn todo(number: i64, title: &str, description: &str) -> Todo {
    let at = DateTime::from_timestamp(1_795_176_000, 0).unwrap();
    Todo {
        number: TaskNumber(number),
        title: TodoTitle::parse(title).unwrap(),
        description: TodoDescription::parse(description).unwrap(),
        completed: false,
        created_at: at,
        updated_at: at,
    }
}

#[test]
fn the_schema_of_list_tasks() {
    let expected = json!({
        "type": "object",
        "properties": {
            "status": {
                "description": "Which tasks: \"pending\" for open ones, \"completed\" for done ones, \"all\" for both (default).",
                "anyOf": [
                    {
                        "description": "Open tasks, done tasks, or both.",
                        "oneOf": [
                            {"type": "string", "const": "all", "description": "Every task."},
                            {"type": "string", "const": "pending", "description": "Tasks that are still open."},
                            {"type": "string", "const": "completed", "description": "Tasks that are done."}
                        ]
                    },
                    {"type": "null"}
                ]
            },
            "search": {
                "description": "Only tasks whose title or description contains this text.",
                "type": ["string", "null"]
            },
            "limit": {
                "description": "The most tasks to return, 1 to 50 (default 50).",
                "type": ["integer", "null"],
                "format": "int64"
            }
        }
    });
    assert_eq!(schema_of("list_tasks"), expected);
}

#[test]
fn the_schema_of_add_task() {
    let expected = json!({
        "type": "object",
        "properties": {
            "title": {"description": "What is to be done, in a few words, 1 to 255 characters.", "type": "string"},
            "description": {"description": "Details, at most 2,000 characters.", "type": ["string", "null"]}
        },
        "required": ["title"]
    });
    assert_eq!(schema_of("add_task"), expected);
}

#[test]
fn the_schema_of_update_task() {
    let expected = json!({
        "type": "object",
        "properties": {
            "task_id": {"description": "The task's number.", "type": "integer", "format": "int64"},
            "title": {"description": "The new title, 1 to 255 characters.", "type": ["string", "null"]},
            "description": {
                "description": "The new description, at most 2,000 characters; \"\" removes it.",
                "type": ["string", "null"]
            }
        },
        "required": ["task_id"]
    });
    assert_eq!(schema_of("update_task"), expected);
}

#[test]
fn the_schema_of_complete_task() {
    let expected = json!({
        "type": "object",
        "properties": {
            "task_id": {"description": "The task's number.", "type": "integer", "format": "int64"},
            "completed": {
                "description": "true for done (default), false for open again.",
                "type": ["boolean", "null"]
            }
        },
        "required": ["task_id"]
    });
    assert_eq!(schema_of("complete_task"), expected);
}

#[test]
fn the_schema_of_delete_task() {
    let expected = json!({
        "type": "object",
        "properties": {
            "task_id": {"description": "The task's number.", "type": "integer", "format": "int64"}
        },
        "required": ["task_id"]
    });
    assert_eq!(schema_of("delete_task"), expected);
}

#[test]
fn no_tool_takes_a_user() {
    assert_eq!(
        TOOLS.map(|tool| (tool.name, tool.reads_only)),
        [
            ("list_tasks", true),
            ("add_task", false),
            ("update_task", false),
            ("complete_task", false),
            ("delete_task", false)
        ]
    );
    for tool in TOOLS {
        let schema = tool.schema().to_string();
        assert!(!schema.contains("user") && !schema.contains("$ref"), "{schema}");
        assert!(!tool.description.is_empty() && !tool.description.contains("  "), "{}", tool.name);
    }
}

#[test]
fn arguments_become_commands() {
    use StatusFilter::{All, Completed, Pending};
    let add = |text: &str, description: &str| {
        let description = TodoDescription::parse(description).unwrap();
        TodoCommand::Change(TodoChange::Add(NewTodo { title: title(text), description }))
    };
    let renamed = TodoPatch { title: Some(title("Oat milk")), ..TodoPatch::default() };
    let bare = TodoPatch { description: Some(None), ..TodoPatch::default() };
    let described =
        TodoPatch { description: Some(TodoDescription::parse("2 l").unwrap()), ..renamed.clone() };
    let done = |completed| TodoPatch { completed: Some(completed), ..TodoPatch::default() };
    let cases = [
        ("list_tasks", json!({}), list(All, None, 50)),
        ("list_tasks", json!({"status": null, "search": null, "limit": null}), list(All, None, 50)),
        ("list_tasks", json!({"status": "pending", "limit": 3}), list(Pending, None, 3)),
        ("list_tasks", json!({"status": "completed", "search": "100%"}), list(Completed, Some("100%"), 50)),
        ("list_tasks", json!({"search": " "}), list(All, None, 50)),
        ("list_tasks", json!({"limit": 9_000_000_000_000_i64}), list(All, None, 50)),
        ("list_tasks", json!({"limit": -1}), list(All, None, 1)),
        ("add_task", json!({"title": " Milk "}), add("Milk", "")),
        ("add_task", json!({"title": "Milk", "description": "2 l"}), add("Milk", "2 l")),
        ("add_task", json!({"title": "Milk", "description": ""}), add("Milk", "")),
        ("add_task", json!({"title": "Milk", "description": null, "priority": "high"}), add("Milk", "")),
        ("update_task", json!({"task_id": 3, "title": "Oat milk"}), update(3, renamed)),
        (
            "update_task",
            json!({"task_id": 3, "title": "Oat milk", "description": "2 l"}),
            update(3, described),
        ),
        ("update_task", json!({"task_id": 3, "description": ""}), update(3, bare)),
        ("complete_task", json!({"task_id": 3}), update(3, done(true))),
        ("complete_task", json!({"task_id": 3, "completed": null}), update(3, done(true))),
        ("complete_task", json!({"task_id": 3, "completed": false}), update(3, done(false))),
        ("delete_task", json!({"task_id": 3}), TodoCommand::Change(TodoChange::Delete(TaskNumber(3)))),
        ("delete_task", json!({"task_id": -3}), TodoCommand::Change(TodoChange::Delete(TaskNumber(-3)))),
    ];
    for (name, arguments, command) in cases {
        assert_eq!(decoded(name, arguments.clone()), Ok(command.clone()), "{name} {arguments}");
        // Whatever a model says about users is nothing to us.
        let mut foreign = arguments;
        foreign["user_id"] = json!("somebody else");
        assert_eq!(decoded(name, foreign.clone()), Ok(command), "{name} {foreign}");
    }
}

#[test]
fn arguments_that_break_a_rule_are_refused() {
    use ToolErrorCode::{UnknownTool, ValidationError};
    let long = "x".repeat(2001);
    let cases = [
        ("list_tasks", json!({"status": "open"}), ValidationError, "pending"),
        ("list_tasks", json!({"limit": "many"}), ValidationError, "many"),
        ("list_tasks", json!({"limit": 1e30}), ValidationError, "i64"),
        ("list_tasks", json!({"search": "a\u{0}b"}), ValidationError, "search"),
        ("add_task", json!({}), ValidationError, "title"),
        ("add_task", json!({"title": " "}), ValidationError, "must not be empty"),
        ("add_task", json!({"title": null}), ValidationError, "string"),
        ("add_task", json!({"title": long[..256]}), ValidationError, "at most 255"),
        ("add_task", json!({"title": "a\u{0}b"}), ValidationError, "U+0000"),
        ("add_task", json!({"title": "Milk", "description": long}), ValidationError, "at most 2000"),
        ("add_task", json!({"title": ["Milk"]}), ValidationError, "string"),
        ("update_task", json!({"title": "Milk"}), ValidationError, "task_id"),
        ("update_task", json!({"task_id": 3}), ValidationError, "new title"),
        ("update_task", json!({"task_id": 3, "completed": true}), ValidationError, "new title"),
        ("update_task", json!({"task_id": 3, "title": ""}), ValidationError, "must not be empty"),
        ("complete_task", json!({"task_id": "3"}), ValidationError, "i64"),
        ("complete_task", json!({"task_id": 3, "completed": "yes"}), ValidationError, "boolean"),
        ("delete_task", json!({"task_id": 3.5}), ValidationError, "i64"),
        ("delete_task", json!({"task_id": 9_223_372_036_854_775_808_u64}), ValidationError, "i64"),
        ("delete_task", json!({}), ValidationError, "task_id"),
        (
            "drop_tables",
            json!({}),
            UnknownTool,
            "list_tasks, add_task, update_task, complete_task, delete_task",
        ),
        ("", json!({}), UnknownTool, "The tools are"),
        ("ADD_TASK", json!({"title": "Milk"}), UnknownTool, "The tools are"),
    ];
    for (name, arguments, code, hint) in cases {
        let refusal = decoded(name, arguments.clone()).unwrap_err();
        assert_eq!(refusal.code, code, "{name} {arguments}");
        assert!(refusal.error.contains(hint), "{name} {arguments}: {}", refusal.error);
    }
}

#[test]
fn results_have_the_shape_of_the_contract() {
    let task = json!({
        "id": 3, "title": "Milk", "description": null, "completed": false,
        "created_at": "2026-11-20T12:00:00Z", "updated_at": "2026-11-20T12:00:00Z"
    });
    let one = to_json(&TodoOutcome::Changed(Effect::Added(todo(3, "Milk", ""))));
    assert_eq!(one, json!({"success": true, "task": task}));
    let todos = vec![todo(4, "Bread", "dark"), todo(3, "Milk", "")];
    let many = to_json(&TodoOutcome::Listed(TodoPage { todos, total: 7, more: true }));
    let mut bread = task.clone();
    (bread["id"], bread["title"], bread["description"]) = (json!(4), json!("Bread"), json!("dark"));
    assert_eq!(many, json!({"success": true, "tasks": [bread, task], "total": 7}));
    let none = to_json(&TodoOutcome::Listed(TodoPage { todos: vec![], total: 0, more: false }));
    assert_eq!(none, json!({"success": true, "tasks": [], "total": 0}));
}

#[test]
fn refusals_have_the_shape_of_the_contract() {
    let missing: ToolError = TodoError::NoSuchTask(TaskNumber(42)).into();
    let expected = json!({"success": false, "error": "There is no task 42.", "code": "NOT_FOUND"});
    assert_eq!(error_to_json(&missing), expected);
    for (code, name) in [
        (ToolErrorCode::ValidationError, "VALIDATION_ERROR"),
        (ToolErrorCode::UnknownTool, "UNKNOWN_TOOL"),
        (ToolErrorCode::Limit, "LIMIT"),
    ] {
        assert_eq!(error_to_json(&ToolError::new(code, "No."))["code"], name);
    }
}

/// How many of `todos` a result shows, and how many bytes they take there.
fn shown(todos: Vec<Todo>) -> (usize, usize) {
    let total = i64::try_from(todos.len()).unwrap();
    let result = to_json(&TodoOutcome::Listed(TodoPage { todos, total, more: false }));
    assert_eq!(result["total"], total, "the model is told of all");
    (result["tasks"].as_array().unwrap().len(), result["tasks"].to_string().len())
}

#[test]
fn a_result_holds_fifty_tasks_at_most() {
    assert_eq!(shown((0..49).map(|number| todo(number, "Milk", "")).collect()).0, 49);
    assert_eq!(shown((0..500).map(|number| todo(number, "Milk", "")).collect()).0, 50);
}

#[test]
fn a_result_holds_eight_kibibytes_at_most() {
    for text in ["x", "ü", "\"", "\n\u{1}.", "🥛"] {
        let description = text.repeat(500);
        let (count, bytes) = shown((0..50).map(|number| todo(number, "Milk", &description)).collect());
        assert!((1..20).contains(&count) && bytes <= 8 * 1024, "{count} tasks of {text:?} in {bytes} bytes");
    }
}

#[test]
fn one_task_is_always_shown() {
    let long = todo(1, &"🥛".repeat(255), &"🥛".repeat(2000));
    assert_eq!(shown(vec![long.clone(), long]).0, 1);
}
