//! The language of the database's messages: `error` knows some of them by their English words.

use diesel::{
    dsl::sql,
    sql_types::{Nullable, Text},
};
use diesel_async::RunQueryDsl;
use domain::ports::StoreError;

use super::Database;

/// A language of messages that is not English, as `lc_messages` names it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "its messages are in another language than English (lc_messages is {0:?}): deadlocks, time-outs and a full disk \
     are not recognised then, and answered with 500. A superuser, or whoever may set lc_messages, changes that with \
     ALTER DATABASE … SET lc_messages = 'C'; it holds for new connections"
)]
pub struct NonEnglishLcMessages(String);

impl Database {
    /// Looks at the language of the database's messages, and returns it if it is not English.
    ///
    /// # Errors
    /// When the database is unavailable.
    pub async fn non_english_lc_messages(&self) -> Result<Option<NonEnglishLcMessages>, StoreError> {
        let locale = self
            .read(async |mut connection| {
                let setting = sql::<Nullable<Text>>("SELECT current_setting('lc_messages', true)");
                Ok(setting.get_result::<Option<String>>(&mut connection).await?)
            })
            .await?;
        Ok(locale.filter(|locale| !is_english(locale)).map(NonEnglishLcMessages))
    }
}

/// Whether messages are English under a locale of a C library: `C.UTF-8`, `en_US.UTF-8`, `English_United
/// States.1252`. Nothing is said by an empty one.
fn is_english(locale: &str) -> bool {
    let language = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
    ["", "C", "POSIX", "en", "English"].contains(&language)
}

#[cfg(test)]
mod tests {
    use super::is_english;

    #[test]
    fn english_is_known_under_all_its_names() {
        for locale in
            ["C", "C.UTF-8", "C.utf8", "POSIX", "en_US.UTF-8", "en_GB@euro", "English_United States.1252", ""]
        {
            assert!(is_english(locale), "{locale}");
        }
        for locale in ["de_DE.UTF-8", "de", "ca_ES", "eo", "enm_GB", "German_Germany.1252"] {
            assert!(!is_english(locale), "{locale}");
        }
    }
}
