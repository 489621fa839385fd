//! Advice on a database that does not serve, as the troubleshooting of docs/DEPLOY.md has it.

use domain::{error_chain::with_causes, ports::StoreError};

/// Parts of what Postgres, Neon or TLS say, in lower case, and what helps.
/// The first that is found counts.
const ADVICE: [(&str, &str); 14] = [
    ("password authentication failed", "copy the connection string into DATABASE_URL again"),
    ("no pg_hba.conf entry", "the database refuses this user or an unencrypted connection: sslmode=require"),
    (
        "relation \"",
        "the tables are missing, or the newest: `todo-ai-chatbot migrate` makes them, or name another database in \
         DATABASE_URL",
    ),
    (
        "prepared statement",
        "a PgBouncer in front of the database has to be 1.21 or newer, with max_prepared_statements above 0",
    ),
    ("does not exist", "look at the names of the database and the user in DATABASE_URL"),
    ("permission denied", "give the user of DATABASE_URL the right to use this schema"),
    ("not valid for name", "use the host name in DATABASE_URL that the certificate is for"),
    (
        "certificate",
        "for a database on this machine write ?sslmode=disable at the end of DATABASE_URL; with an authority of your \
         own, put its certificate into the system's roots, or name its file in SSL_CERT_FILE",
    ),
    (
        "does not support tls",
        "turn TLS on at the database; for one on this machine write ?sslmode=disable at the end of DATABASE_URL",
    ),
    ("endpoint id is not specified", "use Neon's own host name in DATABASE_URL"),
    ("channel binding", "use an ECDSA or RSA certificate, or no channel_binding in DATABASE_URL"),
    ("too many", TOO_MANY),
    ("connection slots are reserved", TOO_MANY),
    ("much newer version", "run that version, or see Rollback in docs/DEPLOY.md"),
];
const TOO_MANY: &str = "use a smaller DATABASE_POOL_SIZE, or the -pooler host";
/// Advice for every other error: the server does not answer.
const UNREACHABLE: &str = "look whether it runs (its provider's console says so), and whether host and port in \
                           DATABASE_URL are right and not blocked from here";

/// The pool's own prefix of an error, left out because it says nothing.
const POOL_WORDS: &str = "Error occurred while creating a new object: ";

/// Says why the database does not serve, and what to do.
pub(crate) fn with_advice(error: &StoreError) -> String {
    let cause = with_causes(error).replace(POOL_WORDS, "");
    let lower = cause.to_lowercase();
    let known = ADVICE.iter().find(|(words, _)| lower.contains(words)).map(|(_, advice)| *advice);
    let otherwise = match error {
        StoreError::Unavailable(_) | StoreError::OutcomeUnknown(_) => UNREACHABLE,
        StoreError::Inconsistent { .. } | StoreError::Limit(_) | StoreError::UnknownCaller => {
            "look at the log of the database"
        }
    };
    format!("{cause}. What to do: {}", known.unwrap_or(otherwise))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_answers_nothing_and_who_refuses_are_told_apart() {
        let unavailable = |cause: &str| with_advice(&StoreError::Unavailable(cause.into()));
        assert!(unavailable("password authentication failed for user \"u\"").ends_with("DATABASE_URL again"));
        assert!(
            unavailable("ERROR: Endpoint ID is not specified").ends_with("own host name in DATABASE_URL")
        );
        assert!(unavailable("FATAL: too many connections for role").ends_with(TOO_MANY));
        assert!(
            unavailable("relation \"one_time_tokens\" does not exist")
                .ends_with("`todo-ai-chatbot migrate` makes them, or name another database in DATABASE_URL")
        );
        assert!(unavailable("prepared statement \"s7\" does not exist").contains("max_prepared_statements"));
        let certificate = unavailable("invalid peer certificate: UnknownIssuer");
        assert!(certificate.contains("?sslmode=disable") && certificate.contains("SSL_CERT_FILE"));
        let silent = unavailable("the database took too long");
        assert_eq!(
            silent,
            format!("the database is unavailable: the database took too long. What to do: {UNREACHABLE}")
        );
    }
}
