//! The rules of the strictest model API for the messages of a request, as one check.

use std::collections::HashSet;

use crate::message::{MessageBody, ToolCall};

/// Checks messages as a provider would before it lets a model answer them.
///
/// # Errors
/// The rule that they break: those of [`sound`], and that the last word is not the model's.
pub fn fit_to_send(messages: &[MessageBody]) -> Result<(), String> {
    sound(messages)?;
    match messages.last() {
        Some(MessageBody::User(_) | MessageBody::Tool { .. }) => Ok(()),
        Some(MessageBody::Assistant { .. }) => Err("the last message is the model's own".to_owned()),
        None => Err("there is no message".to_owned()),
    }
}

/// Checks that every call is answered exactly once and in place, that no result is without its
/// call, that ids are unique, and that nothing is empty.
///
/// # Errors
/// The rule that is broken, with the number of the message.
pub fn sound(messages: &[MessageBody]) -> Result<(), String> {
    let mut ids = HashSet::new();
    let mut open: Vec<&str> = Vec::new();
    for (number, message) in messages.iter().enumerate() {
        let fault = match message {
            MessageBody::Tool { call_id, content } => answered(&mut open, call_id, content),
            _ if !open.is_empty() => Err(format!("the calls {open:?} are not answered")),
            MessageBody::User(text) if text.trim().is_empty() => Err("the user says nothing".to_owned()),
            MessageBody::User(_) => Ok(()),
            MessageBody::Assistant { text, calls } if text.trim().is_empty() && calls.is_empty() => {
                Err("the model neither says nor calls anything".to_owned())
            }
            MessageBody::Assistant { text, .. } if !text.is_empty() && text.trim().is_empty() => {
                Err("the model says blanks beside its calls".to_owned())
            }
            MessageBody::Assistant { calls, .. } => calls.iter().try_for_each(|call| {
                open.push(&call.id);
                called(call, ids.insert(&call.id))
            }),
        };
        fault.map_err(|fault| format!("message {number}: {fault}"))?;
    }
    if open.is_empty() { Ok(()) } else { Err(format!("the calls {open:?} at the end are not answered")) }
}

fn answered(open: &mut Vec<&str>, call_id: &str, content: &str) -> Result<(), String> {
    let Some(index) = open.iter().position(|id| *id == call_id) else {
        return Err(format!("the result of {call_id:?} is without its call"));
    };
    open.remove(index);
    if content.is_empty() { Err(format!("the result of {call_id:?} is empty")) } else { Ok(()) }
}

fn called(call: &ToolCall, is_new: bool) -> Result<(), String> {
    let is_plain = |text: &str| {
        (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    };
    if !is_plain(&call.id) {
        return Err(format!("{:?} is no id", call.id));
    }
    if !is_new {
        return Err(format!("the id {:?} is used twice", call.id));
    }
    if is_plain(&call.name) { Ok(()) } else { Err(format!("{:?} is no name of a tool", call.name)) }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;

    fn calls(ids: &[&str]) -> MessageBody {
        beside("", ids)
    }

    fn beside(text: &str, ids: &[&str]) -> MessageBody {
        let call = |id: &&str| ToolCall {
            id: (*id).into(),
            name: "add_task".into(),
            arguments: Map::new(),
            provider_data: Default::default(),
        };
        MessageBody::Assistant { text: text.into(), calls: ids.iter().map(call).collect() }
    }

    fn result(id: &str) -> MessageBody {
        MessageBody::Tool { call_id: id.into(), content: "{}".into() }
    }

    fn said(text: &str) -> MessageBody {
        MessageBody::Assistant { text: text.into(), calls: vec![] }
    }

    #[test]
    fn a_conversation_as_it_should_be_passes() {
        let user = || MessageBody::User("hello".into());
        let messages = [user(), calls(&["a", "b"]), result("b"), result("a"), said("done"), user()];
        assert_eq!(fit_to_send(&messages), Ok(()));
        assert_eq!(fit_to_send(&messages[..4]), Ok(()));
        assert!(fit_to_send(&messages[..5]).is_err() && sound(&messages[..5]).is_ok());
    }

    #[test]
    fn every_fault_is_seen() {
        let user = || MessageBody::User("hello".into());
        let faulty: [&[MessageBody]; 10] = [
            &[beside(" ", &["a"]), result("a")],
            &[result("a")],
            &[calls(&["a"])],
            &[calls(&["a"]), user(), result("a")],
            &[calls(&["a"]), result("a"), result("a")],
            &[calls(&["a", "a"]), result("a"), result("a")],
            &[calls(&["a"]), result("a"), calls(&["a"]), result("a")],
            &[calls(&[""]), result("")],
            &[said(" ")],
            &[MessageBody::User(String::new())],
        ];
        for messages in faulty {
            assert!(sound(messages).is_err(), "{messages:?}");
        }
        assert!(fit_to_send(&[]).is_err());
    }
}
