//! Start and stop: many at once, half a migration, a late database, an end in the middle of turns.

use std::{fs, time::Duration};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tests::{
    Server, TestApp, TestDatabase,
    chaos::{Behaviour, ChaosProxy, Person},
    script::{call, text},
};
use tokio::{task::JoinSet, time::Instant};

const END_WITHIN: Duration = Duration::from_secs(8);

async fn started(database_url: &str) -> Server {
    TestApp::production(database_url, "http://127.0.0.1:9/v1").start().await
}

async fn take_back_newest_migration(database: &TestDatabase) {
    let migrations = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations")).unwrap();
    let newest = migrations.map(|folder| folder.unwrap().path()).max().unwrap();
    database.query(&fs::read_to_string(newest.join("down.sql")).unwrap()).await;
    let forget = "DELETE FROM __diesel_schema_migrations
                  WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)";
    database.query(forget).await;
}

async fn status(server: &Server, path: &str) -> u16 {
    reqwest::get(format!("{}{path}", server.base())).await.unwrap().status().as_u16()
}

#[tokio::test]
async fn four_replicas_that_start_at_once_on_an_empty_database_migrate_it_once() {
    let database = TestDatabase::empty().await;
    let mut starting = JoinSet::new();
    for _ in 0..4 {
        let url = database.url();
        starting.spawn(async move {
            let server = started(&url).await;
            server.wait_ready().await;
            server
        });
    }
    let servers = starting.join_all().await;
    for server in &servers {
        assert!(server.log().wait_for(&["migrations_applied="]).await, "{}", server.log().text());
    }
    let logs: Vec<String> = servers.iter().map(|server| server.log().text()).collect();
    let migrated = logs.iter().filter(|log| !log.contains("migrations_applied=0")).count();
    assert_eq!(migrated, 1, "{logs:?}");
    assert!(logs.iter().all(|log| !log.contains("ERROR")), "{logs:?}");
}

/// What it has locked, everybody needs.
#[tokio::test]
async fn a_replica_that_freezes_while_it_migrates_keeps_no_other_from_getting_ready() {
    let database = TestDatabase::empty().await;
    let network = ChaosProxy::in_front(&database.url()).await.unwrap();
    // The migrations take long enough to be caught at them.
    network.set(Behaviour::Delay(Duration::from_millis(50)));
    let frozen = started(&network.in_front_of(&database.url())).await;
    let is_migrating = "SELECT count(*) > 0 FROM pg_locks JOIN pg_database ON pg_database.oid = database
                        WHERE datname = current_database() AND mode = 'AccessExclusiveLock'";
    database.wait_for(is_migrating, "t").await;
    frozen.sigstop();
    let next = started(&database.url()).await;
    next.wait_ready().await;
    assert!(next.log().text().contains("Another replica is at the migrations"), "{}", next.log().text());
    network.set(Behaviour::Pass);
    frozen.sigcont();
    frozen.wait_ready().await;
    assert!(!next.log().text().contains("migrations_applied=0"), "{}", next.log().text());
    assert!(frozen.log().text().contains("migrations_applied=0"), "{}", frozen.log().text());
}

