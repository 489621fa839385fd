//! OAuth 2.1 grants (RFC 6749, 7636, 8707): what programs that a person connects may do, and for how long.
//!
//! A person lets a program in: that is a grant. It begins as a code, which the person's browser carries to
//! the program and which is good once. For it the program gets an access token for an hour and a refresh
//! token. Refresh tokens follow one another as those of a session do ([`crate::session`]), and what comes
//! out of turn ends the grant with all of its tokens.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::{
    access_token::{AccessTokenId, Scope, Scopes, TokenName},
    session::SecretHash,
    text_validation::is_invisible,
};

/// How long a code is good, in seconds: the browser carries it at once.
pub const CODE_SECONDS: i32 = 60;

/// How long an access token is good, in seconds.
pub const TOKEN_SECONDS: i32 = 60 * 60;

/// How many days a grant lasts without being used.
pub const GRANT_DAYS: i32 = 30;

/// How many programs an account lets in at most. The one that was used least lately goes for another.
pub const MAX_GRANTS: i32 = 50;

/// How many access tokens of a grant are good at a time. The oldest goes for another.
pub const MAX_TOKENS_OF_GRANT: i32 = 5;

/// For how many hours a program that has registered is remembered while nobody lets it in.
pub const UNUSED_CLIENT_HOURS: i32 = 24;

/// How many such programs are remembered: anybody may register one.
pub const MAX_UNUSED_CLIENTS: i32 = 2_000;

/// For how many days a program is remembered that somebody let in and that has no grant any more.
pub const USED_CLIENT_DAYS: i32 = 90;

/// The most redirect addresses of a program, and the most characters of an address or a client id.
pub const MAX_REDIRECTS: usize = 10;
/// See [`MAX_REDIRECTS`].
pub const MAX_ADDRESS: usize = 500;

/// The scopes that a program can have by OAuth: it has a model of its own to talk to.
pub const SCOPES: [Scope; 2] = [Scope::TasksRead, Scope::TasksWrite];

/// The id of a grant, a UUIDv7. It is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GrantId(pub Uuid);

/// A program that people connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its id: a UUID of ours when it has registered, else the address of a document about it.
    pub id: String,
    /// What it calls itself. Anybody may call themselves anything.
    pub name: ClientName,
    /// Its page.
    pub uri: Option<String>,
    /// Where it may have people sent back to, as it has written them.
    pub redirect_uris: Vec<String>,
}

/// What a program calls itself: 1 to 100 characters that can be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientName(TokenName);

impl ClientName {
    /// The most characters that are kept.
    pub const MAX_CHARACTERS: usize = 100;

    /// Reads the name that a program gives itself: removes invisible and bidirectional-control characters,
    /// then truncates. `None` when nothing is left.
    pub fn read(said: &str) -> Option<Self> {
        let is_hidden = |c: &char| c.is_control() || is_invisible(*c);
        let seen: String = said.chars().filter(|c| !is_hidden(c)).collect();
        let seen: String = seen.trim().chars().take(Self::MAX_CHARACTERS).collect();
        TokenName::parse(&seen).ok().map(Self)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// What the tokens are called that the program is given.
    pub fn token_name(&self) -> TokenName {
        self.0.clone()
    }
}

/// A program that registers (RFC 7591).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewClient {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// What it says of itself; its id again.
    pub client: Client,
}

/// A program that a person lets in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGrant {
    /// The id of the grant.
    pub id: GrantId,
    /// The program.
    pub client: Client,
    /// What it may do.
    pub scopes: Scopes,
    /// Where the code is sent.
    pub redirect_uri: String,
    /// PKCE code challenge (S256, RFC 7636 4.2).
    pub code_challenge: String,
    /// The hash of the code.
    pub code: SecretHash,
}

/// An access token that a program is to get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// Its id.
    pub id: AccessTokenId,
    /// The hash of its secret.
    pub secret: SecretHash,
}

/// A code that a program presents, and what it is to get for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeExchange {
    /// The grant that begins with the code.
    pub grant: GrantId,
    /// The hash of the code.
    pub code: SecretHash,
    /// Who presents it.
    pub client_id: String,
    /// Where it says that it got it, if it does: OAuth 2.1 asks for it no more, and
    /// [`code_challenge`](Self::code_challenge) says the same and more.
    pub redirect_uri: Option<String>,
    /// The challenge that is made from what it knows.
    pub code_challenge: String,
    /// The access token.
    pub token: NewToken,
    /// The hash of the first refresh token.
    pub first: SecretHash,
}

/// A refresh token that a program presents, and what it is to get for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refresh {
    /// The grant it belongs to.
    pub grant: GrantId,
    /// Who presents it.
    pub client_id: String,
    /// The hash of what was presented.
    pub presented: SecretHash,
    /// The hash of what follows it.
    pub next: SecretHash,
    /// What the next access token is to be good for, if for less than the grant (RFC 6749 6).
    pub scopes: Option<Scopes>,
    /// The access token.
    pub token: NewToken,
}

/// What became of a code or a refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenOutcome {
    /// The access token is there, for these scopes.
    Issued(Scopes),
    /// The code or the refresh token is not good, or no longer.
    Refused,
    /// More is asked for than was granted; nothing was done.
    ScopeExceeded,
}

/// A token that its program needs no more (RFC 7009).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revocation {
    /// An access token, by the hash of its secret: it ends.
    Access(SecretHash),
    /// A refresh token: its grant ends.
    Refresh(GrantId, SecretHash),
}

/// A grant as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectedClient {
    /// The id of the grant.
    pub id: GrantId,
    /// What the program calls itself.
    pub client_name: ClientName,
    /// Its page.
    pub client_uri: Option<String>,
    /// What it may do.
    pub scopes: Scopes,
    /// When the person let it in.
    pub created_at: DateTime<Utc>,
    /// When it last used a token, at most two minutes behind, or was given one.
    pub last_used_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_short_and_can_be_seen() {
        let read = |said: &str| ClientName::read(said).map(|name| name.as_str().to_owned());
        assert_eq!(read(" Claude\u{202E} \u{200B}for\n you ").as_deref(), Some("Claude for you"));
        assert_eq!(read(&"\u{fc}".repeat(101)), Some("\u{fc}".repeat(100)));
        assert_eq!((read(""), read(" \u{200B}"), read("\u{0}")), (None, None, None));
    }
}
