//! Query strings and paging: parameters by name, bounded numbers, and the link to the next page.

use std::{
    future::{Ready, ready},
    ops::RangeInclusive,
};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{HeaderName, LINK},
};
use url::form_urlencoded;

use crate::error::ApiError;

/// A request's query parameters. Unknown ones are ignored; of duplicates the last counts.
#[derive(Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl FromRequest for Query {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::parse(request.query_string())))
    }
}

impl Query {
    fn parse(text: &str) -> Self {
        Self(form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    /// Returns a parameter that is there and not blank.
    pub fn text(&self, name: &str) -> Option<&str> {
        let value = self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        value.filter(|value| !value.trim().is_empty())
    }

    /// Returns a whole number in `range`, if the parameter is there.
    ///
    /// # Errors
    /// When it is no such number.
    pub fn integer(&self, name: &str, range: RangeInclusive<i64>) -> Result<Option<i64>, ApiError> {
        let Some(text) = self.text(name) else { return Ok(None) };
        match text.parse::<i64>() {
            Ok(number) if range.contains(&number) => Ok(Some(number)),
            _ if *range.end() == i64::MAX => Err(ApiError::invalid(
                name,
                format!("The {name} must be a whole number from {}.", range.start()),
            )),
            _ => Err(ApiError::invalid(
                name,
                format!("The {name} must be a whole number from {} to {}.", range.start(), range.end()),
            )),
        }
    }

    /// Returns the header that links the next page: this query with another cursor. It stands for an offset
    /// too.
    pub fn next_page(&self, path: &str, cursor: &str, value: &str) -> (HeaderName, String) {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.0.iter().filter(|(name, _)| name != cursor && name != "offset"));
        query.append_pair(cursor, value);
        (LINK, format!("<{path}?{}>; rel=\"next\"", query.finish()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_begins_where_this_one_ends_and_skips_nothing() {
        let query = Query::parse("limit=2&offset=2&search=a%26b");
        let (_, link) = query.next_page("/tasks", "before", "7");
        assert_eq!(link, "</tasks?limit=2&search=a%26b&before=7>; rel=\"next\"");
        let (_, link) = query.next_page("/tasks", "offset", "4");
        assert_eq!(link, "</tasks?limit=2&search=a%26b&offset=4>; rel=\"next\"");
    }

    #[test]
    fn numbers_are_bounded() {
        let query = Query::parse("limit=500&bad=1e3&huge=99999999999999999999&blank=");
        assert_eq!(query.integer("limit", 1..=500).unwrap(), Some(500));
        assert_eq!(query.integer("none", 1..=500).unwrap(), None);
        assert_eq!(query.integer("blank", 1..=500).unwrap(), None);
        assert!(query.integer("limit", 1..=499).is_err());
        assert!(query.integer("bad", 1..=500).is_err());
        assert!(query.integer("huge", 0..=i64::MAX).is_err());
    }

    #[test]
    fn the_next_page_keeps_what_was_asked_for() {
        let query = Query::parse("search=a%26b&before=9&limit=2");
        let (_, link) = query.next_page("/tasks", "before", "7");
        assert_eq!(link, "</tasks?search=a%26b&limit=2&before=7>; rel=\"next\"");
    }
}
