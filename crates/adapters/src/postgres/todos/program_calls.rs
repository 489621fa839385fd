//! Tool calls of programs: one command each, with its result on record beside those of batches.

use async_trait::async_trait;
use domain::{
    account::Caller,
    command::Channel,
    ports::{Keyed, ProgramCallStore, StoreError},
    program_call::ProgramCall,
};
use serde_json::Value;

use super::{
    Actor, apply,
    batch::{RecordedBatch, record, recorded_batch},
};
use crate::postgres::{Database, caller::for_caller, transaction::AfterUnknownCommit};

#[async_trait]
impl ProgramCallStore for Database {
    async fn carry_out(&self, caller: Caller, call: &ProgramCall) -> Result<Keyed<Value>, StoreError> {
        let channel = Channel::Mcp;
        let actor = Actor { user: caller.user, caller: Some(caller), channel, limits: &self.limits };
        if !call.command.changes_the_list() {
            let look = self.read(async |connection| {
                for_caller(connection, caller, apply(connection, actor, &call.command)).await
            });
            return Ok(Keyed::Fresh(call.result(look.await?)));
        }
        // Under its key a call is found again; without one nobody can tell whether it was made.
        let policy = if call.key.is_some() { AfterUnknownCommit::Retry } else { AfterUnknownCommit::Report };
        let result = self.transaction(policy, async |connection| {
            if let Some(key) = &call.key {
                match recorded_batch(connection, caller, key, &self.limits).await? {
                    RecordedBatch::Answer { hash, answer } if hash == key.body_hash => {
                        return Ok(Keyed::Replayed(answer));
                    }
                    RecordedBatch::Answer { .. } | RecordedBatch::Elsewhere => return Ok(Keyed::KeyReused),
                    RecordedBatch::Nothing => {}
                }
            }
            // Not every command checks the caller in its first statement, as undoing does not.
            let outcome = for_caller(connection, caller, apply(connection, actor, &call.command)).await?;
            let is_done = outcome.is_ok();
            let result = call.result(outcome);
            if let (Some(key), true) = (&call.key, is_done) {
                record(connection, caller, key, &result).await?;
            }
            Ok(Keyed::Fresh(result))
        });
        Ok(result.await?)
    }
}
