//! Changes and deletions of tasks: what REST takes or refuses, a tool takes or refuses, and does the same.

use serde_json::{Map, Value, json};
use tests::{TestApp, User, script};

use super::titles;
use crate::mcp::{program, tool};

/// What a channel makes of a change.
#[derive(Debug, Clone, Copy, PartialEq)]
enum ChangeOutcome {
    Done,
    Invalid,
    NoSuchTask,
}

use ChangeOutcome::{Done, Invalid, NoSuchTask};

/// A task's id and, as a body of REST has it, what shall change; `null` deletes the task.
#[derive(Debug, Clone)]
struct Change {
    id: Value,
    fields: Value,
}

fn change(id: impl Into<Value>, fields: Value) -> Change {
    Change { id: id.into(), fields }
}

impl Change {
    async fn by_rest(&self, user: &User<'_>) -> ChangeOutcome {
        let path = format!("/tasks/{}", self.id.as_str().map_or(self.id.to_string(), str::to_owned));
        let answer = match &self.fields {
            Value::Null => user.own("DELETE", &path).await,
            fields => user.own("PATCH", &path).json(fields).await,
        };
        match answer.status {
            200 | 204 => Done,
            404 => NoSuchTask,
            _ => answer.expect(422).as_object().map_or(Done, |_problem| Invalid),
        }
    }

    /// The call of a tool that means the same.
    fn as_tool_call(&self) -> (&'static str, Value) {
        let mut arguments = self.fields.as_object().cloned().unwrap_or_else(Map::new);
        arguments.insert("task_id".to_owned(), self.id.clone());
        if let Some(parent) = arguments.remove("parent_id") {
            arguments.insert("parent".to_owned(), parent);
        }
        let name = match &self.fields {
            Value::Null => "delete_task",
            fields if fields.get("completed").is_some() => "complete_task",
            _ => "update_task",
        };
        (name, Value::Object(arguments))
    }

    async fn by_mcp(&self, program: &User<'_>) -> ChangeOutcome {
        let (name, arguments) = self.as_tool_call();
        let answer = tool(program, name, arguments).await.expect(200);
        tool_outcome(&answer["result"]["structuredContent"])
    }
}

/// As many of one turn as it may make without a question.
async fn by_chat(app: &TestApp, user: &User<'_>, changes: &[Change]) -> Vec<ChangeOutcome> {
    let mut outcomes = Vec::new();
    for some in changes.chunks(8) {
        let mut work = script::Reply::default();
        for change in some {
            let (name, arguments) = change.as_tool_call();
            work = work.call(name, arguments);
        }
        app.model().enqueue([work.ids(script::CallIds::Short), script::text("Have a look.")]);
        let answer = user.chat("Change these").await.expect(200);
        let calls = answer["tool_calls"].as_array().unwrap();
        outcomes.extend(calls.iter().map(|call| tool_outcome(&call["result"])));
    }
    outcomes
}

fn tool_outcome(result: &Value) -> ChangeOutcome {
    match (result["success"].as_bool(), result["code"].as_str()) {
        (Some(true), None) => Done,
        (_, Some("VALIDATION_ERROR")) => Invalid,
        (_, Some("NOT_FOUND")) => NoSuchTask,
        _ => panic!("{result}"),
    }
}

/// Every change of a list with the task before and after it, without what is another at every channel.
async fn told(user: &User<'_>) -> Vec<Value> {
    let task = |task: &Value| {
        let mut task = task.clone();
        for time in ["created_at", "updated_at", "completed_at"] {
            task.as_object_mut().map(|members| members.remove(time));
        }
        task
    };
    let (mut all, mut page) = (Vec::new(), json!({"next_before": i64::MAX}));
    while let Some(before) = page["next_before"].as_i64() {
        page = user.own("GET", &format!("/activity?limit=100&before={before}")).await.expect(200);
        let changes = page["changes"].as_array().unwrap();
        all.extend(changes.iter().map(|change| {
            json!([change["kind"], change["task_id"], task(&change["before"]), task(&change["after"])])
        }));
    }
    all
}

/// Three people with the same list, the third with a program of theirs.
struct Channels<'a> {
    app: &'a TestApp,
    rest: User<'a>,
    chat: User<'a>,
    mcp: User<'a>,
    program: User<'a>,
}

impl<'a> Channels<'a> {
    async fn with_tasks(app: &'a TestApp, titles: &[&str]) -> Self {
        let (rest, chat, mcp) =
            (app.user("by-rest").await, app.user("by-chat").await, app.user("by-mcp").await);
        for user in [&rest, &chat, &mcp] {
            for title in titles {
                user.add_task(title).await.expect(201);
            }
        }
        let program = program(app, &mcp, &["tasks:write"]).await;
        Self { app, rest, chat, mcp, program }
    }

