//! The store of sign-ins with providers on Postgres, and of the accounts that people have there.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use diesel::{
    dsl::{min, now},
    prelude::*,
    sql_types::{Binary, Integer, Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::UserName,
    caller::Caller,
    linked_identity::{Identity, NewSignIn, Profile, Provider, SIGN_IN_MINUTES},
    ports::{IdentityStore, NewAccount, SignInOutcome, StoreError, UnlinkOutcome},
    session::SecretHash,
};
use uuid::Uuid;

use super::{
    Database,
    accounts::UserRow,
    caller_token_validity::{for_caller, lock},
    error::DatabaseError,
    prepared_statement::sql,
    schema::{identity, provider_sign_in, user},
    transaction::AfterUnknownCommit,
};

/// How many abandoned sign-ins are deleted along with another one.
const FORGOTTEN_AT_ONCE: i32 = 100;

#[async_trait]
impl IdentityStore for Database {
    async fn begin(&self, sign_in: &NewSignIn) -> Result<(), StoreError> {
        let begun = self.transaction(AfterUnknownCommit::Retry, async |mut connection| {
            sql::<Integer>(
                "WITH over AS (
                     DELETE FROM provider_sign_in WHERE state_hash IN (
                         SELECT state_hash FROM provider_sign_in WHERE expires_at <= now()
                         ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED
                     )
                 )
                 INSERT INTO provider_sign_in (state_hash, provider, pkce_verifier, expires_at)
                 VALUES ($2, $3, $4, now() + make_interval(mins => $5))
                 ON CONFLICT (state_hash) DO NOTHING",
            )
            .bind::<Integer, _>(FORGOTTEN_AT_ONCE)
            .bind::<Binary, _>(sign_in.state.0.as_slice())
            .bind::<Text, _>(sign_in.provider.as_str())
            .bind::<Text, _>(sign_in.pkce_verifier.as_str())
            .bind::<Integer, _>(SIGN_IN_MINUTES)
            .execute(&mut connection)
            .await?;
            Ok(())
        });
        Ok(begun.await?)
    }

    async fn take(&self, provider: Provider, state: &SecretHash) -> Result<Option<String>, StoreError> {
        // A client that misses the response starts the sign-in again.
        let taken = self.transaction(AfterUnknownCommit::Report, async |mut connection| {
            let begun = provider_sign_in::table
                .find(state.0.as_slice())
                .filter(provider_sign_in::provider.eq(provider.as_str()))
                .filter(provider_sign_in::expires_at.gt(now));
            let taken = diesel::delete(begun).returning(provider_sign_in::pkce_verifier);
            Ok(taken.get_result(&mut connection).await.optional()?)
        });
        Ok(taken.await?)
    }

    async fn sign_in(
        &self,
        provider: Provider,
        profile: &Profile,
        account: Option<&NewAccount>,
    ) -> Result<SignInOutcome, StoreError> {
        let outcome = self.transaction(AfterUnknownCommit::Retry, async |connection| {
            if let Some(known) = owner(connection, provider, profile).await? {
                return Ok(known);
            }
            let Some(account) = account else { return Ok(SignInOutcome::Unverified) };
            insert(connection, provider, profile, account).await?;
            if !link(connection, provider, profile, account).await? {
                return Ok(SignInOutcome::AddressTaken);
            }
            let owner = owner(connection, provider, profile).await?;
            owner.ok_or(DatabaseError::Inconsistent("an identity that was just kept is not there"))
        });
        Ok(outcome.await?)
    }

    async fn linked(&self, caller: Caller) -> Result<Vec<Identity>, StoreError> {
        self.read(async |connection| {
            let own = identity::table
                .filter(identity::user_id.eq(caller.user.0))
                .group_by(identity::provider)
                .order(min(identity::created_at))
                .select((identity::provider, min(identity::created_at).assume_not_null()));
            let rows = for_caller(connection, caller, own.load(&mut &*connection)).await?;
            rows.into_iter().map(linked).collect()
        })
        .await
    }

    async fn unlink(
        &self,
        caller: Caller,
        provider: Provider,
        usable: &[Provider],
    ) -> Result<UnlinkOutcome, StoreError> {
        let outcome = self.transaction(AfterUnknownCommit::Retry, async |mut connection| {
            // Of two providers that are given up at once, the second one sees that the first is gone.
            if !lock(connection, caller).await? {
                return Err(DatabaseError::UnknownCaller);
            }
            let own = identity::table.filter(identity::user_id.eq(caller.user.0));
            let known: Vec<String> = own.select(identity::provider).load(&mut connection).await?;
            if !known.iter().any(|name| name == provider.as_str()) {
                return Ok(UnlinkOutcome::NotLinked);
            }
            let others = usable.iter().filter(|other| **other != provider);
            let has_other =
                others.map(|other| other.as_str()).any(|other| known.iter().any(|name| name == other));
            let account = user::table.find(caller.user.0).select(user::has_password);
            if !has_other && !account.first::<bool>(&mut connection).await? {
                return Ok(UnlinkOutcome::LastSignInMethod);
            }
            let given_up = own.filter(identity::provider.eq(provider.as_str()));
            diesel::delete(given_up).execute(&mut connection).await?;
            Ok(UnlinkOutcome::Unlinked)
        });
        Ok(outcome.await?)
    }
}

