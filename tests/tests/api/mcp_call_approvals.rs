//! Calls that a program may not make by itself: they wait for the person, who is asked where they are signed
//! in.

use futures::future::join_all;
use serde_json::{Value, json};
use tests::{
    HttpResponse, TestApp, User,
    script::{call, text},
};

use crate::{
    approvals::decide,
    due_dates_in_chat::after,
    mcp::{done, keyed, named_program, program, refused, tool},
    task_fields_and_if_match::today,
};

/// How many hours its clocks are ahead of UTC.
const KIRITIMATI: i64 = 14;

/// The approval that a call has come to, and its code.
#[track_caller]
fn asked(answer: &HttpResponse) -> (Value, String) {
    let (code, sentence) = refused(answer);
    let approval = answer.json["result"]["structuredContent"]["approval"].clone();
    let id = approval["id"].as_str().unwrap_or_else(|| panic!("nobody was asked: {}", answer.text));
    assert_eq!(approval["state"], "waiting");
    assert!(sentence.contains(&format!("/approvals/{id}")), "it says where: {sentence}");
    (approval, code)
}

async fn waiting(person: &User<'_>) -> Vec<Value> {
    let listed = person.own("GET", "/approvals").await.expect(200);
    listed["approvals"].as_array().unwrap().clone()
}

async fn titled(person: &User<'_>, titles: &[&str]) {
    for title in titles {
        person.add_task(title).await.expect(201);
    }
}

#[tokio::test]
async fn what_is_too_much_for_one_call_waits_and_is_done_once() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    titled(&alice, &["One", "Two", "Three", "Four", "Five"]).await;
    let program = program(&app, &alice, &["tasks:read", "tasks:write"]).await;
    let answer = tool(&program, "delete_task", json!({"task_id": [1, 2, 3, 4]})).await;
    let (approval, code) = asked(&answer);
    assert_eq!((code.as_str(), answer.header("www-authenticate")), ("APPROVAL_REQUIRED", None));
    assert_eq!(alice.titles().await.len(), 5, "nothing is done before the yes");

    let [shown] = waiting(&alice).await.try_into().unwrap_or_else(|all| panic!("{all:?}"));
    assert_eq!((&shown["id"], &shown["expires_at"]), (&approval["id"], &approval["expires_at"]));
    assert_eq!((&shown["channel"], &shown["program"]), (&json!("mcp"), &json!("my assistant")));
    assert_eq!((&shown["turn_id"], &shown["conversation_id"]), (&Value::Null, &Value::Null));
    assert_eq!(shown["sentence"], "Delete these 4 tasks: “One”, “Two”, “Three”, “Four”?");
    let hours =
        app.database().query("SELECT extract(epoch FROM expires_at - now()) > 86000 FROM approval").await;
    assert_eq!(hours, [["t"]], "it waits for a day");

    let replica = app.replica().await;
    let answers = (0..6).map(|number| {
        let call = decide(&alice, &approval, "approve");
        if number % 2 == 0 { call.at(&replica) } else { call }
    });
    let answers = join_all(answers.map(IntoFuture::into_future)).await;
    let first = answers[0].expect(200);
    assert_eq!((&first["state"], &first["result"]["success"]), (&json!("approved"), &json!(true)));
    assert!(answers.iter().all(|answer| answer.expect(200) == first), "whoever asks is told the same");
    assert_eq!(alice.titles().await, ["Five"]);
    assert_eq!(decide(&alice, &approval, "reject").await.expect(409)["code"], "approval_decided");

    let log = alice.own("GET", "/activity").await.expect(200);
    let deleted: Vec<_> =
        log["changes"].as_array().unwrap().iter().filter(|change| change["kind"] == "deleted").collect();
    assert_eq!(deleted.len(), 4, "once each: {log}");
    for change in deleted {
        let told = (&change["channel"], &change["program"], &change["turn_id"]);
        assert_eq!(told, (&json!("mcp"), &json!("my assistant"), &Value::Null));
    }
}

