mod provider_response_formats;

use std::sync::Mutex;

use devkit::model::script::{self, CallIds, Index};
use domain::ports::{ModelFinish, ModelReply};
use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Reads an answer in these pieces; also returns the words, which are the beginning of the text.
fn read(pieces: &[&[u8]]) -> (Result<ModelReply, ModelError>, String) {
    let said = Mutex::new(String::new());
    let words = |words: &str| said.lock().unwrap().push_str(words);
    let mut decoder = ReplyDecoder::new();
    let pushed = pieces.iter().try_for_each(|piece| decoder.push(piece, &words));
    let reply = pushed.and_then(|()| decoder.finish(&words)).map(|decoded| decoded.reply);
    (reply, said.into_inner().unwrap())
}

fn whole(answer: &str) -> Result<ModelReply, ModelError> {
    let (reply, said) = read(&[answer.as_bytes()]);
    if let Ok(reply) = &reply {
        assert_eq!(reply.text, said);
    }
    reply
}

/// A reply with everything in it, written as providers write it.
fn recorded() -> Vec<String> {
    let reply = script::text("Schön \u{1F600}.")
        .call("add_task", json!({"title": "\"Käse\"\n"}))
        .call("list_tasks", json!({}));
    // What is the same in every chunk only makes the sweeps longer.
    let lean = |reply: &script::Reply| {
        let ballast =
            ["\"created\":1767225600,", "\"object\":\"chat.completion.chunk\",", "\"logprobs\":null,"];
        ballast.iter().fold(reply.sse(), |stream, member| stream.replace(member, ""))
    };
    let plain = lean(&reply);
    vec![
        plain.replace('\n', "\r\n"),
        format!("\u{FEFF}: OPENROUTER PROCESSING\n\n{}", plain.replace("data: ", "event: chunk\ndata:")),
        lean(&reply.clone().index(Index::Missing).ids(CallIds::Missing).fragments(7).split_names()),
        lean(&reply.clone().index(Index::Zero).no_done()),
        lean(&reply.no_finish().without_usage()),
        plain,
    ]
}

#[test]
fn where_a_stream_is_cut_in_two_changes_nothing() {
    for stream in recorded() {
        let expected = whole(&stream).unwrap();
        assert_eq!(expected.calls.len(), 2, "{stream}");
        let bytes = stream.as_bytes();
        for cut in 0..=bytes.len() {
            let (reply, said) = read(&[&bytes[..cut], &bytes[cut..]]);
            assert_eq!(reply.unwrap(), expected, "cut at {cut}");
            assert_eq!(said, expected.text);
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(read(&single).0.unwrap(), expected);
    }
}

#[test]
fn a_stream_that_ends_at_any_byte_is_a_whole_reply_or_none() {
    for stream in recorded() {
        let expected = whole(&stream).unwrap();
        let bytes = stream.as_bytes();
        let mut complete = 0;
        for end in 0..=bytes.len() {
            let (reply, said) = read(&[&bytes[..end]]);
            assert!(expected.text.starts_with(&said));
            match reply {
                Ok(reply) => {
                    complete += 1;
                    assert!(reply.usage.is_none() || reply.usage == expected.usage);
                    assert_eq!(ModelReply { usage: expected.usage, ..reply }, expected, "ended at {end}");
                }
                Err(error) => assert!(matches!(error, ModelError::BadReply(_)), "ended at {end}: {error}"),
            }
        }
        assert!(complete < bytes.len() / 2, "{complete} of {}", bytes.len());
    }
}

#[test]
fn an_answer_in_one_piece_is_taken_as_it_is() {
    let calls = json!([
        {"id": "same", "type": "function", "function": {"name": "list_tasks", "arguments": ""}},
        {"id": "same", "type": "function", "function": {"name": "list_tasks", "arguments": ""}},
    ]);
    let answer = json!({
        "id": "x", "object": "chat.completion", "error": null,
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "ok", "refusal": null, "tool_calls": calls}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 4},
    });
    for text in [answer.to_string(), format!("\u{FEFF}\r\n {answer:#}\n")] {
        let reply = whole(&text).unwrap();
        assert_eq!((reply.text.as_str(), reply.calls.len(), reply.finish), ("ok", 2, ModelFinish::Stop));
        assert_eq!(reply.usage.unwrap().completion_tokens, 4);
        for end in 0..text.trim_end().len() {
            let reply = read(&[&text.as_bytes()[..end]]).0;
            assert!(matches!(reply, Err(ModelError::BadReply(_))), "ended at {end}");
            assert!(read(&[&text.as_bytes()[..end], &text.as_bytes()[end..]]).0.is_ok());
        }
    }
}

