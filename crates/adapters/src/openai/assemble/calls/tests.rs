use serde_json::json;

use super::*;

/// Puts fragments together.
fn calls(fragments: &[Value]) -> Vec<RequestedCall> {
    let mut drafts = CallDrafts::default();
    fragments.iter().try_for_each(|fragment| drafts.push(Fragment::read(fragment))).unwrap();
    drafts.into_requested()
}

fn call(name: &str, arguments: &str) -> RequestedCall {
    RequestedCall { name: name.into(), arguments: arguments.into() }
}

/// The first fragment of a call, without what is null.
fn first(index: Value, id: Value, name: &str, arguments: Value) -> Value {
    let mut fragment = json!({"type": "function", "function": {"name": name, "arguments": arguments}});
    for (member, value) in [("index", index), ("id", id)] {
        if !value.is_null() {
            fragment[member] = value;
        }
    }
    fragment
}

#[test]
fn calls_are_told_apart_whatever_marks_them() {
    let two = [call("add_task", r#"{"title":"a"}"#), call("add_task", r#"{"title":"b"}"#)];
    let indexes = [json!([0, 1]), json!([0, 0]), json!([null, null]), json!([7, 9])];
    let ids = [json!(["a", "b"]), json!(["same", "same"]), json!([null, null]), json!(["", ""])];
    for index in &indexes {
        for id in &ids {
            let mut fragments = Vec::new();
            for (n, title) in ["a", "b"].into_iter().enumerate() {
                fragments.push(first(index[n].clone(), id[n].clone(), "add_task", json!("")));
                for piece in ["{\"ti", "tle\":\"", title, "\"}"] {
                    fragments.push(json!({"index": index[n], "function": {"arguments": piece}}));
                }
            }
            assert_eq!(calls(&fragments), two, "index {index}, ids {id}");
            let whole = |n: usize, title: &str| {
                let arguments = json!(format!("{{\"title\":\"{title}\"}}"));
                first(index[n].clone(), id[n].clone(), "add_task", arguments)
            };
            assert_eq!(calls(&[whole(0, "a"), whole(1, "b")]), two, "whole, index {index}, ids {id}");
        }
    }
}

#[test]
fn calls_without_arguments_follow_one_another() {
    for arguments in [json!(""), json!(null), json!("{}")] {
        let fragments = [
            first(json!(null), json!(null), "list_tasks", arguments.clone()),
            first(json!(null), json!(null), "add_task", json!({"title": "a"})),
        ];
        let found = calls(&fragments);
        assert_eq!(found.len(), 2, "{arguments}: {found:?}");
        assert_eq!(found[0].name, "list_tasks");
        assert_eq!(found[1], call("add_task", r#"{"title":"a"}"#));
    }
}

#[test]
fn fragments_of_two_calls_may_be_mixed() {
    let expected = [call("add_task", "{1"), call("list_tasks", "{2")];
    let by_index = [
        json!({"index": 0, "id": "a", "function": {"name": "add_task"}}),
        json!({"index": 1, "id": "b", "function": {"name": "list_tasks"}}),
        json!({"index": 0, "function": {"arguments": "{"}}),
        json!({"index": 1, "function": {"arguments": "{"}}),
        json!({"index": 0, "function": {"arguments": "1"}}),
        json!({"index": 1, "function": {"arguments": "2"}}),
    ];
    assert_eq!(calls(&by_index), expected);
    for index in [json!(null), json!(0)] {
        let by_id: Vec<Value> = by_index
            .iter()
            .map(|fragment| {
                let mut fragment = fragment.clone();
                fragment["id"] = json!(if fragment["index"] == 0 { "a" } else { "b" });
                fragment["index"] = index.clone();
                fragment
            })
            .collect();
        assert_eq!(calls(&by_id), expected, "index {index}");
    }
}

#[test]
fn one_call_stays_one_however_it_is_cut() {
    let expected = [call("add_task", r#"{"title":"a"}"#)];
    let cases = [
        (
            "name in pieces",
            vec![
                json!({"index": 0, "id": "x", "function": {"name": "add", "arguments": ""}}),
                json!({"index": 0, "function": {"name": "_ta"}}),
                json!({"index": 0, "function": {"name": "sk", "arguments": r#"{"title":"a"}"#}}),
            ],
        ),
        (
            "name in pieces, no index, no id",
            vec![
                json!({"function": {"name": "add"}}),
                json!({"function": {"name": "_task"}}),
                json!({"function": {"arguments": r#"{"title":"a"}"#}}),
            ],
        ),
        (
            "name repeated in every fragment",
            vec![
                json!({"index": 0, "id": "x", "function": {"name": "add_task", "arguments": r#"{"tit"#}}),
                json!({"index": 0, "id": "x", "function": {"name": "add_task", "arguments": r#"le":"a"}"#}}),
            ],
        ),
        (
            "name repeated before the arguments",
            vec![
                json!({"function": {"name": "add_task", "arguments": ""}}),
                json!({"function": {"name": "add_task", "arguments": r#"{"title":"a"}"#}}),
            ],
        ),
        (
            "id late",
            vec![
                json!({"index": 0, "function": {"name": "add_task", "arguments": ""}}),
                json!({"index": 0, "id": "x", "function": {"arguments": r#"{"title":"a"}"#}}),
            ],
        ),
        (
            "id first",
            vec![
                json!({"index": 0, "id": "x"}),
                json!({"index": 0, "function": {"name": "add_task"}}),
                json!({"index": 0, "function": {"arguments": r#"{"title":"a"}"#}}),
            ],
        ),
        (
            "another id in every fragment",
            vec![
                json!({"index": 0, "id": "x", "function": {"name": "add_task", "arguments": ""}}),
                json!({"index": 0, "id": "y", "function": {"arguments": r#"{"title":"#}}),
                json!({"index": 0, "id": "z", "function": {"arguments": r#""a"}"#}}),
            ],
        ),
        (
            "index lost on the way",
            vec![
                json!({"index": 0, "id": "x", "function": {"name": "add_task", "arguments": ""}}),
                json!({"function": {"arguments": r#"{"title":"a"}"#}}),
            ],
        ),
        (
            "index found on the way",
            vec![
                json!({"id": "x", "function": {"name": "add_task", "arguments": ""}}),
                json!({"index": 0, "function": {"arguments": r#"{"title":"a"}"#}}),
            ],
        ),
        (
            "arguments as an object",
            vec![json!({"index": 0, "function": {"name": "add_task", "arguments": {"title": "a"}}})],
        ),
        ("no function around it", vec![json!({"name": "add_task", "arguments": r#"{"title":"a"}"#})]),
        (
            "nothing before and after",
            vec![
                json!({"index": 0}),
                json!({"index": 0, "id": "", "type": "function", "function": {"name": "add_task", "arguments": r#"{"title":"a"}"#}}),
                json!({"index": 0, "id": null, "function": {"name": "", "arguments": ""}}),
                json!({"index": 0, "function": {"name": null, "arguments": null}}),
                json!("no fragment at all"),
            ],
        ),
    ];
    for (case, fragments) in cases {
        assert_eq!(calls(&fragments), expected, "{case}");
    }
}

#[test]
fn two_hundred_fragments_make_one_call() {
    let arguments = json!({"title": "ü".repeat(150), "description": "\u{1F600}"}).to_string();
    let mut fragments =
        vec![json!({"index": 0, "id": "x", "function": {"name": "add_task", "arguments": ""}})];
    let pieces = arguments.chars().map(|c| json!({"index": 0, "function": {"arguments": c}}));
    fragments.extend(pieces);
    assert!(fragments.len() > 150);
    assert_eq!(calls(&fragments), [call("add_task", &arguments)]);
}

#[test]
fn too_much_is_refused_or_not_kept() {
    let flood: Vec<Value> =
        (0..200).map(|n| json!({"index": n, "function": {"name": "list_tasks"}})).collect();
    assert!(
        flood.iter().try_for_each(|fragment| CallDrafts::default().push(Fragment::read(fragment))).is_ok()
    );
    let mut drafts = CallDrafts::default();
    assert!(flood.iter().try_for_each(|fragment| drafts.push(Fragment::read(fragment))).is_err());
    let long = json!({"index": 0, "function": {"arguments": "x".repeat(1_000)}});
    let kept = calls(&vec![long; 100]);
    assert_eq!(kept.len(), 1);
    assert!((17_000..40_000).contains(&kept[0].arguments.len()));
}
