//! Tokens for a code or a refresh token (RFC 6749 4.1.3 and 6), and tokens that are revoked (RFC 7009).

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::header::{CACHE_CONTROL, PRAGMA},
    web::{Data, Payload},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    access_token::{AccessTokenId, Scopes},
    oauth::{CodeExchange, GrantId, NewToken, Refresh, Revocation, TOKEN_SECONDS, TokenOutcome},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;

use super::error_response::EndpointError;
use crate::{
    extract::body::form,
    field_schemas,
    oauth::{
        authorization_request::scopes,
        parameters::Parameters,
        protocol_error::{ErrorCode, ProtocolError, refused},
    },
    openapi::{DescribeOutput, Operation},
    routes::response::{Customized, with_header},
    state::AppState,
    tokens::{
        api_token_format::{ApiToken, TokenKind},
        refresh::RefreshToken,
    },
};

/// What every refresh token of a program begins with.
const REFRESH_PREFIX: &str = "tdo_ort_";

/// The form of a request for a token: with a code, or with a refresh token.
#[derive(Deserialize, ToSchema)]
#[schema(as = OAuthTokenRequest)]
#[expect(dead_code, reason = "it describes the form, which is read parameter by parameter")]
pub(crate) struct TokenForm {
    #[schema(schema_with = field_schemas::grant_type)]
    grant_type: String,
    client_id: String,
    /// With `authorization_code`, as `code_verifier`.
    code: Option<String>,
    /// With `authorization_code`, where a client sends it as OAuth 2.0 has it: then it must be the one that
    /// the code was sent to.
    redirect_uri: Option<String>,
    code_verifier: Option<String>,
    /// With `refresh_token`.
    refresh_token: Option<String>,
    /// With `refresh_token`: fewer scopes than were granted.
    scope: Option<String>,
    /// The address of `/mcp`.
    resource: Option<String>,
}

/// The form in which a token is revoked.
#[derive(Deserialize, ToSchema)]
#[schema(as = OAuthRevocation)]
#[expect(dead_code, reason = "it describes the form, which is read parameter by parameter")]
pub(crate) struct RevocationForm {
    token: String,
    client_id: String,
    token_type_hint: Option<String>,
}

/// Tokens, as OAuth has them (RFC 6749 5.1).
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthTokens)]
pub(in crate::routes) struct TokensBody {
    access_token: String,
    #[schema(schema_with = field_schemas::oauth_token_type)]
    token_type: &'static str,
    /// Seconds.
    expires_in: i32,
    refresh_token: String,
    scope: String,
}

/// `POST /oauth/token`.
pub(in crate::routes) async fn issue_token(
    request: HttpRequest,
    state: Data<AppState>,
    payload: Payload,
) -> Result<Customized<TokensBody>, EndpointError> {
    let form = form(&request, payload.into_inner()).await?;
    let grant_type = form.require("grant_type", "The grant_type is missing.")?;
    let client_id = form.require("client_id", "The client_id is missing.")?;
    state.issuer(request.headers())?.check_resource(&form)?;
    let token = ApiToken::random(TokenKind::OAuth);
    let wanted = Wanted {
        client_id: client_id.to_owned(),
        token: NewToken { id: AccessTokenId(state.ids.next()), secret: token.hash() },
    };
    let (outcome, refresh) = match grant_type {
        "authorization_code" => exchange(&state, &form, wanted).await?,
        "refresh_token" => refresh(&state, &form, wanted).await?,
        _ => {
            let description = "The grant_type must be authorization_code or refresh_token.";
            return Err(refused(ErrorCode::UnsupportedGrantType, description).into());
        }
    };
    let scopes = granted(outcome)?;
    Ok(answer(&token, &refresh, scopes))
}

/// What a program is to get, and which program it says it is.
struct Wanted {
    client_id: String,
    token: NewToken,
}

