//! Evaluates how well a model keeps a list: it is given 120 tasks in twelve families, through a running
//! server, and judged by what the list is like afterwards and by what it claims.
//!
//! Start at [`scenario`] for what a task is, [`grader`] for how it is judged, [`run`] for how it is played.

pub mod api_client;
pub mod grader;
pub mod report;
pub mod run;
pub mod scenario;