#[tokio::test]
async fn a_migration_that_fails_half_way_leaves_no_trace_and_is_made_good_by_the_next_attempt() {
    let database = TestDatabase::empty().await;
    // In the way of one of the last statements.
    database.query("CREATE TABLE todo_change (mine integer)").await;
    let tables =
        "SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_tables WHERE schemaname = 'public'
                  AND tablename NOT LIKE '\\_\\_diesel%'";
    let server = started(&database.url()).await;
    let started_at = Instant::now();
    while !server.log().text().contains("todo_change") {
        assert!(started_at.elapsed() < Duration::from_secs(10), "no reason: {}", server.log().text());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(status(&server, "/health").await, 200);
    assert_eq!(status(&server, "/ready").await, 503);
    assert_eq!(database.query(tables).await, [["todo_change"]]);
    server.kill_9();
    database.query("DROP TABLE todo_change").await;
    let next = started(&database.url()).await;
    next.wait_ready().await;
    assert_eq!(status(&next, "/ready").await, 200);
}

/// As a rolling update does it: the tables hold what people wrote, and the version before goes on with them.
#[tokio::test]
async fn an_upgrade_keeps_what_is_there_while_others_read_and_write() {
    let app = TestApp::everyday().await;
    let alice = app.user("alice").await;
    for title in ["Milk", "Bread"] {
        alice.add_task(title).await.expect(201);
    }
    let said = alice.chat("Add a task to feed the porcupine").await.expect(200);
    let conversation = said["conversation_id"].as_str().unwrap();
    let everything = async || {
        let mut file = alice.own("GET", "/export").await.expect(200);
        file.as_object_mut().unwrap().remove("exported_at");
        file
    };
    let before = everything().await;
    app.server().kill_9();
    take_back_newest_migration(app.database()).await;
    let others = async {
        let mut count = 0;
        loop {
            let statements = format!(
                "BEGIN; UPDATE message SET content = content; UPDATE todo SET title = title;
                 INSERT INTO \"user\" (id, email, password_hash) VALUES (gen_random_uuid(), 'other{count}@x', '');
                 COMMIT"
            );
            app.database().query(&statements).await;
            count += 1;
        }
    };
    tokio::select! {
        () = app.restart() => (),
        () = others => (),
    }
    assert!(app.log().contains("migrations_applied=1"), "{}", app.log());
    assert_eq!(everything().await, before);
    assert_ne!(app.database().query("SELECT FROM \"user\" WHERE email LIKE 'other%'").await.len(), 0);
    let found = alice.own("GET", "/conversations?search=porcupine").await.expect(200);
    assert_eq!(found["conversations"][0]["id"], conversation, "{found}");
}

/// During a rolling update a version runs on the schema of the next one, and no newer one.
#[tokio::test]
async fn a_schema_that_is_one_version_newer_is_served_and_one_that_is_two_versions_newer_is_not() {
    let database = TestDatabase::create().await;
    let newer = |year: u32| format!("INSERT INTO __diesel_schema_migrations VALUES ('{year}0101000000')");
    database.query(&newer(2098)).await;
    let server = started(&database.url()).await;
    server.wait_ready().await;
    database.query(&newer(2099)).await;
    let server = started(&database.url()).await;
    let started_at = Instant::now();
    while !server.log().text().contains("a much newer version") {
        assert!(started_at.elapsed() < Duration::from_secs(10), "no reason: {}", server.log().text());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(status(&server, "/health").await, 200);
    assert_eq!(status(&server, "/ready").await, 503);
}

#[tokio::test]
async fn a_database_that_appears_late_is_used_without_another_start() {
    let database = TestDatabase::empty().await;
    let network = ChaosProxy::in_front(&database.url()).await.unwrap();
    network.set(Behaviour::Refuse);
    let server = started(&network.in_front_of(&database.url())).await;
    assert_eq!(status(&server, "/health").await, 200);
    assert_eq!(status(&server, "/ready").await, 503);
    assert_eq!(status(&server, "/api/auth/me").await, 401);
    tokio::time::sleep(Duration::from_secs(1)).await;
    network.set(Behaviour::Pass);
    server.wait_ready().await;
    assert_eq!(status(&server, "/ready").await, 200);
}

/// Turns in flight when the signal comes: some that end in time, some that do not.
async fn ends_in_order(signal: Signal) {
    let app = TestApp::everyday().await;
    let ending = app.replica().await;
    let alice = Person::register(app.server().base(), "alice").await;
    for index in 0..10 {
        let add = call("add_task", json!({"title": format!("task {index}")}));
        let thinking = if index < 5 { Duration::from_secs(2) } else { Duration::from_secs(30) };
        let last = text("Done.").but_first(text("Done.").after(thinking));
        app.model().on(format!("turn {index}."), [add, last]);
    }
    let request = |index: usize| {
        (reqwest::Method::POST, "/chat".to_owned(), Some(json!({"message": format!("turn {index}.")})))
    };
    let mut asking = JoinSet::new();
    for index in 0..10 {
        let (alice, base) = (alice.clone(), ending.base().to_owned());
        let request = request(index);
        asking.spawn(async move { (index, alice.send(&base, request, Some(&format!("key-{index}"))).await) });
    }
    assert!(app.model().wait_for_requests(20, Duration::from_secs(20)).await);
    let started_at = Instant::now();
    kill_process(Pid::from_raw(ending.pid().cast_signed()).unwrap(), signal).unwrap();
    let refused = async {
        // The signal arrives by and by.
        loop {
            let answer = alice.send(ending.base(), request(99), None).await;
            match answer {
                Some(answer) if answer.code() == "shutting_down" => return answer,
                _ => assert!(started_at.elapsed() < END_WITHIN),
            }
        }
    };
    assert!(refused.await.has_retry_after);
    for (index, answer) in asking.join_all().await {
        let answer = answer.unwrap_or_else(|| panic!("no answer to turn {index}"));
        let expected = if index < 5 { 200 } else { 503 };
        assert_eq!(answer.status, expected, "{index}: {answer:?}");
        assert_eq!(answer.has_retry_after, index >= 5, "{answer:?}");
    }
    let ended = ending.exit_within(END_WITHIN).await;
    assert_eq!(ended.and_then(|status| status.code()), Some(0), "{}", ending.log().text());
    assert!(started_at.elapsed() < END_WITHIN, "{:?}", started_at.elapsed());
    let handed_over = Instant::now();
    for index in 0..10 {
        let answer = alice.send(app.server().base(), request(index), Some(&format!("key-{index}"))).await;
        assert_eq!(answer.unwrap().status, 200);
    }
    // The leases were given back: nobody waits for them to run out.
    assert!(handed_over.elapsed() < Duration::from_secs(10), "{:?}", handed_over.elapsed());
    let titles = app.database().query("SELECT count(*), count(DISTINCT title) FROM todo").await;
    assert_eq!(titles, [["10", "10"]]);
}

/// Without a key nobody is told by it that something was done already.
#[tokio::test]
async fn who_loses_a_turn_without_a_key_to_a_sigterm_is_told_what_it_had_done() {
    let app = TestApp::everyday().await;
    let ending = app.replica().await;
    let alice = app.user("alice").await;
    app.model().on("milk", [call("add_task", json!({"title": "Milk"})), text("Done.").hang()]);
    let signalled = async {
        assert!(app.model().wait_for_requests(2, Duration::from_secs(20)).await);
        kill_process(Pid::from_raw(ending.pid().cast_signed()).unwrap(), Signal::TERM).unwrap();
    };
    let (answer, ()) = tokio::join!(alice.chat("milk").at(&ending), signalled);
    let problem = answer.expect(503);
    assert_eq!(
        (&problem["code"], &problem["tool_calls"][0]["tool"]),
        (&json!("turn_handed_over"), &json!("add_task"))
    );
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("look at your tasks") && !detail.contains("send the message again"), "{detail}");
    let turn = alice.turn(problem["turn_id"].as_str().unwrap()).await.expect(200);
    assert_eq!(
        (&turn["conversation_id"], &turn["tool_calls"]),
        (&problem["conversation_id"], &problem["tool_calls"])
    );
}

#[tokio::test]
async fn on_sigterm_turns_finish_or_are_handed_over_and_the_end_comes_in_time() {
    ends_in_order(Signal::TERM).await;
}

#[tokio::test]
async fn on_sigint_turns_finish_or_are_handed_over_and_the_end_comes_in_time() {
    ends_in_order(Signal::INT).await;
}
