//! Personal access tokens as programs hold them, in the form that GitHub gave its own so that scanners
//! find lost ones and typing errors cost no look into a database
//! (<https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/>):
//! a prefix, random characters of base62, and their CRC-32 in six more.

use domain::session::SecretHash;
use rand::distr::{Alphanumeric, SampleString};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// What every personal access token begins with.
pub const PREFIX: &str = "tdo_pat_";
/// 43 characters of 62 are 256 bits. Nobody guesses them, so their hash needs no salt and need not be slow.
const RANDOM_CHARACTERS: usize = 43;
const CHECKSUM_CHARACTERS: usize = 6;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A personal access token.
#[derive(Debug)]
pub struct PersonalToken(SecretString);

impl PersonalToken {
    /// Makes a new one.
    pub fn random() -> Self {
        let random = Alphanumeric.sample_string(&mut rand::rng(), RANDOM_CHARACTERS);
        let checksum = checksum(&random);
        Self(SecretString::from(format!("{PREFIX}{random}{checksum}")))
    }

    /// Reads what somebody presents as one; `None` when it cannot be one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(PREFIX)?;
        let is_sound = rest.len() == RANDOM_CHARACTERS + CHECKSUM_CHARACTERS
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let (random, check) = rest.split_at_checked(RANDOM_CHARACTERS).filter(|_| is_sound)?;
        (checksum(random) == check).then(|| Self(SecretString::from(text)))
    }

    /// The token as a program holds it.
    pub fn reveal(&self) -> &str {
        self.0.expose_secret()
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
        let token = PersonalToken::random();
        assert_eq!(PersonalToken::parse(token.reveal()).unwrap().hash(), token.hash());
        assert_ne!(PersonalToken::random().hash(), token.hash());
        assert_eq!(token.reveal().len(), PREFIX.len() + 49);
    }

    #[test]
    fn a_damaged_token_is_none() {
        let good = PersonalToken::random().reveal().to_owned();
        for position in 0..good.len() {
            let mut bytes = good.clone().into_bytes();
            bytes[position] = if bytes[position] == b'x' { b'y' } else { b'x' };
            assert!(PersonalToken::parse(std::str::from_utf8(&bytes).unwrap()).is_none(), "{position}");
        }
        let shorter = &good[..good.len() - 1];
        for text in ["", PREFIX, shorter, &format!("{good}0"), &format!("{PREFIX}{}", "é".repeat(24))] {
            assert!(PersonalToken::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_token_does_not_show() {
        let token = PersonalToken::random();
        assert!(!format!("{token:?}").contains(token.reveal()));
    }
}
