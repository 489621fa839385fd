//! Comparing a password with the one of an account.

use domain::{
    account::UserWithPassword, client_network::ClientNetwork, error_chain::with_causes, ports::PasswordCheck,
    text_validation::reject_nul,
};
use secrecy::{ExposeSecret, SecretString};

use crate::{error::ApiError, state::AppState};

/// A password that is only compared: no rule but the one for all text.
pub(super) fn password_to_check(password: &SecretString) -> Result<String, ApiError> {
    reject_nul("password", password.expose_secret())?;
    Ok(password.expose_secret().to_owned())
}

/// Whether a password is the one of an account, or of none. A right one is kept with a new hash where the
/// old one took less work than new ones take.
pub(super) async fn is_password_right(
    state: &AppState,
    account: Option<&UserWithPassword>,
    candidate: String,
    source: ClientNetwork,
) -> Result<bool, ApiError> {
    let ports = state.ports()?;
    let hash = account.map(|account| account.hash.clone());
    let rehashed = match ports.passwords.verify(candidate, hash, source).await? {
        PasswordCheck::Wrong => return Ok(false),
        PasswordCheck::Right { rehashed } => rehashed,
    };
    if let Some((account, rehashed)) = account.zip(rehashed) {
        let user = account.user.id;
        let replaced = ports.accounts.replace_password_hash(user, &account.hash, &rehashed).await;
        // Who knows the password gets in all the same; the next time it is tried again.
        if let Err(error) = replaced {
            let error = with_causes(&error);
            tracing::warn!(user.id = %user, error, "an old password hash could not be replaced");
        }
    }
    Ok(true)
}
