//! Rules for secrets: long, not one that stands in a tutorial, and fit for a header.

use secrecy::{ExposeSecret, SecretString};

const MIN_BYTES: usize = 32;
const MIN_DIFFERENT_BYTES: usize = 8;

/// What placeholders have in common, once everything but letters and digits is gone.
const PLACEHOLDER_WORDS: [&str; 15] = [
    "changeme",
    "changethis",
    "changeit",
    "changein",
    "replacethis",
    "replaceme",
    "placeholder",
    "yoursecret",
    "yourjwt",
    "yoursuper",
    "your256bit",
    "supersecret",
    "secretkeyhere",
    "notsosecret",
    "stringsecretatleast",
];

/// Secrets that stand in tutorials and look random.
const PUBLISHED: [&str; 3] = [
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
    "0123456789abcdef0123456789abcdef",
    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
];

/// Checks a secret that signs tokens.
pub(super) fn signing_secret(secret: &SecretString) -> Result<SecretString, String> {
    let text = secret.expose_secret();
    if is_placeholder(text) {
        return Err(
            "must not be a placeholder or a published example: `openssl rand -hex 32` prints a good one"
                .to_owned(),
        );
    }
    let mut different: Vec<u8> = text.bytes().collect();
    different.sort_unstable();
    different.dedup();
    if text.len() < MIN_BYTES || different.len() < MIN_DIFFERENT_BYTES {
        return Err(format!(
            "must be a random secret of {MIN_BYTES} bytes or more, such as `openssl rand -hex 32` prints"
        ));
    }
    Ok(secret.clone())
}

/// Checks a secret that a scraper sends.
pub(super) fn metrics_secret(secret: &SecretString) -> Result<SecretString, String> {
    if secret.expose_secret().len() < MIN_BYTES {
        return Err(format!("must have {MIN_BYTES} bytes or more, such as `openssl rand -hex 32` prints"));
    }
    header_secret(secret)
}

/// Checks a secret that is sent in a header.
pub(super) fn header_secret(secret: &SecretString) -> Result<SecretString, String> {
    if secret.expose_secret().bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(secret.clone());
    }
    Err("must be visible ASCII without spaces: was something else copied along?".to_owned())
}

fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let plain: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    PUBLISHED.contains(&lower.as_str()) || PLACEHOLDER_WORDS.iter().any(|word| plain.contains(word))
}
