//! Personal access tokens: how a person lets a program use their list, as far as its scopes reach. Those
//! that a program is given by OAuth ([`crate::oauth`]) are tokens like them, which end sooner.
//!
//! A program is told one secret once; what is kept is its hash. No token can change the account
//! itself, nor make another token.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    session::SecretHash,
    text_validation::{FieldError, parse_trimmed},
};

/// How many tokens that are good an account has at most.
pub const MAX_ACCESS_TOKENS: i64 = 50;

/// The longest time, in days, that a token with an end may be good for.
pub const MAX_TOKEN_DAYS: i32 = 366;

/// A token's id, a UUIDv7. It is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AccessTokenId(pub Uuid);

/// What a program may do (RFC 6749 3.3). None implies another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Look at tasks, at what was changed in them, and at what the account has used.
    TasksRead,
    /// Change tasks, take changes back, and answer the assistant's questions.
    TasksWrite,
    /// Talk to the assistant and read conversations. It changes tasks only for who has
    /// [`Scope::TasksWrite`] as well.
    Chat,
}

impl Scope {
    /// Every scope, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::TasksRead, Self::TasksWrite, Self::Chat];

    /// The scope's name on the wire and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TasksRead => "tasks:read",
            Self::TasksWrite => "tasks:write",
            Self::Chat => "chat",
        }
    }

    /// The scope with this name, if it is one.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }

    fn bit(self) -> u8 {
        1 << (self as u8)
    }
}

/// One scope or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// Parses names as they came from outside. Duplicates are ignored.
    ///
    /// # Errors
    /// When there is none, or one that is not known.
    pub fn parse<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, FieldError> {
        let mut scopes = Self(0);
        for name in names {
            let Some(scope) = Scope::from_name(name) else {
                return Err(FieldError::new("scopes", "A scope is tasks:read, tasks:write or chat."));
            };
            scopes.0 |= scope.bit();
        }
        if scopes.0 == 0 { Err(FieldError::new("scopes", "Give at least one scope.")) } else { Ok(scopes) }
    }

    /// Those of the names that are scopes, and none of the others; `None` when none is.
    pub fn parse_known<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let known = names.into_iter().filter_map(Scope::from_name);
        let scopes = Self(known.fold(0, |scopes, scope| scopes | scope.bit()));
        (scopes.0 != 0).then_some(scopes)
    }

    /// Those of them that are also among others; `None` when none is.
    pub fn intersection(self, others: Self) -> Option<Self> {
        let both = Self(self.0 & others.0);
        (both.0 != 0).then_some(both)
    }

    /// Whether all of these scopes are among the others.
    pub fn is_subset_of(self, others: Self) -> bool {
        self.0 & !others.0 == 0
    }

    /// Whether a scope is among them.
    pub fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Their names, in the order of [`Scope::ALL`].
    pub fn names(self) -> Vec<&'static str> {
        Scope::ALL.into_iter().filter(|scope| self.contains(*scope)).map(Scope::as_str).collect()
    }
}

/// The audience of a token (RFC 8707). One for another audience is rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// This service, on all routes for programs.
    Api,
    /// The Model Context Protocol alone: where programs are connected by OAuth.
    Mcp,
}

impl Audience {
    /// The audience's name in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Api => "todo-ai-chatbot/api",
            Self::Mcp => "todo-ai-chatbot/mcp",
        }
    }
}

/// What a person calls a token, to know it again: 1 to 100 characters, trimmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenName(String);

impl TokenName {
    /// Parses a name as it came from outside.
    ///
    /// # Errors
    /// When nothing or more than 100 characters are left after trimming, or it holds U+0000.
    pub fn parse(raw: &str) -> Result<Self, FieldError> {
        parse_trimmed("name", raw, 1..=100).map(Self)
    }

    /// The name's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// For how many days a token is good: 1 to [`MAX_TOKEN_DAYS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenDays(i32);

impl TokenDays {
    /// Parses a number as it came from outside.
    ///
    /// # Errors
    /// When it is not between 1 and [`MAX_TOKEN_DAYS`].
    pub fn parse(raw: i64) -> Result<Self, FieldError> {
        let days = i32::try_from(raw).ok().filter(|days| (1..=MAX_TOKEN_DAYS).contains(days));
        days.map(Self).ok_or_else(|| {
            let message =
                format!("A token is good for 1 to {MAX_TOKEN_DAYS} days, or without an end (null).");
            FieldError::new("expires_in_days", message)
        })
    }

    /// The number of days.
    pub fn days(self) -> i32 {
        self.0
    }
}

/// A token that a person wants to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAccessToken {
    /// A new id, by which the owner revokes it.
    pub id: AccessTokenId,
    /// A label that the owner chose.
    pub name: TokenName,
    /// The operations that it allows.
    pub scopes: Scopes,
    /// The endpoints that accept it.
    pub audience: Audience,
    /// How long it is good; `None` without an end.
    pub lifetime: Option<TokenDays>,
    /// SHA-256 of the secret, which is shown once.
    pub secret: SecretHash,
}

/// A token as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// The id by which the owner revokes it.
    pub id: AccessTokenId,
    /// A label that the owner chose.
    pub name: TokenName,
    /// The operations that it allows.
    pub scopes: Scopes,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last used, at most two minutes behind.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it ends or has ended; `None` without an end.
    pub expires_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_known_by_name_and_at_least_one() {
        let scopes = Scopes::parse(["chat", "tasks:read", "chat"]).unwrap();
        assert_eq!(scopes.names(), ["tasks:read", "chat"]);
        assert!(scopes.contains(Scope::Chat) && !scopes.contains(Scope::TasksWrite));
        for names in [vec![], vec!["tasks"], vec!["tasks:read", ""], vec!["CHAT"]] {
            assert!(Scopes::parse(names.clone()).is_err(), "{names:?}");
        }
    }

    #[test]
    fn scopes_are_compared_as_sets() {
        let of = |names: &[&'static str]| Scopes::parse_known(names.iter().copied()).unwrap();
        assert_eq!(of(&["openid", "tasks:read"]), of(&["tasks:read", "tasks:read"]));
        assert_eq!((Scopes::parse_known(["openid"]), Scopes::parse_known([])), (None, None));
        let (read, both) = (of(&["tasks:read"]), of(&["tasks:read", "tasks:write"]));
        assert!(read.is_subset_of(both) && both.is_subset_of(both) && !both.is_subset_of(read));
        assert_eq!((both.intersection(read), read.intersection(of(&["chat"]))), (Some(read), None));
    }

    #[test]
    fn a_lifetime_is_bounded() {
        assert_eq!(TokenDays::parse(1).unwrap().days(), 1);
        assert_eq!(TokenDays::parse(366).unwrap().days(), 366);
        for days in [0, -1, 367, i64::MAX] {
            assert!(TokenDays::parse(days).is_err(), "{days}");
        }
    }
}
