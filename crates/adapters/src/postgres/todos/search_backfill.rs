//! The folded words of tasks that an earlier version wrote: filled in when a server starts.

use diesel::{
    prelude::*,
    sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::text_search::fold;
use uuid::Uuid;

use crate::postgres::{prepared_statement::sql, schema::todo};

/// The most tasks that are read at once.
const BATCH: i64 = 1_000;

/// The words of a task, which are not folded yet.
#[derive(Queryable)]
struct Unfolded {
    user: Uuid,
    number: i64,
    title: String,
    description: Option<String>,
}

/// Fills in what is missing and returns of how many tasks that was. May be stopped at any time, and be
/// done by several replicas at once.
pub(in crate::postgres) async fn fill_in(mut connection: &AsyncPgConnection) -> QueryResult<usize> {
    let mut filled = 0;
    loop {
        let rows: Vec<Unfolded> = todo::table
            .filter(todo::title_key.is_null())
            .limit(BATCH)
            .select((todo::user_id, todo::number, todo::title, todo::description))
            .load(&mut connection)
            .await?;
        if rows.is_empty() {
            return Ok(filled);
        }
        let titles: Vec<String> = rows.iter().map(|row| fold(&row.title)).collect();
        let descriptions: Vec<Option<String>> =
            rows.iter().map(|row| row.description.as_deref().map(fold)).collect();
        sql::<BigInt>(
            "UPDATE todo SET title_key = folded.title_key, description_key = folded.description_key
             FROM unnest($1, $2, $3, $4, $5, $6) AS folded(user_id, number, title, description, title_key, description_key)
             WHERE todo.user_id = folded.user_id AND todo.number = folded.number
                 -- Whoever has changed it meanwhile has filled it in.
                 AND todo.title = folded.title AND todo.description IS NOT DISTINCT FROM folded.description",
        )
        .bind::<Array<SqlUuid>, _>(rows.iter().map(|row| row.user).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(rows.iter().map(|row| row.number).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(rows.iter().map(|row| row.title.clone()).collect::<Vec<_>>())
        .bind::<Array<Nullable<Text>>, _>(rows.iter().map(|row| row.description.clone()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(titles)
        .bind::<Array<Nullable<Text>>, _>(descriptions)
        .execute(&mut connection)
        .await?;
        filled += rows.len();
    }
}
