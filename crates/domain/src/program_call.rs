//! Tool calls of programs that have a model of their own, such as an assistant on somebody's desk: one
//! call and its result, without a conversation and without a turn of ours.
//!
//! They are the tools of the chat, with the same rules. What a turn may not do without the person's yes, one
//! call may not do either: nobody could be asked here, so it is refused (docs/adr/0017).

use serde_json::{Map, Value};

use crate::{
    approval::{MOST_CHANGED_UNASKED, MOST_DELETED_UNASKED, TurnCounts},
    command::{TodoCommand, TodoError, TodoOutcome},
    text::json_without_nul,
    time_zone::{LocalNow, PersonalTime},
    tool::{self, MAX_ARGUMENT_BYTES, ToolError, ToolErrorCode},
    turn::RequestKey,
};

/// A call that is within the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramCall {
    /// What is to be done.
    pub command: TodoCommand,
    /// What the person's clock shows.
    pub local: LocalNow,
    /// The program's name for the call, under which it has its effect once.
    pub key: Option<RequestKey>,
}

impl ProgramCall {
    /// Reads a call of the tool of this name.
    ///
    /// # Errors
    /// A refusal for the program to read, when there is no such tool, the arguments are not what it takes, or
    /// the call would do more than may be done without the person's yes.
    pub fn plan(
        name: &str,
        arguments: Map<String, Value>,
        time: PersonalTime,
        key: Option<RequestKey>,
    ) -> Result<Self, ToolError> {
        let size = serde_json::to_string(&arguments).map_or(usize::MAX, |json| json.len());
        if size > MAX_ARGUMENT_BYTES {
            return Err(ToolError::new(ToolErrorCode::ValidationError, "The arguments are too long."));
        }
        let command = tool::decode(name, json_without_nul(arguments), time)?;
        if TurnCounts::default().needs_approval(&command) {
            let error = format!(
                "Nothing was done: one call may delete at most {MOST_DELETED_UNASKED} tasks and change at most \
                 {MOST_CHANGED_UNASKED}. Ask the person whether they want all of it, and then make several calls."
            );
            return Err(ToolError::new(ToolErrorCode::ApprovalRequired, error));
        }
        Ok(Self { command, local: time.local, key })
    }

    /// The result of the call, as the program reads it, of what came of its command.
    pub fn result(&self, outcome: Result<TodoOutcome, TodoError>) -> Value {
        match outcome {
            Ok(outcome) => tool::to_json(&outcome, self.local),
            Err(refusal) => tool::error_to_json(&refusal.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;

    fn planned(name: &str, arguments: Value) -> Result<ProgramCall, ToolError> {
        let arguments = arguments.as_object().unwrap().clone();
        ProgramCall::plan(name, arguments, PersonalTime::utc(DateTime::UNIX_EPOCH), None)
    }

    #[test]
    fn a_call_does_no_more_than_a_turn_may_without_a_question() {
        let many = |count: i64| json!({"task_id": (1..=count).collect::<Vec<_>>()});
        assert!(planned("delete_task", many(3)).is_ok() && planned("complete_task", many(10)).is_ok());
        for (name, count) in [("delete_task", 4), ("complete_task", 11)] {
            let refusal = planned(name, many(count)).unwrap_err();
            assert_eq!(refusal.code, ToolErrorCode::ApprovalRequired);
            assert!(refusal.error.contains("at most 3"), "{}", refusal.error);
        }
    }

    #[test]
    fn what_a_list_showed_means_nothing_without_a_conversation() {
        let refusal = planned("complete_task", json!({"ref": "the second one"})).unwrap_err();
        assert_eq!(refusal.code, ToolErrorCode::ValidationError);
        assert!(refusal.error.contains("task_id"), "{}", refusal.error);
    }

    #[test]
    fn arguments_are_bounded_and_hold_nothing_that_cannot_be_stored() {
        let long = planned("list_tasks", json!({"search": "x".repeat(MAX_ARGUMENT_BYTES)})).unwrap_err();
        assert_eq!(long.error, "The arguments are too long.");
        let call = planned("list_tasks", json!({"tag": "a\u{0}b"})).unwrap();
        let TodoCommand::List(filter) = call.command else { panic!("a look") };
        assert_eq!(filter.tag.as_deref(), Some("a\u{FFFD}b"));
    }
}
