//! Personal access tokens in memory.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::{MemoryStore, State};
use crate::{
    access_token::{
        AccessToken, AccessTokenId, Audience, MAX_ACCESS_TOKENS, NewAccessToken, Scopes, TokenDays,
    },
    account::UserId,
    account_limits::LimitReached,
    caller::{Caller, Grant},
    oauth::{GrantId, NewGrant, NewToken, TOKEN_SECONDS},
    ports::{AccessTokenStore, StoreError},
    session::SecretHash,
};

pub(super) struct TokenRow {
    pub(super) user: UserId,
    audience: Audience,
    secret: SecretHash,
    token: AccessToken,
    /// Under which grant the token was given, if by OAuth.
    grant: Option<GrantId>,
}

impl TokenRow {
    /// The row of a token that is given under a grant.
    pub(super) fn of_grant(
        user: UserId,
        grant: &NewGrant,
        new: &NewToken,
        scopes: Scopes,
        now: DateTime<Utc>,
    ) -> Self {
        let token = AccessToken {
            id: new.id,
            name: grant.client.name.token_name(),
            scopes,
            created_at: now,
            last_used_at: None,
            expires_at: Some(now + TimeDelta::seconds(TOKEN_SECONDS.into())),
        };
        let secret = new.secret.clone();
        Self { user, audience: Audience::Mcp, secret, token, grant: Some(grant.id) }
    }

    pub(super) fn id(&self) -> AccessTokenId {
        self.token.id
    }

    pub(super) fn grant(&self) -> Option<GrantId> {
        self.grant
    }

    pub(super) fn is_secret(&self, secret: &SecretHash) -> bool {
        self.secret == *secret
    }

    pub(super) fn last_used_at(&self) -> Option<DateTime<Utc>> {
        self.token.last_used_at
    }

    fn is_personal_of(&self, user: UserId) -> bool {
        self.user == user && self.grant.is_none()
    }

    pub(super) fn is(&self, user: UserId, id: AccessTokenId) -> bool {
        self.user == user && self.token.id == id
    }

    pub(super) fn is_good_at(&self, now: DateTime<Utc>) -> bool {
        self.token.expires_at.is_none_or(|end| end > now)
    }
}

impl State {
    /// What the caller's token is called, when they are a program.
    pub(super) fn program_of(&self, caller: Caller) -> Option<String> {
        let Some(Grant::AccessToken(id, _)) = caller.grant else { return None };
        let row = self.access_tokens.iter().find(|row| row.is(caller.user, id));
        row.map(|row| row.token.name.as_str().to_owned())
    }
}

#[async_trait]
impl AccessTokenStore for MemoryStore {
    async fn create(&self, caller: Caller, new: &NewAccessToken) -> Result<AccessToken, StoreError> {
        let now = self.clock.now();
        let mut state = self.state_for(caller)?;
        state.access_tokens.retain(|row| row.user != caller.user || row.is_good_at(now));
        let good = state.access_tokens.iter().filter(|row| row.is_personal_of(caller.user)).count();
        if i64::try_from(good).is_ok_and(|good| good >= MAX_ACCESS_TOKENS) {
            return Err(StoreError::Limit(LimitReached::AccessTokens(MAX_ACCESS_TOKENS)));
        }
        let lifetime = new.lifetime.map(TokenDays::days).map(|days| TimeDelta::days(days.into()));
        let token = AccessToken {
            id: new.id,
            name: new.name.clone(),
            scopes: new.scopes,
            created_at: now,
            last_used_at: None,
            expires_at: lifetime.map(|lifetime| now + lifetime),
        };
        let row = TokenRow {
            user: caller.user,
            audience: new.audience,
            secret: new.secret.clone(),
            token: token.clone(),
            grant: None,
        };
        state.access_tokens.push(row);
        Ok(token)
    }

    async fn list(&self, caller: Caller) -> Result<Vec<AccessToken>, StoreError> {
        let state = self.state_for(caller)?;
        let own = state.access_tokens.iter().rev().filter(|row| row.is_personal_of(caller.user));
        Ok(own.map(|row| row.token.clone()).collect())
    }

    async fn revoke(&self, caller: Caller, id: AccessTokenId) -> Result<bool, StoreError> {
        let mut state = self.state_for(caller)?;
        let before = state.access_tokens.len();
        state.access_tokens.retain(|row| !(row.is(caller.user, id) && row.is_personal_of(caller.user)));
        Ok(state.access_tokens.len() < before)
    }

    async fn authenticate(
        &self,
        secret: &SecretHash,
        audience: Audience,
    ) -> Result<Option<Caller>, StoreError> {
        let now = self.clock.now();
        let mut state = self.state();
        let is_it =
            |row: &&mut TokenRow| row.secret == *secret && row.audience == audience && row.is_good_at(now);
        let Some(row) = state.access_tokens.iter_mut().find(is_it) else { return Ok(None) };
        let is_recorded = row.token.last_used_at.is_some_and(|at| now - at < TimeDelta::minutes(1));
        if !is_recorded {
            row.token.last_used_at = Some(now);
        }
        let (user, grant) = (row.user, Grant::AccessToken(row.token.id, row.token.scopes));
        let version = state.token_versions.get(&user).copied();
        Ok(version.map(|token_version| Caller { user, token_version, grant: Some(grant) }))
    }
}
