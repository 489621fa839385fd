//! Approvals: what the assistant may not do without the person's yes, and everything that is no yes.

use futures::future::join_all;
use serde_json::{Value, json};
use tests::{
    HttpRequest, TestApp, User,
    script::{Reply, call, calls, text},
};

/// Somebody with six tasks, and an assistant that wants to delete four of them.
async fn asked(app: &TestApp) -> (User<'_>, Value) {
    let four = call("delete_task", json!({"task_id": [1, 2, 3, 4]}));
    app.model().enqueue([four, text("Shall I delete the four of them?")]);
    let alice = app.user("alice").await;
    for number in 1..=6 {
        alice.add_task(&format!("Task {number}")).await.expect(201);
    }
    let answer = alice.chat("Delete the first four").await.expect(200);
    (alice, answer)
}

pub(crate) fn decide<'a>(person: &User<'a>, approval: &Value, decision: &str) -> HttpRequest<'a> {
    let path = format!("/approvals/{}", approval["id"].as_str().unwrap());
    person.own("POST", &path).json(&json!({ "decision": decision }))
}

async fn count(person: &User<'_>) -> usize {
    person.titles().await.len()
}

#[tokio::test]
async fn four_deletes_wait_and_are_carried_out_once_by_a_request() {
    let app = TestApp::start().await;
    let (alice, answer) = asked(&app).await;
    assert_eq!(count(&alice).await, 6, "nothing is done before the yes");
    let result = &answer["tool_calls"][0]["result"];
    assert_eq!((&result["success"], &result["code"]), (&json!(false), &json!("APPROVAL_REQUIRED")));
    let [approval] = answer["approvals"].as_array().unwrap().as_slice() else { panic!("{answer}") };
    assert_eq!(approval["tool"], "delete_task");
    assert_eq!(approval["arguments"], json!({"task_id": [1, 2, 3, 4]}));
    assert_eq!(approval["sentence"], "Delete these 4 tasks: “Task 1”, “Task 2”, “Task 3”, “Task 4”?");
    assert_eq!(approval["tasks"][3], json!({"id": 4, "title": "Task 4"}));
    assert_eq!((&approval["state"], &approval["turn_id"]), (&json!("waiting"), &answer["turn_id"]));
    assert_eq!(approval["conversation_id"], answer["conversation_id"]);
    assert_eq!(alice.own("GET", "/approvals").await.expect(200), json!({ "approvals": [approval] }));

    let first = decide(&alice, approval, "approve").await.expect(200);
    assert_eq!((&first["state"], &first["result"]["success"]), (&json!("approved"), &json!(true)));
    assert_eq!(first["result"]["results"].as_array().unwrap().len(), 4);
    assert_eq!(alice.titles().await, ["Task 5", "Task 6"]);
    assert_eq!(decide(&alice, approval, "approve").await.expect(200), first, "a retry is told the same");
    assert_eq!(decide(&alice, approval, "reject").await.expect(409)["code"], "approval_decided");
    assert_eq!(alice.own("GET", "/approvals").await.expect(200), json!({"approvals": []}));

    let turn = answer["turn_id"].as_str().unwrap();
    let logged = format!("SELECT door, turn_id FROM todo_change WHERE turn_id = '{turn}' AND after IS NULL");
    let logged = app.database().query(&logged).await;
    assert_eq!(logged, vec![vec!["chat".to_owned(), turn.to_owned()]; 4], "in the turn that asked");
    let status = alice.turn(turn).await.expect(200);
    assert_eq!(status["tool_calls"][0]["result"], first["result"], "the record says what was done");
    assert_eq!(status["answer"]["approvals"], json!([]));
}

#[tokio::test]
async fn a_no_leaves_everything_as_it_is() {
    let app = TestApp::start().await;
    let (alice, answer) = asked(&app).await;
    let first = decide(&alice, &answer["approvals"][0], "reject").await.expect(200);
    assert_eq!((&first["state"], &first["result"]["code"]), (&json!("rejected"), &json!("NOT_APPROVED")));
    assert_eq!(decide(&alice, &answer["approvals"][0], "reject").await.expect(200), first);
    assert_eq!(
        decide(&alice, &answer["approvals"][0], "approve").await.expect(409)["code"],
        "approval_decided"
    );
    assert_eq!(count(&alice).await, 6);
}

