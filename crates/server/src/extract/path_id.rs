//! The id in a path after its user: `{task_id}`, `{turn_id}` and the like.

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web::Path};
use domain::{
    access_token::AccessTokenId,
    approval::ApprovalId,
    change_log::ChangeId,
    linked_identity::Provider,
    oauth::GrantId,
    session::SessionId,
    todo::TaskNumber,
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use uuid::Uuid;

use crate::error::{ApiError, Resource};

/// An id that stands in a path after the user's.
pub trait PathId: Sized {
    /// What is not found when the text is no such id.
    const RESOURCE: Resource;

    /// Parses the text in the path.
    fn parse(text: &str) -> Option<Self>;
}

/// The id that the path names. A text that is no id names nothing: the answer is 404.
#[derive(Debug)]
pub struct InPath<T>(pub T);

impl<T: PathId> FromRequest for InPath<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let id = param_after_user(request, payload).and_then(|text| T::parse(&text));
        ready(id.map(Self).ok_or(ApiError::NotFound(T::RESOURCE)))
    }
}

/// Returns the parameter that the path has after `{user_id}`, percent-decoded.
pub fn param_after_user(request: &HttpRequest, payload: &mut Payload) -> Option<String> {
    let path = Path::<(String, String)>::from_request(request, payload).into_inner().ok()?;
    Some(path.into_inner().1)
}

macro_rules! uuids {
    ($($id:ident is $resource:ident,)*) => {$(
        impl PathId for $id {
            const RESOURCE: Resource = Resource::$resource;

            fn parse(text: &str) -> Option<Self> {
                Uuid::try_parse(text).ok().map(Self)
            }
        }
    )*};
}

macro_rules! numbers {
    ($($id:ident is $resource:ident,)*) => {$(
        impl PathId for $id {
            const RESOURCE: Resource = Resource::$resource;

            fn parse(text: &str) -> Option<Self> {
                number(text).map(Self)
            }
        }
    )*};
}

uuids! {
    ConversationId is Conversation,
    TurnId is Turn,
    ApprovalId is Approval,
    AccessTokenId is AccessToken,
    SessionId is Session,
    GrantId is Grant,
}

numbers! {
    TaskNumber is Task,
    ChangeId is Change,
}

impl PathId for Provider {
    const RESOURCE: Resource = Resource::Identity;

    fn parse(text: &str) -> Option<Self> {
        Self::from_name(text)
    }
}

/// A number is written in digits alone: `+7` names nothing, although it can be parsed.
fn number(text: &str) -> Option<i64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_in_digits_alone() {
        assert_eq!(TaskNumber::parse("42"), Some(TaskNumber(42)));
        assert_eq!(ChangeId::parse("007"), Some(ChangeId(7)));
        for none in ["", "+7", "-7", "7.0", "seven", "7 ", "٧", "99999999999999999999"] {
            assert_eq!(TaskNumber::parse(none), None, "{none}");
        }
    }

    #[test]
    fn what_is_no_uuid_is_no_id() {
        let id = Uuid::from_u128(7);
        assert_eq!(TurnId::parse(&id.to_string()), Some(TurnId(id)));
        for none in ["", "7", "no-uuid-0000"] {
            assert_eq!(TurnId::parse(none), None, "{none}");
        }
    }
}
