//! Whether a caller's token is still good: checked in the round trip that does the work, on every
//! replica, so that a revoked token ends at once.

use std::future::Future;

use diesel::{
    dsl::{exists, now},
    pg::Pg,
    prelude::*,
    sql_types::{Integer, Nullable, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::caller::{Caller, Grant};
use uuid::Uuid;

use super::{
    error::DatabaseError,
    prepared_statement::{Statement, sql},
    schema::{access_token, session, user},
};

/// The SQL that says whether the token of the user of `$1` is good, whose version and grant are bound by
/// [`bind`] to `$2` and `$3`: it is the newest version, and the session that it was issued in, if it names
/// one, has not ended; the personal access token that it is, is not revoked and has not expired. Who comes
/// without a token is let through. It names no column of the statement around it, so Postgres evaluates it
/// once and not for each row.
macro_rules! token_is_good {
    () => {
        r#"(SELECT true FROM "user" AS owner
             WHERE owner.id = $1 AND owner.token_version = coalesce($2, owner.token_version)
                 AND ($3 IS NULL
                     OR EXISTS (SELECT FROM session WHERE id = $3 AND session.user_id = $1)
                     OR EXISTS (SELECT FROM access_token WHERE id = $3 AND access_token.user_id = $1
                                AND (expires_at IS NULL OR expires_at > now()))))"#
    };
}
pub(super) use token_is_good;

/// Binds the next two placeholders to the version and the grant of a token, or to none.
pub(super) fn bind<'a, Row>(statement: Statement<'a, Row>, caller: Option<Caller>) -> Statement<'a, Row> {
    statement
        .bind::<Nullable<Integer>, _>(caller.map(|caller| caller.token_version))
        .bind::<Nullable<SqlUuid>, _>(caller.and_then(|caller| caller.grant).map(Grant::id))
}

/// The row of a caller whose token is good.
pub(super) fn row(caller: Caller) -> user::BoxedQuery<'static, Pg> {
    let is_caller = user::id.eq(caller.user.0).and(user::token_version.eq(caller.token_version));
    let row = user::table.filter(is_caller).into_boxed();
    match caller.grant {
        None => row,
        Some(Grant::Session(id)) => {
            let is_open = session::id.eq(id.0).and(session::user_id.eq(caller.user.0));
            row.filter(exists(session::table.filter(is_open)))
        }
        Some(Grant::AccessToken(id, _)) => {
            let is_theirs = access_token::id.eq(id.0).and(access_token::user_id.eq(caller.user.0));
            let is_current = access_token::expires_at.is_null().or(access_token::expires_at.gt(now));
            row.filter(exists(access_token::table.filter(is_theirs).filter(is_current)))
        }
    }
}

/// Runs `query` and, in the same round trip, checks that the caller's token is still good.
pub(super) async fn for_caller<T, E>(
    connection: &AsyncPgConnection,
    caller: Caller,
    query: impl Future<Output = Result<T, E>>,
) -> Result<T, DatabaseError>
where
    DatabaseError: From<E>,
{
    let (known, outcome) = futures::join!(is_known(connection, caller), query);
    if !known? {
        return Err(DatabaseError::UnknownCaller);
    }
    Ok(outcome?)
}

/// Whether the caller's token is still good.
pub(super) async fn is_known(mut connection: &AsyncPgConnection, caller: Caller) -> QueryResult<bool> {
    let known = row(caller).select(user::id).first::<Uuid>(&mut connection).await;
    Ok(known.optional()?.is_some())
}

/// Whether the caller's token is good. If it is, their account is locked until the transaction ends:
/// what ends all tokens waits, and so does whatever else is made that gives access.
pub(super) async fn lock(mut connection: &AsyncPgConnection, caller: Caller) -> QueryResult<bool> {
    // The version once more, on the row itself: it is read again when the lock had to be waited for.
    let statement = sql::<Integer>(concat!(
        r#"SELECT 1 FROM "user" WHERE "user".id = $1 AND "#,
        token_is_good!(),
        r#" AND "user".token_version = coalesce($2, "user".token_version) FOR UPDATE"#
    ))
    .bind::<SqlUuid, _>(caller.user.0);
    let rows: Vec<i32> = bind(statement, Some(caller)).load(&mut connection).await?;
    Ok(!rows.is_empty())
}
