//! Another answer to the same message: what the model reads of the answer that it replaces, and which calls
//! it makes again.

use super::*;
use crate::answer_verification::{AnswerVerification, correction, verify_answer};

#[test]
fn what_the_replaced_answer_did_is_not_done_again() {
    let mut first = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    let step = act(&mut first, vec![add("Milk"), delete(3)]);
    let mut turn = new_turn();
    turn.history
        .extend(step.messages(first.done()).into_iter().map(|body| Message { turn: turn.lease.turn, body }));
    (turn.step, turn.done, turn.regenerates) = (1, first.done().to_vec(), true);
    turn.replaced_calls = turn.done.len();

    let mut run = AgentRun::new(&turn, HISTORY_TOKENS);
    let again = act(&mut run, vec![delete(3), add("Milk"), add("Bread")]);
    assert_eq!(again.calls[0].action, Action::Answer(turn.done[1].result.clone()));
    assert_eq!(again.calls[1].action, Action::Answer(turn.done[0].result.clone()));
    assert!(matches!(again.calls[2].action, Action::Apply(TodoCommand::Change(TodoChange::Add(_)))));
    assert_eq!(fit_to_send(&request(&run).0), Ok(()), "also the ids are new");
    assert_eq!((run.step(), run.done().len()), (2, 5));
    for _ in 1..7 {
        act(&mut run, vec![call("list_tasks", &json!({}))]);
    }
    assert_eq!(request(&run).1, ToolChoice::Forbidden, "another answer has requests of its own");
}

/// The turn of an answer that is being replaced by another one, which had made one step.
fn replacing(step: &PlannedStep, done: &[ExecutedCall]) -> RunningTurn {
    let mut turn = new_turn();
    let told = step.messages(done).into_iter();
    turn.history.extend(told.map(|body| Message { turn: turn.lease.turn, body }));
    (turn.step, turn.done, turn.regenerates) = (1, done.to_vec(), true);
    turn.replaced_calls = done.len();
    turn
}

#[test]
fn what_the_replaced_answer_only_looked_at_is_looked_at_again() {
    let look = || call("list_tasks", &json!({"status": "pending"}));
    let mut first = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    let step = act(&mut first, vec![look()]);
    let mut run = AgentRun::new(&replacing(&step, first.done()), HISTORY_TOKENS);
    assert_eq!(request(&run).0, [MessageBody::User("hello".into())], "the old list is not read again");
    let again = act(&mut run, vec![look()]);
    assert!(matches!(again.calls[0].action, Action::Apply(TodoCommand::List(_))), "{again:?}");
    let (messages, _) = request(&run);
    assert_eq!((messages.len(), fit_to_send(&messages)), (3, Ok(())));
    assert_eq!(run.done().len(), 2, "the record keeps both");

    // Nothing is left then that other words would have to be distinguished from.
    let edited = RunningTurn { edited_after: Some(1), ..replacing(&step, &run.done()[..1]) };
    assert_eq!(request(&AgentRun::new(&edited, HISTORY_TOKENS)).0.len(), 1);

    // One step that did something as well is read whole, and looks again all the same.
    let mut first = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    let step = act(&mut first, vec![look(), add("Milk")]);
    let turn = replacing(&step, first.done());
    let mut run = AgentRun::new(&turn, HISTORY_TOKENS);
    assert_eq!(request(&run).0.len(), 4);
    let again = act(&mut run, vec![look(), add("Milk")]);
    assert!(matches!(again.calls[0].action, Action::Apply(_)));
    assert_eq!(again.calls[1].action, Action::Answer(turn.done[1].result.clone()), "it is there");
}

#[test]
fn what_the_replaced_answer_was_refused_is_tried_again() {
    let refused = |code: &str| json!({"success": false, "error": "No.", "code": code});
    for code in ["LIMIT", "NOT_FOUND", "VALIDATION_ERROR", "CONFLICT"] {
        let mut first = AgentRun::new(&new_turn(), HISTORY_TOKENS);
        let step = act(&mut first, vec![add("Milk")]);
        let past = ExecutedCall { result: refused(code), ..first.done()[0].clone() };
        let mut run = AgentRun::new(&replacing(&step, &[past]), HISTORY_TOKENS);
        assert_eq!(request(&run).0.len(), 1, "{code}");
        assert_eq!(applied(&act(&mut run, vec![add("Milk")])), 1, "{code}");
    }
}

