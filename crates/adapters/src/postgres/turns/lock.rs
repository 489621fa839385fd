//! The conversation a turn takes place in: opened if need be, and locked.

use diesel::{
    pg::Pg,
    prelude::*,
    sql_types::{Integer, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{account::UserId, conversation::ConversationTitle, id::ConversationId, turn::NewTurn};
use uuid::Uuid;

use crate::postgres::{error::DatabaseError, schema::conversation, sql::sql};

/// A conversation whose row is locked until the transaction ends.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = conversation, check_for_backend(Pg))]
pub(super) struct LockedConversation {
    pub(super) id: Uuid,
    pub(super) title: String,
}

/// Opens the conversation of a new turn unless somebody has its id. Nobody else knows of it then:
/// there is nothing to lock.
pub(super) async fn open(
    connection: &mut AsyncPgConnection,
    new: &NewTurn,
) -> Result<Option<LockedConversation>, DatabaseError> {
    let title = ConversationTitle::from_first_message(new.message.as_str()).as_str().to_owned();
    let id = new.target.id().0;
    let opened = diesel::insert_into(conversation::table)
        .values((
            conversation::id.eq(id),
            conversation::user_id.eq(new.caller.user.0),
            conversation::title.eq(&title),
        ))
        .on_conflict(conversation::id)
        .do_nothing()
        .execute(connection)
        .await?;
    Ok((opened == 1).then_some(LockedConversation { id, title }))
}

/// Locks a conversation of this user's; `None` when they have none with this id.
pub(super) async fn lock(
    mut connection: &AsyncPgConnection,
    user: UserId,
    id: ConversationId,
) -> QueryResult<Option<LockedConversation>> {
    conversation::table
        .filter(conversation::id.eq(id.0).and(conversation::user_id.eq(user.0)))
        .select(LockedConversation::as_select())
        .for_update()
        .first(&mut connection)
        .await
        .optional()
}

/// Gives a locked conversation another title.
pub(super) async fn set_title(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    title: &ConversationTitle,
) -> Result<(), DatabaseError> {
    sql::<Integer>("UPDATE conversation SET title = $1 WHERE id = $2")
        .bind::<Text, _>(title.as_str())
        .bind::<SqlUuid, _>(id)
        .execute(connection)
        .await?;
    Ok(())
}
