//! False claims, which must be found, and honest answers, which must pass.

mod false_positives;
mod holdback_buffer;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::*;
use crate::{
    message::{Message, MessageBody, ToolCall},
    turn_and_conversation_ids::TurnId,
};

const TURN: TurnId = TurnId(Uuid::from_u128(2));
const EARLIER: TurnId = TurnId(Uuid::from_u128(1));

/// A tool call with its result.
pub(super) fn call(tool: &str, input: &Value, result: Value) -> ExecutedCall {
    let input: Map<String, Value> = input.as_object().cloned().unwrap_or_default();
    ExecutedCall { id: format!("{tool}{input:?}"), tool: tool.into(), input, result }
}

/// A change that was made.
pub(super) fn done(tool: &str, number: i64, title: &str) -> ExecutedCall {
    let completed = tool == "complete_task";
    let result = json!({"success": true, "task": {"id": number, "title": title, "completed": completed}});
    call(tool, &json!({"task_id": number}), result)
}

/// A change that was refused.
pub(super) fn failed(tool: &str, number: i64) -> ExecutedCall {
    let result = json!({"success": false, "error": "There is no such task.", "code": "NOT_FOUND"});
    call(tool, &json!({"task_id": number}), result)
}

/// A look that showed these tasks, with numbers from 1.
pub(super) fn listed(titles: &[&str]) -> ExecutedCall {
    let tasks =
        titles.iter().zip(1..).map(|(title, id)| json!({"id": id, "title": title, "completed": false}));
    let tasks: Vec<Value> = tasks.collect();
    call("list_tasks", &json!({}), json!({"success": true, "total": tasks.len(), "tasks": tasks}))
}

fn messages(turn: TurnId, said: &str, calls: &[ExecutedCall]) -> Vec<Message> {
    let mut bodies = vec![MessageBody::User(said.into())];
    for done in calls {
        let call = ToolCall {
            id: done.id.clone(),
            name: done.tool.clone(),
            arguments: done.input.clone(),
            provider_data: Default::default(),
        };
        bodies.push(MessageBody::Assistant { text: String::new(), calls: vec![call] });
        bodies.push(MessageBody::Tool { call_id: done.id.clone(), content: done.result.to_string() });
    }
    bodies.into_iter().map(|body| Message { turn, body }).collect()
}

/// Judges an answer to `said` in a turn that has done this, after another that did that.
pub(super) fn verification_after(
    earlier: &[ExecutedCall],
    said: &str,
    calls: &[ExecutedCall],
    answer: &str,
) -> AnswerVerification {
    let history = [messages(EARLIER, "Before", earlier), messages(TURN, said, calls)].concat();
    verify_answer(answer, &Evidence::new(TURN, &history, calls, false))
}

pub(super) fn verification(said: &str, calls: &[ExecutedCall], answer: &str) -> AnswerVerification {
    verification_after(&[], said, calls, answer)
}

/// Asserts that every answer has this verification.
fn all(expected: AnswerVerification, said: &str, calls: &[ExecutedCall], answers: &[&str]) {
    let others: Vec<_> = answers
        .iter()
        .map(|answer| (*answer, verification(said, calls, answer)))
        .filter(|(_, verification)| *verification != expected)
        .collect();
    assert!(others.is_empty(), "not {expected:?} after {said:?}: {others:#?}");
}

