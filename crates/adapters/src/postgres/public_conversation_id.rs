//! The two ids of a conversation: the row's, and the one that its user knows. They differ when the
//! client chose an id that another user's conversation had.

use diesel::prelude::*;
use domain::turn_and_conversation_ids::ConversationId;
use uuid::Uuid;

use super::schema::{conversation, turn};

/// Whether a conversation is the one that this user knows by this id.
#[diesel::dsl::auto_type]
pub(super) fn is_theirs(user: Uuid, id: Uuid) -> _ {
    conversation::user_id.eq(user).and(conversation::id.eq(id).or(conversation::client_id.eq(id)))
}

/// Whether a turn belongs to the conversation that this user knows by this id. It is compared with one value
/// and not with a set: only then does the planner read the newest turns by their index, backwards, and not
/// all of them to sort them.
#[diesel::dsl::auto_type(no_type_alias)]
pub(super) fn is_turn_of_theirs(user: Uuid, id: Uuid) -> _ {
    let theirs: is_theirs = is_theirs(user, id);
    let row = conversation::table.filter(theirs).select(conversation::id);
    turn::conversation_id.nullable().eq(row.single_value())
}

/// [`is_turn_of_theirs`] in SQL, of the user of `$1` and the id of `$2`.
macro_rules! is_turn_of_conversation {
    () => {
        "conversation_id = (
             SELECT id FROM conversation WHERE user_id = $1 AND (id = $2 OR client_id = $2) LIMIT 1
         )"
    };
}
pub(super) use is_turn_of_conversation;

/// The id by which a conversation's user knows it: the one that their client chose, if another user
/// had that when it was opened, or else the row's.
pub(super) fn id_for_user(row_id: Uuid, client_id: Option<Uuid>) -> ConversationId {
    ConversationId(client_id.unwrap_or(row_id))
}
