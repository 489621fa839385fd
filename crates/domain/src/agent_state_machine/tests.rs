mod approvals;
mod malformed_tool_calls;
mod properties;
mod regenerate;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::*;
use crate::{
    account::UserId,
    message::Message,
    ports::RequestedCall,
    prompt_history::HISTORY_TOKENS,
    step::{Action, PlannedCall},
    testing::fit_to_send,
    todo::TaskNumber,
    todo_command::{TodoChange, TodoCommand},
    tool,
    turn::Lease,
    turn_and_conversation_ids::ConversationId,
};

/// A turn that just began, with one message in it.
fn new_turn() -> RunningTurn {
    let turn = TurnId(Uuid::from_u128(0x0193_4f2a_7c00_7000_8000_0123_4567_89ab));
    RunningTurn {
        lease: Lease { turn, user: UserId(Uuid::nil()), conversation: ConversationId(Uuid::nil()), fence: 1 },
        title: "hello".into(),
        history: vec![Message { turn, body: MessageBody::User("hello".into()) }],
        step: 0,
        done: vec![],
        replaced_calls: 0,
        regenerates: false,
        summary: None,
        has_older: false,
        opens_conversation: true,
        model: None,
        time: PersonalTime::utc(chrono::DateTime::UNIX_EPOCH),
        answered: None,
        may_change_tasks: true,
        edited_after: None,
        stop_requested: false,
        earlier_ending: None,
    }
}

fn words(text: &str) -> ModelReply {
    ModelReply { text: text.into(), calls: vec![], finish: ModelFinish::Stop, usage: None }
}

fn call(name: &str, arguments: &Value) -> RequestedCall {
    RequestedCall { name: name.into(), arguments: arguments.to_string(), ..Default::default() }
}

fn calls(calls: Vec<RequestedCall>) -> ModelReply {
    ModelReply { calls, ..words("") }
}

fn add(title: &str) -> RequestedCall {
    call("add_task", &json!({ "title": title }))
}

fn delete(number: i64) -> RequestedCall {
    call("delete_task", &json!({ "task_id": number }))
}

/// The step that the run wants committed.
fn planned(run: &AgentRun) -> PlannedStep {
    match run.next_step() {
        NextStep::RunTools(step) => step.clone(),
        other => panic!("expected a step: {other:?}"),
    }
}

fn final_message(run: &AgentRun) -> FinalMessage {
    match run.next_step() {
        NextStep::Finish(final_message) => final_message.clone(),
        other => panic!("expected the end: {other:?}"),
    }
}

fn request(run: &AgentRun) -> (Vec<MessageBody>, ToolChoice) {
    match run.next_step() {
        NextStep::CallModel => {
            let (messages, tools) = run.request();
            (messages.to_vec(), tools)
        }
        other => panic!("expected a request: {other:?}"),
    }
}

/// The result of a command that succeeds.
fn success(command: &TodoCommand) -> Value {
    let task = |number: i64| json!({"id": number, "title": "Milk", "completed": false});
    match command {
        TodoCommand::Change(change) => {
            let number = change.number().map_or(1, |number| number.0);
            json!({"success": true, "task": task(number)})
        }
        TodoCommand::ChangeMany(numbers, _) => {
            let one = |number: &TaskNumber| json!({"success": true, "task": task(number.0)});
            json!({"success": true, "results": numbers.iter().map(one).collect::<Vec<_>>()})
        }
        _ => json!({"success": true, "task": task(1)}),
    }
}

/// Results as they are when every command succeeds.
fn successes(step: &PlannedStep) -> Vec<ExecutedCall> {
    let result = |planned: &PlannedCall| match &planned.action {
        Action::Answer(result) => result.clone(),
        Action::Apply(command) => success(command),
        Action::Ask(..) => {
            json!({"success": false, "code": "APPROVAL_REQUIRED", "error": "Ask.", "approval": {
                "id": Uuid::nil(), "state": "waiting", "expires_at": "1970-01-01T00:10:00Z", "tasks": []
            }})
        }
        Action::Decide(..) => json!({"success": true}),
    };
    step.calls.iter().map(|planned| planned.with_result(result(planned))).collect()
}