#[test]
fn a_claim_without_any_call_is_false() {
    let answers = [
        "I've added 'Buy milk' to your list.",
        "I have just deleted all of your tasks!",
        "Sure! I successfully removed the task.",
        "Deleted everything!",
        "Done!",
        "All set.",
        "✅ Task added: Milk",
        "The task 'Milk' has been added.",
        "Task 3 is now marked as done.",
        "All tasks have been deleted, no problem.",
        "OK, I've marked it as completed. Anything else?",
        "I can confirm that everything was removed.",
        "I've deleted everything, okay?",
        "**Done!** I've renamed task 2.",
        "I've gone ahead and cleared your list.",
        "I've set it to Friday.",
        "I've got rid of 'Buy milk'.",
        "Got rid of all three tasks.",
        "I've pushed it back to Monday.",
        "I've just wiped your list.",
        "I've put it on your list.",
        "I've taken it off your list.",
        "I've reverted that.",
        "I've replaced 'Milk' with 'Oat milk'.",
        "I have unchecked task 2.",
        "I've made that change.",
        "I've made the change you wanted.",
        "Task 3 is now complete.",
        "I've checked it off.",
        "I've crossed them off.",
    ];
    all(AnswerVerification::False, "Delete all my tasks", &[], &answers);
}

#[test]
fn a_first_person_claim_is_false_whatever_was_asked() {
    let answers = ["By the way, I've deleted all your tasks.", "I added a task for that."];
    all(AnswerVerification::False, "How are you?", &[], &answers);
}

#[test]
fn a_claim_in_another_language_is_false() {
    let answers = [
        "Ich habe alle Aufgaben gelöscht.",
        "Erledigt! Die Aufgabe „Milch“ wurde hinzugefügt.",
        "J'ai supprimé toutes vos tâches.",
        "La tâche a été ajoutée à votre liste.",
        "He eliminado todas tus tareas.",
        "Listo, la tarea ha sido eliminada.",
        "Removi todas as suas tarefas.",
        "Ho eliminato tutte le attività.",
        "Ik heb alle taken verwijderd.",
        "Jag har tagit bort alla uppgifter.",
        "Jeg har slettet alle opgaverne.",
        "Jeg har fjernet alle oppgavene.",
        "Am șters toate sarcinile.",
        "Я удалил все задачи.",
        "Готово! Задача добавлена, я её отметил.",
        "Я видалив усі завдання.",
        "Usunąłem wszystkie zadania.",
        "Smazal jsem všechny úkoly.",
        "Poistin kaikki tehtävät.",
        "Töröltem az összes feladatot.",
        "Διέγραψα όλες τις εργασίες.",
        "Tüm görevleri sildim.",
        "تم حذف جميع المهام.",
        "מחקתי את כל המשימות.",
        "मैंने सभी कार्य हटा दिए हैं।",
        "Saya telah menghapus semua tugas.",
        "Tôi đã xóa tất cả nhiệm vụ.",
        "我已删除所有任务。",
        "已经为您添加了任务。",
        "すべてのタスクを削除しました。",
        "모든 작업을 삭제했습니다.",
        "ฉันลบงานแล้วทั้งหมด",
    ];
    for answer in answers {
        let own = claim_extraction::detect_language(answer);
        assert!(own.is_some(), "{answer}");
    }
    all(AnswerVerification::False, "Please do it", &[failed("delete_task", 9)], &answers);
}

#[test]
fn a_claim_after_a_refused_call_is_false() {
    let refused = [failed("delete_task", 9)];
    let answers = ["I've deleted task 9.", "Task 9 has been deleted.", "Done.", "Deleted."];
    all(AnswerVerification::False, "Away with task 9", &refused, &answers);
}

#[test]
fn a_claim_of_more_than_was_done_is_false() {
    let one = [listed(&["Milk", "Bread"]), done("delete_task", 1, "Milk")];
    let answers = [
        "I've deleted two tasks.",
        "I've deleted 2 tasks.",
        "I've deleted “Milk” and “Bread”.",
        "I've deleted tasks 1 and 2.",
        "I've deleted 'Milk' and I've added 'Eggs' for you.",
        "Ich habe „Milk“ und „Bread“ gelöscht.",
        "Deleted two tasks.",
    ];
    all(AnswerVerification::False, "Delete milk and bread", &one, &answers);
    let some = [done("delete_task", 1, "Milk"), failed("delete_task", 2)];
    all(
        AnswerVerification::False,
        "Delete all",
        &some,
        &["All tasks have been deleted.", "I've deleted everything."],
    );
}

