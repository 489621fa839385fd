//! The tools of the chat for programs, by the Model Context Protocol as it goes over the wire.

use serde_json::{Value, json};
use tests::{HttpRequest, HttpResponse, TestApp, User};

pub(crate) const NEWEST: &str = "2026-07-28";
const KEY: &str = "todo-ai-chatbot/idempotency-key";

/// A program of the person's.
pub(crate) async fn program<'a>(app: &'a TestApp, owner: &User<'a>, scopes: &[&str]) -> User<'a> {
    named_program(app, owner, "my assistant", scopes).await
}

/// A program whose token has this name.
pub(crate) async fn named_program<'a>(
    app: &'a TestApp,
    owner: &User<'a>,
    name: &str,
    scopes: &[&str],
) -> User<'a> {
    let fields = json!({"name": name, "scopes": scopes, "expires_in_days": 30});
    let made = owner.own("POST", "/tokens").json(&fields).await.expect(201);
    let mut program = owner.clone();
    program.token = made["token"].as_str().unwrap().to_owned();
    // No log may hold it.
    let _never_sent = app.post("/", &json!({"token": program.token}));
    program
}

/// A message of revision 2026-07-28, which says with each request who speaks, and how.
pub(crate) fn message<'a>(
    program: &User<'a>,
    method: &str,
    mut params: Value,
    more: Value,
) -> HttpRequest<'a> {
    let mut meta = json!({
        "io.modelcontextprotocol/protocolVersion": NEWEST,
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "a test", "version": "1"}
    });
    meta.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    params["_meta"] = meta;
    let call = plain(program, &json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}))
        .header("MCP-Protocol-Version", NEWEST)
        .header("Mcp-Method", method);
    match params["name"].as_str() {
        Some(name) => call.header("Mcp-Name", name),
        None => call,
    }
}

/// A message as it is.
pub(crate) fn plain<'a>(program: &User<'a>, message: &Value) -> HttpRequest<'a> {
    program.call("POST", "/mcp").json(message).header("Accept", "application/json, text/event-stream")
}

pub(crate) fn tool<'a>(program: &User<'a>, name: &str, arguments: Value) -> HttpRequest<'a> {
    message(program, "tools/call", json!({"name": name, "arguments": arguments}), json!({}))
}

pub(crate) fn keyed<'a>(program: &User<'a>, key: &str, name: &str, arguments: Value) -> HttpRequest<'a> {
    message(program, "tools/call", json!({"name": name, "arguments": arguments}), json!({KEY: key}))
}

/// What a call that was done has come to.
#[track_caller]
pub(crate) fn done(answer: &HttpResponse) -> Value {
    let result = answer.expect(200)["result"].clone();
    assert_eq!(
        (&result["isError"], &result["resultType"]),
        (&json!(false), &json!("complete")),
        "{}",
        answer.text
    );
    let twin: Value = serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(result["structuredContent"], twin);
    twin
}

/// The code and the sentence of a call that was refused.
#[track_caller]
pub(crate) fn refused(answer: &HttpResponse) -> (String, String) {
    let result = answer.expect(200)["result"].clone();
    assert_eq!(result["isError"], true, "{}", answer.text);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let sentence = text(&result["content"][0]["text"]);
    assert_eq!(result["structuredContent"]["error"], sentence.as_str());
    (text(&result["structuredContent"]["code"]), sentence)
}

#[tokio::test]
async fn the_tools_are_those_of_the_chat_in_both_eras() {
    let app = TestApp::start().await;
    let program = program(&app, &app.user("alice").await, &["chat"]).await;
    let found =
        message(&program, "server/discover", json!({}), json!({})).await.expect(200)["result"].clone();
    let versions = found["supportedVersions"].as_array().unwrap();
    assert!(versions.contains(&json!(NEWEST)) && versions.contains(&json!("2025-11-25")), "{found}");
    assert_eq!(found["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "todo-ai-chatbot");

    let listed = message(&program, "tools/list", json!({}), json!({})).await.expect(200)["result"].clone();
    assert_eq!((&listed["cacheScope"], &listed["ttlMs"]), (&json!("public"), &json!(300_000)));
    let tools = listed["tools"].as_array().unwrap();
    let names: Vec<_> = tools.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "list_tasks",
            "add_task",
            "update_task",
            "complete_task",
            "delete_task",
            "list_changes",
            "undo_last"
        ],
        "who probes the first one changes nothing"
    );
    for (tool, name) in tools.iter().zip(names) {
        assert!(tool["description"].as_str().is_some_and(|text| !text.is_empty()), "{tool}");
        assert_eq!(tool["annotations"].as_object().unwrap().len(), 5, "{tool}");
        assert_eq!(tool["annotations"]["readOnlyHint"], name.starts_with("list_"));
        assert_eq!(tool["outputSchema"]["required"], json!(["success"]));
        assert!(tool["inputSchema"]["properties"]["ref"].is_null(), "there is no conversation: {tool}");
    }
    assert_eq!(tools[4]["inputSchema"]["required"], json!(["task_id"]));
    assert_eq!(tools[4]["annotations"]["destructiveHint"], true);
}

