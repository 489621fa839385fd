//! Parses the profile of a person that a provider returns.

use domain::{
    account::{Email, UserName},
    linked_identity::Profile,
    ports::ProviderError,
};
use serde::{Deserialize, de::DeserializeOwned};

const MAX_SUBJECT_CHARACTERS: usize = 255;
const MAX_AVATAR_URL_CHARACTERS: usize = 500;

/// The userinfo of OpenID Connect Core 5.1.
#[derive(Deserialize)]
struct GoogleUser {
    sub: String,
    email: Option<String>,
    #[serde(default)]
    email_verified: bool,
    name: Option<String>,
    picture: Option<String>,
}

/// `GET /user` of GitHub's API.
#[derive(Deserialize)]
struct GitHubUser {
    id: u64,
    login: String,
    name: Option<String>,
    avatar_url: Option<String>,
}

/// `GET /user/emails` of GitHub's API.
#[derive(Deserialize)]
struct GitHubEmail {
    email: String,
    #[serde(default)]
    primary: bool,
    #[serde(default)]
    verified: bool,
}

/// Reads what Google says.
pub(super) fn of_google(user: &[u8]) -> Result<Profile, ProviderError> {
    let user: GoogleUser = read(user)?;
    profile(user.sub, user.email.filter(|_| user.email_verified), user.name, user.picture)
}

/// Reads what GitHub says: of a person's addresses the primary one counts, if it is verified.
pub(super) fn of_github(user: &[u8], emails: &[u8]) -> Result<Profile, ProviderError> {
    let user: GitHubUser = read(user)?;
    let emails: Vec<GitHubEmail> = read(emails)?;
    let email = emails.into_iter().find(|email| email.primary && email.verified).map(|email| email.email);
    profile(user.id.to_string(), email, user.name.or(Some(user.login)), user.avatar_url)
}

fn profile(
    subject: String,
    verified_email: Option<String>,
    name: Option<String>,
    avatar_url: Option<String>,
) -> Result<Profile, ProviderError> {
    let count = subject.chars().count();
    if count == 0 || count > MAX_SUBJECT_CHARACTERS || subject.contains('\0') {
        return Err(ProviderError::BadAnswer("its id of the person is none".to_owned()));
    }
    let is_picture = |url: &String| {
        url.starts_with("https://")
            && url.chars().count() <= MAX_AVATAR_URL_CHARACTERS
            && !url.contains(char::is_control)
    };
    Ok(Profile {
        subject,
        verified_email: verified_email.and_then(|email| Email::parse_mailbox(&email).ok()),
        // An invalid display name is dropped; it is no reason to refuse a sign-in.
        name: name.and_then(|name| UserName::parse(&name).ok().flatten()),
        avatar_url: avatar_url.filter(is_picture),
    })
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ProviderError> {
    serde_json::from_slice(body)
        .map_err(|_it_may_quote_a_person| ProviderError::BadAnswer("who it is cannot be read".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_counts_only_when_it_is_verified() {
        let google = |verified: &str| {
            let user = format!(r#"{{"sub":"7","email":"Ann@Example.com"{verified},"name":"Ann"}}"#);
            of_google(user.as_bytes()).unwrap().verified_email
        };
        assert_eq!(google(r#","email_verified":true"#).unwrap().as_str(), "ann@example.com");
        assert_eq!((google(r#","email_verified":false"#), google("")), (None, None));
        let github = |emails: &str| {
            let user = br#"{"id":7,"login":"ann","name":null,"avatar_url":"http://example.com/a.png"}"#;
            of_github(user, emails.as_bytes()).unwrap()
        };
        let both = r#"[{"email":"old@example.com","primary":false,"verified":true},
                       {"email":"ann@example.com","primary":true,"verified":true}]"#;
        let ann = github(both);
        assert_eq!(ann.verified_email.unwrap().as_str(), "ann@example.com");
        assert_eq!((ann.subject.as_str(), ann.name.unwrap().as_str()), ("7", "ann"));
        assert_eq!(ann.avatar_url, None, "what is not https is no picture");
        let unverified = r#"[{"email":"ann@example.com","primary":true,"verified":false},
                             {"email":"old@example.com","primary":false,"verified":true}]"#;
        assert_eq!(github(unverified).verified_email, None);
        // Their mailbox there is not the one of mike@example.com.
        let of_another = r#"[{"email":"m\u0131ke@example.com","primary":true,"verified":true}]"#;
        assert_eq!(github(of_another).verified_email, None);
    }

    #[test]
    fn a_profile_without_an_id_is_refused() {
        for user in [r#"{"sub":""}"#, r#"{"email":"ann@example.com"}"#, r#"{"sub":7}"#, "[]", "<html>"] {
            assert!(of_google(user.as_bytes()).is_err(), "{user}");
        }
        assert!(of_google(format!(r#"{{"sub":"{}"}}"#, "7".repeat(256)).as_bytes()).is_err());
    }
}
