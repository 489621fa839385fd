//! A file is read back into an account in which nothing was.

use serde_json::{Value, json};
use tests::TestApp;

use super::{
    comparable, export, hostile, import, orphaned_turn, rename, somebody_with_everything, undo_newest,
};

#[tokio::test]
async fn a_file_that_is_imported_and_exported_again_is_the_same() {
    let app = TestApp::everyday().await;
    let alice = somebody_with_everything(&app).await;
    let first = export(&alice).await;
    let lengths = ["tasks", "conversations", "changes"].map(|name| first[name].as_array().unwrap().len());

    let bob = app.user("bob").await;
    let counts = import(&bob, &first).await.expect(200);
    let counted = ["tasks", "conversations", "changes"].map(|name| counts[name].as_u64().unwrap() as usize);
    assert_eq!((counted, &counts["left_out_turns"]), (lengths, &json!(0)));
    let second = export(&bob).await;
    assert_eq!(comparable(&second), comparable(&first));
    assert_ne!(second["account"]["email"], first["account"]["email"], "the account stays its own");
    assert_eq!(comparable(&export(&alice).await), comparable(&first), "nothing of Alice's was touched");

    // It is an account like any other: lists, searches, history and conversations go on.
    assert_eq!(bob.tasks().await.expect(200), alice.tasks().await.expect(200));
    let found = bob.own("GET", "/tasks?search=rent").await.expect(200);
    assert_eq!(found.as_array().unwrap().len(), 1);
    let listed = |answer: Value| answer["conversations"].clone();
    assert_eq!(
        listed(bob.conversations().await.expect(200)),
        listed(alice.conversations().await.expect(200))
    );
    let next = bob.add_task("the next one").await.expect(201);
    assert_eq!(next["id"], 6, "the number of a deleted task is not given again");
    let id = first["conversations"][0]["id"].as_str().unwrap();
    let told = bob.chat_in(id, "Rename task 1 to Oat milk").await.expect(200);
    assert_eq!(told["conversation_id"], id);
    assert_eq!(bob.task(1).await.expect(200)["title"], "Oat milk");
    assert_eq!(alice.task(1).await.expect(200)["title"], "Buy milk");
    let messages = |conversation: Value| conversation["messages"].as_array().unwrap().len();
    let path = format!("/conversations/{id}");
    assert_eq!(messages(bob.own("GET", &path).await.expect(200)), 8);
    assert_eq!(messages(alice.own("GET", &path).await.expect(200)), 6);
    let usage = bob.own("GET", "/usage").await.expect(200);
    assert_eq!((&usage["tasks"]["used"], &usage["conversations"]["used"]), (&json!(5), &json!(2)));
}

#[tokio::test]
async fn only_an_account_in_which_nothing_was_takes_a_file() {
    let app = TestApp::everyday().await;
    let alice = somebody_with_everything(&app).await;
    let file = export(&alice).await;
    let (bob, carol) = (app.user("bob").await, app.user("carol").await);
    bob.add_task("was here").await.expect(201);
    bob.delete_task(1).await.expect(204);
    rename(&carol, &carol.chat("hello").await.expect(200)).await;
    for user in [&alice, &bob, &carol] {
        let before = comparable(&export(user).await);
        let refused = import(user, &file).await.expect(409);
        assert_eq!(refused["code"], "account_not_empty");
        assert_eq!(comparable(&export(user).await), before, "nothing was changed");
    }
    let dave = app.user("dave").await;
    import(&dave, &file).await.expect(200);
    assert_eq!(import(&dave, &file).await.expect(409)["code"], "account_not_empty", "not twice");
}

#[tokio::test]
async fn a_turn_that_has_no_end_is_left_out() {
    let app = TestApp::everyday().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    orphaned_turn(&app, &alice).await;
    let file = export(&alice).await;
    assert_eq!(import(&bob, &file).await.expect(200)["left_out_turns"], 1);
    let again = export(&bob).await;
    assert_eq!(again["conversations"][0]["turns"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&again["changes"][0]["turn_id"], &again["changes"][0]["channel"]),
        (&Value::Null, &json!("chat"))
    );
}

/// Its pages are each as of their own moment.
#[tokio::test]
async fn a_file_that_was_made_while_things_changed_is_taken() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    let mut file = hostile::good();
    // When task 3 was listed task 2 stood under none, and task 9, the parent of task 4, was there.
    let task = file["tasks"][0].clone();
    for (id, parent) in [(2, 1), (3, 2), (4, 9)] {
        let mut below = task.clone();
        (below["id"], below["parent_id"]) = (json!(id), json!(parent));
        file["tasks"].as_array_mut().unwrap().insert(0, below);
    }
    // Another answer was asked for before the end of the first one was listed, then all was deleted.
    let conversation = &mut file["conversations"][0];
    conversation["summary"] = json!({"text": "Milk was added.", "messages": 4});
    conversation["turns"][0]["messages"].as_array_mut().unwrap().pop();
    let counts = import(&alice, &file).await.expect(200);
    assert_eq!(counts, json!({"tasks": 4, "conversations": 1, "changes": 1, "left_out_turns": 1}));
    let again = export(&alice).await;
    let parents: Vec<(&Value, &Value)> =
        again["tasks"].as_array().unwrap().iter().map(|task| (&task["id"], &task["parent_id"])).collect();
    let (one, none) = (json!(1), Value::Null);
    assert_eq!(parents, [(&json!(4), &none), (&json!(3), &none), (&json!(2), &one), (&json!(1), &none)]);
    let conversation = &again["conversations"][0];
    assert_eq!((&conversation["turns"], &conversation["summary"]), (&json!([]), &none));
    assert_eq!(again["changes"][0]["turn_id"], none);
}

