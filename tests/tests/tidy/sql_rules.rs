//! What the SQL in `adapters` may say, as docs/ARCHITECTURE.md promises it: nothing that stays with a session
//! of the database, and changes of a todo list in few places only.

use std::path::PathBuf;

use crate::source_files::{assert_none, files, read, show};

const SOURCES: &str = "crates/adapters/src/postgres";

/// The only files that write the table of tasks: `TodoChange`s and the positions that they shift, undos,
/// imports, and the search keys of tasks from before there were any.
const WRITERS_OF_TODO: [&str; 5] = [
    "account_archive/restore.rs",
    "todos/order_and_parent.rs",
    "todos/search_backfill.rs",
    "todos/undo/statements.rs",
    "todos/write_statements.rs",
];

/// The sources with their code.
fn sources() -> Vec<(PathBuf, String)> {
    let files = files(SOURCES, &["rs"]);
    files.into_iter().map(|file| (file.clone(), code(&read(&file)))).collect()
}

/// A text without its comments, with one space for each gap: SQL goes over many lines.
fn code(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with("//"));
    lines.flat_map(str::split_whitespace).filter(|word| *word != "\\").collect::<Vec<_>>().join(" ")
}

/// A transaction pooler gives each transaction another session: what stays there belongs to somebody else.
#[test]
fn nothing_stays_with_a_session_of_the_database() {
    let sources = sources();
    assert!(sources.iter().any(|(_, code)| code.contains("SET LOCAL statement_timeout")), "they are read");
    assert!(sources.iter().any(|(_, code)| code.contains("pg_advisory_xact_lock(")), "they are read");
    let left = |(file, code): &(PathBuf, String)| {
        let place = left_in_session(code)?;
        Some(format!("{}: {}", file.display(), beginning(&code[place..])))
    };
    assert_none(sources.iter().filter_map(left));
}

#[test]
fn what_stays_with_a_session_is_seen() {
    for text in [
        "sql::<Text>(\"SELECT pg_advisory_lock($1)\")",
        "\"SELECT pg_try_advisory_lock_shared($1)\"",
        "\"SELECT pg_advisory_unlock_all()\"",
        "batch_execute(\"LISTEN turns\")",
        "batch_execute(\"BEGIN; SET statement_timeout = 3000\")",
        "batch_execute(\"BEGIN; \\\n     SET SESSION lock_timeout = 1\")",
        "batch_execute(\n    \"SET lock_timeout = 1\",\n)",
        "r#\"SET search_path TO todo\"#",
        "\"SELECT set_config('lock_timeout', '1', false)\"",
        "\"RESET ALL\"",
        "\"CREATE TEMPORARY TABLE gone (id bigint)\"",
    ] {
        assert!(left_in_session(&code(text)).is_some(), "{text}");
    }
    for text in [
        "\"BEGIN; SET LOCAL lock_timeout = 3000; SELECT pg_advisory_xact_lock($1)\"",
        "\"UPDATE turn\n    SET step = step + 1\"",
        "r#\"UPDATE \"user\" SET name = 'x'\"#",
        "\"… ON CONFLICT (id) DO UPDATE SET name = excluded.name\"",
        "// SELECT pg_advisory_lock(1)",
    ] {
        assert_eq!(left_in_session(&code(text)), None, "{text}");
    }
}

/// Where code asks for what outlives the transaction, if it does.
fn left_in_session(code: &str) -> Option<usize> {
    let locks = code.match_indices("advisory_").filter(|(at, word)| {
        let rest = &code[at + word.len()..];
        !rest.starts_with("xact_")
    });
    let statements = ["SET ", "RESET ", "LISTEN ", "DISCARD ", "PREPARE ", "CREATE TEMP"].into_iter();
    let statements = statements.flat_map(|word| code.match_indices(word));
    let statements =
        statements.filter(|(at, _)| begins_statement(&code[..*at]) && !code[*at..].starts_with("SET LOCAL "));
    let settings = code.match_indices("set_config(");
    locks.chain(statements).chain(settings).map(|(at, _)| at).min()
}

