//! The cost of a page of a list as the list grows: more pages must not make one page cost more.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use tokio_postgres::{Client, NoTls};

use crate::{
    api_client::{self, Person},
    report::{line, ms},
    server::Server,
    stats::Durations,
};

const TASKS: [i32; 5] = [10, 1_000, 20_000, 50_000, 100_000];
const CONVERSATIONS: [i32; 3] = [1, 100, 10_000];
const ROUNDS: usize = 30;
/// Nothing listens there: nobody talks here.
const NO_MODEL: &str = "http://127.0.0.1:1/v1";

pub(crate) async fn measure(binary: &Path, database: &str) {
    let server = Server::ready(binary, database, NO_MODEL);
    let person = Person::register(&api_client::client(), &server).await;
    let (sql, connection) = tokio_postgres::connect(database, NoTls).await.expect("a connection");
    tokio::spawn(connection);
    for count in TASKS {
        fill_tasks(&sql, &person.id, count).await;
        let page = median(&person, "/tasks?limit=50").await;
        // No task has it: all are looked at.
        let search = median(&person, "/tasks?limit=50&search=zebra").await;
        line(
            &format!("of {count} tasks: 50, a search that finds none"),
            format!("{}, {}", ms(page), ms(search)),
        );
    }
    let plan = "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT number FROM todo
                WHERE user_id = $1::text::uuid AND (strpos(lower(title), lower('zebra')) > 0
                    OR strpos(lower(description), lower('zebra')) > 0)
                ORDER BY number DESC LIMIT 51";
    for row in sql.query(plan, &[&person.id]).await.expect("a plan") {
        line("", row.get::<_, String>(0));
    }
    for count in CONVERSATIONS {
        fill_conversations(&sql, &person.id, count).await;
        let page = median(&person, "/conversations").await;
        line(&format!("of {count} conversations: 20"), ms(page));
    }
}

async fn median(person: &Person, path: &str) -> Duration {
    let mut took = Vec::new();
    for _ in 0..ROUNDS {
        let started_at = Instant::now();
        person.get(path).await;
        took.push(started_at.elapsed());
    }
    Durations::new(took).median()
}

/// Adds tasks until there are `count`: every third one with a description.
async fn fill_tasks(sql: &Client, user: &str, count: i32) {
    let statement = format!(
        "INSERT INTO todo (user_id, number, title, description)
            SELECT '{user}', n, 'Task number ' || n || ' of the benches',
                CASE WHEN n % 3 = 0 THEN repeat('more words about it, ', 10) END
            FROM generate_series(1, {count}) AS n
            ON CONFLICT DO NOTHING;
         ANALYZE todo"
    );
    sql.batch_execute(&statement).await.expect("statements that are good");
}

async fn fill_conversations(sql: &Client, user: &str, count: i32) {
    let statement = format!(
        "INSERT INTO conversation (id, user_id, title, updated_at)
            SELECT gen_random_uuid(), '{user}', 'Conversation ' || n, now() - n * interval '1 minute'
            FROM generate_series((SELECT count(*) + 1 FROM conversation WHERE user_id = '{user}'), {count}) AS n;
         ANALYZE conversation"
    );
    sql.batch_execute(&statement).await.expect("statements that are good");
}
