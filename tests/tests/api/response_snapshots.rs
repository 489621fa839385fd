//! The shapes of answers, as clients rely on them: what is snapped here must not change by accident.

#[path = "response_snapshots/conversation.rs"]
mod conversation;
#[path = "response_snapshots/problems.rs"]
mod problems;
#[path = "response_snapshots/tasks.rs"]
mod tasks;

use insta::dynamic_redaction;

/// A redaction for times: RFC 3339 in UTC.
fn time() -> insta::internals::Redaction {
    dynamic_redaction(|value, _| {
        let text = value.as_str().unwrap();
        assert!(text.len() >= 20 && text.ends_with('Z') && text.as_bytes()[10] == b'T', "{text}");
        "[time]"
    })
}

/// A redaction for ids: UUIDs.
fn id() -> insta::internals::Redaction {
    dynamic_redaction(|value, _| {
        let text = value.as_str().unwrap();
        assert!(text.len() == 36 && text.bytes().filter(|b| *b == b'-').count() == 4, "{text}");
        "[id]"
    })
}

/// A redaction for counts that depend on the prompt.
fn count() -> insta::internals::Redaction {
    dynamic_redaction(|value, _| {
        assert!(value.as_u64().is_some_and(|count| count > 0), "{value:?}");
        "[count]"
    })
}
