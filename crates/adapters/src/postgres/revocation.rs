//! Revokes sessions and tokens when a password is changed.

use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::account::UserId;

use super::schema::{access_token, oauth_grant, one_time_token, session};

/// Ends whatever gives access to the account of a user whose row is locked and whose token version was
/// raised: sessions, tokens of programs, and links that are good once.
pub(super) async fn revoke_everything(mut connection: &AsyncPgConnection, user: UserId) -> QueryResult<()> {
    let links = one_time_token::table.filter(one_time_token::user_id.eq(user.0));
    diesel::delete(links).execute(&mut connection).await?;
    revoke_sessions_and_access_tokens(connection, user).await
}

/// Ends all sessions of a user whose row is locked, and all access of programs to their account: personal
/// access tokens, and what was granted by OAuth, with its tokens. Statements of their own: one that waited
/// for the lock would not see the session or the token that was made meanwhile.
pub(super) async fn revoke_sessions_and_access_tokens(
    mut connection: &AsyncPgConnection,
    user: UserId,
) -> QueryResult<()> {
    let sessions = session::table.filter(session::user_id.eq(user.0));
    diesel::delete(sessions).execute(&mut connection).await?;
    let grants = oauth_grant::table.filter(oauth_grant::user_id.eq(user.0));
    diesel::delete(grants).execute(&mut connection).await?;
    let tokens = access_token::table.filter(access_token::user_id.eq(user.0));
    diesel::delete(tokens).execute(&mut connection).await.map(drop)
}
