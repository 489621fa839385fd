//! The server from outside: the real binary on a real Postgres, with a model that is scripted and
//! checks every request. One binary, so that the tests share one Postgres and run side by side.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "a failing test says enough")]

#[path = "api/access_jwt.rs"]
mod access_jwt;
#[path = "api/access_tokens.rs"]
mod access_tokens;
#[path = "api/account_export_import.rs"]
mod account_export_import;
#[path = "api/account_limits.rs"]
mod account_limits;
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
#[path = "api/body_limits.rs"]
mod body_limits;
#[path = "api/calendar.rs"]
mod calendar;
#[path = "api/command_line.rs"]
mod command_line;
#[path = "api/configuration.rs"]
mod configuration;
#[path = "api/connection_limits.rs"]
mod connection_limits;
#[path = "api/conversation_recovery.rs"]
mod conversation_recovery;
#[path = "api/cors.rs"]
mod cors;
#[path = "api/database_tls.rs"]
mod database_tls;
#[path = "api/devices.rs"]
mod devices;
#[path = "api/due_dates_in_chat.rs"]
mod due_dates_in_chat;
#[path = "api/error_responses.rs"]
mod error_responses;
#[path = "api/evaluate.rs"]
mod evaluate;
#[path = "api/fairness.rs"]
mod fairness;
#[path = "api/false_claims.rs"]
mod false_claims;
#[path = "api/html_pages.rs"]
mod html_pages;
#[path = "api/idempotency.rs"]
mod idempotency;
#[path = "api/input_validation.rs"]
mod input_validation;
#[path = "api/mcp.rs"]
mod mcp;
#[path = "api/mcp_call_approvals.rs"]
mod mcp_call_approvals;
#[path = "api/mcp_refusals.rs"]
mod mcp_refusals;
#[path = "api/metrics_and_logs.rs"]
mod metrics_and_logs;
#[path = "api/oauth.rs"]
mod oauth;
#[path = "api/order_and_subtasks.rs"]
mod order_and_subtasks;
#[path = "api/original_guide_walkthrough.rs"]
mod original_guide_walkthrough;
#[path = "api/path_and_header_bypass.rs"]
mod path_and_header_bypass;
#[path = "api/priority_tags_repeat.rs"]
mod priority_tags_repeat;
#[path = "api/prompt_injection.rs"]
mod prompt_injection;
#[path = "api/provider_sign_in.rs"]
mod provider_sign_in;
#[path = "api/raw_http_connections.rs"]
mod raw_http_connections;
#[path = "api/response_snapshots.rs"]
mod response_snapshots;
#[path = "api/route_table.rs"]
mod route_table;
#[path = "api/secrecy.rs"]
mod secrecy;
#[path = "api/server_startup_and_shutdown.rs"]
mod server_startup_and_shutdown;
#[path = "api/sessions.rs"]
mod sessions;
#[path = "api/sign_in_floods.rs"]
mod sign_in_floods;
#[path = "api/stale_planner_statistics.rs"]
mod stale_planner_statistics;
#[path = "api/stand_in_model.rs"]
mod stand_in_model;
#[path = "api/task_fields_and_if_match.rs"]
mod task_fields_and_if_match;
#[path = "api/task_references.rs"]
mod task_references;
#[path = "api/traces.rs"]
mod traces;
#[path = "api/undo.rs"]
mod undo;
#[path = "api/user_isolation_through_tools.rs"]
mod user_isolation_through_tools;
