use std::sync::Mutex;

use super::*;

/// What was handed out, what the reply says, and the tools it calls, for the same text in pieces
/// of any size.
fn heard(text: &str) -> (String, Vec<String>) {
    let mut outcomes = Vec::new();
    for size in [1, 2, 5, text.len().max(1)] {
        let streamed = Mutex::new(String::new());
        let sink = |piece: &str| streamed.lock().unwrap().push_str(piece);
        let mut speech = VisibleText::default();
        let characters: Vec<char> = text.chars().collect();
        for piece in characters.chunks(size) {
            speech.push(&piece.iter().collect::<String>(), &sink);
        }
        let ParsedReply { text: said, calls, .. } = speech.finish(ModelFinish::Stop, false, &sink);
        assert_eq!(*streamed.lock().unwrap(), said, "{text}");
        outcomes.push((said, calls.into_iter().map(|call| call.name).collect::<Vec<_>>()));
    }
    outcomes.dedup();
    assert_eq!(outcomes.len(), 1, "{outcomes:?}");
    outcomes.remove(0)
}

#[test]
fn words_are_handed_out_and_thoughts_are_not() {
    for (text, said) in [
        ("Hello!", "Hello!"),
        ("", ""),
        ("  Hello", "  Hello"),
        ("<think>the person wants</think>\n\nHello!", "Hello!"),
        ("\n<think>\na < b </thin </think><think>again</think> Hello!", "Hello!"),
        ("<think>Käse \u{1F600}\u{1F600}</thi</think>Hello!", "Hello!"),
        ("<think>never ended", ""),
        ("<thinking aloud", "<thinking aloud"),
        ("a <think> later </think>", "a <think> later </think>"),
        ("<", "<"),
        ("{\"a\": 1} is JSON", "{\"a\": 1} is JSON"),
        ("[1] Milk", "[1] Milk"),
        ("{smiling} Hello", "{smiling} Hello"),
        ("```python\nprint()\n```", "```python\nprint()\n```"),
        ("<thinking>\nhm\n</thinking>\nHello!", "Hello!"),
        ("<thought>hm</thought>Hello!", "Hello!"),
        ("[THINK]hm[/THINK]Hello!", "Hello!"),
        (
            "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>Hello!<|return|>",
            "Hello!",
        ),
        ("<|channel|>final<|message|>Hello!", "Hello!"),
        ("Hello!\n\n", "Hello!\n\n"),
        ("Two < three [1] <3\n<", "Two < three [1] <3\n<"),
    ] {
        assert_eq!(heard(text), (said.to_owned(), vec![]), "{text}");
    }
}

#[test]
fn an_object_is_no_answer_to_a_person_unless_it_was_asked_for() {
    let result = r#"{"success": true, "task": {"id": 1}}"#;
    let half = &result[..result.len() - 9];
    for text in [
        result.to_owned(),
        format!("```json\n{result}\n```"),
        half.to_owned(),
        format!("{result}\n{result} {half}"),
        format!("```json\n{half}"),
    ] {
        assert_eq!(heard(&text), (String::new(), vec![]), "{text}");
    }
    let mut speech = VisibleText::for_json_object();
    speech.push(result, &|_| {});
    assert_eq!(speech.finish(ModelFinish::Stop, false, &|_| {}).text, result);
}

#[test]
fn a_call_in_the_place_of_words_is_a_call() {
    let call = r#"{"name": "add_task", "arguments": {"title": "One"}}"#;
    for text in [
        format!("<|python_tag|>{call}"),
        format!("<tool_call>\n{call}\n</tool_call>\nI have added it."),
        "<tool_call>add_task\n<arg_key>title</arg_key>\n<arg_value>One</arg_value>\n</tool_call>".to_owned(),
        format!("<tool_call>\n{call}\n</tool_call>"),
        format!("<think>so</think>\n```json\n{call}\n```"),
        format!(" {call}\n"),
    ] {
        assert_eq!(heard(&text), (String::new(), vec!["add_task".to_owned()]), "{text}");
    }
}

#[test]
fn a_call_after_words_is_a_call_and_they_are_words() {
    let call = r#"{"name": "add_task", "arguments": {"title": "One"}}"#;
    for markup in [
        format!("\n<tool_call>{call}</tool_call>"),
        format!("\n\n  <tool_call>\n{call}\n</tool_call>\nI have added it."),
        format!("<|python_tag|>{call}<|eom_id|>"),
        format!("[TOOL_CALLS][{call}]"),
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>add_task\n```json\n{\"title\": \"One\"}\n\
         ```<｜tool▁call▁end｜><｜tool▁calls▁end｜>"
            .to_owned(),
        "<|tool_calls_section_begin|><|tool_call_begin|>functions.add_task:0<|tool_call_argument_begin|>\
         {\"title\": \"One\"}<|tool_call_end|><|tool_calls_section_end|>"
            .to_owned(),
    ] {
        let heard = heard(&format!("Sure!{markup}"));
        assert_eq!(heard, ("Sure!".to_owned(), vec!["add_task".to_owned()]), "{markup}");
    }
}

#[test]
fn marks_that_cannot_be_read_are_not_shown_and_the_model_learns_of_it() {
    for markup in [
        "<tool_call>frobnicate\n<arg_key>a</arg_key>",
        "<tool_call>",
        "<|python_tag|>brave_search.call(query=\"milk\")",
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>half",
        "<|tool_calls_section_begin|><|tool_call_begin|>functions.frobnicate:0<|tool_call_argument_begin|>{}",
    ] {
        for (text, said) in [(markup.to_owned(), ""), (format!("Sure!\n{markup}"), "Sure!")] {
            assert_eq!(heard(&text), (said.to_owned(), vec![String::new()]), "{text}");
        }
    }
}

