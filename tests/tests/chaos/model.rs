//! A model that misbehaves: for each way an answer of the contract, effects of whole steps only, and
//! a conversation that goes on.

mod context_overflow;
mod long_conversations;
mod misbehaviour_cases;
mod model_hang;
mod model_selection;
mod provider_response_formats;
mod reasoning_field_rules;
mod tool_calling_modes;
mod unavailable;

use misbehaviour_cases::{MODEL_SAID, cases};
use serde_json::json;
use tests::{
    HttpResponse, TestApp, User,
    script::{call, raw, text},
    stream_chunks,
};
use tokio::task::JoinSet;

#[tokio::test]
async fn every_misbehaviour_has_its_answer_and_the_conversation_goes_on() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let mut faults = Vec::new();
    for case in cases() {
        let (name, expected) = (case.name, (case.expected, case.adds, 200));
        app.model().on(format!("the case of {name}."), case.script);
        for channel in [Channel::Whole, Channel::Stream] {
            let (seen, text) = play(&alice, name, channel).await;
            let leaks = [MODEL_SAID, tests::MODEL_KEY].iter().any(|secret| text.contains(secret));
            let is_told = match seen.0.as_ref() {
                Ok(reason) => expected.0 == Ok(reason.as_str()),
                // A stream tells it to people, and has no code.
                Err((_, None)) => expected.0.is_err(),
                Err((status, Some(code))) => expected.0 == Err((*status, code.as_str())),
            };
            if !is_told || (seen.1, seen.2) != (expected.1, expected.2) || leaks {
                faults.push(format!("{name}, {channel:?}: {seen:?}, not {expected:?}: {text}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// How the answer is asked for.
#[derive(Debug, Clone, Copy)]
enum Channel {
    Whole,
    Stream,
}

/// A `finish_reason`, or a status with the code that came with it.
type TurnResult = Result<String, (u16, Option<String>)>;

/// Plays one case in a conversation of its own: what came of it, how many tasks it added, the
/// status of the next message, and all that was said to the client.
async fn play(alice: &User<'_>, name: &str, channel: Channel) -> ((TurnResult, usize, u16), String) {
    let before = alice.titles().await.len();
    let hello = alice.chat("hello").await.expect(200);
    let conversation = hello["conversation_id"].as_str().unwrap();
    let words = format!("the case of {name}.");
    let (told, text) = match channel {
        Channel::Whole => {
            let answer = alice.chat_in(conversation, &words).await;
            (whole(&answer), answer.text)
        }
        Channel::Stream => {
            let body = json!({"id": conversation, "message": words});
            let answer = alice.own("POST", "/chat/stream").json(&body).await;
            (streamed(&answer), answer.text)
        }
    };
    let added = alice.titles().await.len() - before;
    let next = alice.chat_in(conversation, "are you there?").await.status;
    ((told, added, next), text)
}

fn whole(answer: &HttpResponse) -> TurnResult {
    let text = |member: &str| answer.json[member].as_str().unwrap_or_default().to_owned();
    if answer.status != 200 {
        return Err((answer.status, Some(text("code"))));
    }
    assert_ne!(text("message"), "", "{}", answer.text);
    Ok(text("finish_reason"))
}

/// The end of a stream, which has one; or the status, when it was known before the stream began.
fn streamed(answer: &HttpResponse) -> TurnResult {
    if answer.status != 200 {
        return whole(answer);
    }
    assert!(answer.text.ends_with("data: [DONE]\n\n"), "{}", answer.text);
    let chunks = stream_chunks::parse(&answer.text);
    let of = |kind: &'static str| stream_chunks::of_type(&chunks, kind);
    assert_eq!(of("finish").count() + of("error").count(), 1, "{}", answer.text);
    match of("data-usage").next() {
        Some(usage) => Ok(usage["data"]["finish_reason"].as_str().unwrap_or_default().to_owned()),
        None => Err((answer.status, None)),
    }
}

/// Some bytes of a good stream, and then nothing: however many there are, it is the whole step or none of it.
#[tokio::test]
async fn a_stream_that_is_cut_at_any_byte_is_a_whole_step_or_none() {
    let app = TestApp::everyday().await;
    let alice = tests::chaos::Person::register(app.server().base(), "alice").await;
    let stream = call("add_task", json!({"title": "Käse \u{1F9C0}"})).say("Moment mal …").sse().into_bytes();
    let at_once = 12;
    let (mut whole, mut none) = (0, 0);
    for bytes in (0..=stream.len()).step_by(at_once) {
        let mut asking = JoinSet::new();
        for bytes in bytes..(bytes + at_once).min(stream.len() + 1) {
            let words = format!("cut after {bytes:05}");
            app.model().on(words.as_str(), [raw(stream.clone()).cut_after(bytes), text("Done.")]);
            let (alice, base) = (alice.clone(), app.server().base().to_owned());
            asking.spawn(async move {
                let request = (reqwest::Method::POST, "/chat".to_owned(), Some(json!({"message": words})));
                (bytes, alice.send(&base, request, None).await.expect("an answer"))
            });
        }
        for (bytes, answer) in asking.join_all().await {
            match answer.status {
                200 => {
                    assert_eq!(
                        answer.body["tool_calls"].as_array().map(Vec::len),
                        Some(1),
                        "{bytes}: {answer:?}"
                    );
                    whole += 1;
                }
                502 | 503 if answer.has_retry_after => none += 1,
                _ => panic!("cut after {bytes} bytes: {answer:?}"),
            }
        }
    }
    assert!(whole > 0 && none > stream.len() / 2, "{whole} whole, {none} none of {}", stream.len());
    let tasks = app.database().query("SELECT count(*) FROM todo WHERE title = 'Käse \u{1F9C0}'").await;
    assert_eq!(tasks[0][0], whole.to_string());
}
