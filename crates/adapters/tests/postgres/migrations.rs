//! Migrations: at once from several processes, back and forth, in one piece, and as `schema.rs` has
//! them.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::postgres::fresh_database::{caller, connect, database, empty, execute, session};

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_start_at_once_migrate_once() {
    let name = empty().await;
    let replicas: Vec<_> = (0..4).map(|_| connect(&name)).collect();
    let applied = futures::future::join_all(replicas.iter().map(|replica| replica.migrate())).await;
    let applied: Vec<usize> = applied.into_iter().map(Result::unwrap).collect();
    assert_eq!(applied.iter().filter(|count| **count > 0).count(), 1, "{applied:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_that_start_at_once_on_an_older_schema_bring_it_up_to_date_once() {
    let (_, name) = database().await;
    execute(
        &name,
        "DROP TABLE session; DELETE FROM __diesel_schema_migrations WHERE version = '20261120000001'",
    )
    .await;
    let replicas: Vec<_> = (0..4).map(|_| connect(&name)).collect();
    let applied = futures::future::join_all(replicas.iter().map(|replica| replica.migrate())).await;
    let mut applied: Vec<usize> = applied.into_iter().map(Result::unwrap).collect();
    applied.sort_unstable();
    assert_eq!(applied, [0, 0, 0, 1]);
    assert_eq!(rows(&name, "SELECT FROM information_schema.tables WHERE table_name = 'session'").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_fails_leaves_the_schema_as_it_was() {
    let name = empty().await;
    execute(&name, "CREATE TABLE message (in_the_way integer)").await;
    connect(&name).migrate().await.unwrap_err();
    let tables = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'";
    assert_eq!(rows(&name, tables).await, 1);
    execute(&name, "DROP TABLE message").await;
    assert!(connect(&name).migrate().await.unwrap() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_gives_way_while_somebody_holds_its_table() {
    gives_way("2026-11-30-000015_approvals_stand_for_themselves", "approval").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_builds_an_index_gives_way_while_somebody_holds_its_table() {
    gives_way("2026-11-30-000019_message_search_vector", "message").await;
}

/// A transaction that stands still is ended after ten seconds, and one that works is not.
#[tokio::test(flavor = "multi_thread")]
async fn a_statement_of_a_migration_takes_as_long_as_it_takes() {
    let (_, name) = database().await;
    take_back(&name, "2026-11-30-000019_message_search_vector").await;
    // As an index over a big table.
    execute(
        &name,
        "CREATE FUNCTION sleep() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(11); END $$;
         CREATE EVENT TRIGGER slow ON ddl_command_start WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION sleep()",
    )
    .await;
    let started_at = Instant::now();
    assert_eq!(connect(&name).migrate().await.unwrap(), 1);
    assert!(started_at.elapsed() > Duration::from_secs(11), "{:?}", started_at.elapsed());
}

async fn take_back(name: &str, migration: &str) {
    execute(name, &std::fs::read_to_string(format!("../../migrations/{migration}/down.sql")).unwrap()).await;
    let version = migration.split('_').next().unwrap().replace('-', "");
    execute(name, &format!("DELETE FROM __diesel_schema_migrations WHERE version = '{version}'")).await;
}

/// Applies a migration once more while another session holds the table that it changes.
async fn gives_way(migration: &str, table: &str) {
    let (_, name) = database().await;
    take_back(&name, migration).await;
    // As a dump does, and any long transaction.
    let (reader, connection) = session(&name).await;
    reader.batch_execute(&format!("BEGIN; SELECT count(*) FROM {table}")).await.unwrap();
    let migrating = tokio::spawn({
        let replica = connect(&name);
        async move { replica.migrate().await }
    });
    let until = Instant::now() + Duration::from_secs(6);
    let mut reads = 0;
    while Instant::now() < until {
        // What an older replica asks meanwhile has three seconds.
        execute(&name, &format!("SET statement_timeout = '3s'; SELECT count(*) FROM {table}")).await;
        reads += 1;
        sleep(Duration::from_millis(50)).await;
    }
    assert!(reads > 10, "{reads} reads");
    assert!(!migrating.is_finished(), "it waits");
    reader.batch_execute("COMMIT").await.unwrap();
    assert_eq!(migrating.await.unwrap().unwrap(), 1);
    drop(reader);
    connection.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_of_an_earlier_version_are_made_searchable() {
    let (database, name) = database().await;
    let caller = caller(&database).await;
    execute(
        &name,
        &format!(
            "INSERT INTO todo (user_id, number, title, description)
             SELECT '{}', number, 'Caf\u{e9} ' || number, CASE WHEN number % 2 = 0 THEN 'Stra\u{df}e' END
             FROM generate_series(1, 2500) AS number",
            caller.user
        ),
    )
    .await;
    assert_eq!(connect(&name).migrate().await.unwrap(), 0);
    let filled = "SELECT FROM todo WHERE title_key LIKE 'cafe %'
                  AND description_key IS NOT DISTINCT FROM CASE WHEN number % 2 = 0 THEN 'strasse' END";
    assert_eq!(rows(&name, filled).await, 2500);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_down_undoes_its_up() {
    let (_, name) = database().await;
    let mut folders: Vec<_> =
        std::fs::read_dir("../../migrations").unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    for folder in folders.iter().rev() {
        execute(&name, &std::fs::read_to_string(folder.join("down.sql")).unwrap()).await;
    }
    let left = "SELECT table_name FROM information_schema.tables
                WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_diesel%'";
    assert_eq!(rows(&name, left).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_migrated_tables_are_those_of_schema_rs() {
    let (_, name) = database().await;
    let query = "SELECT table_name, column_name, udt_name, is_nullable FROM information_schema.columns
                 WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_diesel%'
                 ORDER BY table_name, ordinal_position";
    let mut migrated = Vec::new();
    for message in execute(&name, query).await {
        if let tokio_postgres::SimpleQueryMessage::Row(row) = message {
            let [table, column, kind, nullable] = [0, 1, 2, 3].map(|index| row.get(index).unwrap());
            let kind = if nullable == "YES" { format!("Nullable<{kind}>") } else { kind.to_owned() };
            migrated.push(format!("{table}.{column} -> {kind}"));
        }
    }
    assert!(migrated.len() > 50, "{migrated:?}");
    let mut declared = declared_columns(include_str!("../../src/postgres/schema.rs"));
    // By table, and in a table as declared.
    declared.sort_by_key(|column| column.split('.').next().unwrap().to_owned());
    assert_eq!(declared, migrated);
}

/// The columns that `table!` declares, as `table.column -> type` with Postgres' own names of types.
fn declared_columns(source: &str) -> Vec<String> {
    let mut table = "";
    let mut sql_name = None;
    let mut columns = Vec::new();
    for line in source.lines().map(str::trim) {
        if let Some((name, _key)) = line.strip_suffix(") {").and_then(|line| line.split_once(" (")) {
            table = name;
        } else if let Some(name) = line.strip_prefix("#[sql_name = \"") {
            sql_name = name.strip_suffix("\"]");
        } else if let Some((column, kind)) = line.trim_end_matches(',').split_once(" -> ")
            && !line.starts_with("diesel::")
        {
            let column = sql_name.take().unwrap_or(column);
            columns.push(format!(
                "{table}.{column} -> {}",
                kind.to_lowercase()
                    .replace("nullable", "Nullable")
                    .replace("array<text>", "_text")
                    .replace("array<int8>", "_int8")
            ));
        }
    }
    columns
}

async fn rows(database: &str, query: &str) -> usize {
    let messages = execute(database, query).await;
    messages.iter().filter(|message| matches!(message, tokio_postgres::SimpleQueryMessage::Row(_))).count()
}
