//! Rebuilds the events of a turn from its committed steps.

use domain::{
    message::{ExecutedCall, ProviderData, ToolCall},
    ports::TurnEvent,
};

/// The events of a committed step, as its listeners heard them.
pub(crate) fn step_events(text: &str, calls: &[ExecutedCall]) -> impl Iterator<Item = TurnEvent> {
    let tool_calls = calls.iter().map(|done| ToolCall {
        id: done.id.clone(),
        name: done.tool.clone(),
        arguments: done.input.clone(),
        provider_data: ProviderData::default(),
    });
    let text = (!text.is_empty()).then(|| TurnEvent::TextDelta(text.to_owned()));
    let after =
        [TurnEvent::ToolCallsStarted(tool_calls.collect()), TurnEvent::ToolCallsCommitted(calls.to_vec())];
    [TurnEvent::StepStarted].into_iter().chain(text).chain(after)
}