/// Feeds a reply with calls, commits its step, and returns the step.
fn act(run: &mut AgentRun, requested: Vec<RequestedCall>) -> PlannedStep {
    run.model_replied(calls(requested));
    let step = planned(run);
    run.step_committed(successes(&step));
    step
}

fn code_of(planned: &PlannedCall) -> &str {
    match &planned.action {
        Action::Answer(result) => result["code"].as_str().unwrap(),
        action => panic!("expected a refusal: {action:?}"),
    }
}

fn applied(step: &PlannedStep) -> usize {
    step.calls.iter().filter(|planned| matches!(planned.action, Action::Apply(_))).count()
}

#[test]
fn a_change_that_is_asked_for_again_is_answered_from_the_first() {
    let mut run = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    let mut commit = |reply: Vec<RequestedCall>| {
        run.model_replied(calls(reply));
        let step = planned(&run);
        run.step_committed(successes(&step));
        applied(&step)
    };
    assert_eq!(commit(vec![add("Milk")]), 1);
    assert_eq!(commit(vec![add("Milk")]), 0, "nothing else was changed since");
    assert_eq!(commit(vec![call("list_tasks", &json!({}))]), 1);
    assert_eq!(commit(vec![add("Milk"), add("Bread")]), 1, "a look changes nothing");
    assert_eq!(commit(vec![add("Milk")]), 1, "something else was changed since: it may be meant");
}

#[test]
fn words_alone_end_the_turn() {
    let mut run = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    assert_eq!(request(&run), (vec![MessageBody::User("hello".into())], ToolChoice::Auto));
    run.model_replied(words("Hello!"));
    assert_eq!(final_message(&run), FinalMessage { text: "Hello!".into(), reason: FinishReason::Stop });
    assert_eq!((run.step(), run.done().len()), (0, 0));
}

#[test]
fn calls_are_made_whatever_the_reason_to_stop() {
    let mut run = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    run.model_replied(ModelReply { text: "I add it.".into(), ..calls(vec![add("Milk"), add("Bread")]) });
    let step = planned(&run);
    assert_eq!((step.text.as_str(), applied(&step)), ("I add it.", 2));
    run.step_committed(successes(&step));
    let (messages, tools) = request(&run);
    assert_eq!((messages.len(), tools), (4, ToolChoice::Auto));
    assert_eq!(fit_to_send(&messages), Ok(()));
    assert_eq!((run.step(), run.done().len()), (1, 2));
    run.model_replied(words("Both are there."));
    assert_eq!(final_message(&run).text, "Both are there.");
}

#[test]
fn the_reason_of_a_turn_is_the_models_reason() {
    for (finish, reason) in [
        (ModelFinish::Stop, FinishReason::Stop),
        (ModelFinish::Length, FinishReason::Length),
        (ModelFinish::ContentFilter, FinishReason::ContentFilter),
    ] {
        for text in ["Half a sent", "", " \n"] {
            let mut run = AgentRun::new(&new_turn(), HISTORY_TOKENS);
            run.model_replied(ModelReply { finish, ..words(text) });
            let final_message = final_message(&run);
            assert_eq!(final_message.reason, reason);
            assert!(!final_message.text.trim().is_empty());
            assert!(text.trim().is_empty() || final_message.text == text);
        }
    }
}

#[test]
fn a_turn_without_a_word_says_what_it_did() {
    let mut run = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    act(&mut run, vec![add("Milk")]);
    run.model_replied(words(""));
    assert_eq!(final_message(&run).text, "Added “Milk” as task 1.");
}

#[test]
fn the_eighth_request_is_the_last_and_offers_no_tools() {
    let mut run = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    for number in 1..8 {
        assert_eq!(request(&run).1, ToolChoice::Auto, "request {number}");
        act(&mut run, vec![call("list_tasks", &json!({}))]);
    }
    assert_eq!(request(&run).1, ToolChoice::Forbidden);
    // A model that calls tools all the same is not asked again.
    run.model_replied(calls(vec![add("Milk")]));
    let final_message = final_message(&run);
    assert_eq!(final_message.reason, FinishReason::StepLimit);
    assert!(!final_message.text.is_empty());
    assert_eq!(run.done().len(), 7);
}

