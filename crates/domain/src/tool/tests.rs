use chrono::DateTime;
use serde_json::from_value;

use super::*;
use crate::{
    due::DueRange,
    message::ExecutedCall,
    priority::Priority,
    tags::Tags,
    testing::sample_todo,
    time_zone::{TimeZone, WeekStart},
    todo::{TaskNumber, TodoDescription, TodoTitle},
    todo_command::{NewTodo, RequestedRepeat, TaskChange, TodoChange, TodoPatch},
    todo_filter::{StatusFilter, TodoFilter, TodoOrder, TodoPage},
    todo_outcome::Effect,
};

mod days;
mod task_fields;

fn decoded(name: &str, arguments: Value) -> Result<TodoCommand, ToolError> {
    decode(name, from_value(arguments).unwrap(), now())
}

/// Friday, 27 November 2026, 10:00 in Berlin.
fn now() -> PersonalTime {
    let zone = TimeZone::parse("Europe/Berlin").unwrap();
    let local = LocalNow { zone, now: "2026-11-27T09:00:00Z".parse().unwrap() };
    PersonalTime { local, week_start: WeekStart::Monday }
}

fn title(text: &str) -> TodoTitle {
    TodoTitle::parse(text).unwrap()
}

fn list(status: StatusFilter, search: Option<&str>, limit: i64) -> TodoCommand {
    TodoCommand::List(TodoFilter {
        status,
        search: search.map(str::to_owned),
        order: if search.is_some() { TodoOrder::BestMatch } else { TodoOrder::Newest },
        limit,
        counts: true,
        ..TodoFilter::default()
    })
}

fn update(number: i64, patch: TodoPatch) -> TodoCommand {
    TodoCommand::Change(TodoChange::Update(TaskNumber(number), patch))
}

fn todo(number: i64, title: &str, description: &str) -> Todo {
    let at = DateTime::from_timestamp(1_795_176_000, 0).unwrap();
    let description = TodoDescription::parse(description).unwrap();
    Todo { description, created_at: at, updated_at: at, ..sample_todo(number, title) }
}

/// Every member of a schema is read, and what it requires is required.
#[test]
fn what_a_schema_promises_is_what_is_read() {
    for tool in TOOLS {
        let schema = tool.schema();
        let properties = schema["properties"].as_object().unwrap();
        let sample = |name: &str, property: &Value| match (name, &property["type"]) {
            ("due" | "done_since" | "since" | "until", _) => json!("tomorrow"),
            ("repeat", _) => json!("every day"),
            (_, kind) if kind == "array" => json!(["home"]),
            (_, kind) if kind == "integer" => json!(3),
            ("parent", _) => json!(3),
            ("skip", _) => json!(true),
            (_, kind) if kind == "boolean" => json!(false),
            _ => property["enum"].get(1).cloned().unwrap_or(json!("Milk")),
        };
        let all: Map<String, Value> =
            properties.iter().map(|(name, property)| (name.clone(), sample(name, property))).collect();
        let whole = decode(tool.name, all.clone(), now()).unwrap();
        let mut required: Vec<_> =
            schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap()).collect();
        // A turn puts numbers in the place of a `ref` before it decodes a call.
        required.extend(is_about_a_task(tool.name).then_some("task_id"));
        for name in properties.keys().filter(|name| *name != "ref") {
            let mut without = all.clone();
            without.remove(name);
            match decode(tool.name, without, now()) {
                Ok(less) => {
                    assert!(!required.contains(&name.as_str()), "{} needs {name}", tool.name);
                    assert_ne!(less, whole, "{} reads {name}", tool.name);
                }
                Err(error) => {
                    assert!(required.contains(&name.as_str()), "{} without {name}: {error:?}", tool.name);
                }
            }
        }
    }
}

