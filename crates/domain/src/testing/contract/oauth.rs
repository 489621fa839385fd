//! Programs that people connect by OAuth.

use super::fixture::{must, secret, title};
use crate::{
    access_token::{AccessTokenId, Audience, Scope, Scopes},
    caller::Caller,
    oauth::{
        Client, ClientName, CodeExchange, GrantId, MAX_GRANTS, MAX_TOKENS_OF_GRANT, NewClient, NewGrant,
        NewToken, Refresh, Revocation, TokenOutcome,
    },
    ports::{AccessTokenStore, IdGenerator, OAuthStore, StoreError, TodoStore},
    request_channel::Channel,
    session::SecretHash,
    testing::RandomIdGenerator,
    todo_command::{NewTodo, TodoChange},
    todo_filter::TodoFilter,
};

const REDIRECT: &str = "https://app.example/callback";

fn token() -> NewToken {
    NewToken { id: AccessTokenId(RandomIdGenerator.next()), secret: secret() }
}

fn scopes(names: &[&str]) -> Scopes {
    must(Scopes::parse(names.iter().copied()))
}

fn client(id: &str) -> Client {
    let name = ClientName::read("A program").unwrap_or_else(|| panic!("it is a name"));
    Client { id: id.to_owned(), name, uri: None, redirect_uris: vec![REDIRECT.to_owned()] }
}

fn new_grant(names: &[&str]) -> NewGrant {
    NewGrant {
        id: GrantId(RandomIdGenerator.next()),
        client: client("https://app.example/client.json"),
        scopes: scopes(names),
        redirect_uri: REDIRECT.to_owned(),
        code_challenge: "c".repeat(43),
        code: secret(),
    }
}

fn exchange(grant: &NewGrant) -> CodeExchange {
    CodeExchange {
        grant: grant.id,
        code: grant.code.clone(),
        client_id: grant.client.id.clone(),
        redirect_uri: Some(grant.redirect_uri.clone()),
        code_challenge: grant.code_challenge.clone(),
        token: token(),
        first: secret(),
    }
}

fn refresh(grant: &NewGrant, presented: &SecretHash, next: &SecretHash) -> Refresh {
    Refresh {
        grant: grant.id,
        client_id: grant.client.id.clone(),
        presented: presented.clone(),
        next: next.clone(),
        scopes: None,
        token: token(),
    }
}

/// A grant whose code was used, and what it was used with.
async fn connected(store: &dyn OAuthStore, caller: Caller, names: &[&str]) -> (NewGrant, CodeExchange) {
    let new = new_grant(names);
    must(store.grant(caller, &new).await);
    let exchanged = exchange(&new);
    assert_eq!(must(store.exchange(&exchanged).await), TokenOutcome::Issued(new.scopes));
    (new, exchanged)
}

async fn known(store: &dyn AccessTokenStore, token: &NewToken) -> Option<Caller> {
    must(store.authenticate(&token.secret, Audience::Mcp).await)
}

pub(super) async fn a_program_is_remembered(store: &dyn OAuthStore) {
    let id = RandomIdGenerator.next();
    assert_eq!(must(store.client(id).await), None);
    let new = NewClient { id, client: client(&id.to_string()) };
    must(store.register(&new).await);
    assert_eq!(must(store.client(id).await), Some(new.client));
}

