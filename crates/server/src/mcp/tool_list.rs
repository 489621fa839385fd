//! The tools of the chat as the protocol tells of them. They are defined once, in the domain.

use std::sync::Arc;

use domain::tool::{TOOLS, Tool};
use rmcp::model::{JsonObject, Tool as McpTool, ToolAnnotations};
use serde_json::Value;

/// Every tool, in the order of [`TOOLS`].
pub(super) fn all() -> Vec<McpTool> {
    TOOLS.iter().map(described).collect()
}

fn described(tool: &Tool) -> McpTool {
    let hints = ToolAnnotations::with_title(tool.title)
        .read_only(tool.reads_only)
        .destructive(tool.is_destructive)
        .idempotent(tool.is_idempotent)
        // The tools reach nothing but the list of tasks.
        .open_world(false);
    McpTool::new(tool.name, tool.description, object(tool.schema_for_programs()))
        .with_title(tool.title)
        .with_raw_output_schema(Arc::new(object(tool.output_schema())))
        .with_annotations(hints)
}

fn object(schema: Value) -> JsonObject {
    if let Value::Object(members) = schema { members } else { JsonObject::new() }
}
