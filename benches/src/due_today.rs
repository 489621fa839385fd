//! Reads of the tasks that are due today, of 20,000: by the server, beside the same query by Postgres alone.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use tokio_postgres::{Client, NoTls, Statement};

use crate::{
    api_client::{self, Person},
    report::{line, ms},
    server::Server,
    stats::Durations,
};

/// As many tasks as an account may have.
const TASKS: i32 = 20_000;
const ROUNDS: usize = 100;
/// What an answer may take.
const MAX_DURATION: Duration = Duration::from_millis(30);
/// Nothing listens there: nobody talks here.
const NO_MODEL: &str = "http://127.0.0.1:1/v1";

/// The statement of the server's, with the columns that it reads.
const QUESTION: &str =
    "SELECT number, title, description, completed, created_at, updated_at, due_date, due_time,
        due_zone, priority, tags, repeat, completed_at, revision, position, parent,
        CASE WHEN (SELECT true FROM todo AS below WHERE below.user_id = $1::text::uuid
                AND below.parent IS NOT NULL AND NOT below.completed
                ORDER BY below.parent LIMIT 1)
            THEN (SELECT count(*) FROM todo AS below WHERE below.user_id = $1::text::uuid
                AND below.parent = todo.number AND NOT below.completed) ELSE 0 END
    FROM todo WHERE user_id = $1::text::uuid AND due_date IS NOT NULL
        AND due_date >= current_date AND due_date <= current_date
    ORDER BY due_date, due_time IS NULL, due_time, number LIMIT 201";

pub(crate) async fn measure(binary: &Path, database: &str) {
    let server = Server::ready(binary, database, NO_MODEL);
    let person = Person::register(&api_client::client(), &server).await;
    let (sql, connection) = tokio_postgres::connect(database, NoTls).await.expect("a connection");
    tokio::spawn(connection);
    let due_today = fill(&sql, &person.id).await;
    let question = sql.prepare(QUESTION).await.expect("a statement");
    let (mut server_took, mut postgres_took, mut by_hand_took) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        server_took.push(took(person.get("/tasks?due=today")).await);
        postgres_took.push(took(ask(&sql, &question, &person.id)).await);
        by_hand_took.push(took(person.get("/tasks?sort=position&limit=50")).await);
    }
    let [on_server, on_postgres, by_hand] =
        [server_took, postgres_took, by_hand_took].map(|took| Durations::new(took).median());
    let ratio = on_server.as_secs_f64() / on_postgres.as_secs_f64();
    line(
        &format!("due today: {due_today} of {TASKS} tasks"),
        format!("{}, {ratio:.1} times Postgres alone ({})", ms(on_server), ms(on_postgres)),
    );
    line(&format!("the first 50 of {TASKS} tasks by hand"), ms(by_hand));
    let plan = format!("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) {QUESTION}");
    let rows = sql.query(&plan, &[&person.id]).await.expect("a plan");
    let plan: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    for step in &plan {
        line("", step);
    }
    assert!(plan.iter().any(|step| step.contains("todo_due")), "the index on due days is used");
    assert!(on_server < MAX_DURATION, "what is due today takes {}", ms(on_server));
}

async fn took<T>(work: impl Future<Output = T>) -> Duration {
    let started_at = Instant::now();
    work.await;
    started_at.elapsed()
}

async fn ask(sql: &Client, question: &Statement, user: &str) {
    let rows = sql.query(question, &[&user]).await.expect("rows");
    assert!(!rows.is_empty());
}

/// Fills the list: two of three tasks are due within a year around today, about a third of these at a time
/// of day, half are done, and one of ten stands under another one. Returns how many are due today.
async fn fill(sql: &Client, user: &str) -> i64 {
    let statement = format!(
        "INSERT INTO todo (user_id, number, title, description, completed, completed_at,
                           due_date, due_time, due_zone, due_at, parent)
            SELECT '{user}', n, 'Task number ' || n || ' of the benches',
                CASE WHEN n % 3 = 0 THEN repeat('more words about it, ', 10) END,
                n % 2 = 0, CASE WHEN n % 2 = 0 THEN now() END,
                day, hour, CASE WHEN day IS NOT NULL THEN 'UTC' END, (day + hour) AT TIME ZONE 'UTC',
                CASE WHEN n % 10 = 1 AND n > 1 THEN n - 1 END
            FROM generate_series(1, {TASKS}) AS n,
                LATERAL (SELECT CASE WHEN n % 3 <> 0 THEN current_date - 182 + n % 365 END AS day) AS days,
                LATERAL (SELECT CASE WHEN day IS NOT NULL AND n % 7 < 2 THEN time '09:00' END AS hour) AS hours;
         ANALYZE todo"
    );
    sql.batch_execute(&statement).await.expect("statements that are good");
    let count = "SELECT count(*) FROM todo WHERE user_id = $1::text::uuid AND due_date = current_date";
    sql.query_one(count, &[&user]).await.expect("a number").get(0)
}
