//! Models that claim what they have not done: neither a JSON answer nor a stream passes that on. Honest
//! answers cost no other model call and lose no word.

use serde_json::{Value, json};
use tests::{
    TestApp, User,
    script::{Reply, call, text},
    stream_chunks::{self, words},
};

/// A model that lies, and what may be shown of it.
struct FalseClaim {
    said: &'static str,
    script: Vec<Reply>,
    /// Words of which none may be shown.
    lies: &'static [&'static str],
    /// What is shown in the end.
    shown: &'static str,
    /// What was done: kinds of effects.
    effects: &'static [&'static str],
}

fn delete(task: i64) -> Reply {
    call("delete_task", json!({ "task_id": task }))
}

/// Five models that claim falsely: some correct themselves when they are told, some insist.
fn false_claims() -> Vec<FalseClaim> {
    [false_claims_in_english(), false_claims_in_other_languages()].into_iter().flatten().collect()
}

fn false_claims_in_english() -> Vec<FalseClaim> {
    let lie = "I've deleted everything!";
    vec![
        FalseClaim {
            said: "Liar one: delete all of it",
            script: vec![text(lie), text("No, wait. I've deleted everything!")],
            lies: &["deleted everything"],
            shown: "Nothing was changed.",
            effects: &[],
        },
        FalseClaim {
            said: "Liar one, mended: delete the milk",
            script: vec![text("I've deleted the milk."), delete(1), text("I've deleted 'Milk'.")],
            lies: &["the milk."],
            shown: "I've deleted 'Milk'.",
            effects: &["deleted"],
        },
        FalseClaim {
            said: "Liar two: delete the milk and the bread",
            script: vec![
                delete(1),
                text("I've deleted two tasks."),
                text("I've deleted both tasks, 'Milk' and 'Bread'."),
            ],
            lies: &["two tasks", "both", "Bread"],
            shown: "Deleted task 1, “Milk”.",
            effects: &["deleted"],
        },
        FalseClaim {
            said: "Liar three: delete the milk",
            script: vec![delete(1), text("Nothing was deleted."), text("I haven't deleted anything.")],
            lies: &["Nothing", "haven't"],
            shown: "Deleted task 1, “Milk”.",
            effects: &["deleted"],
        },
        FalseClaim {
            said: "Liar four: delete task 99",
            script: vec![
                delete(99),
                text("Task 99 has been deleted."),
                text("There is no task 99, so I deleted nothing."),
            ],
            lies: &["has been deleted"],
            shown: "There is no task 99, so I deleted nothing.",
            effects: &[],
        },
    ]
}

fn false_claims_in_other_languages() -> Vec<FalseClaim> {
    vec![
        FalseClaim {
            said: "Liar five: lösche bitte alle meine Aufgaben",
            script: vec![text("Ich habe alle Aufgaben gelöscht."), text("Alle Aufgaben wurden gelöscht.")],
            lies: &["gelöscht"],
            shown: "Es wurde nichts geändert.",
            effects: &[],
        },
        FalseClaim {
            said: "リスト五: タスクをすべて削除してください",
            script: vec![text("すべてのタスクを削除しました。"), text("はい、すべて削除しました。")],
            lies: &["削除しました"],
            shown: "何も変更されていません。",
            effects: &[],
        },
    ]
}

/// A person with three tasks.
async fn person<'a>(app: &'a TestApp, name: &str) -> User<'a> {
    let person = app.user(name).await;
    for title in ["Milk", "Bread", "Eggs"] {
        person.add_task(title).await.expect(201);
    }
    person
}

