use std::sync::Mutex;

use domain::ports::RequestedCall;
use serde_json::json;

use super::*;

/// Puts a stream of chunks together and checks that the words add up to the text.
fn stream(chunks: &[Value], ended: StreamEnd) -> Result<ModelReply, ModelError> {
    let said = Mutex::new(String::new());
    let mut assembler = Assembler::default();
    for chunk in chunks {
        assembler.push_chunk(chunk, &|words| said.lock().unwrap().push_str(words))?;
    }
    let reply = assembler.finish(ended, &|words| said.lock().unwrap().push_str(words))?.reply;
    assert_eq!(reply.text, said.into_inner().unwrap());
    Ok(reply)
}

/// Puts deltas together, as a stream that ends as it should.
fn deltas(deltas: &[Value]) -> ModelReply {
    let chunk = |delta: &Value| json!({"choices": [{"index": 0, "delta": delta, "finish_reason": null}]});
    let mut chunks: Vec<Value> = deltas.iter().map(chunk).collect();
    chunks.push(json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}));
    stream(&chunks, StreamEnd::Complete).unwrap()
}

fn call(name: &str, arguments: &str) -> RequestedCall {
    RequestedCall { name: name.into(), arguments: arguments.into(), ..Default::default() }
}

#[test]
fn several_calls_in_one_delta_are_several() {
    let in_one = json!({"tool_calls": [
        {"function": {"name": "add_task", "arguments": "{\"title\":\"a\"}"}},
        {"function": {"name": "add_task", "arguments": "{\"title\":\"b\"}"}},
        {"function": {"name": "list_tasks", "arguments": "{}"}},
    ]});
    assert_eq!(deltas(&[in_one]).calls.len(), 3);
}

#[test]
fn the_old_way_to_call_a_function_works_and_does_not_double_the_new_one() {
    let old = json!({"function_call": {"name": "add_task", "arguments": ""}});
    let more = json!({"function_call": {"arguments": "{}"}});
    assert_eq!(deltas(&[old, more]).calls, [call("add_task", "{}")]);
    let both = json!({
        "function_call": {"name": "add_task", "arguments": "{}"},
        "tool_calls": [{"index": 0, "function": {"name": "add_task", "arguments": "{}"}}],
    });
    assert_eq!(deltas(&[both]).calls, [call("add_task", "{}")]);
}

#[test]
fn what_is_said_is_text_and_what_is_thought_is_not() {
    let reply = deltas(&[
        json!({"role": "assistant", "content": null, "reasoning": "hm", "reasoning_content": "hm"}),
        json!({"content": "a", "tool_calls": []}),
        json!({"content": "", "tool_calls": null, "function_call": null, "annotations": [], "audio": {}}),
        json!({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "reasoning", "text": "hm"}, {"type": "text", "text": "b"}]}),
        json!({"refusal": "c"}),
        json!({}),
        json!({"content": 7}),
    ]);
    assert_eq!((reply.text.as_str(), reply.calls.len()), ("abc", 0));
}

#[test]
fn every_reason_to_stop_is_one() {
    let cases = [
        ("stop", ModelFinish::Stop),
        ("tool_calls", ModelFinish::Stop),
        ("function_call", ModelFinish::Stop),
        ("eos_token", ModelFinish::Stop),
        ("length", ModelFinish::Length),
        ("content_filter", ModelFinish::ContentFilter),
    ];
    for (reason, expected) in cases {
        let chunk = json!({"choices": [{"delta": {"content": "a"}, "finish_reason": reason}]});
        assert_eq!(stream(&[chunk], StreamEnd::Truncated).unwrap().finish, expected, "{reason}");
    }
    let error = json!({"choices": [{"delta": {"content": "a"}, "finish_reason": "error"}]});
    assert!(matches!(stream(&[error], StreamEnd::Complete), Err(ModelError::BadReply(_))));
}

#[test]
fn a_reply_without_an_end_is_none() {
    let words = || json!({"choices": [{"delta": {"content": "a"}, "finish_reason": ""}]});
    let calls = || json!({"choices": [{"delta": {"tool_calls": [{"function": {"name": "add_task"}}]}}]});
    for chunks in [vec![], vec![words()], vec![calls()], vec![words(), calls()]] {
        assert!(matches!(stream(&chunks, StreamEnd::Truncated), Err(ModelError::BadReply(_))), "{chunks:?}");
    }
    assert_eq!(stream(&[words()], StreamEnd::Complete).unwrap().finish, ModelFinish::Stop);
    assert!(stream(&[], StreamEnd::Complete).is_err());
    let silent = json!({"choices": [{"delta": {}, "finish_reason": "stop"}]});
    assert_eq!(stream(&[silent], StreamEnd::Complete).unwrap().text, "");
}

