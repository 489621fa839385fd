//! Sessions.

use async_trait::async_trait;
use diesel::{
    prelude::*,
    sql_types::{Binary, Bool, Integer, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::{Caller, User, UserId},
    ports::{SessionStore, StoreError},
    session::{MAX_SESSIONS, REUSE_SECONDS, Rotation, SESSION_DAYS, SecretHash, SessionId},
};
use uuid::Uuid;

use super::{
    Database,
    accounts::UserRow,
    caller::for_caller,
    error::DatabaseError,
    prepared_statement::{Statement, sql},
    schema::{session, user},
    transaction::AfterUnknownCommit,
};

#[async_trait]
impl SessionStore for Database {
    async fn open(&self, user: UserId, session: SessionId, secret: &SecretHash) -> Result<(), StoreError> {
        let opened = self.transaction(AfterUnknownCommit::Retry, async |mut connection| {
            sql::<Integer>(
                "WITH beyond AS (
                     SELECT id FROM session WHERE user_id = $1 ORDER BY expires_at DESC, id DESC OFFSET $2
                 ), ended AS (
                     DELETE FROM session
                     WHERE user_id = $1 AND (expires_at <= now() OR id IN (SELECT id FROM beyond))
                 )
                 INSERT INTO session (id, user_id, secret_hash, expires_at)
                 VALUES ($3, $1, $4, now() + make_interval(days => $5))
                 ON CONFLICT (id) DO NOTHING",
            )
            .bind::<SqlUuid, _>(user.0)
            // One more is opened here.
            .bind::<Integer, _>(MAX_SESSIONS - 1)
            .bind::<SqlUuid, _>(session.0)
            .bind::<Binary, _>(secret.0.as_slice())
            .bind::<Integer, _>(SESSION_DAYS)
            .execute(&mut connection)
            .await?;
            Ok(())
        });
        Ok(opened.await?)
    }

    async fn rotate(&self, rotation: &Rotation) -> Result<Option<User>, StoreError> {
        let user = self.transaction(AfterUnknownCommit::Retry, async |mut connection| {
            let user = match find(connection, rotation).await? {
                None => None,
                Some(Presented { user, is_newest: true, .. }) => {
                    advance(rotation).execute(&mut connection).await?;
                    owner(connection, user).await?
                }
                // A lost answer or a second tab: what follows is the newest one already.
                Some(Presented { user, is_previous: true, .. }) => owner(connection, user).await?,
                Some(Presented { user, .. }) => {
                    tracing::warn!(user.id = %user, "a refresh token was used twice; its session is over");
                    end(connection, rotation.session).await?;
                    None
                }
            };
            Ok(user)
        });
        Ok(user.await?)
    }

    async fn close(&self, rotation: &Rotation) -> Result<(), StoreError> {
        let closed = self.transaction(AfterUnknownCommit::Retry, async |connection| {
            let presented = find(connection, rotation).await?;
            if presented.is_some_and(|presented| presented.is_newest || presented.is_previous) {
                end(connection, rotation.session).await?;
            }
            Ok(())
        });
        Ok(closed.await?)
    }

    async fn close_all(&self, caller: Caller) -> Result<(), StoreError> {
        let closed = self.transaction(AfterUnknownCommit::Report, async |connection| {
            let revocation = sql::<Integer>(
                r#"WITH revoked AS (
                       UPDATE "user" SET token_version = token_version + 1
                       WHERE id = $1 AND token_version = $2 RETURNING id
                   ), ended AS (
                       DELETE FROM session USING revoked WHERE user_id = revoked.id
                   )
                   SELECT 1 FROM revoked"#,
            )
            .bind::<SqlUuid, _>(caller.user.0)
            .bind::<Integer, _>(caller.token_version);
            let rows: Vec<i32> = for_caller(connection, caller, revocation.load(&mut &*connection)).await?;
            if rows.is_empty() { Err(DatabaseError::UnknownCaller) } else { Ok(()) }
        });
        Ok(closed.await?)
    }

    async fn change_password(&self, caller: Caller, password_hash: &str) -> Result<User, StoreError> {
        let user = self.transaction(AfterUnknownCommit::Report, async |mut connection| {
            let change = sql::<Integer>(
                r#"UPDATE "user" SET token_version = token_version + 1, password_hash = $1
                   WHERE id = $2 AND token_version = $3"#,
            )
            .bind::<Text, _>(password_hash)
            .bind::<SqlUuid, _>(caller.user.0)
            .bind::<Integer, _>(caller.token_version);
            let changed = for_caller(connection, caller, change.execute(&mut &*connection)).await?;
            if changed == 0 {
                return Err(DatabaseError::UnknownCaller);
            }
            let sessions = session::table.filter(session::user_id.eq(caller.user.0));
            diesel::delete(sessions).execute(&mut connection).await?;
            owner(connection, caller.user.0).await?.ok_or(DatabaseError::UnknownCaller)
        });
        Ok(user.await?)
    }
}

/// What a presented token is to its session.
#[derive(Queryable)]
struct Presented {
    user: Uuid,
    is_newest: bool,
    is_previous: bool,
}

/// Finds and locks the session of a token: of two tabs that refresh at once the second one waits
/// and then finds its token to be the previous one.
async fn find(
    mut connection: &AsyncPgConnection,
    rotation: &Rotation,
) -> Result<Option<Presented>, DatabaseError> {
    let rows = sql::<(SqlUuid, Bool, Bool)>(
        "SELECT user_id, secret_hash = $1,
                coalesce(previous_hash = $1 AND rotated_at > now() - make_interval(secs => $2), false)
         FROM session WHERE id = $3 AND expires_at > now() FOR UPDATE",
    )
    .bind::<Binary, _>(rotation.presented.0.as_slice())
    .bind::<Integer, _>(REUSE_SECONDS)
    .bind::<SqlUuid, _>(rotation.session.0)
    .load(&mut connection)
    .await?;
    Ok(rows.into_iter().next())
}

fn advance(rotation: &Rotation) -> Statement<'_, Integer> {
    sql("UPDATE session
         SET previous_hash = secret_hash, secret_hash = $1, rotated_at = now(),
             expires_at = now() + make_interval(days => $2)
         WHERE id = $3")
    .bind::<Binary, _>(rotation.next.0.as_slice())
    .bind::<Integer, _>(SESSION_DAYS)
    .bind::<SqlUuid, _>(rotation.session.0)
}

async fn end(mut connection: &AsyncPgConnection, session: SessionId) -> Result<(), DatabaseError> {
    diesel::delete(session::table.find(session.0)).execute(&mut connection).await?;
    Ok(())
}

async fn owner(mut connection: &AsyncPgConnection, user: Uuid) -> Result<Option<User>, DatabaseError> {
    let row = user::table.find(user).select(UserRow::as_select()).first(&mut connection).await.optional()?;
    Ok(row.map(UserRow::user).transpose()?.map(|(user, _hash)| user))
}
