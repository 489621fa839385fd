//! The store of personal access tokens on Postgres.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::{
    pg::Pg,
    prelude::*,
    sql_types::{Array, BigInt, Binary, Bool, Integer, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    access_token::{
        AccessToken, AccessTokenId, Audience, MAX_ACCESS_TOKENS, NewAccessToken, Scopes, TokenDays, TokenName,
    },
    account::UserId,
    account_limits::LimitReached,
    caller::{Caller, Grant},
    ports::{AccessTokenStore, StoreError},
    session::SecretHash,
};
use tokio::time::timeout;
use uuid::Uuid;

use super::{
    Database,
    caller_token_validity::{for_caller, lock},
    error::DatabaseError,
    prepared_statement::sql,
    schema::access_token,
    transaction::AfterUnknownCommit,
};

/// How long a request waits until the use of its token is recorded.
const RECORD_USE_TIMEOUT: Duration = Duration::from_millis(500);

/// A row of `access_token`, as its owner sees it.
#[derive(Queryable, Selectable)]
#[diesel(table_name = access_token, check_for_backend(Pg))]
struct TokenRow {
    id: Uuid,
    name: String,
    scopes: Vec<String>,
    created_at: DateTime<Utc>,
    last_used_at: Option<DateTime<Utc>>,
    expires_at: Option<DateTime<Utc>>,
}

impl TokenRow {
    fn token(self) -> Result<AccessToken, DatabaseError> {
        let broken = |_error| DatabaseError::Inconsistent("a stored access token breaks the rules of tokens");
        Ok(AccessToken {
            id: AccessTokenId(self.id),
            name: TokenName::parse(&self.name).map_err(broken)?,
            scopes: scopes(&self.scopes)?,
            created_at: self.created_at,
            last_used_at: self.last_used_at,
            expires_at: self.expires_at,
        })
    }
}

pub(super) fn scopes(names: &[String]) -> Result<Scopes, DatabaseError> {
    let broken = |_error| DatabaseError::Inconsistent("a stored access token has no scope that is known");
    Scopes::parse(names.iter().map(String::as_str)).map_err(broken)
}

#[async_trait]
impl AccessTokenStore for Database {
    async fn create(&self, caller: Caller, new: &NewAccessToken) -> Result<AccessToken, StoreError> {
        // A token whose response was lost would be useless: its secret is shown once.
        let created = self.transaction(AfterUnknownCommit::Report, async |mut connection| {
            // Pipelined: the server runs these in the order sent, so tokens are counted under the account's
            // lock.
            let (known, inserted) = futures::join!(lock(connection, caller), insert(connection, caller, new));
            if !known? {
                return Err(DatabaseError::UnknownCaller);
            }
            if inserted? == 0 {
                return Err(DatabaseError::Limit(LimitReached::AccessTokens(MAX_ACCESS_TOKENS)));
            }
            let row = access_token::table.find(new.id.0).select(TokenRow::as_select());
            row.first(&mut connection).await?.token()
        });
        Ok(created.await?)
    }

    async fn list(&self, caller: Caller) -> Result<Vec<AccessToken>, StoreError> {
        self.read(async |connection| {
            let own = access_token::table
                .filter(access_token::user_id.eq(caller.user.0).and(access_token::grant_id.is_null()))
                .order((access_token::created_at.desc(), access_token::id.desc()))
                .select(TokenRow::as_select());
            let rows = for_caller(connection, caller, own.load(&mut &*connection)).await?;
            rows.into_iter().map(TokenRow::token).collect()
        })
        .await
    }

    async fn revoke(&self, caller: Caller, id: AccessTokenId) -> Result<bool, StoreError> {
        let revoked = self.transaction(AfterUnknownCommit::Retry, async |connection| {
            let is_theirs = access_token::id.eq(id.0).and(access_token::user_id.eq(caller.user.0));
            let is_theirs = is_theirs.and(access_token::grant_id.is_null());
            let deletion = diesel::delete(access_token::table.filter(is_theirs)).execute(&mut &*connection);
            Ok(for_caller(connection, caller, deletion).await? > 0)
        });
        Ok(revoked.await?)
    }

