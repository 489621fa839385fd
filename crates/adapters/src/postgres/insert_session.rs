//! The session that begins when a person signs in, signs up or sets another password.

use diesel::{
    QueryResult,
    sql_types::{Binary, Integer, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::UserId,
    session::{MAX_SESSIONS, NewSession, SESSION_DAYS, UserAgent},
};

use super::prepared_statement::sql;

/// Inserts a session. Of its user's others those go that have expired, or are too many.
pub(super) async fn insert_session(
    mut connection: &AsyncPgConnection,
    user: UserId,
    session: &NewSession,
) -> QueryResult<()> {
    sql::<Integer>(
        "WITH beyond AS (
             SELECT id FROM session WHERE user_id = $1 ORDER BY expires_at DESC, id DESC OFFSET $2
         ), ended AS (
             DELETE FROM session
             WHERE user_id = $1 AND (expires_at <= now() OR id IN (SELECT id FROM beyond))
         )
         INSERT INTO session (id, user_id, secret_hash, expires_at, user_agent)
         VALUES ($3, $1, $4, now() + make_interval(days => $5), $6)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind::<SqlUuid, _>(user.0)
    // One more is opened here.
    .bind::<Integer, _>(MAX_SESSIONS - 1)
    .bind::<SqlUuid, _>(session.id.0)
    .bind::<Binary, _>(session.secret.0.as_slice())
    .bind::<Integer, _>(SESSION_DAYS)
    .bind::<Nullable<Text>, _>(session.user_agent.as_ref().map(UserAgent::as_str))
    .execute(&mut connection)
    .await
    .map(drop)
}
