//! Parameters of OAuth, in a query or a form (RFC 6749 3.1, 3.2).

use url::form_urlencoded;

use super::protocol_error::{ErrorCode, ProtocolError, refused};

/// The most bytes of a query that asks for a person's yes.
pub const MAX_QUERY_BYTES: usize = 8 * 1024;

/// Names and values in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads `application/x-www-form-urlencoded` text. One without a value counts as left out.
    pub fn parse(text: &[u8]) -> Self {
        let pairs = form_urlencoded::parse(text).into_owned();
        Self(pairs.filter(|(_, value)| !value.is_empty()).collect())
    }

    /// Returns the value of a parameter, if it is there.
    ///
    /// # Errors
    /// When it is there twice.
    pub fn get(&self, name: &str) -> Result<Option<&str>, ProtocolError> {
        let mut all = self.all(name);
        let first = all.next();
        if all.next().is_some() {
            return Err(refused(ErrorCode::InvalidRequest, "A parameter is there twice."));
        }
        Ok(first)
    }

    /// Returns the value of a parameter that must be there.
    ///
    /// # Errors
    /// When it is not there, with this description, or there twice.
    pub fn require(&self, name: &str, missing: &'static str) -> Result<&str, ProtocolError> {
        self.get(name)?.ok_or(refused(ErrorCode::InvalidRequest, missing))
    }

    /// Every value of a parameter that may be there more than once (RFC 8707 2).
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}
