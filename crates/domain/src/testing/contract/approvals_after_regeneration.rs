//! Questions of an answer that another one replaces, or does not.

use serde_json::{Map, json};

use super::{
    approvals::{PendingApproval, adding, asked, call_id, decided, deleting, recorded, step_of, waits},
    fixture::{Fixture, all, must, new_conversation, started, unique},
};
use crate::{
    agent_state_machine::{AgentRun, NextStep},
    approval::{ApprovalError, ApprovalState, AskReason, Decision, Question},
    message::ToolCall,
    ports::{ApprovalStore, Regeneration},
    prompt_history::HISTORY_TOKENS,
    step::{Action, PlannedCall},
    time_zone::TimeZone,
    todo_filter::TodoFilter,
    tool,
    turn::{Edit, FailureKind, NewTurn, RunningTurn, Target, Usage, UserMessage},
    undo::ReplacedEffects,
};

pub(super) async fn another_answer_voids_what_the_replaced_one_asked(
    fixture: &Fixture<'_>,
    store: &dyn ApprovalStore,
) {
    let asked = asked(fixture).await;
    let fails = started(fixture.regenerate(&asked.turn.lease).await);
    must(fixture.turns.fail(&fails.lease, FailureKind::ModelUnavailable, Usage::default()).await);
    assert!(waits(fixture, store, &asked).await, "where no other answer came, the question stands");
    assert_eq!(recorded(fixture, &asked).await["approval"]["state"], "waiting");

    let again = started(fixture.regenerate(&asked.turn.lease).await);
    let question = Question::of_call(&again.done[0]).map(|question| question.state);
    assert_eq!(question, Some(ApprovalState::Void), "the model reads so too");
    fixture.finished(&again.lease, "Do you want anything else?").await;
    assert!(!waits(fixture, store, &asked).await);
    let late = decided(store, fixture.a, &asked, Decision::Approve).await;
    assert_eq!(late, Some(Err(ApprovalError::Void)));
    let next = fixture.continued(asked.turn.lease.conversation, "yes").await;
    assert_eq!(next.answered, None);
    fixture.finished(&next.lease, "What do you mean?").await;
    assert_eq!(fixture.tasks_called(&asked.task).await, 4, "they are all there");
}

/// The same question, asked by another answer to the same turn.
async fn asks_about_two(
    fixture: &Fixture<'_>,
    first: &PendingApproval,
    turn: RunningTurn,
) -> PendingApproval {
    let step = step_of(deleting(&first.numbers[..2], &call_id()));
    let calls = must(fixture.turns.commit_step(&turn.lease, turn.step, &step).await);
    let call = calls[0].clone();
    let question = Question::of_call(&call).unwrap_or_else(|| panic!("the call asks nothing: {call:?}"));
    fixture.finished(&turn.lease, "Shall I delete two?").await;
    PendingApproval { task: first.task.clone(), numbers: first.numbers[..2].to_vec(), turn, call, question }
}

pub(super) async fn only_what_the_last_answer_asked_waits_again(
    fixture: &Fixture<'_>,
    store: &dyn ApprovalStore,
) {
    let first = asked(fixture).await;
    let again = started(fixture.regenerate(&first.turn.lease).await);
    let second = asks_about_two(fixture, &first, again).await;
    let fails = started(fixture.regenerate(&first.turn.lease).await);
    must(fixture.turns.fail(&fails.lease, FailureKind::ModelUnavailable, Usage::default()).await);
    assert!(waits(fixture, store, &second).await, "its answer stands");
    assert!(!waits(fixture, store, &first).await, "its answer was replaced before");
    let next = fixture.continued(first.turn.lease.conversation, "yes").await;
    assert_eq!(next.answered, Some((vec![second.question], Decision::Approve)));
    fixture.finished(&next.lease, "Well.").await;
}

pub(super) async fn what_a_failed_answer_replaced_does_not_wait_again(
    fixture: &Fixture<'_>,
    store: &dyn ApprovalStore,
) {
    let asked = asked(fixture).await;
    let mut again = started(fixture.regenerate(&asked.turn.lease).await);
    // Only what was begun under a key can be tried once more.
    let new =
        NewTurn { id: again.lease.turn, ..fixture.says(Target::Existing(again.lease.conversation), "x") };
    fixture.added(&again.lease, again.step, &unique("done before it failed")).await;
    must(fixture.turns.fail(&again.lease, FailureKind::ModelUnavailable, Usage::default()).await);
    again = fixture.started(&new).await;
    must(fixture.turns.fail(&again.lease, FailureKind::ModelUnavailable, Usage::default()).await);
    assert!(!waits(fixture, store, &asked).await, "its answer is gone");
}

