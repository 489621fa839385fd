//! Programs that people connect, in memory.

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{MemoryStore, State, access_tokens::TokenRow};
use crate::{
    access_token::Scopes,
    account::UserId,
    caller::Caller,
    oauth::{
        CODE_SECONDS, Client, CodeExchange, ConnectedClient, GRANT_DAYS, GrantId, MAX_GRANTS,
        MAX_TOKENS_OF_GRANT, MAX_UNUSED_CLIENTS, NewClient, NewGrant, NewToken, Refresh, Revocation,
        TokenOutcome, UNUSED_CLIENT_HOURS,
    },
    ports::{OAuthStore, StoreError},
    session::{ROTATION_GRACE_SECONDS, SecretHash},
};

pub(super) struct ClientRow {
    id: Uuid,
    client: Client,
    created_at: DateTime<Utc>,
    is_used: bool,
}

pub(super) struct GrantRow {
    user: UserId,
    token_version: i32,
    grant: NewGrant,
    newest: Option<SecretHash>,
    previous: Option<SecretHash>,
    rotated_at: DateTime<Utc>,
    created_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
}

#[async_trait]
impl OAuthStore for MemoryStore {
    async fn register(&self, client: &NewClient) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut state = self.state();
        let oldest = now - TimeDelta::hours(UNUSED_CLIENT_HOURS.into());
        let mut unused = 0;
        let keeps = |row: &ClientRow| {
            unused += i32::from(!row.is_used);
            row.is_used || (row.created_at > oldest && unused < MAX_UNUSED_CLIENTS)
        };
        let mut newest_first: Vec<_> = std::mem::take(&mut state.oauth_clients);
        newest_first.reverse();
        newest_first.retain(keeps);
        newest_first.reverse();
        state.oauth_clients = newest_first;
        let row = ClientRow { id: client.id, client: client.client.clone(), created_at: now, is_used: false };
        state.oauth_clients.push(row);
        Ok(())
    }

    async fn client(&self, id: Uuid) -> Result<Option<Client>, StoreError> {
        let state = self.state();
        Ok(state.oauth_clients.iter().find(|row| row.id == id).map(|row| row.client.clone()))
    }

    async fn grant(&self, caller: Caller, new: &NewGrant) -> Result<(), StoreError> {
        let now = self.clock.now();
        let mut state = self.state_for(caller)?;
        let is_it = |row: &&mut ClientRow| row.id.to_string() == new.client.id;
        state.oauth_clients.iter_mut().find(is_it).into_iter().for_each(|row| row.is_used = true);
        let is_own = |row: &&GrantRow| row.user == caller.user && row.expires_at > now;
        let mut own: Vec<_> = state.oauth_grants.iter().rev().filter(is_own).collect();
        // First those whose codes are still on their way, then who was used last.
        own.sort_by_key(|row| std::cmp::Reverse((row.newest.is_none(), row.expires_at)));
        let beyond = own.into_iter().skip(usize::try_from(MAX_GRANTS - 1).unwrap_or(0));
        let ended: Vec<_> = beyond.map(|row| row.grant.id).collect();
        let over = state.oauth_grants.iter().filter(|row| row.expires_at <= now).map(|row| row.grant.id);
        for id in ended.into_iter().chain(over.collect::<Vec<_>>()) {
            end(&mut state, id);
        }
        state.oauth_grants.push(GrantRow {
            user: caller.user,
            token_version: caller.token_version,
            grant: new.clone(),
            newest: None,
            previous: None,
            rotated_at: now,
            created_at: now,
            expires_at: now + TimeDelta::seconds(CODE_SECONDS.into()),
        });
        Ok(())
    }

    async fn exchange(&self, exchange: &CodeExchange) -> Result<TokenOutcome, StoreError> {
        let now = self.clock.now();
        let mut state = self.state();
        let Some(place) = find(&state, exchange.grant, now) else { return Ok(TokenOutcome::Refused) };
        let row = &state.oauth_grants[place];
        let asked = &row.grant;
        if asked.code != exchange.code {
            return Ok(TokenOutcome::Refused);
        }
        let is_own = asked.client.id == exchange.client_id
            && exchange.redirect_uri.as_ref().is_none_or(|said| *said == asked.redirect_uri)
            && asked.code_challenge == exchange.code_challenge;
        if !is_own || row.newest.is_some() || !is_of_version(&state, row) {
            return Ok(end(&mut state, exchange.grant));
        }
        let scopes = asked.scopes;
        state.oauth_grants[place].rotate(&exchange.first, now);
        Ok(state.give(place, &exchange.token, scopes, now))
    }

    async fn refresh(&self, refresh: &Refresh) -> Result<TokenOutcome, StoreError> {
        let now = self.clock.now();
        let mut state = self.state();
        let Some(place) = find(&state, refresh.grant, now) else { return Ok(TokenOutcome::Refused) };
        let row = &state.oauth_grants[place];
        if row.newest.is_none() || row.grant.client.id != refresh.client_id {
            return Ok(TokenOutcome::Refused);
        }
        let is_newest = row.newest.as_ref() == Some(&refresh.presented);
        let is_lost = now - row.rotated_at < TimeDelta::seconds(ROTATION_GRACE_SECONDS.into());
        let is_previous = row.previous.as_ref() == Some(&refresh.presented) && is_lost;
        if !is_of_version(&state, row) || !(is_newest || is_previous) {
            return Ok(end(&mut state, refresh.grant));
        }
        let granted = row.grant.scopes;
        if refresh.scopes.is_some_and(|wanted| !wanted.is_subset_of(granted)) {
            return Ok(TokenOutcome::ScopeExceeded);
        }
        if is_newest {
            state.oauth_grants[place].rotate(&refresh.next, now);
        }
        Ok(state.give(place, &refresh.token, refresh.scopes.unwrap_or(granted), now))
    }

    async fn revoke_token(&self, client_id: &str, token: &Revocation) -> Result<(), StoreError> {
        let mut state = self.state();
        let own = state.oauth_grants.iter().filter(|row| row.grant.client.id == client_id);
        match token {
            Revocation::Access(secret) => {
                let own: Vec<_> = own.map(|row| row.grant.id).collect();
                let is_it = |row: &TokenRow| {
                    row.is_secret(secret) && row.grant().is_some_and(|grant| own.contains(&grant))
                };
                state.access_tokens.retain(|row| !is_it(row));
            }
            Revocation::Refresh(id, secret) => {
                let mut own = own.filter(|row| row.grant.id == *id);
                let is_theirs = own.any(|row| [&row.newest, &row.previous].contains(&&Some(secret.clone())));
                if is_theirs {
                    end(&mut state, *id);
                }
            }
        }
        Ok(())
    }

    async fn connected(&self, caller: Caller) -> Result<Vec<ConnectedClient>, StoreError> {
        let now = self.clock.now();
        let state = self.state_for(caller)?;
        let used = |id: GrantId| {
            state
                .access_tokens
                .iter()
                .filter(|row| row.grant() == Some(id))
                .filter_map(TokenRow::last_used_at)
                .max()
        };
        let own = state
            .oauth_grants
            .iter()
            .rev()
            .filter(|row| row.user == caller.user && row.newest.is_some() && row.expires_at > now);
        Ok(own
            .map(|row| ConnectedClient {
                id: row.grant.id,
                client_name: row.grant.client.name.clone(),
                client_uri: row.grant.client.uri.clone(),
                scopes: row.grant.scopes,
                created_at: row.created_at,
                last_used_at: used(row.grant.id).max(Some(row.rotated_at)).unwrap_or(row.rotated_at),
            })
            .collect())
    }

    async fn disconnect(&self, caller: Caller, id: GrantId) -> Result<bool, StoreError> {
        let mut state = self.state_for(caller)?;
        let is_theirs = state.oauth_grants.iter().any(|row| row.grant.id == id && row.user == caller.user);
        if is_theirs {
            end(&mut state, id);
        }
        Ok(is_theirs)
    }
}

