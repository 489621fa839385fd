//! The metadata of OAuth clients: given when they register (RFC 7591), or in a document at the address that
//! is their id (OAuth Client ID Metadata Documents).

use domain::oauth::{Client, ClientName, MAX_ADDRESS, MAX_REDIRECTS};
use serde::Deserialize;
use url::Url;
use utoipa::ToSchema;

use super::{
    protocol_error::{ErrorCode, ProtocolError, refused},
    redirect_uri,
};
use crate::field_schemas;

/// What a program says of itself. What is not known here is ignored, and every program is a public one:
/// whatever way it names to prove who it is, it is given none.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[schema(as = OAuthClientMetadata)]
pub struct ClientMetadata {
    /// The address of the document, in a document.
    #[schema(ignore)]
    client_id: Option<String>,
    /// What people are told.
    #[schema(example = "An assistant")]
    client_name: Option<String>,
    /// Its page.
    client_uri: Option<String>,
    /// By HTTPS, to the loopback, or to a scheme of the program's own.
    #[serde(default)]
    #[schema(schema_with = field_schemas::redirect_uris, required = true)]
    redirect_uris: Vec<String>,
    /// `authorization_code` must be among them, when they are given.
    grant_types: Option<Vec<String>>,
    /// `code` must be among them, when they are given.
    response_types: Option<Vec<String>>,
}

impl ClientMetadata {
    /// Reads a document about the program whose id is its address.
    ///
    /// # Errors
    /// When it is none, or about another one.
    pub fn of_document(document: &[u8], address: &str) -> Result<Client, ProtocolError> {
        let broken =
            |_error| refused(ErrorCode::InvalidClientMetadata, "The document is not JSON of a client.");
        let metadata: Self = serde_json::from_slice(document).map_err(broken)?;
        if metadata.client_id.as_deref() != Some(address) {
            return Err(refused(
                ErrorCode::InvalidClientMetadata,
                "The client_id is not the document's address.",
            ));
        }
        metadata.client(address.to_owned())
    }

    /// Returns the program with this id that says so.
    ///
    /// # Errors
    /// When it cannot be connected.
    pub fn client(self, id: String) -> Result<Client, ProtocolError> {
        let has = |list: &Option<Vec<String>>, word: &str| {
            list.as_ref().is_none_or(|list| list.iter().any(|given| given == word))
        };
        if !has(&self.grant_types, "authorization_code") || !has(&self.response_types, "code") {
            return Err(refused(
                ErrorCode::InvalidClientMetadata,
                "Programs are let in by grant_type authorization_code and response_type code.",
            ));
        }
        if !(1..=MAX_REDIRECTS).contains(&self.redirect_uris.len()) {
            return Err(refused(ErrorCode::InvalidRedirectUri, "There must be 1 to 10 redirect_uris."));
        }
        if !self.redirect_uris.iter().all(|address| redirect_uri::is_allowed(address)) {
            return Err(refused(
                ErrorCode::InvalidRedirectUri,
                "Each of the redirect_uris must be https, http to localhost, 127.0.0.1 or [::1], or a scheme of an \
                 app; without a fragment, of at most 500 characters.",
            ));
        }
        let uri = self.client_uri.filter(|address| is_page(address));
        let said = self.client_name.as_deref().and_then(ClientName::read);
        let name = said.or_else(|| name_of_place(&id, uri.as_deref(), &self.redirect_uris));
        let name = name.ok_or(refused(ErrorCode::InvalidClientMetadata, "The client_name is missing."))?;
        Ok(Client { id, name, uri, redirect_uris: self.redirect_uris })
    }
}

/// What to call a program that does not say: where it is.
fn name_of_place(id: &str, uri: Option<&str>, redirects: &[String]) -> Option<ClientName> {
    let places = [Some(id), uri].into_iter().flatten().chain(redirects.iter().map(String::as_str));
    let host = |place: &str| Url::parse(place).ok()?.host_str().map(str::to_owned);
    places.filter_map(host).find_map(|host| ClientName::read(&host))
}

/// Whether people can be shown an address as that of a program's page.
fn is_page(address: &str) -> bool {
    let url = Url::parse(address);
    let is_web = url.is_ok_and(|url| url.scheme() == "https" && url.username().is_empty());
    is_web && address.len() <= MAX_ADDRESS && address.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ADDRESS: &str = "https://app.example/client.json";

    fn read(change: impl FnOnce(&mut Value)) -> Result<Client, ErrorCode> {
        let mut document = json!({
            "client_id": ADDRESS, "client_name": "An app", "client_uri": "https://app.example",
            "redirect_uris": ["https://app.example/cb"], "token_endpoint_auth_method": "none", "jwks_uri": 7
        });
        change(&mut document);
        let read = ClientMetadata::of_document(document.to_string().as_bytes(), ADDRESS);
        read.map_err(|error| error.code)
    }

    #[test]
    fn a_document_is_about_the_program_whose_id_is_its_address() {
        let client = read(|_| ()).unwrap();
        assert_eq!((client.id.as_str(), client.name.as_str()), (ADDRESS, "An app"));
        for id in [json!("https://evil.example/client.json"), json!(format!("{ADDRESS}/")), json!(null)] {
            assert_eq!(read(|document| document["client_id"] = id), Err(ErrorCode::InvalidClientMetadata));
        }
        let broken = ClientMetadata::of_document(b"<html>", ADDRESS);
        assert_eq!(broken.map_err(|error| error.code), Err(ErrorCode::InvalidClientMetadata));
    }

    #[test]
    fn a_program_says_where_people_are_sent_back_and_is_called_something() {
        let redirects = |value: Value| read(|document| document["redirect_uris"] = value);
        for bad in [json!([]), json!(["http://a.example/cb"]), json!(vec!["https://a.example"; 11])] {
            assert_eq!(redirects(bad), Err(ErrorCode::InvalidRedirectUri));
        }
        assert_eq!(redirects(json!("x")), Err(ErrorCode::InvalidClientMetadata));
        let nameless = read(|document| document["client_name"] = json!("\u{200B}")).unwrap();
        assert_eq!(nameless.name.as_str(), "app.example");
        let pages = ["javascript:alert(1)", "http://a.example", "https://x@a.example"];
        for page in pages {
            assert_eq!(read(|document| document["client_uri"] = json!(page)).unwrap().uri, None);
        }
        let machine = read(|document| document["grant_types"] = json!(["client_credentials"]));
        assert_eq!(machine, Err(ErrorCode::InvalidClientMetadata));
    }
}
