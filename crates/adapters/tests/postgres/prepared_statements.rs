//! Statements that change something are prepared once per connection: to prepare one anew is a round trip,
//! and the database parses and plans it again.

use domain::testing::contract;

use crate::postgres::fresh_database::{caller, database, execute, texts};

/// Notes each statement that writes a table, when its session has first run it, and whether the session had
/// to prepare it again since.
const NOTE_STATEMENTS: &str = "
    CREATE TABLE noted (session integer, statement text, first_at timestamptz, runs integer,
                        is_prepared_again boolean);
    CREATE UNIQUE INDEX one_of_session ON noted (session, md5(statement));
    CREATE FUNCTION note_statement() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO noted VALUES (pg_backend_pid(), current_query(), clock_timestamp(), 1, false)
        ON CONFLICT (session, md5(statement)) DO UPDATE SET runs = noted.runs + 1,
            is_prepared_again = noted.is_prepared_again OR NOT EXISTS (
                SELECT FROM pg_prepared_statements AS prepared
                WHERE prepared.statement = noted.statement AND prepare_time <= noted.first_at);
        RETURN NULL;
    END $$;
    DO $$ DECLARE written regclass; BEGIN
        FOR written IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
            AND relname NOT IN ('noted', '__diesel_schema_migrations')
        LOOP
            EXECUTE format('CREATE TRIGGER note_statement AFTER INSERT OR UPDATE OR DELETE ON %s
                            EXECUTE FUNCTION note_statement()', written);
        END LOOP;
    END $$";

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_changes_something_is_prepared_once_per_connection() {
    let (database, name) = database().await;
    execute(&name, NOTE_STATEMENTS).await;
    let two = async || (caller(&database).await, caller(&database).await);
    let (a, b) = two().await;
    contract::todo_store(&database, a, b).await;
    let (a, b) = two().await;
    contract::turn_store(&database, a, b).await;
    let (a, b) = two().await;
    contract::conversation_store(&database, a, b).await;
    let (a, b) = two().await;
    contract::approval_store(&database, a, b).await;
    let (a, b) = two().await;
    contract::mcp_call_approvals(&database, a, b).await;
    let (a, b) = two().await;
    contract::calendar_store(&database, a, b).await;
    let (a, b) = two().await;
    contract::access_token_store(&database, a, b).await;
    let (a, b) = two().await;
    contract::oauth_store(&database, a, b).await;
    let (a, b) = two().await;
    contract::undo_store(&database, a, b).await;
    let (a, b) = two().await;
    contract::change_log(&database, a, b).await;
    let (a, b) = two().await;
    contract::mcp_call_store(&database, a, b).await;
    contract::sign_in(&database).await;
    let repeated = "SELECT DISTINCT statement FROM noted WHERE runs > 1";
    assert!(texts(&name, repeated).await.len() > 50, "the statements are noted");
    let prepared_again = "SELECT DISTINCT statement FROM noted WHERE is_prepared_again";
    assert_eq!(texts(&name, prepared_again).await, [""; 0]);
}