#[test]
fn arguments_that_are_nearly_right_are_understood() {
    let done =
        |number, completed| update(number, TodoPatch { completed: Some(completed), ..TodoPatch::default() });
    let list = |status| TodoCommand::List(TodoFilter { status, counts: true, ..TodoFilter::default() });
    for (name, arguments, expected) in [
        ("complete_task", json!({"task_id": "3"}), done(3, true)),
        ("complete_task", json!({"id": "#3", "completed": "false"}), done(3, false)),
        ("complete_task", json!({"task": "Task 3", "completed": "yes"}), done(3, true)),
        ("complete_task", json!({"task_number": 3.0, "completed": null}), done(3, true)),
        (
            "delete_task",
            json!({"number": " 3 "}),
            TodoCommand::Change(TodoChange::Delete(TaskNumber(3), None)),
        ),
        ("list_tasks", json!({"status": "Open", "limit": "50"}), list(StatusFilter::Pending)),
        ("list_tasks", json!({"status": "done", "limit": null}), list(StatusFilter::Completed)),
        ("list_tasks", json!({"status": null}), list(StatusFilter::All)),
        (
            "add_task",
            json!({"task": "Milk", "notes": "two"}),
            TodoCommand::Change(TodoChange::Add(NewTodo {
                description: TodoDescription::parse("two").unwrap(),
                ..NewTodo::titled(title("Milk"))
            })),
        ),
    ] {
        assert_eq!(decoded(name, arguments.clone()), Ok(expected), "{name} {arguments}");
    }
}

#[test]
fn an_error_says_what_to_send_instead() {
    // The others take any arguments.
    let takes_any = ["list_tasks", "list_changes", "undo_last"];
    for tool in TOOLS.iter().filter(|tool| !takes_any.contains(&tool.name)) {
        let error = decoded(tool.name, json!({})).unwrap_err().error;
        let (_, example) = error.split_once("Send them like this: ").unwrap();
        let example: Value = serde_json::from_str(example).unwrap();
        assert!(decoded(tool.name, example).is_ok(), "{error}");
    }
    let error = decoded("complete_task", json!({"task_id": ["Buy milk"]})).unwrap_err().error;
    assert!(error.contains("find them with list_tasks"), "{error}");
}

#[test]
fn a_title_where_the_number_belongs_stands_for_the_task() {
    let title = TodoTitle::parse("Buy milk").unwrap();
    let command = decoded("delete_task", json!({"task_id": " Buy milk "})).unwrap();
    assert_eq!(command, TodoCommand::ChangeTitled(title, TaskChange::Delete));
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
            ("delete_task", false),
            ("list_changes", true),
            ("undo_last", false)
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
        TodoCommand::Change(TodoChange::Add(NewTodo { description, ..NewTodo::titled(title(text)) }))
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
        ("add_task", json!({"title": "Milk", "description": null, "color": "red"}), add("Milk", "")),
        ("update_task", json!({"task_id": 3, "title": "Oat milk"}), update(3, renamed)),
        (
            "update_task",
            json!({"task_id": 3, "title": "Oat milk", "description": "2 l"}),
            update(3, described),
        ),
        ("update_task", json!({"task_id": 3, "description": null}), update(3, bare)),
        // An empty text is what models send for what they leave out.
        (
            "update_task",
            json!({"task_id": 3, "title": "Oat milk", "description": "", "due": ""}),
            update(3, TodoPatch { title: Some(title("Oat milk")), ..TodoPatch::default() }),
        ),
        ("add_task", json!({"title": "Milk", "due": ""}), add("Milk", "")),
        ("complete_task", json!({"task_id": 3}), update(3, done(true))),
        ("complete_task", json!({"task_id": 3, "completed": null}), update(3, done(true))),
        ("complete_task", json!({"task_id": 3, "completed": false}), update(3, done(false))),
        ("delete_task", json!({"task_id": 3}), TodoCommand::Change(TodoChange::Delete(TaskNumber(3), None))),
        (
            "delete_task",
            json!({"task_id": -3}),
            TodoCommand::Change(TodoChange::Delete(TaskNumber(-3), None)),
        ),
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
        ("list_tasks", json!({"status": "late"}), ValidationError, "all, pending or completed"),
        ("list_tasks", json!({"limit": "many"}), ValidationError, "limit must be a number"),
        ("list_tasks", json!({"limit": 1e30}), ValidationError, "limit must be a number"),
        ("list_changes", json!({"task_id": "milk"}), ValidationError, "task_id must be a task's number"),
        ("complete_task", json!({"task_id": 1, "completed": "maybe"}), ValidationError, "completed must be"),
        (
            "update_task",
            json!({"task_id": 1, "skip": "maybe"}),
            ValidationError,
            "skip must be true or false",
        ),
        ("list_tasks", json!({"search": "a\u{0}b"}), ValidationError, "search"),
        ("add_task", json!({}), ValidationError, "title"),
        ("add_task", json!({"title": " "}), ValidationError, "must not be empty"),
        ("add_task", json!({"title": null}), ValidationError, "string"),
        ("add_task", json!({"title": long[..256]}), ValidationError, "at most 255"),
        ("add_task", json!({"title": "a\u{0}b"}), ValidationError, "U+0000"),
        ("add_task", json!({"title": "Milk", "description": long}), ValidationError, "at most 2000"),
        ("add_task", json!({"title": ["Milk"]}), ValidationError, "string"),
        ("update_task", json!({"title": "Milk"}), ValidationError, "task_id"),
        ("update_task", json!({"task_id": 3}), ValidationError, "shall change"),
        ("update_task", json!({"task_id": 3, "completed": true}), ValidationError, "shall change"),
        ("update_task", json!({"task_id": 3, "title": ""}), ValidationError, "shall change"),
        ("update_task", json!({"task_id": 3, "description": ""}), ValidationError, "shall change"),
        (
            "add_task",
            json!({"title": "Milk", "due": "2026-11-27T09:00+01:00"}),
            ValidationError,
            "without an offset",
        ),
        ("add_task", json!({"title": "Milk", "due": "2026-02-30"}), ValidationError, "2026-11-27"),
        ("add_task", json!({"title": "Milk", "due": "some day"}), ValidationError, "tomorrow"),
        ("add_task", json!({"title": "Milk", "due": 5}), ValidationError, "string"),
        ("list_tasks", json!({"due": "soon"}), ValidationError, "tomorrow"),
        ("list_tasks", json!({"done_since": "once"}), ValidationError, "done_since must be a day"),
        ("complete_task", json!({"task_id": ""}), ValidationError, "task's number"),
        ("complete_task", json!({"task_id": 3, "completed": "perhaps"}), ValidationError, "true or false"),
        ("delete_task", json!({"task_id": 3.5}), ValidationError, "task's number"),
        ("delete_task", json!({"task_id": 9_223_372_036_854_775_808_u64}), ValidationError, "task's number"),
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
        let error = decoded(name, arguments.clone()).unwrap_err();
        assert_eq!(error.code, code, "{name} {arguments}");
        assert!(error.error.contains(hint), "{name} {arguments}: {}", error.error);
    }
}

