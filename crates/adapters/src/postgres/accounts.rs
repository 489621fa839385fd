//! The account store on Postgres.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::{
    pg::Pg,
    prelude::*,
    sql_types::{Bool, Integer, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{
    account::{Email, User, UserId, UserName, UserWithPassword},
    account_limits::AccountUsage,
    caller::Caller,
    linked_identity::Provider,
    password::PasswordHash,
    ports::{AccountChange, AccountStore, NewAccount, StoreError},
    session::NewSession,
    time_zone::{TimeZone, WeekStart},
};
use uuid::Uuid;

use super::{
    Database, account_limits,
    caller_token_validity::{self, for_caller, token_is_good},
    conversations::deletion::{DELETE_TIMEOUT, delete_locked},
    error::DatabaseError,
    insert_session::insert_session,
    prepared_statement::sql,
    schema::{conversation, user},
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
    time_zone: String,
    week_start: String,
    email_confirmed_at: Option<DateTime<Utc>>,
    avatar_url: Option<String>,
    oauth_provider: Option<String>,
    has_password: bool,
}

impl UserRow {
    pub(super) fn user(self) -> Result<User, DatabaseError> {
        Ok(self.with_password()?.user)
    }

    fn with_password(self) -> Result<UserWithPassword, DatabaseError> {
        let broken = |_error| DatabaseError::Inconsistent("a stored user breaks the rules of users");
        let user = User {
            id: UserId(self.id),
            email: Email::from_stored(self.email),
            name: UserName::parse(self.name.as_deref().unwrap_or_default()).map_err(broken)?,
            token_version: self.token_version,
            time_zone: TimeZone::parse(&self.time_zone).unwrap_or(TimeZone::UTC),
            week_start: WeekStart::parse(&self.week_start).unwrap_or_default(),
            is_email_confirmed: self.email_confirmed_at.is_some(),
            has_password: self.has_password,
            provider: self.oauth_provider.as_deref().and_then(Provider::from_name),
            avatar_url: self.avatar_url,
            created_at: self.created_at,
        };
        Ok(UserWithPassword { user, hash: PasswordHash::new(self.password_hash) })
    }
}

#[async_trait]
impl AccountStore for Database {
    async fn insert(&self, account: &NewAccount, session: &NewSession) -> Result<Option<User>, StoreError> {
        let user = self.transaction(AfterUnknownCommit::Retry, async |mut connection| {
            diesel::insert_into(user::table)
                .values((
                    user::id.eq(account.id.0),
                    user::email.eq(account.email.as_str()),
                    user::password_hash.eq(account.password_hash.expose()),
                    user::name.eq(account.name.as_ref().map(UserName::as_str)),
                    user::time_zone.eq(account.time_zone.name()),
                ))
                .on_conflict_do_nothing()
                .execute(&mut connection)
                .await?;
            // The id is new: a row that has it is this very one, perhaps inserted by an attempt
            // whose answer was lost.
            let inserted = user::table.find(account.id.0).select(UserRow::as_select());
            let row = inserted.first(&mut connection).await.optional()?;
            let user = row.map(UserRow::user).transpose()?;
            if let Some(user) = &user {
                insert_session(connection, user.id, session).await?;
            }
            Ok(user)
        });
        Ok(user.await?)
    }

    async fn find_by_email(&self, email: &Email) -> Result<Option<UserWithPassword>, StoreError> {
        self.read(async |mut connection| {
            let query = user::table.filter(user::email.eq(email.as_str())).select(UserRow::as_select());
            query.first(&mut connection).await.optional()?.map(UserRow::with_password).transpose()
        })
        .await
    }

    async fn find(&self, caller: Caller) -> Result<User, StoreError> {
        Ok(self.find_with_password(caller).await?.user)
    }

    async fn find_with_password(&self, caller: Caller) -> Result<UserWithPassword, StoreError> {
        self.read(async |mut connection| {
            let query = caller_token_validity::row(caller).select(UserRow::as_select());
            let row = query.first(&mut connection).await.optional()?;
            row.ok_or(DatabaseError::UnknownCaller)?.with_password()
        })
        .await
    }

    async fn update(&self, caller: Caller, change: &AccountChange) -> Result<User, StoreError> {
        let AccountChange { name, time_zone, week_start } = change;
        let changed = self.transaction(AfterUnknownCommit::Retry, async |mut connection| {
            let statement = sql::<Integer>(concat!(
                r#"WITH caller AS (SELECT $1::uuid AS id WHERE "#,
                token_is_good!(),
                r#") UPDATE "user" SET name = CASE WHEN $4 THEN $5 ELSE name END,
                    time_zone = coalesce($6, time_zone), week_start = coalesce($7, week_start)
                FROM caller WHERE "user".id = caller.id"#
            ));
            let changed =
                caller_token_validity::bind(statement.bind::<SqlUuid, _>(caller.user.0), Some(caller))
                    .bind::<Bool, _>(name.is_some())
                    .bind::<Nullable<Text>, _>(name.as_ref().and_then(Option::as_ref).map(UserName::as_str))
                    .bind::<Nullable<Text>, _>(time_zone.map(TimeZone::name))
                    .bind::<Nullable<Text>, _>(week_start.map(WeekStart::as_str));
            if changed.execute(&mut connection).await? == 0 {
                return Err(DatabaseError::UnknownCaller);
            }
            let row = user::table.find(caller.user.0).select(UserRow::as_select());
            row.first(&mut connection).await?.user()
        });
        Ok(changed.await?)
    }

    async fn replace_password_hash(
        &self,
        user: UserId,
        verified: &PasswordHash,
        rehashed: &PasswordHash,
    ) -> Result<(), StoreError> {
        let replaced = self.transaction(AfterUnknownCommit::Retry, async |mut connection| {
            let statement = sql::<Integer>(
                r#"UPDATE "user" SET password_hash = $1 WHERE id = $2 AND password_hash = $3"#,
            );
            let statement = statement
                .bind::<Text, _>(rehashed.expose())
                .bind::<SqlUuid, _>(user.0)
                .bind::<Text, _>(verified.expose());
            statement.execute(&mut connection).await?;
            Ok(())
        });
        Ok(replaced.await?)
    }

    async fn usage(&self, caller: Caller) -> Result<AccountUsage, StoreError> {
        self.read(async |connection| account_limits::usage(connection, caller).await).await
    }

    async fn delete(&self, caller: Caller) -> Result<(), StoreError> {
        let after = AfterUnknownCommit::Report;
        let deleted = self.transaction_within(DELETE_TIMEOUT, after, async |connection| {
            // Before the account itself, as turns do that change the list: they lock their conversation
            // first.
            let own = conversation::table.filter(conversation::user_id.eq(caller.user.0));
            let query = own.select((conversation::id, conversation::last_seq)).for_update();
            let locked = for_caller(connection, caller, query.load(&mut &*connection)).await?;
            delete_locked(connection, locked).await?;
            let is_caller = user::id.eq(caller.user.0).and(user::token_version.eq(caller.token_version));
            let deletion = diesel::delete(user::table.filter(is_caller));
            match deletion.execute(&mut &*connection).await? {
                0 => Err(DatabaseError::UnknownCaller),
                _ => Ok(()),
            }
        });
        Ok(deleted.await?)
    }
}
