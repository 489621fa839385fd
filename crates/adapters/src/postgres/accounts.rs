//! Accounts.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::{pg::Pg, prelude::*};
use diesel_async::RunQueryDsl;
use domain::{
    account::{Caller, Email, User, UserId, UserName},
    limits::AccountUsage,
    ports::{AccountStore, NewAccount, StoreError},
};
use uuid::Uuid;

use super::{
    Database,
    caller::{self, for_caller},
    error::DatabaseError,
    limits,
    schema::user,
    transaction::AfterUnknownCommit,
};

/// A row of `user`.
#[derive(Queryable, Selectable)]
#[diesel(table_name = user, check_for_backend(Pg))]
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
            email: Email::from_stored(self.email),
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
        let user = self.transaction(AfterUnknownCommit::Retry, async |mut connection| {
            diesel::insert_into(user::table)
                .values((
                    user::id.eq(account.id.0),
                    user::email.eq(account.email.as_str()),
                    user::password_hash.eq(account.password_hash.as_str()),
                    user::name.eq(account.name.as_ref().map(UserName::as_str)),
                ))
                .on_conflict_do_nothing()
                .execute(&mut connection)
                .await?;
            // The id is new: a row that has it is this very one, perhaps inserted by an attempt
            // whose answer was lost.
            let inserted = user::table.find(account.id.0).select(UserRow::as_select());
            let row = inserted.first(&mut connection).await.optional()?;
            Ok(row.map(UserRow::user).transpose()?.map(|(user, _hash)| user))
        });
        Ok(user.await?)
    }

    async fn find_by_email(&self, email: &Email) -> Result<Option<(User, String)>, StoreError> {
        self.read(async |mut connection| {
            let query = user::table.filter(user::email.eq(email.as_str())).select(UserRow::as_select());
            query.first(&mut connection).await.optional()?.map(UserRow::user).transpose()
        })
        .await
    }

    async fn find(&self, caller: Caller) -> Result<(User, String), StoreError> {
        self.read(async |mut connection| {
            let query = caller::row(caller).select(UserRow::as_select());
            query.first(&mut connection).await.optional()?.ok_or(DatabaseError::UnknownCaller)?.user()
        })
        .await
    }

    async fn usage(&self, caller: Caller) -> Result<AccountUsage, StoreError> {
        self.read(async |connection| limits::usage(connection, caller).await).await
    }

    async fn delete(&self, caller: Caller) -> Result<(), StoreError> {
        let deleted = self.transaction(AfterUnknownCommit::Report, async |connection| {
            let is_caller = user::id.eq(caller.user.0).and(user::token_version.eq(caller.token_version));
            let deletion = diesel::delete(user::table.filter(is_caller));
            match for_caller(connection, caller, deletion.execute(&mut &*connection)).await? {
                0 => Err(DatabaseError::UnknownCaller),
                _ => Ok(()),
            }
        });
        Ok(deleted.await?)
    }
}
