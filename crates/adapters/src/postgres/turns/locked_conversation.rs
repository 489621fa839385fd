//! The conversation a turn takes place in: opened if need be, and locked.

use diesel::{
    pg::Pg,
    prelude::*,
    sql_types::{Integer, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::UserId,
    conversation::ConversationTitle,
    ports::IdGenerator,
    turn::NewTurn,
    turn_and_conversation_ids::{ConversationId, TurnId},
};
use uuid::Uuid;

use crate::{
    clock_and_ids::UuidV7,
    postgres::{
        error::DatabaseError,
        prepared_statement::sql,
        public_conversation_id::{id_for_user, is_theirs},
        schema::{conversation, turn},
    },
};

/// A conversation whose row is locked until the transaction ends.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = conversation, check_for_backend(Pg))]
pub(super) struct LockedConversation {
    /// The row's id. Its user may know the conversation by another one.
    #[diesel(column_name = id)]
    pub(super) row_id: Uuid,
    client_id: Option<Uuid>,
    pub(super) title: String,
    /// Whether the title is one of a person's or a model's.
    has_own_title: bool,
    pub(super) summary: Option<String>,
    /// The seq of the newest message.
    pub(super) last_seq: i32,
    /// The seq of the last message that the summary holds.
    pub(super) summary_seq: i32,
    /// The model that its user chose.
    pub(super) model: Option<String>,
}

impl LockedConversation {
    /// A conversation that was just opened.
    fn new(row_id: Uuid, client_id: Option<Uuid>, title: String) -> Self {
        let has_own_title = false;
        Self {
            row_id,
            client_id,
            title,
            has_own_title,
            summary: None,
            last_seq: 0,
            summary_seq: 0,
            model: None,
        }
    }

    /// The id that its user knows.
    pub(super) fn id(&self) -> ConversationId {
        id_for_user(self.row_id, self.client_id)
    }
}

/// Opens a conversation for a new turn, under an id of ours; `None` when it is taken. Nobody else
/// knows of it then: there is nothing to lock.
pub(super) async fn open(
    mut connection: &AsyncPgConnection,
    new: &NewTurn,
    id: ConversationId,
) -> Result<Option<LockedConversation>, DatabaseError> {
    let title = ConversationTitle::from_first_message(new.message.as_str()).as_str().to_owned();
    let opened = diesel::insert_into(conversation::table)
        .values((
            conversation::id.eq(id.0),
            conversation::user_id.eq(new.caller.user.0),
            conversation::title.eq(&title),
        ))
        .on_conflict(conversation::id)
        .do_nothing()
        .execute(&mut connection)
        .await?;
    Ok((opened == 1).then(|| LockedConversation::new(id.0, None, title)))
}

/// Opens a conversation for a new turn under an id that its client chose and that this user's
/// conversations do not have. When another user's has it, the row gets an id of ours.
pub(super) async fn insert_with_client_id(
    mut connection: &AsyncPgConnection,
    new: &NewTurn,
    chosen: ConversationId,
) -> Result<LockedConversation, DatabaseError> {
    if let Some(opened) = open(connection, new, chosen).await? {
        return Ok(opened);
    }
    if lock(connection, new.caller.user, chosen).await?.is_some() {
        // A request of the same user's has opened it since we looked: look again.
        return Err(DatabaseError::Conflict);
    }
    let title = ConversationTitle::from_first_message(new.message.as_str()).as_str().to_owned();
    let row_id = UuidV7.next();
    let opened = diesel::insert_into(conversation::table)
        .values((
            conversation::id.eq(row_id),
            conversation::user_id.eq(new.caller.user.0),
            conversation::title.eq(&title),
            conversation::client_id.eq(Some(chosen.0)),
        ))
        .execute(&mut connection)
        .await
        .map_err(DatabaseError::from);
    match opened {
        Err(error) if error.constraint() == Some("conversation_client_id") => Err(DatabaseError::Conflict),
        opened => opened.map(|_| LockedConversation::new(row_id, Some(chosen.0), title)),
    }
}

/// Locks a conversation of this user's; `None` when they have none with this id.
pub(super) async fn lock(
    mut connection: &AsyncPgConnection,
    user: UserId,
    id: ConversationId,
) -> QueryResult<Option<LockedConversation>> {
    conversation::table
        .filter(is_theirs(user.0, id.0))
        .select(LockedConversation::as_select())
        .for_update()
        .first(&mut connection)
        .await
        .optional()
}

/// Locks the conversation of a turn; `None` when they are gone.
pub(super) async fn lock_of_turn(
    mut connection: &AsyncPgConnection,
    turn: TurnId,
) -> QueryResult<Option<LockedConversation>> {
    // A turn never changes its conversation: it may be read before the lock is held.
    let of_turn = turn::table.find(turn.0).select(turn::conversation_id);
    conversation::table
        .filter(conversation::id.eq_any(of_turn))
        .select(LockedConversation::as_select())
        .for_update()
        .first(&mut connection)
        .await
        .optional()
}

/// Deletes a conversation that was opened in this transaction.
pub(super) async fn delete_opened(
    mut connection: &AsyncPgConnection,
    opened: &LockedConversation,
) -> QueryResult<()> {
    diesel::delete(conversation::table.find(opened.row_id)).execute(&mut connection).await?;
    Ok(())
}

/// Reads the seq of the newest message again, after a turn was closed.
pub(super) async fn refresh(
    mut connection: &AsyncPgConnection,
    locked: &mut LockedConversation,
) -> QueryResult<()> {
    let query = conversation::table.find(locked.row_id).select(conversation::last_seq);
    locked.last_seq = query.first(&mut connection).await?;
    Ok(())
}

/// Has another model answer in a locked conversation, when one was chosen.
pub(super) async fn choose_model(
    mut connection: &AsyncPgConnection,
    locked: &mut LockedConversation,
    model: Option<&str>,
) -> Result<(), DatabaseError> {
    let Some(model) = model.filter(|model| locked.model.as_deref() != Some(*model)) else { return Ok(()) };
    sql::<Integer>("UPDATE conversation SET model = $1 WHERE id = $2")
        .bind::<Text, _>(model)
        .bind::<SqlUuid, _>(locked.row_id)
        .execute(&mut connection)
        .await?;
    locked.model = Some(model.to_owned());
    Ok(())
}

/// Retitles a locked conversation that has lost its first message, from the next one.
pub(super) async fn retitle(
    connection: &AsyncPgConnection,
    locked: &mut LockedConversation,
    next: &str,
) -> Result<(), DatabaseError> {
    let title = ConversationTitle::with_next_message(locked.last_seq > 0, locked.has_own_title, next);
    if let Some(title) = title.filter(|title| title.as_str() != locked.title) {
        set_title(connection, locked, &title).await?;
        title.as_str().clone_into(&mut locked.title);
    }
    Ok(())
}

/// Gives a locked conversation another title.
pub(super) async fn set_title(
    mut connection: &AsyncPgConnection,
    locked: &LockedConversation,
    title: &ConversationTitle,
) -> Result<(), DatabaseError> {
    sql::<Integer>("UPDATE conversation SET title = $1 WHERE id = $2")
        .bind::<Text, _>(title.as_str())
        .bind::<SqlUuid, _>(locked.row_id)
        .execute(&mut connection)
        .await?;
    Ok(())
}
