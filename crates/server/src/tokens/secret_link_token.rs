//! Secrets in addresses: whoever knows that of a calendar may read it, whoever knows that of a link that is
//! good once may use it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::session::SecretHash;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// So many random bytes cannot be guessed, so their hash needs no salt and need not be slow.
const SECRET_BYTES: usize = 32;

/// The secret of a calendar's address or of a link, in base64url.
#[derive(Debug)]
pub struct SecretLinkToken(SecretString);

impl SecretLinkToken {
    /// Makes a new one.
    pub fn random() -> Self {
        let bytes: [u8; SECRET_BYTES] = rand::random();
        Self(SecretString::from(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The secret that a request brings. Only the store can say whether there is such a one.
    pub fn from_request(text: &str) -> Self {
        Self(SecretString::from(text))
    }

    /// The secret as a part of an address.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    /// What is stored of the secret.
    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(self.reveal()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_again_and_never_comes_twice() {
        let secret = SecretLinkToken::random();
        assert_eq!(SecretLinkToken::from_request(secret.reveal()).hash(), secret.hash());
        assert_ne!(SecretLinkToken::random().hash(), secret.hash());
    }

    #[test]
    fn a_secret_is_as_long_as_it_says_and_fit_for_an_address() {
        let secret = SecretLinkToken::random();
        assert_eq!(URL_SAFE_NO_PAD.decode(secret.reveal()).unwrap().len(), SECRET_BYTES);
    }

    #[test]
    fn a_secret_does_not_show() {
        let secret = SecretLinkToken::random();
        assert!(!format!("{secret:?}").contains(secret.reveal()));
    }
}
