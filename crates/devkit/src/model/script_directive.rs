//! A script inside the user's own message, for a harness in another process:
//! `anything #script [[{"tool":"add_task","input":{"title":"a"}}], …]`.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::{
    request::Request,
    script::{Reply, text},
};

const MARK: &str = "#script";

/// One model call: just its tool calls, or with text and faults.
#[derive(Deserialize)]
#[serde(untagged)]
enum Step {
    Calls(Vec<DirectedCall>),
    Full(FullStep),
}

#[derive(Deserialize)]
struct DirectedCall {
    tool: String,
    #[serde(default)]
    input: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FullStep {
    #[serde(default)]
    calls: Vec<DirectedCall>,
    say: Option<String>,
    finish: Option<String>,
    status: Option<u16>,
    delay_ms: Option<u64>,
    cut_after: Option<usize>,
    reset_after: Option<usize>,
    #[serde(default)]
    hang: bool,
}

/// Returns the scripted reply when the user's message holds a script.
///
/// The step is the number of answers since that message, so that the same
/// request always gets the same reply; after the last step comes "Done.".
pub(crate) fn reply(request: &Request) -> Option<Result<Reply, String>> {
    let (_, script) = request.user_text().split_once(MARK)?;
    let first = serde_json::Deserializer::from_str(script).into_iter::<Vec<Step>>().next();
    let steps = match first {
        Some(Ok(steps)) => steps,
        Some(Err(error)) => return Some(Err(format!("the {MARK} directive is not understood: {error}"))),
        None => return Some(Err(format!("the {MARK} directive is empty"))),
    };
    Some(Ok(steps.into_iter().nth(request.step()).map_or_else(|| text("Done."), Reply::from)))
}

impl From<Step> for Reply {
    fn from(step: Step) -> Self {
        match step {
            Step::Calls(calls) => with_calls(Self::default(), calls),
            Step::Full(step) => step.into(),
        }
    }
}

impl From<FullStep> for Reply {
    fn from(step: FullStep) -> Self {
        let mut reply = with_calls(Self::default(), step.calls);
        reply.text = step.say;
        reply.finish = step.finish;
        reply.status = step.status;
        reply.delay = Duration::from_millis(step.delay_ms.unwrap_or(0));
        if let Some(bytes) = step.cut_after {
            reply = reply.cut_after(bytes);
        }
        if let Some(bytes) = step.reset_after {
            reply = reply.reset_after(bytes);
        }
        if step.hang {
            reply = reply.hang();
        }
        reply
    }
}

fn with_calls(reply: Reply, calls: Vec<DirectedCall>) -> Reply {
    calls.into_iter().fold(reply, |reply, call| reply.call(call.tool, call.input))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::script::call;

    fn request(user: &str, steps: usize) -> Request {
        let mut messages = vec![json!({"role": "user", "content": user})];
        messages.extend((0..steps).map(|_| json!({"role": "assistant", "content": "x"})));
        Request { body: json!({"messages": messages}) }
    }

    #[test]
    fn each_step_is_one_reply_and_then_it_is_done() {
        let user = r#"please #script [[{"tool":"add_task","input":{"title":"a"}}], {"say":"hm","status":503}] thanks"#;
        assert_eq!(reply(&request(user, 0)), Some(Ok(call("add_task", json!({"title": "a"})))));
        assert_eq!(reply(&request(user, 1)), Some(Ok(text("hm").status(503))));
        assert_eq!(reply(&request(user, 2)), Some(Ok(text("Done."))));
        assert_eq!(reply(&request(user, 7)), Some(Ok(text("Done."))));
    }

    #[test]
    fn other_messages_are_not_scripts_and_broken_ones_are_errors() {
        assert_eq!(reply(&request("Add milk", 0)), None);
        assert!(reply(&request("#script [[{]", 0)).unwrap().is_err());
        assert!(reply(&request("#script", 0)).unwrap().is_err());
    }
}
