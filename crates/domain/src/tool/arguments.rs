//! From a model's arguments to a typed value, and from the type to its schema.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{ToolError, ToolErrorCode};

/// The JSON Schema of `T`, without the parts that only a schema in a file needs.
pub(super) fn schema_of<T: JsonSchema>() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    if let Some(members) = schema.as_object_mut() {
        members.remove("$schema");
        members.remove("title");
        members.entry("properties").or_insert_with(|| Value::Object(Map::new()));
    }
    schema
}

/// Reads arguments as `T`. Members that `T` does not know are ignored.
pub(super) fn read<T: DeserializeOwned>(arguments: Map<String, Value>) -> Result<T, ToolError> {
    serde_json::from_value(Value::Object(arguments)).map_err(|error| {
        ToolError::new(ToolErrorCode::ValidationError, format!("The arguments do not fit: {error}."))
    })
}
