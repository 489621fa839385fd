//! Authorization requests: what a program asks a person for, through their browser (RFC 6749 4.1.1 with 7636,
//! 8707 and 9207).

use domain::{
    access_token::Scopes,
    oauth::{self, Client},
    ports::OAuthStore,
};

use super::{
    clients::{ClientError, Clients},
    issuer::Issuer,
    parameters::{MAX_QUERY_BYTES, Parameters},
    protocol_error::{ErrorCode, ProtocolError, refused},
    redirect_uri,
};
use crate::attempt_throttle::TooManyAttempts;

/// The most bytes of what a program wants to have back as it was.
const MAX_STATE_BYTES: usize = 2_048;

/// A request that a person may be asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// The program.
    pub client: Client,
    /// Where the person is sent back to.
    pub redirect_uri: String,
    /// The scopes that it asks for.
    pub scopes: Scopes,
    /// The PKCE code challenge, of the method S256.
    pub code_challenge: String,
    /// What it wants to have back.
    pub state: Option<String>,
}

/// Why the person is not asked for their consent.
#[derive(Debug)]
pub enum AuthorizationError {
    /// The program is unknown. This and the next two are shown to the person here, without a redirect.
    Client(ClientError),
    /// The address to which people are to be sent back is not the program's.
    ForeignRedirect,
    /// The request cannot be read.
    Unreadable(&'static str),
    /// The program is told by a redirect to this address.
    RedirectError(String, ProtocolError),
}

impl AuthorizationRequest {
    /// Reads the query with which a program sends a browser here.
    ///
    /// # Errors
    /// When the person is not to be asked for their consent.
    pub async fn read(
        query: &str,
        issuer: &Issuer,
        clients: &Clients,
        store: &dyn OAuthStore,
        may_fetch: impl FnOnce() -> Result<(), TooManyAttempts>,
    ) -> Result<Self, AuthorizationError> {
        let here = |error: ProtocolError| AuthorizationError::Unreadable(error.description);
        if query.len() > MAX_QUERY_BYTES {
            return Err(here(refused(ErrorCode::InvalidRequest, "The request is too long.")));
        }
        let parameters = Parameters::parse(query.as_bytes());
        let id = parameters.require("client_id", "The client_id is missing.").map_err(here)?;
        let client = clients.find(id, store, may_fetch).await.map_err(AuthorizationError::Client)?;
        let address = parameters.require("redirect_uri", "The redirect_uri is missing.").map_err(here)?;
        if !client.redirect_uris.iter().any(|known| redirect_uri::matches_registered(known, address)) {
            return Err(AuthorizationError::ForeignRedirect);
        }
        let state = parameters.get("state").ok().flatten().filter(|state| state.len() <= MAX_STATE_BYTES);
        let back = |error: ProtocolError| {
            AuthorizationError::RedirectError(answer(address, issuer, state, &error_members(&error)), error)
        };
        let (scopes, code_challenge) = wishes(&parameters, issuer).map_err(back)?;
        Ok(Self {
            client,
            redirect_uri: address.to_owned(),
            scopes,
            code_challenge,
            state: state.map(str::to_owned),
        })
    }

    /// Where the person's browser carries the code to.
    pub fn granted_redirect(&self, issuer: &Issuer, code: &str) -> String {
        answer(&self.redirect_uri, issuer, self.state.as_deref(), &[("code", code)])
    }

    /// Where the person's browser carries their no to.
    pub fn denied_redirect(&self, issuer: &Issuer) -> String {
        let error = refused(ErrorCode::AccessDenied, "The person said no.");
        answer(&self.redirect_uri, issuer, self.state.as_deref(), &error_members(&error))
    }
}

/// What is asked for, and under which challenge.
fn wishes(parameters: &Parameters, issuer: &Issuer) -> Result<(Scopes, String), ProtocolError> {
    if parameters.get("state")?.is_some_and(|state| state.len() > MAX_STATE_BYTES) {
        return Err(refused(ErrorCode::InvalidRequest, "The state is too long."));
    }
    if parameters.require("response_type", "The response_type is missing.")? != "code" {
        return Err(refused(ErrorCode::UnsupportedResponseType, "The response_type must be code."));
    }
    let challenge =
        parameters.require("code_challenge", "The code_challenge is missing: PKCE is required.")?;
    if parameters.get("code_challenge_method")? != Some("S256") {
        return Err(refused(ErrorCode::InvalidRequest, "The code_challenge_method must be S256."));
    }
    if !is_challenge(challenge) {
        return Err(refused(ErrorCode::InvalidRequest, "The code_challenge is not that of S256."));
    }
    issuer.check_resource(parameters)?;
    Ok((scopes(parameters.get("scope")?)?, challenge.to_owned()))
}

/// Base64url of 32 bytes (RFC 7636 4.2).
fn is_challenge(text: &str) -> bool {
    text.len() == 43 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// The scopes that a text names and that can be had; all of them when there is no text. What is not
/// known is left out, which the token's answer says (RFC 6749 3.3).
///
/// # Errors
/// When none is left.
pub fn scopes(text: Option<&str>) -> Result<Scopes, ProtocolError> {
    let offered = Scopes::parse_known(oauth::SCOPES.map(domain::access_token::Scope::as_str));
    let named = match text {
        None => offered,
        Some(text) => Scopes::parse_known(text.split(' ')),
    };
    let both = offered.zip(named).and_then(|(offered, named)| named.intersection(offered));
    both.ok_or(refused(ErrorCode::InvalidScope, "The scopes are tasks:read and tasks:write."))
}

fn error_members(error: &ProtocolError) -> [(&'static str, &'static str); 2] {
    [("error", error.code.as_str()), ("error_description", error.description)]
}

/// An answer to a program: the address to which the browser goes. It names the issuer (RFC 9207).
fn answer(address: &str, issuer: &Issuer, state: Option<&str>, members: &[(&str, &str)]) -> String {
    let state = state.map(|state| ("state", state));
    let members = members.iter().copied().chain(state).chain([("iss", issuer.as_str())]);
    redirect_uri::with_parameters(address, members)
}