#[tokio::test]
async fn a_task_that_is_due_when_the_year_10000_has_begun_elsewhere_is_imported() {
    let app = TestApp::everyday().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    let due = json!({"due": "9999-12-31T23:00", "due_time_zone": "America/New_York"});
    alice.add_task("The last one").await.expect(201);
    alice.update_task(1, &due).await.expect(200);
    let file = export(&alice).await;
    import(&bob, &file).await.expect(200);
    assert_eq!(comparable(&export(&bob).await), comparable(&file));
    let instants = app.database().query("SELECT DISTINCT due_at::text FROM todo").await;
    assert_eq!(instants.len(), 1, "both are due at once: {instants:?}");
    undo_newest(&bob).await;
    assert_eq!(bob.task(1).await.expect(200)["due"], Value::Null);
}

#[tokio::test]
async fn what_was_imported_is_undone_as_it_would_have_been_before() {
    let app = TestApp::everyday().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    alice.add_task("Buy milk").await.expect(201);
    let part = json!({"title": "Oat milk", "parent_id": 1, "tags": ["shop"], "due": "2026-12-24"});
    alice.own("POST", "/tasks").json(&part).await.expect(201);
    let as_it_was = alice.task(2).await.expect(200);
    rename(&alice, &alice.chat("Delete task 2").await.expect(200)).await;
    alice.update_task(1, &json!({"title": "Buy bread"})).await.expect(200);
    alice.update_task(1, &json!({"title": "Buy rye bread"})).await.expect(200);
    import(&bob, &export(&alice).await).await.expect(200);

    let changes = bob.own("GET", "/activity").await.expect(200)["changes"].clone();
    let undo = async |place: usize| bob.own("POST", &format!("/changes/{}/undo", changes[place]["id"])).await;
    let titles: Vec<&Value> = (0..5).map(|place| &changes[place]["kind"]).collect();
    assert_eq!(titles, ["updated", "updated", "deleted", "added", "added"]);
    // What was changed since stands against it.
    let refused = undo(1).await.expect(409);
    assert_eq!(
        (&refused["code"], &refused["conflicts"][0]["since"]["id"]),
        (&json!("undo_conflict"), &changes[0]["id"])
    );
    undo(0).await.expect(200);
    undo(1).await.expect(200);
    assert_eq!(bob.task(1).await.expect(200)["title"], "Buy milk");
    // The turn that deleted it has another id here, and is undone as a whole.
    bob.own("POST", &format!("/turns/{}/undo", changes[2]["turn_id"].as_str().unwrap())).await.expect(200);
    let mut restored = bob.task(2).await.expect(200);
    for member in ["version", "updated_at"] {
        restored[member] = as_it_was[member].clone();
    }
    assert_eq!(restored, as_it_was, "with its parent, its place and its tags");
    assert_eq!(undo(2).await.expect(409)["code"], "already_undone");
    assert_eq!(alice.task(1).await.expect(200)["title"], "Buy rye bread", "another's list is not touched");
    alice.task(2).await.expect(404);
}

#[tokio::test]
async fn what_was_undone_before_is_so_after() {
    let app = TestApp::everyday().await;
    let (alice, bob) = (app.user("alice").await, app.user("bob").await);
    alice.add_task("Buy milk").await.expect(201);
    alice.update_task(1, &json!({"title": "Buy bread"})).await.expect(200);
    super::undo_newest(&alice).await;
    let mut file = export(&alice).await;
    // A file cannot say that what was undone was not.
    file["changes"][1]["undone_by"] = Value::Null;
    import(&bob, &file).await.expect(200);
    let changes = bob.own("GET", "/activity").await.expect(200)["changes"].clone();
    assert_eq!(changes[1]["undone_by"], changes[0]["id"]);
    let undo = async |place: usize| bob.own("POST", &format!("/changes/{}/undo", changes[place]["id"])).await;
    assert_eq!(undo(1).await.expect(409)["code"], "already_undone");
    undo(0).await.expect(200);
    assert_eq!(bob.task(1).await.expect(200)["title"], "Buy bread", "an undo is undone");
}

#[tokio::test]
async fn the_newest_changes_are_kept_and_an_undo_of_what_is_forgotten_stays_one() {
    // Where few are kept they are forgotten now and then: the file is of a server that keeps them all.
    let (all_are_kept, app) =
        (TestApp::start().await, TestApp::with_environment(&[("CHANGES_KEPT", "2")]).await);
    let (alice, bob) = (all_are_kept.user("alice").await, app.user("bob").await);
    alice.add_task("Buy milk").await.expect(201);
    alice.delete_task(1).await.expect(204);
    super::undo_newest(&alice).await;
    alice.update_task(1, &json!({"title": "Buy bread"})).await.expect(200);
    let file = export(&alice).await;
    assert_eq!(file["changes"].as_array().unwrap().len(), 4);
    assert_eq!(import(&bob, &file).await.expect(200)["changes"], 2);
    let changes = bob.own("GET", "/activity").await.expect(200)["changes"].clone();
    assert_eq!((&changes[0]["kind"], &changes[1]["kind"]), (&json!("updated"), &json!("restored")));
    let path = format!("/changes/{}/undo", changes[1]["undoes"]);
    bob.own("POST", &path).await.expect(404);
}
