//! Signing in to an account that changes meanwhile.

use super::fixture::must;
use crate::{
    account::{Email, User, UserId, UserWithPassword},
    caller::Caller,
    password::PasswordHash,
    ports::{AccountStore, IdGenerator, NewAccount, SessionStore},
    session::{NewSession, SecretHash, SessionId},
    testing::RandomIdGenerator,
    time_zone::TimeZone,
};

fn new_session() -> NewSession {
    let id = RandomIdGenerator.next();
    NewSession { id: SessionId(id), secret: SecretHash([7; 32]), user_agent: None }
}

fn new_account() -> NewAccount {
    let id = RandomIdGenerator.next();
    NewAccount {
        id: UserId(id),
        email: must(Email::parse(&format!("{id}@example.com"))),
        password_hash: PasswordHash::new("$old"),
        name: None,
        time_zone: TimeZone::UTC,
    }
}

fn caller(user: &User) -> Caller {
    Caller { user: user.id, token_version: user.token_version, grant: None }
}

/// The account with the address, as somebody finds it who signs in now.
async fn found(store: &impl AccountStore, email: &Email) -> User {
    found_with_password(store, email).await.user
}

async fn found_with_password(store: &impl AccountStore, email: &Email) -> UserWithPassword {
    must(store.find_by_email(email).await).unwrap_or_else(|| panic!("there is an account"))
}

pub(super) async fn a_password_checked_before_its_change_opens_no_session(
    store: &(impl AccountStore + SessionStore),
) {
    let account = new_account();
    assert!(must(store.insert(&account, &new_session()).await).is_some());
    let before = found(store, &account.email).await;
    assert!(must(store.open(&before, &new_session()).await));
    must(store.change_password(caller(&before), &PasswordHash::new("$new"), &new_session()).await);
    assert!(!must(store.open(&before, &new_session()).await), "the password is another one");
    let after = found(store, &account.email).await;
    assert!(must(store.open(&after, &new_session()).await));
    must(store.delete(caller(&after)).await);
    assert!(!must(store.open(&after, &new_session()).await), "the account is gone");
}

pub(super) async fn a_hash_takes_the_place_of_the_verified_one_alone(
    store: &(impl AccountStore + SessionStore),
) {
    let (account, other) = (new_account(), new_account());
    for account in [&account, &other] {
        assert!(must(store.insert(account, &new_session()).await).is_some());
    }
    let before = found_with_password(store, &account.email).await;
    let rehashed = PasswordHash::new("$rehashed");
    must(store.replace_password_hash(before.user.id, &before.hash, &rehashed).await);
    let after = found_with_password(store, &account.email).await;
    assert_eq!((&after.hash, &after.user), (&rehashed, &before.user), "no token ends");
    // A password that was changed meanwhile stays.
    let late = PasswordHash::new("$late");
    must(store.replace_password_hash(before.user.id, &before.hash, &late).await);
    assert_eq!(found_with_password(store, &account.email).await.hash, rehashed);
    assert_eq!(found_with_password(store, &other.email).await.hash, other.password_hash);
}
