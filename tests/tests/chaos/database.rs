//! Trouble with the database: what passes by itself no client sees; what lasts is a 503 in time.

mod serialization_failure_retry;
mod single_replica_fixture;

use std::time::Duration;

use devkit::postgres::Shutdown;
use reqwest::Method;
use serde_json::json;
use single_replica_fixture::{Bench, batch, create, list};
use tests::{
    chaos::{Behaviour, Person},
    script::{call, text},
};
use tokio::time::{Instant, sleep};

#[tokio::test]
async fn connections_that_were_ended_while_idle_are_seen_by_no_client() {
    let bench = Bench::start().await;
    for round in 0..4 {
        bench.cluster.postgres.terminate_all().await;
        for index in 0..25 {
            let answer = bench.ask(create(&format!("{round} {index}"))).await;
            assert_eq!(answer.status, 201, "{answer:?}");
        }
    }
    assert_eq!(bench.count().await, 100);
}

#[tokio::test]
async fn a_database_that_is_away_for_four_hundred_milliseconds_is_seen_by_no_client() {
    let bench = Bench::start().await;
    for round in 0..10 {
        bench.cluster.database.cut();
        let away = bench.cluster.database.set_for(Behaviour::Refuse, Duration::from_millis(400));
        let asking = bench.ask_many(5, |index| create(&format!("{round} {index}")));
        let (answers, ()) = tokio::join!(asking, away);
        for answer in answers {
            assert_eq!(answer.status, 201, "{answer:?}");
        }
    }
    assert_eq!(bench.count().await, 50);
}

#[tokio::test]
async fn an_immediate_restart_is_survived_in_five_seconds_and_nothing_acknowledged_is_lost() {
    let bench = Bench::start().await;
    let restart = async {
        sleep(Duration::from_millis(200)).await;
        bench.cluster.postgres.stop(Shutdown::Immediate).await;
        sleep(Duration::from_secs(2)).await;
        bench.cluster.postgres.restart(Shutdown::Immediate).await;
        Instant::now()
    };
    let ((), back) = tokio::join!(bench.load_for(Duration::from_secs(4)), restart);
    bench.recovers(back, Duration::from_secs(5)).await;
    bench.nothing_is_lost().await;
}

#[tokio::test]
async fn while_the_network_stalls_every_answer_is_a_503_within_eight_seconds_and_health_is_quick() {
    unavailable_while(Behaviour::Stall).await;
}

#[tokio::test]
async fn while_the_database_refuses_every_answer_is_a_503_within_eight_seconds_and_health_is_quick() {
    unavailable_while(Behaviour::Refuse).await;
}

async fn unavailable_while(behaviour: Behaviour) {
    let bench = Bench::start().await;
    bench.cluster.database.set(behaviour);
    if behaviour == Behaviour::Refuse {
        bench.cluster.database.cut();
    }
    let asking = bench.ask_many(12, |index| match index % 3 {
        0 => list(),
        1 => create(&format!("never {index}")),
        _ => single_replica_fixture::say("never"),
    });
    for answer in bench.health_is_quick_during(asking).await {
        assert_eq!((answer.status, answer.has_retry_after), (503, true), "{answer:?}");
    }
    bench.cluster.database.set(Behaviour::Pass);
    bench.recovers(Instant::now(), Duration::from_secs(5)).await;
}

/// Nobody resets such connections: a router forgot them, or the machine at their other end is gone.
#[tokio::test]
async fn connections_that_fell_silent_cost_one_wait_and_no_error() {
    let bench = Bench::start().await;
    bench.cluster.database.forget();
    assert_eq!(bench.ask(create("after a wait")).await.status, 201);
    let started_at = Instant::now();
    for index in 0..10 {
        assert_eq!(bench.ask(create(&format!("at once {index}"))).await.status, 201);
    }
    assert!(started_at.elapsed() < Duration::from_secs(3), "{:?}", started_at.elapsed());
}

#[tokio::test]
async fn a_database_that_restarts_again_and_again_loses_nothing() {
    let bench = Bench::start().await;
    let restarts = async {
        for _ in 0..10 {
            bench.cluster.postgres.restart(Shutdown::Immediate).await;
            bench.recovers(Instant::now(), Duration::from_secs(5)).await;
        }
        Instant::now()
    };
    let ((), back) = tokio::join!(bench.load_for(Duration::from_secs(6)), restarts);
    bench.recovers(back, Duration::from_secs(5)).await;
    bench.nothing_is_lost().await;
}

