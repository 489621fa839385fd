//! What ends when a password is changed.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::account::UserId;

use super::schema::{access_token, one_time_token, session};

/// Ends whatever gives access to the account of a user whose row is locked and whose token version was
/// raised: sessions, personal access tokens, and links that are good once.
pub(super) async fn revoke_everything(mut connection: &AsyncPgConnection, user: UserId) -> QueryResult<()> {
    let sessions = session::table.filter(session::user_id.eq(user.0));
    diesel::delete(sessions).execute(&mut connection).await?;
    let links = one_time_token::table.filter(one_time_token::user_id.eq(user.0));
    diesel::delete(links).execute(&mut connection).await?;
    revoke_access_tokens(connection, user).await
}

/// Ends all personal access tokens of a user whose row is locked. A statement of its own: one that waited
/// for the lock would not see the token that was made meanwhile.
pub(super) async fn revoke_access_tokens(
    mut connection: &AsyncPgConnection,
    user: UserId,
) -> QueryResult<()> {
    let tokens = access_token::table.filter(access_token::user_id.eq(user.0));
    diesel::delete(tokens).execute(&mut connection).await.map(drop)
}
