use std::sync::Mutex;

use domain::ports::RequestedCall;
use serde_json::json;

use super::*;

/// Puts a stream of chunks together and checks that the words add up to the text.
fn stream(chunks: &[Value], ended: Ended) -> Result<ModelReply, ModelError> {
    let said = Mutex::new(String::new());
    let mut assembler = Assembler::default();
    for chunk in chunks {
        assembler.chunk(chunk, &|words| said.lock().unwrap().push_str(words))?;
    }
    let reply = assembler.finish(ended)?;
    assert_eq!(reply.text, said.into_inner().unwrap());
    Ok(reply)
}

/// Puts deltas together, as a stream that ends as it should.
fn deltas(deltas: &[Value]) -> ModelReply {
    let chunk = |delta: &Value| json!({"choices": [{"index": 0, "delta": delta, "finish_reason": null}]});
    let mut chunks: Vec<Value> = deltas.iter().map(chunk).collect();
    chunks.push(json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}));
    stream(&chunks, Ended::Done).unwrap()
}

/// Puts fragments of tool calls together, each in a delta of its own.
fn calls(fragments: &[Value]) -> Vec<RequestedCall> {
    let in_delta = |fragment: &Value| json!({"tool_calls": [fragment]});
    let reply = deltas(&fragments.iter().map(in_delta).collect::<Vec<_>>());
    assert_eq!(reply.text, "");
    reply.calls
}

fn call(name: &str, arguments: &str) -> RequestedCall {
    RequestedCall { name: name.into(), arguments: arguments.into() }
}

/// The first fragment of a call, without what is null.
fn first(index: Value, id: Value, name: &str, arguments: Value) -> Value {
    let mut fragment = json!({"type": "function", "function": {"name": name, "arguments": arguments}});
    for (member, value) in [("index", index), ("id", id)] {
        if !value.is_null() {
            fragment[member] = value;
        }
    }
    fragment
}

