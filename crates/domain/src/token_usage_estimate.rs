//! Estimates the tokens that a model call has used when its provider does not report them.

use std::sync::LazyLock;

use crate::{
    message::MessageBody,
    ports::{ModelRequest, ToolChoice},
    prompt_history::{tokens, tokens_of_bytes},
    tool::{TOOLS, Tool},
    turn::Usage,
};

/// How many bytes the tools are in a request, in which each has some more around it.
static TOOL_BYTES: LazyLock<usize> = LazyLock::new(|| {
    let bytes = |tool: &Tool| tool.name.len() + tool.description.len() + tool.schema().to_string().len() + 80;
    TOOLS.iter().map(bytes).sum()
});

/// About how many tokens a request takes, and an answer to it of so many bytes.
pub(crate) fn estimated_usage(
    system: &str,
    messages: &[MessageBody],
    tools: ToolChoice,
    answer_bytes: usize,
) -> Usage {
    let tool_bytes = if tools == ToolChoice::NotListed { 0 } else { *TOOL_BYTES };
    let prompt = tokens_of_bytes(system.len() + tool_bytes) + tokens(messages);
    let count = |tokens: usize| i32::try_from(tokens).unwrap_or(i32::MAX);
    Usage { prompt_tokens: count(prompt), completion_tokens: count(tokens_of_bytes(answer_bytes) + 1) }
}

impl ModelRequest<'_> {
    /// About what this request has used, and an answer to it of so many bytes.
    pub(crate) fn estimated_usage(&self, answer_bytes: usize) -> Usage {
        estimated_usage(self.system, self.messages, self.tools, answer_bytes)
    }
}
