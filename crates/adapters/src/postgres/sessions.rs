//! The session store on Postgres.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::{
    dsl::now,
    prelude::*,
    sql_types::{Binary, Bool, Integer, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::User,
    caller::Caller,
    password::PasswordHash,
    ports::{SessionStore, StoreError},
    session::{NewSession, ROTATION_GRACE_SECONDS, Rotation, SESSION_DAYS, Session, SessionId, UserAgent},
};
use uuid::Uuid;

use super::{
    Database,
    accounts::UserRow,
    caller_token_validity::{for_caller, lock},
    error::DatabaseError,
    insert_session::insert_session,
    prepared_statement::{Statement, sql},
    revocation::{revoke_everything, revoke_sessions_and_access_tokens},
    schema::{session, user},
    transaction::AfterUnknownCommit,
};

#[async_trait]
impl SessionStore for Database {
    async fn open(&self, user: &User, session: &NewSession) -> Result<bool, StoreError> {
        let proven = Caller { user: user.id, token_version: user.token_version, grant: None };
        let opened = self.transaction(AfterUnknownCommit::Retry, async |connection| {
            // Lock the account first, to serialise with password changes.
            let is_known = lock(connection, proven).await?;
            if is_known {
                insert_session(connection, proven.user, session).await?;
            }
            Ok(is_known)
        });
        Ok(opened.await?)
    }

    async fn rotate(&self, rotation: &Rotation) -> Result<Option<User>, StoreError> {
        let user = self.transaction(AfterUnknownCommit::Retry, async |mut connection| {
            let user = match find(connection, rotation).await? {
                None => None,
                Some(PresentedToken { user, is_newest: true, .. }) => {
                    advance(rotation).execute(&mut connection).await?;
                    owner(connection, user).await?
                }
                // A lost answer or a second tab: what follows is the newest one already.
                Some(PresentedToken { user, is_previous: true, .. }) => owner(connection, user).await?,
                Some(PresentedToken { user, .. }) => {
                    tracing::warn!(user.id = %user, "refresh token reused; session revoked");
                    end(connection, rotation.session).await?;
                    None
                }
            };
            Ok(user)
        });
        Ok(user.await?)
    }

    async fn close(&self, session: SessionId) -> Result<(), StoreError> {
        let closed =
            self.transaction(AfterUnknownCommit::Retry, async |connection| end(connection, session).await);
        Ok(closed.await?)
    }

    async fn list(&self, caller: Caller) -> Result<Vec<Session>, StoreError> {
        self.read(async |connection| {
            let own = session::table
                .filter(session::user_id.eq(caller.user.0).and(session::expires_at.gt(now)))
                .order((session::rotated_at.desc(), session::id.desc()))
                .select((session::id, session::user_agent, session::created_at, session::rotated_at));
            let rows: Vec<SessionRow> = for_caller(connection, caller, own.load(&mut &*connection)).await?;
            Ok(rows.into_iter().map(SessionRow::session).collect())
        })
        .await
    }

    async fn end(&self, caller: Caller, id: SessionId) -> Result<bool, StoreError> {
        let ended = self.transaction(AfterUnknownCommit::Retry, async |connection| {
            let own = session::table.filter(session::id.eq(id.0).and(session::user_id.eq(caller.user.0)));
            let deletion = diesel::delete(own).execute(&mut &*connection);
            Ok(for_caller(connection, caller, deletion).await? > 0)
        });
        Ok(ended.await?)
    }

    async fn close_all(&self, caller: Caller) -> Result<(), StoreError> {
        let closed = self.transaction(AfterUnknownCommit::Report, async |connection| {
            let revocation = sql::<Integer>(
                r#"UPDATE "user" SET token_version = token_version + 1 WHERE id = $1 AND token_version = $2"#,
            )
            .bind::<SqlUuid, _>(caller.user.0)
            .bind::<Integer, _>(caller.token_version);
            if for_caller(connection, caller, revocation.execute(&mut &*connection)).await? == 0 {
                return Err(DatabaseError::UnknownCaller);
            }
            Ok(revoke_sessions_and_access_tokens(connection, caller.user).await?)
        });
        Ok(closed.await?)
    }

    async fn change_password(
        &self,
        caller: Caller,
        password_hash: &PasswordHash,
        session: &NewSession,
    ) -> Result<User, StoreError> {
        let user = self.transaction(AfterUnknownCommit::Report, async |connection| {
            let change = sql::<Integer>(
                r#"UPDATE "user" SET token_version = token_version + 1, password_hash = $1, has_password = true
                   WHERE id = $2 AND token_version = $3"#,
            )
            .bind::<Text, _>(password_hash.expose())
            .bind::<SqlUuid, _>(caller.user.0)
            .bind::<Integer, _>(caller.token_version);
            let changed = for_caller(connection, caller, change.execute(&mut &*connection)).await?;
            if changed == 0 {
                return Err(DatabaseError::UnknownCaller);
            }
            revoke_everything(connection, caller.user).await?;
            insert_session(connection, caller.user, session).await?;
            owner(connection, caller.user.0).await?.ok_or(DatabaseError::UnknownCaller)
        });
        Ok(user.await?)
    }
}

/// A session as its owner sees it.
#[derive(Queryable)]
struct SessionRow {
    id: Uuid,
    user_agent: Option<String>,
    created_at: DateTime<Utc>,
    rotated_at: DateTime<Utc>,
}

impl SessionRow {
    fn session(self) -> Session {
        Session {
            id: SessionId(self.id),
            user_agent: self.user_agent.as_deref().and_then(UserAgent::read),
            created_at: self.created_at,
            last_used_at: self.rotated_at,
        }
    }
}

/// What a presented token is to its session.
#[derive(Queryable)]
struct PresentedToken {
    user: Uuid,
    is_newest: bool,
    is_previous: bool,
}

/// Finds and locks the session of a token: of two tabs that refresh at once the second one waits
/// and then finds its token to be the previous one.
async fn find(
    mut connection: &AsyncPgConnection,
    rotation: &Rotation,
) -> Result<Option<PresentedToken>, DatabaseError> {
    let rows = sql::<(SqlUuid, Bool, Bool)>(
        "SELECT user_id, secret_hash = $1,
                coalesce(previous_hash = $1 AND rotated_at > now() - make_interval(secs => $2), false)
         FROM session WHERE id = $3 AND expires_at > now() FOR UPDATE",
    )
    .bind::<Binary, _>(rotation.presented.0.as_slice())
    .bind::<Integer, _>(ROTATION_GRACE_SECONDS)
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
    row.map(UserRow::user).transpose()
}