    async fn authenticate(
        &self,
        secret: &SecretHash,
        audience: Audience,
    ) -> Result<Option<Caller>, StoreError> {
        let found = self.read(async |connection| find(connection, secret, audience).await).await?;
        let Some(found) = found else { return Ok(None) };
        let caller = found.caller()?;
        if found.is_use_due {
            // Where nothing can be written, what is there is still read, and is not kept waiting for long.
            let recorded = timeout(RECORD_USE_TIMEOUT, record_use(self, found.id)).await;
            if let Err(error) = recorded.unwrap_or(Err(DatabaseError::TimedOut)) {
                tracing::debug!(error = %error, "the use of an access token was not recorded");
            }
        }
        Ok(Some(caller))
    }
}

/// Inserts a token, if there is room for it, and returns how many that were. Those that have expired make
/// room.
async fn insert(
    mut connection: &AsyncPgConnection,
    caller: Caller,
    new: &NewAccessToken,
) -> QueryResult<usize> {
    sql::<Integer>(
        "WITH forgotten AS (
             DELETE FROM access_token WHERE user_id = $1 AND expires_at <= now()
         )
         INSERT INTO access_token (id, user_id, name, scopes, audience, secret_hash, expires_at)
         SELECT $2, $1, $3, $4, $5, $6, now() + make_interval(days => $7)
         WHERE (SELECT count(*) FROM access_token
                WHERE user_id = $1 AND grant_id IS NULL
                    AND (expires_at IS NULL OR expires_at > now())) < $8",
    )
    .bind::<SqlUuid, _>(caller.user.0)
    .bind::<SqlUuid, _>(new.id.0)
    .bind::<Text, _>(new.name.as_str())
    .bind::<Array<Text>, _>(new.scopes.names())
    .bind::<Text, _>(new.audience.as_str())
    .bind::<Binary, _>(new.secret.0.as_slice())
    .bind::<Nullable<Integer>, _>(new.lifetime.map(TokenDays::days))
    .bind::<BigInt, _>(MAX_ACCESS_TOKENS)
    .execute(&mut connection)
    .await
}

async fn record_use(database: &Database, id: Uuid) -> Result<(), DatabaseError> {
    let recorded = database.transaction(AfterUnknownCommit::Retry, async |mut connection| {
        let used = sql::<Integer>("UPDATE access_token SET last_used_at = now() WHERE id = $1");
        used.bind::<SqlUuid, _>(id).execute(&mut connection).await?;
        Ok(())
    });
    recorded.await
}

/// A good token, found by its secret.
#[derive(Queryable)]
struct Found {
    id: Uuid,
    user: Uuid,
    token_version: i32,
    scopes: Vec<String>,
    /// Whether it is a minute or more that its use was recorded.
    is_use_due: bool,
}

impl Found {
    fn caller(&self) -> Result<Caller, DatabaseError> {
        let grant = Some(Grant::AccessToken(AccessTokenId(self.id), scopes(&self.scopes)?));
        Ok(Caller { user: UserId(self.user), token_version: self.token_version, grant })
    }
}

async fn find(
    mut connection: &AsyncPgConnection,
    secret: &SecretHash,
    audience: Audience,
) -> Result<Option<Found>, DatabaseError> {
    let statement = sql::<(SqlUuid, SqlUuid, Integer, Array<Text>, Bool)>(
        r#"SELECT access_token.id, owner.id, owner.token_version, scopes,
               coalesce(last_used_at <= now() - interval '1 minute', true)
           FROM access_token JOIN "user" AS owner ON owner.id = user_id
           WHERE secret_hash = $1 AND audience = $2 AND (expires_at IS NULL OR expires_at > now())"#,
    )
    .bind::<Binary, _>(secret.0.as_slice())
    .bind::<Text, _>(audience.as_str());
    let rows: Vec<Found> = statement.load(&mut connection).await?;
    Ok(rows.into_iter().next())
}
