use serde_json::{Map, json};

use super::*;
use crate::{
    access_token::{AccessTokenId, Scopes},
    account::UserId,
    caller::Grant,
    change_log::ChangeId,
    message::ExecutedCall,
    testing::sample_todo,
    todo::{TaskNumber, Todo},
    todo_command::TodoPatch,
    undo::{UndoError, UndoTarget},
};

fn question(tool: &str, arguments: Value, count: i64) -> Question {
    let task = |number| ApprovalTask { number: TaskNumber(number), title: format!("Task {number}") };
    Question {
        id: ApprovalId(Uuid::from_u128(7)),
        tool: tool.to_owned(),
        arguments: serde_json::from_value(arguments).unwrap(),
        tasks: (1..=count).map(task).collect(),
        expires_at: DateTime::UNIX_EPOCH + AskReason::ApprovalThresholdExceeded.lifetime(),
        state: ApprovalState::Waiting,
        program: None,
    }
}

/// A call that says a time from now on is the same one a minute later, and another on another day.
#[test]
fn a_call_is_asked_again_when_its_days_are_the_same() {
    let at = |text: &str| PersonalTime::utc(text.parse().unwrap());
    let asked_at = at("2026-11-30T12:00:00Z");
    for (tool, arguments, count) in [
        ("update_task", json!({"task_id": 1, "due": "in 2 hours"}), 1),
        ("add_task", json!({"title": "Call", "due": "in 2 hours"}), 0),
    ] {
        let question = question(tool, arguments, count);
        let target = ApprovalTarget {
            arguments: question.arguments.clone(),
            tasks: question.tasks.clone(),
            revisions: vec![3; question.tasks.len()],
        };
        let waiting =
            Approval { question, asked_in: None, revisions: target.revisions.clone(), result: None };
        let is_same = |now| waiting.is_asked_again(asked_at, &target, now);
        assert!(is_same(asked_at) && is_same(at("2026-11-30T12:01:00Z")), "{tool}");
        assert!(!is_same(at("2026-12-01T12:00:00Z")), "{tool}");
    }
}

fn approval(state: ApprovalState) -> Approval {
    Approval {
        question: Question { state, ..question("delete_task", json!({"task_id": [1, 2]}), 2) },
        asked_in: Some(AskingCall {
            turn: TurnId(Uuid::nil()),
            conversation: ConversationId(Uuid::nil()),
            id: "c".to_owned(),
        }),
        revisions: vec![1, 5],
        result: None,
    }
}

/// Tasks with these numbers and revisions.
fn todos(all: &[(i64, i64)]) -> Vec<Todo> {
    let todo = |(number, revision): &(i64, i64)| Todo { revision: *revision, ..sample_todo(*number, "Task") };
    all.iter().map(todo).collect()
}

#[test]
fn an_answer_counts_once_in_time_and_for_what_was_asked() {
    use {
        ApprovalError as R, ApprovalState as S,
        ApprovalTransition::{CarryOut, Refuse, Repeat},
        Decision::Approve,
    };
    let asked_at = PersonalTime::utc(DateTime::UNIX_EPOCH);
    let (in_time, both) = (DateTime::UNIX_EPOCH, vec![TaskNumber(1), TaskNumber(2)]);
    let deletes = CarryOut(Box::new(TodoCommand::ChangeMany(both, TaskChange::Delete)));
    for (state, decision, expected) in [
        (S::Waiting, Approve, deletes),
        (S::Waiting, Decision::Reject, ApprovalTransition::Reject),
        (S::Approved, Approve, Repeat),
        (S::Approved, Decision::Reject, Refuse(R::Decided)),
        (S::Rejected, Decision::Reject, Repeat),
        (S::Rejected, Approve, Refuse(R::Decided)),
        (S::Void, Approve, Refuse(R::Void)),
        (S::Void, Decision::Reject, Refuse(R::Void)),
    ] {
        let transition = approval(state).transition(decision, asked_at, in_time, TargetState::Unchanged);
        assert_eq!(transition, expected, "{state:?} {decision:?}");
    }
    let late = in_time + AskReason::ApprovalThresholdExceeded.lifetime();
    let waiting = approval(S::Waiting);
    let targets = [TargetState::Unchanged, TargetState::Changed, TargetState::StillRunning];
    for target in targets {
        assert_eq!(waiting.transition(Approve, asked_at, late, target), Refuse(R::Expired));
        assert_eq!(
            approval(S::Approved).transition(Approve, asked_at, late, target),
            Repeat,
            "it was in time"
        );
        assert_eq!(
            waiting.transition(Decision::Reject, asked_at, in_time, target),
            ApprovalTransition::Reject
        );
    }
    assert_eq!(
        waiting.transition(Approve, asked_at, in_time, TargetState::Changed),
        ApprovalTransition::Void
    );
    let running = waiting.transition(Approve, asked_at, in_time, TargetState::StillRunning);
    assert_eq!(running, Refuse(R::StillRunning), "it waits on");

    let mut unreadable = approval(S::Waiting);
    unreadable.question.arguments = serde_json::from_value(json!({"title": "", "due": "some day"})).unwrap();
    unreadable.question.tool = "update_task".to_owned();
    for target in targets {
        let yes = unreadable.transition(Approve, asked_at, in_time, target);
        assert_eq!(yes, ApprovalTransition::Void, "no yes is used up by it");
        assert_eq!(
            unreadable.transition(Decision::Reject, asked_at, in_time, target),
            ApprovalTransition::Reject
        );
    }
}

