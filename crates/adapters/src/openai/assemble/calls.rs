//! Tool calls, put together from fragments that do not always say which call they belong to.
//!
//! `index` may be missing or always 0, ids may be missing or all the same. Then a fragment with a name
//! begins a new call once the call before it is complete.

pub(super) mod arguments;
pub(super) mod tool_name_repair;

use std::borrow::Cow;

use domain::{message::ProviderData, ports::RequestedCall};
use serde_json::Value;

use crate::openai::{lone_surrogates, opaque_provider_fields};

/// The most calls in one reply: far beyond what a turn may make.
const MAX_CALLS: usize = 128;
/// What is kept of a call's arguments: twice the length that the domain refuses.
const MAX_ARGUMENT_BYTES: usize = 32 * 1024;

/// The calls of a reply that is still arriving.
#[derive(Debug, Default)]
pub(super) struct CallDrafts(Vec<Draft>);

#[derive(Debug)]
struct Draft {
    index: Option<u64>,
    id: String,
    name: String,
    arguments: String,
    /// In how many pieces they came.
    pieces: usize,
    /// Whether the first of them came with a name.
    begins_named: bool,
    provider_data: ProviderData,
}

/// A piece of a call, as it came.
#[derive(Debug)]
pub(super) struct Fragment<'a> {
    index: Option<u64>,
    id: &'a str,
    name: &'a str,
    arguments: Cow<'a, str>,
    provider_data: Option<Value>,
}

/// A reply calls implausibly many tools.
#[derive(Debug, thiserror::Error)]
#[error("the reply holds more than {MAX_CALLS} tool calls")]
pub(super) struct TooManyCalls;

impl<'a> Fragment<'a> {
    /// Reads a fragment; what is missing is empty.
    pub(super) fn read(value: &'a Value) -> Self {
        let function = value.get("function").filter(|function| function.is_object()).unwrap_or(value);
        let string = |object: &'a Value, member| object.get(member).and_then(Value::as_str).unwrap_or("");
        let arguments = match function.get("arguments") {
            Some(Value::String(text)) => Cow::Borrowed(text.as_str()),
            None | Some(Value::Null) => Cow::Borrowed(""),
            // An object where a string of JSON should be.
            Some(object) => Cow::Owned(object.to_string()),
        };
        let index = value.get("index").and_then(Value::as_u64);
        let provider_data = opaque_provider_fields::read_call(value);
        Self { index, id: string(value, "id"), name: string(function, "name"), arguments, provider_data }
    }
}

impl CallDrafts {
    /// Adds a fragment to the call it belongs to, or begins one with it.
    ///
    /// # Errors
    /// When there are too many calls.
    pub(super) fn push(&mut self, fragment: Fragment<'_>) -> Result<(), TooManyCalls> {
        let place = self.place(&fragment);
        match place.map(|place| &mut self.0[place]).filter(|draft| draft.goes_on_with(&fragment)) {
            Some(draft) => draft.append(fragment),
            None => self.begin(fragment)?,
        }
        Ok(())
    }