#[tokio::test]
async fn whatever_a_program_may_not_change_waits() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    titled(&alice, &["One", "Two"]).await;
    let reads = program(&app, &alice, &["tasks:read"]).await;
    done(&tool(&reads, "list_tasks", json!({})).await);
    let before = alice.tasks().await.expect(200);
    let asked_on = today(KIRITIMATI);
    let mut approvals = Vec::new();
    for (name, arguments, sentence) in [
        ("add_task", json!({"title": "Three", "due": "tomorrow"}), "Add “Three”?"),
        ("update_task", json!({"task_id": 1, "title": "First"}), "Change this task: “One”?"),
        ("complete_task", json!({"task_id": "two"}), "Mark this task as done: “Two”?"),
        ("undo_last", json!({}), "Undo what was done last to this task: “Two”?"),
    ] {
        let answer = tool(&reads, name, arguments).header("Time-Zone", "Pacific/Kiritimati").await;
        let (approval, code) = asked(&answer);
        assert_eq!(code, "NOT_ALLOWED", "{name}");
        let challenge = "Bearer error=\"insufficient_scope\", scope=\"tasks:write\"";
        let told = answer.header("www-authenticate").unwrap_or_default();
        assert!(told.starts_with(challenge), "and what another token could do: {told}");
        assert_eq!(waiting(&alice).await.last().unwrap()["sentence"], sentence);
        approvals.push(approval);
    }
    assert_eq!(alice.tasks().await.expect(200), before);
    let none = tool(&reads, "delete_task", json!({"task_id": 99})).await;
    assert_eq!(refused(&none).0, "NOT_FOUND", "of what is not there nobody is asked");

    decide(&alice, &approvals[1], "reject").await.expect(200);
    let added = decide(&alice, &approvals[0], "approve").await.expect(200);
    let due = added["result"]["task"]["due"].as_str().unwrap().to_owned();
    let tomorrow = [asked_on, today(KIRITIMATI)].map(|today| after(today, 1).to_string());
    assert!(tomorrow.contains(&due), "tomorrow is read where it was said: {added}");
    decide(&alice, &approvals[2], "approve").await.expect(200);
    assert_eq!(alice.titles().await, ["One", "Two", "Three"]);
    assert_eq!(alice.task(2).await.expect(200)["completed"], true);
    // That one was to take back the addition of a task that is done now.
    assert_eq!(decide(&alice, &approvals[3], "approve").await.expect(409)["code"], "approval_void");
    assert_eq!(waiting(&alice).await, [json!(null); 0]);
}

#[tokio::test]
async fn only_the_person_s_own_yes_counts() {
    let app = TestApp::start().await;
    let (alice, mallory) = (app.user("alice").await, app.user("mallory").await);
    titled(&alice, &["One"]).await;
    let reads = program(&app, &alice, &["tasks:read"]).await;
    let all = program(&app, &alice, &["tasks:read", "tasks:write", "chat"]).await;
    let (approval, _) = asked(&tool(&reads, "delete_task", json!({"task_id": 1})).await);
    assert_eq!(decide(&mallory, &approval, "approve").await.expect(404)["code"], "approval_not_found");
    assert_eq!(waiting(&mallory).await, [json!(null); 0]);
    for program in [&reads, &all] {
        let refused = decide(program, &approval, "approve").await;
        assert_eq!(refused.expect(403)["code"], "insufficient_scope", "a program is not the person");
        assert!(
            refused
                .header("www-authenticate")
                .is_some_and(|challenge| challenge.contains("insufficient_scope"))
        );
    }
    let path = format!("/approvals/{}", approval["id"].as_str().unwrap());
    let swapped = json!({"decision": "approve", "arguments": {"task_id": 2}});
    assert_eq!(alice.own("POST", &path).json(&swapped).await.expect(409)["code"], "approval_mismatch");
    app.database().query("UPDATE approval SET expires_at = now()").await;
    assert_eq!(decide(&alice, &approval, "approve").await.expect(409)["code"], "approval_expired");
    app.database().query("UPDATE approval SET expires_at = now() + interval '1 hour'").await;
    alice.update_task(1, &json!({"title": "One, after all"})).await.expect(200);
    for _ in 0..2 {
        assert_eq!(decide(&alice, &approval, "approve").await.expect(409)["code"], "approval_void");
    }
    assert_eq!(alice.titles().await, ["One, after all"]);
    let changed = app.database().query("SELECT count(*) FROM todo_change WHERE door = 'mcp'").await;
    assert_eq!(changed, [["0"]]);
}

#[tokio::test]
async fn a_program_asks_once_and_learns_under_its_key_what_came_of_it() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let reads = program(&app, &alice, &["tasks:read"]).await;
    let add = |key: &'static str| keyed(&reads, key, "add_task", json!({"title": "Milk"}));
    let (approval, _) = asked(&add("k1").await);
    let replica = app.replica().await;
    let again = add("k1").at(&replica).await;
    assert_eq!(asked(&again).0, approval);
    assert_eq!(again.json["result"]["_meta"]["todo-ai-chatbot/replayed"], true);
    assert_eq!(asked(&add("k2").await).0["id"], approval["id"], "the same call is the same question");
    assert_eq!(asked(&tool(&reads, "add_task", json!({"title": "Milk"})).await).0["id"], approval["id"]);
    assert_eq!(waiting(&alice).await.len(), 1);
    decide(&alice, &approval, "approve").await.expect(200);
    for key in ["k1", "k2"] {
        let told = add(key).await;
        let result = &told.expect(200)["result"]["structuredContent"];
        assert_eq!((&result["success"], &result["task"]["title"]), (&json!(true), &json!("Milk")));
        assert_eq!(result["approval"]["state"], "approved");
    }
    assert_eq!(alice.titles().await, ["Milk"]);
    let (other, _) = asked(&add("k3").await);
    assert_ne!(other["id"], approval["id"], "another key is another wish");
    decide(&alice, &other, "reject").await.expect(200);
    assert_eq!(refused(&add("k3").await).0, "NOT_APPROVED");
    assert_eq!(alice.titles().await, ["Milk"]);
}