#[test]
fn who_speaks_of_marks_is_shown_whole() {
    for text in [
        "Qwen writes <tool_call> before a call.",
        "The mark is:\n<tool_call> begins a call.",
        "Like this:\n```\n<tool_call>{\"name\": \"add_task\"}</tool_call>\n<|python_tag|>\n</think>\n```\nSo it is.",
        "It is `<|python_tag|>{\"name\": \"add_task\"}` there.",
        "Hermes has this:\n<tool_call>{\"name\": …}</tool_call> around a call.\nThat is all.",
        "Qwen has this:\n<function=NAME><parameter=KEY>…</parameter></function>\nThat is all.",
        "Kimi begins with <|tool_calls_section_begin|> and goes on.",
        "A thought ends with </think>, you know.",
        "A thought ends with `</think>`\nand so on.",
        "A thought is <think>…</think>\n\nand so on.",
        "It ends (</think>) here.",
        "It is </think> here.",
        "1. Milk\n2. </think>\n3. Bread",
        "The tag is **</think>** and so on.",
        "|</think>|",
        "（</think>）",
        "「</think>」",
        "[</think>]",
        "<code></think></code>",
        "Like this:\n\n    </think>\n\nSo it is.",
        "It is `a</think>b` there.",
        "It is `a <|end|> b` there.",
        "What <|end|> means.",
    ] {
        assert_eq!(heard(text), (text.to_owned(), vec![]), "{text}");
    }
}

#[test]
fn many_marks_in_one_piece_are_read_in_time() {
    let text = "a <think> `<|python_tag|>` ".repeat(30_000);
    let started_at = std::time::Instant::now();
    let mut speech = VisibleText::default();
    speech.push(&text, &|_| {});
    assert_eq!(speech.finish(ModelFinish::Stop, false, &|_| {}).text, text);
    assert!(started_at.elapsed() < std::time::Duration::from_secs(10));
}

#[test]
fn a_thought_that_the_template_began_is_void_and_the_next_one_is_not_handed_out() {
    let spoken = |text: &str, opening, finish, has_calls| {
        let streamed = Mutex::new(String::new());
        let sink = |piece: &str| streamed.lock().unwrap().push_str(piece);
        let mut speech = VisibleText::default().with_thoughts(opening);
        for character in text.chars() {
            speech.push(&character.to_string(), &sink);
        }
        let spoken = speech.finish(finish, has_calls, &sink);
        (spoken, streamed.into_inner().unwrap())
    };
    let call = "<tool_call>{\"name\": \"list_tasks\", \"arguments\": {}}</tool_call>";
    for (text, said, calls) in [
        ("the person wants</think>\n\nHello!", "Hello!", 0),
        ("hm\n</think>\n\nHello\n\nyou", "Hello\n\nyou", 0),
        ("hm</think>Hello!", "Hello!", 0),
        ("</think>\n\nHello!", "Hello!", 0),
        ("a < b, </thin\n</think>\n\nHello", "Hello", 0),
        (&format!("hm\n</think>\n\n{call}"), "", 1),
        (&format!("hm\n</think>\n\nLet me see.\n{call}"), "Let me see.", 1),
    ] {
        for opening in [ThinkTagOrigin::Model, ThinkTagOrigin::ChatTemplate] {
            let (spoken, streamed) = spoken(text, opening, ModelFinish::Stop, false);
            assert_eq!((spoken.text.as_str(), spoken.calls.len()), (said, calls), "{text}");
            assert_eq!(spoken.opening, Some(ThinkTagOrigin::ChatTemplate), "{text}");
            if opening == ThinkTagOrigin::ChatTemplate {
                assert_eq!(streamed, said, "{text}");
            }
        }
    }
    let (plain, streamed) = spoken("Hello!", ThinkTagOrigin::ChatTemplate, ModelFinish::Stop, false);
    assert_eq!((plain.text.as_str(), streamed.as_str()), ("Hello!", "Hello!"));
    assert_eq!(plain.opening, Some(ThinkTagOrigin::Model));
    let (cut, _) = spoken("the person wa", ThinkTagOrigin::ChatTemplate, ModelFinish::Length, false);
    assert_eq!((cut.text.as_str(), cut.opening), ("", Some(ThinkTagOrigin::Model)));
    for end in ["</think>", "</think>\n"] {
        let said = format!("Done, added.{end}");
        let (answer, streamed) = spoken(&said, ThinkTagOrigin::Model, ModelFinish::Stop, false);
        assert_eq!((answer.text.as_str(), &*streamed), ("Done, added.", "Done, added."));
        assert_eq!(answer.opening, Some(ThinkTagOrigin::Model));
        for (opening, finish, has_calls) in [
            (ThinkTagOrigin::ChatTemplate, ModelFinish::Stop, false),
            (ThinkTagOrigin::Model, ModelFinish::Stop, true),
            (ThinkTagOrigin::Model, ModelFinish::Length, false),
        ] {
            let (thought, _) = spoken(&said, opening, finish, has_calls);
            assert_eq!((thought.text.as_str(), thought.opening), ("", Some(ThinkTagOrigin::ChatTemplate)));
        }
    }
    let text = "标签</think>表示";
    let (asked, _) = spoken(text, ThinkTagOrigin::ModelButMentioned, ModelFinish::Stop, false);
    assert_eq!((asked.text.as_str(), asked.opening), (text, Some(ThinkTagOrigin::Model)));
}

#[test]
fn marks_in_an_object_are_spoken_of() {
    let object = r#"{"action":"reply","arguments":{"text":"Use</think>now"}}"#;
    let mut speech = VisibleText::for_json_object();
    speech.push(object, &|_| {});
    assert_eq!(speech.finish(ModelFinish::Stop, false, &|_| {}).text, object);
}
