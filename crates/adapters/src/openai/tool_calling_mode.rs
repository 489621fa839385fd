//! In which of two ways a model is asked for tools.

use std::{
    str::FromStr,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
};

use serde_json::Value;

/// After so many calls that were written as text a model is asked for objects instead.
const MAX_WRITTEN_CALLS: u32 = 2;

/// How a model is asked for tools.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ToolMode {
    /// With tool calls, until it turns out that the model or its server cannot make them.
    #[default]
    Auto,
    /// With tool calls.
    Native,
    /// With one JSON object under a schema.
    Structured,
}

impl FromStr for ToolMode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "native" => Ok(Self::Native),
            "structured" => Ok(Self::Structured),
            _ => Err("must be auto, native or structured".to_owned()),
        }
    }
}

/// The way that is taken now. It is remembered while the process lives.
#[derive(Debug)]
pub(super) struct CurrentMode {
    configured: ToolMode,
    has_switched: AtomicBool,
    written_calls: AtomicU32,
}

impl CurrentMode {
    pub(super) fn new(configured: ToolMode) -> Self {
        Self { configured, has_switched: AtomicBool::new(false), written_calls: AtomicU32::new(0) }
    }

    /// Whether the model is asked for objects.
    pub(super) fn is_structured(&self) -> bool {
        match self.configured {
            ToolMode::Auto => self.has_switched.load(Ordering::Relaxed),
            ToolMode::Native => false,
            ToolMode::Structured => true,
        }
    }

    /// Notes that a model wrote a call as text.
    pub(super) fn call_written(&self) {
        if self.written_calls.fetch_add(1, Ordering::Relaxed) + 1 >= MAX_WRITTEN_CALLS {
            self.switch("the model writes its calls as text");
        }
    }

    /// Notes that a server takes no tools.
    pub(super) fn tools_refused(&self) {
        self.switch("the server takes no tools for this model");
    }

    fn switch(&self, why: &str) {
        if self.configured == ToolMode::Auto && !self.has_switched.swap(true, Ordering::Relaxed) {
            tracing::warn!("{why}: it is asked for JSON objects from now on (OPENAI_TOOL_MODE=structured)");
        }
    }
}

/// Whether an error says that tools cannot be used: Ollama's "does not support tools", llama.cpp's
/// "tools param requires --jinja flag", vLLM's "requires --enable-auto-tool-choice".
pub(super) fn refuses_tools(error: &Value) -> bool {
    let message = error.get("message").unwrap_or(error).as_str().unwrap_or_default().to_lowercase();
    let phrases = [
        "not support tool",
        "tools are not supported",
        "tool use is not supported",
        "requires --jinja",
        "enable-auto-tool-choice",
    ];
    phrases.iter().any(|phrase| message.contains(phrase))
}
