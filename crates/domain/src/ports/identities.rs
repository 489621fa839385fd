//! The store of sign-ins that have begun and of who people are at providers.

use async_trait::async_trait;

use super::{NewAccount, StoreError};
use crate::{
    account::User,
    caller::Caller,
    linked_identity::{Identity, NewSignIn, Profile, Provider},
    session::SecretHash,
};

/// Sign-ins that have begun, and who people are at providers.
#[async_trait]
pub trait IdentityStore: Send + Sync {
    /// Keeps a sign-in that begins, for [`SIGN_IN_MINUTES`](crate::linked_identity::SIGN_IN_MINUTES).
    async fn begin(&self, sign_in: &NewSignIn) -> Result<(), StoreError>;

    /// Ends a sign-in, whatever comes of it, and returns its PKCE verifier; `None` when there is none, or
    /// no longer.
    async fn take(&self, provider: Provider, state: &SecretHash) -> Result<Option<String>, StoreError>;

    /// Finds the account of this person. When there is none, and `account` has the address that the
    /// provider vouches for, it is created, or the person is linked to the one that has the address
    /// already, if that one has confirmed it: otherwise it may be somebody else's.
    async fn sign_in(
        &self,
        provider: Provider,
        profile: &Profile,
        account: Option<&NewAccount>,
    ) -> Result<SignInOutcome, StoreError>;

    /// Returns the providers with which the caller can sign in, oldest link first.
    async fn linked(&self, caller: Caller) -> Result<Vec<Identity>, StoreError>;

    /// Forgets who the caller is at a provider, if something else lets them sign in: a password, or another
    /// one of the `usable` providers.
    async fn unlink(
        &self,
        caller: Caller,
        provider: Provider,
        usable: &[Provider],
    ) -> Result<UnlinkOutcome, StoreError>;
}

/// What became of a wish to sign in with a provider no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnlinkOutcome {
    /// The provider opens the account no longer.
    Unlinked,
    /// It did not before.
    NotLinked,
    /// Nothing else would open it: nothing was done.
    LastSignInMethod,
}

/// What became of a sign-in with a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInOutcome {
    /// This is who it is.
    SignedIn(Box<User>),
    /// The id is not linked, and there is no address that the provider vouches for.
    Unverified,
    /// Another account has the address and has not confirmed it.
    AddressTaken,
}
