//! Tool calls of programs.

use async_trait::async_trait;
use serde_json::Value;

use super::{Keyed, StoreError};
use crate::{account::Caller, program_call::ProgramCall};

/// What programs do by their tool calls: the same to a list as the chat's.
#[async_trait]
pub trait ProgramCallStore: Send + Sync {
    /// Carries out a call and returns its [result](ProgramCall::result).
    ///
    /// A call that can change the list has its effect at most once under its key: a second time its first
    /// result is returned as [`Keyed::Replayed`]. One that is refused as a whole uses no key, and neither
    /// does one that only looks.
    async fn carry_out(&self, caller: Caller, call: &ProgramCall) -> Result<Keyed<Value>, StoreError>;
}
