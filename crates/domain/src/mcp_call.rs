//! Tool calls of programs that have a model of their own, such as an assistant on somebody's desk: one
//! call and its result, without a conversation and without a turn of ours.
//!
//! They are the tools of the chat, with the same rules. What a turn may not do without the person's yes, one
//! call may not do either, and neither may one with a token that does not allow it: it waits for the person,
//! who is asked where they are signed in (docs/adr/0017).

use std::time::Duration;

use serde_json::{Map, Value};

use crate::{
    approval::{AskReason, TurnCounts},
    time_zone::PersonalTime,
    todo_command::TodoCommand,
    todo_outcome::{TodoError, TodoOutcome},
    tool::{self, MAX_ARGUMENT_BYTES, ToolError, ToolErrorCode},
    turn::RequestKey,
};

/// How long a person may take to answer a program's question: they may be away.
pub const APPROVAL_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// How many calls may wait for one person before what a program asks for is refused: more than they would
/// read.
pub const MAX_PENDING_APPROVALS: i64 = 20;

/// A call that is within the rules.
#[derive(Debug, Clone, PartialEq)]
pub struct McpCall {
    /// The tool that is called.
    pub tool: String,
    /// With these arguments.
    pub arguments: Map<String, Value>,
    /// What is to be done.
    pub command: TodoCommand,
    /// Why it waits for the person's yes, when it does.
    pub asks: Option<AskReason>,
    /// What the person's clock and calendar show.
    pub time: PersonalTime,
    /// The program's name for the call, under which it has its effect once.
    pub key: Option<RequestKey>,
}

impl McpCall {
    /// Reads a call of the tool of this name, by a program that may change tasks or not.
    ///
    /// # Errors
    /// A refusal for the program to read, when there is no such tool or the arguments are not what it takes.
    pub fn plan(
        name: &str,
        arguments: Map<String, Value>,
        time: PersonalTime,
        key: Option<RequestKey>,
        may_change_tasks: bool,
    ) -> Result<Self, ToolError> {
        let size = serde_json::to_string(&arguments).map_or(usize::MAX, |json| json.len());
        if size > MAX_ARGUMENT_BYTES {
            return Err(ToolError::new(ToolErrorCode::ValidationError, "The arguments are too long."));
        }
        let arguments = tool::storable_arguments(arguments)?;
        let command = tool::decode(name, arguments.clone(), time)?;
        let asks = TurnCounts::default().ask_reason(&command, may_change_tasks);
        Ok(Self { tool: name.to_owned(), arguments, command, asks, time, key })
    }

    /// The result of the call, as the program reads it, of what came of its command.
    pub fn result(&self, outcome: Result<TodoOutcome, TodoError>) -> Value {
        match outcome {
            Ok(outcome) => tool::to_json(&outcome, self.time.local),
            Err(refusal) => tool::error_to_json(&refusal.into()),
        }
    }
}

/// What a program reads when too much of what programs ask for waits for the person.
pub fn too_many_wait() -> ToolError {
    let error = format!(
        "Nothing was done: {MAX_PENDING_APPROVALS} calls of programs wait for the person's yes already, and no more \
         may. Ask the person to answer them in the app first."
    );
    ToolError::new(ToolErrorCode::Limit, error)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use serde_json::json;

    use super::*;

    fn planned(name: &str, arguments: Value) -> Result<McpCall, ToolError> {
        let arguments = arguments.as_object().unwrap().clone();
        McpCall::plan(name, arguments, PersonalTime::utc(DateTime::UNIX_EPOCH), None, true)
    }

    #[test]
    fn a_call_does_no_more_than_a_turn_may_without_a_question() {
        let many = |count: i64| json!({"task_id": (1..=count).collect::<Vec<_>>()});
        let asks = |name, count| planned(name, many(count)).unwrap().asks;
        assert_eq!((asks("delete_task", 3), asks("complete_task", 10)), (None, None));
        for (name, count) in [("delete_task", 4), ("complete_task", 11), ("delete_task", 11)] {
            assert_eq!(asks(name, count), Some(AskReason::ApprovalThresholdExceeded), "{name}");
        }
    }

    #[test]
    fn whatever_a_program_changes_without_the_right_waits() {
        let time = PersonalTime::utc(DateTime::UNIX_EPOCH);
        for (name, arguments, asks) in [
            ("list_tasks", json!({}), None),
            ("list_changes", json!({}), None),
            ("add_task", json!({"title": "Milk"}), Some(AskReason::NotAllowed)),
            ("update_task", json!({"task_id": 1, "title": "Milk"}), Some(AskReason::NotAllowed)),
            ("complete_task", json!({"task_id": "Milk"}), Some(AskReason::NotAllowed)),
            ("delete_task", json!({"task_id": [1, 2, 3, 4]}), Some(AskReason::NotAllowed)),
            ("undo_last", json!({}), Some(AskReason::NotAllowed)),
        ] {
            let arguments = arguments.as_object().unwrap().clone();
            let call = McpCall::plan(name, arguments, time, None, false).unwrap();
            assert_eq!(call.asks, asks, "{name}");
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
