//! Personal access tokens.

use super::fixture::{must, secret, title};
use crate::{
    access_token::{
        AccessTokenId, Audience, MAX_ACCESS_TOKENS, NewAccessToken, Scope, Scopes, TokenDays, TokenName,
    },
    account_limits::LimitReached,
    caller::{Caller, Grant},
    ports::{AccessTokenStore, IdGenerator, StoreError, TodoStore},
    request_channel::Channel,
    testing::RandomIdGenerator,
    todo_command::{NewTodo, TodoChange},
    todo_filter::TodoFilter,
};

/// A fresh token.
fn new(name: &str, scopes: &[&str]) -> NewAccessToken {
    NewAccessToken {
        id: AccessTokenId(RandomIdGenerator.next()),
        name: must(TokenName::parse(name)),
        scopes: must(Scopes::parse(scopes.iter().copied())),
        audience: Audience::Api,
        lifetime: None,
        secret: secret(),
    }
}

async fn made(store: &dyn AccessTokenStore, caller: Caller, new: &NewAccessToken) -> Caller {
    let token = must(store.create(caller, new).await);
    assert_eq!((token.id, &token.name, token.scopes), (new.id, &new.name, new.scopes));
    known(store, new).await.unwrap_or_else(|| panic!("it was just made"))
}

/// A program of the caller's.
pub(super) async fn program(
    store: &dyn AccessTokenStore,
    caller: Caller,
    name: &str,
    scopes: &[&str],
) -> Caller {
    made(store, caller, &new(name, scopes)).await
}

async fn known(store: &dyn AccessTokenStore, new: &NewAccessToken) -> Option<Caller> {
    must(store.authenticate(&new.secret, new.audience).await)
}

fn is_unknown<T>(outcome: Result<T, StoreError>) -> bool {
    matches!(outcome, Err(StoreError::UnknownCaller))
}

pub(super) async fn a_token_is_known_by_its_secret_until_it_is_revoked(
    store: &dyn AccessTokenStore,
    a: Caller,
) {
    assert_eq!(must(store.list(a).await), []);
    let first =
        NewAccessToken { lifetime: Some(must(TokenDays::parse(7))), ..new("laptop", &["tasks:read"]) };
    let second = new("phone", &["chat", "tasks:write"]);
    assert_eq!(known(store, &first).await, None);
    let program = made(store, a, &first).await;
    assert_eq!((program.user, program.grant), (a.user, Some(Grant::AccessToken(first.id, first.scopes))));
    assert!(program.may(Scope::TasksRead) && !program.may(Scope::TasksWrite) && !program.may(Scope::Chat));
    let unused = must(store.create(a, &second).await);
    assert_eq!((unused.last_used_at, unused.expires_at), (None, None));
    let listed = must(store.list(a).await);
    assert_eq!(listed.iter().map(|token| token.id).collect::<Vec<_>>(), [second.id, first.id]);
    assert!(listed[0].last_used_at.is_none() && listed[1].last_used_at.is_some());
    let lifetime = listed[1].expires_at.map(|end| (end - listed[1].created_at).num_days());
    assert_eq!(lifetime, Some(7));
    assert_eq!(known(store, &first).await, Some(program));
    assert_eq!(must(store.list(a).await), listed, "within a minute its use is not recorded again");

    assert!(must(store.revoke(a, first.id).await));
    assert!(!must(store.revoke(a, first.id).await));
    assert_eq!(known(store, &first).await, None);
    assert_eq!(known(store, &second).await.map(|program| program.user), Some(a.user));
    assert!(must(store.revoke(a, second.id).await));
}

pub(super) async fn a_token_is_its_owners(store: &dyn AccessTokenStore, a: Caller, b: Caller) {
    let of_a = new("mine", &["chat"]);
    let program = made(store, a, &of_a).await;
    assert_eq!(must(store.list(b).await), []);
    assert!(!must(store.revoke(b, of_a.id).await));
    assert_eq!(known(store, &of_a).await, Some(program));
    let as_b = Caller { user: b.user, ..program };
    assert!(is_unknown(store.list(as_b).await), "a token of one is none of another's");
    assert!(must(store.revoke(a, of_a.id).await));
}

pub(super) async fn a_revoked_token_does_nothing(store: &(impl AccessTokenStore + TodoStore), a: Caller) {
    let of_a = new("mine", &["tasks:read", "tasks:write"]);
    let program = made(store, a, &of_a).await;
    let add = TodoChange::Add(NewTodo::titled(title("By a program")));
    let task = must(must(store.change(program, Channel::Rest, &add).await)).into_task();
    let filter = TodoFilter::default();
    assert!(!must(TodoStore::list(store, program, &filter).await).todos.is_empty());
    assert!(must(store.revoke(a, of_a.id).await));
    assert!(is_unknown(store.find(program, task.number).await));
    assert!(is_unknown(TodoStore::list(store, program, &filter).await));
    assert!(is_unknown(store.change(program, Channel::Rest, &add).await));
    assert!(is_unknown(AccessTokenStore::list(store, program).await));
    let stale = Caller { token_version: a.token_version + 1, ..a };
    assert!(is_unknown(store.create(stale, &new("late", &["chat"])).await));
    assert!(is_unknown(store.revoke(stale, of_a.id).await));
    assert_eq!(must(AccessTokenStore::list(store, a).await), []);
}

pub(super) async fn an_account_has_a_bounded_number_of_tokens(store: &dyn AccessTokenStore, b: Caller) {
    for number in 0..MAX_ACCESS_TOKENS {
        must(store.create(b, &new(&format!("token {number}"), &["chat"])).await);
    }
    let refused = store.create(b, &new("one more", &["chat"])).await;
    assert!(matches!(refused, Err(StoreError::Limit(LimitReached::AccessTokens(MAX_ACCESS_TOKENS)))));
    let listed = must(store.list(b).await);
    assert_eq!(i64::try_from(listed.len()).ok(), Some(MAX_ACCESS_TOKENS));
    assert!(must(store.revoke(b, listed[0].id).await));
    must(store.create(b, &new("one more", &["chat"])).await);
}