#[tokio::test]
async fn a_program_cannot_flood_the_person_with_questions() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let reads = program(&app, &alice, &["tasks:read"]).await;
    let replica = app.replica().await;
    let ask = |number: i32| tool(&reads, "add_task", json!({"title": format!("Task {number}")}));
    let calls = (0..30).map(|number| if number % 2 == 0 { ask(number) } else { ask(number).at(&replica) });
    let answers = join_all(calls.map(IntoFuture::into_future)).await;
    let told: Vec<_> = answers.iter().map(|answer| refused(answer).0).collect();
    let count = |code: &str| told.iter().filter(|told| *told == code).count();
    assert_eq!((count("NOT_ALLOWED"), count("LIMIT")), (20, 10), "{told:?}");
    let waiting = waiting(&alice).await;
    assert_eq!(waiting.len(), 20);
    decide(&alice, &waiting[0], "reject").await.expect(200);
    asked(&ask(31).await);
}

#[tokio::test]
async fn a_question_outlives_its_token_and_names_it() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let reads = program(&app, &alice, &["tasks:read"]).await;
    let (approval, _) = asked(&tool(&reads, "add_task", json!({"title": "Milk"})).await);
    let tokens = alice.own("GET", "/tokens").await.expect(200);
    let id = tokens["tokens"][0]["id"].as_str().unwrap();
    alice.own("DELETE", &format!("/tokens/{id}")).await.expect(204);
    tool(&reads, "add_task", json!({"title": "Milk"})).await.expect(401);
    assert_eq!(waiting(&alice).await[0]["program"], "my assistant");
    let approved = decide(&alice, &approval, "approve").await.expect(200);
    assert_eq!(
        (&approved["program"], &approved["result"]["success"]),
        (&json!("my assistant"), &json!(true))
    );
    let log = alice.own("GET", "/activity").await.expect(200);
    assert_eq!(log["changes"][0]["program"], "my assistant");
    // An import brings it along.
    let file = alice.own("GET", "/export").await.expect(200);
    let bob = app.user("bob").await;
    bob.own("POST", "/import").json(&file).await.expect(200);
    let log = bob.own("GET", "/activity").await.expect(200);
    assert_eq!(log["changes"][0]["program"], "my assistant");
}

#[tokio::test]
async fn when_the_answer_to_a_yes_is_lost_it_has_its_effect_once() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    titled(&alice, &["One"]).await;
    let reads = program(&app, &alice, &["tasks:read"]).await;
    let (approval, _) = asked(&tool(&reads, "delete_task", json!({"task_id": 1})).await);
    app.restart().await;
    let alice = alice.sign_in().await.expect(200);
    let alice = User::of(&app, &alice, String::new());
    let first = decide(&alice, &approval, "approve").await.expect(200);
    app.restart().await;
    assert_eq!(decide(&alice, &approval, "approve").await.expect(200), first);
    let deleted = app.database().query("SELECT count(*) FROM todo_change WHERE after IS NULL").await;
    assert_eq!(deleted, [["1"]]);
}

