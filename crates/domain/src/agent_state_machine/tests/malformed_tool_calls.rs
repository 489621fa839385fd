//! Malformed calls of a model: every one is answered, and nothing odd is kept.

use std::collections::HashSet;

use super::*;

/// Plans the one call of a reply.
fn plan(name: &str, arguments: &str) -> PlannedCall {
    let mut run = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    run.model_replied(calls(vec![RequestedCall {
        name: name.into(),
        arguments: arguments.into(),
        ..Default::default()
    }]));
    let mut step = planned(&run);
    run.step_committed(successes(&step));
    assert_eq!(fit_to_send(&request(&run).0), Ok(()));
    step.calls.remove(0)
}

#[test]
fn arguments_that_are_none_are_refused_and_not_kept() {
    let long = format!(r#"{{"title":"{}"}}"#, "x".repeat(16 * 1024));
    let nested = |levels: usize| format!(r#"{{"title":{}1{}}}"#, "[".repeat(levels), "]".repeat(levels));
    let (deep, just_readable) = (nested(500), nested(126));
    assert_eq!(plan("add_task", &nested(63)).call.arguments.len(), 1, "so deep they are kept");
    for raw in [
        r#"{"title": "Mi"#,
        "Milk",
        r#""Milk""#,
        r#"["Milk"]"#,
        "7",
        r#"{"title": "Milk"} {"title": "Bread"}"#,
        r#"{'title': 'Milk'}"#,
        r#"{"title": "\ud800"}"#,
        r#"{"title": 1e999}"#,
        &long,
        &deep,
        // By itself, and no more inside the message that it is kept in.
        &just_readable,
        &nested(64),
    ] {
        let planned = plan("add_task", raw);
        assert_eq!(code_of(&planned), "VALIDATION_ERROR", "{raw}");
        assert_eq!(planned.call.arguments, Map::new(), "{raw}");
    }
}

#[test]
fn no_arguments_are_an_empty_object() {
    for raw in ["", " ", "null", "{}"] {
        let planned = plan("list_tasks", raw);
        assert!(matches!(planned.action, Action::Apply(TodoCommand::List(_))), "{raw:?}");
        assert_eq!(code_of(&plan("delete_task", raw)), "VALIDATION_ERROR", "{raw:?}");
    }
}

#[test]
fn arguments_of_another_form_are_refused_and_kept() {
    let planned = plan("delete_task", r#"{"task_id": {"is": 3}}"#);
    assert_eq!(code_of(&planned), "VALIDATION_ERROR");
    assert_eq!(planned.call.arguments["task_id"], json!({"is": 3}), "the model sees what it wrote");
}

#[test]
fn no_nul_is_kept() {
    let raw = r#"{"title": "a\u0000b", "x\u0000": [{"\u0000": "\u0000"}]}"#;
    let planned = plan("add_task", raw);
    let kept = Value::Object(planned.call.arguments.clone());
    assert_eq!(kept, json!({"title": "a\u{FFFD}b", "x\u{FFFD}": [{"\u{FFFD}": "\u{FFFD}"}]}));
    let title = match planned.action {
        Action::Apply(TodoCommand::Change(TodoChange::Add(new))) => new.title,
        other => panic!("expected a task: {other:?}"),
    };
    assert_eq!(title.as_str(), "a\u{FFFD}b");
}

#[test]
fn a_name_that_no_api_takes_is_stored_as_unknown() {
    let long = "x".repeat(65);
    for name in ["", " ", "löschen", "add task", "a\0b", "functions.add_task", &long] {
        let planned = plan(name, r#"{"title": "Milk"}"#);
        assert_eq!((code_of(&planned), planned.call.name.as_str()), ("UNKNOWN_TOOL", "unknown"), "{name:?}");
    }
    let made_up = plan("drop_tables", "{}");
    assert_eq!((code_of(&made_up), made_up.call.name.as_str()), ("UNKNOWN_TOOL", "drop_tables"));
    assert!(matches!(plan(" add_task\n", r#"{"title": "Milk"}"#).action, Action::Apply(_)));
}

#[test]
fn calls_of_a_reply_that_was_cut_off_are_not_made() {
    let mut run = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    let reply = calls(vec![
        add("Milk"),
        RequestedCall { name: "add_task".into(), arguments: "{\"ti".into(), ..Default::default() },
    ]);
    run.model_replied(ModelReply { finish: ModelFinish::Length, ..reply });
    let step = planned(&run);
    assert_eq!(applied(&step), 0);
    assert_eq!((code_of(&step.calls[0]), code_of(&step.calls[1])), ("LIMIT", "VALIDATION_ERROR"));
    run.step_committed(successes(&step));
    assert_eq!(request(&run).1, ToolChoice::Auto, "the model may try again");
}

#[test]
fn calls_of_a_reply_that_was_filtered_are_made() {
    let mut run = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    run.model_replied(ModelReply { finish: ModelFinish::ContentFilter, ..calls(vec![add("Milk")]) });
    assert_eq!(applied(&planned(&run)), 1);
}

#[test]
fn a_bad_call_does_not_spoil_its_neighbours() {
    let mut run = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    let bad = RequestedCall { name: "add_task".into(), arguments: "{".into(), ..Default::default() };
    let step = act(&mut run, vec![add("Milk"), bad, call("nonsense", &json!({})), add("Bread")]);
    assert_eq!(applied(&step), 2);
    assert!(tool::TOOLS.iter().all(|tool| step.calls[2].action != Action::Answer(json!(tool.name))));
}

#[test]
fn ids_are_nine_letters_and_digits_and_never_repeat() {
    let mut turn = new_turn();
    let mut ids = HashSet::new();
    for low in [0, 1, 0xffff_ffff_ffff_ffff] {
        turn.lease.turn = TurnId(Uuid::from_u128(low));
        let mut run = AgentRun::new(&turn, HISTORY_TOKENS);
        for _ in 0..7 {
            for planned in act(&mut run, (0..20).map(|_| add("Milk")).collect()).calls {
                let id = planned.call.id;
                assert!(id.len() == 9 && id.bytes().all(|b| b.is_ascii_alphanumeric()), "{id}");
                assert!(ids.insert(id.clone()), "{id} twice");
            }
        }
    }
}

#[test]
fn a_flood_of_calls_is_cut_short() {
    let mut run = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    let step = act(&mut run, (0..3000).map(|number| add(&format!("Task {number}"))).collect());
    assert_eq!(applied(&step), MAX_TOOL_CALLS);
    assert!(step.calls.len() <= 2 * MAX_TOOL_CALLS, "{} calls are kept", step.calls.len());
    assert_eq!(fit_to_send(&request(&run).0), Ok(()));
}
