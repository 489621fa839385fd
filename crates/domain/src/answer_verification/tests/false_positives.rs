//! Two hundred honest answers. None may be taken for a false claim, or for words that are not understood.

use super::*;

/// Judges honest answers and returns how many there were.
fn honest(said: &str, calls: &[ExecutedCall], answers: &[&str]) -> usize {
    all(AnswerVerification::Honest, said, calls, answers);
    answers.len()
}

const ASKED_TO_DELETE: &[&str] = &[
    "Which one do you mean: 'Buy milk' or 'Call Ann'?",
    "Should I delete all five tasks? Once they have been deleted, I can't bring them back.",
    "You have several tasks. Which one should be deleted?",
    "Deleted tasks can't be restored. Do you really want to delete it?",
    "Do you want me to mark it as done or to delete it?",
    "I haven't deleted anything yet. Which task do you mean?",
    "No task was deleted, because I don't know which one you mean.",
    "If you tell me its number, I'll delete it.",
    "Which one do you want to get rid of?",
    "Tasks that you got rid of can be brought back with Undo.",
    "Just to be sure: shall I remove 'Buy milk'?",
    "I could not find a task with that name. Nothing was changed.",
    "I've found five tasks:\n1. Buy milk\n2. Call Ann\n3. Updated CV\n4. Deleted scenes\n5. Clean the kitchen\nWhich one shall I delete?",
    "I've checked your list and found two tasks that fit. Which one?",
    "There is no such task on your list, so nothing has been removed.",
    "I was not able to delete it.",
    "I did not understand that: I am a stand-in model, with no real AI behind me. I do understand sentences like these:\n- Add a task to buy groceries\n- Show my tasks\n- Change task 1 to Buy organic groceries\n- Mark task 1 as done\n- Delete task 1\nTo talk to a real model, set OPENAI_API_KEY and start the server again.",
    "Before it is deleted: do you mean task 2?",
    "Completed tasks:\n- Buy milk\n- Call Ann\nShall I delete these?",
    "I need to know which task you want deleted.",
    "Sorry, I can only delete one of these when you name it.",
];

const ASKED_FOR_THE_LIST: &[&str] = &[
    "You have five tasks:\n1. Buy milk\n2. Call Ann\n3. Updated CV\n4. Deleted scenes\n5. Clean the kitchen",
    "Here is your list:\n- Buy milk (done)\n- Call Ann (added yesterday)\n- Clean the kitchen",
    "Five tasks are open. 'Buy milk' was added on Monday.",
    "You have 3 completed tasks and 2 open ones.",
    "Your list is empty.",
    "You've completed 3 tasks this week: 'Buy milk', 'Call Ann' and 'Updated CV'.",
    "3 tasks were completed this week.",
    "The oldest one is 'Buy milk', created on 3 November.",
    "1. Buy milk - done\n2. Call Ann - open",
    "Nothing is overdue. 'Call Ann' is due tomorrow.",
    "Task 2 is 'Call Ann'. It is not done yet.",
    "All of your tasks are done. Well done!",
    "Your updated list:\n1. Buy milk\n2. Call Ann",
    "Two tasks are marked as done, three are open.",
    "I've looked through your list: 'Call Ann' is the only one with a date.",
    "**Open**\n1. Call Ann\n\n**Completed**\n1. Buy milk",
    "- [x] Buy milk\n- [ ] Call Ann",
    "You added 'Buy milk' yesterday, and you completed it today.",
    "I've put them in the order of their dates:\n1. Call Ann\n2. Buy milk",
    "I've put together what is due this week: 'Call Ann'.",
    "I've taken a look at your list: nothing is overdue.",
    "What you put on your list yesterday was 'Buy milk'.",
];

const CHAT: &[&str] = &[
    "Hello! What can I do for you?",
    "I'm fine, thank you. Shall I add something to your list?",
    "I can add, change, complete and delete tasks for you.",
    "That is not about your list, so I can't help with it.",
    "I was made to keep your todo list.",
    "You're welcome!",
    "Goodbye!",
    "Once a task has been deleted, it is gone.",
    "Tasks that you have completed stay on the list until they are deleted.",
    "I don't know. I can only help with your todo list.",
    "To add a task, just tell me what it is.",
    "Of course. What should the new task be called?",
    "All right. Tell me when I can do something for you.",
    "I have no answer to that. Could you say it in other words?",
    "If you have finished a task, tell me and I'll mark it.",
    "Once I've made the change, I'll tell you.",
    "I haven't cancelled anything.",
    "OK, I've cancelled that.",
    "Meetings that were cancelled can be deleted from the list.",
    "Shall I say it when a task is now complete?",
    "Yes.",
    "One moment, please.",
    "A joke: I have a list of jokes, but nothing on it.",
    "You can say, for example:\n- Add milk\n- Mark task 1 as done, or: I finished the groceries one\n- Delete task 1, or: Delete all completed",
    "I've noted that you like tea.",
    "I have a question: what is it about?",
    "I've read your message, but it is not about the list.",
    "Have you finished the report that was moved to Friday?",
    "I'm done with my answer, so it's your turn.",
    "That sounds good. I was set up to keep lists only.",
    "When a task is marked as done, it stays on the list.",
    "You may say, for example, that a task should be renamed.",
];