#[test]
fn results_have_the_shape_of_the_contract() {
    let task = json!({
        "id": 3, "title": "Milk", "description": null, "completed": false,
        "created_at": "2026-11-20T12:00:00Z", "updated_at": "2026-11-20T12:00:00Z",
        "version": todo(3, "Milk", "").revision
    });
    let one = to_json(&TodoOutcome::Changed(Effect::Added(todo(3, "Milk", ""))), now().local);
    assert_eq!(one, json!({"success": true, "task": task}));
    let todos = vec![todo(4, "Bread", "dark"), todo(3, "Milk", "")];
    let many = to_json(&TodoOutcome::Listed(TodoPage { todos, total: Some(7), more: true }), now().local);
    let mut bread = task.clone();
    (bread["id"], bread["title"], bread["description"]) = (json!(4), json!("Bread"), json!("dark"));
    assert_eq!(many, json!({"success": true, "tasks": [bread, task], "total": 7}));
    let none =
        to_json(&TodoOutcome::Listed(TodoPage { todos: vec![], total: Some(0), more: false }), now().local);
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
    let result =
        to_json(&TodoOutcome::Listed(TodoPage { todos, total: Some(total), more: false }), now().local);
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

fn any_json() -> impl proptest::strategy::Strategy<Value = Value> {
    use proptest::prelude::*;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        "\\PC{0,20}".prop_map(Value::from),
        "[0-9]{1,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,12}", inner, 0..4).prop_map(|members| json!(members)),
        ]
    })
}

proptest::proptest! {
    /// Whatever a model makes up for arguments is a command within the rules or a sentence for it.
    #[test]
    fn any_arguments_are_a_command_or_an_error_in_words(
        name in proptest::sample::select(vec!["add_task", "list_tasks", "update_task", "complete_task", "delete_task"]),
        member in proptest::sample::select(vec!["title", "description", "task_id", "id", "status", "completed"]),
        one in any_json(),
        other in any_json(),
    ) {
        let mut arguments = serde_json::Map::new();
        arguments.insert(member.to_owned(), one);
        arguments.insert("task_id".to_owned(), other);
        match decode(name, arguments, now()) {
            Ok(TodoCommand::List(filter)) => proptest::prop_assert!(filter.limit > 0),
            Ok(_) => {}
            Err(error) => proptest::prop_assert!(!error_to_json(&error).to_string().is_empty()),
        }
    }
}
