//! Which calls are made, and which wait for the person's yes.

use super::*;
use crate::{
    approval::{ApprovalId, ApprovalState, AskReason, Decision, Question},
    calls_of_current_answer::has_undone,
    message::{ProviderData, ToolCall},
    undo::UndoTarget,
};

fn update(number: i64) -> RequestedCall {
    call("update_task", &json!({"task_id": number, "title": "Another"}))
}

fn waits(step: &PlannedStep) -> Vec<bool> {
    step.calls.iter().map(|planned| matches!(planned.action, Action::Ask(..))).collect()
}

#[test]
fn the_fourth_delete_of_a_turn_waits_for_a_yes() {
    let mut run = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    assert_eq!(applied(&act(&mut run, vec![delete(1), delete(2)])), 2);
    let step = act(&mut run, vec![delete(3), add("Milk"), delete(4), delete(5), add("Bread")]);
    assert_eq!(waits(&step), [false, false, true, true, false], "only deletes wait");
    assert_eq!(waits(&act(&mut run, vec![delete(6)])), [true]);
    assert_eq!(fit_to_send(&request(&run).0), Ok(()));
}

#[test]
fn a_call_for_four_deletes_waits_as_a_whole() {
    let mut run = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    let several = |numbers: &[i64]| call("delete_task", &json!({ "task_id": numbers }));
    let step = act(&mut run, vec![several(&[1, 2, 3, 4]), several(&[5, 6, 7]), delete(8)]);
    assert_eq!(waits(&step), [true, false, true], "what waits was not done, and does not count");
}

#[test]
fn the_eleventh_task_that_is_changed_waits_for_a_yes() {
    let mut run = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    let mut changes: Vec<_> = (1..=10).map(update).collect();
    changes.extend([update(10), add("Milk"), call("complete_task", &json!({"task_id": 1})), update(11)]);
    let step = act(&mut run, changes);
    assert_eq!(waits(&step), [vec![false; 13], vec![true]].concat(), "one task twice is one task");
    let all: Vec<i64> = (1..=11).collect();
    let mut run = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    assert_eq!(waits(&act(&mut run, vec![call("complete_task", &json!({ "task_id": all }))])), [true]);
}

#[test]
fn adding_is_never_asked_about() {
    let mut run = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    assert_eq!(applied(&act(&mut run, (0..16).map(|number| add(&format!("Task {number}"))).collect())), 16);
}

#[test]
fn a_call_that_waits_is_not_asked_about_twice() {
    let mut run = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    let four = || call("delete_task", &json!({"task_id": [1, 2, 3, 4]}));
    let step = act(&mut run, vec![four(), four()]);
    assert_eq!(waits(&step), [true, false]);
    assert_eq!(code_of(&step.calls[1]), "APPROVAL_REQUIRED");
    let again = act(&mut run, vec![four()]);
    assert_eq!(code_of(&again.calls[0]), "APPROVAL_REQUIRED");
    assert_eq!(run.done().iter().filter(|call| Question::of_call(call).is_some()).count(), 1, "one asks");
}

fn question(number: u128, ids: &[i64]) -> Question {
    Question {
        id: ApprovalId(Uuid::from_u128(number)),
        tool: "delete_task".into(),
        arguments: Map::from_iter([("task_id".to_owned(), json!(ids))]),
        tasks: vec![],
        expires_at: chrono::DateTime::UNIX_EPOCH,
        state: ApprovalState::Waiting,
        program: None,
    }
}

#[test]
fn a_plain_yes_is_a_step_of_its_own_before_the_model_is_asked() {
    let mut turn = new_turn();
    let questions = vec![question(1, &[1, 2, 3, 4]), question(2, &[5])];
    turn.answered = Some((questions, Decision::Approve));
    let signature = ProviderData(Map::from_iter([("extra_content".to_owned(), json!({"signature": "s"}))]));
    let (name, arguments) = ("delete_task".to_owned(), question(1, &[1, 2, 3, 4]).arguments);
    let waited = ToolCall { id: "waited001".into(), name, arguments, provider_data: signature.clone() };
    let body = MessageBody::Assistant { text: String::new(), calls: vec![waited] };
    let before = TurnId(Uuid::from_u128(1));
    let asked = [MessageBody::User("Delete them".into()), body];
    turn.history.splice(0..0, asked.map(|body| Message { turn: before, body }));
    let mut run = AgentRun::new(&turn, HISTORY_TOKENS);
    let step = planned(&run);
    let decided = |number| Action::Decide(ApprovalId(Uuid::from_u128(number)), Decision::Approve);
    assert_eq!(step.calls[0].action, decided(1));
    assert_eq!(step.calls[1].action, decided(2));
    assert_eq!(step.calls[0].call.arguments["task_id"], json!([1, 2, 3, 4]));
    assert_eq!(step.calls[0].call.provider_data, signature, "the provider wants it back");
    assert!(step.calls[1].call.provider_data.is_empty());
    run.step_committed(successes(&step));
    let (messages, tools) = request(&run);
    assert_eq!((messages.len(), tools), (7, ToolChoice::Auto));
    assert_eq!(fit_to_send(&messages), Ok(()));

    // Whoever takes the turn over after that step goes on with words.
    turn.history
        .extend(step.messages(run.done()).into_iter().map(|body| Message { turn: turn.lease.turn, body }));
    (turn.step, turn.done) = (1, run.done().to_vec());
    assert_eq!(request(&AgentRun::new(&turn, HISTORY_TOKENS)).0, messages);
}

