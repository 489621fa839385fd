//! Deserialises a body, with errors that a person can act on.

mod well_formed_json;

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;
use well_formed_json::WellFormedJson;

use crate::error::ApiError;

/// Reads a JSON object.
///
/// The text is first read whole as any JSON: that is strict about encoding, depth and what follows
/// also in members that nobody asks for, and tells "not JSON" from "not what we want". Nothing is kept
/// of it: as values, four megabytes of small numbers would take a hundred.
///
/// # Errors
/// When it is no JSON, or no `T`, with a sentence that names the member.
pub fn read_object<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let WellFormedJson { is_object } = serde_json::from_slice(body)
        .map_err(|_error| ApiError::MalformedRequest("The body is not valid JSON, or nested too deeply."))?;
    if !is_object {
        return Err(ApiError::invalid("body", "The body must be a JSON object."));
    }
    // Read again from the text, in which a member that comes twice can still be seen.
    let mut members = serde_json::Deserializer::from_slice(body);
    serde_path_to_error::deserialize(&mut members).map_err(|error| explain(&error))
}

/// Reads a value that stands in a body.
///
/// # Errors
/// When it is no `T`, with a sentence that names the member.
pub fn read_value<T: DeserializeOwned>(value: Value) -> Result<T, ApiError> {
    if !value.is_object() {
        return Err(ApiError::invalid("body", "It must be a JSON object."));
    }
    serde_path_to_error::deserialize(value).map_err(|error| explain(&error))
}

/// Makes a sentence of what serde says, without the client's value in it.
fn explain(error: &serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    let (path, said) = (error.path().to_string(), error.inner().to_string());
    // The client's value stands in front of both, and may hold the same words.
    let place = format!(" at line {} column {}", error.inner().line(), error.inner().column());
    let said = said.strip_suffix(&place).unwrap_or(&said);
    let named = said.split('`').nth(1).unwrap_or("body");
    if said.starts_with("missing field") {
        return ApiError::invalid(named, format!("The {named} is missing."));
    }
    if said.starts_with("duplicate field") {
        return ApiError::invalid(named, format!("The {named} is given twice."));
    }
    let field = if path == "." { "body" } else { &path };
    let message = match said.rsplit_once(", expected ") {
        Some((_, wanted)) => format!("The {field} must be {}.", in_plain_words(wanted)),
        None => format!("The {field} is not valid."),
    };
    ApiError::invalid(field, message)
}

fn in_plain_words(wanted: &str) -> &str {
    match wanted {
        "a string" | "string" => "text",
        "a boolean" => "true or false",
        "i64" | "u64" | "i32" | "u32" => "a whole number",
        "a formatted UUID string" => "a UUID",
        _ if wanted.starts_with("struct ") => "an object",
        other => other,
    }
}

/// Reads a member that is there, `null` included, so that absent and `null` can be distinguished:
/// `#[serde(default, deserialize_with = "double_option")] x: Option<Option<T>>`.
///
/// # Errors
/// When it is neither `null` nor a `T`.
pub fn double_option<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::InvalidField;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Body {
        title: String,
        #[serde(default, deserialize_with = "double_option")]
        note: Option<Option<String>>,
    }

    fn field_of(body: &str) -> InvalidField {
        match read_object::<Body>(body.as_bytes()) {
            Err(ApiError::Invalid(mut fields)) => fields.remove(0),
            other => panic!("{body}: {other:?}"),
        }
    }

    #[test]
    fn what_is_not_json_is_unreadable() {
        let deep = format!("{{\"title\":\"x\",\"unknown\":{}{}}}", "[".repeat(200), "]".repeat(200));
        for body in
            ["", "{", "nope", "{\"title\":\"x\"} more", "{\"title\":\"\\ud800\"}", "\u{feff}{}", &deep]
        {
            assert!(
                matches!(read_object::<Body>(body.as_bytes()), Err(ApiError::MalformedRequest(_))),
                "{body}"
            );
        }
        assert!(matches!(read_object::<Body>(b"{\"title\":\"\xff\"}"), Err(ApiError::MalformedRequest(_))));
    }

    #[test]
    fn what_is_json_but_not_the_body_names_its_member() {
        assert_eq!(field_of("{}").message, "The title is missing.");
        assert_eq!(field_of("{\"title\":5}").message, "The title must be text.");
        assert_eq!(field_of("{\"title\":null}").message, "The title must be text.");
        assert_eq!(field_of("{\"title\":\"a\",\"title\":\"b\"}").message, "The title is given twice.");
        assert_eq!(field_of("{\"title\":\"a\",\"note\":7}").field, "note");
        for body in ["[]", "[\"x\"]", "\"x\"", "null", "1e3"] {
            assert_eq!(field_of(body).field, "body", "{body}");
        }
    }

    #[test]
    fn what_the_client_wrote_is_not_said_back() {
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "only its reading fails")]
        struct Counted {
            count: i64,
        }
        for value in [
            "many",
            "at line 7",
            "expected gold at line 7, or silver",
            "expected gold at line 7 column 3",
            "x, expected gold at line 7 column 3",
        ] {
            let body = serde_json::json!({"count": value});
            for read in [read_value::<Counted>(body.clone()), read_object(body.to_string().as_bytes())] {
                let Err(ApiError::Invalid(fields)) = read else { panic!("{value}: {read:?}") };
                assert_eq!(fields[0].message, "The count must be a whole number.", "{value}");
            }
        }
    }

    #[test]
    fn absent_null_and_given_are_told_apart() {
        let note = |body: &str| read_object::<Body>(body.as_bytes()).unwrap().note;
        assert_eq!(note("{\"title\":\"a\",\"unknown\":1}"), None);
        assert_eq!(note("{\"title\":\"a\",\"note\":null}"), Some(None));
        assert_eq!(note("{\"title\":\"a\",\"note\":\"n\"}"), Some(Some("n".to_owned())));
    }
}
