//! Checks the rows themselves, which no client sees.

use super::super::{Operation, OperationRecord, PrivatePostgres};

/// What must yield no row, and what it means when it does.
const NEVER: [(&str, &str); 5] = [
    ("SELECT id FROM turn WHERE state = 'running'", "a turn is still running"),
    (
        "SELECT id FROM conversation WHERE last_seq <> coalesce(
             (SELECT max(seq) FROM message WHERE conversation_id = conversation.id), 0)",
        "a conversation does not know its newest message",
    ),
    (
        "SELECT turn_id FROM message GROUP BY conversation_id, turn_id
         HAVING max(seq) - min(seq) > (SELECT count(*) FROM message AS other
             WHERE other.turn_id = message.turn_id) - 1
            AND EXISTS (SELECT FROM message AS other WHERE other.conversation_id = message.conversation_id
                AND other.turn_id <> message.turn_id AND other.seq BETWEEN min(message.seq) AND max(message.seq))",
        "a turn is in two pieces",
    ),
    (
        "SELECT call->>'id' FROM message AS asked, jsonb_array_elements(asked.tool_calls) AS call
         WHERE (SELECT count(*) FROM message AS told WHERE told.turn_id = asked.turn_id
                AND told.tool_call_id = call->>'id' AND told.seq > asked.seq) <> 1",
        "a call has not exactly one result",
    ),
    (
        "SELECT told.tool_call_id FROM message AS told WHERE told.role = 'tool' AND NOT EXISTS (
             SELECT FROM message AS asked, jsonb_array_elements(asked.tool_calls) AS call
             WHERE asked.turn_id = told.turn_id AND call->>'id' = told.tool_call_id)",
        "a result has no call",
    ),
];

/// The titles that were added more than once: how often, and how often that was undone.
const ADDED: &str = "SELECT after->>'title', count(*), count(undone_by) FROM todo_change WHERE before IS NULL
     GROUP BY user_id, after->>'title' HAVING count(*) > 1";

/// Returns what is wrong in the database.
///
/// # Panics
/// When it cannot be asked.
pub async fn violations(postgres: &PrivatePostgres, records: &[OperationRecord]) -> Vec<String> {
    let mut found = Vec::new();
    for row in postgres.query(ADDED).await.expect("a query of our own") {
        let count = |cell: &str| cell.parse::<usize>().unwrap_or(usize::MAX);
        let (title, added, undone) = (&row[0], count(&row[1]), count(&row[2]));
        if added > 1 + other_answers(title, records) || added - undone > 1 {
            found.push(format!("a task was added twice: {title}, {added} times, and undone {undone} times"));
        }
    }
    for (query, meaning) in NEVER {
        let rows = postgres.query(query).await.expect("a query of our own");
        found.extend(rows.into_iter().map(|row| format!("{meaning}: {}", row.join(", "))));
    }
    found
}

/// How often an answer was asked for that does again what was undone for it: it may add this task once more.
fn other_answers(title: &str, records: &[OperationRecord]) -> usize {
    let adds_again = |record: &&OperationRecord| {
        matches!(record.operation, Operation::Regenerate { .. })
            && record.operation.adds().iter().any(|added| added == title)
    };
    records.iter().filter(adds_again).count()
}
