//! A tool call and what came of it, as JSON.

use domain::message::ExecutedCall;
use serde::Serialize;
use serde_json::{Map, Value};

/// What a tool was asked, and what it answered. [`crate::field_schemas::tool_calls`] is its schema.
#[derive(Debug, Serialize)]
pub(crate) struct ToolCallBody {
    tool: String,
    input: Map<String, Value>,
    /// `{"success":true,…}` or `{"success":false,"error":…,"code":…}`.
    result: Value,
}

impl ToolCallBody {
    /// All of these calls.
    pub(crate) fn all(calls: impl IntoIterator<Item = ExecutedCall>) -> Vec<Self> {
        let body = |call: ExecutedCall| Self { tool: call.tool, input: call.input, result: call.result };
        calls.into_iter().map(body).collect()
    }
}
