//! The schemas of a tool for programs that call it by MCP. They have a model of their own and no conversation
//! here, so no call can mean "the second one" of a list that a person saw.

use serde_json::{Map, Value, json};

use super::{Tool, add_task, list_changes, list_tasks, undo_last};

impl Tool {
    /// The JSON Schema of the arguments of a call without a conversation. Other members are ignored, as
    /// they are in [`Tool::schema`]; how many tasks a call may name is said, since some programs check
    /// arguments before they send them.
    pub fn schema_for_programs(&self) -> Value {
        let mut schema = self.schema();
        let Some(properties) = schema["properties"].as_object_mut() else { return schema };
        if properties.remove("ref").is_some() {
            let types = json!(["integer", "string", "array"]);
            let numbers = json!({"type": types, "items": {"type": "integer"}, "maxItems": 50});
            properties.insert("task_id".to_owned(), numbers);
            schema["required"] = json!(["task_id"]);
        }
        schema
    }

    /// The JSON Schema of what comes of a call, be it done or refused.
    pub fn output_schema(&self) -> Value {
        let mut properties = Map::new();
        let mut has = |name: &str, schema: Value| properties.insert(name.to_owned(), schema);
        has("success", json!({"type": "boolean"}));
        has("error", json!({"type": "string"}));
        has("code", json!({"type": "string"}));
        if !self.reads_only {
            has("approval", approval());
        }
        match self.name {
            name if name == list_tasks::TOOL.name => {
                has("tasks", json!({"type": "array", "items": task()}));
                has("total", json!({"type": ["integer", "null"]}));
            }
            name if name == list_changes::TOOL.name => {
                has("changes", json!({"type": "array", "items": change()}));
                has("more", json!({"type": "boolean"}));
            }
            name if name == undo_last::TOOL.name => {
                has("results", json!({"type": "array", "items": result()}));
            }
            name if name == add_task::TOOL.name => {
                has("task", task());
            }
            // Of one task, or of each of several.
            _ => {
                has("task", task());
                has("next", json!({"type": ["string", "null"]}));
                has("results", json!({"type": "array", "items": result()}));
            }
        }
        json!({"type": "object", "properties": properties, "required": ["success"]})
    }
}

/// A task, as [`TaskJson`](super::TaskJson) writes it.
fn task() -> Value {
    let moment = || json!({"type": "string", "format": "date-time"});
    json!({
        "type": "object",
        "properties": {
            "id": {"type": "integer"},
            "title": {"type": "string"},
            "description": {"type": ["string", "null"]},
            "completed": {"type": "boolean"},
            "due": {"type": "string"},
            "when": {"type": "string"},
            "overdue": {"type": "boolean"},
            "priority": {"type": "string", "enum": ["low", "medium", "high"]},
            "tags": {"type": "array", "items": {"type": "string"}},
            "repeat": {"type": "string"},
            "parent": {"type": "integer"},
            "open_subtasks": {"type": "integer"},
            "completed_at": moment(),
            "created_at": moment(),
            "updated_at": moment(),
            "version": {"type": "integer"}
        },
        "required": ["id", "title", "completed", "version"]
    })
}

/// What became of one task of several.
fn result() -> Value {
    json!({
        "type": "object",
        "properties": {
            "task_id": {"type": "integer"},
            "success": {"type": "boolean"},
            "kind": {"type": "string"},
            "task": task(),
            "next": {"type": ["string", "null"]},
            "error": {"type": "string"},
            "code": {"type": "string"}
        },
        "required": ["task_id", "success"]
    })
}

/// What a call that waits for the person's yes, or has had it, is told of that. Its tasks are those of its
/// question, and are told while it waits.
fn approval() -> Value {
    let task =
        json!({"type": "object", "properties": {"id": {"type": "integer"}, "title": {"type": "string"}}});
    json!({
        "type": "object",
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "state": {"type": "string", "enum": ["waiting", "approved", "rejected", "expired", "void"]},
            "expires_at": {"type": "string", "format": "date-time"},
            "tasks": {"type": "array", "items": task},
            "program": {"type": "string"},
            "arguments": {"type": "object"}
        },
        "required": ["id", "state"]
    })
}

/// A change, as `list_changes` tells it.
fn change() -> Value {
    json!({
        "type": "object",
        "properties": {
            "at": {"type": "string"},
            "kind": {"type": "string"},
            "task_id": {"type": "integer"},
            "title": {"type": "string"},
            "program": {"type": "string"},
            "details": {"type": "string"}
        },
        "required": ["at", "kind", "task_id", "title"]
    })
}