#[test]
fn calls_are_told_apart_whatever_marks_them() {
    let two = [call("add_task", r#"{"title":"a"}"#), call("add_task", r#"{"title":"b"}"#)];
    let indexes = [json!([0, 1]), json!([0, 0]), json!([null, null]), json!([7, 9])];
    let ids = [json!(["a", "b"]), json!(["same", "same"]), json!([null, null]), json!(["", ""])];
    for index in &indexes {
        for id in &ids {
            let mut fragments = Vec::new();
            for (n, title) in ["a", "b"].into_iter().enumerate() {
                fragments.push(first(index[n].clone(), id[n].clone(), "add_task", json!("")));
                for piece in ["{\"ti", "tle\":\"", title, "\"}"] {
                    fragments.push(json!({"index": index[n], "function": {"arguments": piece}}));
                }
            }
            assert_eq!(calls(&fragments), two, "index {index}, ids {id}");
            let whole = |n: usize, title: &str| {
                let arguments = json!(format!("{{\"title\":\"{title}\"}}"));
                first(index[n].clone(), id[n].clone(), "add_task", arguments)
            };
            assert_eq!(calls(&[whole(0, "a"), whole(1, "b")]), two, "whole, index {index}, ids {id}");
        }
    }
}

#[test]
fn calls_without_arguments_follow_one_another() {
    for arguments in [json!(""), json!(null), json!("{}")] {
        let fragments = [
            first(json!(null), json!(null), "list_tasks", arguments.clone()),
            first(json!(null), json!(null), "add_task", json!({"title": "a"})),
        ];
        let found = calls(&fragments);
        assert_eq!(found.len(), 2, "{arguments}: {found:?}");
        assert_eq!(found[0].name, "list_tasks");
        assert_eq!(found[1], call("add_task", r#"{"title":"a"}"#));
    }
}

#[test]
fn fragments_of_two_calls_may_be_mixed() {
    let expected = [call("add_task", "{1"), call("list_tasks", "{2")];
    let by_index = [
        json!({"index": 0, "id": "a", "function": {"name": "add_task"}}),
        json!({"index": 1, "id": "b", "function": {"name": "list_tasks"}}),
        json!({"index": 0, "function": {"arguments": "{"}}),
        json!({"index": 1, "function": {"arguments": "{"}}),
        json!({"index": 0, "function": {"arguments": "1"}}),
        json!({"index": 1, "function": {"arguments": "2"}}),
    ];
    assert_eq!(calls(&by_index), expected);
    for index in [json!(null), json!(0)] {
        let by_id: Vec<Value> = by_index
            .iter()
            .map(|fragment| {
                let mut fragment = fragment.clone();
                fragment["id"] = json!(if fragment["index"] == 0 { "a" } else { "b" });
                fragment["index"] = index.clone();
                fragment
            })
            .collect();
        assert_eq!(calls(&by_id), expected, "index {index}");
    }
}

#[test]
fn one_call_stays_one_however_it_is_cut() {
    let expected = [call("add_task", r#"{"title":"a"}"#)];
    let cases = [
        (
            "name in pieces",
            vec![
                json!({"index": 0, "id": "x", "function": {"name": "add", "arguments": ""}}),
                json!({"index": 0, "function": {"name": "_ta"}}),
                json!({"index": 0, "function": {"name": "sk", "arguments": r#"{"title":"a"}"#}}),
            ],
        ),
        (
            "name in pieces, no index, no id",
            vec![
                json!({"function": {"name": "add"}}),
                json!({"function": {"name": "_task"}}),
                json!({"function": {"arguments": r#"{"title":"a"}"#}}),
            ],
        ),
        (
            "name repeated in every fragment",
            vec![
                json!({"index": 0, "id": "x", "function": {"name": "add_task", "arguments": r#"{"tit"#}}),
                json!({"index": 0, "id": "x", "function": {"name": "add_task", "arguments": r#"le":"a"}"#}}),
            ],
        ),
        (
            "name repeated before the arguments",
            vec![
                json!({"function": {"name": "add_task", "arguments": ""}}),
                json!({"function": {"name": "add_task", "arguments": r#"{"title":"a"}"#}}),
            ],
        ),
        (
            "id late",
            vec![
                json!({"index": 0, "function": {"name": "add_task", "arguments": ""}}),
                json!({"index": 0, "id": "x", "function": {"arguments": r#"{"title":"a"}"#}}),
            ],
        ),
        (
            "id first",
            vec![
                json!({"index": 0, "id": "x"}),
                json!({"index": 0, "function": {"name": "add_task"}}),
                json!({"index": 0, "function": {"arguments": r#"{"title":"a"}"#}}),
            ],
        ),
        (
            "another id in every fragment",
            vec![
                json!({"index": 0, "id": "x", "function": {"name": "add_task", "arguments": ""}}),
                json!({"index": 0, "id": "y", "function": {"arguments": r#"{"title":"#}}),
                json!({"index": 0, "id": "z", "function": {"arguments": r#""a"}"#}}),
            ],
        ),
        (
            "index lost on the way",
            vec![
                json!({"index": 0, "id": "x", "function": {"name": "add_task", "arguments": ""}}),
                json!({"function": {"arguments": r#"{"title":"a"}"#}}),
            ],
        ),
        (
            "index found on the way",
            vec![
                json!({"id": "x", "function": {"name": "add_task", "arguments": ""}}),
                json!({"index": 0, "function": {"arguments": r#"{"title":"a"}"#}}),
            ],
        ),
        (
            "arguments as an object",
            vec![json!({"index": 0, "function": {"name": "add_task", "arguments": {"title": "a"}}})],
        ),
        ("no function around it", vec![json!({"name": "add_task", "arguments": r#"{"title":"a"}"#})]),
        (
            "nothing before and after",
            vec![
                json!({"index": 0}),
                json!({"index": 0, "id": "", "type": "function", "function": {"name": "add_task", "arguments": r#"{"title":"a"}"#}}),
                json!({"index": 0, "id": null, "function": {"name": "", "arguments": ""}}),
                json!({"index": 0, "function": {"name": null, "arguments": null}}),
                json!("no fragment at all"),
            ],
        ),
    ];
    for (case, fragments) in cases {
        assert_eq!(calls(&fragments), expected, "{case}");
    }
}

#[test]
fn two_hundred_fragments_make_one_call() {
    let arguments = json!({"title": "ü".repeat(150), "description": "\u{1F600}"}).to_string();
    let mut fragments =
        vec![json!({"index": 0, "id": "x", "function": {"name": "add_task", "arguments": ""}})];
    let pieces = arguments.chars().map(|c| json!({"index": 0, "function": {"arguments": c}}));
    fragments.extend(pieces);
    assert!(fragments.len() > 150);
    assert_eq!(calls(&fragments), [call("add_task", &arguments)]);
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
        json!({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}, {"type": "text", "text": "b"}]}),
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
        assert_eq!(stream(&[chunk], Ended::Cut).unwrap().finish, expected, "{reason}");
    }
    let error = json!({"choices": [{"delta": {"content": "a"}, "finish_reason": "error"}]});
    assert!(matches!(stream(&[error], Ended::Done), Err(ModelError::BadReply(_))));
}

#[test]
fn a_reply_without_an_end_is_none() {
    let words = || json!({"choices": [{"delta": {"content": "a"}, "finish_reason": ""}]});
    let calls = || json!({"choices": [{"delta": {"tool_calls": [{"function": {"name": "add_task"}}]}}]});
    for chunks in [vec![], vec![words()], vec![calls()], vec![words(), calls()]] {
        assert!(matches!(stream(&chunks, Ended::Cut), Err(ModelError::BadReply(_))), "{chunks:?}");
    }
    assert_eq!(stream(&[words()], Ended::Done).unwrap().finish, ModelFinish::Stop);
    assert!(stream(&[], Ended::Done).is_err());
    let silent = json!({"choices": [{"delta": {}, "finish_reason": "stop"}]});
    assert_eq!(stream(&[silent], Ended::Done).unwrap().text, "");
}

#[test]
fn chunks_without_choices_carry_usage_or_nothing() {
    let end = json!({"choices": [{"delta": {"content": "a"}, "finish_reason": "stop"}], "usage": null});
    let usage = |usage: Value| {
        let around = [json!({"choices": []}), json!({"prompt_filter_results": []}), end.clone()];
        let mut chunks = around.to_vec();
        chunks.push(json!({"choices": [], "usage": usage}));
        chunks.push(json!({"choices": null, "usage": null}));
        stream(&chunks, Ended::Done).unwrap().usage
    };
    let counted = |prompt_tokens, completion_tokens| Some(Usage { prompt_tokens, completion_tokens });
    assert_eq!(usage(json!({"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12})), counted(5, 7));
    assert_eq!(usage(json!({"prompt_tokens": 5.0})), counted(5, 0));
    assert_eq!(usage(json!({"prompt_tokens": -5, "completion_tokens": 1e18})), counted(0, i32::MAX));
    for nothing in [json!(null), json!({}), json!([]), json!({"prompt_tokens": "many"})] {
        assert_eq!(usage(nothing), None);
    }
}

#[test]
fn only_the_first_choice_counts() {
    let chunk = |index, content| json!({"choices": [{"index": index, "delta": {"content": content}, "finish_reason": "stop"}]});
    let reply = stream(&[chunk(0, "a"), chunk(1, "b")], Ended::Done).unwrap();
    assert_eq!(reply.text, "a");
}

#[test]
fn a_message_in_a_stream_counts_once() {
    let message = json!({"choices": [{"message": {"content": "a"}, "finish_reason": "stop"}]});
    assert_eq!(stream(&[message.clone()], Ended::Done).unwrap().text, "a");
    let delta = json!({"choices": [{"delta": {"content": "a"}}]});
    assert_eq!(stream(&[delta, message], Ended::Done).unwrap().text, "a");
}

#[test]
fn nonsense_and_too_much_are_bad_replies() {
    let flood: Vec<Value> =
        (0..200).map(|n| json!({"index": n, "function": {"name": "list_tasks"}})).collect();
    let flood = json!({"choices": [{"delta": {"tool_calls": flood}, "finish_reason": "stop"}]});
    for chunk in [json!(7), json!("text"), json!(null), json!([]), flood] {
        assert!(matches!(stream(&[chunk], Ended::Done), Err(ModelError::BadReply(_))));
    }
    let long = json!({"index": 0, "function": {"name": "add_task", "arguments": "x".repeat(1_000)}});
    let kept = calls(&vec![long; 100]);
    assert_eq!(kept.len(), 1);
    assert!(kept[0].arguments.len() < 40_000);
}

#[test]
fn an_error_counts_before_everything_else() {
    let chunk =
        json!({"error": {"code": 429}, "choices": [{"delta": {"content": "a"}, "finish_reason": "stop"}]});
    assert!(matches!(stream(&[chunk], Ended::Done), Err(ModelError::Busy { .. })));
    let inside =
        json!({"choices": [{"delta": {}, "finish_reason": "stop", "error": {"code": 502, "message": "m"}}]});
    assert!(matches!(stream(&[inside], Ended::Done), Err(ModelError::Unavailable(_))));
}
