//! The server from outside: the real binary on a real Postgres, with a model that is scripted and
//! checks every request. One binary, so that the tests share one Postgres and run side by side.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a failing test says enough")]

#[path = "api/access_tokens.rs"]
mod access_tokens;
#[path = "api/account_copies.rs"]
mod account_copies;
#[path = "api/account_recovery.rs"]
mod account_recovery;
#[path = "api/activity.rs"]
mod activity;
#[path = "api/approvals.rs"]
mod approvals;
#[path = "api/authorisation.rs"]
mod authorisation;
#[path = "api/batches.rs"]
mod batches;
#[path = "api/budgets.rs"]
mod budgets;
#[path = "api/calendar.rs"]
mod calendar;
#[path = "api/canaries.rs"]
mod canaries;
#[path = "api/command_line.rs"]
mod command_line;
#[path = "api/configuration.rs"]
mod configuration;
#[path = "api/connections.rs"]
mod connections;
#[path = "api/contract.rs"]
mod contract;
#[path = "api/cors.rs"]
mod cors;
#[path = "api/days.rs"]
mod days;
#[path = "api/devices.rs"]
mod devices;
#[path = "api/evaluate.rs"]
mod evaluate;
#[path = "api/everyday.rs"]
mod everyday;
#[path = "api/fairness.rs"]
mod fairness;
#[path = "api/full_account.rs"]
mod full_account;
#[path = "api/guide.rs"]
mod guide;
#[path = "api/honesty.rs"]
mod honesty;
#[path = "api/idempotency.rs"]
mod idempotency;
#[path = "api/injections.rs"]
mod injections;
#[path = "api/labels.rs"]
mod labels;
#[path = "api/lifecycle.rs"]
mod lifecycle;
#[path = "api/limits.rs"]
mod limits;
#[path = "api/mcp.rs"]
mod mcp;
#[path = "api/oauth.rs"]
mod oauth;
#[path = "api/pages.rs"]
mod pages;
#[path = "api/program_approvals.rs"]
mod program_approvals;
#[path = "api/provider_sign_in.rs"]
mod provider_sign_in;
#[path = "api/references.rs"]
mod references;
#[path = "api/refusals.rs"]
mod refusals;
#[path = "api/resume.rs"]
mod resume;
#[path = "api/routes.rs"]
mod routes;
#[path = "api/secrecy.rs"]
mod secrecy;
#[path = "api/sessions.rs"]
mod sessions;
#[path = "api/sign_in_floods.rs"]
mod sign_in_floods;
#[path = "api/subtasks.rs"]
mod subtasks;
#[path = "api/task_details.rs"]
mod task_details;
#[path = "api/tokens.rs"]
mod tokens;
#[path = "api/traces.rs"]
mod traces;
#[path = "api/transcript.rs"]
mod transcript;
#[path = "api/transport.rs"]
mod transport;
#[path = "api/undo.rs"]
mod undo;