#[tokio::test]
async fn programs_of_the_older_era_begin_with_initialize_and_find_no_session() {
    let app = TestApp::start().await;
    let program = program(&app, &app.user("alice").await, &["chat"]).await;
    let listed = message(&program, "tools/list", json!({}), json!({})).await.expect(200);
    let tools = &listed["result"]["tools"];
    let hello = json!({"jsonrpc": "2.0", "id": 7, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "an older one", "version": "1"}
    }});
    let answer = plain(&program, &hello).await;
    let told = answer.expect(200)["result"].clone();
    assert_eq!(
        (&told["protocolVersion"], &told["serverInfo"]["name"]),
        (&json!("2025-11-25"), &json!("todo-ai-chatbot"))
    );
    assert!(answer.header("mcp-session-id").is_none(), "no session is kept");
    let older = |message: Value| plain(&program, &message).header("MCP-Protocol-Version", "2025-11-25");
    older(json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).await.expect(202);
    let listed = older(json!({"jsonrpc": "2.0", "id": 8, "method": "tools/list"})).await.expect(200);
    assert_eq!((&listed["id"], &listed["result"]["tools"]), (&json!(8), tools));
    for (method, member) in [("prompts/list", "prompts"), ("resources/list", "resources")] {
        let empty = message(&program, method, json!({}), json!({})).await.expect(200);
        assert_eq!(empty["result"][member], json!([]), "{empty}");
    }
    for (method, params) in
        [("prompts/get", json!({"name": "any"})), ("resources/read", json!({"uri": "a:b"}))]
    {
        let none = message(&program, method, params, json!({})).header("Mcp-Name", "a:b");
        let none = if method == "prompts/get" { none.header("Mcp-Name", "any") } else { none };
        assert_eq!(none.await.expect(200)["error"]["code"], -32602, "{method}");
    }
}

#[tokio::test]
async fn each_tool_does_to_the_list_what_it_does_in_a_chat() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let program = program(&app, &alice, &["tasks:read", "tasks:write"]).await;
    let milk = done(&tool(&program, "add_task", json!({"title": "Buy milk", "due": "tomorrow"})).await);
    assert_eq!((&milk["task"]["id"], &milk["task"]["title"]), (&json!(1), &json!("Buy milk")));
    done(&tool(&program, "add_task", json!({"title": "Call the bank", "tags": ["money"]})).await);
    let found = done(&tool(&program, "list_tasks", json!({"search": "milk"})).await);
    assert_eq!((&found["total"], &found["tasks"][0]["id"]), (&json!(1), &json!(1)));
    done(&tool(&program, "complete_task", json!({"task_id": "call the bank"})).await);
    done(&tool(&program, "update_task", json!({"task_id": 1, "title": "Buy oat milk"})).await);
    let both = done(&tool(&program, "update_task", json!({"task_id": [1, 2], "priority": "high"})).await);
    assert_eq!(both["results"].as_array().map(Vec::len), Some(2));
    done(&tool(&program, "delete_task", json!({"task_id": 2})).await);
    alice.task(2).await.expect(404);
    done(&tool(&program, "undo_last", json!({})).await);
    assert_eq!(alice.task(2).await.expect(200)["priority"], "high");
    let told = done(&tool(&program, "list_changes", json!({"task_id": 2})).await);
    let kinds: Vec<_> = told["changes"].as_array().unwrap().iter().map(|change| &change["kind"]).collect();
    assert_eq!(kinds, ["restored", "deleted", "updated", "completed", "added"]);

    // The person sees what the program has done, and takes it back.
    let log = alice.own("GET", "/activity").await.expect(200);
    let changes = log["changes"].as_array().unwrap();
    assert!(changes.len() == 8 && changes.iter().all(|change| change["channel"] == "mcp"), "{log}");
    assert_eq!(alice.task(1).await.expect(200)["title"], "Buy oat milk");
    let renamed = changes
        .iter()
        .find(|change| change["after"]["title"] == "Buy oat milk" && change["before"]["title"] == "Buy milk");
    assert!(renamed.is_some(), "{log}");
}

