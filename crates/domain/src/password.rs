//! Passwords: which may be set, and what is kept of them.

use std::sync::LazyLock;

use crate::text_validation::{FieldError, reject_nul};

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
        reject_nul("password", raw)?;
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

/// The hash of a password, in PHC form. Who has it can try passwords in their own time: it is not to be
/// shown.
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

/// Of the passwords of eight characters and more, the 10,000 that lead published breach lists: in lower case
/// and in order. Where they are from is in `common_passwords.LICENSE.txt`.
static GUESSED_FIRST: LazyLock<Vec<&str>> =
    LazyLock::new(|| include_str!("password/common_passwords.txt").lines().collect());

fn is_guessed_first(password: &str) -> bool {
    GUESSED_FIRST.binary_search(&password.to_lowercase().as_str()).is_ok()
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
    }

    #[test]
    fn what_is_guessed_first_is_refused_in_any_case() {
        let first = GUESSED_FIRST[0];
        let last = GUESSED_FIRST[GUESSED_FIRST.len() - 1];
        for guess in [first, last, "password", "PassWord123", "QWERTYUIOP", "iLoveYou", "administrator"] {
            let refused = NewPassword::parse(guess).unwrap_err();
            assert!(refused.message.contains("guess"), "{guess}: {}", refused.message);
        }
        for longer in ["password of mine", "xpassword", " password"] {
            assert!(NewPassword::parse(longer).is_ok(), "{longer}");
        }
    }

    /// ASVS 5.0, 6.2.4, asks for 3,000 that could be chosen otherwise.
    #[test]
    fn the_list_of_guesses_is_long_and_in_order_and_each_could_be_chosen_otherwise() {
        assert!(GUESSED_FIRST.len() >= 10_000, "{}", GUESSED_FIRST.len());
        assert!(GUESSED_FIRST.is_sorted_by(|one, next| one < next));
        let is_reached =
            |guess: &&str| guess.len() >= 8 && guess.is_ascii() && guess.to_lowercase() == **guess;
        assert_eq!(GUESSED_FIRST.iter().find(|guess| !is_reached(guess)), None);
    }

    #[test]
    fn passwords_and_hashes_do_not_show_themselves() {
        assert!(!format!("{:?}", NewPassword::parse("correct horse").unwrap()).contains("horse"));
        assert!(!format!("{:?}", PasswordHash::new("$argon2id$horse")).contains("horse"));
    }
}