    async fn agree_on(&self, cases: &[(Change, ChangeOutcome)]) {
        let changes: Vec<_> = cases.iter().map(|(change, _)| change.clone()).collect();
        let by_chat = by_chat(self.app, &self.chat, &changes).await;
        assert_eq!(by_chat.len(), cases.len());
        for ((change, expected), by_chat) in cases.iter().zip(by_chat) {
            let outcomes = [change.by_rest(&self.rest).await, change.by_mcp(&self.program).await, by_chat];
            assert_eq!(outcomes, [*expected; 3], "{change:?}");
        }
        let by_rest = told(&self.rest).await;
        assert_eq!(by_rest, told(&self.chat).await);
        assert_eq!(by_rest, told(&self.mcp).await);
    }
}

#[tokio::test]
async fn another_title_is_good_or_bad_alike_on_every_channel() {
    let app = TestApp::start().await;
    let channels = Channels::with_tasks(&app, &["one"]).await;
    let titles = titles().into_iter().filter(|(title, _)| !title.contains('\0') && title != "null");
    let of = |(title, is_good)| (change(1, json!({ "title": title })), if is_good { Done } else { Invalid });
    let mut cases: Vec<_> = titles.map(of).collect();
    cases.extend([json!(5), json!(true), json!(["x"]), json!({})].map(|title| {
        let fields = json!({ "title": title });
        (change(1, fields), Invalid)
    }));
    channels.agree_on(&cases).await;
}

fn changes_of_details() -> Vec<(Change, ChangeOutcome)> {
    let tags = |count| (0..count).map(|number| format!("tag{number}")).collect::<Vec<_>>();
    let of = |(fields, outcome)| (change(1, fields), outcome);
    [
        (json!({"description": " two litres "}), Done),
        (json!({"description": "x".repeat(2000)}), Done),
        (json!({"description": "x".repeat(2001)}), Invalid),
        (json!({"description": "\u{1f4a9}".repeat(2000)}), Done),
        (json!({"description": "\u{1f4a9}".repeat(2001)}), Invalid),
        (json!({"description": 5}), Invalid),
        (json!({"description": ["x"]}), Invalid),
        (json!({"description": null}), Done),
        (json!({"due": "2031-12-24"}), Done),
        (json!({"due": "2032-02-29"}), Done),
        (json!({"due": "2031-12-24T09:30"}), Done),
        (json!({"due": "2031-02-29"}), Invalid),
        (json!({"due": "2031-13-01"}), Invalid),
        (json!({"due": "some day or other"}), Invalid),
        (json!({"due": ""}), Invalid),
        (json!({"due": 5}), Invalid),
        (json!({"due": null}), Done),
        (json!({"priority": "low"}), Done),
        (json!({"priority": "high"}), Done),
        (json!({"priority": "none"}), Done),
        (json!({"priority": "whatever"}), Invalid),
        (json!({"priority": 3}), Invalid),
        (json!({"priority": null}), Invalid),
        (json!({"tags": ["Home", "home"]}), Done),
        (json!({"tags": tags(10)}), Done),
        (json!({"tags": tags(11)}), Invalid),
        (json!({"tags": ["x".repeat(41)]}), Invalid),
        (json!({"tags": ["a, b"]}), Invalid),
        (json!({"tags": [""]}), Invalid),
        (json!({"tags": [5]}), Invalid),
        (json!({"tags": null}), Invalid),
        (json!({"tags": []}), Done),
        (json!({"repeat": "FREQ=WEEKLY;BYDAY=MO", "due": "2031-12-22"}), Done),
        (json!({"skip": true}), Done),
        (json!({"skip": 5}), Invalid),
        (json!({"skip": false}), Invalid),
        (json!({"repeat": "every month on the last day"}), Done),
        (json!({"repeat": "FREQ=NEVER"}), Invalid),
        (json!({"repeat": "now and then"}), Invalid),
        (json!({"repeat": 5}), Invalid),
        (json!({"repeat": null}), Done),
        (json!({"skip": true}), Invalid),
        (json!({}), Invalid),
        (json!({"unknown": 1}), Invalid),
        (json!({"title": "three", "priority": "whatever"}), Invalid),
        (json!({"title": "three", "priority": "medium", "description": "at once"}), Done),
    ]
    .map(of)
    .into()
}

#[tokio::test]
async fn other_details_are_good_or_bad_alike_on_every_channel() {
    let app = TestApp::start().await;
    let channels = Channels::with_tasks(&app, &["one"]).await;
    channels.agree_on(&changes_of_details()).await;
}

