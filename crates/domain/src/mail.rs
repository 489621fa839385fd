//! A mail that the server sends to a person.

use crate::account::Email;

/// A mail: plain text to one person.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// To whom.
    pub to: Email,
    /// Its subject, which holds no user input.
    pub subject: &'static str,
    /// What it says.
    pub text: String,
}

/// Shows neither the address nor the text, which may hold a link that is a secret.
impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail").field("subject", &self.subject).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_shows_neither_address_nor_text() {
        let to = Email::parse("ann@example.com").unwrap();
        let shown = format!("{:?}", Mail { to, subject: "Hello", text: "canary".to_owned() });
        assert_eq!(shown, "Mail { subject: \"Hello\", .. }");
    }
}
