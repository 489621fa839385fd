//! Refresh tokens: opaque to clients, 48 bytes in base64url: the id of what they belong to and a secret.
//!
//! The secret that follows another is an HMAC of it under a key of ours. So whoever presents one
//! token twice, because the answer was lost or from two tabs at once, is given the same next one,
//! and nothing but hashes has to be stored.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::session::{Rotation, SecretHash, SessionId};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const SECRET_BYTES: usize = 32;

/// A refresh token as a client holds it, of a session or of an OAuth grant.
#[derive(Clone)]
pub struct RefreshToken {
    owner: Uuid,
    secret: [u8; SECRET_BYTES],
}

/// What a client presents cannot be a refresh token of ours.
#[derive(Debug, thiserror::Error)]
#[error("the refresh token is not good")]
pub struct InvalidRefreshToken;

/// The key of refresh tokens cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the key of refresh tokens cannot be used")]
pub struct UnusableKey;

/// Makes refresh tokens.
pub struct RefreshTokens {
    key: SecretString,
}

impl RefreshToken {
    /// Makes the first token of a session or a grant.
    pub fn first(owner: Uuid) -> Self {
        Self { owner, secret: rand::random() }
    }

    /// Reads a token as a client presents it.
    ///
    /// # Errors
    /// When it cannot be one of ours.
    pub fn parse(text: &str) -> Result<Self, InvalidRefreshToken> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_error| InvalidRefreshToken)?;
        let (owner, secret) = bytes.split_at_checked(16).ok_or(InvalidRefreshToken)?;
        let owner = Uuid::from_slice(owner).map_err(|_error| InvalidRefreshToken)?;
        let secret = secret.try_into().map_err(|_error| InvalidRefreshToken)?;
        Ok(Self { owner, secret })
    }

    /// The token as a client holds it.
    pub fn reveal(&self) -> String {
        URL_SAFE_NO_PAD.encode([self.owner.as_bytes(), self.secret.as_slice()].concat())
    }

    /// The id of the session or the grant.
    pub fn owner(&self) -> Uuid {
        self.owner
    }

    /// What is stored of the token.
    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(self.secret).into())
    }
}

impl RefreshTokens {
    /// Makes tokens under a key derived from the application's secret, so that they are no other
    /// tokens of ours.
    pub fn new(secret: SecretString) -> Self {
        Self { key: secret }
    }

    /// The token that follows `token`: the same one whenever it is asked for.
    ///
    /// # Errors
    /// When the key cannot be used, which its length rules out.
    pub fn next(&self, token: &RefreshToken) -> Result<RefreshToken, UnusableKey> {
        let mut mac = Hmac::<Sha256>::new_from_slice(self.key.expose_secret().as_bytes())
            .map_err(|_error| UnusableKey)?;
        mac.update(b"todo-ai-chatbot/refresh");
        mac.update(token.owner.as_bytes());
        mac.update(&token.secret);
        Ok(RefreshToken { owner: token.owner, secret: mac.finalize().into_bytes().into() })
    }

    /// What a store of sessions has to know to rotate `token`.
    ///
    /// # Errors
    /// Those of [`RefreshTokens::next`].
    pub fn rotation(&self, token: &RefreshToken) -> Result<Rotation, UnusableKey> {
        Ok(Rotation {
            session: SessionId(token.owner),
            presented: token.hash(),
            next: self.next(token)?.hash(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens() -> RefreshTokens {
        RefreshTokens::new(SecretString::from("k".repeat(32)))
    }

    #[test]
    fn a_token_survives_the_way_to_the_client_and_back() {
        let token = RefreshToken::first(Uuid::from_u128(5));
        let back = RefreshToken::parse(&token.reveal()).unwrap();
        assert_eq!((back.owner(), back.hash()), (token.owner(), token.hash()));
    }

    #[test]
    fn the_next_refresh_token_is_deterministic_and_never_the_old_one() {
        let token = RefreshToken::first(Uuid::from_u128(5));
        let next = tokens().next(&token).unwrap();
        assert_eq!(next.hash(), tokens().next(&token).unwrap().hash());
        assert_ne!(next.hash(), token.hash());
        assert_ne!(tokens().next(&next).unwrap().hash(), token.hash());
    }

    #[test]
    fn what_is_no_token_is_refused() {
        for text in ["", "x", "====", &"A".repeat(63), &"A".repeat(65), "ü"] {
            assert!(RefreshToken::parse(text).is_err(), "{text:?}");
        }
    }
}