#[test]
fn what_is_no_reply_is_a_bad_one() {
    for answer in [
        "",
        " \n",
        "<!DOCTYPE html><html><body>Login</body></html>",
        "null",
        "{}",
        "[]",
        "{\"choices\": []}",
        "{\"choices\": [{\"finish_reason\": \"stop\"}]}",
        "data: [DONE]\n\n",
        "data: hello\n\n",
        "data: 7\n\n",
        "data: {\"choices\": [{\"delta\": {\"content\": \"a\"}}]}\n\n",
        "data: {\"choices\": [{\"delta\": {\"content\": \"a\"}}]}\n\ndata: {half\n\n",
        "\x1f\u{8b}\x08 not what was asked for",
    ] {
        assert!(matches!(whole(answer), Err(ModelError::BadReply(_))), "{answer:?}");
    }
}

#[test]
fn errors_with_status_200_are_errors() {
    for answer in [
        "{\"error\": {\"message\": \"slow down\", \"code\": 429}}",
        "[{\"error\": {\"message\": \"slow down\", \"code\": 429}}]",
        "data: {\"error\": {\"code\": \"rate_limit_exceeded\"}, \"choices\": []}\n\n",
        "data: {\"choices\": [{\"delta\": {\"content\": \"a\"}}]}\n\nevent: error\ndata: {\"code\": 429}\n\n",
        "event: error\ndata: {\"error\": {\"type\": \"rate_limit_error\"}}\n\n",
    ] {
        assert!(matches!(whole(answer), Err(ModelError::Busy { retry_after: None })), "{answer:?}");
    }
}

#[test]
fn nothing_counts_after_the_end() {
    let chunk =
        |words: &str| format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{words}\"}}}}]}}\n\n");
    let answer = format!("{}data: [DONE]\n\n{}data: {{broken\n\n", chunk("a"), chunk("b"));
    assert_eq!(whole(&answer).unwrap().text, "a");
    let in_two = format!("{}data: [DONE]\n\n", chunk("a"));
    assert_eq!(read(&[in_two.as_bytes(), chunk("b").as_bytes()]).0.unwrap().text, "a");
}

/// How many bytes an answer of these pieces may have before it is one too many.
fn bytes_until_refused(begin: &str, piece: &str) -> usize {
    let mut decoder = ReplyDecoder::new();
    decoder.push(begin.as_bytes(), &|_| {}).unwrap();
    let mut pushed = begin.len();
    while decoder.push(piece.as_bytes(), &|_| {}).is_ok() {
        pushed += piece.len();
        assert!(pushed <= MAX_WIRE_BYTES);
    }
    pushed
}

#[test]
fn an_answer_is_bounded() {
    let long = "x".repeat(1_000);
    let said = format!("data: {{\"choices\": [{{\"delta\": {{\"content\": \"{long}\"}}}}]}}\n\n");
    let thought = format!("data: {{\"choices\": [{{\"delta\": {{\"reasoning\": \"{long}\"}}}}]}}\n\n");
    let arguments = json!({"title": "x".repeat(20_000)}).to_string();
    let function = json!({"name": "add_task", "arguments": arguments});
    let call = json!({"choices": [{"delta": {"tool_calls": [{"function": function}]}}]});
    for (begin, piece, most) in [
        ("", format!(": {long}\n"), MAX_WIRE_BYTES),
        ("", thought, MAX_WIRE_BYTES),
        ("", said, MAX_SAID_BYTES * 11 / 10),
        ("", format!("data: {call}\n\n"), MAX_KEPT_BYTES * 11 / 10),
        ("data: ", long.clone(), MAX_KEPT_BYTES),
        ("", format!("data: {long}\n"), MAX_KEPT_BYTES * 11 / 10),
        ("{\"choices\": ", long, MAX_KEPT_BYTES),
        ("", " ".repeat(1_000), MAX_KEPT_BYTES),
    ] {
        let pushed = bytes_until_refused(begin, &piece);
        assert!(pushed <= most && pushed > most / 2, "{pushed} of {most}: {}", &piece[..20]);
    }
}

