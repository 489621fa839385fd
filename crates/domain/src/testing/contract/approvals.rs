//! Calls of a turn that wait for the person's approval.

use serde_json::{Map, Value, json};

use super::fixture::{Fixture, add, local, model_usage, must, new_conversation, stop, unique};
use crate::{
    approval::{
        Approval, ApprovalError, ApprovalId, ApprovalState, AskReason, AskingCall, Decision, Question,
    },
    caller::Caller,
    mcp_call::MAX_PENDING_APPROVALS,
    message::{ExecutedCall, ToolCall},
    ports::{ApprovalStore, ConversationStore, IdGenerator},
    request_channel::Channel,
    step::{Action, PlannedCall, PlannedStep},
    testing::{RandomIdGenerator, join_all},
    todo::TaskNumber,
    todo_command::{TaskChange, TodoChange, TodoCommand, TodoPatch},
    turn::{EndedTurn, Lease, RunningTurn, Target, TurnStatus},
    undo::UndoTarget,
};

/// Some tasks of A's, and the question whether they shall be deleted.
pub(super) struct PendingApproval {
    pub(super) task: String,
    pub(super) numbers: Vec<TaskNumber>,
    pub(super) turn: RunningTurn,
    pub(super) call: ExecutedCall,
    pub(super) question: Question,
}

pub(super) fn deleting(numbers: &[TaskNumber], id: &str) -> PlannedCall {
    let numbers_json = json!(numbers);
    PlannedCall {
        call: ToolCall {
            id: id.to_owned(),
            name: "delete_task".to_owned(),
            arguments: Map::from_iter([("task_id".to_owned(), numbers_json)]),
            provider_data: Default::default(),
        },
        action: Action::Ask(
            TodoCommand::ChangeMany(numbers.to_vec(), TaskChange::Delete),
            AskReason::ApprovalThresholdExceeded,
        ),
    }
}

pub(super) fn step_of(call: PlannedCall) -> PlannedStep {
    PlannedStep { text: String::new(), calls: vec![call], local: local() }
}

/// A call id that no other call of a test has.
pub(super) fn call_id() -> String {
    unique("c").chars().rev().filter(char::is_ascii_alphanumeric).take(9).collect()
}

pub(super) async fn asked(fixture: &Fixture<'_>) -> PendingApproval {
    asked_of(fixture, "task_id").await
}

/// Asks by a call that has its tasks under this name.
async fn asked_of(fixture: &Fixture<'_>, name: &str) -> PendingApproval {
    let task = unique("old task");
    let mut numbers = Vec::new();
    for _ in 0..4 {
        let added = must(must(fixture.todos.change(fixture.a, Channel::Rest, &add(&task)).await));
        numbers.push(added.task().number);
    }
    let turn = fixture.opened("delete the old tasks").await;
    let mut call = deleting(&numbers, &call_id());
    call.call.arguments = Map::from_iter([(name.to_owned(), json!(&numbers))]);
    let step = step_of(call);
    let calls = must(fixture.turns.commit_step(&turn.lease, 0, &step).await);
    assert_eq!(must(fixture.turns.commit_step(&turn.lease, 0, &step).await), calls, "it is asked once");
    let call = calls[0].clone();
    assert_eq!(
        (call.result["success"].clone(), &call.result["code"]),
        (json!(false), &json!("APPROVAL_REQUIRED"))
    );
    let question = Question::of_call(&call).unwrap_or_else(|| panic!("the call asks nothing: {call:?}"));
    assert_eq!(fixture.tasks_called(&task).await, 4, "nothing is done yet");
    fixture.finished(&turn.lease, "Shall I?").await;
    PendingApproval { task, numbers, turn, call, question }
}

pub(super) async fn decided(
    store: &dyn ApprovalStore,
    caller: Caller,
    asked: &PendingApproval,
    decision: Decision,
) -> Option<Result<Approval, ApprovalError>> {
    must(store.decide(caller, asked.question.id, decision, None).await)
}

