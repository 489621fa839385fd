//! Requests a second of the hot paths, each against the same work by `pgbench` in the same run: the
//! one best statement of a request, and the same transactions of a turn.

use std::{fs, path::Path, time::Duration};

use devkit::model::{Options, StandIn, script};
use serde_json::json;
use tokio::task::block_in_place;
use tokio_postgres::NoTls;

use crate::{
    api_client::{self, Person},
    load::{self, Request},
    pgbench,
    report::{line, ms, row},
    server::Server,
    stats::{Durations, median},
};

/// As many as the server has connections to the database.
const CONNECTIONS: usize = 8;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);

/// What is measured: its name, the lowest share of the ceiling that it may have, and its statements.
const WORKLOADS: [(Workload, &str, f64, &str); 5] = [
    (Workload::List(10), "GET 10 tasks", 0.55, include_str!("sql/list.sql")),
    (Workload::List(100), "GET 100 tasks", 0.55, include_str!("sql/list.sql")),
    (Workload::Add, "POST a task", 0.6, include_str!("sql/add.sql")),
    (
        Workload::Turn("Hello there"),
        "a turn without a tool",
        0.6,
        concat!(include_str!("sql/turn_begin.sql"), include_str!("sql/turn_end.sql")),
    ),
    (
        Workload::Turn("Add a task"),
        "a turn with one tool call",
        0.6,
        concat!(
            include_str!("sql/turn_begin.sql"),
            include_str!("sql/turn_step.sql"),
            include_str!("sql/turn_end.sql")
        ),
    ),
];

#[derive(Debug, Clone, Copy)]
enum Workload {
    List(usize),
    Add,
    Turn(&'static str),
}

pub(crate) async fn measure(binary: &Path, database: &str) {
    let model = StandIn::start(Options::for_tests()).await.expect("a model");
    model.on("Hello", [script::text("Hello to you.")]);
    model.on("Add", [script::call("add_task", json!({"title": "Milk"})), script::text("Added.")]);
    drop(Server::ready(binary, database, &model.base_url()));
    populate(database).await;
    print_sizes(database).await;
    let server = Server::ready(binary, database, &model.base_url());
    let directory = std::env::temp_dir().join(format!("benches-{}", std::process::id()));
    fs::create_dir_all(&directory).expect("a folder for scripts");
    row(["what", "server", "p50", "p99", "pgbench", "share", "bar"]);
    let chosen = std::env::var("BENCH_WORKLOAD").unwrap_or_default();
    for (number, (workload, name, bar, statements)) in WORKLOADS.into_iter().enumerate() {
        if !name.contains(&chosen) {
            continue;
        }
        let requests = prepare(workload, &server).await;
        prepare_ceiling(workload, database).await;
        let script = pgbench::script(&directory, &number.to_string(), statements);
        let (mut rates, mut ceilings, mut took) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let answered = block_in_place(|| load::run(server.address(), &requests, ROUND));
            rates.push(answered.len() as f64 / ROUND.as_secs_f64());
            took.extend(answered);
            ceilings.push(block_in_place(|| pgbench::rate(database, &script, CONNECTIONS, ROUND)));
        }
        let (rate, ceiling, took) = (median(rates), median(ceilings), Durations::new(took));
        row([
            name,
            &format!("{rate:.0}/s"),
            &ms(took.median()),
            &ms(took.percentile(0.99)),
            &format!("{ceiling:.0}/s"),
            &format!("{:.2}", rate / ceiling),
            &format!("{bar:.2}"),
        ]);
    }
    fs::remove_dir_all(directory).expect("a folder that is ours");
    model.assert_clean();
}

