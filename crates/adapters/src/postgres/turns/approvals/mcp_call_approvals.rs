//! Approvals of calls that programs make by MCP. Whoever asks or answers such a question holds the lock of
//! the account, so that the same call is asked once, and never more at a time than a person would read.

use diesel::{dsl::now, prelude::*};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    account::UserId,
    approval::{self, AskReason},
    mcp_call::{self, APPROVAL_LIFETIME, MAX_PENDING_APPROVALS, McpCall},
    tool,
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    insert_approval::{NewApproval, insert, subject},
    rows::StoredApproval,
    store,
};
use crate::postgres::{
    caller_token_validity::for_caller,
    error::DatabaseError,
    schema::approval as table,
    todos::{ChangeContext, lock_account},
};

/// Has a call wait for the person's word, and returns what the program reads of it. Checks the caller.
pub(in crate::postgres) async fn ask(
    connection: &AsyncPgConnection,
    actor: ChangeContext<'_>,
    call: &McpCall,
    why: AskReason,
) -> Result<Value, DatabaseError> {
    let lock = lock_account(connection, actor.user);
    match actor.caller {
        Some(caller) => for_caller(connection, caller, lock).await?,
        None => lock.await?,
    }
    let subject = match subject(connection, actor, &call.arguments, &call.command, call.time.local).await? {
        Ok(subject) => subject,
        Err(said) => return Ok(said),
    };
    let arguments = Value::Object(subject.arguments.clone());
    let (waiting, same) = waiting(connection, actor.user, &call.tool, &arguments).await?;
    match same {
        Some(StoredApproval { approval: asked, asked_at, .. }) => {
            if asked.is_asked_again(asked_at, &subject, call.time) {
                return Ok(asked.waiting_result_for_program(why, actor.user));
            }
            store(connection, None, &asked.voided(), None, Value::Null).await?;
        }
        None if waiting >= MAX_PENDING_APPROVALS => {
            return Ok(tool::error_to_json(&mcp_call::too_many_wait()));
        }
        None => {}
    }
    let by = Some((call.time, actor.caller.and_then(|caller| caller.grant)));
    let tool = call.tool.as_str();
    let new_approval =
        NewApproval { user: actor.user, asked_in: None, tool, subject, lifetime: APPROVAL_LIFETIME, by };
    Ok(insert(connection, new_approval).await?.waiting_result_for_program(why, actor.user))
}

/// How many calls wait for this user, and the one of a program's that is this call.
async fn waiting(
    connection: &AsyncPgConnection,
    user: UserId,
    tool: &str,
    arguments: &Value,
) -> Result<(i64, Option<StoredApproval>), DatabaseError> {
    let is_open = table::user_id.eq(user.0).and(table::state.eq("waiting")).and(table::expires_at.gt(now));
    let is_this = table::turn_id.is_null().and(table::tool.eq(tool)).and(table::arguments.eq(arguments));
    let same = table::table.filter(is_open).filter(is_this).select(table::id);
    let (waiting, same): (i64, Vec<Uuid>) =
        futures::try_join!(number_waiting(connection, user), same.load(&mut &*connection))?;
    let row = match same.into_iter().next() {
        Some(id) => StoredApproval::find(connection, user, approval::ApprovalId(id)).await?,
        None => None,
    };
    Ok((waiting, row))
}

/// How many calls wait for this user.
pub(super) async fn number_waiting(
    mut connection: &AsyncPgConnection,
    user: UserId,
) -> diesel::QueryResult<i64> {
    let is_open = table::user_id.eq(user.0).and(table::state.eq("waiting")).and(table::expires_at.gt(now));
    table::table.filter(is_open).count().get_result(&mut connection).await
}

/// What a program is told when it makes a call again under its key: what it was told `first` or, of a call
/// that waited, what came of that.
pub(in crate::postgres) async fn replayed_result(
    connection: &AsyncPgConnection,
    user: UserId,
    first: Value,
) -> Result<Value, DatabaseError> {
    let Some(id) = approval::approval_id_in(&first) else { return Ok(first) };
    Ok(match StoredApproval::find(connection, user, id).await? {
        Some(StoredApproval { approval, read_at, .. }) => approval.replayed_result(first, read_at),
        None => tool::error_to_json(&approval::not_found_error()),
    })
}
