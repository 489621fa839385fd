//! The tool calls of an assistant's message as `message.tool_calls` keeps them: an array of
//! `{"id", "name", "arguments"}`, with `provider_data` where the provider wants something back.

use domain::message::{ProviderData, ToolCall};
use serde_json::{Value, json};

/// The column of these calls: nothing when there are none.
pub(super) fn to_column<'a>(calls: impl IntoIterator<Item = &'a ToolCall>) -> Option<Value> {
    let calls: Vec<_> = calls.into_iter().map(to_json).collect();
    (!calls.is_empty()).then(|| Value::from(calls))
}

fn to_json(call: &ToolCall) -> Value {
    let mut stored = json!({"id": call.id, "name": call.name, "arguments": call.arguments});
    if !call.provider_data.is_empty() {
        stored["provider_data"] = json!(call.provider_data.0);
    }
    stored
}

/// The calls in a column. What an older version or a manual edit left there and is none is
/// passed over: one bad row must not cost a conversation.
pub(super) fn from_column(column: Option<&Value>) -> Vec<ToolCall> {
    let object = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let call = |stored: &Value| {
        Some(ToolCall {
            id: stored["id"].as_str()?.to_owned(),
            name: stored["name"].as_str()?.to_owned(),
            arguments: object(&stored["arguments"]),
            provider_data: ProviderData(object(&stored["provider_data"])),
        })
    };
    column.and_then(Value::as_array).into_iter().flatten().filter_map(call).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;

    #[test]
    fn calls_are_read_as_they_were_stored_and_what_is_none_is_passed_over() {
        let object = |name: &str| Map::from_iter([(name.to_owned(), json!(1))]);
        let call = |id: &str, provider_data| ToolCall {
            id: id.into(),
            name: "add_task".into(),
            arguments: object("title"),
            provider_data: ProviderData(provider_data),
        };
        let calls = [call("a", Map::new()), call("b", object("signature"))];
        let column = to_column(&calls);
        assert_eq!(
            column,
            Some(json!([
                {"id": "a", "name": "add_task", "arguments": {"title": 1}},
                {"id": "b", "name": "add_task", "arguments": {"title": 1}, "provider_data": {"signature": 1}},
            ]))
        );
        assert_eq!(from_column(column.as_ref()), calls);
        assert_eq!((to_column([]), from_column(None)), (None, vec![]));
        let broken =
            json!([1, {"id": 2, "name": "x"}, {"id": "c"}, {"id": "c", "name": "x", "arguments": []}]);
        let read = from_column(Some(&broken));
        assert_eq!(read.iter().map(|call| call.id.as_str()).collect::<Vec<_>>(), ["c"]);
        assert_eq!(from_column(Some(&json!({}))), []);
    }
}