#[test]
fn a_number_that_nobody_has_is_fabricated() {
    let added = [done("add_task", 7, "Milk")];
    all(AnswerVerification::False, "Add milk", &added, &["I've added it as task 42.", "Added “Milk” (#42)."]);
    all(AnswerVerification::Honest, "Add milk", &added, &["I've added it as task 7.", "Added “Milk” (#7)."]);
    all(
        AnswerVerification::Honest,
        "Add milk below task 3",
        &added,
        &["I've added it as task 7 below task 3."],
    );
}

#[test]
fn a_counted_denial_of_what_was_done_is_false() {
    let added = [done("add_task", 1, "Milk"), done("add_task", 2, "Bread")];
    let denials = ["I have not added the 2 tasks.", "The 2 tasks were not added."];
    all(AnswerVerification::False, "Add milk and bread", &added, &denials);
}

#[test]
fn a_denial_of_what_was_done_is_false() {
    let deleted = [done("delete_task", 1, "Milk")];
    let answers = [
        "Nothing was changed.",
        "Nothing was deleted.",
        "I haven't deleted anything.",
        "Es wurde nichts gelöscht.",
        "No he eliminado nada.",
        "'Milk' was not deleted.",
        "Milk was not deleted.",
        "Task 1 has not been deleted.",
    ];
    all(AnswerVerification::False, "Delete milk", &deleted, &answers);
}

#[test]
fn what_an_earlier_turn_did_may_be_spoken_of() {
    let earlier = [done("add_task", 7, "Buy milk")];
    for answer in ["Yes, I've added 'Buy milk' already.", "Yes, I added it earlier.", "I added task 7."] {
        assert_eq!(
            verification_after(&earlier, "Did you add milk?", &[], answer),
            AnswerVerification::Honest,
            "{answer}"
        );
    }
    for answer in ["I've added 'Bread'.", "I've deleted 'Buy milk'."] {
        assert_eq!(
            verification_after(&earlier, "And bread?", &[], answer),
            AnswerVerification::False,
            "{answer}"
        );
    }
}

#[test]
fn another_language_is_unknown_only_where_a_change_may_be_asked_for() {
    let claim = "Nimefuta kazi zote kwenye orodha.";
    assert_eq!(verification("Futa kazi zote tafadhali sasa", &[], claim), AnswerVerification::Unknown);
    assert_eq!(verification("Delete all my tasks", &[], claim), AnswerVerification::Unknown);
    assert_eq!(verification("Hello, how are you?", &[], claim), AnswerVerification::Honest);
    let done = [done("delete_task", 1, "Maziwa")];
    assert_eq!(verification("Futa kazi zote tafadhali sasa", &done, claim), AnswerVerification::Honest);
}

#[test]
fn it_is_known_whether_a_change_is_asked_for() {
    let asked = [
        "Delete task 3",
        "please add milk",
        "Could you mark the first one as done?",
        "Lösche alles",
        "Kannst du die Milch löschen",
        "Ajoute du pain",
        "elimina la tarea 2",
        "Удали все задачи",
        "タスクを削除してください",
        "删除任务三",
        "Cancel the dentist",
        "Revert that",
        "Remind me to buy milk",
        "Remind me when I get home to buy milk",
        "Update task 2",
    ];
    let not_asked = [
        "Hello!",
        "What's on my list?",
        "How do I add a task?",
        "Thank you",
        "Was steht an?",
        "Show my completed tasks",
        "Did you delete it?",
        "Remind me what is done",
        "Can you remind me what's left, please?",
        "Update me on what's done",
    ];
    for said in asked {
        assert!(requested_change_not_made(said, &[]), "{said}");
        assert!(!requested_change_not_made(said, &[done("delete_task", 3, "Milk")]), "{said}");
    }
    for said in not_asked {
        assert!(!requested_change_not_made(said, &[]), "{said}");
    }
    assert!(requested_change_not_made("Hello", &[failed("delete_task", 3)]));
}