    /// Begins a call with this fragment, whatever came before.
    ///
    /// # Errors
    /// When there are too many calls.
    pub(super) fn begin(&mut self, fragment: Fragment<'_>) -> Result<(), TooManyCalls> {
        if self.0.len() >= MAX_CALLS {
            return Err(TooManyCalls);
        }
        let (index, empty) = (fragment.index, String::new);
        let provider_data = ProviderData::default();
        let mut draft = Draft {
            index,
            id: empty(),
            name: empty(),
            arguments: empty(),
            pieces: 0,
            begins_named: false,
            provider_data,
        };
        draft.append(fragment);
        self.0.push(draft);
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many bytes are kept of them, without what a provider has put beside them.
    pub(super) fn kept_bytes(&self) -> usize {
        self.0.iter().map(|draft| draft.id.len() + draft.name.len() + draft.arguments.len()).sum()
    }

    /// Returns the calls, without those of which nothing came.
    pub(super) fn into_requested(self) -> Vec<RequestedCall> {
        let requested = self.0.into_iter().flat_map(|draft| {
            let name = tool_name_repair::find_tool(&draft.name).map_or(draft.name, str::to_owned);
            let mut provider_data = draft.provider_data;
            // When a server has glued calls together, the first one keeps the data.
            let call = move |arguments: String| RequestedCall {
                name: name.clone(),
                arguments: lone_surrogates::replace_lone_surrogates(&arguments),
                provider_data: std::mem::take(&mut provider_data),
            };
            arguments::split_calls(&lone_surrogates::encode_lone_surrogates(&draft.arguments))
                .into_iter()
                .map(call)
        });
        let is_something = |call: &RequestedCall| !(call.name.is_empty() && call.arguments.is_empty());
        requested.filter(is_something).take(MAX_CALLS).collect()
    }

    /// Where a fragment most likely belongs: to the call with its id, with its index, or the last.
    fn place(&self, fragment: &Fragment<'_>) -> Option<usize> {
        let same_index = |draft: &Draft| fragment.index.is_some() && draft.index == fragment.index;
        let same_id = |draft: &Draft| {
            let apart = fragment.index.is_some() && draft.index.is_some() && draft.index != fragment.index;
            !fragment.id.is_empty() && draft.id == fragment.id && !apart
        };
        let known = self.0.iter().rposition(same_id).or_else(|| self.0.iter().rposition(same_index));
        let begins = fragment.index.is_some() && !(fragment.id.is_empty() && fragment.name.is_empty());
        known.or_else(|| if begins { None } else { self.0.len().checked_sub(1) })
    }
}

impl Draft {
    fn goes_on_with(&self, fragment: &Fragment<'_>) -> bool {
        if fragment.name.is_empty() {
            return true;
        }
        if !fragment.id.is_empty() && !self.id.is_empty() && fragment.id != self.id {
            return false;
        }
        if self.arguments.is_empty() {
            return self.name == fragment.name || self.name_goes_on_with(fragment.name);
        }
        // A name after arguments begins a new call, unless the server repeats the name in every fragment.
        self.name == fragment.name && !self.is_complete()
    }

    fn is_complete(&self) -> bool {
        self.arguments.len() >= MAX_ARGUMENT_BYTES || arguments::are_complete(&self.arguments)
    }

    /// Names come in pieces, and calls without arguments come one right after the other.
    fn name_goes_on_with(&self, piece: &str) -> bool {
        tool_name_repair::find_tool(&self.name).is_none()
            || tool_name_repair::continues_tool_name(&self.name, piece)
    }

    /// Some servers send the whole object once more after its pieces, or without the name that it first came
    /// with. Two whole ones, with names or after a name, are two calls.
    fn is_repeated_by(&self, fragment: &Fragment<'_>) -> bool {
        let is_whole = fragment.arguments.trim_start().starts_with('{');
        let is_after_all = self.pieces > 1 || (self.begins_named && fragment.name.is_empty());
        is_after_all && is_whole && arguments::end_with(&self.arguments, &fragment.arguments)
    }

    fn append(&mut self, fragment: Fragment<'_>) {
        if self.id.is_empty() {
            self.id = fragment.id.to_owned();
        }
        if self.arguments.is_empty() && self.name != fragment.name {
            self.name.push_str(fragment.name);
        }
        if self.arguments.len() < MAX_ARGUMENT_BYTES && !self.is_repeated_by(&fragment) {
            self.arguments.push_str(&fragment.arguments);
            let is_piece = !fragment.arguments.trim().is_empty();
            self.begins_named |= is_piece && self.pieces == 0 && !fragment.name.is_empty();
            self.pieces += usize::from(is_piece);
        }
        opaque_provider_fields::insert_call(&mut self.provider_data, fragment.provider_data);
    }
}

#[cfg(test)]
mod tests;
