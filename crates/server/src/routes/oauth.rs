//! OAuth 2.1 for programs that people connect: documents about this server, programs that register, the page
//! on which a person is asked, and tokens.

pub(super) mod authorize;
pub(super) mod consent;
pub(super) mod error_response;
pub(super) mod grants;
pub(super) mod metadata;
pub(super) mod register;
pub(super) mod token;

use domain::{client_network::ClientNetwork, ports::OAuthStore};

use crate::{
    oauth::{
        authorization_request::{AuthorizationError, AuthorizationRequest},
        issuer::Issuer,
    },
    state::AppState,
};

/// Reads what a program asks a person for. Documents are fetched for as long as the source may have some.
async fn read_authorization_request(
    query: &str,
    issuer: &Issuer,
    state: &AppState,
    store: &dyn OAuthStore,
    source: ClientNetwork,
) -> Result<AuthorizationRequest, AuthorizationError> {
    let may_fetch = || state.attempt_throttle.check_and_record_document_fetch(source);
    AuthorizationRequest::read(query, issuer, &state.oauth_clients, store, may_fetch).await
}
