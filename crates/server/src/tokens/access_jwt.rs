//! Access tokens: signed by us, for us, with one algorithm, and short-lived.

use std::{sync::Arc, time::Duration};

use domain::{
    account::{User, UserId},
    caller::{Caller, Grant},
    ports::Clock,
    session::SessionId,
};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Maximum remaining lifetime of a token, also of one signed elsewhere with our key: a year.
const MAX_LIFETIME_SECONDS: i64 = 366 * 24 * 3600;
/// How far two clocks of ours may be apart.
const LEEWAY_SECONDS: i64 = 5;
/// More than any token of ours has; longer ones are not even decoded.
const MAX_BYTES: usize = 2048;
/// Who issues access tokens.
const ISSUER: &str = "todo-ai-chatbot";
/// What access tokens, and no other tokens of ours, are for.
const AUDIENCE: &str = "todo-ai-chatbot/api";

/// What is known of tokens from the configuration.
#[derive(Debug, Clone)]
pub struct JwtSettings {
    /// The key of signature and check, 32 bytes or more.
    pub secret: SecretString,
    /// The one algorithm: HS256, HS384 or HS512.
    pub algorithm: Algorithm,
    /// How long a token is good for.
    pub lifetime: Duration,
}

/// A token is not one of ours, not an access token, or out of its time.
#[derive(Debug, thiserror::Error)]
#[error("the access token is not good")]
pub struct InvalidAccessJwt;

/// A token could not be signed.
#[derive(Debug, thiserror::Error)]
#[error("an access token could not be signed")]
pub struct SigningError(#[from] jsonwebtoken::errors::Error);

/// Issues and verifies access tokens.
pub struct AccessJwts {
    encoding: EncodingKey,
    decoding: DecodingKey,
    validation: Validation,
    header: Header,
    lifetime: i64,
    clock: Arc<dyn Clock>,
}

/// A token that was issued.
pub struct IssuedJwt {
    /// The token.
    pub token: String,
    /// How many seconds it is good for.
    pub expires_in: i64,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    sub: Uuid,
    iat: i64,
    exp: i64,
    iss: String,
    aud: String,
    /// Not-before time (RFC 7519 4.1.5), if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nbf: Option<i64>,
    /// The version of the user's tokens: raising it revokes all that came before.
    ver: i32,
    /// The session that it was issued in and ends with. Tokens from before there was this claim end
    /// by themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<Uuid>,
}

impl AccessJwts {
    /// Makes the tokens of these settings.
    pub fn new(settings: &JwtSettings, clock: Arc<dyn Clock>) -> Self {
        let secret = settings.secret.expose_secret().as_bytes();
        let mut validation = Validation::new(settings.algorithm);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        // Times are checked below, by our own clock.
        validation.validate_exp = false;
        Self {
            encoding: EncodingKey::from_secret(secret),
            decoding: DecodingKey::from_secret(secret),
            validation,
            header: Header::new(settings.algorithm),
            lifetime: i64::try_from(settings.lifetime.as_secs()).unwrap_or(i64::from(i32::MAX)),
            clock,
        }
    }

    /// Issues a token to `user` that is good while their session lasts, and no longer than its own time.
    ///
    /// # Errors
    /// When the signature cannot be made, which the settings rule out.
    pub fn issue(&self, user: &User, session: SessionId) -> Result<IssuedJwt, SigningError> {
        let now = self.clock.now().timestamp();
        let claims = Claims {
            sub: user.id.0,
            iat: now,
            exp: now + self.lifetime,
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            nbf: None,
            ver: user.token_version,
            sid: Some(session.0),
        };
        let token = jsonwebtoken::encode(&self.header, &claims, &self.encoding)?;
        Ok(IssuedJwt { token, expires_in: self.lifetime })
    }

    /// Returns who a token speaks for.
    ///
    /// # Errors
    /// When it is not one of ours, not an access token, or out of its time. Why is not told.
    pub fn verify(&self, token: &str) -> Result<Caller, InvalidAccessJwt> {
        if token.len() > MAX_BYTES {
            return Err(InvalidAccessJwt);
        }
        let data = jsonwebtoken::decode::<Claims>(token, &self.decoding, &self.validation)
            .map_err(|_error| InvalidAccessJwt)?;
        // RFC 7515 4.1.11: extensions that one must understand, and we understand none.
        if data.header.crit.is_some() {
            return Err(InvalidAccessJwt);
        }
        let now = self.clock.now().timestamp();
        // When it was issued is not asked: a replica whose clock is fast issues tokens from the future, and
        // what bounds a token is its end.
        let is_current = data.claims.exp.saturating_add(LEEWAY_SECONDS) > now
            && data.claims.exp <= now.saturating_add(MAX_LIFETIME_SECONDS)
            && data.claims.nbf.is_none_or(|nbf| nbf <= now.saturating_add(LEEWAY_SECONDS));
        if !is_current {
            return Err(InvalidAccessJwt);
        }
        let Claims { sub, ver, sid, .. } = data.claims;
        Ok(Caller { user: UserId(sub), token_version: ver, grant: sid.map(SessionId).map(Grant::Session) })
    }
}

#[cfg(test)]
mod tests;
