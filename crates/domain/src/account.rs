//! Accounts of people: the user, and the rules for their email address and name.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use unicode_normalization::UnicodeNormalization;

use crate::password::PasswordHash;
use crate::sign_in_provider::Provider;
use crate::text_validation::{FieldError, is_invisible, parse_trimmed};
use crate::time_zone::{TimeZone, WeekStart};

/// A user's id, a UUIDv7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct UserId(pub Uuid);

impl std::fmt::Display for UserId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// A user as the API shows one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The user's id.
    pub id: UserId,
    /// The address they sign in with.
    pub email: Email,
    /// What they like to be called.
    pub name: Option<UserName>,
    /// Which of the user's tokens are still good; see [`Caller`](crate::caller::Caller).
    pub token_version: i32,
    /// Where they are, unless a request says otherwise.
    pub time_zone: TimeZone,
    /// The first day of their week.
    pub week_start: WeekStart,
    /// Whether the email is confirmed. Unconfirmed accounts are not restricted.
    pub is_email_confirmed: bool,
    /// Whether they have a password, or sign in with a provider alone.
    pub has_password: bool,
    /// The provider with which they made the account, if with one.
    pub provider: Option<Provider>,
    /// Where their picture is.
    pub avatar_url: Option<String>,
    /// When they registered.
    pub created_at: DateTime<Utc>,
}

/// A user, and what a password of theirs is compared with.
#[derive(Debug, Clone)]
pub struct UserWithPassword {
    /// The user.
    pub user: User,
    /// The hash of their password; of who has none, one that no password is known for.
    pub hash: PasswordHash,
}

/// An e-mail address of at most 254 bytes (RFC 5321 4.5.3.1.3), in the one form that all its spellings
/// have: NFKC and without case before the `@`, and the domain as it is looked up (UTS 46).
///
/// The check is deliberately shallow: one `@` between a non-empty local part and a domain, and nothing
/// that nobody sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// Parses an address as it came from outside.
    ///
    /// # Errors
    /// When it cannot be an address or is longer than 254 bytes.
    pub fn parse(raw: &str) -> Result<Self, FieldError> {
        let refuse = |message| Err(FieldError::new("email", message));
        let no_address = "This is not an email address.";
        let address = raw.trim();
        if address.len() > 4 * 254 {
            return refuse("The email may have at most 254 bytes.");
        }
        let is_hidden = |c: char| c.is_whitespace() || c.is_control() || is_invisible(c);
        let Some((local, domain)) = address.split_once('@').filter(|_| !address.contains(is_hidden)) else {
            return refuse(no_address);
        };
        let local = without_case(local);
        let domain = idna::domain_to_ascii(domain).unwrap_or_default();
        if local.is_empty() || local.contains('@') || local.contains(is_hidden) || !is_domain(&domain) {
            return refuse(no_address);
        }
        let address = format!("{local}@{domain}");
        if address.len() > 254 {
            return refuse("The email may have at most 254 bytes.");
        }
        Ok(Self(address))
    }

    /// Parses an address that is to give access to an account: to whoever mail to it reaches. Spellings of
    /// one address need not be spellings of one mailbox: `weiß@` and `weiss@` may be two people's. So the
    /// part before the `@` may differ from its one form only in case and in composition (NFC).
    ///
    /// # Errors
    /// Those of [`Email::parse`], and when it might be another mailbox than its one form.
    pub fn parse_mailbox(raw: &str) -> Result<Self, FieldError> {
        let email = Self::parse(raw)?;
        let local = raw.trim().split('@').next().unwrap_or_default();
        let form = email.0.split('@').next().unwrap_or_default();
        if !is_one_mailbox(local, form) {
            let message = "The part before the @ has letters that are read as others here, such as \u{df} as ss. \
                           Please use an address without them.";
            return Err(FieldError::new("email", message));
        }
        Ok(email)
    }

    /// An address as it was stored, perhaps by an earlier version with other rules.
    pub fn from_stored(address: String) -> Self {
        Self(address)
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text in the one form that it has in any case and any composition: case changes what is composed,
/// so both are done until nothing changes.
fn without_case(text: &str) -> String {
    let mut form: String = text.nfkc().collect();
    // Two rounds are enough for every text that was tried.
    for _ in 0..8 {
        // By way of capitals, so that ß is ss and ı is i.
        let next: String = form.to_uppercase().to_lowercase().nfkc().collect();
        if next == form {
            break;
        }
        form = next;
    }
    form
}

/// Whether a local part differs from its one form only in case and in composition. In case it does when its
/// capitals can be told from the small letters: İ is no capital of i, nor is the sign of kelvin one of k.
fn is_one_mailbox(local: &str, form: &str) -> bool {
    let is_reversible =
        |c: char| c.to_lowercase().eq([c]) || c.to_lowercase().flat_map(char::to_uppercase).eq([c]);
    let composed: String = local.nfc().collect();
    local.chars().all(is_reversible) && composed.to_lowercase().nfc().eq(form.chars())
}

/// Dot-separated labels of letters, digits and inner hyphens.
fn is_domain(domain: &str) -> bool {
    domain.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    })
}

