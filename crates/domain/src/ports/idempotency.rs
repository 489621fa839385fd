//! The uses of an idempotency key, and the outcome of a request with one.

use crate::turn::RequestKey;

/// What came of a request with an idempotency key.
#[derive(Debug, Clone, PartialEq)]
pub enum IdempotentOutcome<T> {
    /// It was done now.
    Fresh(T),
    /// It had been done before; this is what came of it then.
    Replayed(T),
    /// The key was used for another request.
    KeyReused,
}

/// What an idempotency key was used for before a request came with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyUse<T> {
    /// For nothing.
    Nothing,
    /// For this very request, of which this is on record.
    ThisRequest(T),
    /// For something else.
    SomethingElse,
}

impl<T> KeyUse<T> {
    /// Decides it by what is `found` on record under the key of requests of this kind, each with the hash of
    /// what was asked; `is_used` says whether there is anything under the key at all.
    pub fn new(key: &RequestKey, found: Option<T>, hash: impl FnOnce(&T) -> &[u8], is_used: bool) -> Self {
        match found {
            Some(found) if hash(&found) == key.body_hash => Self::ThisRequest(found),
            Some(_) => Self::SomethingElse,
            None if is_used => Self::SomethingElse,
            None => Self::Nothing,
        }
    }

    /// The same with another form of what is on record.
    pub fn map<Other>(self, form: impl FnOnce(T) -> Other) -> KeyUse<Other> {
        match self {
            Self::Nothing => KeyUse::Nothing,
            Self::ThisRequest(found) => KeyUse::ThisRequest(form(found)),
            Self::SomethingElse => KeyUse::SomethingElse,
        }
    }
}