pub(super) async fn a_question_is_of_the_time_and_place_where_it_was_asked(
    fixture: &Fixture<'_>,
    store: &dyn ApprovalStore,
) {
    let tokyo = must(TimeZone::parse("Asia/Tokyo"));
    let new = fixture.says(Target::New(new_conversation()), "add it for tomorrow at nine");
    let turn = fixture.started(&NewTurn { time_zone: Some(tokyo), ..new }).await;
    let task = unique("in Tokyo");
    let arguments =
        Map::from_iter([("title".to_owned(), json!(task)), ("due".to_owned(), json!("tomorrow 09:00"))]);
    let command = must(tool::decode("add_task", arguments.clone(), turn.time).map_err(|error| error.error));
    let call =
        ToolCall { id: call_id(), name: "add_task".to_owned(), arguments, provider_data: Default::default() };
    let step = step_of(PlannedCall { call, action: Action::Ask(command, AskReason::NotAllowed) });
    let calls = must(fixture.turns.commit_step(&turn.lease, 0, &step).await);
    let question = Question::of_call(&calls[0]).unwrap_or_else(|| panic!("it asks nothing: {calls:?}"));
    fixture.finished(&turn.lease, "It waits.").await;

    let keeping = Regeneration::keep_effects(turn.lease.conversation, turn.lease.turn, None);
    let elsewhere = Regeneration { time_zone: TimeZone::parse("America/New_York").ok(), ..keeping };
    let fails = started(must(fixture.turns.regenerate(fixture.a, &elsewhere).await));
    must(fixture.turns.fail(&fails.lease, FailureKind::ModelUnavailable, Usage::default()).await);
    let done = must(store.decide(fixture.a, question.id, Decision::Approve, None).await);
    let done = done.and_then(Result::ok).and_then(|approval| approval.result).unwrap_or_default();
    assert_eq!(done["task"]["due"].as_str().map(|due| due.ends_with("T09:00")), Some(true), "{done}");
    let filter = TodoFilter { search: Some(task), ..all() };
    let todos = must(fixture.todos.list(fixture.a, &filter).await).todos;
    assert_eq!(todos[0].due.map(|due| due.zone), Some(tokyo));
}

pub(super) async fn a_message_that_becomes_a_plain_yes_is_the_answer(
    fixture: &Fixture<'_>,
    store: &dyn ApprovalStore,
) {
    let asked = asked(fixture).await;
    let turn = fixture.continued(asked.turn.lease.conversation, "which ones?").await;
    fixture.added(&turn.lease, 0, &unique("by mistake")).await;
    fixture.finished(&turn.lease, "All four.").await;
    let yes = must(UserMessage::parse("yes"));
    let wanted = Regeneration {
        replaced: ReplacedEffects::UndoIfUnchanged,
        edited: Some(Edit { text: &yes, previous: None }),
        ..Regeneration::keep_effects(turn.lease.conversation, turn.lease.turn, None)
    };
    let edited = started(must(fixture.turns.regenerate(fixture.a, &wanted).await));
    assert_eq!(edited.answered, Some((vec![asked.question.clone()], Decision::Approve)));
    let run = AgentRun::new(&edited, HISTORY_TOKENS);
    let step = match run.next_step() {
        NextStep::RunTools(step) => step.clone(),
        other => panic!("expected the step that answers the question: {other:?}"),
    };
    must(fixture.turns.commit_step(&edited.lease, edited.step, &step).await);
    assert!(!waits(fixture, store, &asked).await);
    assert_eq!(fixture.tasks_called(&asked.task).await, 0);
    fixture.finished(&edited.lease, "They are gone.").await;
}

pub(super) async fn why_it_was_asked_stays_on_record(fixture: &Fixture<'_>, store: &dyn ApprovalStore) {
    let turn = fixture.opened("add it").await;
    let calls = must(fixture.turns.commit_step(&turn.lease, 0, &step_of(adding(&unique("asked")))).await);
    let (call, question) = (calls[0].clone(), Question::of_call(&calls[0]));
    let question = question.unwrap_or_else(|| panic!("the call asks nothing: {call:?}"));
    fixture.finished(&turn.lease, "It waits.").await;
    let asked = PendingApproval { task: String::new(), numbers: vec![], turn, call, question };
    let stands = async || {
        let record = recorded(fixture, &asked).await;
        (record["code"].clone(), record["error"].clone(), record["approval"]["state"].clone())
    };
    let (code, error, _) = stands().await;
    assert_eq!(code, "NOT_ALLOWED");

    let fails = started(fixture.regenerate(&asked.turn.lease).await);
    let meanwhile = &fails.done[0].result;
    assert_eq!((&meanwhile["code"], &meanwhile["approval"]["state"]), (&code, &json!("void")));
    must(fixture.turns.fail(&fails.lease, FailureKind::ModelUnavailable, Usage::default()).await);
    assert_eq!(stands().await, (code.clone(), error.clone(), json!("waiting")), "it is asked again");
    assert_eq!(recorded(fixture, &asked).await, asked.call.result);

    let next = fixture.continued(asked.turn.lease.conversation, "no").await;
    let mut call = adding("the same");
    call.action = Action::Decide(asked.question.id, Decision::Reject);
    must(fixture.turns.commit_step(&next.lease, 0, &step_of(call)).await);
    fixture.finished(&next.lease, "Well.").await;
    assert_eq!(stands().await, (code, error, json!("rejected")));
    assert!(!waits(fixture, store, &asked).await);
}