#[tokio::test]
async fn days_are_those_of_the_person() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let program = program(&app, &alice, &["tasks:write"]).await;
    let at = |zone: &str| {
        tool(&program, "add_task", json!({"title": "Today", "due": "today"})).header("Time-Zone", zone)
    };
    let (east, west) = (done(&at("Pacific/Kiritimati").await), done(&at("Pacific/Niue").await));
    assert!(
        east["task"]["due"].as_str() > west["task"]["due"].as_str(),
        "25 hours lie between: {east} {west}"
    );
    assert_eq!(at("Nowhere").await.expect(422)["code"], "validation_error");
}

#[tokio::test]
async fn what_stands_against_a_call_is_a_result_with_a_sentence() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let program = program(&app, &alice, &["tasks:read", "tasks:write"]).await;
    for title in ["One", "Two", "Three", "Four"] {
        alice.add_task(title).await.expect(201);
    }
    for (name, arguments, code, words) in [
        ("list_tasks", json!({"status": "late"}), "VALIDATION_ERROR", "all, pending or completed"),
        ("add_task", json!({}), "VALIDATION_ERROR", "title"),
        ("add_task", json!({"title": "x".repeat(256)}), "VALIDATION_ERROR", "at most 255"),
        ("complete_task", json!({"task_id": 99}), "NOT_FOUND", "There is no task 99."),
        ("complete_task", json!({"ref": "the second one"}), "VALIDATION_ERROR", "task_id"),
        (
            "add_task",
            json!({"title": "Milk", "description": "x".repeat(17_000)}),
            "VALIDATION_ERROR",
            "too long",
        ),
    ] {
        let (told, sentence) = refused(&tool(&program, name, arguments.clone()).await);
        assert_eq!(told, code, "{name} {arguments}: {sentence}");
        assert!(sentence.contains(words), "{name} {arguments}: {sentence}");
    }
    let nameless = message(&program, "tools/call", json!({"name": "add_task"}), json!({})).await;
    assert_eq!(refused(&nameless).0, "VALIDATION_ERROR");
    assert_eq!(alice.tasks().await.expect(200).as_array().map(Vec::len), Some(4), "nothing was done");
    done(&tool(&program, "delete_task", json!({"task_id": [1, 2, 3]})).await);
}

#[tokio::test]
async fn a_program_keeps_within_the_limits_of_its_account() {
    for (limit, words) in [("CHANGES_PER_MINUTE", "2 changes"), ("MAX_TASKS", "2 tasks")] {
        let app = TestApp::with_environment(&[(limit, "2")]).await;
        let alice = app.user("alice").await;
        let program = program(&app, &alice, &["tasks:write"]).await;
        alice.add_task("By hand").await.expect(201);
        done(&tool(&program, "add_task", json!({"title": "By a program"})).await);
        let (code, sentence) = refused(&tool(&program, "add_task", json!({"title": "One more"})).await);
        assert_eq!(code, "LIMIT", "{sentence}");
        assert!(sentence.contains(words), "{limit}: {sentence}");
        assert_eq!(alice.tasks().await.expect(200).as_array().map(Vec::len), Some(2));
    }
}

#[tokio::test]
async fn a_key_makes_a_call_once() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let program = program(&app, &alice, &["tasks:read", "tasks:write"]).await;
    let add = || keyed(&program, "k1", "add_task", json!({"title": "Buy milk", "due": "2126-11-27"}));
    let first = add().await;
    let task = done(&first);
    alice.delete_task(1).await.expect(204);
    let replica = app.replica().await;
    let again = add().at(&replica).await;
    assert_eq!(done(&again), task, "the first answer, not today's");
    assert_eq!(again.json["result"]["_meta"]["todo-ai-chatbot/replayed"], true);
    assert!(first.json["result"]["_meta"]["todo-ai-chatbot/replayed"].is_null());
    assert_eq!(alice.tasks().await.expect(200), json!([]));
    for call in [
        keyed(&program, "k1", "add_task", json!({"title": "Buy bread"})),
        keyed(&program, "k1", "undo_last", json!({})),
    ] {
        let (code, sentence) = refused(&call.await);
        assert_eq!(code, "CONFLICT", "{sentence}");
    }
    assert_eq!(alice.add_task("By hand").key("k1").await.expect(422)["code"], "idempotency_key_reused");
    let operations = json!({"operations": [{"op": "add", "task": {"title": "One of several"}}]});
    let batch = alice.own("POST", "/tasks/batch").json(&operations).key("k1").await;
    assert_eq!(batch.expect(422)["code"], "idempotency_key_reused");
    for key in [json!(""), json!(7), json!("a b"), json!("x".repeat(256))] {
        let params = json!({"name": "add_task", "arguments": {"title": "Buy milk"}});
        let (code, sentence) = refused(&message(&program, "tools/call", params, json!({KEY: key})).await);
        assert_eq!(code, "VALIDATION_ERROR", "{sentence}");
    }
}