#[test]
fn the_last_request_may_be_answered_in_words() {
    let mut turn = new_turn();
    turn.step = 7;
    let mut run = AgentRun::new(&turn, HISTORY_TOKENS);
    assert_eq!(request(&run).1, ToolChoice::Forbidden);
    run.model_replied(words("That is as far as I got."));
    let expected = FinalMessage { text: "That is as far as I got.".into(), reason: FinishReason::StepLimit };
    assert_eq!(final_message(&run), expected);
}

#[test]
fn the_seventeenth_call_of_a_turn_is_refused() {
    let mut run = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    let first = act(&mut run, (0..10).map(|number| add(&format!("Task {number}"))).collect());
    assert_eq!(applied(&first), 10);
    let second = act(&mut run, (10..20).map(|number| add(&format!("Task {number}"))).collect());
    assert_eq!(applied(&second), 6);
    assert!(second.calls[6..].iter().all(|planned| code_of(planned) == "LIMIT"));
    assert_eq!(code_of(&act(&mut run, vec![add("One more")]).calls[0]), "LIMIT");
    assert_eq!(fit_to_send(&request(&run).0), Ok(()));
}

#[test]
fn a_delete_that_found_nothing_does_not_count() {
    let mut turn = new_turn();
    let refused = json!({"success": false, "error": "There is no task 9.", "code": "NOT_FOUND"});
    let missed = |number: i64| ExecutedCall {
        id: format!("missed{number:03}"),
        tool: "delete_task".into(),
        input: Map::from_iter([("task_id".to_owned(), json!(number))]),
        result: refused.clone(),
    };
    turn.done = (0..3).map(missed).collect();
    turn.step = 1;
    let mut run = AgentRun::new(&turn, HISTORY_TOKENS);
    assert_eq!(applied(&act(&mut run, vec![delete(1)])), 1);
}

#[test]
fn tokens_are_counted_by_the_provider_or_else_estimated() {
    let mut run = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    let usage = Usage { prompt_tokens: 400, completion_tokens: 30 };
    run.model_replied(ModelReply { usage: Some(usage), ..calls(vec![add("Milk")]) });
    run.step_committed(successes(&planned(&run)));
    assert_eq!(run.usage(), usage);
    run.model_replied(words("Done."));
    let after = run.usage();
    assert!(
        after.prompt_tokens > 400 + 900 && after.completion_tokens > 30,
        "prompt and tools count: {after:?}"
    );
}

#[test]
fn a_stopped_turn_keeps_its_words() {
    for (said, kept) in [
        ("First of", "First of"),
        ("", substitute_final_message::STOPPED),
        (" \n", substitute_final_message::STOPPED),
    ] {
        let mut run = AgentRun::new(&new_turn(), HISTORY_TOKENS);
        run.stop(said.into());
        let expected = FinalMessage { text: kept.into(), reason: FinishReason::Cancelled };
        assert_eq!(final_message(&run), expected);
    }
}

#[test]
fn a_conversation_that_is_long_is_cut_between_turns() {
    let mut turn = new_turn();
    let older = (1..=100).flat_map(|number| {
        let id = TurnId(Uuid::from_u128(number));
        let said = MessageBody::Assistant { text: "word ".repeat(200), calls: vec![] };
        [MessageBody::User(format!("question {number}")), said].map(|body| Message { turn: id, body })
    });
    turn.history = older.chain(turn.history).collect();
    let (messages, _) = request(&AgentRun::new(&turn, HISTORY_TOKENS));
    assert!((20..150).contains(&messages.len()), "{}", messages.len());
    assert!(matches!(messages[0], MessageBody::User(_)));
    assert_eq!(messages.last(), Some(&MessageBody::User("hello".into())));
}