/// Whether a statement begins behind this: a text does, or one ended. A name in quotes is no beginning.
fn begins_statement(before: &str) -> bool {
    let before = before.trim_end();
    let opened = before.strip_suffix('"').map(|code| code.chars().next_back());
    before.ends_with(';') || opened.is_some_and(|last| !last.is_some_and(|c| c.is_alphanumeric()))
}

#[test]
fn tasks_are_written_in_few_places() {
    let writers: Vec<_> = sources().into_iter().filter(|(_, code)| writes_todo(code)).collect();
    let is_allowed = |file: &PathBuf| WRITERS_OF_TODO.iter().any(|name| file.ends_with(name));
    assert_none(writers.iter().filter(|(file, _)| !is_allowed(file)).map(|(file, _)| show(file)));
    // One that writes no more is no exception any more.
    assert_eq!(writers.len(), WRITERS_OF_TODO.len(), "{writers:?}");
    let elsewhere = files("crates", &["rs"]).into_iter().filter(|file| {
        let is_product =
            !file.starts_with(SOURCES) && file.components().all(|part| part.as_os_str() != "tests");
        is_product && writes_todo(&code(&read(file)))
    });
    assert_none(elsewhere.map(show));
}

#[test]
fn a_place_that_writes_tasks_is_seen() {
    for text in [
        "\"INSERT INTO todo (user_id) VALUES ($1)\"",
        "\"WITH gone AS (\n   DELETE FROM todo\n   WHERE number = $1)\"",
        "\"UPDATE todo AS task SET title = $1\"",
        "\"MERGE INTO todo USING given\"",
        "diesel::insert_into(todo::table)",
        "diesel::delete(\n    todo::table.find(key))",
        "let gone = todo::table.filter(old); diesel::delete(gone)",
        "insert_rows!(\n    \"todo\",\n    user_id)",
    ] {
        assert!(writes_todo(&code(text)), "{text}");
    }
    for text in [
        "\"INSERT INTO todo_change (user_id) VALUES ($1)\"",
        "\"SELECT number FROM todo FOR UPDATE OF todo\"",
        "diesel::insert_into(todo_batch::table)",
        "todo::table.filter(old).load(connection); diesel::delete(session::table.find(id))",
        "let gone = session::table.filter(old); diesel::delete(gone)",
    ] {
        assert!(!writes_todo(&code(text)), "{text}");
    }
}

/// Whether code writes the table of tasks, as SQL text or with the query builder.
fn writes_todo(code: &str) -> bool {
    let by_text = ["INSERT INTO todo", "UPDATE todo", "DELETE FROM todo", "MERGE INTO todo", "COPY todo"];
    let by_text = by_text.into_iter().flat_map(|words| code.match_indices(words));
    let by_text = by_text.map(|(at, words)| &code[at + words.len()..]).any(|rest| !is_in_name(rest));
    let by_builder = ["insert_into(", "diesel::delete(", "diesel::update("].into_iter();
    let mut by_builder = by_builder.flat_map(|call| code.match_indices(call)).map(|(at, call)| {
        let argument = code[at + call.len()..].trim_start();
        let (name, rest) =
            argument.split_at(argument.find(|c: char| !is_of_name(c)).unwrap_or(argument.len()));
        match rest.starts_with("::") {
            true => name == "todo",
            // What a variable stands for is not looked for.
            false => names_table_of_tasks(code),
        }
    });
    by_text || by_builder.any(|writes| writes) || code.contains("insert_rows!( \"todo\",")
}

fn names_table_of_tasks(code: &str) -> bool {
    code.match_indices("todo::table").any(|(at, _)| !code[..at].ends_with(is_of_name))
}

fn is_in_name(rest: &str) -> bool {
    rest.starts_with(is_of_name)
}

fn is_of_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn beginning(code: &str) -> String {
    code.chars().take(60).collect()
}
