//! Routes of the consent page: what a program asks a person for, and the person's decision.

use actix_web::{
    HttpRequest,
    web::{Data, Json},
};
use domain::{
    access_token::Scopes,
    caller::Caller,
    oauth::{GrantId, NewGrant},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::read_authorization_request;
use crate::{
    error::ApiError,
    extract::{body::JsonBody, caller::Authenticated, client_address::FromAddress},
    field_schemas,
    oauth::{
        authorization_request::AuthorizationRequest,
        issuer::Issuer,
        redirect_uri::{RedirectTarget, redirect_target},
    },
    state::AppState,
    tokens::refresh::RefreshToken,
};

/// The most bytes of a person's word: it repeats the program's request.
const MAX_BODY_BYTES: usize = 32 * 1024;

/// A program, as far as a person can be told who it is.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthConsentClient)]
pub(crate) struct ConsentClient {
    client_id: String,
    name: String,
    #[schema(required)]
    uri: Option<String>,
}

/// What a program asks a person for.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthAuthorizationRequest)]
pub(crate) struct AuthorizationRequestBody {
    client: ConsentClient,
    /// The host to which the person is sent back, or the scheme of an app.
    redirect_host: String,
    /// Whether that is on the person's own machine.
    redirect_is_local: bool,
    #[schema(schema_with = field_schemas::oauth_scopes)]
    scopes: Vec<&'static str>,
    resource: String,
}

/// A person's word.
#[derive(Deserialize, ToSchema)]
#[schema(as = OAuthDecision)]
pub(crate) struct ConsentDecision {
    /// The query with which the program sent the browser here, as it was.
    #[schema(example = "response_type=code&client_id=https%3A%2F%2Fapp.example%2Fclient.json&\
                        redirect_uri=https%3A%2F%2Fapp.example%2Fcallback&state=xyz&code_challenge_method=S256&\
                        code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")]
    request: String,
    approved: bool,
    /// What the program may do, of what it asks for; with a yes.
    #[serde(default)]
    #[schema(schema_with = field_schemas::oauth_scopes_or_none)]
    scopes: Vec<String>,
}

/// Where the browser is to go.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthRedirect)]
pub(crate) struct Redirect {
    redirect_to: String,
}

/// `GET /api/oauth/authorization`, with the query of the request.
pub(in crate::routes) async fn show_authorization(
    request: HttpRequest,
    state: Data<AppState>,
    FromAddress(source): FromAddress,
) -> Result<Json<AuthorizationRequestBody>, ApiError> {
    let issuer = state.issuer(request.headers())?;
    let store = state.ports()?.oauth.as_ref();
    let query = request.query_string();
    let asked = read_authorization_request(query, &issuer, &state, store, source).await?;
    let RedirectTarget { host, is_local } = redirect_target(&asked.redirect_uri);
    let client = asked.client;
    Ok(Json(AuthorizationRequestBody {
        client: ConsentClient {
            client_id: client.id,
            name: client.name.as_str().to_owned(),
            uri: client.uri,
        },
        redirect_host: host,
        redirect_is_local: is_local,
        scopes: asked.scopes.names(),
        resource: issuer.resource(),
    }))
}

/// `POST /api/{user_id}/oauth/authorizations`.
pub(in crate::routes) async fn decide_authorization(
    Authenticated(caller): Authenticated,
    request: HttpRequest,
    state: Data<AppState>,
    FromAddress(source): FromAddress,
    JsonBody(body): JsonBody<ConsentDecision, MAX_BODY_BYTES>,
) -> Result<Json<Redirect>, ApiError> {
    let issuer = state.issuer(request.headers())?;
    let store = state.ports()?.oauth.as_ref();
    let asked = read_authorization_request(&body.request, &issuer, &state, store, source).await?;
    let redirect_to = if body.approved {
        let scopes = chosen(&body.scopes, asked.scopes)?;
        grant(&state, caller, asked, scopes, &issuer).await?
    } else {
        asked.denied_redirect(&issuer)
    };
    Ok(Json(Redirect { redirect_to }))
}

/// What the person lets the program do.
fn chosen(names: &[String], asked: Scopes) -> Result<Scopes, ApiError> {
    let chosen = Scopes::parse(names.iter().map(String::as_str))?;
    if chosen.is_subset_of(asked) {
        return Ok(chosen);
    }
    Err(ApiError::invalid("scopes", "The program does not ask for one of these scopes."))
}

/// Lets the program in, and returns where the code is carried to.
async fn grant(
    state: &AppState,
    caller: Caller,
    asked: AuthorizationRequest,
    scopes: Scopes,
    issuer: &Issuer,
) -> Result<String, ApiError> {
    let code = RefreshToken::first(state.ids.next());
    let new = NewGrant {
        id: GrantId(code.owner()),
        client: asked.client.clone(),
        scopes,
        redirect_uri: asked.redirect_uri.clone(),
        code_challenge: asked.code_challenge.clone(),
        code: code.hash(),
    };
    state.ports()?.oauth.grant(caller, &new).await?;
    Ok(asked.granted_redirect(issuer, &code.reveal()))
}
