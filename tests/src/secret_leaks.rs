//! A secret in the forms in which it could stand in a text without being there letter by letter.

use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};

/// The form of `secret` in which `text` holds it, if it does. So many of its first characters are no longer a
/// coincidence.
pub(crate) fn found_form(text: &str, secret: &str, prefix: usize) -> Option<String> {
    forms(secret, prefix).into_iter().find(|form| text.contains(form.as_str()))
}

/// Its beginning, which the whole of it has too; percent-encoded; and in base64, at each of the three places
/// that it can have among what is encoded with it.
fn forms(secret: &str, prefix: usize) -> Vec<String> {
    let percent_encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let mut forms =
        vec![secret.chars().take(prefix).collect(), percent_encoded.replace('+', "%20"), percent_encoded];
    for before in 0..3 {
        let bytes = [&[0; 3][..before], secret.as_bytes()].concat();
        // The letters that nothing but the secret is in: groups of four for three bytes.
        let last_group = bytes.len() / 3 * 3;
        let first_group = if before == 0 { 0 } else { 3 };
        let encoded = STANDARD_NO_PAD.encode(&bytes[first_group..last_group]);
        forms.push(encoded.replace('+', "-").replace('/', "_"));
        forms.push(encoded);
    }
    forms
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};

    use super::*;

    #[test]
    fn a_secret_is_found_in_every_form() {
        let secret = "sk-canary/of+the key";
        for log in [
            format!("key={secret}"),
            "key=sk-can…".to_owned(),
            "GET /?key=sk-canary%2Fof%2Bthe+key".to_owned(),
            STANDARD.encode(secret),
            STANDARD.encode(format!("u:{secret}")),
            URL_SAFE.encode(format!("{{\"key\":\"{secret}\"}}")),
            STANDARD.encode(format!("user:{secret} and more")),
        ] {
            assert!(found_form(&log, secret, 6).is_some(), "{log}");
        }
        assert_eq!(found_form("sk-ca…, Canary, 20 bytes", secret, 6), None);
        assert_eq!(found_form("sk-canary, as a title", secret, 10), None);
    }
}