#[tokio::test]
async fn what_expired_was_edited_or_is_another_s_is_refused() {
    let app = TestApp::start().await;
    let (alice, answer) = asked(&app).await;
    let approval = &answer["approvals"][0];
    let mallory = app.user("mallory").await;
    assert_eq!(decide(&mallory, approval, "approve").await.expect(404)["code"], "approval_not_found");
    assert_eq!(mallory.own("GET", "/approvals").await.expect(200), json!({"approvals": []}));
    let swapped = json!({"decision": "approve", "arguments": {"task_id": [5, 6, 3, 4]}});
    let path = format!("/approvals/{}", approval["id"].as_str().unwrap());
    let refused = alice.own("POST", &path).json(&swapped).await.expect(409);
    assert_eq!(refused["code"], "approval_mismatch");
    alice.own("POST", &path).json(&json!({"decision": "perhaps"})).await.expect(422);

    app.database().query("UPDATE approval SET expires_at = now()").await;
    assert_eq!(decide(&alice, approval, "approve").await.expect(409)["code"], "approval_expired");
    assert_eq!(decide(&alice, approval, "reject").await.expect(409)["code"], "approval_expired");
    assert_eq!(alice.own("GET", "/approvals").await.expect(200), json!({"approvals": []}));
    app.database().query("UPDATE approval SET expires_at = now() + interval '1 min'").await;

    alice.update_task(4, &json!({"title": "Task 4, after all"})).await.expect(200);
    for _ in 0..2 {
        assert_eq!(decide(&alice, approval, "approve").await.expect(409)["code"], "approval_void");
    }
    assert_eq!(count(&alice).await, 6, "nothing was done, also not to the others");
}

#[tokio::test]
async fn two_replicas_that_approve_at_once_carry_it_out_once() {
    let app = TestApp::start().await;
    let (alice, answer) = asked(&app).await;
    let replica = app.replica().await;
    let approvals = (0..8).map(|number| {
        let call = decide(&alice, &answer["approvals"][0], "approve");
        if number % 2 == 0 { call.at(&replica) } else { call }
    });
    let answers = join_all(approvals.map(IntoFuture::into_future)).await;
    let first = answers[0].expect(200);
    for answer in &answers {
        assert_eq!(answer.expect(200), first);
    }
    let deleted = app.database().query("SELECT count(*) FROM todo_change WHERE after IS NULL").await;
    assert_eq!(deleted, [["4"]]);
    assert_eq!(count(&alice).await, 2);
}

#[tokio::test]
async fn a_yes_and_a_batch_about_the_same_tasks_do_not_wait_for_one_another() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    for round in 0..15 {
        let mut numbers = Vec::new();
        for number in 1..=4 {
            let task = alice.add_task(&format!("Task {number} of round {round}")).await.expect(201);
            numbers.push(task["id"].as_i64().unwrap());
        }
        let delete = call("delete_task", json!({"task_id": numbers}));
        app.model().enqueue([delete, text("Shall I delete the four of them?")]);
        let answer = alice.chat("Delete these four").await.expect(200);
        let update = |id: &i64| json!({"op": "update", "id": id, "changes": {"completed": true}});
        let operations: Vec<Value> = numbers.iter().rev().map(update).collect();
        let batch = alice.own("POST", "/tasks/batch").json(&json!({ "operations": operations }));
        let yes = decide(&alice, &answer["approvals"][0], "approve");
        let (yes, batch) = tokio::join!(async { yes.await }, async { batch.await });
        batch.expect(200);
        assert!([200, 409].contains(&yes.status), "made, or void as the tasks were changed: {}", yes.text);
    }
    let deadlocks = "SELECT pg_stat_force_next_flush(), deadlocks FROM pg_stat_database
                     WHERE datname = current_database()";
    let counted = app.database().query(deadlocks).await;
    assert_eq!(counted[0][1], "0");
}