/// The result of the call that asked, as the turn's record has it.
pub(super) async fn recorded(fixture: &Fixture<'_>, asked: &PendingApproval) -> Value {
    match fixture.status(&asked.turn.lease).await {
        Some(TurnStatus::Ended(EndedTurn::Answered(answer))) => answer.tool_calls[0].result.clone(),
        other => panic!("expected an answer: {other:?}"),
    }
}

pub(super) async fn waits(fixture: &Fixture<'_>, store: &dyn ApprovalStore, asked: &PendingApproval) -> bool {
    must(store.waiting(fixture.a).await).iter().any(|approval| approval.question.id == asked.question.id)
}

pub(super) async fn a_call_waits_and_is_carried_out_once(fixture: &Fixture<'_>, store: &dyn ApprovalStore) {
    let asked = asked(fixture).await;
    let waiting = must(store.waiting(fixture.a).await);
    let approval = waiting.iter().find(|approval| approval.question.id == asked.question.id);
    let approval = approval.unwrap_or_else(|| panic!("it waits: {waiting:?}"));
    assert_eq!(approval.question, asked.question, "what is shown of it is the same everywhere");
    let Lease { turn, conversation, .. } = asked.turn.lease;
    let asked_in = AskingCall { turn, conversation, id: asked.call.id.clone() };
    assert_eq!((&approval.asked_in, &approval.result), (&Some(asked_in), &None));
    let named: Vec<_> = approval.question.tasks.iter().map(|task| task.number).collect();
    assert_eq!(named, asked.numbers);

    let first = decided(store, fixture.a, &asked, Decision::Approve).await;
    let Some(Ok(done)) = &first else { panic!("it was not carried out: {first:?}") };
    assert_eq!(done.question.state, ApprovalState::Approved);
    let result = done.result.clone().unwrap_or_default();
    assert_eq!((&result["success"], result["results"].as_array().map(Vec::len)), (&json!(true), Some(4)));
    assert_eq!(fixture.tasks_called(&asked.task).await, 0);
    assert!(!waits(fixture, store, &asked).await);
    assert_eq!(
        decided(store, fixture.a, &asked, Decision::Approve).await,
        first,
        "said again, it is the same"
    );
    let no = decided(store, fixture.a, &asked, Decision::Reject).await;
    assert_eq!(no, Some(Err(ApprovalError::Decided)));
    assert_eq!(recorded(fixture, &asked).await, result, "the record of the turn has what came of it");
    let next = fixture.continued(asked.turn.lease.conversation, "thanks").await;
    assert_eq!(super::fixture::result_in(&next.history, &asked.call.id), result);
    fixture.finished(&next.lease, "You are welcome.").await;
}

pub(super) async fn a_yes_counts_whatever_the_call_named_its_tasks(
    fixture: &Fixture<'_>,
    store: &dyn ApprovalStore,
) {
    let asked = asked_of(fixture, "task_ids").await;
    let done = decided(store, fixture.a, &asked, Decision::Approve).await;
    let Some(Ok(done)) = &done else { panic!("it was not carried out: {done:?}") };
    assert_eq!(done.question.state, ApprovalState::Approved);
    assert_eq!(done.result.clone().unwrap_or_default()["success"], json!(true));
    assert_eq!(fixture.tasks_called(&asked.task).await, 0);
}

pub(super) async fn a_yes_to_what_cannot_be_read_is_not_used_up(
    fixture: &Fixture<'_>,
    store: &dyn ApprovalStore,
) {
    let asked = asked(fixture).await;
    // The call came to this question in another version.
    let mut call = deleting(&asked.numbers, &call_id());
    call.call.name = "archive_task".to_owned();
    let turn = fixture.continued(asked.turn.lease.conversation, "archive them").await;
    let calls = must(fixture.turns.commit_step(&turn.lease, 0, &step_of(call)).await);
    let question = Question::of_call(&calls[0]).unwrap_or_else(|| panic!("it asks nothing: {calls:?}"));
    fixture.finished(&turn.lease, "Shall I?").await;
    for _ in 0..2 {
        let yes = must(store.decide(fixture.a, question.id, Decision::Approve, None).await);
        assert_eq!(yes, Some(Err(ApprovalError::Void)), "nobody is told that it was done");
    }
    assert_eq!(fixture.tasks_called(&asked.task).await, 4);
}