#[test]
fn who_takes_another_answer_over_repeats_none_of_its_steps() {
    let mut first = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    let step = act(&mut first, vec![add("Milk")]);
    let mut turn = replacing(&step, first.done());
    let mut run = AgentRun::new(&turn, HISTORY_TOKENS);
    let look = call("list_tasks", &json!({}));
    let steps = [act(&mut run, vec![look]), act(&mut run, vec![add("Bread"), delete(3)])];
    let told = steps.iter().zip([&run.done()[1..2], &run.done()[2..]]);
    let bodies = told.flat_map(|(step, done)| step.messages(done));
    turn.history.extend(bodies.map(|body| Message { turn: turn.lease.turn, body }));
    (turn.step, turn.done) = (run.step(), run.done().to_vec());

    let mut taken_over = AgentRun::new(&turn, HISTORY_TOKENS);
    assert_eq!(request(&taken_over).0.len(), 6, "the two additions and the delete are read");
    let again = act(&mut taken_over, vec![add("Milk"), add("Bread"), delete(3), add("Butter")]);
    assert_eq!(applied(&again), 1);
    assert!(matches!(again.calls[3].action, Action::Apply(_)));
}

#[test]
fn what_was_undone_for_another_answer_is_done_again() {
    let mut first = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    let step = act(&mut first, vec![add("Milk")]);
    let mut turn = new_turn();
    let undone = crate::undo::Undone { changes: vec![], left_out: vec![] };
    let local = PersonalTime::utc(chrono::DateTime::UNIX_EPOCH).local;
    let (undo_step, call) = PlannedStep::undo_step(&turn.lease, 1, &undone, local);
    let bodies =
        step.messages(first.done()).into_iter().chain(undo_step.messages(std::slice::from_ref(&call)));
    turn.history.extend(bodies.map(|body| Message { turn: turn.lease.turn, body }));
    (turn.step, turn.regenerates, turn.replaced_calls) = (2, true, 1);
    turn.done = [first.done(), &[call]].concat();

    let mut run = AgentRun::new(&turn, HISTORY_TOKENS);
    let again = act(&mut run, vec![add("Milk")]);
    assert_eq!(applied(&again), 1, "it is not there any more");
    assert_eq!(fit_to_send(&request(&run).0), Ok(()));
}

#[test]
fn what_answered_other_words_is_told_apart_unless_it_was_undone() {
    let mut first = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    let step = act(&mut first, vec![add("Milk")]);
    let mut turn = new_turn();
    let say = |bodies: Vec<MessageBody>| {
        bodies.into_iter().map(|body| Message { turn: new_turn().lease.turn, body }).collect::<Vec<_>>()
    };
    turn.history.extend(say(step.messages(first.done())));
    (turn.step, turn.done, turn.regenerates, turn.edited_after) = (1, first.done().to_vec(), true, Some(1));
    turn.replaced_calls = 1;
    let notes = |turn: &RunningTurn| {
        let run = AgentRun::new(turn, HISTORY_TOKENS);
        let (messages, _) = request(&run);
        assert_eq!(fit_to_send(&messages), Ok(()));
        let is_note = |message: &MessageBody| match message {
            MessageBody::Assistant { calls, .. } => {
                calls.iter().any(|call| call.name == tool::MESSAGE_EDITED)
            }
            _ => false,
        };
        (0..messages.len()).filter(|index| is_note(&messages[*index])).collect::<Vec<_>>()
    };
    assert_eq!(notes(&turn), [3], "behind the question, the call and its result");

    // Behind a later step of the new answer it stands where it stood, also when the model makes an undo up.
    let mut run = AgentRun::new(&turn, HISTORY_TOKENS);
    let next = act(&mut run, vec![call(tool::UNDO_REPLACED, &json!({})), add("Bread")]);
    let mut later = turn.clone();
    later.history.extend(say(next.messages(&run.done()[1..])));
    (later.step, later.done) = (2, run.done().to_vec());
    assert_eq!(notes(&later), [3]);

    let undone = crate::undo::Undone { changes: vec![], left_out: vec![] };
    let (undo_step, call) = PlannedStep::undo_step(&turn.lease, 1, &undone, turn.time.local);
    turn.history.extend(say(undo_step.messages(std::slice::from_ref(&call))));
    turn.step = 2;
    turn.done.push(call);
    assert_eq!(notes(&turn), [0; 0], "that says enough");
}

