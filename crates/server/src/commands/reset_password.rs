//! `todo-ai-chatbot reset-password EMAIL`: how the operator helps somebody who forgot their
//! password, with or without a mail server.

use domain::{
    account::Email,
    one_time_token::{IssueOutcome, NewOneTimeToken, RESET_MINUTES, TokenPurpose},
    ports::OneTimeTokenStore,
};

use crate::{
    account_mail::{link, view},
    config::Config,
    database_troubleshooting, service_clients,
    tokens::secret_link_token::SecretLinkToken,
};

/// Makes a link to another password for the account with this address, and returns it with a sentence
/// about it. Only the output has it: no mail is sent.
///
/// # Errors
/// With what is wrong and what to do, in a sentence without a secret.
pub async fn reset_password(config: Config, email: &str) -> Result<String, String> {
    let email = Email::parse(email).map_err(|error| error.message)?;
    service_clients::choose_cryptography();
    let Some(place) = config.database else {
        return Err("DATABASE_URL is not set: which database has the account?".to_owned());
    };
    let database = service_clients::database(place, config.limits)
        .map_err(|error| format!("DATABASE_URL cannot be used: {error}"))?;
    let secret = SecretLinkToken::random();
    let purpose = TokenPurpose::ResetPassword;
    let token = NewOneTimeToken { purpose, secret: secret.hash(), by_mail: false };
    let outcome = database
        .issue(&email, &token)
        .await
        .map_err(|error| database_troubleshooting::with_advice(&error))?;
    if outcome != IssueOutcome::Issued {
        return Err("no account has this address".to_owned());
    }
    let once =
        format!("Good once, and for {RESET_MINUTES} minutes. Whoever opens it can choose the password.");
    Ok(match &config.public_url {
        Some(page) => format!("{}\n{once}", link(page, purpose, &secret)),
        None => format!(
            "/#/{}?token={}\n{once}\nPUBLIC_URL is not set: write the address of the page in front of it.",
            view(purpose),
            secret.reveal()
        ),
    })
}
