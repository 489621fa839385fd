//! Tool calls of programs: one command each, done or asked for, with its result on record beside those of
//! batches.

use async_trait::async_trait;
use diesel_async::AsyncPgConnection;
use domain::{
    account_limits::Limits,
    approval::{self, AskReason},
    caller::Caller,
    mcp_call::McpCall,
    ports::{IdempotentOutcome, KeyUse, McpCallExecutor, StoreError},
    request_channel::Channel,
    todo_outcome::TodoOutcome,
};
use serde_json::Value;

use super::{
    Database,
    caller_token_validity::for_caller,
    error::DatabaseError,
    todos::{ChangeContext, apply, record, recorded_batch},
    transaction::AfterUnknownCommit,
    turns::mcp_call_approvals,
};

#[async_trait]
impl McpCallExecutor for Database {
    async fn carry_out(
        &self,
        caller: Caller,
        call: &McpCall,
    ) -> Result<IdempotentOutcome<Value>, StoreError> {
        if !call.command.changes_the_list() {
            let actor = ChangeContext::of_caller(caller, Channel::Mcp, &self.limits);
            let look = self.read(async |connection| {
                for_caller(connection, caller, apply(connection, actor, &call.command)).await
            });
            return Ok(IdempotentOutcome::Fresh(call.result(look.await?)));
        }
        // Under its key a call is found again, and so is one that waits; without one nobody can tell whether
        // it was made.
        let is_found_again = call.key.is_some() || call.asks.is_some();
        let policy = if is_found_again { AfterUnknownCommit::Retry } else { AfterUnknownCommit::Report };
        let result = self.transaction(policy, async |connection| {
            if let Some(key) = &call.key {
                match recorded_batch(connection, caller, key, &self.limits).await? {
                    KeyUse::ThisRequest(batch) => {
                        let told = mcp_call_approvals::replayed_result(connection, caller.user, batch.answer)
                            .await?;
                        return Ok(IdempotentOutcome::Replayed(told));
                    }
                    KeyUse::SomethingElse => return Ok(IdempotentOutcome::KeyReused),
                    KeyUse::Nothing => {}
                }
            }
            let (result, is_kept) = match call.asks {
                Some(why) => request_approval(connection, caller, call, why, &self.limits).await?,
                None => done(connection, caller, call, &self.limits).await?,
            };
            if let (Some(key), true) = (&call.key, is_kept) {
                record(connection, caller, key, &result).await?;
            }
            Ok(IdempotentOutcome::Fresh(result))
        });
        Ok(result.await?)
    }
}

/// Makes a call. Returns its result, and whether that is kept under its key.
async fn done(
    connection: &AsyncPgConnection,
    caller: Caller,
    call: &McpCall,
    limits: &Limits,
) -> Result<(Value, bool), DatabaseError> {
    let actor = ChangeContext::of_caller(caller, Channel::Mcp, limits);
    // Not every command checks the caller in its first statement, as undoing does not.
    let outcome = for_caller(connection, caller, apply(connection, actor, &call.command)).await?;
    let is_done = outcome.as_ref().is_ok_and(TodoOutcome::has_succeeded);
    Ok((call.result(outcome), is_done))
}

/// Has a call wait. Returns as [`done`].
async fn request_approval(
    connection: &AsyncPgConnection,
    caller: Caller,
    call: &McpCall,
    why: AskReason,
    limits: &Limits,
) -> Result<(Value, bool), DatabaseError> {
    let actor = ChangeContext::of_caller(caller, Channel::Mcp, limits);
    let result = mcp_call_approvals::ask(connection, actor, call, why).await?;
    let waits = approval::approval_id_in(&result).is_some();
    Ok((result, waits))
}