#[test]
fn what_was_asked_is_unchanged_while_its_tasks_are_as_they_were() {
    let mut asked = approval(ApprovalState::Waiting);
    let numbers = Ok(asked.numbers());
    let is_unchanged = |asked: &Approval, now: &[(i64, i64)]| {
        asked.target_state(&numbers, &todos(now)) == TargetState::Unchanged
    };
    assert!(is_unchanged(&asked, &[(1, 1), (2, 5)]));
    for changed in [&[(1, 2), (2, 5)][..], &[(1, 1), (2, 4)], &[(1, 1)], &[]] {
        assert!(!is_unchanged(&asked, changed), "{changed:?}");
    }
    let state = |about| asked.target_state(&about, &todos(&[(1, 1), (2, 5)]));
    assert_eq!(state(Ok(vec![TaskNumber(1)])), TargetState::Changed, "it would be about others");
    assert_eq!(state(Err(UndoError::NoSuchTurn)), TargetState::Changed);
    assert_eq!(state(Err(UndoError::StillRunning)), TargetState::StillRunning);
    asked.revisions = vec![1, 0];
    assert!(is_unchanged(&asked, &[(1, 1)]), "it was not there, and is not");
    assert!(!is_unchanged(&asked, &[(1, 1), (2, 1)]));
}

#[test]
fn a_program_answers_no_question_of_a_programs() {
    let scopes = Scopes::parse(["tasks:read", "tasks:write", "chat"]).unwrap();
    let program = Grant::AccessToken(AccessTokenId(Uuid::nil()), scopes);
    let caller = |grant| Caller { user: UserId(Uuid::nil()), token_version: 0, grant };
    let of_a_turn = approval(ApprovalState::Waiting);
    let of_a_program = Approval { asked_in: None, ..of_a_turn.clone() };
    assert_eq!(of_a_turn.check_answer(&caller(Some(program)), None), Ok(()));
    assert_eq!(of_a_program.check_answer(&caller(None), None), Ok(()));
    assert_eq!(of_a_program.check_answer(&caller(Some(program)), None), Err(ApprovalError::NotThePerson));
}

