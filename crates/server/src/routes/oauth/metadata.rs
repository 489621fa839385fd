//! The metadata documents of this server as a protected resource (RFC 9728) and as an authorization server
//! (RFC 8414).

use actix_web::{
    HttpRequest,
    web::{Data, Json},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    error::ApiError,
    oauth::{issuer::offered_scopes, paths},
    state::AppState,
};

/// What tokens are for, and who gives them.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthProtectedResource)]
pub(crate) struct ResourceMetadata {
    resource: String,
    authorization_servers: [String; 1],
    scopes_supported: [&'static str; 2],
    bearer_methods_supported: [&'static str; 1],
    resource_name: &'static str,
    resource_documentation: String,
}

/// Who gives tokens, and how one asks.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthAuthorizationServer)]
pub(crate) struct ServerMetadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    registration_endpoint: String,
    revocation_endpoint: String,
    scopes_supported: [&'static str; 2],
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; 1],
    grant_types_supported: [&'static str; 2],
    /// Programs are public clients.
    token_endpoint_auth_methods_supported: [&'static str; 1],
    revocation_endpoint_auth_methods_supported: [&'static str; 1],
    code_challenge_methods_supported: [&'static str; 1],
    authorization_response_iss_parameter_supported: bool,
    client_id_metadata_document_supported: bool,
    service_documentation: String,
}

/// `GET /.well-known/oauth-protected-resource/mcp`, and the same without `/mcp`.
pub(in crate::routes) async fn protected_resource_metadata(
    request: HttpRequest,
    state: Data<AppState>,
) -> Result<Json<ResourceMetadata>, ApiError> {
    let issuer = state.issuer(request.headers())?;
    Ok(Json(ResourceMetadata {
        resource: issuer.resource(),
        authorization_servers: [issuer.as_str().to_owned()],
        scopes_supported: offered_scopes(),
        bearer_methods_supported: ["header"],
        resource_name: "Todo list",
        resource_documentation: issuer.url("/docs"),
    }))
}

/// `GET /.well-known/oauth-authorization-server`.
pub(in crate::routes) async fn authorization_server_metadata(
    request: HttpRequest,
    state: Data<AppState>,
) -> Result<Json<ServerMetadata>, ApiError> {
    let issuer = state.issuer(request.headers())?;
    Ok(Json(ServerMetadata {
        issuer: issuer.as_str().to_owned(),
        authorization_endpoint: issuer.url(paths::AUTHORIZE),
        token_endpoint: issuer.url(paths::TOKEN),
        registration_endpoint: issuer.url(paths::REGISTER),
        revocation_endpoint: issuer.url(paths::REVOKE),
        scopes_supported: offered_scopes(),
        response_types_supported: ["code"],
        response_modes_supported: ["query"],
        grant_types_supported: ["authorization_code", "refresh_token"],
        token_endpoint_auth_methods_supported: ["none"],
        revocation_endpoint_auth_methods_supported: ["none"],
        code_challenge_methods_supported: ["S256"],
        authorization_response_iss_parameter_supported: true,
        client_id_metadata_document_supported: true,
        service_documentation: issuer.url("/docs"),
    }))
}
