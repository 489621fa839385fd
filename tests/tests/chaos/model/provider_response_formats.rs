//! Answers as OpenAI-compatible servers were seen to send them, each of which broke a client once. What
//! a person gets is the same by JSON and as a stream.

mod hidden_text;

use serde_json::{Value, json};
use tests::{
    HttpResponse, TestApp, User,
    script::{Reply, raw, text},
    stream_chunks,
};

/// One peculiarity of a server.
struct Wire {
    name: &'static str,
    /// The `data:` events of its answer, as texts: some are no JSON that an encoder writes.
    events: Vec<String>,
    /// The titles of the tasks that it adds.
    adds: &'static [&'static str],
    /// What the person reads when the answer is words.
    says: Option<&'static str>,
    /// What nobody may see of it.
    hides: &'static [&'static str],
}

fn delta(delta: &Value) -> String {
    json!({"id": "c", "object": "chat.completion.chunk", "model": "m",
           "choices": [{"index": 0, "delta": delta, "finish_reason": null}]})
    .to_string()
}

fn finish(reason: &str) -> String {
    json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}).to_string()
}

fn fragments(calls: &[Value]) -> Vec<String> {
    let pieces = calls.iter().map(|call| delta(&json!({"tool_calls": [call]})));
    pieces.chain([finish("tool_calls")]).collect()
}

fn says(pieces: &[&str]) -> Vec<String> {
    let pieces = pieces.iter().map(|piece| delta(&json!({"content": piece})));
    pieces.chain([finish("stop")]).collect()
}

fn adding(name: &'static str, events: Vec<String>) -> Wire {
    Wire { name, events, adds: &["One"], says: None, hides: &[] }
}

fn saying(name: &'static str, events: Vec<String>, says: &'static str) -> Wire {
    Wire { name, events, adds: &[], says: Some(says), hides: &[] }
}

fn call(function: &Value) -> Value {
    json!({"index": 0, "id": "a1", "type": "function", "function": function})
}

fn more(function: &Value) -> Value {
    json!({"index": 0, "function": function})
}

fn wires() -> Vec<Wire> {
    [shapes_of_calls(), arguments(), written_calls(), thoughts(), words()].into_iter().flatten().collect()
}

fn shapes_of_calls() -> Vec<Wire> {
    vec![
        Wire {
            adds: &["One", "Two"],
            ..adding(
                "a second call glued to the first, as a Gemini gateway sends it",
                fragments(&[
                    call(&json!({"name": "add_task", "arguments": ""})),
                    more(&json!({"name": "", "arguments": "{\"title\": \"One\"}"})),
                    more(&json!({"name": "", "arguments": "{\"title\": \"Two\"}"})),
                ]),
            )
        },
        adding(
            "a call without an index that carries a signature, as Gemini 3 sends it",
            fragments(&[json!({
                "id": "call_1", "type": "function",
                "function": {"name": "add_task", "arguments": "{\"title\": \"One\"}"},
                "extra_content": {"google": {"thought_signature": "SIG123"}},
            })]),
        ),
        Wire {
            hides: &["plan 7"],
            ..adding(
                "reasoning beside a call, as DeepSeek sends it",
                [
                    vec![delta(&json!({"reasoning_content": "plan 7"}))],
                    fragments(&[call(&json!({"name": "add_task", "arguments": "{\"title\":\"One\"}"}))]),
                ]
                .concat(),
            )
        },
        adding(
            "a name with a prefix",
            fragments(&[call(&json!({"name": "functions.add_task", "arguments": "{\"title\": \"One\"}"}))]),
        ),
    ]
}

fn arguments() -> Vec<Wire> {
    vec![
        adding(
            "an empty object as opener",
            fragments(&[
                call(&json!({"name": "add_task", "arguments": {}})),
                more(&json!({"arguments": "{\"title\":"})),
                more(&json!({"arguments": "\"One\"}"})),
            ]),
        ),
        adding(
            "arguments as an object",
            fragments(&[call(&json!({"name": "add_task", "arguments": {"title": "One"}}))]),
        ),
        adding(
            "arguments encoded twice",
            fragments(&[call(&json!({"name": "add_task", "arguments": "\"{\\\"title\\\": \\\"One\\\"}\""}))]),
        ),
        Wire {
            adds: &["x\u{FFFD}"],
            ..adding(
                "half an emoji inside arguments",
                fragments(&[call(&json!({"name": "add_task", "arguments": "{\"title\": \"x\\ud83d\"}"}))]),
            )
        },
        Wire {
            adds: &["\u{F0131} Milk"],
            ..adding(
                "an icon of a private plane",
                fragments(&[call(
                    &json!({"name": "add_task", "arguments": "{\"title\": \"\u{F0131} Milk\"}"}),
                )]),
            )
        },
        adding(
            "arguments in a fence",
            fragments(&[call(
                &json!({"name": "add_task", "arguments": "```json\n{\"title\": \"One\"}\n```"}),
            )]),
        ),
    ]
}

