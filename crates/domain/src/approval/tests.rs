use serde_json::json;

use super::*;
use crate::{command::TodoPatch, message::ExecutedCall};

fn question(tool: &str, arguments: Value, count: i64) -> Question {
    let task = |number| ApprovalTask { number: TaskNumber(number), title: format!("Task {number}") };
    Question {
        id: ApprovalId(Uuid::from_u128(7)),
        tool: tool.to_owned(),
        arguments: serde_json::from_value(arguments).unwrap(),
        tasks: (1..=count).map(task).collect(),
        expires_at: DateTime::UNIX_EPOCH + AskReason::MoreThanUnasked.lifetime(),
        state: ApprovalState::Waiting,
    }
}

fn approval(state: ApprovalState) -> Approval {
    Approval {
        question: Question { state, ..question("delete_task", json!({"task_id": [1, 2]}), 2) },
        turn: TurnId(Uuid::nil()),
        conversation: ConversationId(Uuid::nil()),
        call_id: "c".to_owned(),
        revisions: vec![1, 5],
        result: None,
    }
}

fn as_asked(number: TaskNumber) -> Option<i64> {
    [(1, 1), (2, 5)].into_iter().find(|(known, _)| *known == number.0).map(|(_, revision)| revision)
}

#[test]
fn an_answer_counts_once_in_time_and_for_what_was_asked() {
    use {
        ApprovalRefusal as R, ApprovalState as S,
        Decision::Approve,
        Verdict::{CarryOut, Refuse, Repeat},
    };
    let in_time = DateTime::UNIX_EPOCH;
    for (state, decision, expected) in [
        (S::Waiting, Approve, CarryOut),
        (S::Waiting, Decision::Reject, Verdict::Reject),
        (S::Approved, Approve, Repeat),
        (S::Approved, Decision::Reject, Refuse(R::Decided)),
        (S::Rejected, Decision::Reject, Repeat),
        (S::Rejected, Approve, Refuse(R::Decided)),
        (S::Void, Approve, Refuse(R::Void)),
        (S::Void, Decision::Reject, Refuse(R::Void)),
    ] {
        assert_eq!(approval(state).verdict(decision, in_time, as_asked), expected, "{state:?} {decision:?}");
    }
    let late = DateTime::UNIX_EPOCH + AskReason::MoreThanUnasked.lifetime();
    assert_eq!(approval(S::Waiting).verdict(Approve, late, as_asked), Refuse(R::Expired));
    assert_eq!(approval(S::Approved).verdict(Approve, late, as_asked), Repeat, "it was in time");
    let changed = |number: TaskNumber| as_asked(number).map(|revision| revision + 1);
    assert_eq!(approval(S::Waiting).verdict(Approve, in_time, changed), Verdict::Annul);
    assert_eq!(approval(S::Waiting).verdict(Approve, in_time, |_| None), Verdict::Annul);
    assert_eq!(approval(S::Waiting).verdict(Decision::Reject, in_time, |_| None), Verdict::Reject);
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
fn plain_words_are_an_answer_and_nothing_else_is() {
    for yes in ["yes", " Yes! ", "JA.", "Oui", "sí", "да", "はい。", "是的", "Yes please"] {
        assert_eq!(plain_answer(yes), Some(Decision::Approve), "{yes}");
    }
    for no in ["no", "Nein.", "non", "нет", "Hayır", "いいえ"] {
        assert_eq!(plain_answer(no), Some(Decision::Reject), "{no}");
    }
    for other in
        ["", "yes, but only the first", "yes?", "no problem, yes", "yesterday", "ok", "delete them", "y"]
    {
        assert_eq!(plain_answer(other), None, "{other}");
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
        result: approval.asking(AskReason::MoreThanUnasked),
    };
    assert_eq!(call.result["code"], "APPROVAL_REQUIRED");
    assert_eq!(Question::of_call(&call), Some(asked.clone()));
    let at = |at| Question::waiting(std::slice::from_ref(&call), at).count();
    assert_eq!((at(DateTime::UNIX_EPOCH), at(asked.expires_at)), (1, 0));
    let decided = approval.decided(ApprovalState::Approved, json!({"success": true}));
    let recorded = |made_in| ExecutedCall { result: decided.record(made_in), ..call.clone() };
    assert_eq!(Question::of_call(&recorded(decided.turn)), None, "what was done asks nothing");
    let elsewhere = recorded(TurnId(Uuid::from_u128(1)));
    assert_eq!(Question::of_call(&elsewhere).unwrap().state, ApprovalState::Approved);
    assert_eq!(Question::waiting(&[elsewhere], DateTime::UNIX_EPOCH).count(), 0);
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
    assert!(are_same(&read(r#"{"task_id": [1.0, 2], "a": "b"}"#), &read(r#"{"a": "b", "task_id": [1, 2]}"#)));
    for other in
        [r#"{"task_id": [1, 3], "a": "b"}"#, r#"{"task_id": [1, 2]}"#, r#"{"task_id": [1], "a": "b"}"#]
    {
        assert!(!are_same(&read(r#"{"task_id": [1, 2], "a": "b"}"#), &read(other)), "{other}");
    }
}
