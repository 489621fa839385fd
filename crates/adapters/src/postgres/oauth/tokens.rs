//! Codes, refresh tokens and access tokens of grants.

use diesel::{
    dsl::exists,
    prelude::*,
    sql_types::{Array, Binary, Bool, Integer, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    access_token::{Audience, Scopes},
    oauth::{
        CodeExchange, GRANT_DAYS, GrantId, MAX_TOKENS_OF_GRANT, NewToken, Refresh, Revocation, TOKEN_SECONDS,
        TokenOutcome,
    },
    session::ROTATION_GRACE_SECONDS,
};
use uuid::Uuid;

use crate::postgres::{
    access_tokens::scopes,
    error::DatabaseError,
    prepared_statement::sql,
    schema::{access_token, oauth_grant},
};

/// A grant whose row is locked: of two that present the same at once, the second one sees what the first
/// one did.
#[derive(Queryable)]
struct Locked {
    user: Uuid,
    client_name: String,
    scopes: Vec<String>,
    /// The user's tokens are of the version that they had when they let the program in.
    is_of_version: bool,
    /// What was presented is what is to be presented next.
    is_next: bool,
    /// It was presented before, and not long ago.
    is_repeated: bool,
    /// It is the grant's, and presented by the program that it was made for.
    is_own: bool,
}

/// The columns of [`Locked`] in SQL.
type LockedColumns = (SqlUuid, Text, Array<Text>, Bool, Bool, Bool, Bool);

/// Takes a code. `is_repeated` is what a transaction finds that is run again because nobody knows whether it
/// was committed.
pub(super) async fn exchange(
    mut connection: &AsyncPgConnection,
    exchange: &CodeExchange,
) -> Result<TokenOutcome, DatabaseError> {
    let statement = sql::<LockedColumns>(
        r#"SELECT user_id, client_name, scopes, oauth_grant.token_version = owner.token_version,
               secret_hash IS NULL, coalesce(secret_hash = $1, false),
               client_id = $2 AND redirect_uri = coalesce($3, redirect_uri) AND code_challenge = $4
           FROM oauth_grant JOIN "user" AS owner ON owner.id = user_id
           WHERE oauth_grant.id = $5 AND code_hash = $6 AND expires_at > now() FOR UPDATE OF oauth_grant"#,
    )
    .bind::<Binary, _>(exchange.first.0.as_slice())
    .bind::<Text, _>(exchange.client_id.as_str())
    .bind::<Nullable<Text>, _>(exchange.redirect_uri.as_deref())
    .bind::<Text, _>(exchange.code_challenge.as_str())
    .bind::<SqlUuid, _>(exchange.grant.0)
    .bind::<Binary, _>(exchange.code.0.as_slice());
    let rows: Vec<Locked> = statement.load(&mut connection).await?;
    let Some(grant) = rows.into_iter().next() else { return Ok(TokenOutcome::Refused) };
    if !grant.is_of_version || !grant.is_own || !(grant.is_next || grant.is_repeated) {
        tracing::warn!(user.id = %grant.user, "authorization code reused or stolen; grant revoked");
        return end(connection, exchange.grant).await;
    }
    if grant.is_next {
        rotate(connection, exchange.grant, exchange.first.0.as_slice()).await?;
    }
    give(connection, exchange.grant, &grant, (&exchange.token, None)).await
}

/// Takes a refresh token.
pub(super) async fn refresh(
    mut connection: &AsyncPgConnection,
    refresh: &Refresh,
) -> Result<TokenOutcome, DatabaseError> {
    let statement = sql::<LockedColumns>(
        r#"SELECT user_id, client_name, scopes, oauth_grant.token_version = owner.token_version,
               secret_hash = $1,
               coalesce(previous_hash = $1 AND rotated_at > now() - make_interval(secs => $2), false),
               client_id = $3
           FROM oauth_grant JOIN "user" AS owner ON owner.id = user_id
           WHERE oauth_grant.id = $4 AND secret_hash IS NOT NULL AND expires_at > now()
           FOR UPDATE OF oauth_grant"#,
    )
    .bind::<Binary, _>(refresh.presented.0.as_slice())
    .bind::<Integer, _>(ROTATION_GRACE_SECONDS)
    .bind::<Text, _>(refresh.client_id.as_str())
    .bind::<SqlUuid, _>(refresh.grant.0);
    let rows: Vec<Locked> = statement.load(&mut connection).await?;
    let Some(grant) = rows.into_iter().next().filter(|grant| grant.is_own) else {
        return Ok(TokenOutcome::Refused);
    };
    if !grant.is_of_version || !(grant.is_next || grant.is_repeated) {
        tracing::warn!(user.id = %grant.user, "refresh token of a program reused; grant revoked");
        return end(connection, refresh.grant).await;
    }
    if refresh.scopes.is_some_and(|wanted| !scopes(&grant.scopes).is_ok_and(|all| wanted.is_subset_of(all))) {
        return Ok(TokenOutcome::ScopeExceeded);
    }
    if grant.is_next {
        rotate(connection, refresh.grant, refresh.next.0.as_slice()).await?;
    }
    give(connection, refresh.grant, &grant, (&refresh.token, refresh.scopes)).await
}

/// Ends what a program gives back, if it is its own.
pub(super) async fn revoke_token(
    mut connection: &AsyncPgConnection,
    client_id: &str,
    token: &Revocation,
) -> QueryResult<()> {
    let of_client = oauth_grant::table.filter(oauth_grant::client_id.eq(client_id));
    let ended = match token {
        Revocation::Access(secret) => {
            let of_client = of_client.filter(access_token::grant_id.eq(oauth_grant::id.nullable()));
            let presented = access_token::secret_hash.eq(secret.0.as_slice()).and(exists(of_client));
            diesel::delete(access_token::table.filter(presented)).execute(&mut connection).await
        }
        Revocation::Refresh(grant, secret) => {
            let is_its = oauth_grant::secret_hash.eq(secret.0.as_slice());
            let is_its = is_its.or(oauth_grant::previous_hash.eq(secret.0.as_slice()));
            let presented = of_client.filter(oauth_grant::id.eq(grant.0)).filter(is_its);
            diesel::delete(presented).execute(&mut connection).await
        }
    };
    ended.map(drop)
}

/// Ends a grant with its tokens.
async fn end(mut connection: &AsyncPgConnection, grant: GrantId) -> Result<TokenOutcome, DatabaseError> {
    diesel::delete(oauth_grant::table.find(grant.0)).execute(&mut connection).await?;
    Ok(TokenOutcome::Refused)
}

/// Makes this the newest refresh token.
async fn rotate(mut connection: &AsyncPgConnection, grant: GrantId, next: &[u8]) -> QueryResult<()> {
    sql::<Integer>(
        "UPDATE oauth_grant
         SET previous_hash = secret_hash, secret_hash = $1, rotated_at = now(),
             expires_at = now() + make_interval(days => $2)
         WHERE id = $3",
    )
    .bind::<Binary, _>(next)
    .bind::<Integer, _>(GRANT_DAYS)
    .bind::<SqlUuid, _>(grant.0)
    .execute(&mut connection)
    .await
    .map(drop)
}

/// Makes an access token of a grant, perhaps for less than it reaches. Those of it that have expired or are
/// too many go.
async fn give(
    mut connection: &AsyncPgConnection,
    id: GrantId,
    grant: &Locked,
    (token, wanted): (&NewToken, Option<Scopes>),
) -> Result<TokenOutcome, DatabaseError> {
    let scopes = wanted.map_or_else(|| scopes(&grant.scopes), Ok)?;
    sql::<Integer>(
        "WITH forgotten AS (
             DELETE FROM access_token WHERE grant_id = $1 AND (expires_at <= now() OR id IN (
                 SELECT id FROM access_token WHERE grant_id = $1 ORDER BY created_at DESC, id DESC OFFSET $2
             ))
         )
         INSERT INTO access_token (grant_id, id, user_id, name, scopes, audience, secret_hash, expires_at)
         VALUES ($1, $3, $4, $5, $6, $7, $8, now() + make_interval(secs => $9))
         ON CONFLICT (id) DO NOTHING",
    )
    .bind::<SqlUuid, _>(id.0)
    // One more is made here.
    .bind::<Integer, _>(MAX_TOKENS_OF_GRANT - 1)
    .bind::<SqlUuid, _>(token.id.0)
    .bind::<SqlUuid, _>(grant.user)
    .bind::<Text, _>(grant.client_name.as_str())
    .bind::<Array<Text>, _>(scopes.names())
    .bind::<Text, _>(Audience::Mcp.as_str())
    .bind::<Binary, _>(token.secret.0.as_slice())
    .bind::<Integer, _>(TOKEN_SECONDS)
    .execute(&mut connection)
    .await?;
    Ok(TokenOutcome::Issued(scopes))
}