fn written_calls() -> Vec<Wire> {
    let written = r#"{"name": "add_task", "arguments": {"title": "One"}}"#;
    vec![
        adding(
            "a call between marks of a chat template",
            says(&["<tool_call>\n", written, "\n</tool_call>"]),
        ),
        adding(
            "a call between marks of its own, as Qwen3-Coder writes it",
            says(&[
                "<tool_call>\n<function=add_task>\n<para",
                "meter=title>\nOne\n</parameter>\n</function>\n</tool_call>",
            ]),
        ),
        adding(
            "a call with its name before its arguments, as Mistral writes it",
            says(&["[TOOL_", r#"CALLS]add_task[ARGS]{"title": "One"}"#]),
        ),
        adding(
            "words around a call",
            says(&["Sure!\n<tool", "_call>\n", written, "\n</tool_call>\nI have added it."]),
        ),
        adding("a call as Llama writes it", says(&["<|python", "_tag|>", written])),
        adding(
            "a call as GLM writes it",
            says(&[
                "<tool_call>add_task\n<arg_key>title</arg_key>\n<arg_value>One</arg_value>\n</tool_call>",
            ]),
        ),
        adding(
            "a call in a fence after words, as DeepSeek writes it",
            says(&[
                "Sure!<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>add_task\n",
                "```json\n{\"title\": \"One\"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
            ]),
        ),
        adding(
            "a call as newer models of DeepSeek write it",
            says(&[
                "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>add_task<｜tool▁sep｜>{\"title\": \"One\"}<｜tool▁call▁end｜>",
            ]),
        ),
        adding(
            "a call as Kimi writes it",
            says(&[
                "<|tool_calls_section_begin|><|tool_call_begin|>functions.add_task:0",
                "<|tool_call_argument_begin|>{\"title\": \"One\"}<|tool_call_end|><|tool_calls_section_end|>",
            ]),
        ),
        adding("a call as a fence of JSON", says(&["```json\n", written, "\n```"])),
        adding("a call as bare JSON, in pieces", says(&[&written[..9], &written[9..30], &written[30..]])),
    ]
}

fn thoughts() -> Vec<Wire> {
    vec![
        Wire {
            hides: &["think", "wants"],
            ..saying(
                "thoughts inside the words, as Qwen writes them",
                says(&["<think>", "the person wants", "</think>\n\n", "Hello!"]),
                "Hello!",
            )
        },
        Wire {
            hides: &["think", "wants"],
            ..saying(
                "thoughts whose beginning the chat template wrote, as Qwen3 and R1 send them",
                says(&["the person ", "wants</thi", "nk>\n\nHel", "lo!"]),
                "Hello!",
            )
        },
        Wire {
            hides: &["THINK", "wants"],
            ..saying(
                "thoughts as Magistral writes them",
                says(&["[THINK]the person wants", "[/THINK]Hello!"]),
                "Hello!",
            )
        },
        Wire {
            hides: &["analysis", "wants", "<|"],
            ..saying(
                "thoughts as gpt-oss writes them",
                says(&[
                    "<|channel|>analysis<|message|>the person wants<|end|><|start|>assistant<|channel|>",
                    "final<|message|>Hello!<|return|>",
                ]),
                "Hello!",
            )
        },
        saying(
            "words in parts, the thinking ones left out, as Mistral sends them",
            vec![
                delta(
                    &json!({"content": [{"type": "thinking", "thinking": [{"text": "hm"}]}, {"type": "text", "text": "Hello!"}]}),
                ),
                finish("stop"),
            ],
            "Hello!",
        ),
        saying(
            "words in parts beside reasoning with a text of its own",
            vec![
                delta(
                    &json!({"content": [{"type": "reasoning", "text": "hm"}, {"type": "text", "text": "Hello!"}]}),
                ),
                finish("stop"),
            ],
            "Hello!",
        ),
    ]
}

fn words() -> Vec<Wire> {
    vec![
        saying("an icon of a private plane", says(&["\u{F0131} ", "Milk"]), "\u{F0131} Milk"),
        saying(
            "half an emoji in one piece and half in the next",
            vec![
                r#"{"choices":[{"index":0,"delta":{"content":"x\ud83d"}}]}"#.to_owned(),
                r#"{"choices":[{"index":0,"delta":{"content":"\ude00y"}}]}"#.to_owned(),
                finish("stop"),
            ],
            "x😀y",
        ),
        saying(
            "half an emoji that stays alone",
            vec![r#"{"choices":[{"index":0,"delta":{"content":"x\ud83d!"}}]}"#.to_owned(), finish("stop")],
            "x\u{FFFD}!",
        ),
    ]
}

fn stream(events: &[String]) -> Reply {
    let events: String = events.iter().map(|event| format!("data: {event}\n\n")).collect();
    raw(events + "data: [DONE]\n\n")
}

#[tokio::test]
async fn every_server_s_way_to_say_it_is_understood() {
    let app = TestApp::everyday_with(&[("OPENAI_TOOL_MODE", "native")]).await;
    let alice = app.user("alice").await;
    for Wire { name, events, adds, says, hides } in wires() {
        app.model().on(format!("the wire of {name}."), [stream(&events), text("Done.")]);
        for is_streamed in [false, true] {
            let before = alice.titles().await;
            let answer = ask(&alice, &format!("the wire of {name}."), is_streamed).await;
            assert_eq!(answer.status, 200, "{name}: {}", answer.text);
            let after = alice.titles().await;
            let added: Vec<&str> = after[before.len()..].iter().map(String::as_str).collect();
            assert_eq!(added, adds, "{name}");
            let shown = says.unwrap_or("Done.");
            assert!(said(&answer, is_streamed) == shown, "{name}: {shown} is not all of {}", answer.text);
            for hidden in hides {
                assert!(!answer.text.contains(hidden), "{name}: {}", answer.text);
                let stored = format!("SELECT count(*) FROM message WHERE content LIKE '%{hidden}%'");
                assert_eq!(app.database().query(&stored).await[0][0], "0", "{name}");
            }
        }
    }
    app.model().assert_clean();
}

#[tokio::test]
async fn a_call_keeps_its_signature_and_its_thoughts_go_back_until_the_person_speaks_again() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let signature = json!({"google": {"thought_signature": "SIG123"}});
    let call = json!({"index": 0, "id": "a1", "type": "function", "extra_content": signature,
                      "function": {"name": "add_task", "arguments": "{\"title\":\"One\"}"}});
    let events = [
        vec![delta(&json!({"reasoning_content": "plan "})), delta(&json!({"reasoning_content": "7"}))],
        fragments(&[call]),
    ]
    .concat();
    app.model().on("sign it", [stream(&events), text("Done.")]);
    app.model().on("and then", [text("Nothing else.")]);
    let first = alice.chat("sign it").await.expect(200);
    let conversation = first["conversation_id"].as_str().unwrap();
    alice.chat_in(conversation, "and then").await.expect(200);

    let requests = app.model().requests();
    let calling = |request: &Value| {
        let messages = request["messages"].as_array().unwrap();
        messages.iter().find(|message| message["tool_calls"].is_array()).cloned().unwrap()
    };
    let (within, later) = (calling(&requests[1]), calling(&requests[2]));
    assert_eq!(within["reasoning_content"], "plan 7");
    assert_eq!(within["tool_calls"][0]["extra_content"], signature);
    assert!(later.get("reasoning_content").is_none(), "the person has spoken again: {later}");
    assert_eq!(later["tool_calls"][0]["extra_content"], signature);
    let seen = alice.conversation(conversation).await;
    assert!(!seen.text.contains("SIG123") && !seen.text.contains("plan 7"), "{}", seen.text);
    app.model().assert_clean();
}

#[tokio::test]
async fn the_number_of_a_task_may_come_as_text() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    for (is_streamed, number) in [(false, 1), (true, 2)] {
        alice.add_task("Milk").await.expect(201);
        let arguments = json!({"task_id": number.to_string()}).to_string();
        let call = json!({"index": 0, "id": "a1", "type": "function",
                          "function": {"name": "complete_task", "arguments": arguments}});
        app.model().on(format!("finish {number}."), [stream(&fragments(&[call])), text("Done.")]);
        assert_eq!(ask(&alice, &format!("finish {number}."), is_streamed).await.status, 200);
        let task = alice.own("GET", &format!("/tasks/{number}")).await.expect(200);
        assert_eq!(task["completed"], true, "task {number}");
    }
    app.model().assert_clean();
}

async fn ask(alice: &User<'_>, words: &str, is_streamed: bool) -> HttpResponse {
    if is_streamed {
        return alice.own("POST", "/chat/stream").json(&json!({"message": words})).await;
    }
    alice.chat(words).await
}

/// The words that the person reads last: a stream may have had others before a call, and void ones.
fn said(answer: &HttpResponse, is_streamed: bool) -> String {
    if !is_streamed {
        return answer.json["message"].as_str().unwrap_or_default().to_owned();
    }
    // Withdrawn words are followed by a text of its own.
    let mut said = String::new();
    for chunk in stream_chunks::parse(&answer.text) {
        if chunk["type"] == "text-start" {
            said.clear();
        }
        said.push_str(chunk["delta"].as_str().unwrap_or_default());
    }
    said
}
