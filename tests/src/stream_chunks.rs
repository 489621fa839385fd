//! Parses the chunks of a recorded stream, whole or broken off.

use serde_json::Value;

/// Returns its chunks.
///
/// # Panics
/// When an event that came whole is neither a comment, a chunk nor the end.
pub fn parse(stream: &str) -> Vec<Value> {
    let events = stream.split_inclusive("\n\n").filter_map(|event| event.strip_suffix("\n\n"));
    let data = events.filter_map(|event| match event.strip_prefix("data: ") {
        Some("[DONE]") => None,
        Some(data) => Some(serde_json::from_str(data).expect("a chunk is JSON")),
        None => {
            assert!(event.starts_with(':'), "no event: {event:?}");
            None
        }
    });
    data.collect()
}

/// Returns those of a type.
pub fn of_type<'a>(chunks: &'a [Value], kind: &'a str) -> impl DoubleEndedIterator<Item = &'a Value> {
    chunks.iter().filter(move |chunk| chunk["type"] == kind)
}

/// Returns all words that were said in them.
pub fn words(chunks: &[Value]) -> String {
    of_type(chunks, "text-delta").filter_map(|chunk| chunk["delta"].as_str()).collect()
}