/// Others' data, so that no table is so small that Postgres reads it from one end to the other: 1,000
/// people with 20 tasks and 10 conversations each.
async fn populate(database: &str) {
    run(
        database,
        r#"INSERT INTO "user" (id, email, password_hash, last_task_number)
            SELECT gen_random_uuid(), n || '@others.example', '-', 20 FROM generate_series(1, 1000) AS n;
        INSERT INTO session (id, user_id, secret_hash, expires_at)
            SELECT gen_random_uuid(), id, sha256(email::bytea), now() + interval '30 days' FROM "user"
            WHERE email LIKE '%@others.example';
        INSERT INTO account_usage (user_id) SELECT id FROM "user" WHERE email LIKE '%@others.example';
        INSERT INTO todo (user_id, number, title)
            SELECT id, n, 'Task ' || n FROM "user", generate_series(1, 20) AS n
            WHERE email LIKE '%@others.example';
        INSERT INTO todo_change (user_id, number, door, after)
            SELECT user_id, number, 'rest', to_jsonb(todo) - 'user_id' FROM todo;
        INSERT INTO conversation (id, user_id, title, last_seq, message_count)
            SELECT gen_random_uuid(), id, 'Hello to all', 2, 2 FROM "user", generate_series(1, 10)
            WHERE email LIKE '%@others.example';
        INSERT INTO turn (id, user_id, conversation_id, state, first_seq, closing_seq, lease_until,
                          finish_reason, ended_at)
            SELECT id, user_id, id, 'answered', 1, 2, now(), 'stop', now() FROM conversation
            WHERE title = 'Hello to all';
        INSERT INTO message (conversation_id, seq, turn_id, role, content)
            SELECT id, seq, id, CASE seq WHEN 1 THEN 'user' ELSE 'assistant' END, 'Hello to you.'
            FROM conversation, generate_series(1, 2) AS seq WHERE title = 'Hello to all';
        VACUUM ANALYZE"#,
    )
    .await;
}

/// What a turn and a task take on the disk, with their indexes.
async fn print_sizes(database: &str) {
    let (sql, connection) = tokio_postgres::connect(database, NoTls).await.expect("a connection");
    tokio::spawn(connection);
    let query =
        "SELECT (pg_total_relation_size('conversation') / (SELECT count(*) FROM conversation))::bigint,
                        (pg_total_relation_size('turn') / (SELECT count(*) FROM turn))::bigint,
                        (pg_total_relation_size('message') / (SELECT count(*) FROM message))::bigint,
                        (pg_total_relation_size('todo') / (SELECT count(*) FROM todo))::bigint,
                        (pg_total_relation_size('todo_change') / (SELECT count(*) FROM todo_change))::bigint";
    let row = sql.query_one(query, &[]).await.expect("sizes");
    for (index, name) in ["conversation", "turn", "message", "task", "record of a change"].iter().enumerate()
    {
        line(&format!("bytes of a {name}, with its indexes"), row.get::<_, i64>(index));
    }
}

async fn run(database: &str, statements: &str) {
    let (sql, connection) = tokio_postgres::connect(database, NoTls).await.expect("a connection");
    tokio::spawn(connection);
    for statement in statements.split(';') {
        sql.batch_execute(statement).await.expect("statements that are good");
    }
}

/// A person for each connection, with what the workload needs, and what they send.
async fn prepare(workload: Workload, server: &Server) -> Vec<Request> {
    let client = api_client::client();
    let mut requests = Vec::new();
    for _ in 0..CONNECTIONS {
        let person = Person::register(&client, server).await;
        requests.push(match workload {
            Workload::List(tasks) => {
                for number in 0..tasks {
                    person.add_task(&format!("Task {number} of the benches")).await;
                }
                person.prepared("GET", "/tasks", "", 200)
            }
            Workload::Add => person.prepared("POST", "/tasks", r#"{"title": "A task of the benches"}"#, 201),
            Workload::Turn(message) => {
                person.prepared("POST", "/chat", &json!({ "message": message }).to_string(), 200)
            }
        });
    }
    requests
}

/// The accounts of the ceiling, one for each connection of pgbench, whose number is in the last digits
/// of their ids.
async fn prepare_ceiling(workload: Workload, database: &str) {
    let tasks = if let Workload::List(tasks) = workload { tasks } else { 0 };
    let statements = format!(
        r#"DELETE FROM "user" WHERE email LIKE '%@ceiling.example';
        INSERT INTO "user" (id, email, password_hash)
            SELECT ('00000000-0000-4000-8000-00000000000' || n)::uuid, n || '@ceiling.example', '-'
            FROM generate_series(0, {CONNECTIONS} - 1) AS n;
        INSERT INTO session (id, user_id, secret_hash, expires_at)
            SELECT id, id, sha256(email::bytea), now() + interval '30 days' FROM "user"
            WHERE email LIKE '%@ceiling.example';
        INSERT INTO todo (user_id, number, title)
            SELECT id, n, 'Task ' || n || ' of the benches' FROM "user", generate_series(1, {tasks}) AS n
            WHERE email LIKE '%@ceiling.example';
        VACUUM ANALYZE"#
    );
    run(database, &statements).await;
}