#[tokio::test]
async fn subtasks_completions_and_deletions_are_good_or_bad_alike_on_every_channel() {
    let app = TestApp::start().await;
    let channels = Channels::with_tasks(&app, &["one", "two", "three", "four"]).await;
    let under = |parent: Value| json!({ "parent_id": parent });
    let completed = |value: Value| json!({ "completed": value });
    let delete = |id: i64| change(id, Value::Null);
    let mut cases = vec![
        (change(2, under(json!(1))), Done),
        (change(2, under(json!(2))), Invalid),
        (change(2, under(json!(99))), Invalid),
        (change(2, under(json!(-1))), Invalid),
        (change(2, under(json!(1.5))), Invalid),
        (change(2, under(json!("task"))), Invalid),
        (change(1, under(json!(3))), Invalid),
        (change(3, under(json!(2))), Invalid),
        (change(4, under(json!(1))), Done),
        (change(4, under(json!(null))), Done),
        (change(1, completed(json!(true))), Done),
        (change(1, completed(json!(true))), Done),
        (change(1, completed(json!(false))), Done),
        (change(1, completed(json!("perhaps"))), Invalid),
        (change(1, completed(json!(5))), Invalid),
        (change(1, completed(json!([]))), Invalid),
        (delete(3), Done),
        (delete(3), NoSuchTask),
        (change(3, json!({"title": "gone"})), NoSuchTask),
        (change(3, completed(json!(true))), NoSuchTask),
        // What stood under it stands under none.
        (delete(1), Done),
    ];
    for id in [json!(99), json!(0), json!(-1), json!(i64::MAX), json!("seven")] {
        cases.extend([
            (change(id.clone(), json!({"title": "x"})), NoSuchTask),
            (change(id.clone(), completed(json!(true))), NoSuchTask),
            (change(id, Value::Null), NoSuchTask),
        ]);
    }
    channels.agree_on(&cases).await;
    assert_eq!(channels.rest.titles().await, ["two", "four"]);
}

/// A program in no model's hand says what it means. A model fills in what it was not asked for, and days are
/// words to it: a tool reads what can only mean one thing.
#[tokio::test]
async fn what_only_models_write_is_read_by_the_tools_alone() {
    let app = TestApp::start().await;
    let channels = Channels::with_tasks(&app, &["one", "two"]).await;
    let cases = [
        (json!({"title": "null"}), Done, Invalid),
        (json!({"description": ""}), Done, Invalid),
        (json!({"due": "tomorrow"}), Invalid, Done),
        (json!({"tags": "home, garden"}), Invalid, Done),
        (json!({"parent_id": "2"}), Invalid, Done),
        (json!({"completed": "yes"}), Invalid, Done),
        (json!({"completed": null}), Invalid, Done),
    ];
    let changes: Vec<_> = cases.iter().map(|(fields, ..)| change(1, fields.clone())).collect();
    let by_chat = by_chat(&app, &channels.chat, &changes).await;
    for (((fields, by_rest, by_tool), change), by_chat) in cases.iter().zip(changes).zip(by_chat) {
        assert_eq!(change.by_rest(&channels.rest).await, *by_rest, "{fields}");
        assert_eq!([change.by_mcp(&channels.program).await, by_chat], [*by_tool; 2], "{fields}");
    }
}

/// U+0000 from a person is refused: they can be asked. A model's, by whatever program it runs, is replaced.
#[tokio::test]
async fn a_nul_in_a_change_is_refused_by_rest_and_replaced_by_the_tools() {
    let app = TestApp::start().await;
    let channels = Channels::with_tasks(&app, &["one"]).await;
    let changes = [
        change(1, json!({"title": "a\u{0}b"})),
        change(1, json!({"description": "\u{0}"})),
        change(1, json!({"tags": ["x\u{0}"]})),
    ];
    for change in &changes {
        assert_eq!(change.by_rest(&channels.rest).await, Invalid, "{change:?}");
        assert_eq!(change.by_mcp(&channels.program).await, Done, "{change:?}");
    }
    assert_eq!(by_chat(&app, &channels.chat, &changes).await, [Done; 3]);
    let stored = async |user: &User<'_>| {
        let task = user.task(1).await.expect(200);
        json!([task["title"], task["description"], task["tags"]])
    };
    assert_eq!(stored(&channels.rest).await, json!(["one", null, []]));
    for user in [&channels.chat, &channels.mcp] {
        assert_eq!(stored(user).await, json!(["a\u{fffd}b", "\u{fffd}", ["x\u{fffd}"]]));
    }
}