#[tokio::test]
async fn a_plain_yes_is_carried_out_before_the_model_is_asked() {
    let app = TestApp::start().await;
    let (alice, answer) = asked(&app).await;
    let conversation = answer["conversation_id"].as_str().unwrap();
    app.model().enqueue([text("They are gone."), text("You are welcome.")]);
    let yes = alice.chat_in(conversation, " Ja! ").key("the-yes").await.expect(200);
    assert_eq!((&yes["message"], &yes["approvals"]), (&json!("They are gone."), &json!([])));
    let made = &yes["tool_calls"][0];
    assert_eq!((&made["tool"], &made["result"]["success"]), (&json!("delete_task"), &json!(true)));
    assert_eq!(alice.titles().await, ["Task 5", "Task 6"]);
    assert_eq!(alice.chat_in(conversation, " Ja! ").key("the-yes").await.expect(200), yes);
    let turn = yes["turn_id"].as_str().unwrap();
    let logged = format!("SELECT count(*) FROM todo_change WHERE turn_id = '{turn}' AND after IS NULL");
    assert_eq!(app.database().query(&logged).await, [["4"]], "in the turn of the yes");
    let late = decide(&alice, &answer["approvals"][0], "approve").await.expect(200);
    assert_eq!(late["result"], made["result"], "a card that is tapped later finds it done");
    // The stand-in refuses a conversation that the strictest provider would refuse.
    alice.chat_in(conversation, "Thank you").await.expect(200);
    app.model().assert_used_up();
}

#[tokio::test]
async fn a_yes_that_a_limit_stands_against_does_nothing_and_may_be_said_again() {
    let app = TestApp::with_environment(&[("CHANGES_PER_MINUTE", "8")]).await;
    let (alice, answer) = asked(&app).await;
    let approval = &answer["approvals"][0];
    let conversation = answer["conversation_id"].as_str().unwrap();
    // Two changes are left of this minute, and four are asked for.
    app.model().enqueue([text("That is too much at a time.")]);
    let said = alice.chat_in(conversation, "yes").await.expect(200);
    assert_eq!(said["tool_calls"][0]["result"]["code"], "LIMIT", "{said}");
    assert_eq!(count(&alice).await, 6, "all of it or nothing");
    decide(&alice, approval, "approve").await.expect(429);
    assert_eq!(count(&alice).await, 6);
    app.database().query("UPDATE todo_change SET created_at = created_at - interval '2 minutes'").await;
    let done = decide(&alice, approval, "approve").await.expect(200);
    assert_eq!(done["state"], "approved", "it waited on");
    assert_eq!(alice.titles().await, ["Task 5", "Task 6"]);
}

#[tokio::test]
async fn a_plain_no_is_told_to_the_model_and_other_words_are_no_answer() {
    let app = TestApp::start().await;
    let (alice, answer) = asked(&app).await;
    let conversation = answer["conversation_id"].as_str().unwrap();
    app.model().enqueue([text("All right.")]);
    let no = alice.chat_in(conversation, "Nein.").await.expect(200);
    assert_eq!(no["tool_calls"][0]["result"]["code"], "NOT_APPROVED");
    assert_eq!(
        decide(&alice, &answer["approvals"][0], "approve").await.expect(409)["code"],
        "approval_decided"
    );

    let (bob, answer) = {
        let four = call("complete_task", json!({"task_id": (1..=11).collect::<Vec<_>>()}));
        app.model().enqueue([four, text("Shall I?"), text("Which?"), text("To what?")]);
        let bob = app.user("bob").await;
        for number in 1..=11 {
            bob.add_task(&format!("Task {number}")).await.expect(201);
        }
        let answer = bob.chat("Everything is done").await.expect(200);
        (bob, answer)
    };
    let conversation = answer["conversation_id"].as_str().unwrap();
    for words in ["yes, but not the first", "yes"] {
        let answer = bob.chat_in(conversation, words).await.expect(200);
        assert_eq!(answer["tool_calls"], json!([]), "{words}");
    }
    let waiting = bob.own("GET", "/approvals").await.expect(200);
    assert_eq!(waiting["approvals"][0]["id"], answer["approvals"][0]["id"], "it waits on");
    let done = decide(&bob, &answer["approvals"][0], "approve").await.expect(200);
    assert_eq!(done["result"]["results"].as_array().unwrap().len(), 11);
}

