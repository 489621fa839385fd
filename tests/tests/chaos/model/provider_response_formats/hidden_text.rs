//! Text of a model that no person is to see, and what becomes of it.

use tests::{TestApp, script::text};

use super::{ask, said, says, stream};

#[tokio::test]
async fn a_call_that_nobody_can_read_is_not_shown_and_the_model_learns_of_it() {
    let app = TestApp::everyday_with(&[("OPENAI_TOOL_MODE", "native")]).await;
    let alice = app.user("alice").await;
    for (case, written) in [
        "<tool_call>frobnicate\n<arg_key>a</arg_key>",
        "Let me see.\n<|python_tag|>brave_search.call(query=\"milk\")",
        "<|tool_calls_section_begin|><|tool_call_begin|>functions.frobnicate:0<|tool_call_argument_begin|>{}",
    ]
    .into_iter()
    .enumerate()
    {
        app.model().on(format!("case {case}."), [stream(&says(&[written])), text("What do you mean?")]);
        for is_streamed in [false, true] {
            let answer = ask(&alice, &format!("case {case}."), is_streamed).await;
            assert_eq!(said(&answer, is_streamed), "What do you mean?", "{}", answer.text);
            assert!(!answer.text.contains("<|") && !answer.text.contains("arg_key"), "{}", answer.text);
            let requests = app.model().requests();
            let result = requests.last().unwrap()["messages"].as_array().unwrap().last().unwrap();
            assert!(result["role"] == "tool" && result.to_string().contains("error"), "{result}");
        }
    }
    app.model().assert_clean();
}

#[tokio::test]
async fn a_thought_without_its_beginning_is_streamed_once_at_most_and_never_kept() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let thought = says(&["the person ", "wants</think>", "\n\nHello!"]);
    app.model().on("say hello", [stream(&thought)]);
    for is_first in [true, false] {
        let answer = ask(&alice, "say hello", true).await;
        assert_eq!(said(&answer, true), "Hello!", "{}", answer.text);
        assert!(is_first || !answer.text.contains("wants"), "it is known by now: {}", answer.text);
    }
    let stored = app.database().query("SELECT count(*) FROM message WHERE content LIKE '%wants%'").await;
    assert_eq!(stored[0][0], "0");
    app.model().assert_clean();
}
