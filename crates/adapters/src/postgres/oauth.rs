//! The OAuth store on Postgres: programs that people connect, and what they let them do.

mod tokens;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::{
    pg::Pg,
    prelude::*,
    sql_types::{Array, Binary, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    caller::Caller,
    oauth::{
        CODE_SECONDS, Client, ClientName, CodeExchange, ConnectedClient, GrantId, MAX_GRANTS,
        MAX_UNUSED_CLIENTS, NewClient, NewGrant, Refresh, Revocation, TokenOutcome, UNUSED_CLIENT_HOURS,
        USED_CLIENT_DAYS,
    },
    ports::{OAuthStore, StoreError},
};
use uuid::Uuid;

use super::{
    Database,
    access_tokens::scopes,
    caller_token_validity::{for_caller, lock},
    error::DatabaseError,
    prepared_statement::sql,
    schema::{oauth_client, oauth_grant},
    transaction::AfterUnknownCommit,
};

/// How many expired rows are deleted along with a new one.
const FORGOTTEN_AT_ONCE: i32 = 100;

/// A row of `oauth_client`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = oauth_client, check_for_backend(Pg))]
struct ClientRow {
    id: Uuid,
    name: String,
    uri: Option<String>,
    redirect_uris: Vec<String>,
}

#[async_trait]
impl OAuthStore for Database {
    async fn register(&self, new: &NewClient) -> Result<(), StoreError> {
        let registered = self.transaction(AfterUnknownCommit::Retry, async |mut connection| {
            sql::<Integer>(
                "WITH beyond AS (
                     DELETE FROM oauth_client WHERE id IN (
                         SELECT id FROM oauth_client WHERE used_at IS NULL ORDER BY created_at DESC OFFSET $1
                     )
                 ), unused AS (
                     DELETE FROM oauth_client WHERE id IN (
                         SELECT id FROM oauth_client
                         WHERE used_at IS NULL AND created_at <= now() - make_interval(hours => $2)
                         LIMIT $3 FOR UPDATE SKIP LOCKED
                     )
                 ), left_behind AS (
                     DELETE FROM oauth_client WHERE id IN (
                         SELECT id FROM oauth_client AS client
                         WHERE used_at <= now() - make_interval(days => $4)
                             AND NOT EXISTS (SELECT FROM oauth_grant WHERE client_id = client.id::text)
                         LIMIT $3 FOR UPDATE SKIP LOCKED
                     )
                 )
                 INSERT INTO oauth_client (id, name, uri, redirect_uris) VALUES ($5, $6, $7, $8)
                 ON CONFLICT (id) DO NOTHING",
            )
            // One more is remembered here.
            .bind::<Integer, _>(MAX_UNUSED_CLIENTS - 1)
            .bind::<Integer, _>(UNUSED_CLIENT_HOURS)
            .bind::<Integer, _>(FORGOTTEN_AT_ONCE)
            .bind::<Integer, _>(USED_CLIENT_DAYS)
            .bind::<SqlUuid, _>(new.id)
            .bind::<Text, _>(new.client.name.as_str())
            .bind::<Nullable<Text>, _>(new.client.uri.as_deref())
            .bind::<Array<Text>, _>(&new.client.redirect_uris)
            .execute(&mut connection)
            .await?;
            Ok(())
        });
        Ok(registered.await?)
    }

    async fn client(&self, id: Uuid) -> Result<Option<Client>, StoreError> {
        self.read(async |mut connection| {
            let row = oauth_client::table.find(id).select(ClientRow::as_select());
            let row: Option<ClientRow> = row.first(&mut connection).await.optional()?;
            row.map(ClientRow::client).transpose()
        })
        .await
    }

    async fn grant(&self, caller: Caller, new: &NewGrant) -> Result<(), StoreError> {
        // A grant whose response was lost would be useless: its code is shown once.
        let granted = self.transaction(AfterUnknownCommit::Report, async |connection| {
            // Pipelined, in the order sent: lock the account first, to serialise with what revokes all
            // access.
            let (known, inserted) = futures::join!(lock(connection, caller), insert(connection, caller, new));
            if !known? {
                return Err(DatabaseError::UnknownCaller);
            }
            inserted?;
            Ok(())
        });
        Ok(granted.await?)
    }

    async fn exchange(&self, exchange: &CodeExchange) -> Result<TokenOutcome, StoreError> {
        let given = self.transaction(AfterUnknownCommit::Retry, async |connection| {
            tokens::exchange(connection, exchange).await
        });
        Ok(given.await?)
    }

    async fn refresh(&self, refresh: &Refresh) -> Result<TokenOutcome, StoreError> {
        let given = self.transaction(AfterUnknownCommit::Retry, async |connection| {
            tokens::refresh(connection, refresh).await
        });
        Ok(given.await?)
    }

    async fn revoke_token(&self, client_id: &str, token: &Revocation) -> Result<(), StoreError> {
        let ended = self.transaction(AfterUnknownCommit::Retry, async |connection| {
            Ok(tokens::revoke_token(connection, client_id, token).await?)
        });
        Ok(ended.await?)
    }