#[test]
fn an_undo_that_waits_names_what_it_takes_back() {
    let time = PersonalTime::utc(DateTime::UNIX_EPOCH);
    let turn = TurnId(Uuid::from_u128(9));
    let waits = |target| {
        let ApprovalTarget { arguments, tasks, revisions } = ApprovalTarget::for_undo(target, &[], &[]);
        let question = Question { tasks, ..question("undo_last", json!(arguments), 0) };
        Approval { question, revisions, ..approval(ApprovalState::Waiting) }
    };
    for (target, named) in [
        (UndoTarget::Turn(turn), json!({"turn_id": turn.0})),
        (UndoTarget::Change(ChangeId(12)), json!({"change_id": 12})),
    ] {
        let waiting = waits(target);
        assert_eq!(json!(waiting.question.arguments), named);
        assert_eq!(waiting.command(time), Ok(TodoCommand::Undo(target)));
        let shown = |shown: &Value| {
            arguments_match("undo_last", &waiting.question.arguments, shown.as_object().unwrap())
        };
        assert!(shown(&named) && shown(&json!({})), "a call shows no arguments");
        assert!(!shown(&json!({"change_id": 13})) && !shown(&json!({"turn_id": Uuid::nil()})));
        let call = ExecutedCall {
            id: "c".into(),
            tool: "undo_last".to_owned(),
            input: Map::new(),
            result: waiting.waiting_result(AskReason::NotAllowed),
        };
        assert_eq!(Question::of_call(&call), Some(waiting.question), "its call does not say which");
    }
    let nothing = question("undo_last", json!({}), 0);
    let nothing = Approval { question: nothing, ..approval(ApprovalState::Waiting) };
    assert!(nothing.command(time).is_err(), "what is last is never found out later");
}

#[test]
fn a_program_is_told_who_is_asked_until_when_and_what_came_of_it() {
    let person = UserId(Uuid::from_u128(3));
    let asked = Approval { asked_in: None, ..approval(ApprovalState::Waiting) };
    let first = asked.waiting_result_for_program(AskReason::NotAllowed, person);
    assert_eq!((&first["code"], approval_id_in(&first)), (&json!("NOT_ALLOWED"), Some(asked.question.id)));
    let sentence = first["error"].as_str().unwrap();
    for part in
        ["tasks:write", "1970-01-01T00:10:00Z", &format!("/api/{person}/approvals/{}", asked.question.id.0)]
    {
        assert!(sentence.contains(part), "{part}: {sentence}");
    }
    let at = DateTime::UNIX_EPOCH;
    assert_eq!(asked.replayed_result(first.clone(), at), first);
    assert_eq!(asked.replayed_result(first.clone(), asked.question.expires_at)["code"], "NOT_APPROVED");
    let done = asked.clone().with_decision(ApprovalState::Approved, json!({"success": true}));
    assert_eq!(done.replayed_result(first.clone(), asked.question.expires_at)["success"], true);
    assert_eq!(asked.voided().replayed_result(first, at)["approval"]["state"], "void");
}

#[test]
fn what_is_carried_out_is_what_was_asked_and_only_of_the_tasks_that_were_shown() {
    let time = PersonalTime::utc(DateTime::UNIX_EPOCH);
    let mut wide = approval(ApprovalState::Waiting);
    wide.question.arguments = serde_json::from_value(json!({"task_id": [1, 2, 99]})).unwrap();
    let both = vec![TaskNumber(1), TaskNumber(2)];
    assert_eq!(wide.command(time), Ok(TodoCommand::ChangeMany(both, TaskChange::Delete)));
    let mut titled = approval(ApprovalState::Waiting);
    titled.question = question("complete_task", json!({"task_id": "Task one"}), 1);
    let done = TodoPatch { completed: Some(true), ..TodoPatch::default() };
    let expected = TodoCommand::Change(TodoChange::Update(TaskNumber(1), done));
    assert_eq!(titled.command(time), Ok(expected));
    titled.question.tool = "list_tasks".to_owned();
    assert!(titled.command(time).is_err());
}

#[test]
fn what_is_carried_out_is_what_was_asked_under_every_name_of_its_tasks() {
    let time = PersonalTime::utc(DateTime::UNIX_EPOCH);
    let names = ["task_id", "id", "task", "number", "task_number", "taskId", "task_ids", "ids"];
    for (tool, change) in [
        ("delete_task", TaskChange::Delete),
        ("complete_task", TaskChange::Update(TodoPatch { completed: Some(true), ..TodoPatch::default() })),
    ] {
        for name in names {
            let arguments = json!({ name: [1, 2, 3, 4] });
            let decoded = tool::decode(tool, arguments.as_object().unwrap().clone(), time);
            let four = (1..=4).map(TaskNumber).collect();
            assert_eq!(decoded, Ok(TodoCommand::ChangeMany(four, change.clone())), "{tool} {name}");
            let asked =
                Approval { question: question(tool, arguments, 2), ..approval(ApprovalState::Waiting) };
            let shown = vec![TaskNumber(1), TaskNumber(2)];
            let expected = TodoCommand::ChangeMany(shown, change.clone());
            assert_eq!(asked.command(time), Ok(expected), "{tool} {name}");
        }
    }
}