#[test]
fn words_that_became_a_plain_yes_are_one_whatever_the_old_words_led_to() {
    let mut first = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    act(&mut first, vec![add("Milk")]);
    let undone = crate::undo::Undone { changes: vec![], left_out: vec![] };
    let (_, undo_step) = PlannedStep::undo_step(&new_turn().lease, 1, &undone, new_turn().time.local);
    let answered = Some((vec![question(1, &[1])], Decision::Approve));
    for done in [first.done().to_vec(), [first.done(), &[undo_step]].concat()] {
        let step = i32::try_from(done.len()).unwrap();
        let edited =
            RunningTurn { step, answered: answered.clone(), edited_after: Some(1), ..replaced(done) };
        let mut run = AgentRun::new(&edited, HISTORY_TOKENS);
        let decides = planned(&run);
        assert_eq!(
            decides.calls[0].action,
            Action::Decide(ApprovalId(Uuid::from_u128(1)), Decision::Approve)
        );

        // Whoever takes the turn over after that step goes on with words.
        run.step_committed(successes(&decides));
        let taken_over = RunningTurn { step: step + 1, done: run.done().to_vec(), ..edited };
        assert!(matches!(AgentRun::new(&taken_over, HISTORY_TOKENS).next_step(), NextStep::CallModel));
    }
}

#[test]
fn chat_scope_alone_cannot_change_tasks_or_answer_approvals() {
    let answered = Some((vec![question(1, &[1])], Decision::Approve));
    let turn = RunningTurn { may_change_tasks: false, answered, ..new_turn() };
    let mut run = AgentRun::new(&turn, HISTORY_TOKENS);
    let undo = call("undo_last", &json!({}));
    let step = act(&mut run, vec![add("Milk"), delete(1), update(2), undo, call("list_tasks", &json!({}))]);
    let asks = |planned: &PlannedCall| matches!(planned.action, Action::Ask(_, AskReason::NotAllowed));
    assert_eq!(step.calls.iter().map(asks).collect::<Vec<_>>(), [true, true, true, true, false]);
    let asks = Action::Ask(TodoCommand::Undo(UndoTarget::Last), AskReason::NotAllowed);
    assert_eq!(step.calls[3].action, asks, "what is last is bound when it is asked");
    assert_eq!(applied(&step), 1, "looking is talking");
}

/// Stopped while nobody was at work, before anything is done: not even what the person has said yes to.
#[test]
fn a_turn_that_was_stopped_is_over() {
    let answered = Some((vec![question(1, &[1])], Decision::Approve));
    let turn = RunningTurn { stop_requested: true, answered, ..new_turn() };
    let run = AgentRun::new(&turn, HISTORY_TOKENS);
    let NextStep::Finish(message) = run.next_step() else { panic!("nothing more is done") };
    assert_eq!(message.reason, FinishReason::Cancelled);
}

/// The turn of an answer that is being replaced, which had done these calls.
fn replaced(done: Vec<ExecutedCall>) -> RunningTurn {
    let mut turn = new_turn();
    turn.replaced_calls = done.iter().filter(|call| !has_undone(call)).count();
    (turn.step, turn.done, turn.regenerates) = (1, done, true);
    turn
}

#[test]
fn what_was_undone_for_another_answer_does_not_count() {
    let mut first = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    act(&mut first, vec![delete(1), delete(2), delete(3)]);
    let mut stays = AgentRun::new(&replaced(first.done().to_vec()), HISTORY_TOKENS);
    assert_eq!(waits(&act(&mut stays, vec![delete(4)])), [true], "what stays done counts");

    let undone = crate::undo::Undone { changes: vec![], left_out: vec![] };
    let local = PersonalTime::utc(chrono::DateTime::UNIX_EPOCH).local;
    let (_, undo_step) = PlannedStep::undo_step(&new_turn().lease, 1, &undone, local);
    let done = [first.done(), &[undo_step]].concat();
    let mut again = AgentRun::new(&replaced(done), HISTORY_TOKENS);
    let step = act(&mut again, vec![delete(1), delete(2), delete(3), delete(4)]);
    assert_eq!(waits(&step), [false, false, false, true]);
}

#[test]
fn another_answer_asks_anew_what_the_replaced_one_asked() {
    let mut first = AgentRun::new(&new_turn(), HISTORY_TOKENS);
    let four = || call("delete_task", &json!({"task_id": [1, 2, 3, 4]}));
    act(&mut first, vec![four()]);
    let mut asked = first.done()[0].clone();
    asked.result["approval"]["state"] = json!("void");
    let mut again = AgentRun::new(&replaced(vec![asked.clone()]), HISTORY_TOKENS);
    assert_eq!(waits(&act(&mut again, vec![four()])), [true]);

    // What the person has said counts for the next answer as well.
    for (state, is_answered) in [("approved", true), ("rejected", true), ("void", false), ("waiting", false)]
    {
        asked.result = json!({"success": false, "error": "No.", "code": "NOT_APPROVED",
                              "approval": {"id": Uuid::nil(), "state": state}});
        let mut again = AgentRun::new(&replaced(vec![asked.clone()]), HISTORY_TOKENS);
        let step = act(&mut again, vec![four()]);
        assert_eq!(step.calls[0].action == Action::Answer(asked.result.clone()), is_answered, "{state}");
    }
}
