//! The two ids of a conversation: the row's, and the one that its user knows. They differ when the
//! client chose an id that another user's conversation had.

use diesel::prelude::*;
use domain::turn_and_conversation_ids::ConversationId;
use uuid::Uuid;

use super::schema::conversation;

/// Whether a conversation is the one that this user knows by this id.
#[diesel::dsl::auto_type(no_type_alias)]
pub(super) fn is_theirs(user: Uuid, id: Uuid) -> _ {
    conversation::user_id.eq(user).and(conversation::id.eq(id).or(conversation::client_id.eq(id)))
}

/// The id by which a conversation's user knows it: the one that their client chose, if another user
/// had that when it was opened, or else the row's.
pub(super) fn id_for_user(row_id: Uuid, client_id: Option<Uuid>) -> ConversationId {
    ConversationId(client_id.unwrap_or(row_id))
}
