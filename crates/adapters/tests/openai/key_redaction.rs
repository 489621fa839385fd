//! A provider, or a model, that repeats our key: nobody may see it, and no database may keep it.

use std::time::Duration;

use devkit::model::{
    StandIn,
    script::{Reply, raw, status},
};
use serde_json::{Value, json};

use super::test_client::{KEY, LONG_TIMEOUTS, hello, model};

/// A stream of these deltas, each in a chunk of its own.
fn deltas(deltas: &[Value]) -> Reply {
    let chunk = |delta: &Value| format!("data: {}\n\n", json!({"choices": [{"index": 0, "delta": delta}]}));
    let end = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    raw(deltas.iter().map(chunk).collect::<String>() + end)
}

fn call(name: &str, arguments: Value) -> Value {
    json!({"tool_calls": [{"index": 0, "function": {"name": name, "arguments": arguments}}]})
}

#[tokio::test]
async fn a_key_in_the_words_is_hidden_wherever_they_are_cut() {
    let said = format!("I was sent Authorization: Bearer {KEY}, as it happens: {KEY}");
    let expected = "I was sent Authorization: Bearer …, as it happens: …";
    let stand_in = StandIn::scripted([]).await.unwrap();
    let model = model(&stand_in.base_url(), LONG_TIMEOUTS);
    for cut in 0..=said.len() {
        let (before, after) = said.split_at(cut);
        stand_in.on("Hello", [deltas(&[json!({"content": before}), json!({"content": after})])]);
        let attempt = hello(&model, Duration::from_secs(60)).await;
        assert_eq!(
            (attempt.reply.unwrap().text.as_str(), attempt.words.as_str()),
            (expected, expected),
            "{cut}"
        );
    }
    let letters: Vec<Value> = said.chars().map(|letter| json!({"content": letter})).collect();
    let parts =
        json!({"content": [{"type": "text", "text": &said[..50]}, {"type": "text", "text": &said[50..]}]});
    let whole = json!({"choices": [{"message": {"content": said}, "finish_reason": "stop"}]}).to_string();
    let refusal = json!({"refusal": said});
    for reply in [deltas(&letters), deltas(&[parts]), deltas(&[refusal]), status(200).body(whole)] {
        stand_in.on("Hello", [reply]);
        let attempt = hello(&model, Duration::from_secs(60)).await;
        assert_eq!((attempt.reply.unwrap().text.as_str(), attempt.words.as_str()), (expected, expected));
    }
}

#[tokio::test]
async fn a_key_in_a_call_is_hidden_however_it_is_written() {
    let title = |title: &str| json!({"title": title}).to_string();
    let plain = title(&format!("Bearer {KEY}!"));
    let hidden = title("Bearer …!");
    let escaped = plain.replace('k', "\\u006b").replace('-', "\\u002D");
    let half = plain.len() / 2;
    let in_two = || [call("add_task", json!(plain[..half])), call("", json!(plain[half..]))];
    let cases = [
        (vec![call("add_task", json!(plain))], "add_task", hidden.as_str()),
        (vec![call("add_task", json!(escaped))], "add_task", &hidden),
        (vec![call("add_task", json!({"title": format!("Bearer {KEY}!")}))], "add_task", &hidden),
        (in_two().to_vec(), "add_task", &hidden),
        (vec![call("add_task", json!({KEY: [KEY]}))], "add_task", r#"{"…":["…"]}"#),
        (vec![call("add_task", json!(format!("no JSON: {KEY}")))], "add_task", "no JSON: …"),
        (vec![call(&KEY[..9], json!("")), call(&KEY[9..], json!("{}"))], "…", "{}"),
    ];
    let stand_in = StandIn::scripted([]).await.unwrap();
    let model = model(&stand_in.base_url(), LONG_TIMEOUTS);
    for (chunks, name, arguments) in cases {
        stand_in.on("Hello", [deltas(&chunks)]);
        let reply = hello(&model, Duration::from_secs(60)).await.reply.unwrap();
        assert_eq!((reply.calls[0].name.as_str(), reply.calls[0].arguments.as_str()), (name, arguments));
    }
}