#[test]
fn chunks_without_choices_carry_usage_or_nothing() {
    let end = json!({"choices": [{"delta": {"content": "a"}, "finish_reason": "stop"}], "usage": null});
    let usage = |usage: Value| {
        let around = [json!({"choices": []}), json!({"prompt_filter_results": []}), end.clone()];
        let mut chunks = around.to_vec();
        chunks.push(json!({"choices": [], "usage": usage}));
        chunks.push(json!({"choices": null, "usage": null}));
        stream(&chunks, StreamEnd::Complete).unwrap().usage
    };
    let counted = |prompt_tokens, completion_tokens| Some(Usage { prompt_tokens, completion_tokens });
    assert_eq!(usage(json!({"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12})), counted(5, 7));
    assert_eq!(usage(json!({"prompt_tokens": 5.0})), counted(5, 0));
    assert_eq!(usage(json!({"prompt_tokens": -5, "completion_tokens": 1e18})), counted(0, i32::MAX));
    for nothing in [
        json!(null),
        json!({}),
        json!([]),
        json!({"prompt_tokens": "many"}),
        json!({"prompt_tokens": 0, "completion_tokens": 0}),
    ] {
        assert_eq!(usage(nothing), None);
    }
}

#[test]
fn only_the_first_choice_counts() {
    let chunk = |index, content| json!({"choices": [{"index": index, "delta": {"content": content}, "finish_reason": "stop"}]});
    let reply = stream(&[chunk(0, "a"), chunk(1, "b")], StreamEnd::Complete).unwrap();
    assert_eq!(reply.text, "a");
}

#[test]
fn a_message_in_a_stream_counts_once() {
    let message = json!({"choices": [{"message": {"content": "a"}, "finish_reason": "stop"}]});
    assert_eq!(stream(std::slice::from_ref(&message), StreamEnd::Complete).unwrap().text, "a");
    let delta = json!({"choices": [{"delta": {"content": "a"}}]});
    assert_eq!(stream(&[delta, message], StreamEnd::Complete).unwrap().text, "a");
}

#[test]
fn nonsense_and_too_much_are_bad_replies() {
    let flood: Vec<Value> =
        (0..200).map(|n| json!({"index": n, "function": {"name": "list_tasks"}})).collect();
    let flood = json!({"choices": [{"delta": {"tool_calls": flood}, "finish_reason": "stop"}]});
    for chunk in [json!(7), json!("text"), json!(null), json!([]), flood] {
        assert!(matches!(stream(&[chunk], StreamEnd::Complete), Err(ModelError::BadReply(_))));
    }
}

#[test]
fn an_error_counts_before_everything_else() {
    let chunk =
        json!({"error": {"code": 429}, "choices": [{"delta": {"content": "a"}, "finish_reason": "stop"}]});
    assert!(matches!(stream(&[chunk], StreamEnd::Complete), Err(ModelError::Busy { .. })));
    let inside =
        json!({"choices": [{"delta": {}, "finish_reason": "stop", "error": {"code": 502, "message": "m"}}]});
    assert!(matches!(stream(&[inside], StreamEnd::Complete), Err(ModelError::Unavailable(_))));
}

/// Chunks like those of providers, in which any part may be of any kind.
fn any_chunk() -> impl proptest::strategy::Strategy<Value = Value> {
    use proptest::prelude::*;
    let any_part = prop_oneof![
        Just(Value::Null),
        any::<u64>().prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
        Just(json!("<think>")),
        Just(json!("<tool_call>{\"name\": \"add_task\"")),
        Just(json!([])),
        Just(json!({})),
        Just(json!([{"type": "text", "text": "a"}])),
        Just(json!([{"index": 1, "id": "x", "function": {"name": "add_task", "arguments": "{}"}}])),
        Just(json!([{"function": {"arguments": {"title": "a"}}}])),
    ];
    let delta = prop::collection::btree_map(
        prop::sample::select(vec!["content", "tool_calls", "function_call", "reasoning_content", "role"]),
        any_part.clone(),
        0..4,
    );
    (delta, any_part, any::<bool>()).prop_map(|(delta, finish_reason, is_whole)| {
        let place = if is_whole { "message" } else { "delta" };
        json!({"choices": [{place: delta, "finish_reason": finish_reason}], "usage": null})
    })
}

proptest::proptest! {
    /// Whatever comes in whatever order is a reply whose words add up, or an error.
    #[test]
    fn any_chunks_are_a_reply_or_an_error(chunks in proptest::collection::vec(any_chunk(), 0..8)) {
        // The words are checked on the way.
        let _ = stream(&chunks, StreamEnd::Complete);
        let _ = stream(&chunks, StreamEnd::Truncated);
    }
}