#[test]
fn what_is_said_is_bounded_also_when_it_comes_at_once() {
    let answer = |bytes: usize| {
        let message = json!({"content": "x".repeat(bytes)});
        whole(&json!({"choices": [{"message": message, "finish_reason": "stop"}]}).to_string())
    };
    assert_eq!(answer(MAX_SAID_BYTES).unwrap().text.len(), MAX_SAID_BYTES);
    assert!(matches!(answer(MAX_SAID_BYTES + 1), Err(ModelError::BadReply(_))));
}

#[test]
fn long_thoughts_in_small_pieces_are_no_long_reply() {
    let envelope = "x".repeat(300);
    for thought in [json!({"reasoning_content": "and "}), json!({"content": "and "})] {
        let chunk = json!({"id": envelope, "choices": [{"delta": thought}]});
        let around = |content: &str, finish_reason: Value| json!({"choices": [{"delta": {"content": content}, "finish_reason": finish_reason}]});
        let mut stream = format!("data: {}\n\n", around("<think>", json!(null)));
        stream += &format!("data: {chunk}\n\n").repeat(8_000);
        stream += &format!("data: {}\n\ndata: [DONE]\n\n", around("</think>Milk.", json!("stop")));
        assert!(stream.len() > 2 * 1024 * 1024);
        assert_eq!(whole(&stream).unwrap().text, "Milk.");
    }
}

proptest! {
    #[test]
    fn any_bytes_give_a_reply_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&[&bytes]);
    }

    #[test]
    fn any_json_gives_a_reply_or_an_error(chunks in proptest::collection::vec(any_chunk(), 0..6), streamed in any::<bool>()) {
        let answer: String = if streamed {
            chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect()
        } else {
            chunks.first().map(Value::to_string).unwrap_or_default()
        };
        let bytes = answer.as_bytes();
        let expected = read(&[bytes]);
        let (reply, said) = read(&bytes.chunks(3).collect::<Vec<_>>());
        prop_assert_eq!(format!("{reply:?}"), format!("{:?}", expected.0));
        prop_assert_eq!(said, expected.1);
    }
}

/// A random chunk, mostly in the form of one, with values of any kind.
fn any_chunk() -> impl Strategy<Value = Value> {
    let around = |delta: Value, finish_reason: Value| json!({"choices": [{"delta": delta, "finish_reason": finish_reason}]});
    prop_oneof![
        1 => any_value(),
        4 => (any_value(), prop_oneof![Just(json!(null)), Just(json!("stop"))])
            .prop_map(move |(delta, finish_reason)| around(delta, finish_reason)),
        4 => proptest::collection::vec(any_value(), 0..3)
            .prop_map(move |calls| around(json!({"tool_calls": calls}), json!(null))),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(null)),
        Just(json!("")),
        Just(json!("add_task")),
        Just(json!("{\"title\":\"a\"}")),
        Just(json!([])),
        any::<i8>().prop_map(|number| json!(number)),
    ];
    let member = prop::sample::select(vec![
        "choices",
        "delta",
        "message",
        "content",
        "tool_calls",
        "function",
        "name",
        "arguments",
        "index",
        "id",
        "usage",
        "prompt_tokens",
        "error",
        "refusal",
        "function_call",
    ]);
    leaf.prop_recursive(4, 30, 4, move |inner| {
        let members = proptest::collection::vec((member.clone(), inner.clone()), 0..5);
        prop_oneof![
            1 => proptest::collection::vec(inner, 0..3).prop_map(Value::Array),
            3 => members.prop_map(|members| {
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }),
        ]
    })
}