const AFTER_A_REFUSAL: &[&str] = &[
    "There is no task 9.",
    "I couldn't find task 9, so nothing was deleted.",
    "Task 9 doesn't exist. Do you mean another one?",
    "I tried to delete task 9, but there is no such task.",
    "I could not delete task 9: There is no task 9.",
    "Task 9 was not deleted, because it isn't there.",
    "It seems that task 9 has already been deleted.",
    "That did not work: there's no task with the number 9.",
    "I was unable to delete it.",
    "Nothing has been changed.",
    "Aufgabe 9 gibt es nicht, also wurde nichts gelöscht.",
    "Ich konnte Aufgabe 9 nicht löschen.",
    "Aufgabe 9 wurde nicht gefunden.",
    "La tâche 9 n'existe pas, rien n'a été supprimé.",
    "Je n'ai pas supprimé la tâche 9.",
    "No existe la tarea 9; no he eliminado nada.",
    "No se ha eliminado ninguna tarea.",
    "A tarefa 9 não existe, nada foi removido.",
    "Non ho eliminato nulla: l'attività 9 non esiste.",
    "Er is geen taak 9, dus ik heb niets verwijderd.",
    "Det finns ingen uppgift 9, så jag har inte tagit bort något.",
    "Задачи 9 нет, я ничего не удалил.",
    "Nie ma zadania 9, nic nie zostało usunięte.",
    "9 numaralı görev yok, hiçbir şey silinmedi.",
    "لا توجد مهمة رقم 9، لم يتم حذف أي شيء.",
    "אין משימה 9, לא מחקתי כלום.",
    "任务9不存在，没有删除任何任务。",
    "タスク9はありません。何も削除していません。",
    "작업 9가 없어서 아무것도 삭제하지 않았습니다.",
    "Không có nhiệm vụ 9, tôi chưa xóa gì.",
    "Tidak ada tugas 9, jadi tidak ada yang dihapus.",
    "Tehtävää 9 ei ole, mitään ei poistettu.",
    "Úkol 9 není na seznamu, nic nebylo smazáno.",
    "Nincs 9-es feladat, semmit sem töröltem.",
    "Δεν υπάρχει εργασία 9, δεν διέγραψα τίποτα.",
    "Nu există sarcina 9, nu am șters nimic.",
];

const GERMAN: &[&str] = &[
    "Welche Aufgabe meinst du: „Milch“ oder „Brot“?",
    "Soll ich beide Aufgaben löschen?",
    "Du hast zwei Aufgaben:\n1. Milch\n2. Brot\nWelche soll gelöscht werden?",
    "Bitte sag mir, welche Aufgabe gelöscht werden soll.",
    "Ich habe noch nichts gelöscht.",
    "Ich habe zwei passende Aufgaben gefunden. Welche ist es?",
    "Wenn die Aufgabe gelöscht ist, kann ich sie nicht zurückholen.",
    "Die Aufgabe ist schon erledigt. Soll ich sie trotzdem löschen?",
];

const FRENCH: &[&str] = &[
    "Quelle tâche veux-tu supprimer ?",
    "Voulez-vous que je supprime les deux tâches ?",
    "J'ai trouvé deux tâches. Laquelle ?",
    "Je n'ai encore rien supprimé.",
];

const SPANISH: &[&str] = &[
    "¿Qué tarea quieres que elimine?",
    "Hay dos tareas. ¿Cuál quieres eliminar?",
    "Por favor, indica qué tarea quieres eliminar.",
    "He encontrado dos tareas: Milch y Brot.",
    "Todavía no he eliminado nada.",
];

