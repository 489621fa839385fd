//! The database: whether it answers, and whether its schema is that of this version.

use adapters::postgres::{Database, NonEnglishLcMessages, SchemaState};
use domain::ports::StoreError;

use super::Finding;
use crate::{config::Config, database_troubleshooting, service_clients};

/// Looks at the schema of the database.
pub(super) async fn check(config: &Config) -> Finding {
    let Some(database) = &config.database else {
        return Finding::Good(
            "DATABASE_URL is not set; the server starts a private PostgreSQL, for development".to_owned(),
        );
    };
    let location = database.location();
    let mut warnings = database.warnings().to_vec();
    let seen = match service_clients::database(database.clone(), config.limits) {
        Ok(database) => look(&database).await,
        Err(error) => return Finding::Bad(format!("DATABASE_URL cannot be used: {error}")),
    };
    let found = seen.map(|(state, foreign)| {
        warnings.extend(foreign.map(|warning| warning.to_string()));
        about(state)
    });
    let warnings: String = warnings.iter().map(|warning| format!("; {warning}")).collect();
    match found {
        Ok(Ok(words)) => Finding::Good(format!("{location} answers; {words}{warnings}")),
        Ok(Err(words)) => Finding::Bad(format!("{location} answers, but {words}{warnings}")),
        Err(error) => {
            Finding::Bad(format!("{location}: {}{warnings}", database_troubleshooting::with_advice(&error)))
        }
    }
}

async fn look(database: &Database) -> Result<(SchemaState, Option<NonEnglishLcMessages>), StoreError> {
    Ok((database.schema_state().await?, database.non_english_lc_messages().await?))
}

/// Says how the schema is, or as an error what is wrong with it.
fn about(state: SchemaState) -> Result<String, String> {
    let SchemaState { known, missing, unknown } = state;
    if state.is_too_new() {
        return Err(
            "it belongs to a much newer version of this server: run that version, or see Rollback in \
                    docs/DEPLOY.md"
                .to_owned(),
        );
    }
    match (missing, unknown) {
        (0, 0) => Ok(format!("all {known} migrations are applied")),
        (0, _) => {
            Ok(format!("all {known} migrations are applied, and one of a newer version, which is fine"))
        }
        _ => Err(format!(
            "{missing} of {known} migrations are missing: `todo-ai-chatbot migrate` applies them, and so does \
             the server when it starts"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_of_the_next_version_is_good_and_one_after_that_is_not() {
        let newer_by = |unknown| about(SchemaState { known: 3, missing: 0, unknown });
        assert_eq!(newer_by(0).unwrap(), "all 3 migrations are applied");
        assert!(newer_by(1).unwrap().contains("one of a newer version"));
        assert!(newer_by(2).unwrap_err().contains("much newer version"));
        assert!(about(SchemaState { known: 3, missing: 1, unknown: 1 }).unwrap_err().starts_with("1 of 3"));
    }
}