pub(super) async fn an_undo_waits_while_what_it_takes_back_is_still_being_done(
    fixture: &Fixture<'_>,
    store: &dyn ApprovalStore,
) {
    let task = unique("to be undone");
    let new = fixture.says_with_key(Target::New(new_conversation()), "add it, no, do not");
    let turn = fixture.started(&new).await;
    fixture.added(&turn.lease, 0, &task).await;
    let planned = PlannedCall {
        call: ToolCall {
            id: call_id(),
            name: "undo_last".to_owned(),
            arguments: Map::new(),
            provider_data: Default::default(),
        },
        action: Action::Ask(TodoCommand::Undo(UndoTarget::Last), AskReason::NotAllowed),
    };
    let calls = must(fixture.turns.commit_step(&turn.lease, 1, &step_of(planned)).await);
    let question = Question::of_call(&calls[0]).unwrap_or_else(|| panic!("it asks nothing: {calls:?}"));
    let yes = async || must(store.decide(fixture.a, question.id, Decision::Approve, None).await);
    for _ in 0..2 {
        assert_eq!(yes().await, Some(Err(ApprovalError::StillRunning)), "it waits on");
        assert_eq!(fixture.tasks_called(&task).await, 1);
    }
    // Nobody works on it any more, and who takes it over is at work again.
    fixture.kill_worker(&turn.lease).await;
    let taken_over = fixture.restarted(&new).await;
    assert_eq!(yes().await, Some(Err(ApprovalError::StillRunning)));
    fixture.finished(&taken_over.lease, "Shall I undo it?").await;
    let undone = yes().await;
    assert!(matches!(undone, Some(Ok(_))), "{undone:?}");
    assert_eq!(fixture.tasks_called(&task).await, 0);
}

pub(super) async fn a_no_is_kept(fixture: &Fixture<'_>, store: &dyn ApprovalStore) {
    let asked = asked(fixture).await;
    let first = decided(store, fixture.a, &asked, Decision::Reject).await;
    let Some(Ok(rejected)) = &first else { panic!("a no counts: {first:?}") };
    assert_eq!(rejected.question.state, ApprovalState::Rejected);
    assert_eq!(recorded(fixture, &asked).await["code"], "NOT_APPROVED");
    assert_eq!(decided(store, fixture.a, &asked, Decision::Reject).await, first);
    let yes = decided(store, fixture.a, &asked, Decision::Approve).await;
    assert_eq!(yes, Some(Err(ApprovalError::Decided)));
    assert_eq!(fixture.tasks_called(&asked.task).await, 4);
}

pub(super) async fn what_was_changed_since_is_not_carried_out(
    fixture: &Fixture<'_>,
    store: &dyn ApprovalStore,
) {
    let done = TodoPatch { completed: Some(true), ..TodoPatch::default() };
    let changes: [fn(TaskNumber, TodoPatch) -> TodoChange; 2] =
        [TodoChange::Update, |number, _| TodoChange::Delete(number, None)];
    for change in changes {
        let asked = asked(fixture).await;
        let change = change(asked.numbers[3], done.clone());
        must(must(fixture.todos.change(fixture.a, Channel::Rest, &change).await));
        let left = fixture.tasks_called(&asked.task).await;
        for _ in 0..2 {
            let answer = decided(store, fixture.a, &asked, Decision::Approve).await;
            assert_eq!(answer, Some(Err(ApprovalError::Void)));
        }
        assert_eq!(fixture.tasks_called(&asked.task).await, left, "nothing is done, also to the others");
        assert!(!waits(fixture, store, &asked).await);
        assert_eq!(recorded(fixture, &asked).await["approval"]["state"], "void");
    }
}