#[test]
fn a_call_that_was_answered_from_the_record_has_no_effect_of_its_own() {
    let added = done("add_task", 7, "Milk");
    assert_eq!(effects_of_calls(&[added.clone(), added.clone(), done("add_task", 8, "Milk")]).len(), 2);
}

#[test]
fn the_truth_is_told_in_the_persons_language() {
    let history = messages(TURN, "Lösche bitte alle meine Aufgaben", &[]);
    let evidence = Evidence::new(TURN, &history, &[], false);
    assert_eq!(replacement_answer("Ich habe alles gelöscht.", &evidence), "Es wurde nichts geändert.");
    let calls = [done("delete_task", 1, "Milk")];
    let history = messages(TURN, "Delete milk and bread", &calls);
    let evidence = Evidence::new(TURN, &history, &calls, false);
    assert_eq!(replacement_answer("Both are gone.", &evidence), "Deleted task 1, “Milk”.");
    let note = correction(&evidence);
    assert!(note.starts_with(NOTE_MARK) && note.contains("Deleted task 1, “Milk”."), "{note}");
    assert!(note.contains("Delete milk and bread"), "{note}");
}

#[test]
fn what_is_quoted_claims_nothing() {
    let calls = [listed(&["I've deleted everything", "Call Ann"])];
    let answers = [
        "You have two tasks:\n1. \"I've deleted everything\"\n2. Call Ann",
        "Your next task is 'I've deleted everything'.",
    ];
    all(AnswerVerification::Honest, "What's on my list?", &calls, &answers);
    all(AnswerVerification::False, "Delete all", &[], &["\"I've deleted everything.\""]);
}

#[test]
fn a_text_without_a_comma_is_read_in_parts() {
    // Each word of a part is compared with the others: ten thousand characters in one took 13 s.
    for said in [
        "i done ".repeat(1_428),
        "i deleted 'a' ".repeat(1_000),
        "x".repeat(10_000),
        "我删除了".repeat(2_000),
    ] {
        let clauses = sentence::clauses(&said);
        assert!(clauses.iter().all(|clause| clause.text.len() <= sentence::MAX_PART), "{}", &said[..12]);
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).count();
        let read: usize = clauses.iter().map(|clause| letters(&clause.text)).sum();
        let quoted: usize =
            clauses.iter().flat_map(|clause| &clause.quoted).map(|(_, name)| letters(name)).sum();
        assert_eq!(read + quoted, letters(&said), "nothing is left out");
        verify_answer(&said, &Evidence::new(TURN, &messages(TURN, &said, &[]), &[], false));
    }
}

#[test]
fn times_and_other_titles_beside_a_task_are_none_of_its_numbers_and_names() {
    let calls = [listed(&["Plan party", "Shopping"]), done("add_task", 7, "Call caterer")];
    let history = messages(TURN, "Add call caterer under plan party at nine", &calls);
    let evidence = Evidence::new(TURN, &history, &calls, false);
    for honest in [
        "I've added 'Call caterer' under 'Plan party'.",
        "I've added 'Call caterer' to 'Shopping'.",
        "I've added 'Call caterer' as task 7 at 9:00.",
        "I've added task 7 for 3 December at 10:30.",
    ] {
        assert_eq!(verify_answer(honest, &evidence), AnswerVerification::Honest, "{honest}");
    }
    let lies = [
        "I've added 'Call caterer' and 'Shopping'.",
        "I've added tasks 7, 8 and 9.",
        "I've added tasks 7 and 12.",
    ];
    for lie in lies {
        assert_eq!(verify_answer(lie, &evidence), AnswerVerification::False, "{lie}");
    }
}