/// The turn of another answer, when the one before added task 3 and that was undone.
fn after_an_undo(said: &str) -> RunningTurn {
    let mut first = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    let step = act(&mut first, vec![add("Milk")]);
    let milk = json!({"id": 3, "title": "Milk", "completed": false});
    let added = ExecutedCall { result: json!({"success": true, "task": milk}), ..first.done()[0].clone() };
    let undone = crate::undo::Undone { changes: vec![], left_out: vec![] };
    let (undo_step, mut call) = PlannedStep::undo_step(&new_turn().lease, 1, &undone, new_turn().time.local);
    call.result["results"] = json!([{"success": true, "kind": "deleted", "task": milk, "task_id": 3}]);
    let mut turn = replacing(&step, std::slice::from_ref(&added));
    turn.history[0].body = MessageBody::User(said.into());
    let told = undo_step.messages(std::slice::from_ref(&call)).into_iter();
    turn.history.extend(told.map(|body| Message { turn: turn.lease.turn, body }));
    (turn.step, turn.done) = (2, vec![added, call]);
    turn
}

#[test]
fn an_undone_call_does_not_support_a_claim_of_the_next_answer() {
    let turn = after_an_undo("add milk");
    let mut run = AgentRun::new(&turn, HISTORY_TOKENS);
    let lies = [
        "I've added “Milk” to your list.",
        "Done!",
        "I've already added “Milk”.",
        "I've deleted “Bread”.",
        "I've deleted “Milk” and “Bread”.",
    ];
    for lie in lies {
        assert_eq!(verify_answer(lie, &run.evidence()), AnswerVerification::False, "{lie}");
    }
    for honest in [
        "Task 3 was removed again.",
        "“Milk” has been removed from your list.",
        "Shall I add it again?",
        "I've undone that.",
        "I've reverted it.",
    ] {
        assert_eq!(verify_answer(honest, &run.evidence()), AnswerVerification::Honest, "{honest}");
    }

    let told = correction(&run.evidence());
    assert!(told.contains("was taken back (Deleted task 3, “Milk”.)"), "{told}");

    // Beside what the new answer did, what was undone for it may be told as well.
    act(&mut run, vec![add("Milk"), delete(7)]);
    for honest in ["I've added “Milk” again.", "I've added “Milk”, and task 3 was removed."] {
        assert_eq!(verify_answer(honest, &run.evidence()), AnswerVerification::Honest, "{honest}");
    }
    assert_eq!(verify_answer("I've deleted task 4.", &run.evidence()), AnswerVerification::False);
}

#[test]
fn a_refusal_of_the_replaced_answer_refutes_nothing_in_the_next() {
    let mut first = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    let step = act(&mut first, vec![delete(99)]);
    let refused = json!({"success": false, "error": "There is no task 99.", "code": "NOT_FOUND"});
    let past = ExecutedCall { result: refused, ..first.done()[0].clone() };
    let mut turn = replacing(&step, &[past]);
    turn.history[0].body = MessageBody::User("what is on my list?".into());
    let run = AgentRun::new(&turn, HISTORY_TOKENS);
    assert!(!run.evidence().asks_for_change());
    assert_eq!(verify_answer("Task 1 is done.", &run.evidence()), AnswerVerification::Honest);
}

#[test]
fn an_answer_without_words_is_of_what_stands() {
    let mut run = AgentRun::new(&after_an_undo("add milk"), HISTORY_TOKENS);
    run.model_replied(words(""));
    assert_eq!(final_message(&run).text, "Deleted task 3, “Milk”.");
}
