//! The JSON of answers that several routes give.

pub(crate) mod approval_body;
pub(crate) mod change_body;
pub(crate) mod task_body;
pub(crate) mod tool_call_body;
pub(crate) mod turn_effects_body;
