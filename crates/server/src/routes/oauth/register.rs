//! Programs that register themselves (RFC 7591): for older ones, which keep no document about themselves.

use actix_web::{
    HttpRequest,
    web::{Data, Payload},
};
use domain::oauth::{Client, NewClient};
use serde::Serialize;
use utoipa::ToSchema;

use super::error_response::EndpointError;
use crate::{
    extract::{
        body::{BODY_TIMEOUT, SMALL, receive_json},
        client_address::FromAddress,
    },
    field_schemas,
    oauth::{
        client_metadata::ClientMetadata,
        protocol_error::{ErrorCode, refused},
    },
    routes::response::{Created, created},
    state::AppState,
};

/// A program that has registered, as it is known here.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthClient)]
pub(in crate::routes) struct ClientBody {
    client_id: String,
    client_id_issued_at: i64,
    client_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_uri: Option<String>,
    #[schema(schema_with = field_schemas::redirect_uris)]
    redirect_uris: Vec<String>,
    grant_types: [&'static str; 2],
    response_types: [&'static str; 1],
    token_endpoint_auth_method: &'static str,
}

/// `POST /oauth/register`.
pub(in crate::routes) async fn register_client(
    request: HttpRequest,
    state: Data<AppState>,
    FromAddress(source): FromAddress,
    payload: Payload,
) -> Result<Created<ClientBody>, EndpointError> {
    let body = receive_json(&request, payload.into_inner(), SMALL, BODY_TIMEOUT).await?;
    let broken = |_error| refused(ErrorCode::InvalidClientMetadata, "The body is not JSON of a client.");
    let metadata: ClientMetadata = body.read(|bytes| serde_json::from_slice(bytes)).map_err(broken)?;
    let id = state.ids.next();
    let client = metadata.client(id.to_string())?;
    let store = &state.ports()?.oauth;
    state.attempt_throttle.check_and_record_client_registration(source)?;
    store.register(&NewClient { id, client: client.clone() }).await?;
    let Client { id: client_id, name, uri: client_uri, redirect_uris } = client;
    Ok(created(ClientBody {
        client_id,
        client_id_issued_at: state.clock.now().timestamp(),
        client_name: name.as_str().to_owned(),
        client_uri,
        redirect_uris,
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
        token_endpoint_auth_method: "none",
    }))
}
