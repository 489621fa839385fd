//! Executes tool calls that programs make by MCP.

use async_trait::async_trait;
use serde_json::Value;

use super::{IdempotentOutcome, StoreError};
use crate::{caller::Caller, mcp_call::McpCall};

/// What programs do by their tool calls: the same to a list as the chat's.
#[async_trait]
pub trait McpCallExecutor: Send + Sync {
    /// Carries out a call and returns its [result](McpCall::result).
    ///
    /// A call that can change the list has its effect at most once under its key: a second time its first
    /// result is returned as [`IdempotentOutcome::Replayed`]. One that is refused as a whole uses no key, and
    /// neither does one that only looks.
    ///
    /// A call that [asks](McpCall::asks) is not made: it waits for the person's word as an approval that
    /// belongs to no turn. While it waits and its tasks are as they were, the same call again is the same
    /// question, whatever its key; at most
    /// [`MAX_PENDING_APPROVALS`](crate::mcp_call::MAX_PENDING_APPROVALS) wait at a time.
    /// Under its key a call is told again how its question stands, or what came of it.
    async fn carry_out(&self, caller: Caller, call: &McpCall)
    -> Result<IdempotentOutcome<Value>, StoreError>;
}
