//! The store of one-time links on Postgres: to set another password, and to confirm an address.

use async_trait::async_trait;
use diesel::{
    dsl::{exists, now},
    prelude::*,
    select,
    sql_types::{BigInt, Binary, Bool, Integer, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::{Email, User, UserId},
    caller::Caller,
    one_time_token::{IssueOutcome, MAIL_WINDOW_MINUTES, MAX_MAILS, NewOneTimeToken, TokenPurpose},
    password::PasswordHash,
    ports::{OneTimeTokenStore, StoreError},
    session::SecretHash,
};
use uuid::Uuid;

use super::{
    Database,
    accounts::UserRow,
    caller_token_validity::for_caller,
    prepared_statement::sql,
    revocation::revoke_everything,
    schema::{calendar, one_time_token, user},
    transaction::AfterUnknownCommit,
};

#[async_trait]
impl OneTimeTokenStore for Database {
    async fn issue(&self, email: &Email, token: &NewOneTimeToken) -> Result<IssueOutcome, StoreError> {
        // When it is unknown whether the link was stored, it is not handed out; the next one will do.
        let issued = self.transaction(AfterUnknownCommit::Report, async |mut connection| {
            let owner = user::table.filter(user::email.eq(email.as_str()));
            let owner = owner.select((user::id, user::email_confirmed_at.is_not_null())).for_update();
            // Locked, so that of two at once the second one counts the first.
            let found: Option<(Uuid, bool)> = owner.first(&mut connection).await.optional()?;
            match found {
                Some((user, is_confirmed)) if !(is_confirmed && confirms(token)) => {
                    let is_kept = insert(connection, user, token).await? > 0;
                    Ok(if is_kept { IssueOutcome::Issued } else { IssueOutcome::RateLimited })
                }
                _ => Ok(IssueOutcome::NotNeeded),
            }
        });
        Ok(issued.await?)
    }

    async fn may_reset_password(&self, secret: &SecretHash) -> Result<bool, StoreError> {
        self.read(async |mut connection| {
            let good = one_time_token::table
                .filter(one_time_token::secret_hash.eq(secret.0.as_slice()))
                .filter(one_time_token::purpose.eq(TokenPurpose::ResetPassword.as_str()))
                .filter(one_time_token::expires_at.gt(now));
            Ok(select(exists(good)).get_result(&mut connection).await?)
        })
        .await
    }

    async fn reset_password(
        &self,
        secret: &SecretHash,
        password_hash: &PasswordHash,
    ) -> Result<Option<Email>, StoreError> {
        let reset = self.transaction(AfterUnknownCommit::Report, async |mut connection| {
            let statement = sql::<(SqlUuid, Text, Bool)>(
                r#"WITH used AS (
                       DELETE FROM one_time_token
                       WHERE secret_hash = $1 AND purpose = $2 AND expires_at > now()
                       RETURNING user_id, by_mail
                   )
                   UPDATE "user"
                   SET token_version = token_version + 1, password_hash = $3, has_password = true,
                       email_confirmed_at = CASE WHEN used.by_mail
                           THEN coalesce(email_confirmed_at, now()) ELSE email_confirmed_at END
                   FROM used WHERE "user".id = used.user_id
                   RETURNING "user".id, "user".email,
                       used.by_mail AND email_confirmed_at IS NOT DISTINCT FROM now()"#,
            )
            .bind::<Binary, _>(secret.0.as_slice())
            .bind::<Text, _>(TokenPurpose::ResetPassword.as_str())
            .bind::<Text, _>(password_hash.expose());
            let rows: Vec<Reset> = statement.load(&mut connection).await?;
            let Some(Reset { user, email, is_newly_confirmed }) = rows.into_iter().next() else {
                return Ok(None);
            };
            if is_newly_confirmed {
                // A statement of its own: one that waited for the lock would not see the calendar that was
                // turned on meanwhile.
                let unshared = calendar::table.filter(calendar::user_id.eq(user));
                diesel::delete(unshared).execute(&mut connection).await?;
            }
            revoke_everything(connection, UserId(user)).await?;
            Ok(Some(Email::from_stored(email)))
        });
        Ok(reset.await?)
    }

    async fn confirm_email(&self, caller: Caller, secret: &SecretHash) -> Result<Option<User>, StoreError> {
        let confirmed = self.transaction(AfterUnknownCommit::Retry, async |mut connection| {
            let statement = sql::<Integer>(
                r#"WITH used AS (
                       DELETE FROM one_time_token
                       WHERE secret_hash = $1 AND purpose = $2 AND user_id = $3 AND expires_at > now()
                       RETURNING user_id
                   )
                   UPDATE "user" SET email_confirmed_at = coalesce(email_confirmed_at, now())
                   FROM used WHERE "user".id = used.user_id"#,
            )
            .bind::<Binary, _>(secret.0.as_slice())
            .bind::<Text, _>(TokenPurpose::ConfirmEmail.as_str())
            .bind::<SqlUuid, _>(caller.user.0);
            for_caller(connection, caller, statement.execute(&mut &*connection)).await?;
            let row = user::table.find(caller.user.0).select(UserRow::as_select());
            let user = row.first(&mut connection).await?.user()?;
            Ok(Some(user).filter(|user| user.is_email_confirmed))
        });
        Ok(confirmed.await?)
    }
}

/// An account whose password was set anew by a link.
#[derive(Queryable)]
struct Reset {
    user: Uuid,
    email: String,
    /// The link has shown that mail reaches its owner, which nobody had shown before.
    is_newly_confirmed: bool,
}

fn confirms(token: &NewOneTimeToken) -> bool {
    token.purpose == TokenPurpose::ConfirmEmail
}

/// Inserts a link, unless the account was sent enough of them, and returns how many that were. Those
/// that have expired are forgotten once they are too old to be counted.
async fn insert(
    mut connection: &AsyncPgConnection,
    user: Uuid,
    token: &NewOneTimeToken,
) -> QueryResult<usize> {
    sql::<Integer>(
        "WITH forgotten AS (
             DELETE FROM one_time_token WHERE user_id = $1 AND expires_at <= now()
                 AND created_at <= now() - make_interval(mins => $2)
         )
         INSERT INTO one_time_token (secret_hash, user_id, purpose, by_mail, expires_at)
         SELECT $3, $1, $4, $5, now() + make_interval(mins => $6)
         WHERE NOT $5 OR (SELECT count(*) FROM one_time_token
                          WHERE user_id = $1 AND purpose = $4 AND by_mail
                              AND created_at > now() - make_interval(mins => $2)) < $7",
    )
    .bind::<SqlUuid, _>(user)
    .bind::<Integer, _>(MAIL_WINDOW_MINUTES)
    .bind::<Binary, _>(token.secret.0.as_slice())
    .bind::<Text, _>(token.purpose.as_str())
    .bind::<Bool, _>(token.by_mail)
    .bind::<Integer, _>(token.purpose.minutes())
    .bind::<BigInt, _>(MAX_MAILS)
    .execute(&mut connection)
    .await
}