    async fn connected(&self, caller: Caller) -> Result<Vec<ConnectedClient>, StoreError> {
        self.read(async |connection| {
            let rows = for_caller(connection, caller, connected(connection, caller)).await?;
            rows.into_iter().map(ConnectedRow::connected_client).collect()
        })
        .await
    }

    async fn disconnect(&self, caller: Caller, id: GrantId) -> Result<bool, StoreError> {
        let ended = self.transaction(AfterUnknownCommit::Retry, async |connection| {
            let is_theirs = oauth_grant::id.eq(id.0).and(oauth_grant::user_id.eq(caller.user.0));
            let deletion = diesel::delete(oauth_grant::table.filter(is_theirs)).execute(&mut &*connection);
            Ok(for_caller(connection, caller, deletion).await? > 0)
        });
        Ok(ended.await?)
    }
}

impl ClientRow {
    fn client(self) -> Result<Client, DatabaseError> {
        Ok(Client {
            id: self.id.to_string(),
            name: name(&self.name)?,
            uri: self.uri,
            redirect_uris: self.redirect_uris,
        })
    }
}

fn name(stored: &str) -> Result<ClientName, DatabaseError> {
    ClientName::read(stored).ok_or(DatabaseError::Inconsistent("a stored program has no name"))
}

/// Inserts a grant. The account's grants beyond the most that there may be go, the one that was used least
/// lately first and those whose codes are still on their way last, and anybody's that are over. The program
/// was let in, so it is remembered.
async fn insert(
    mut connection: &AsyncPgConnection,
    caller: Caller,
    new: &NewGrant,
) -> Result<(), DatabaseError> {
    sql::<Integer>(
        "WITH over AS (
             DELETE FROM oauth_grant WHERE id IN (
                 SELECT id FROM oauth_grant WHERE expires_at <= now()
                 ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
             )
         ), beyond AS (
             DELETE FROM oauth_grant WHERE id IN (
                 SELECT id FROM oauth_grant WHERE user_id = $2 AND expires_at > now()
                 ORDER BY secret_hash IS NULL DESC, expires_at DESC, id DESC OFFSET $3
             )
         ), used AS (
             UPDATE oauth_client SET used_at = now() WHERE id = $4
         )
         INSERT INTO oauth_grant (user_id, id, token_version, client_id, client_name, client_uri, scopes,
                                  code_hash, redirect_uri, code_challenge, expires_at)
         VALUES ($2, $5, $6, $7, $8, $9, $10, $11, $12, $13, now() + make_interval(secs => $14))",
    )
    .bind::<Integer, _>(FORGOTTEN_AT_ONCE)
    .bind::<SqlUuid, _>(caller.user.0)
    // One more is let in here.
    .bind::<Integer, _>(MAX_GRANTS - 1)
    .bind::<Nullable<SqlUuid>, _>(Uuid::try_parse(&new.client.id).ok())
    .bind::<SqlUuid, _>(new.id.0)
    .bind::<Integer, _>(caller.token_version)
    .bind::<Text, _>(new.client.id.as_str())
    .bind::<Text, _>(new.client.name.as_str())
    .bind::<Nullable<Text>, _>(new.client.uri.as_deref())
    .bind::<Array<Text>, _>(new.scopes.names())
    .bind::<Binary, _>(new.code.0.as_slice())
    .bind::<Text, _>(new.redirect_uri.as_str())
    .bind::<Text, _>(new.code_challenge.as_str())
    .bind::<Integer, _>(CODE_SECONDS)
    .execute(&mut connection)
    .await?;
    Ok(())
}

/// A grant as its owner sees it.
#[derive(Queryable)]
struct ConnectedRow {
    id: Uuid,
    client_name: String,
    client_uri: Option<String>,
    scopes: Vec<String>,
    created_at: DateTime<Utc>,
    last_used_at: DateTime<Utc>,
}

impl ConnectedRow {
    fn connected_client(self) -> Result<ConnectedClient, DatabaseError> {
        Ok(ConnectedClient {
            id: GrantId(self.id),
            client_name: name(&self.client_name)?,
            client_uri: self.client_uri,
            scopes: scopes(&self.scopes)?,
            created_at: self.created_at,
            last_used_at: self.last_used_at,
        })
    }
}

async fn connected(mut connection: &AsyncPgConnection, caller: Caller) -> QueryResult<Vec<ConnectedRow>> {
    sql::<(SqlUuid, Text, Nullable<Text>, Array<Text>, Timestamptz, Timestamptz)>(
        "SELECT id, client_name, client_uri, scopes, created_at,
             greatest(rotated_at, (SELECT max(last_used_at) FROM access_token WHERE grant_id = oauth_grant.id))
         FROM oauth_grant WHERE user_id = $1 AND secret_hash IS NOT NULL AND expires_at > now()
         ORDER BY created_at DESC, id DESC",
    )
    .bind::<SqlUuid, _>(caller.user.0)
    .load(&mut connection)
    .await
}