pub(super) async fn a_code_is_good_once(store: &(impl OAuthStore + AccessTokenStore), a: Caller) {
    let new = new_grant(&["tasks:read"]);
    must(store.grant(a, &new).await);
    assert_eq!(must(store.connected(a).await), [], "nothing is given yet");
    let unknown = CodeExchange { code: secret(), ..exchange(&new) };
    assert_eq!(must(store.exchange(&unknown).await), TokenOutcome::Refused);
    let exchanged = exchange(&new);
    assert_eq!(must(store.exchange(&exchanged).await), TokenOutcome::Issued(new.scopes));
    let program = known(store, &exchanged.token).await.unwrap_or_else(|| panic!("it was just given"));
    assert!(program.user == a.user && program.may(Scope::TasksRead) && !program.may(Scope::TasksWrite));
    let elsewhere = must(store.authenticate(&exchanged.token.secret, Audience::Api).await);
    assert_eq!(elsewhere, None, "it is for one door");
    let listed = must(store.connected(a).await);
    assert_eq!(listed.iter().map(|connected| connected.id).collect::<Vec<_>>(), [new.id]);
    assert_eq!((&listed[0].client_name, listed[0].scopes), (&new.client.name, new.scopes));
    assert_eq!(must(AccessTokenStore::list(store, a).await), [], "no token of a person's own making");
    assert!(!must(store.revoke(a, exchanged.token.id).await));
    assert_eq!(must(store.exchange(&exchange(&new)).await), TokenOutcome::Refused);
    assert_eq!(known(store, &exchanged.token).await, None);
    assert_eq!(must(store.connected(a).await), []);
}

pub(super) async fn a_code_is_for_who_asked_with_it(store: &dyn OAuthStore, a: Caller) {
    let other = "other".to_owned();
    let changes: [fn(&mut CodeExchange, String); 3] = [
        |exchange, other| exchange.client_id = other,
        |exchange, other| exchange.redirect_uri = Some(other),
        |exchange, other| exchange.code_challenge = other,
    ];
    for change in changes {
        let new = new_grant(&["tasks:read"]);
        must(store.grant(a, &new).await);
        let mut wrong = exchange(&new);
        change(&mut wrong, other.clone());
        assert_eq!(must(store.exchange(&wrong).await), TokenOutcome::Refused);
        assert_eq!(must(store.exchange(&exchange(&new)).await), TokenOutcome::Refused, "there is one try");
    }
    let new = new_grant(&["tasks:read"]);
    must(store.grant(a, &new).await);
    let without = CodeExchange { redirect_uri: None, ..exchange(&new) };
    assert_eq!(must(store.exchange(&without).await), TokenOutcome::Issued(new.scopes));
}

pub(super) async fn refresh_tokens_follow_one_another(
    store: &(impl OAuthStore + AccessTokenStore),
    a: Caller,
) {
    let (grant, exchanged) = connected(store, a, &["tasks:read", "tasks:write"]).await;
    let (first, second, third) = (exchanged.first.clone(), secret(), secret());
    let stranger = Refresh { client_id: "other".to_owned(), ..refresh(&grant, &first, &second) };
    assert_eq!(must(store.refresh(&stranger).await), TokenOutcome::Refused);
    let read = scopes(&["tasks:read"]);
    let too_much =
        Refresh { scopes: Some(scopes(&["tasks:read", "chat"])), ..refresh(&grant, &first, &second) };
    assert_eq!(must(store.refresh(&too_much).await), TokenOutcome::ScopeExceeded);
    let less = Refresh { scopes: Some(read), ..refresh(&grant, &first, &second) };
    assert_eq!(must(store.refresh(&less).await), TokenOutcome::Issued(read));
    assert!(known(store, &less.token).await.is_some_and(|program| !program.may(Scope::TasksWrite)));
    let lost = refresh(&grant, &first, &second);
    assert_eq!(must(store.refresh(&lost).await), TokenOutcome::Issued(grant.scopes), "the answer was lost");
    assert_eq!(
        must(store.refresh(&refresh(&grant, &second, &third)).await),
        TokenOutcome::Issued(grant.scopes)
    );
    assert!(known(store, &lost.token).await.is_some());
    assert_eq!(must(store.refresh(&refresh(&grant, &first, &second)).await), TokenOutcome::Refused);
    assert_eq!(must(store.refresh(&refresh(&grant, &third, &secret())).await), TokenOutcome::Refused);
    assert_eq!(known(store, &lost.token).await, None, "all that it gave is over");
}