fn linked((name, linked_at): (String, DateTime<Utc>)) -> Result<Identity, DatabaseError> {
    let provider = Provider::from_name(&name);
    let provider =
        provider.ok_or(DatabaseError::Inconsistent("an identity is of a provider that is not known"))?;
    Ok(Identity { provider, linked_at })
}

async fn owner(
    mut connection: &AsyncPgConnection,
    provider: Provider,
    profile: &Profile,
) -> Result<Option<SignInOutcome>, DatabaseError> {
    let owner = user::table
        .inner_join(identity::table)
        .filter(identity::provider.eq(provider.as_str()))
        .filter(identity::subject.eq(&profile.subject))
        .select(UserRow::as_select());
    let row: Option<UserRow> = owner.first(&mut connection).await.optional()?;
    let user = row.map(UserRow::user).transpose()?;
    Ok(user.map(|user| SignInOutcome::SignedIn(Box::new(user))))
}

/// Creates the account, unless there is one with its address.
async fn insert(
    mut connection: &AsyncPgConnection,
    provider: Provider,
    profile: &Profile,
    account: &NewAccount,
) -> QueryResult<()> {
    sql::<Integer>(
        r#"INSERT INTO "user" (id, email, password_hash, name, time_zone, avatar_url, oauth_provider,
                               email_confirmed_at, has_password)
           VALUES ($1, $2, $3, $4, $5, $6, $7, now(), false)
           ON CONFLICT DO NOTHING"#,
    )
    .bind::<SqlUuid, _>(account.id.0)
    .bind::<Text, _>(account.email.as_str())
    .bind::<Text, _>(account.password_hash.expose())
    .bind::<Nullable<Text>, _>(account.name.as_ref().map(UserName::as_str))
    .bind::<Text, _>(account.time_zone.name())
    .bind::<Nullable<Text>, _>(profile.avatar_url.as_deref())
    .bind::<Text, _>(provider.as_str())
    .execute(&mut connection)
    .await
    .map(drop)
}

/// Links the person to the account with their address, if it has confirmed it, and returns whether it has.
async fn link(
    mut connection: &AsyncPgConnection,
    provider: Provider,
    profile: &Profile,
    account: &NewAccount,
) -> QueryResult<bool> {
    let confirmed = user::table
        .filter(user::email.eq(account.email.as_str()).and(user::email_confirmed_at.is_not_null()))
        .select(user::id)
        .for_update();
    let Some(id): Option<Uuid> = confirmed.first(&mut connection).await.optional()? else {
        return Ok(false);
    };
    diesel::insert_into(identity::table)
        .values((
            identity::provider.eq(provider.as_str()),
            identity::subject.eq(&profile.subject),
            identity::user_id.eq(id),
        ))
        .on_conflict_do_nothing()
        .execute(&mut connection)
        .await?;
    Ok(true)
}
