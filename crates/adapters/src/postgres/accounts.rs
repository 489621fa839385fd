//! Accounts.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::{
    Queryable,
    sql_types::{Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    account::{Caller, Email, User, UserId, UserName},
    ports::{AccountStore, NewAccount, StoreError},
};
use uuid::Uuid;

use super::{Database, error::DatabaseError, sql::sql, transaction::AfterUnknownCommit};

pub(super) type UserColumns = (SqlUuid, Text, Text, Nullable<Text>, Integer, Timestamptz);

#[derive(Queryable)]
pub(super) struct UserRow {
    id: Uuid,
    email: String,
    password_hash: String,
    name: Option<String>,
    token_version: i32,
    created_at: DateTime<Utc>,
}

impl UserRow {
    pub(super) fn user(self) -> Result<(User, String), DatabaseError> {
        let broken = |_error| DatabaseError::Inconsistent("a stored user breaks the rules of users");
        let user = User {
            id: UserId(self.id),
            email: Email::parse(&self.email).map_err(broken)?,
            name: UserName::parse(self.name.as_deref().unwrap_or_default()).map_err(broken)?,
            token_version: self.token_version,
            created_at: self.created_at,
        };
        Ok((user, self.password_hash))
    }
}

#[async_trait]
impl AccountStore for Database {
    async fn insert(&self, account: &NewAccount) -> Result<Option<User>, StoreError> {
        // The id is new: a row that has it is this very one, inserted by an attempt whose answer
        // was lost.
        let user = self.transaction(AfterUnknownCommit::Retry, |link| async move {
            let rows: Vec<UserRow> = sql::<UserColumns>(
                r#"WITH added AS (
                       INSERT INTO "user" (id, email, password_hash, name) VALUES ($1, $2, $3, $4)
                       ON CONFLICT DO NOTHING
                       RETURNING *
                   ), present AS (
                       SELECT * FROM added UNION ALL SELECT * FROM "user" WHERE id = $1
                   )
                   SELECT id, email, password_hash, name, token_version, created_at FROM present"#,
            )
            .bind::<SqlUuid, _>(account.id.0)
            .bind::<Text, _>(account.email.as_str())
            .bind::<Text, _>(account.password_hash.as_str())
            .bind::<Nullable<Text>, _>(account.name.as_ref().map(UserName::as_str))
            .load(&mut &*link)
            .await?;
            let user = rows.into_iter().next().map(UserRow::user).transpose()?;
            Ok((link, user.map(|(user, _hash)| user)))
        });
        Ok(user.await?)
    }

    async fn find_by_email(&self, email: &Email) -> Result<Option<(User, String)>, StoreError> {
        self.read(|link| async move {
            let rows: Vec<UserRow> = sql::<UserColumns>(
                r#"SELECT id, email, password_hash, name, token_version, created_at FROM "user" WHERE email = $1"#,
            )
            .bind::<Text, _>(email.as_str())
            .load(&mut &*link)
            .await?;
            let user = rows.into_iter().next().map(UserRow::user).transpose()?;
            Ok((link, user))
        })
        .await
    }

    async fn find(&self, caller: Caller) -> Result<(User, String), StoreError> {
        self.read(|link| async move {
            let rows: Vec<UserRow> = sql::<UserColumns>(
                r#"SELECT id, email, password_hash, name, token_version, created_at
                   FROM "user" WHERE id = $1 AND token_version = $2"#,
            )
            .bind::<SqlUuid, _>(caller.user.0)
            .bind::<Integer, _>(caller.token_version)
            .load(&mut &*link)
            .await?;
            let user = rows.into_iter().next().ok_or(DatabaseError::UnknownCaller)?.user()?;
            Ok((link, user))
        })
        .await
    }

    async fn delete(&self, caller: Caller) -> Result<(), StoreError> {
        let deleted = self.transaction(AfterUnknownCommit::Report, |link| async move {
            let deleted = sql::<Integer>(r#"DELETE FROM "user" WHERE id = $1 AND token_version = $2"#)
                .bind::<SqlUuid, _>(caller.user.0)
                .bind::<Integer, _>(caller.token_version)
                .execute(&mut &*link)
                .await?;
            if deleted == 0 { Err(DatabaseError::UnknownCaller) } else { Ok((link, ())) }
        });
        Ok(deleted.await?)
    }
}