#[tokio::test]
async fn a_database_that_may_only_be_read_is_read_and_every_change_is_a_503() {
    let bench = Bench::start().await;
    let program = bench.program_of_alice().await;
    bench.set_read_only(true).await;
    nothing_can_be_changed(&bench, &program).await;
    bench.set_read_only(false).await;
    assert_eq!(bench.ask(create("again")).await.status, 201);
}

#[tokio::test]
async fn a_database_whose_disk_is_full_is_read_and_every_change_is_a_503() {
    let bench = Bench::start().await;
    let program = bench.program_of_alice().await;
    bench.set_disk_full(true).await;
    nothing_can_be_changed(&bench, &program).await;
    bench.set_disk_full(false).await;
    assert_eq!(bench.ask(create("again")).await.status, 201);
}

async fn nothing_can_be_changed(bench: &Bench, program: &Person) {
    for request in [create("never"), single_replica_fixture::say("never")] {
        let answer = bench.ask(request).await;
        assert_eq!(
            (answer.status, answer.code(), answer.has_retry_after),
            (503, "database_unavailable", true)
        );
    }
    assert_eq!(bench.ask(list()).await.status, 200);
    assert_eq!(bench.ask_as(program, list()).await.status, 200, "its use is not recorded");
}

#[tokio::test]
async fn a_slow_network_only_makes_it_slow() {
    // A chat is two transactions, and one may take as long as a request.
    let bench = Bench::start().await.thinking_for(Duration::from_secs(6));
    bench.cluster.database.set(Behaviour::Delay(Duration::from_millis(300)));
    for (request, status) in
        [(list(), 200), (create("slow"), 201), (single_replica_fixture::say("hello"), 200)]
    {
        let answer = bench.ask(request).await;
        assert_eq!(answer.status, status, "{answer:?}");
    }
}

#[tokio::test]
async fn a_lock_that_is_not_given_back_is_a_503_for_who_wants_it_and_nothing_for_others() {
    let bench = Bench::start().await;
    let session = bench.cluster.postgres.session().await.unwrap();
    let lock = format!("BEGIN; SELECT FROM \"user\" WHERE id = '{}' FOR UPDATE", bench.alice.id);
    session.batch_execute(&lock).await.unwrap();
    let bob = bench.another("bob").await;
    let (hers, his) = tokio::join!(bench.ask(create("a")), bench.ask_as(&bob, create("b")));
    assert_eq!((hers.status, hers.code(), hers.has_retry_after), (503, "database_unavailable", true));
    assert_eq!(his.status, 201);
    session.batch_execute("COMMIT").await.unwrap();
    assert_eq!(bench.ask(create("a")).await.status, 201);
}

/// A session that waits for a lock does not see that its client is gone.
#[tokio::test]
async fn reads_behind_a_lock_leave_no_sessions_behind() {
    const POOL: usize = 4;
    let bench = Bench::with_pool_of(&POOL.to_string()).await;
    let session = bench.cluster.postgres.session().await.unwrap();
    session.batch_execute("BEGIN; LOCK TABLE todo").await.unwrap();
    let asking = async {
        for _ in 0..3 {
            for answer in bench.ask_many(POOL, |_| list()).await {
                assert_eq!((answer.status, answer.has_retry_after), (503, true), "{answer:?}");
            }
        }
    };
    // The one that holds the lock is seen too.
    let (sessions, ()) = tokio::join!(bench.sessions_for(Duration::from_secs(16)), asking);
    assert!(sessions.most <= POOL + 1, "{sessions:?}");
    bench.wait_for_lock_waiters(0).await;
    session.batch_execute("COMMIT").await.unwrap();
    assert_eq!(bench.ask(list()).await.status, 200);
}

#[tokio::test]
async fn a_pool_that_is_all_in_use_is_a_503_after_three_seconds_and_serves_again_at_once() {
    let bench = Bench::with_pool_of("2").await;
    let conversations = || (Method::GET, "/conversations".to_owned(), None);
    let [bob, carol] = [bench.another("bob").await, bench.another("carol").await];
    let session = bench.cluster.postgres.session().await.unwrap();
    session.batch_execute("BEGIN; LOCK TABLE todo").await.unwrap();
    let another = async {
        bench.wait_for_lock_waiters(2).await;
        let asked_at = Instant::now();
        (bench.ask_as(&carol, conversations()).await, asked_at.elapsed())
    };
    let lists = (bench.ask(list()), bench.ask_as(&bob, list()));
    let (hers, his, (answer, after)) = tokio::join!(lists.0, lists.1, another);
    for answer in [&hers, &his, &answer] {
        let what = (answer.status, answer.code(), answer.has_retry_after);
        assert_eq!(what, (503, "database_unavailable", true), "{answer:?}");
    }
    assert!(after > Duration::from_millis(2_900) && after < Duration::from_secs(4), "{after:?}");
    // The lock is still held.
    let asked_at = Instant::now();
    assert_eq!(bench.ask_as(&carol, conversations()).await.status, 200);
    assert!(asked_at.elapsed() < Duration::from_secs(1), "{:?}", asked_at.elapsed());
}