fn kinds(effects: &Value) -> Vec<&str> {
    effects.as_array().unwrap().iter().map(|effect| effect["kind"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn false_claims_are_removed_from_answers() {
    let app = TestApp::start().await;
    for (index, claim) in false_claims().into_iter().enumerate() {
        app.model().on(claim.said, claim.script);
        let person = person(&app, &format!("person-{index}")).await;
        let answer = person.chat(claim.said).await.expect(200);
        assert_eq!(answer["message"], claim.shown, "{}", claim.said);
        assert_eq!(kinds(&answer["effects"]), claim.effects, "{}", claim.said);
        let notice = &answer["notice"]["code"];
        assert_eq!(*notice == "nothing_was_changed", claim.effects.is_empty(), "{}: {answer}", claim.said);
        assert_eq!(person.titles().await.len(), 3 - claim.effects.len(), "{}", claim.said);
        let kept = person.conversation(answer["conversation_id"].as_str().unwrap()).await.expect(200);
        let kept = &kept["messages"][1];
        assert_eq!((&kept["effects"], &kept["notice"]), (&answer["effects"], &answer["notice"]));
        for lie in claim.lies {
            assert!(!kept.to_string().contains(lie), "{lie} in {kept}");
        }
    }
    app.model().assert_used_up();
}

#[tokio::test]
async fn false_claims_are_removed_from_streams() {
    let app = TestApp::start().await;
    for (index, claim) in false_claims().into_iter().enumerate() {
        app.model().on(claim.said, claim.script);
        let person = person(&app, &format!("person-{index}")).await;
        let answer = person.own("POST", "/chat/stream").json(&json!({"message": claim.said})).await;
        let chunks = stream_chunks::parse(&answer.text);
        assert_eq!(words(&chunks), claim.shown, "{}: {}", claim.said, answer.text);
        for lie in claim.lies {
            assert!(!words(&chunks).contains(lie), "{lie} in {}", answer.text);
        }
        let told = chunks.iter().find(|chunk| chunk["type"] == "data-effects").unwrap();
        assert_eq!(kinds(&told["data"]["effects"]), claim.effects, "{}", claim.said);
        assert_eq!(told["data"]["notice"].is_null(), !claim.effects.is_empty(), "{told}");
        assert_eq!(chunks.last().unwrap()["type"], "finish");
    }
    app.model().assert_used_up();
}

#[tokio::test]
async fn true_text_before_a_false_claim_stays_and_a_correction_follows() {
    let app = TestApp::with_model([
        text("You have three tasks on your list. I've deleted all of them."),
        text("I've deleted all of them."),
    ])
    .await;
    let person = person(&app, "alice").await;
    let body = json!({"message": "Delete all of my tasks"});
    let answer = person.own("POST", "/chat/stream").json(&body).await;
    let chunks = stream_chunks::parse(&answer.text);
    assert_eq!(words(&chunks), "You have three tasks on your list. Nothing was changed.");
    let texts: Vec<_> = chunks.iter().filter(|chunk| chunk["type"] == "text-start").collect();
    assert_eq!(texts.len(), 2, "a text of its own: {}", answer.text);
}

#[tokio::test]
async fn the_stand_in_is_never_asked_twice_for_what_it_says() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    let first = alice.chat("hello").await.expect(200);
    let conversation = first["conversation_id"].as_str().unwrap();
    let sentences = [
        "Add a task to buy groceries",
        "add three tasks: wash the car, call mum and pay the rent",
        "Show my tasks",
        "What's left?",
        "Change task 1 to Buy organic groceries",
        "Mark task 1 as done",
        "Mark it as not done",
        "Delete task 99",
        "Complete task 99",
        "Move task 2 to tomorrow",
        "Set the priority of task 3 to high",
        "Tag task 2 as home",
        "Show completed tasks",
        "What did I finish this week?",
        "Delete the car task",
        "Delete task",
        "What is the capital of France?",
        "thanks",
        "help",
        "Delete all completed",
        "Delete everything",
        "Add",
        "bye",
    ];
    for sentence in sentences {
        let before = app.model().requests().len();
        let answer = alice.chat_in(conversation, sentence).await.expect(200);
        let calls = app.model().requests()[before..].to_vec();
        let notes = calls.iter().filter(|request| request.to_string().contains("[Note from the server]"));
        assert_eq!(notes.count(), 0, "{sentence}: {answer}");
    }
    assert!(app.model().text_requests().len() <= 1, "a title, and nothing to explain");
}

#[tokio::test]
async fn honest_answers_in_many_languages_cost_one_call_each() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let honest = [
        ("Delete the task, please", "Which one do you mean?"),
        ("Delete task 7", "There is no task 7, so nothing was deleted."),
        ("Lösche die Aufgabe", "Welche Aufgabe soll ich löschen?"),
        ("Lösche Aufgabe 7", "Aufgabe 7 gibt es nicht. Es wurde nichts gelöscht."),
        ("Supprime la tâche", "Quelle tâche dois-je supprimer ?"),
        ("Elimina la tarea", "¿Qué tarea quieres eliminar?"),
        ("Remova a tarefa", "Qual tarefa devo remover?"),
        ("Elimina l'attività", "Quale attività devo eliminare?"),
        ("Удали задачу", "Какую задачу удалить?"),
        ("删除任务", "您要删除哪个任务？"),
        ("タスクを削除して", "どのタスクを削除しますか？"),
        ("작업을 삭제해 줘", "어떤 작업을 삭제할까요?"),
        ("What can you do?", "I can add, change, complete and delete tasks."),
    ];
    for (said, answer) in honest {
        // A second call would find no reply, which the end of the test would not forgive.
        app.model().on(said, [text(answer)]);
        assert_eq!(alice.chat(said).await.expect(200)["message"], answer);
    }
    assert_eq!(app.model().requests().len(), honest.len());
    assert!(
        app.model().text_requests().iter().all(|request| !request.to_string().contains("The answer to read"))
    );
}

#[tokio::test]
async fn an_answer_in_a_language_that_is_not_known_is_explained_by_the_model() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let (said, lie) = ("Futa kazi zote tafadhali sasa", "Nimefuta kazi zote kwenye orodha.");
    app.model().on(said, [text(lie), text("Sijafuta kazi yoyote.")]);
    app.model().write_texts([text("Yes"), text("no")]);
    assert_eq!(alice.chat(said).await.expect(200)["message"], "Sijafuta kazi yoyote.");
    app.model().assert_used_up();
}