/// A name of 1 to 100 characters, trimmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserName(String);

impl UserName {
    /// Parses a name as it came from outside; blank text is no name.
    ///
    /// # Errors
    /// When it has more than 100 characters or holds U+0000.
    pub fn parse(raw: &str) -> Result<Option<Self>, FieldError> {
        let name = parse_trimmed("name", raw, 0..=100)?;
        Ok((!name.is_empty()).then_some(Self(name)))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address_are_one_address() {
        for (spelling, address) in [
            (" Ann@Example.COM ", "ann@example.com"),
            ("\u{FF41}nn@example.com", "ann@example.com"),
            ("stra\u{DF}e@example.com", "strasse@example.com"),
            ("\u{130}lker@example.com", "i\u{307}lker@example.com"),
            ("ann@B\u{FC}cher.example", "ann@xn--bcher-kva.example"),
            ("ann@xn--bcher-kva.example", "ann@xn--bcher-kva.example"),
            ("ann@\u{FF45}xample.com", "ann@example.com"),
            ("re\u{301}ne@example.com", "r\u{E9}ne@example.com"),
            ("\u{1FD7}@example.com", "\u{1FD7}@example.com"),
            ("\u{399}\u{308}\u{342}@example.com", "\u{1FD7}@example.com"),
        ] {
            assert_eq!(Email::parse(spelling).unwrap().as_str(), address, "{spelling:?}");
        }
    }

    #[test]
    fn what_may_be_another_mailbox_gives_no_access() {
        for mailbox in [
            " Ann@Example.COM ",
            "A.B+c@D.example",
            "ann@B\u{FC}cher.example",
            "ann@\u{FF45}xample.com",
            "re\u{301}ne@example.com",
            "RE\u{301}NE@example.com",
            "R\u{C9}NE@example.com",
            "\u{399}\u{308}\u{342}@example.com",
            "\u{3A3}\u{3B1}\u{3C2}@example.com",
            "\u{7528}\u{6237}@example.com",
        ] {
            assert_eq!(Email::parse_mailbox(mailbox).unwrap(), Email::parse(mailbox).unwrap(), "{mailbox:?}");
        }
        for other in [
            "wei\u{DF}@example.com",
            "WEI\u{1E9E}@example.com",
            "m\u{131}ke@example.com",
            "\u{130}lker@example.com",
            "\u{212A}ate@example.com",
            "\u{17F}am@example.com",
            "\u{FB01}nn@example.com",
            "\u{FF41}nn@example.com",
            "\u{3C3}\u{3B1}\u{3C3}@example.com",
        ] {
            assert!(Email::parse(other).is_ok(), "who has an account signs in: {other:?}");
            assert_eq!(Email::parse_mailbox(other).unwrap_err().field, "email", "{other:?}");
        }
        assert!(Email::parse_mailbox("ann").is_err());
    }

    proptest::proptest! {
        /// Whatever is typed: what is a mailbox is so in its one form, and is spelt as it but for case.
        #[test]
        fn a_mailbox_is_its_own_form(text in "\\PC{0,8}(\u{DF}|\u{131}|\u{C9})?@[a-z]{1,4}\\.[a-z]{2,4}") {
            if let Ok(mailbox) = Email::parse_mailbox(&text) {
                let form = mailbox.as_str();
                proptest::prop_assert_eq!(&Email::parse_mailbox(form).unwrap(), &mailbox);
                let small: String = text.trim().nfc().collect::<String>().to_lowercase().nfc().collect();
                proptest::prop_assert_eq!(small, form);
            }
        }

        /// Whatever is typed: what comes out is its own form, in any case, and short enough.
        #[test]
        fn an_address_has_one_form(text in "\\PC{0,12}@?\\PC{0,12}(\\.[a-z]{2,4})?") {
            if let Ok(email) = Email::parse(&text) {
                let form = email.as_str();
                proptest::prop_assert!(form.len() <= 254);
                proptest::prop_assert_eq!(&Email::parse(form).unwrap(), &email);
                proptest::prop_assert_eq!(&Email::parse(&form.to_uppercase()).unwrap(), &email);
            }
        }
    }

    #[test]
    fn every_address_is_its_own_form() {
        for raw in ["ann@example.com", "\u{DF}@b\u{FC}cher.example", "A.B+c@D.example"] {
            let once = Email::parse(raw).unwrap();
            assert_eq!(Email::parse(once.as_str()).unwrap(), once);
        }
    }

    #[test]
    fn what_cannot_be_an_address_is_refused() {
        let long = format!("{}@example.com", "a".repeat(250));
        for raw in [
            "",
            "ann",
            "@example.com",
            "ann@",
            "a b@example.com",
            "ann@exa\0mple.com",
            "a@-b.com",
            "a@b..c",
            "a@b@c",
            "a\u{200B}nn@example.com",
            "ann@exa\u{AD}mple.com",
            "ann\u{FF20}x@example.com",
            &long,
        ] {
            assert!(Email::parse(raw).is_err(), "{raw:?}");
        }
    }
}
