use serde_json::json;

use super::*;

/// Puts fragments together.
fn calls(fragments: &[Value]) -> Vec<RequestedCall> {
    let mut drafts = CallDrafts::default();
    fragments.iter().try_for_each(|fragment| drafts.push(Fragment::read(fragment))).unwrap();
    drafts.into_requested()
}

fn call(name: &str, arguments: &str) -> RequestedCall {
    RequestedCall { name: name.into(), arguments: arguments.into(), ..Default::default() }
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
fn a_glued_call_leaves_the_first_one_its_signature() {
    let whole = |title: &str, signature: &str| {
        json!({"index": 0, "id": "t1", "extra_content": {"google": {"thought_signature": signature}},
               "function": {"name": if title == "a" { "add_task" } else { "" },
                            "arguments": format!("{{\"title\":\"{title}\"}}")}})
    };
    let found = calls(&[whole("a", "first"), whole("b", "second")]);
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0].provider_data.0["extra_content"]["google"]["thought_signature"], "first");
    assert!(found[1].provider_data.is_empty());
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

/// Checks that each of these is one call of `add_task` with a title.
fn are_one_call(cases: &[(&str, Value)]) {
    for (case, fragments) in cases {
        let found = calls(fragments.as_array().unwrap());
        assert_eq!(found, [call("add_task", r#"{"title":"a"}"#)], "{case}");
    }
}

#[test]
fn a_name_may_come_in_pieces_or_again_and_again() {
    are_one_call(&[
        (
            "in pieces",
            json!([
                {"index": 0, "id": "x", "function": {"name": "add", "arguments": ""}},
                {"index": 0, "function": {"name": "_ta"}},
                {"index": 0, "function": {"name": "sk", "arguments": "{\"title\":\"a\"}"}},
            ]),
        ),
        (
            "in pieces, without index and id",
            json!([
                {"function": {"name": "add"}},
                {"function": {"name": "_task"}},
                {"function": {"arguments": "{\"title\":\"a\"}"}},
            ]),
        ),
        (
            "in every fragment",
            json!([
                {"index": 0, "id": "x", "function": {"name": "add_task", "arguments": "{\"tit"}},
                {"index": 0, "id": "x", "function": {"name": "add_task", "arguments": "le\":\"a\"}"}},
            ]),
        ),
        (
            "again before the arguments",
            json!([
                {"function": {"name": "add_task", "arguments": ""}},
                {"function": {"name": "add_task", "arguments": "{\"title\":\"a\"}"}},
            ]),
        ),
    ]);
}

#[test]
fn ids_and_indexes_may_come_and_go() {
    let arguments = json!({"arguments": "{\"title\":\"a\"}"});
    let name = json!({"name": "add_task", "arguments": ""});
    are_one_call(&[
        ("id late", json!([{"index": 0, "function": name}, {"index": 0, "id": "x", "function": arguments}])),
        (
            "id first",
            json!([{"index": 0, "id": "x"}, {"index": 0, "function": name}, {"index": 0, "function": arguments}]),
        ),
        ("index lost", json!([{"index": 0, "id": "x", "function": name}, {"function": arguments}])),
        ("index found", json!([{"id": "x", "function": name}, {"index": 0, "function": arguments}])),
        (
            "another id in every fragment",
            json!([
                {"index": 0, "id": "x", "function": name},
                {"index": 0, "id": "y", "function": {"arguments": "{\"title\":"}},
                {"index": 0, "id": "z", "function": {"arguments": "\"a\"}"}},
            ]),
        ),
    ]);
}

#[test]
fn a_call_may_have_an_odd_shape() {
    are_one_call(&[
        (
            "arguments as an object",
            json!([{"index": 0, "function": {"name": "add_task", "arguments": {"title": "a"}}}]),
        ),
        (
            "the whole again",
            json!([
                {"index": 0, "id": "x", "function": {"name": "add_task", "arguments": "{\"title\":\"a\"}"}},
                {"index": 0, "function": {"arguments": "{\"title\":\"a\"}"}},
            ]),
        ),
        ("no function around it", json!([{"name": "add_task", "arguments": "{\"title\":\"a\"}"}])),
        (
            "nothing before and after",
            json!([
                {"index": 0},
                {"index": 0, "id": "", "type": "function", "function": {"name": "add_task", "arguments": "{\"title\":\"a\"}"}},
                {"index": 0, "id": null, "function": {"name": "", "arguments": ""}},
                {"index": 0, "function": {"name": null, "arguments": null}},
                "no fragment at all",
            ]),
        ),
    ]);
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
