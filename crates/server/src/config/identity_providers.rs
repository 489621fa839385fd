//! The configuration of the providers with which people may sign in.

use adapters::identity_provider::ProviderConfig;
use domain::linked_identity::Provider;
use secrecy::SecretString;
use url::Url;

use super::{RawConfig, config_errors::Problems, secret_rules};
use crate::public_url::PublicUrl;

/// The variables of one provider.
struct Variables<'a> {
    provider: Provider,
    /// Their names: id, secret, page, address.
    names: [&'static str; 4],
    id: Option<&'a str>,
    secret: Option<&'a SecretString>,
    page: Option<&'a str>,
    address: Option<&'a str>,
}

/// Returns the providers that are configured.
pub(super) fn settings(
    found: &mut Problems,
    raw: &RawConfig,
    public_url: Option<&PublicUrl>,
) -> Vec<ProviderConfig> {
    let google = Variables {
        provider: Provider::Google,
        names: ["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET", "GOOGLE_REDIRECT_URI", "GOOGLE_URL"],
        id: raw.google_client_id.as_deref(),
        secret: raw.google_client_secret.as_ref(),
        page: raw.google_redirect_uri.as_deref(),
        address: raw.google_url.as_deref(),
    };
    let github = Variables {
        provider: Provider::GitHub,
        names: ["GITHUB_CLIENT_ID", "GITHUB_CLIENT_SECRET", "GITHUB_REDIRECT_URI", "GITHUB_URL"],
        id: raw.github_client_id.as_deref(),
        secret: raw.github_client_secret.as_ref(),
        page: raw.github_redirect_uri.as_deref(),
        address: raw.github_url.as_deref(),
    };
    [google, github].into_iter().filter_map(|variables| one(found, variables, public_url)).collect()
}

fn one(found: &mut Problems, given: Variables<'_>, public_url: Option<&PublicUrl>) -> Option<ProviderConfig> {
    let [id_name, secret_name, page_name, address_name] = given.names;
    let client_secret = found.parse_secret(secret_name, given.secret, None, secret_rules::header_secret);
    let page = found.parse(page_name, given.page, None, |text| page(text).map(Some));
    let base_url = found.parse(address_name, given.address, None, |text| page_url(text).map(Some));
    match (given.id, given.secret) {
        (None, None) => return None,
        (None, Some(_)) => found.note(id_name, format!("is missing, which {secret_name} needs")),
        (Some(_), None) => found.note(secret_name, format!("is missing, which {id_name} needs")),
        (Some(_), Some(_)) => {}
    }
    let own = public_url.and_then(|page| Url::parse(&format!("{}/", page.as_str())).ok());
    if given.page.is_none() && own.is_none() {
        found.note(page_name, "or PUBLIC_URL is missing: the page to which the provider sends people back");
    }
    Some(ProviderConfig {
        provider: given.provider,
        client_id: given.id?.to_owned(),
        client_secret: client_secret?,
        redirect_url: page.or(own)?,
        base_url,
    })
}

fn page(text: &str) -> Result<Url, String> {
    page_url(text).map_err(|_same| "must be the address of a page: https://, and no # in it".to_owned())
}

/// `https`, or this machine.
fn page_url(text: &str) -> Result<Url, String> {
    let wants = || "must be an https:// address".to_owned();
    let url = Url::parse(text).map_err(|_error| wants())?;
    let is_loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let is_encrypted = url.scheme() == "https" || (url.scheme() == "http" && is_loopback);
    if is_encrypted && url.fragment().is_none() && url.password().is_none() { Ok(url) } else { Err(wants()) }
}