#[test]
fn only_a_plain_yes_or_no_answers_an_approval() {
    for yes in ["yes", " Yes! ", "JA.", "Oui", "sí", "да", "はい。", "是的", "Yes please"] {
        assert_eq!(parse_yes_no(yes), Some(Decision::Approve), "{yes}");
    }
    for no in ["no", "Nein.", "non", "нет", "Hayır", "いいえ"] {
        assert_eq!(parse_yes_no(no), Some(Decision::Reject), "{no}");
    }
    for other in [
        "",
        "yes, but only the first",
        "yes?",
        "no problem, yes",
        "yesterday",
        "ok",
        "delete them",
        "y",
        "tak",
        "Tak!",
        "ano",
        "igen",
        "так",
    ] {
        assert_eq!(parse_yes_no(other), None, "{other}");
    }
}

#[test]
fn a_question_is_read_back_from_the_result_of_its_call() {
    let asked = question("delete_task", json!({"task_id": [1, 2, 3, 4]}), 4);
    let approval = Approval { question: asked.clone(), ..approval(ApprovalState::Waiting) };
    let call = ExecutedCall {
        id: "c".into(),
        tool: asked.tool.clone(),
        input: asked.arguments.clone(),
        result: approval.waiting_result(AskReason::ApprovalThresholdExceeded),
    };
    assert_eq!(call.result["code"], "APPROVAL_REQUIRED");
    assert_eq!(Question::of_call(&call), Some(asked.clone()));
    let at = |at| Question::waiting_in(std::slice::from_ref(&call), at).count();
    assert_eq!((at(DateTime::UNIX_EPOCH), at(asked.expires_at)), (1, 0));
    let decided = approval.clone().with_decision(ApprovalState::Approved, json!({"success": true}));
    let recorded = |made_in| ExecutedCall {
        result: decided.result_to_store(Some(made_in), call.result.clone()),
        ..call.clone()
    };
    assert_eq!(Question::of_call(&recorded(TurnId(Uuid::nil()))), None, "what was done asks nothing");
    let elsewhere = recorded(TurnId(Uuid::from_u128(1)));
    assert_eq!(Question::of_call(&elsewhere).unwrap().state, ApprovalState::Approved);
    assert_eq!(Question::waiting_in(&[elsewhere], DateTime::UNIX_EPOCH).count(), 0);
    let of_program = approval.waiting_result(AskReason::NotAllowed);
    let void = approval.clone().voided().result_to_store(None, of_program.clone());
    assert_eq!((&void["code"], &void["approval"]["state"]), (&json!("NOT_ALLOWED"), &json!("void")));
    assert_eq!(
        approval.clone().voided().reactivated().result_to_store(None, void),
        of_program,
        "as it was asked"
    );
    assert_eq!(approval.result_to_store(None, json!("unreadable"))["code"], "APPROVAL_REQUIRED");
}

#[test]
fn a_question_is_one_sentence_that_names_the_tasks() {
    let one = question("complete_task", json!({"task_id": 1}), 1);
    assert_eq!(one.sentence(), "Mark this task as done: “Task 1”?");
    let many = question("delete_task", json!({"task_id": []}), 12).sentence();
    assert!(many.starts_with("Delete these 12 tasks: “Task 1”, “Task 2”"), "{many}");
    assert!(many.ends_with("“Task 10” and 2 more?"), "{many}");
}

#[test]
fn arguments_are_the_same_although_javascript_has_read_them() {
    let read = |text: &str| serde_json::from_str::<Map<String, Value>>(text).unwrap();
    assert!(arguments_match(
        "update_task",
        &read(r#"{"task_id": [1.0, 2], "a": "b"}"#),
        &read(r#"{"a": "b", "task_id": [1, 2]}"#)
    ));
    for other in
        [r#"{"task_id": [1, 3], "a": "b"}"#, r#"{"task_id": [1, 2]}"#, r#"{"task_id": [1], "a": "b"}"#]
    {
        assert!(
            !arguments_match("update_task", &read(r#"{"task_id": [1, 2], "a": "b"}"#), &read(other)),
            "{other}"
        );
    }
}
