//! Tool calls in a stream, in all the shapes that providers send them.

use serde_json::{Value, json};

use super::Context;
use crate::model::script::{CallIds, Index, Reply, Shape};

/// Returns the fragments of one tool call: its name and id, then its arguments.
pub(crate) fn call_deltas(reply: &Reply, position: usize, context: &Context) -> Vec<Value> {
    let Shape { ids, split_names, .. } = reply.shape;
    let call = &reply.calls[position];
    let id = call_id(ids, context.seed, position);
    let (name, rest) = if split_names { halves(&call.tool) } else { (call.tool.as_str(), "") };
    let mut first = json!({"type": "function", "function": {"name": name, "arguments": ""}});
    let mut following: Vec<Value> = Vec::new();
    if !rest.is_empty() {
        following.push(json!({"function": {"name": rest}}));
    }
    let fragments = fragments(&call.arguments, reply.shape.fragments);
    following.extend(fragments.into_iter().map(|piece| json!({"function": {"arguments": piece}})));
    match following.first_mut() {
        Some(second) if ids == CallIds::Late => second["id"] = json!(id),
        _ => first["id"] = json!(id),
    }
    let mut deltas = vec![first];
    deltas.append(&mut following);
    for delta in &mut deltas {
        finish_delta(delta, reply.shape.index, position);
    }
    deltas
}

fn finish_delta(delta: &mut Value, index: Index, position: usize) {
    let Some(object) = delta.as_object_mut() else { return };
    if object.get("id").is_some_and(Value::is_null) {
        object.remove("id");
    }
    let index = match index {
        Index::Counted => position,
        Index::Zero => 0,
        Index::Missing => return,
    };
    object.insert("index".to_owned(), json!(index));
}

pub(crate) fn call_id(ids: CallIds, seed: u64, position: usize) -> Option<String> {
    let number = seed.wrapping_add((position as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    match ids {
        CallIds::Unique | CallIds::Late => Some(format!("call_{number:016x}{position:08}")),
        CallIds::Missing => None,
        CallIds::Empty => Some(String::new()),
        CallIds::Same => Some("call_same".to_owned()),
        CallIds::Long => Some(format!("{number:0>300x}")),
        CallIds::Short => Some(format!("{:09x}", number >> 28)),
    }
}

/// Splits into `count` pieces of characters (one piece for 0), some maybe empty.
fn fragments(text: &str, count: usize) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let size = characters.len().div_ceil(count.max(1)).max(1);
    let mut pieces: Vec<String> = characters.chunks(size).map(|piece| piece.iter().collect()).collect();
    pieces.resize(pieces.len().max(count), String::new());
    pieces
}

fn halves(text: &str) -> (&str, &str) {
    text.split_at_checked(text.len() / 2).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::{super::tests::parsed, *};
    use crate::model::script::{call, calls};

    fn call_fragments(reply: &Reply) -> Vec<Value> {
        let deltas = parsed(reply)
            .into_iter()
            .filter_map(|chunk| chunk.pointer("/choices/0/delta/tool_calls/0").cloned());
        deltas.collect()
    }

    #[test]
    fn arguments_in_fragments_come_together_again() {
        let reply = call("add_task", json!({"title": "Käse"})).fragments(200).split_names();
        let fragments = call_fragments(&reply);
        assert_eq!(fragments.len(), 202);
        let joined =
            |path: &str| -> String { fragments.iter().filter_map(|f| f.pointer(path)?.as_str()).collect() };
        assert_eq!(joined("/function/name"), "add_task");
        assert_eq!(joined("/function/arguments"), r#"{"title":"Käse"}"#);
        assert_eq!(fragments.iter().filter(|fragment| fragment.get("id").is_some()).count(), 1);
    }

    #[test]
    fn index_and_ids_follow_the_script() {
        let two = || calls([("a", json!({})), ("b", json!({}))]);
        let indexes = |reply: &Reply| -> Vec<Option<u64>> {
            call_fragments(reply)
                .iter()
                .map(|fragment| fragment.get("index").and_then(Value::as_u64))
                .collect()
        };
        assert_eq!(indexes(&two()), [Some(0), Some(0), Some(1), Some(1)]);
        assert_eq!(indexes(&two().index(Index::Zero)), [Some(0); 4]);
        assert_eq!(indexes(&two().index(Index::Missing)), [None; 4]);
        let ids = |reply: &Reply| -> Vec<String> {
            call_fragments(reply)
                .iter()
                .filter_map(|fragment| Some(fragment.get("id")?.as_str()?.to_owned()))
                .collect()
        };
        let unique = ids(&two());
        assert!(unique.len() == 2 && unique[0] != unique[1] && unique[0].len() <= 40);
        assert_eq!(ids(&two().ids(CallIds::Same)), ["call_same", "call_same"]);
        assert!(ids(&two().ids(CallIds::Missing)).is_empty());
        assert_eq!(ids(&two().ids(CallIds::Long))[0].len(), 300);
        assert_eq!(ids(&two().ids(CallIds::Short))[1].len(), 9);
        assert!(call_fragments(&two().ids(CallIds::Late))[0].get("id").is_none());
        assert_eq!(ids(&two().ids(CallIds::Late)).len(), 2);
    }
}
