use std::time::Instant;

use serde_json::json;

use super::*;
use crate::{prompt::PromptFacts, testing::block_on, time_zone::PersonalTime};

fn ask(model: &ScriptedModel, messages: &[MessageBody]) -> (Result<ModelReply, ModelError>, String) {
    let heard = Mutex::new(String::new());
    let request = ModelRequest {
        facts: PromptFacts { local: PersonalTime::utc(chrono::DateTime::UNIX_EPOCH).local, summary: None },
        system: "Be kind.",
        messages,
        tools: ToolChoice::Auto,
        deadline: Instant::now(),
    };
    let reply = block_on(model.reply(request, &|word| locked(&heard).push_str(word)));
    (reply, heard.into_inner().unwrap())
}

fn hello() -> Vec<MessageBody> {
    vec![MessageBody::User("hello".into())]
}

#[test]
fn the_script_is_followed_in_order() {
    let model = ScriptedModel::new([
        Scripted::says("Good morning!").finishing(ModelFinish::Length).using(3, 2),
        Scripted::says_and_calls("Wait.", [("add_task", json!({"title": "Milk"}))]),
        Scripted::says_and_fails("Half a", ModelError::TimedOut),
    ]);
    let (reply, heard) = ask(&model, &hello());
    let reply = reply.unwrap();
    assert_eq!((reply.text.as_str(), heard.as_str()), ("Good morning!", "Good morning!"));
    assert_eq!(reply.finish, ModelFinish::Length);
    assert_eq!(reply.usage, Some(Usage { prompt_tokens: 3, completion_tokens: 2 }));
    let call = RequestedCall {
        name: "add_task".into(),
        arguments: r#"{"title":"Milk"}"#.into(),
        ..Default::default()
    };
    assert_eq!(ask(&model, &hello()).0.unwrap().calls, [call]);
    let (failed, heard) = ask(&model, &hello());
    assert!(matches!(failed, Err(ModelError::TimedOut)));
    assert_eq!(heard, "Half a");
    assert_eq!(model.requests().len(), 3);
    assert_eq!(model.requests()[0].messages, hello());
    model.assert_used_up();
}

#[test]
#[should_panic(expected = "the script has no answer")]
fn a_request_that_nobody_wrote_is_noticed() {
    ask(&ScriptedModel::new([]), &hello()).0.unwrap();
}

#[test]
#[should_panic(expected = "nobody asked for the end of the script")]
fn a_script_that_is_left_is_noticed() {
    ScriptedModel::new([Scripted::says("Hello!")]).assert_used_up();
}

#[test]
#[should_panic(expected = "a provider refuses this request")]
fn a_request_that_breaks_the_rules_is_noticed() {
    let model = ScriptedModel::new([Scripted::says("Hello!")]);
    ask(&model, &[MessageBody::Tool { call_id: "x".into(), content: "{}".into() }]).0.unwrap();
}