#[tokio::test]
async fn a_database_that_takes_no_more_connections_is_a_503_until_it_does() {
    let bench = Bench::start().await;
    // The replica's own are ended, and others are quicker.
    let mut sessions = Vec::new();
    bench.cluster.database.set(Behaviour::Refuse);
    bench.cluster.database.cut();
    bench.cluster.postgres.terminate_all().await;
    let only_who_asks = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'";
    assert!(bench.cluster.wait_for(only_who_asks, "1", Duration::from_secs(5)).await);
    while let Ok(session) = bench.cluster.postgres.session().await {
        sessions.push(session);
    }
    bench.cluster.database.set(Behaviour::Pass);
    let answer = bench.ask(list()).await;
    assert_eq!((answer.status, answer.has_retry_after), (503, true), "{answer:?}");
    drop(sessions);
    bench.recovers(Instant::now(), Duration::from_secs(5)).await;
}

#[tokio::test]
async fn when_the_answer_to_a_commit_is_lost_a_key_makes_it_once_and_without_one_it_is_said() {
    let bench = Bench::start().await;
    for round in 0..10 {
        let title = format!("keyed {round}");
        bench.cluster.database.set(Behaviour::CutAnswerTo("COMMIT", 1));
        let answer = bench.ask_with_key(create(&title), &format!("key-{round}")).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(bench.cluster.database.behaviour(), Behaviour::Pass, "the trap was sprung");
    }
    assert_eq!(bench.count().await, 10);
    bench.cluster.database.set(Behaviour::CutAnswerTo("COMMIT", 1));
    let answer = bench.ask(create("unkeyed")).await;
    assert_eq!((answer.status, answer.code(), answer.has_retry_after), (503, "outcome_unknown", true));
    assert_eq!(bench.count().await, 11);
}

#[tokio::test]
async fn when_a_commit_does_not_arrive_nothing_is_acknowledged_that_is_not_there() {
    let bench = Bench::start().await;
    for round in 0..10 {
        bench.cluster.database.set(Behaviour::CutBefore("COMMIT", 1));
        let answer = bench.ask_with_key(create(&format!("keyed {round}")), &format!("key-{round}")).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(bench.count().await, round + 1);
    }
    bench.cluster.database.set(Behaviour::CutBefore("COMMIT", 1));
    let answer = bench.ask(create("unkeyed")).await;
    assert_eq!((answer.status, answer.code(), answer.has_retry_after), (503, "outcome_unknown", true));
    assert_eq!(bench.count().await, 10);
}

