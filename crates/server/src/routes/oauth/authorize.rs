//! The authorization endpoint: sends a person's browser to the consent page, if there is anything to be
//! asked.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ContentType, HeaderValue, LOCATION},
    },
    web::Data,
};

use super::read_authorization_request;
use crate::{
    error::ApiError,
    extract::client_address::FromAddress,
    middleware::{error_bodies::OwnErrorBody, security_headers::CONSENT_POLICY},
    oauth::{
        authorization_request::AuthorizationError,
        protocol_error::ProtocolError,
        redirect_uri::{RedirectTarget, redirect_target},
    },
    routes::web_page,
    state::AppState,
};

const AUTHORIZATION_ERROR_PAGE: &str = include_str!("authorization_error.html");

/// `GET /oauth/authorize`.
pub(in crate::routes) async fn authorize(
    request: HttpRequest,
    state: Data<AppState>,
    FromAddress(source): FromAddress,
) -> Result<HttpResponse, ApiError> {
    let issuer = state.issuer(request.headers())?;
    let store = state.ports()?.oauth.as_ref();
    let query = request.query_string();
    let mut response = match read_authorization_request(query, &issuer, &state, store, source).await {
        Ok(_) => web_page::page(&request, &state),
        Err(AuthorizationError::RedirectError(address, error)) => told(address, &error),
        Err(error) => match ApiError::from(error) {
            shown @ ApiError::Authorization(_) => refused(&shown.sentence(), ""),
            // What may be otherwise in a moment, and what is wrong with us.
            other => return Err(other),
        },
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONSENT_POLICY));
    // What is in the address is for once.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// Tells a program what is wrong with its request. Anybody may register any address, so an error redirects by
/// itself only to the person's own machine: elsewhere the person decides (RFC 9700 4.11.2).
fn told(address: String, error: &ProtocolError) -> HttpResponse {
    let RedirectTarget { host, is_local } = redirect_target(&address);
    if is_local {
        return HttpResponse::Found().insert_header((LOCATION, address)).finish();
    }
    let (address, host) = (web_page::escape_html(&address), web_page::escape_html(&host));
    refused(error.description, &format!("<a href=\"{address}\" rel=\"noreferrer\">Back to {host}</a>"))
}

/// A page for the person.
fn refused(why: &str, back: &str) -> HttpResponse {
    let page =
        AUTHORIZATION_ERROR_PAGE.replace("{{why}}", &web_page::escape_html(why)).replace("{{back}}", back);
    let mut response =
        HttpResponse::build(StatusCode::BAD_REQUEST).content_type(ContentType::html()).body(page);
    response.extensions_mut().insert(OwnErrorBody);
    response
}
