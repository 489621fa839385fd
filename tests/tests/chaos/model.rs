//! A model that misbehaves: for each way an answer of the contract, effects of whole steps only, and
//! a conversation that goes on.

mod table;

use serde_json::json;
use table::{Case, MODEL_SAID, cases};
use tests::{
    TestApp, User,
    script::{call, raw, text},
};
use tokio::task::JoinSet;

#[tokio::test]
async fn every_misbehaviour_has_its_answer_and_the_conversation_goes_on() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let mut faults = Vec::new();
    for case in cases() {
        faults.extend(fault(&app, &alice, case).await);
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Plays one case and returns what is not as expected.
async fn fault(app: &TestApp, alice: &User<'_>, case: Case) -> Option<String> {
    let Case { name, script, expected, adds } = case;
    let before = alice.titles().await.len();
    let hello = alice.chat("hello").await.expect(200);
    let conversation = hello["conversation_id"].as_str().unwrap();
    app.model().on(format!("the case of {name}."), script);
    let answer = alice.chat_in(conversation, &format!("the case of {name}.")).await;
    let added = alice.titles().await.len() - before;
    let told = match answer.status {
        200 => Ok(answer.json["finish_reason"].as_str().unwrap_or_default()),
        status => Err((status, answer.json["code"].as_str().unwrap_or_default())),
    };
    let leaks = [MODEL_SAID, tests::MODEL_KEY].iter().any(|secret| answer.text.contains(secret));
    let is_empty = answer.json["message"] == "";
    let next = alice.chat_in(conversation, "are you there?").await.status;
    let is_fine = (told, added, next) == (expected, adds, 200) && !leaks && !is_empty;
    (!is_fine).then(|| {
        format!("{name}: {told:?}, {added} added, then {next}; not {expected:?}, {adds}: {}", answer.text)
    })
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