#[tokio::test]
async fn a_batch_is_made_whole_and_once_whether_its_commit_or_the_answer_to_it_is_lost() {
    let bench = Bench::start().await;
    for round in 0..6 {
        let behaviour = if round % 2 == 0 { Behaviour::CutAnswerTo } else { Behaviour::CutBefore };
        bench.cluster.database.set(behaviour("COMMIT", 1));
        let answer = bench.ask_with_key(batch("keyed"), &format!("key-{round}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(bench.cluster.database.behaviour(), Behaviour::Pass, "the trap was sprung");
        let told: Vec<_> = (0..3).map(|place| answer.body["results"][place]["ok"].clone()).collect();
        assert_eq!(told, [true, false, true], "{answer:?}");
        assert_eq!(bench.count().await, 2 * (round + 1));
    }
    bench.cluster.database.set(Behaviour::CutAnswerTo("COMMIT", 1));
    let answer = bench.ask(batch("unkeyed")).await;
    assert_eq!((answer.status, answer.code(), answer.has_retry_after), (503, "outcome_unknown", true));
    assert_eq!(bench.count().await, 14);
}

#[tokio::test]
async fn when_any_commit_of_a_turn_or_its_answer_is_lost_the_turn_goes_on_and_takes_effect_once() {
    const TURN: [&str; 3] = ["its beginning", "its step", "its end"];
    let bench = Bench::start().await;
    for (nth, part) in (1..).zip(TURN) {
        for lost in [Behaviour::CutAnswerTo("COMMIT", nth), Behaviour::CutBefore("COMMIT", nth)] {
            bench.cluster.database.set(lost);
            let answer = bench.ask(single_replica_fixture::say("add bread")).await;
            assert_eq!(answer.status, 200, "{part}, {lost:?}: {answer:?}");
            assert_eq!(bench.cluster.database.behaviour(), Behaviour::Pass, "the trap was sprung");
        }
    }
    assert_eq!(bench.count().await, 2 * TURN.len());
    bench.cluster.stand_in.assert_clean();
}

#[tokio::test]
async fn when_the_commit_of_a_yes_or_its_answer_is_lost_it_is_carried_out_once() {
    let bench = Bench::start().await;
    for lost in [Behaviour::CutAnswerTo("COMMIT", 1), Behaviour::CutBefore("COMMIT", 1)] {
        let mut numbers = Vec::new();
        for index in 0..4 {
            numbers.push(bench.ask(create(&format!("old {index}"))).await.body["id"].clone());
        }
        let script = json!([[{"tool": "delete_task", "input": {"task_id": numbers}}], {"say": "Shall I?"}]);
        let asked = bench.ask(single_replica_fixture::say(&format!("Delete them #script {script}"))).await;
        let id = asked.body["approvals"][0]["id"].as_str().unwrap();
        let yes = (reqwest::Method::POST, format!("/approvals/{id}"), Some(json!({"decision": "approve"})));
        bench.cluster.database.set(lost);
        let first = bench.ask(yes.clone()).await;
        assert_eq!(first.status, 200, "{lost:?}: {first:?}");
        assert_eq!(bench.cluster.database.behaviour(), Behaviour::Pass, "the trap was sprung");
        assert_eq!(first.body["result"]["success"], true, "{first:?}");
        assert_eq!(bench.ask(yes).await.body, first.body);
        assert_eq!(bench.count().await, 0);
    }
    let deleted = bench.cluster.postgres.query("SELECT count(*) FROM todo_change WHERE after IS NULL");
    assert_eq!(deleted.await.unwrap(), [["8"]]);
}

/// The server has the COMMIT and waits for a standby: nothing can be seen of it, and it will be.
#[tokio::test]
async fn a_commit_that_takes_longer_than_anybody_waits_is_found_by_the_next_attempt() {
    let bench = Bench::start().await;
    for (key, request) in [("task", create("Bread")), ("turn", single_replica_fixture::say("hello"))] {
        bench.wait_for_a_standby(true).await;
        let asking = bench.ask_with_key(request.clone(), key);
        let coming = async {
            // The next attempt waits for the one that hangs.
            bench.wait_for_lock_waiters(1).await;
            bench.wait_for_a_standby(false).await;
        };
        let (answer, ()) = tokio::join!(asking, coming);
        assert!([200, 201, 503].contains(&answer.status), "{key}: {answer:?}");
        let again = bench.ask_with_key(request, key).await;
        assert!(again.is_success(), "{again:?}");
    }
    let rows =
        bench.cluster.postgres.query("SELECT (SELECT count(*) FROM todo), (SELECT count(*) FROM turn)");
    assert_eq!(rows.await.unwrap(), [["1", "1"]]);
}

#[tokio::test]
async fn a_turn_whose_database_goes_away_in_the_middle_is_a_503_in_time() {
    let bench = Bench::start().await;
    let stand_in = &bench.cluster.stand_in;
    stand_in.on("what is open", [call("list_tasks", json!({})).held()]);
    let asking = bench.ask(single_replica_fixture::say("what is open?"));
    let going = async {
        assert!(stand_in.wait_for_requests(1, Duration::from_secs(5)).await);
        bench.cluster.database.set(Behaviour::Stall);
        stand_in.release();
    };
    let (answer, ()) = tokio::join!(asking, going);
    assert_eq!((answer.status, answer.has_retry_after), (503, true), "{answer:?}");
    bench.cluster.database.set(Behaviour::Pass);
}

#[tokio::test]
async fn no_transaction_is_open_while_a_model_thinks_and_few_connections_serve_many_turns() {
    let bench = Bench::with_pool_of("4").await.thinking_for(Duration::from_secs(4));
    let stand_in = &bench.cluster.stand_in;
    stand_in.on("what is open", [call("list_tasks", json!({})), text("Done.").held()]);
    let asking = bench.ask_many(50, |_| single_replica_fixture::say("what is open?"));
    let watching = async {
        // Each is asked twice, and thinks about the second question.
        assert!(stand_in.wait_for_requests(100, Duration::from_secs(8)).await);
        let sessions = bench.sessions_for(Duration::from_secs(2)).await;
        stand_in.release();
        sessions
    };
    let (answers, sessions) = tokio::join!(asking, watching);
    for answer in answers {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    assert!(sessions.most <= 4, "{sessions:?}");
    assert!(sessions.longest_idle < Duration::from_millis(100), "{sessions:?}");
}