const ADDED: &[&str] = &[
    "I've added 'Buy milk' to your list.",
    "Added “Buy milk” as task 7.",
    "Done! 'Buy milk' is now on your list.",
    "Done.",
    "All set: milk is on the list.",
    "I've added milk to your list. Anything else?",
    "The task has been added.",
    "Milk is on your list; nothing else was changed.",
    "I've added 1 task.",
    "I've created a new task to buy milk, and it has no date yet.",
    "Your task was added. I can't set alarms, though.",
    "Completed! I've put milk on the list.",
    "Ich habe „Buy milk“ hinzugefügt.",
    "Erledigt, die Milch steht auf der Liste.",
    "J'ai ajouté « Buy milk » à ta liste.",
    "He añadido la tarea a tu lista.",
    "Listo, he agregado 1 tarea.",
    "Adicionei a tarefa à sua lista.",
    "Ho aggiunto l'attività alla lista.",
    "Ik heb de taak toegevoegd.",
    "Jag har lagt till uppgiften.",
    "Я добавил задачу.",
    "Dodałem zadanie.",
    "Görevi ekledim.",
    "تمت إضافة المهمة.",
    "הוספתי את המשימה.",
    "已添加任务。",
    "タスクを追加しました。",
    "작업을 추가했습니다.",
    "Tôi đã thêm nhiệm vụ.",
];

const DELETED: &[&str] = &[
    "I've cancelled both tasks.",
    "I've cancelled 'Milk' and 'Bread'. 'Eggs' was not deleted.",
    "I've deleted both tasks.",
    "I've deleted 'Milk' and 'Bread'.",
    "I've deleted tasks 1 and 2.",
    "I've deleted 2 tasks. 'Eggs' is still open.",
    "Both tasks have been deleted; you have 1 task left.",
    "I've deleted “Milk” and “Bread”, and “Eggs” is still on your list.",
    "Deleted two tasks.",
    "I removed everything but 'Eggs'.",
    "Ich habe zwei Aufgaben gelöscht.",
    "J'ai supprimé deux tâches.",
    "He eliminado dos tareas.",
    "两个任务已删除。",
    "2つのタスクを削除しました。",
];

const PARTLY: &[&str] = &[
    "I've deleted task 1, but there is no task 9.",
    "I deleted 'Milk'. Task 9 could not be found.",
    "I've deleted 'Milk'. I couldn't delete task 9, because it doesn't exist.",
    "One task was deleted, the other one isn't there.",
    "Ich habe „Milk“ gelöscht. Aufgabe 9 gibt es nicht.",
];

const COMPLETED: &[&str] = &[
    "Nice work! 2 tasks are not done yet: Bread and Eggs.",
    "You have two tasks that are not done yet.",
    "Great! 'Bread' is not done yet.",
    "Bread and Eggs are not done yet.",
    "Well done. Task 2 is not done yet.",
    "Task 3 is now complete.",
    "I've checked it off.",
    "I've made that change.",
    "I've marked 'Call Ann' as done.",
    "Great, task 3 is done.",
    "I've completed task 3 for you.",
    "Nice! I've checked off 'Call Ann'.",
    "Marked as done.",
    "Ich habe „Call Ann“ abgehakt.",
    "J'ai marqué la tâche comme terminée.",
    "任务已标记为完成。",
    "完了にしました。",
];

const UPDATED: &[&str] = &[
    "I've made the change.",
    "I've reverted that.",
    "I've replaced the old title with 'Call Ann'.",
    "I've moved 'Call Ann' to Friday, 4 December.",
    "'Call Ann' is now due Friday, 4 December.",
    "I've added a date to 'Call Ann'.",
    "I've removed the date of 'Call Ann'.",
    "I've changed task 3 to 'Call Ann'.",
    "I've moved task 3 after task 3.",
    "Updated: 'Call Ann' is due on Friday.",
    "'Call Ann' has high priority now.",
    "Ich habe „Call Ann“ auf Freitag verschoben.",
    "He cambiado la fecha de la tarea.",
];

fn answers_without_a_change() -> usize {
    let tasks = [listed(&["Buy milk", "Call Ann", "Updated CV", "Deleted scenes", "Clean the kitchen"])];
    honest("Delete the task", &tasks, ASKED_TO_DELETE)
        + honest("What's on my list?", &tasks, ASKED_FOR_THE_LIST)
        + honest("Hello, how are you?", &[], CHAT)
}

fn answers_after_a_refusal() -> usize {
    let refused = [failed("delete_task", 9)];
    honest("Delete task 9", &refused, AFTER_A_REFUSAL)
}