#[tokio::test]
async fn who_asks_is_what_the_token_says_and_nothing_else() {
    let app = TestApp::start().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    alice.add_task("Alice's own").await.expect(201);
    let theirs = program(&app, &bob, &["tasks:read", "tasks:write"]).await;
    assert_eq!(done(&tool(&theirs, "list_tasks", json!({"user_id": alice.id})).await)["total"], 0);
    let (code, _) = refused(&tool(&theirs, "delete_task", json!({"task_id": 1, "user_id": alice.id})).await);
    assert_eq!(code, "NOT_FOUND");
    alice.task(1).await.expect(200);
    // Who signed in may ask as well.
    assert_eq!(done(&tool(&alice, "list_tasks", json!({})).await)["total"], 1);

    let ask = || tool(&theirs, "list_tasks", json!({}));
    assert_eq!(ask().without("Authorization").await.expect(401)["code"], "missing_token");
    assert_eq!(ask().bearer("tdo_pat_made_up").await.expect(401)["code"], "invalid_token");
    let listed = bob.own("GET", "/tokens").await.expect(200);
    let id = listed["tokens"][0]["id"].as_str().unwrap();
    bob.own("DELETE", &format!("/tokens/{id}")).await.expect(204);
    let calls =
        [("list_tasks", json!({})), ("add_task", json!({"title": "Too late"})), ("undo_last", json!({}))];
    for (name, arguments) in calls {
        assert_eq!(tool(&theirs, name, arguments).await.expect(401)["code"], "invalid_token", "{name}");
    }
    assert_eq!(bob.tasks().await.expect(200), json!([]));
}

#[tokio::test]
async fn a_tool_needs_the_scope_of_what_it_does() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let reads = program(&app, &alice, &["tasks:read"]).await;
    let writes = program(&app, &alice, &["tasks:write"]).await;
    let talks = program(&app, &alice, &["chat"]).await;
    for (who, name, scope) in [
        (&writes, "list_tasks", "tasks:read"),
        (&writes, "list_changes", "tasks:read"),
        (&talks, "list_tasks", "tasks:read"),
        (&talks, "add_task", "tasks:write"),
    ] {
        let answer = tool(who, name, json!({"title": "Not mine to add"})).await;
        assert_eq!(answer.expect(403)["code"], "insufficient_scope", "{name}");
        let metadata = format!("{}/.well-known/oauth-protected-resource/mcp", app.server().base());
        let challenge = format!(
            "Bearer error=\"insufficient_scope\", scope=\"{scope}\", resource_metadata=\"{metadata}\""
        );
        assert_eq!(answer.header("www-authenticate"), Some(challenge.as_str()));
    }
    done(&tool(&reads, "list_tasks", json!({})).await);
    done(&tool(&writes, "add_task", json!({"title": "Mine to add"})).await);
    // Who may look may ask: see `mcp_call_approvals`.
    assert_eq!(refused(&tool(&reads, "add_task", json!({"title": "Not mine"})).await).0, "NOT_ALLOWED");
}

#[tokio::test]
async fn only_its_own_names_and_pages_of_its_own_may_ask() {
    let app = TestApp::with_environment(&[
        ("MCP_ALLOWED_HOSTS", "todo.example.com"),
        ("SPACE_HOST", "ann-todo.hf.space"),
    ])
    .await;
    let program = program(&app, &app.user("alice").await, &["tasks:read"]).await;
    let ask = || tool(&program, "list_tasks", json!({}));
    for host in ["localhost:7860", "todo.example.com", "ann-todo.hf.space", "[::1]"] {
        done(&ask().header("Host", host).await);
    }
    for host in ["evil.example.com", "localhost.evil.example.com", "hf.space", "10.0.0.1"] {
        assert_eq!(ask().header("Host", host).await.expect(403)["code"], "host_not_allowed", "{host}");
    }
    for origin in [tests::ORIGIN, "https://todo.example.com", "http://localhost:6274"] {
        done(&ask().header("Origin", origin).await);
    }
    for origin in ["https://evil.example.com", "null", "", "https://todo.example.com.evil.example"] {
        assert_eq!(
            ask().header("Origin", origin).await.expect(403)["code"],
            "origin_not_allowed",
            "{origin}"
        );
    }
}