pub(super) async fn only_what_was_asked_and_by_whom_it_was_asked_counts(
    fixture: &Fixture<'_>,
    store: &dyn ApprovalStore,
) {
    let asked = asked(fixture).await;
    assert_eq!(decided(store, fixture.b, &asked, Decision::Approve).await, None);
    assert!(must(store.waiting(fixture.b).await).is_empty());
    let id = asked.question.id;
    let ids = [id, ApprovalId(RandomIdGenerator.next()), id];
    assert!(must(store.find_all(fixture.b, &ids).await).is_empty());
    let found = must(store.find_all(fixture.a, &ids).await).into_iter().map(|found| found.question);
    assert_eq!(found.collect::<Vec<_>>(), std::slice::from_ref(&asked.question));
    let mut other = asked.call.input.clone();
    other.insert("task_id".to_owned(), json!([asked.numbers[0].0 + 1000]));
    let swapped = must(store.decide(fixture.a, id, Decision::Approve, Some(&other)).await);
    assert_eq!(swapped, Some(Err(ApprovalError::OtherArguments)));
    assert_eq!(fixture.tasks_called(&asked.task).await, 4);
    assert!(waits(fixture, store, &asked).await);
    let same = must(store.decide(fixture.a, id, Decision::Approve, Some(&asked.call.input)).await);
    assert!(matches!(same, Some(Ok(_))), "{same:?}");

    // What is not there needs no word: the model is told at once.
    let turn = fixture.opened("delete what is not there").await;
    let step = step_of(deleting(&[TaskNumber(i64::MAX)], &call_id()));
    let calls = must(fixture.turns.commit_step(&turn.lease, 0, &step).await);
    assert_eq!(Question::of_call(&calls[0]), None);
    assert_eq!(calls[0].result["results"][0]["code"], "NOT_FOUND");
    fixture.finished(&turn.lease, "There is none.").await;
}

pub(super) async fn of_answers_at_once_one_carries_it_out(fixture: &Fixture<'_>, store: &dyn ApprovalStore) {
    let asked = asked(fixture).await;
    let answers = (0..6).map(|number| {
        let decision = if number == 5 { Decision::Reject } else { Decision::Approve };
        decided(store, fixture.a, &asked, decision)
    });
    let answers = join_all(answers).await;
    let state = recorded(fixture, &asked).await["approval"]["state"].clone();
    let winner = if state == "approved" { ApprovalState::Approved } else { ApprovalState::Rejected };
    for answer in answers.into_iter().flatten() {
        match answer {
            Ok(approval) => assert_eq!(approval.question.state, winner),
            Err(refusal) => assert_eq!(refusal, ApprovalError::Decided),
        }
    }
    let left = if winner == ApprovalState::Approved { 0 } else { 4 };
    assert_eq!(fixture.tasks_called(&asked.task).await, left);
}

pub(super) async fn a_plain_yes_in_the_next_message_is_the_same(
    fixture: &Fixture<'_>,
    store: &dyn ApprovalStore,
) {
    let asked = asked(fixture).await;
    let turn = fixture.continued(asked.turn.lease.conversation, "Yes.").await;
    assert_eq!(turn.answered, Some((vec![asked.question.clone()], Decision::Approve)));
    let mut call = deleting(&asked.numbers, &call_id());
    call.action = Action::Decide(asked.question.id, Decision::Approve);
    let step = step_of(call);
    let calls = must(fixture.turns.commit_step(&turn.lease, 0, &step).await);
    assert_eq!(calls[0].result["results"].as_array().map(Vec::len), Some(4));
    assert_eq!(must(fixture.turns.commit_step(&turn.lease, 0, &step).await), calls, "once");
    assert_eq!(fixture.tasks_called(&asked.task).await, 0);
    let record = recorded(fixture, &asked).await;
    assert_eq!((&record["success"], &record["approval"]["state"]), (&json!(false), &json!("approved")));
    let again = decided(store, fixture.a, &asked, Decision::Approve).await;
    let result = again.and_then(Result::ok).and_then(|approval| approval.result);
    assert_eq!(result, Some(calls[0].result.clone()), "a late tap on the card finds what was done");

    // Whoever takes the turn over after its step does not decide again.
    fixture.kill_worker(&turn.lease).await;
    let next = fixture.continued(asked.turn.lease.conversation, "yes").await;
    assert_eq!(next.answered, None);
    must(fixture.turns.finish(&next.lease, &stop("It is done."), &model_usage()).await);
}

