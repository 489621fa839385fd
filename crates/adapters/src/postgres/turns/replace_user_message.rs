//! A person's message that is replaced by other words, and comes back when those are not answered.

use diesel::{
    prelude::*,
    sql_types::{Integer, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    conversation::ConversationTitle,
    turn::{Edit, admission::EditFreshness},
};

use super::{
    locked_conversation::{self, LockedConversation},
    rows::TurnRow,
};
use crate::postgres::{
    error::DatabaseError,
    prepared_statement::sql,
    schema::{message, turn},
};

/// How an edit stands to what the person says in a turn.
pub(super) async fn edit_freshness(
    mut connection: &AsyncPgConnection,
    row: &TurnRow,
    edit: Option<Edit<'_>>,
) -> QueryResult<EditFreshness> {
    let before = turn::table.find(row.id).select(turn::message_before_edit);
    let (said, before) =
        futures::try_join!(said_in(connection, row), before.first::<Option<String>>(&mut connection))?;
    Ok(said.map_or(EditFreshness::Current, |said| EditFreshness::compare(edit, &said, before.as_deref())))
}

/// What the person says in a turn.
async fn said_in(mut connection: &AsyncPgConnection, row: &TurnRow) -> QueryResult<Option<String>> {
    let said = message::table.find((row.conversation_id, row.first_seq)).select(message::content);
    said.first(&mut connection).await.optional()
}

/// Replaces the message of a turn that is being reopened. What it was is kept until the turn has an end
/// that goes with the edit.
pub(super) async fn edit(
    connection: &AsyncPgConnection,
    locked: &mut LockedConversation,
    row: &TurnRow,
    edited: &str,
) -> Result<(), DatabaseError> {
    let kept = sql::<Text>(
        "UPDATE turn SET message_before_edit = message.content, edited_after = step, \
         edited_after_before_edit = edited_after FROM message \
         WHERE turn.id = $1 AND message.conversation_id = turn.conversation_id \
         AND message.seq = turn.first_seq RETURNING message_before_edit",
    )
    .bind::<SqlUuid, _>(row.id)
    .get_result::<String>(&mut &*connection);
    let Some(before) = kept.await.optional()? else { return Ok(()) };
    replace_message(connection, locked, row, (&before, edited)).await
}

/// Restores the message that a turn had before it was edited, when its previous ending is restored.
pub(super) async fn restore_message(
    connection: &AsyncPgConnection,
    locked: &mut LockedConversation,
    row: &TurnRow,
) -> Result<(), DatabaseError> {
    let before = turn::table.find(row.id).select(turn::message_before_edit);
    let before: Option<String> = before.first(&mut &*connection).await?;
    let (Some(before), Some(edited)) = (before, said_in(connection, row).await?) else { return Ok(()) };
    replace_message(connection, locked, row, (&edited, &before)).await
}

/// Replaces the message, and the title that was made from it.
async fn replace_message(
    mut connection: &AsyncPgConnection,
    locked: &mut LockedConversation,
    row: &TurnRow,
    (before, said): (&str, &str),
) -> Result<(), DatabaseError> {
    sql::<Integer>("UPDATE message SET content = $1 WHERE conversation_id = $2 AND seq = $3")
        .bind::<Text, _>(said)
        .bind::<SqlUuid, _>(row.conversation_id)
        .bind::<Integer, _>(row.first_seq)
        .execute(&mut connection)
        .await?;
    if row.first_seq == 1
        && let Some(title) = ConversationTitle::after_edit(&locked.title, before, said)
    {
        locked_conversation::set_title(connection, locked, &title).await?;
        title.as_str().clone_into(&mut locked.title);
    }
    Ok(())
}
