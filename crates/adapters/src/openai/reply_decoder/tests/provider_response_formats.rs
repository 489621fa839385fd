//! A table of responses that servers were seen to send: each as its `data:` lines, and the reply that it
//! means.

use super::{read, whole};

/// The lines, the text, and the calls with their arguments.
type Wire = (&'static str, &'static [&'static str], &'static str, &'static [(&'static str, &'static str)]);

const STOP: &str = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
const ONE: (&str, &str) = ("add_task", r#"{"title":"One"}"#);
const TWO: (&str, &str) = ("add_task", r#"{"title":"Two"}"#);

#[rustfmt::skip]
const CALLS: &[Wire] = &[
    ("a gateway to Gemini: the second call glued to the first", &[
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"add_task","arguments":""}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"","arguments":"{\"title\":\"One\"}"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"","arguments":"{\"title\":\"Two\"}"}}]}}]}"#,
        STOP,
    ], "", &[ONE, TWO]),
    ("the same, cut elsewhere than between the calls", &[
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","function":{"name":"add_task","arguments":"{\"title\":"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"One\"}{\"title\""}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":\"Two\"}"}}]}}]}"#,
        STOP,
    ], "", &[ONE, TWO]),
    ("the arguments in pieces, and then once more in one", &[
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","function":{"name":"add_task","arguments":"{\"title\":"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"One\"}"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"title\":\"One\"}"}}]}}]}"#,
        STOP,
    ], "", &[ONE]),
    ("an empty object before the pieces", &[
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a1","type":"function","function":{"name":"add_task","arguments":{}}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"title\":"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"One\"}"}}]}}]}"#,
        STOP,
    ], "", &[ONE]),
    ("an empty object before the pieces, with the name in each", &[
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a1","function":{"name":"add_task","arguments":"{}"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a1","function":{"name":"add_task","arguments":"{\"title\":\"One\"}"}}]}}]}"#,
        STOP,
    ], "", &[ONE]),
    ("a prefix before the name, a number behind it (Kimi)", &[
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"functions.add_task:0","function":{"name":"functions.add_task:0","arguments":"{\"title\":\"One\"}"}}]}}]}"#,
        STOP,
    ], "", &[ONE]),
    ("a prefix before the name, in pieces, and a call without arguments behind it", &[
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"function":{"name":"default_api.list"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"function":{"name":"_tasks"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"function":{"name":"default_api.add_task","arguments":"{\"title\":\"One\"}"}}]}}]}"#,
        STOP,
    ], "", &[("list_tasks", ""), ONE]),
    ("a mark of the template behind the name (gpt-oss)", &[
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a1","function":{"name":"add_task<|channel|>commentary","arguments":"{\"title\":\"One\"}"}}]}}]}"#,
        STOP,
    ], "", &[ONE]),
    ("arguments that are encoded twice", &[
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a1","function":{"name":"add_task","arguments":"\"{\\\"title\\\":"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\\\"One\\\"}\""}}]}}]}"#,
        STOP,
    ], "", &[ONE]),
    ("half an emoji inside arguments", &[
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a1","function":{"name":"add_task","arguments":"{\"title\":\"x\\ud83d\"}"}}]}}]}"#,
        STOP,
    ], "", &[("add_task", "{\"title\":\"x\u{FFFD}\"}")]),
    ("an icon of a private plane inside arguments", &[
        "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a1\",\"function\":{\"name\":\"add_task\",\"arguments\":\"{\\\"title\\\":\\\"\u{F0131} Milk\\\"}\"}}]}}]}",
        STOP,
    ], "", &[("add_task", "{\"title\":\"\u{F0131} Milk\"}")]),
    ("arguments in a fence", &[
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a1","function":{"name":"add_task","arguments":"```json\n{\"title\":\"One\"}\n```"}}]}}]}"#,
        STOP,
    ], "", &[ONE]),
    ("Ollama: whole calls in one chunk each, no index, no reason for the end but stop", &[
        r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":"","tool_calls":[{"id":"call_x","type":"function","function":{"name":"add_task","arguments":"{\"title\":\"One\"}"}}]},"finish_reason":null}]}"#,
        r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":"","tool_calls":[{"id":"call_y","type":"function","function":{"name":"add_task","arguments":"{\"title\":\"Two\"}"}}]},"finish_reason":null}]}"#,
        STOP,
    ], "", &[ONE, TWO]),
];

#[test]
fn calls_are_what_they_were_meant_to_be() {
    check(CALLS);
}

#[rustfmt::skip]
const GLUED_CALLS: &[Wire] = &[
    ("two calls of the same, glued together", &[
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"add_task","arguments":""}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"","arguments":"{\"title\":\"One\"}"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"","arguments":"{\"title\":\"One\"}"}}]}}]}"#,
        STOP,
    ], "", &[ONE, ONE]),
    ("two calls of the same in one text", &[
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","function":{"name":"add_task","arguments":"{\"title\":\"One\"}{\"title\":\"One\"}"}}]}}]}"#,
        STOP,
    ], "", &[ONE, ONE]),
    ("an empty object, the pieces, and then once more in one", &[
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","function":{"name":"add_task","arguments":"{}"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"title\":"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"One\"}"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"title\": \"One\"}"}}]}}]}"#,
        STOP,
    ], "", &[ONE]),
    ("calls with commas between them", &[
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","function":{"name":"add_task","arguments":"{\"title\":\"One\"}, {\"title\":\"Two\"}"}}]}}]}"#,
        STOP,
    ], "", &[ONE, TWO]),
    ("calls in an array", &[
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","function":{"name":"add_task","arguments":"[{\"title\":\"One\"},{\"title\":\"Two\"}]"}}]}}]}"#,
        STOP,
    ], "", &[ONE, TWO]),
    ("an empty array before the pieces, as PHP writes an empty object", &[
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a1","type":"function","function":{"name":"add_task","arguments":[]}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"title\":"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"One\"}"}}]}}]}"#,
        STOP,
    ], "", &[ONE]),
    ("null as a text before the pieces, with the name in each", &[
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a1","function":{"name":"add_task","arguments":"null"}}]}}]}"#,
        r#"{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a1","function":{"name":"add_task","arguments":"{\"title\":\"One\"}"}}]}}]}"#,
        STOP,
    ], "", &[ONE]),
];

#[test]
fn glued_calls_are_told_apart_and_none_is_lost() {
    check(GLUED_CALLS);
}

/// Reads each answer as a stream, whole, by bytes and with other line ends, and as it is.
fn check(wires: &[Wire]) {
    for (name, lines, text, calls) in wires {
        let stream = |end: &str| {
            let events = lines.iter().map(|line| format!(": ping{end}data: {line}{end}{end}"));
            events.collect::<String>() + &format!("data: [DONE]{end}{end}")
        };
        for stream in [stream("\n"), stream("\r\n"), stream("\r")] {
            let bytes: Vec<&[u8]> = stream.as_bytes().chunks(1).collect();
            let (by_bytes, said) = read(&bytes);
            let reply = whole(&stream).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(by_bytes.unwrap(), reply, "{name}");
            assert_eq!((reply.text.as_str(), said.as_str()), (*text, *text), "{name}");
            let found: Vec<_> =
                reply.calls.iter().map(|call| (call.name.as_str(), call.arguments.as_str())).collect();
            assert_eq!(found, *calls, "{name}");
        }
    }
}
