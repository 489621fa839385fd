//! Models that say what they have not done.

use super::*;

/// All words that were passed on.
fn words(fixture: &Fixture) -> String {
    let events = fixture.heard.events();
    events
        .iter()
        .filter_map(|event| match event {
            TurnEvent::TextDelta(words) => Some(words.as_str()),
            _ => None,
        })
        .collect()
}

#[test]
fn the_model_may_make_the_missing_call() {
    let fixture = Fixture::with_script([
        Scripted::says("I've added 'Milk'."),
        add("Milk"),
        Scripted::says("I've added 'Milk'."),
    ]);
    let answer = fixture.say("add milk");
    assert_eq!((answer.message.as_str(), answer.tool_calls.len()), ("I've added 'Milk'.", 1));
    assert_eq!(words(&fixture), "I've added 'Milk'.", "the false one was not shown");
    let requests = fixture.model.requests();
    let [.., said, note] = &requests[1].messages[..] else { panic!("{:?}", requests[1]) };
    assert_eq!(*said, MessageBody::Assistant { text: "I've added 'Milk'.".into(), calls: vec![] });
    let MessageBody::User(note) = note else { panic!("{note:?}") };
    assert!(note.contains("Nothing was changed in this turn") && note.ends_with("add milk"), "{note}");
    assert_eq!(requests[1].tools, ToolChoice::Auto, "it may make the call");
    assert!(!requests[2].messages.iter().any(|message| *message == said.clone()), "it is forgotten then");
    fixture.model.assert_used_up();
}

#[test]
fn a_repeated_false_claim_is_replaced_by_the_truth() {
    let fixture = Fixture::with_script([
        Scripted::says("I've deleted everything!").using(100, 10),
        Scripted::says("As I said, I've deleted everything!").using(200, 20),
    ]);
    let answer = fixture.say("delete everything");
    assert_eq!(answer.message, "Nothing was changed.");
    assert!(answer.requested_change_not_made);
    assert_eq!((answer.usage.prompt_tokens, answer.usage.completion_tokens), (300, 30), "both count");
    assert_eq!(words(&fixture), "");
    assert_eq!(kinds(&fixture.heard.events()), ["started", "withdrawn", "withdrawn"]);
    fixture.model.assert_used_up();
}

#[test]
fn what_the_model_is_asked_about_its_words_counts_with_and_without_usage() {
    // Basque, which is not known here.
    let unknown = "Esnea zure zerrendara gehitu dut.";
    let used = |answer: Scripted, question: Scripted| {
        let fixture = Fixture::with_script([answer]);
        fixture.model.writes(question);
        let usage = fixture.say("gehitu esnea zerrendara mesedez orain").usage;
        assert_eq!(fixture.model.text_requests().len(), 1);
        usage.prompt_tokens
    };
    let counted = || Scripted::says(unknown).using(2_000, 10);
    assert_eq!(used(counted(), Scripted::says("no").using(300, 1)), 2_300);
    let question = used(counted(), Scripted::says("no")) - 2_000;
    assert!((20..500).contains(&question), "{question}: the question alone, without tools");
    let all = used(Scripted::says(unknown), Scripted::says("no"));
    assert!(all > 900 + question, "{all}");
}

#[test]
fn a_model_that_fails_when_it_is_corrected_is_replaced_by_the_truth() {
    let fixture = Fixture::with_script([
        Scripted::says("I've deleted everything!"),
        Scripted::fails(ModelError::Unavailable("down".into())),
    ]);
    assert_eq!(fixture.say("delete everything").message, "Nothing was changed.");
}

#[test]
fn a_claim_of_more_than_was_done_is_corrected() {
    let fixture = Fixture::with_script([
        add("Milk"),
        Scripted::says("I've added two tasks."),
        Scripted::says("I've added two tasks, I promise."),
    ]);
    let answer = fixture.say("add milk and bread");
    assert_eq!((answer.message.as_str(), answer.tool_calls.len()), ("Added “Milk” as task 1.", 1));
    assert!(!answer.requested_change_not_made);
}

#[test]
fn words_beside_a_call_do_not_claim_what_comes_of_it() {
    let fixture = Fixture::with_script([
        Scripted::says_and_calls("I've deleted task 9.", [("delete_task", json!({"task_id": 9}))]),
        Scripted::says("There is no task 9."),
    ]);
    let answer = fixture.say("delete task 9");
    assert_eq!(
        (answer.message.as_str(), words(&fixture).as_str()),
        ("There is no task 9.", "There is no task 9.")
    );
    assert!(answer.requested_change_not_made);
    fixture.model.assert_used_up();
}

#[test]
fn an_answer_in_an_unknown_language_is_explained_by_the_model() {
    let claim = "Esnea zure zerrendara gehitu dut.";
    for (explained, message) in
        [("yes", "Nothing was changed."), ("Yes.", "Nothing was changed."), ("no", claim)]
    {
        let fixture = Fixture::with_script([Scripted::says(claim)]);
        fixture.model.writes(Scripted::says(explained));
        if message != claim {
            fixture.model.then(Scripted::says(claim));
            fixture.model.writes(Scripted::says(explained));
        }
        assert_eq!(fixture.say("gehitu esnea zerrendara mesedez orain").message, message, "{explained}");
        fixture.model.assert_used_up();
    }
}

#[test]
fn an_honest_answer_costs_no_more_than_itself() {
    let fixture = Fixture::with_script([
        Scripted::says("Which one do you mean?"),
        add("Milk"),
        Scripted::says("Done, I've added it."),
    ]);
    fixture.say("delete the task");
    fixture.say("add milk");
    assert_eq!((fixture.model.requests().len(), fixture.model.text_requests().len()), (3, 0));
}

#[test]
fn a_turn_that_is_stopped_keeps_nothing_that_was_held() {
    let fixture = Fixture::with_script([Scripted::says_and_hangs("Sure, there you are. I've deleted all ")]);
    let turn = fixture.begin("delete everything", None);
    let interrupt = crate::testing::InterruptAfterWords {
        heard: &fixture.heard,
        count: 4,
        interruption: Interruption::Stop,
    };
    let answer = block_on(fixture.chat().run(turn, &fixture.heard, &interrupt)).unwrap();
    assert_eq!(answer.message, "Sure, there you are. ");
}
