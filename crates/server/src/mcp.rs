//! The Model Context Protocol at `/mcp`: the tools of the chat for programs that have a model of their own.
//!
//! The protocol is the official SDK's (`rmcp`), in both of its eras: revision 2026-07-28, and `initialize`
//! before it. Each request stands for itself. There is no session, so any replica answers any request, and
//! nothing is kept between requests.

mod tool_handler;
mod tool_list;
pub mod transport;

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use actix_web::web::Data;
use domain::{access_token::Scope, caller::Caller, time_zone::TimeZone};
use tracing::Span;

use crate::{error::ApiError, state::AppState};

/// What a tool needs to know of the HTTP request that calls it.
pub struct McpRequest {
    state: Data<AppState>,
    caller: Caller,
    /// What the header `Time-Zone` names.
    zone: Option<TimeZone>,
    /// The request's span: the SDK works in tasks of its own.
    span: Span,
    /// What HTTP has an answer for and no tool's result: a token that lacks a scope or was revoked, a
    /// database that is away.
    refusal: Mutex<Option<ApiError>>,
    /// Whether the call waits because the token lacks a scope.
    lacks_scope: AtomicBool,
}

impl McpRequest {
    /// Describes a request of a caller whose token was verified.
    pub fn new(state: Data<AppState>, caller: Caller, zone: Option<TimeZone>) -> Self {
        Self {
            state,
            caller,
            zone,
            span: Span::current(),
            refusal: Mutex::default(),
            lacks_scope: AtomicBool::default(),
        }
    }

    fn refuse(&self, error: ApiError) {
        *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
    }

    /// The scope that the token lacks, when the call waits for the person instead.
    fn missing_scope(&self) -> Option<Scope> {
        self.lacks_scope.load(Ordering::Relaxed).then_some(Scope::TasksWrite)
    }

    fn take_error(&self) -> Option<ApiError> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