#[tokio::test]
async fn an_undo_with_chat_scope_alone_waits_and_keeps_its_target() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    app.model().enqueue([call("add_task", json!({"title": "Milk"})), text("I've added 'Milk'.")]);
    let said = alice.chat("Add milk").await.expect(200);
    let chat = named_program(&app, &alice, "my chat", &["chat"]).await;
    let undo = || [call("undo_last", json!({})), text("That waits for your yes in the app.")];
    app.model().enqueue(undo());
    let asked = chat.chat("Undo that").await.expect(200);
    assert_eq!(asked["tool_calls"][0]["result"]["code"], "NOT_ALLOWED", "{asked}");
    let waiting = alice.own("GET", "/approvals").await.expect(200);
    let question = &waiting["approvals"][0];
    assert_eq!(question["arguments"], json!({"turn_id": said["turn_id"]}), "it names what it takes back");
    assert_eq!(question["sentence"], "Undo what was done last to this task: “Milk”?");
    assert_eq!((&question["program"], &question["channel"]), (&json!("my chat"), &json!("chat")));
    assert_eq!(&asked["approvals"][0], question, "what is shown of it is the same everywhere");
    alice.add_task("Bread").await.expect(201);
    let path = format!("/approvals/{}", question["id"].as_str().unwrap());
    let yes = json!({"decision": "approve"});
    let done = alice.own("POST", &path).json(&yes).await.expect(200);
    assert_eq!(done["result"]["results"][0]["kind"], "deleted", "{done}");
    assert_eq!(alice.titles().await, ["Bread"], "not what is last now");
    assert_eq!(alice.own("POST", &path).json(&yes).await.expect(200), done);
    let log = alice.own("GET", "/activity").await.expect(200);
    assert_eq!(
        (&log["changes"][0]["program"], &log["changes"][0]["channel"]),
        (&json!("my chat"), &json!("chat"))
    );

    // What was undone meanwhile is not undone again.
    app.model().enqueue(undo());
    chat.chat("Undo that").await.expect(200);
    let waiting = alice.own("GET", "/approvals").await.expect(200);
    alice.undo_change(log["changes"][1]["id"].as_i64().unwrap()).await.expect(200);
    let path = format!("/approvals/{}", waiting["approvals"][0]["id"].as_str().unwrap());
    assert_eq!(alice.own("POST", &path).json(&yes).await.expect(409)["code"], "approval_void");
    assert_eq!(alice.titles().await, [""; 0]);
}

#[tokio::test]
async fn the_log_says_which_program_it_was() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    alice.add_task("By hand").await.expect(201);
    let writes = named_program(&app, &alice, "my writer", &["tasks:write"]).await;
    let tokens = alice.own("GET", "/tokens").await.expect(200);
    let id = tokens["tokens"][0]["id"].as_str().unwrap();
    writes.add_task("By a program").await.expect(201);
    writes.update_task(1, &json!({"priority": "high"})).await.expect(200);
    let operations = json!({"operations": [{"op": "update", "id": 2, "changes": {"completed": true}}, {"op": "delete", "id": 1}]});
    writes.own("POST", "/tasks/batch").json(&operations).await.expect(200);
    let talks = named_program(&app, &alice, "my talker", &["chat", "tasks:write"]).await;
    app.model().enqueue([call("add_task", json!({"title": "By talking"})), text("I've added 'By talking'.")]);
    let said = talks.chat("Add it").await.expect(200);
    // Neither the end of the token nor that of the conversation takes the name away.
    alice.own("DELETE", &format!("/tokens/{id}")).await.expect(204);
    alice
        .own("DELETE", &format!("/conversations/{}", said["conversation_id"].as_str().unwrap()))
        .await
        .expect(204);
    let log = alice.own("GET", "/activity").await.expect(200);
    let told: Vec<_> = log["changes"].as_array().unwrap().iter().map(|change| &change["program"]).collect();
    let (writes, talks) = (json!("my writer"), json!("my talker"));
    assert_eq!(told, [&talks, &writes, &writes, &writes, &writes, &Value::Null]);
    alice.undo_change(log["changes"][0]["id"].as_i64().unwrap()).await.expect(200);
    let log = alice.own("GET", "/activity").await.expect(200);
    assert_eq!(log["changes"][0]["program"], Value::Null, "she has undone that herself");

    app.model().enqueue([call("list_changes", json!({})), text("Your program did.")]);
    let told = alice.chat("Who changed my list?").await.expect(200);
    let changes = &told["tool_calls"][0]["result"]["changes"];
    assert_eq!((&changes[0]["program"], &changes[1]["program"]), (&Value::Null, &talks), "{changes}");
}

#[tokio::test]
async fn a_yes_that_meets_a_limit_may_be_said_again() {
    let app = TestApp::everyday_with(&[("MAX_TASKS", "2")]).await;
    let alice = app.user("alice").await;
    titled(&alice, &["Milk", "Bread"]).await;
    alice.delete_task(1).await.expect(204);
    let reads = program(&app, &alice, &["tasks:read"]).await;
    let (approval, _) = asked(&tool(&reads, "undo_last", json!({})).await);
    alice.add_task("Butter").await.expect(201);
    let full = decide(&alice, &approval, "approve").await.expect(422);
    assert_eq!(full["code"], "task_quota_reached", "{full}");
    assert_eq!(waiting(&alice).await.len(), 1, "it waits on");
    alice.delete_task(3).await.expect(204);
    decide(&alice, &approval, "approve").await.expect(200);
    assert_eq!(alice.titles().await, ["Milk", "Bread"]);
}
