//! Passwords: which may be set, and what is kept of them.

use crate::text_validation::{FieldError, without_nul};

/// A password that may be set: 8 to 256 characters, at most 1,024 bytes, exactly as typed.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword(String);

impl NewPassword {
    /// Checks a password that somebody wants to set. It is never trimmed, truncated or normalised.
    ///
    /// # Errors
    /// When it is too short, too long, among the most guessed ones, or holds U+0000.
    pub fn parse(raw: &str) -> Result<Self, FieldError> {
        let refuse = |message| Err(FieldError::new("password", message));
        let count = raw.chars().count();
        if !(8..=256).contains(&count) || raw.len() > 1024 {
            return refuse("The password must have 8 to 256 characters.");
        }
        without_nul("password", raw)?;
        if is_guessed_first(raw) {
            return refuse(
                "This password is among the first that anyone would guess. Please choose another.",
            );
        }
        Ok(Self(raw.to_owned()))
    }

    /// The password itself, for the hasher alone.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

/// The hash of a password, in PHC form. Who has it can try passwords in their own time: it is no text to show.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// A hash as the hasher made it, or as it was stored.
    pub fn new(phc: impl Into<String>) -> Self {
        Self(phc.into())
    }

    /// The hash itself, for the hasher and the store alone.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

/// Of the passwords of eight characters and more, those that lead every published breach list.
const GUESSED_FIRST: &str = "12345678 123456789 1234567890 password password1 password12 password123 \
 passw0rd qwertyui qwertyuiop qwerty123 1q2w3e4r 1qaz2wsx iloveyou sunshine princess football baseball \
 superman trustno1 11111111 00000000 88888888 12341234 87654321 abcd1234 abcdefgh abc12345 letmein1 \
 welcome1 welcome123 admin123 administrator changeme starwars whatever computer internet michelle \
 jennifer asdfghjkl asdfasdf zxcvbnm1 q1w2e3r4 1q2w3e4r5t qazwsxedc master12 dragon12 monkey12 \
 p@ssword p@ssw0rd pa55word secret123 test1234 testtest hello123 charlie1 samsung1 liverpool";

fn is_guessed_first(password: &str) -> bool {
    let lower = password.to_lowercase();
    GUESSED_FIRST.split_whitespace().any(|guess| guess == lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_bounded_and_never_trimmed() {
        assert_eq!(NewPassword::parse("  spaces count  ").unwrap().expose(), "  spaces count  ");
        assert!(NewPassword::parse("1234567").is_err());
        assert!(NewPassword::parse(&"x".repeat(257)).is_err());
        assert!(NewPassword::parse("securepassword123").is_ok());
        assert!(NewPassword::parse("PassWord123").is_err());
    }

    #[test]
    fn passwords_and_hashes_do_not_show_themselves() {
        assert!(!format!("{:?}", NewPassword::parse("correct horse").unwrap()).contains("horse"));
        assert!(!format!("{:?}", PasswordHash::new("$argon2id$horse")).contains("horse"));
    }
}