/// Says something to a model with these replies, on a list of twelve tasks.
async fn said(app: &TestApp, name: &str, replies: impl IntoIterator<Item = Reply>) -> (usize, Vec<Value>) {
    let person = app.user(name).await;
    for number in 1..=12 {
        person.add_task(&format!("Task {number}")).await.expect(201);
    }
    app.model().enqueue(replies);
    let answer = person.chat("Go").await.expect(200);
    let is_done = |task: &Value| task["completed"] == true;
    let tasks = person.tasks().await.expect(200);
    let tasks = tasks.as_array().unwrap();
    let changed = 12 - tasks.len() + tasks.iter().filter(|task| is_done(task)).count();
    (changed, answer["approvals"].as_array().unwrap().clone())
}

#[tokio::test]
async fn a_model_cannot_go_round_the_bound_by_many_calls() {
    let app = TestApp::start().await;
    let delete = |number: i64| call("delete_task", json!({ "task_id": number }));
    let one_by_one = (1..=4).map(delete).chain([text("Shall I?")]);
    let (changed, waiting) = said(&app, "steps", one_by_one).await;
    assert_eq!((changed, waiting.len()), (3, 1));
    assert_eq!(waiting[0]["sentence"], "Delete this task: “Task 4”?");

    let at_once = calls((1..=4).map(|number| ("delete_task", json!({ "task_id": number }))));
    let (changed, waiting) = said(&app, "at-once", [at_once, text("Shall I?")]).await;
    assert_eq!((changed, waiting.len()), (3, 1));

    let updates = calls((1..=11).map(|number| ("complete_task", json!({ "task_id": number }))));
    let (changed, waiting) = said(&app, "updates", [updates, text("Shall I?")]).await;
    assert_eq!((changed, waiting.len()), (10, 1));
    assert_eq!(waiting[0]["sentence"], "Mark this task as done: “Task 11”?");

    // Nothing that a model says is a yes.
    let four = || call("delete_task", json!({"task_id": [1, 2, 3, 4]}));
    let insisting = [four().say("yes"), four().say("The person said yes."), text("yes")];
    let (changed, waiting) = said(&app, "insisting", insisting).await;
    assert_eq!((changed, waiting.len()), (0, 1), "asked once");
}

#[tokio::test]
async fn old_questions_are_forgotten_on_the_way_of_new_ones() {
    let app = TestApp::start().await;
    let (alice, answer) = asked(&app).await;
    app.database().query("UPDATE approval SET created_at = now() - interval '49 h'").await;
    app.model().enqueue([call("delete_task", json!({"task_id": [1, 2, 3, 4]})), text("Shall I?")]);
    alice.chat("Delete the first four").await.expect(200);
    assert_eq!(app.database().query("SELECT count(*) FROM approval").await, [["1"]]);
    assert_eq!(decide(&alice, &answer["approvals"][0], "approve").await.status, 404);
}

#[tokio::test]
async fn the_stand_in_asks_in_words_and_understands_the_answer() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    for title in ["Milk", "Eggs", "Bread", "Tea"] {
        alice.add_task(title).await.expect(201);
    }
    let asks = alice.chat("Delete everything").await.expect(200);
    let conversation = asks["conversation_id"].as_str().unwrap();
    let words = "That would delete 4 tasks: 'Milk', 'Eggs', 'Bread' and 'Tea'. Shall I really do that?";
    assert_eq!(asks["message"], words);
    let no = alice.chat_in(conversation, "no").await.expect(200);
    assert_eq!(no["message"], "All right, I leave everything as it is.");
    assert_eq!(count(&alice).await, 4);
    alice.chat_in(conversation, "Delete everything").await.expect(200);
    let yes = alice.chat_in(conversation, "Yes").await.expect(200);
    assert_eq!(yes["message"], "I've deleted 'Milk', 'Eggs', 'Bread' and 'Tea'.");
    assert_eq!(count(&alice).await, 0);
}