pub(super) async fn an_unclear_reply_leaves_the_approval_pending(
    fixture: &Fixture<'_>,
    store: &dyn ApprovalStore,
) {
    let asked = asked(fixture).await;
    let id = asked.turn.lease.conversation;
    let elsewhere = fixture.opened("yes").await;
    assert_eq!(elsewhere.answered, None);
    fixture.finished(&elsewhere.lease, "What do you mean?").await;
    let other = fixture.continued(id, "yes, but only the first").await;
    assert_eq!(other.answered, None);
    fixture.finished(&other.lease, "Which one?").await;
    let late = fixture.continued(id, "yes").await;
    assert_eq!(late.answered, None, "that answers what was said last");
    fixture.finished(&late.lease, "To what?").await;
    assert!(waits(fixture, store, &asked).await);
    let no = decided(store, fixture.a, &asked, Decision::Reject).await;
    assert!(matches!(no, Some(Ok(_))));
}

pub(super) async fn what_waits_goes_with_its_conversation(
    fixture: &Fixture<'_>,
    store: &dyn ApprovalStore,
    conversations: &dyn ConversationStore,
) {
    let asked = asked(fixture).await;
    assert!(must(conversations.delete(fixture.a, asked.turn.lease.conversation).await));
    assert!(!waits(fixture, store, &asked).await);
    assert_eq!(decided(store, fixture.a, &asked, Decision::Approve).await, None);
    assert_eq!(fixture.tasks_called(&asked.task).await, 4);
}

/// A call that adds a task, by who may not.
pub(super) fn adding(task: &str) -> PlannedCall {
    let TodoChange::Add(new) = add(task) else { panic!("an addition is none") };
    PlannedCall {
        call: ToolCall {
            id: call_id(),
            name: "add_task".to_owned(),
            arguments: Map::from_iter([("title".to_owned(), json!(task))]),
            provider_data: Default::default(),
        },
        action: Action::Ask(TodoCommand::Change(TodoChange::Add(new)), AskReason::NotAllowed),
    }
}

pub(super) async fn what_programs_ask_for_in_turns_is_bounded(
    fixture: &Fixture<'_>,
    store: &dyn ApprovalStore,
) {
    let turn = fixture.opened("add very much").await;
    let most = usize::try_from(MAX_PENDING_APPROVALS).unwrap_or_default();
    let calls = std::iter::repeat_with(|| adding(&unique("one of many"))).take(most + 3).collect();
    let step = PlannedStep { text: String::new(), calls, local: local() };
    let calls = must(fixture.turns.commit_step(&turn.lease, 0, &step).await);
    let refused = calls.iter().filter(|call| call.result["code"] == "LIMIT").count();
    assert!(refused >= 3, "{refused}");
    let waiting = must(store.waiting(fixture.a).await);
    assert_eq!(waiting.len(), most);
    fixture.finished(&turn.lease, "They wait.").await;
    for approval in waiting {
        let no = must(store.decide(fixture.a, approval.question.id, Decision::Reject, None).await);
        assert!(matches!(no, Some(Ok(_))), "{no:?}");
    }
}

pub(super) async fn an_addition_may_wait_too(fixture: &Fixture<'_>, store: &dyn ApprovalStore) {
    let task = unique("asked for by a program");
    let turn = fixture.opened("add it").await;
    let calls = must(fixture.turns.commit_step(&turn.lease, 0, &step_of(adding(&task))).await);
    assert_eq!(calls[0].result["code"], "NOT_ALLOWED");
    let question = Question::of_call(&calls[0]).unwrap_or_else(|| panic!("it asks nothing: {calls:?}"));
    fixture.finished(&turn.lease, "It waits.").await;
    assert_eq!(fixture.tasks_called(&task).await, 0);
    for _ in 0..2 {
        let decided = must(store.decide(fixture.a, question.id, Decision::Approve, None).await);
        assert!(matches!(decided, Some(Ok(_))), "{decided:?}");
        assert_eq!(fixture.tasks_called(&task).await, 1);
    }
}