pub(super) async fn tokens_are_given_back(store: &(impl OAuthStore + AccessTokenStore), a: Caller) {
    let (grant, exchanged) = connected(store, a, &["tasks:read"]).await;
    let access = Revocation::Access(exchanged.token.secret.clone());
    let newest = Revocation::Refresh(grant.id, exchanged.first.clone());
    for token in [&access, &newest] {
        must(store.revoke_token("other", token).await);
    }
    assert!(known(store, &exchanged.token).await.is_some());
    must(store.revoke_token(&grant.client.id, &access).await);
    assert_eq!(known(store, &exchanged.token).await, None);
    let next = refresh(&grant, &exchanged.first, &secret());
    assert_eq!(must(store.refresh(&next).await), TokenOutcome::Issued(grant.scopes));
    must(store.revoke_token(&grant.client.id, &Revocation::Refresh(grant.id, secret())).await);
    assert!(known(store, &next.token).await.is_some());
    must(store.revoke_token(&grant.client.id, &newest).await);
    assert_eq!(known(store, &next.token).await, None);
}

pub(super) async fn a_grant_is_its_owners_and_ends_with_all_of_its_tokens(
    store: &(impl OAuthStore + AccessTokenStore + TodoStore),
    a: Caller,
    b: Caller,
) {
    let (grant, exchanged) = connected(store, a, &["tasks:read", "tasks:write"]).await;
    let program = known(store, &exchanged.token).await.unwrap_or_else(|| panic!("it was just given"));
    let add = TodoChange::Add(NewTodo::titled(title("By a program")));
    must(must(store.change(program, Channel::Mcp, &add).await));
    assert_eq!(must(store.connected(b).await), []);
    assert!(!must(store.disconnect(b, grant.id).await));
    assert!(must(store.disconnect(a, grant.id).await) && !must(store.disconnect(a, grant.id).await));
    let is_unknown = matches!(
        TodoStore::list(store, program, &TodoFilter::default()).await,
        Err(StoreError::UnknownCaller)
    );
    assert!(is_unknown, "what is known of a token is checked by the stores");
    let refused = must(store.refresh(&refresh(&grant, &exchanged.first, &secret())).await);
    assert_eq!(refused, TokenOutcome::Refused);
    let stale = Caller { token_version: a.token_version + 1, ..a };
    for refused in
        [store.grant(stale, &new_grant(&["tasks:read"])).await.err(), store.connected(stale).await.err()]
    {
        assert!(matches!(refused, Some(StoreError::UnknownCaller)));
    }
}

pub(super) async fn grants_and_their_tokens_are_bounded(
    store: &(impl OAuthStore + AccessTokenStore),
    b: Caller,
) {
    let (first, exchanged) = connected(store, b, &["tasks:read"]).await;
    let (mut presented, mut given) = (exchanged.first.clone(), vec![exchanged.token]);
    for _ in 0..MAX_TOKENS_OF_GRANT {
        let next = refresh(&first, &presented, &secret());
        assert_eq!(must(store.refresh(&next).await), TokenOutcome::Issued(first.scopes));
        (presented, given) = (next.next, [given, vec![next.token]].concat());
    }
    let mut good = 0;
    for token in &given {
        good += i32::from(known(store, token).await.is_some());
    }
    assert_eq!(good, MAX_TOKENS_OF_GRANT);
    for _ in 0..MAX_GRANTS {
        connected(store, b, &["tasks:read"]).await;
    }
    let listed = must(store.connected(b).await);
    assert_eq!(i32::try_from(listed.len()).ok(), Some(MAX_GRANTS));
    assert!(listed.iter().all(|connected| connected.id != first.id), "the one that was not used for longest");
    let on_their_way = [new_grant(&["tasks:read"]), new_grant(&["tasks:read"])];
    for new in &on_their_way {
        must(store.grant(b, new).await);
    }
    for new in &on_their_way {
        assert_eq!(must(store.exchange(&exchange(new)).await), TokenOutcome::Issued(new.scopes));
    }
    let listed = must(store.connected(b).await);
    assert_eq!(i32::try_from(listed.len()).ok(), Some(MAX_GRANTS));
}