impl GrantRow {
    pub(super) fn is_of(&self, user: UserId) -> bool {
        self.user == user
    }

    fn rotate(&mut self, next: &SecretHash, now: DateTime<Utc>) {
        self.previous = self.newest.replace(next.clone());
        self.rotated_at = now;
        self.expires_at = now + TimeDelta::days(GRANT_DAYS.into());
    }
}

impl State {
    fn give(&mut self, place: usize, token: &NewToken, scopes: Scopes, now: DateTime<Utc>) -> TokenOutcome {
        let GrantRow { user, grant, .. } = &self.oauth_grants[place];
        let (user, id) = (*user, grant.id);
        let row = TokenRow::of_grant(user, grant, token, scopes, now);
        self.access_tokens.retain(|row| row.grant() != Some(id) || row.is_good_at(now));
        let own: Vec<_> =
            self.access_tokens.iter().filter(|row| row.grant() == Some(id)).map(TokenRow::id).collect();
        let most = usize::try_from(MAX_TOKENS_OF_GRANT - 1).unwrap_or(0);
        let beyond = &own[..own.len().saturating_sub(most)];
        self.access_tokens.retain(|row| !beyond.contains(&row.id()));
        self.access_tokens.push(row);
        TokenOutcome::Issued(scopes)
    }
}

fn find(state: &State, id: GrantId, now: DateTime<Utc>) -> Option<usize> {
    state.oauth_grants.iter().position(|row| row.grant.id == id && row.expires_at > now)
}

fn is_of_version(state: &State, row: &GrantRow) -> bool {
    state.token_versions.get(&row.user) == Some(&row.token_version)
}

fn end(state: &mut State, id: GrantId) -> TokenOutcome {
    state.oauth_grants.retain(|row| row.grant.id != id);
    state.access_tokens.retain(|row| row.grant() != Some(id));
    TokenOutcome::Refused
}