async fn exchange(
    state: &AppState,
    form: &Parameters,
    wanted: Wanted,
) -> Result<(TokenOutcome, RefreshToken), EndpointError> {
    let code = form.require("code", "The code is missing.")?;
    let redirect_uri = form.get("redirect_uri")?.map(str::to_owned);
    let verifier = form.require("code_verifier", "The code_verifier is missing.")?;
    let code = RefreshToken::parse(code).map_err(|_error| not_good())?;
    let refresh = RefreshToken::first(code.owner());
    let exchange = CodeExchange {
        grant: GrantId(code.owner()),
        code: code.hash(),
        client_id: wanted.client_id,
        redirect_uri,
        code_challenge: URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)),
        token: wanted.token,
        first: refresh.hash(),
    };
    Ok((state.ports()?.oauth.exchange(&exchange).await?, refresh))
}

async fn refresh(
    state: &AppState,
    form: &Parameters,
    wanted: Wanted,
) -> Result<(TokenOutcome, RefreshToken), EndpointError> {
    let presented = form.require("refresh_token", "The refresh_token is missing.")?;
    let presented = refresh_token(presented).ok_or_else(not_good)?;
    let scopes = form.get("scope")?.map(|text| scopes(Some(text))).transpose()?;
    let next = state.refresh_tokens.next(&presented)?;
    let refresh = Refresh {
        grant: GrantId(presented.owner()),
        client_id: wanted.client_id,
        presented: presented.hash(),
        next: next.hash(),
        scopes,
        token: wanted.token,
    };
    Ok((state.ports()?.oauth.refresh(&refresh).await?, next))
}

fn refresh_token(text: &str) -> Option<RefreshToken> {
    RefreshToken::parse(text.strip_prefix(REFRESH_PREFIX)?).ok()
}

fn granted(outcome: TokenOutcome) -> Result<Scopes, ProtocolError> {
    match outcome {
        TokenOutcome::Issued(scopes) => Ok(scopes),
        TokenOutcome::Refused => Err(not_good()),
        TokenOutcome::ScopeExceeded => {
            Err(refused(ErrorCode::InvalidScope, "That is more than the person has granted."))
        }
    }
}

fn not_good() -> ProtocolError {
    refused(ErrorCode::InvalidGrant, "The code or the refresh token is not good, or no longer.")
}

fn answer(token: &ApiToken, refresh: &RefreshToken, scopes: Scopes) -> Customized<TokensBody> {
    let body = TokensBody {
        access_token: token.reveal().to_owned(),
        token_type: "Bearer",
        expires_in: TOKEN_SECONDS,
        refresh_token: format!("{REFRESH_PREFIX}{}", refresh.reveal()),
        scope: scopes.names().join(" "),
    };
    let response = with_header(body, Some((CACHE_CONTROL, "no-store")));
    response.insert_header((PRAGMA, "no-cache"))
}

/// `200` without a body (RFC 7009 2.2).
pub(in crate::routes) struct Revoked;

impl Responder for Revoked {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().finish()
    }
}

impl DescribeOutput for Revoked {
    fn describe(operation: Operation) -> Operation {
        operation.response(200, "It is good no longer.")
    }
}

/// `POST /oauth/revoke`. What is no token, or another program's, is as good as revoked (RFC 7009 2.2).
pub(in crate::routes) async fn revoke_oauth_token(
    request: HttpRequest,
    state: Data<AppState>,
    payload: Payload,
) -> Result<Revoked, EndpointError> {
    let form = form(&request, payload.into_inner()).await?;
    let token = form.require("token", "The token is missing.")?;
    let client_id = form.require("client_id", "The client_id is missing.")?;
    let access = ApiToken::parse(token).filter(|token| token.kind() == TokenKind::OAuth);
    let refresh = refresh_token(token);
    let revocation = match (access, refresh) {
        (Some(access), _) => Revocation::Access(access.hash()),
        (None, Some(refresh)) => Revocation::Refresh(GrantId(refresh.owner()), refresh.hash()),
        (None, None) => return Ok(Revoked),
    };
    state.ports()?.oauth.revoke_token(client_id, &revocation).await?;
    Ok(Revoked)
}
