//! Access tokens as programs hold them, in the form that GitHub gave its own so that scanners find lost ones
//! and typing errors cost no look into a database
//! (<https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/>):
//! a prefix, random characters of base62, and their CRC-32 in six more.

use domain::{access_token::Audience, session::SecretHash};
use rand::distr::{Alphanumeric, SampleString};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// What every token of a program begins with.
pub const FAMILY: &str = "tdo_";
/// 43 characters of 62 are 256 bits, which cannot be guessed, so their hash needs no salt and need not be
/// slow.
const RANDOM_CHARACTERS: usize = 43;
const CHECKSUM_CHARACTERS: usize = 6;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// How a program came by its token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Its owner has made it: a personal access token.
    Personal,
    /// By OAuth, for an hour.
    OAuth,
}

impl TokenKind {
    /// What such tokens begin with.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Personal => "tdo_pat_",
            Self::OAuth => "tdo_oat_",
        }
    }

    /// What they are good for.
    pub fn audience(self) -> Audience {
        match self {
            Self::Personal => Audience::Api,
            Self::OAuth => Audience::Mcp,
        }
    }
}

/// An access token of a program's.
#[derive(Debug)]
pub struct ApiToken {
    kind: TokenKind,
    text: SecretString,
}

impl ApiToken {
    /// Makes a new one.
    pub fn random(kind: TokenKind) -> Self {
        let prefix = kind.prefix();
        let random = Alphanumeric.sample_string(&mut rand::rng(), RANDOM_CHARACTERS);
        let checksum = checksum(&random);
        Self { kind, text: SecretString::from(format!("{prefix}{random}{checksum}")) }
    }

    /// Parses one; `None` when it cannot be one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let kinds = [TokenKind::Personal, TokenKind::OAuth];
        let (kind, rest) =
            kinds.into_iter().find_map(|kind| Some((kind, text.strip_prefix(kind.prefix())?)))?;
        let is_sound = rest.len() == RANDOM_CHARACTERS + CHECKSUM_CHARACTERS
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let (random, check) = rest.split_at_checked(RANDOM_CHARACTERS).filter(|_| is_sound)?;
        (checksum(random) == check).then(|| Self { kind, text: SecretString::from(text) })
    }

    /// How a program came by it, if it is one.
    pub fn kind(&self) -> TokenKind {
        self.kind
    }

    /// The token as a program holds it.
    pub fn reveal(&self) -> &str {
        self.text.expose_secret()
    }

    /// What is stored of the token.
    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(self.reveal()).into())
    }
}

/// The CRC-32 of a text in base62, filled up with zeros in front.
fn checksum(text: &str) -> String {
    let mut rest = crc32(text.as_bytes());
    let mut digits = [DIGITS[0]; CHECKSUM_CHARACTERS];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest % 62) as usize];
        rest /= 62;
    }
    digits.into_iter().map(char::from).collect()
}

/// CRC-32 as in ISO-HDLC and zlib (RFC 1952 8), bit by bit: the text is short.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            let carry = 0xEDB8_8320 & 0_u32.wrapping_sub(crc & 1);
            (crc >> 1) ^ carry
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_one_that_everybody_knows() {
        // The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(checksum("").as_str(), "000000");
    }

    #[test]
    fn a_token_is_known_again_and_never_comes_twice() {
        for kind in [TokenKind::Personal, TokenKind::OAuth] {
            let token = ApiToken::random(kind);
            let known = ApiToken::parse(token.reveal()).unwrap();
            assert_eq!((known.hash(), known.kind()), (token.hash(), kind));
            assert_ne!(ApiToken::random(kind).hash(), token.hash());
            assert_eq!(token.reveal().len(), kind.prefix().len() + 49);
            assert!(token.reveal().starts_with(FAMILY));
        }
    }

    #[test]
    fn a_damaged_token_is_none() {
        let good = ApiToken::random(TokenKind::Personal).reveal().to_owned();
        for position in 0..good.len() {
            let mut bytes = good.clone().into_bytes();
            bytes[position] = if bytes[position] == b'x' { b'y' } else { b'x' };
            assert!(ApiToken::parse(std::str::from_utf8(&bytes).unwrap()).is_none(), "{position}");
        }
        let shorter = &good[..good.len() - 1];
        let letters = format!("{}{}", TokenKind::OAuth.prefix(), "\u{e9}".repeat(24));
        for text in ["", "tdo_pat_", shorter, &format!("{good}0"), &letters] {
            assert!(ApiToken::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_token_does_not_show() {
        let token = ApiToken::random(TokenKind::OAuth);
        assert!(!format!("{token:?}").contains(token.reveal()));
    }
}
