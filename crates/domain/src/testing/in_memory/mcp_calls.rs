//! Tool calls of programs in memory.

use async_trait::async_trait;
use serde_json::Value;

use super::{MemoryStore, idempotency_keys::name, todos::Origin};
use crate::{
    approval,
    caller::Caller,
    mcp_call::McpCall,
    ports::{IdempotentOutcome, KeyUse, McpCallExecutor, StoreError},
    request_channel::Channel,
    todo_outcome::TodoOutcome,
};

#[async_trait]
impl McpCallExecutor for MemoryStore {
    async fn carry_out(
        &self,
        caller: Caller,
        call: &McpCall,
    ) -> Result<IdempotentOutcome<Value>, StoreError> {
        let now = self.now();
        let mut state = self.state_for(caller)?;
        let program = state.program_of(caller);
        let key = call.key.as_ref().filter(|_| call.command.changes_the_list());
        match state.key_use(caller.user, key, &state.mcp_calls) {
            KeyUse::ThisRequest(first) => {
                return Ok(IdempotentOutcome::Replayed(state.replayed_result(first, now.at)));
            }
            KeyUse::SomethingElse => return Ok(IdempotentOutcome::KeyReused),
            KeyUse::Nothing => {}
        }
        let (result, is_kept) = match call.asks {
            Some(why) => {
                let result = state.ask_for_program(caller.user, call, why, program, now);
                let waits = approval::approval_id_in(&result).is_some();
                (result, waits)
            }
            None => {
                let origin = Origin::of(Channel::Mcp, program, now);
                let outcome = state.outcome(caller.user, &call.command, &origin);
                let is_done = outcome.as_ref().is_ok_and(TodoOutcome::has_succeeded);
                (call.result(outcome), is_done)
            }
        };
        if let (Some(key), true) = (key, is_kept) {
            state.mcp_calls.insert(name(caller.user, key), (key.clone(), result.clone()));
        }
        Ok(IdempotentOutcome::Fresh(result))
    }
}