fn answers_in_other_languages() -> usize {
    let tasks = [listed(&["Milch", "Brot"])];
    honest("Lösche die Aufgabe", &tasks, GERMAN)
        + honest("Supprime la tâche", &tasks, FRENCH)
        + honest("Elimina la tarea", &tasks, SPANISH)
        + honest(
            "Remova a tarefa",
            &tasks,
            &["Qual tarefa você quer remover?", "Encontrei duas tarefas. Qual delas?"],
        )
        + honest(
            "Elimina l'attività",
            &tasks,
            &["Quale attività vuoi eliminare?", "Ho trovato due attività. Quale?"],
        )
        + honest(
            "Удали задачу",
            &tasks,
            &["Какую задачу удалить?", "У вас две задачи: Milch и Brot. Какую из них?"],
        )
        + honest(
            "タスクを削除して",
            &tasks,
            &["どのタスクを削除しますか？", "タスクは二つあります。どれですか？"],
        )
        + honest("删除任务", &tasks, &["您要删除哪个任务？", "有两个任务。请告诉我要删除哪一个。"])
        + honest(
            "작업을 삭제해 줘",
            &tasks,
            &["어떤 작업을 삭제할까요?", "작업이 두 개 있습니다. 어느 것인가요?"],
        )
        + honest("احذف المهمة", &tasks, &["أي مهمة تريد حذفها؟", "لديك مهمتان في القائمة. أي واحدة؟"])
        + honest(
            "Usuń zadanie",
            &tasks,
            &["Które zadanie mam usunąć?", "Na liście są dwa zadania. Które z nich?"],
        )
        + honest(
            "Görevi sil",
            &tasks,
            &["Hangi görevi silmemi istersin?", "Listende iki görev var. Hangisi?"],
        )
        + honest(
            "Verwijder de taak",
            &tasks,
            &["Welke taak wil je verwijderen?", "Er zijn twee taken. Welke?"],
        )
}

fn answers_after_a_change() -> usize {
    let added = [done("add_task", 7, "Buy milk")];
    let deleted =
        [listed(&["Milk", "Bread", "Eggs"]), done("delete_task", 1, "Milk"), done("delete_task", 2, "Bread")];
    let some = [done("delete_task", 1, "Milk"), failed("delete_task", 9)];
    let completed = [listed(&["Milk", "Bread", "Call Ann", "Eggs"]), done("complete_task", 3, "Call Ann")];
    let updated = [done("update_task", 3, "Call Ann")];
    honest("Add milk", &added, ADDED)
        + honest("Delete milk and bread", &deleted, DELETED)
        + honest("Delete tasks 1 and 9", &some, PARTLY)
        + honest("Task 3 is done", &completed, COMPLETED)
        + honest("Move it to Friday", &updated, UPDATED)
}

#[test]
fn two_hundred_honest_answers_pass_verification() {
    let count = answers_without_a_change()
        + answers_after_a_refusal()
        + answers_in_other_languages()
        + answers_after_a_change();
    assert!(count >= 200, "{count} answers");
}

/// A look at the log that told these changes.
fn told(changes: &[(&str, i64, &str)]) -> ExecutedCall {
    let change = |(kind, id, title): &(&str, i64, &str)| json!({"at": "2026-11-28 08:10", "kind": kind, "task_id": id, "title": title});
    let changes: Vec<Value> = changes.iter().map(change).collect();
    call("list_changes", &json!({}), json!({"success": true, "changes": changes, "more": false}))
}

#[test]
fn what_the_log_tells_may_be_said_and_nothing_else() {
    let log = [told(&[("completed", 2, "Milk"), ("updated", 1, "Rye bread"), ("added", 1, "Bread")])];
    for said in ["What did I do today?", "what changed this week?", "Was habe ich heute gemacht?"] {
        honest(
            said,
            &log,
            &[
                "These are 3 changes today:\n- 2026-11-28 08:10: completed 'Milk'\n- 2026-11-28 08:05: changed 'Rye bread' (was called 'Bread')\n- 2026-11-28 08:00: added 'Bread'",
                "You completed 'Milk', and you added 'Bread' and renamed it to 'Rye bread'.",
                "You have completed one task and changed another one.",
                "I have added 'Bread' and marked 'Milk' as done.",
            ],
        );
    }
    honest("What did I do today?", &[told(&[])], &["Nothing was changed today."]);
    honest(
        "Remind me what is done",
        &[listed(&["Milk", "Bread"])],
        &["Task 1 is done.", "Milk is now complete."],
    );
    let lies = ["I have deleted everything.", "I've deleted 'Milk'."];
    all(AnswerVerification::False, "What did I do today?", &log, &lies);
    let lies = ["I have added 'Butter' to your list.", "Done, I have completed 'Butter'."];
    all(AnswerVerification::False, "Add butter to my list", &log, &lies);
}
