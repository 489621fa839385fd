//! The URL map: one table, from which the router is made and which tests walk.

mod access_tokens;
mod account_recovery;
mod account_usage;
mod activity;
mod approvals;
mod auth;
mod calendar;
mod chat;
mod conversations;
mod devices;
mod export;
mod health;
mod import;
mod mcp;
mod metrics;
mod provider_sign_in;
mod response;
mod sessions;
mod sign_in;
mod tasks;
mod undo;
mod web_page;

use actix_web::{
    HttpResponse, Route,
    http::Method,
    middleware::from_fn,
    web::{self, ServiceConfig},
};

use domain::access_token::Scope;

use crate::{
    error::{ApiError, Resource},
    middleware::{
        account_queue,
        authentication::{self, Programs},
        panics,
    },
};

/// A route: its method and path, who may use it, and what answers.
pub struct RouteEntry {
    /// The method. A route for GET also takes HEAD.
    pub method: Method,
    /// The path, with parameters in braces. One with `{user_id}` is that user's alone.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    handler: fn() -> Route,
}

impl RouteEntry {
    /// The route for one method, with what its access requires in front of its handler.
    fn route(&self, method: Method) -> Route {
        let route = (self.handler)().method(method);
        match self.access {
            Access::Public => route,
            Access::User(programs) => route
                .wrap(from_fn(account_queue::take_turns))
                .wrap(from_fn(move |request, next| authentication::require_user(request, next, programs))),
            Access::UserWaiting(programs) => route
                .wrap(from_fn(move |request, next| authentication::require_user(request, next, programs))),
            Access::Operator => route.wrap(from_fn(authentication::require_operator)),
        }
    }
}

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody.
    Public,
    /// Who has a good token; their requests take turns at the database.
    User(Programs),
    /// Who has a good token, to wait for an answer of the assistant's: only what that asks of the
    /// database takes turns.
    UserWaiting(Programs),
    /// Who runs the server, with the token of `METRICS_TOKEN`; without one there is no such route.
    Operator,
}

/// What a program needs, whose access token its owner made for it.
const READ: Programs = Programs::With(Scope::TasksRead);
const WRITE: Programs = Programs::With(Scope::TasksWrite);
const TALK: Programs = Programs::With(Scope::Chat);
/// Who am I, and which tools are there: with any token.
const ANY: Programs = Programs::WithAny;
/// The account itself, and whatever gives access to it: never.
const NEVER: Programs = Programs::Never;

const TASKS: &str = "/api/{user_id}/tasks";
const BATCH: &str = "/api/{user_id}/tasks/batch";
const TASK: &str = "/api/{user_id}/tasks/{task_id}";
const TURN: &str = "/api/{user_id}/turns/{turn_id}";
const TURN_UNDO: &str = "/api/{user_id}/turns/{turn_id}/undo";
const CHANGE_UNDO: &str = "/api/{user_id}/changes/{change_id}/undo";
const CHAT: &str = "/api/{user_id}/chat";
const CHAT_STREAM: &str = "/api/{user_id}/chat/stream";
const RUNNING_STREAM: &str = "/api/{user_id}/chat/{conversation_id}/stream";
const RUNNING_STOP: &str = "/api/{user_id}/chat/{conversation_id}/stop";
const CALENDAR: &str = "/api/{user_id}/calendar";
const APPROVALS: &str = "/api/{user_id}/approvals";
const APPROVAL: &str = "/api/{user_id}/approvals/{approval_id}";
const TOKENS: &str = "/api/{user_id}/tokens";
const TOKEN: &str = "/api/{user_id}/tokens/{token_id}";
const SESSIONS: &str = "/api/{user_id}/sessions";
const SESSION: &str = "/api/{user_id}/sessions/{session_id}";
const CONVERSATIONS: &str = "/api/{user_id}/conversations";
const MCP: &str = "/mcp";
const CONVERSATION: &str = "/api/{user_id}/conversations/{conversation_id}";

/// Every route there is. Those of one path stand together, and the busiest come first: paths with
/// parameters are tried one after the other.
pub const ROUTES: &[RouteEntry] = &[
    user(Method::GET, TASKS, READ, || web::to(tasks::list_tasks)),
    user(Method::POST, TASKS, WRITE, || web::to(tasks::create_task)),
    user(Method::POST, BATCH, WRITE, || web::to(tasks::batch::change_tasks)),
    user(Method::GET, TASK, READ, || web::to(tasks::show_task)),
    user(Method::PUT, TASK, WRITE, || web::to(tasks::update_task)),
    user(Method::PATCH, TASK, WRITE, || web::to(tasks::update_task)),
    user(Method::DELETE, TASK, WRITE, || web::to(tasks::delete_task)),
    // A tool says by itself which scope it needs.
    user(Method::POST, MCP, ANY, || web::to(mcp::answer_message)),
    public(Method::GET, "/", || web::to(web_page::show_page)),
    public(Method::GET, "/assets/{file}", || web::to(web_page::assets::show_asset)),
    public(Method::GET, "/favicon.svg", || web::to(web_page::assets::show_asset)),
    public(Method::GET, "/favicon.ico", || web::to(web_page::assets::show_asset)),
    public(Method::GET, "/apple-touch-icon.png", || web::to(web_page::assets::show_asset)),
    public(Method::GET, "/icon-192.png", || web::to(web_page::assets::show_asset)),
    public(Method::GET, "/icon-512.png", || web::to(web_page::assets::show_asset)),
    public(Method::GET, "/icon-maskable-512.png", || web::to(web_page::assets::show_asset)),
    public(Method::GET, "/manifest.webmanifest", || web::to(web_page::assets::show_asset)),
    public(Method::GET, "/sw.js", || web::to(web_page::assets::show_asset)),
    public(Method::GET, "/docs", || web::to(web_page::show_docs)),
    public(Method::GET, "/style.css", || web::to(web_page::show_style)),
    public(Method::GET, "/calendar/{secret}.ics", || web::to(calendar::show_calendar)),
    public(Method::GET, "/health", || web::to(health::show_health)),
    public(Method::GET, "/ready", || web::to(health::show_readiness)),
    operator(Method::GET, "/metrics", || web::to(metrics::show_metrics)),
    public(Method::GET, "/api/info", || web::to(health::show_info)),
    public(Method::POST, "/api/auth/register", || web::to(auth::register)),
    public(Method::POST, "/api/auth/login", || web::to(auth::login)),
    public(Method::POST, "/api/auth/refresh", || web::to(sessions::refresh)),
    public(Method::POST, "/api/auth/logout", || web::to(sessions::log_out)),
    public(Method::GET, "/api/auth/{provider}/url", || web::to(provider_sign_in::begin)),
    public(Method::POST, "/api/auth/{provider}/callback", || web::to(provider_sign_in::finish)),
    public(Method::POST, "/api/auth/forgot-password", || web::to(account_recovery::forgot_password)),
    public(Method::POST, "/api/auth/reset-password", || web::to(account_recovery::reset_password)),
    user(Method::POST, "/api/auth/send-confirmation", NEVER, || web::to(account_recovery::send_confirmation)),
    user(Method::POST, "/api/auth/confirm-email", NEVER, || web::to(account_recovery::confirm_email)),
    user(Method::POST, "/api/auth/logout-everywhere", NEVER, || web::to(sessions::log_out_everywhere)),
    user(Method::POST, "/api/auth/password", NEVER, || web::to(sessions::change_password)),
    user(Method::GET, "/api/auth/me", ANY, || web::to(auth::show_account)),
    user(Method::PATCH, "/api/auth/me", NEVER, || web::to(auth::change_account)),
    user(Method::DELETE, "/api/auth/me", NEVER, || web::to(auth::delete_account)),
    user(Method::GET, "/api/{user_id}/usage", READ, || web::to(account_usage::show_usage)),
    user(Method::GET, "/api/{user_id}/activity", READ, || web::to(activity::list_changes)),
    waiting(Method::GET, "/api/{user_id}/export", NEVER, || web::to(export::export_account)),
    waiting(Method::POST, "/api/{user_id}/import", NEVER, || web::to(import::import_account)),
    user(Method::GET, CALENDAR, NEVER, || web::to(calendar::show_status)),
    user(Method::POST, CALENDAR, NEVER, || web::to(calendar::renew_address)),
    user(Method::DELETE, CALENDAR, NEVER, || web::to(calendar::turn_off)),
    waiting(Method::POST, CHAT, TALK, || web::to(chat::create_turn)),
    waiting(Method::POST, CHAT_STREAM, TALK, || web::to(chat::stream_turn)),
    waiting(Method::GET, RUNNING_STREAM, TALK, || web::to(chat::resume_turn)),
    user(Method::POST, RUNNING_STOP, TALK, || web::to(chat::stop_turn)),
    user(Method::GET, TURN, TALK, || web::to(chat::show_turn)),
    user(Method::POST, TURN_UNDO, WRITE, || web::to(undo::undo_turn)),
    user(Method::POST, CHANGE_UNDO, WRITE, || web::to(undo::undo_change)),
    user(Method::GET, APPROVALS, WRITE, || web::to(approvals::list_approvals)),
    user(Method::POST, APPROVAL, WRITE, || web::to(approvals::decide)),
    user(Method::GET, TOKENS, NEVER, || web::to(access_tokens::list_tokens)),
    user(Method::POST, TOKENS, NEVER, || web::to(access_tokens::create_token)),
    user(Method::DELETE, TOKEN, NEVER, || web::to(access_tokens::revoke_token)),
    user(Method::GET, SESSIONS, NEVER, || web::to(devices::list_sessions)),
    user(Method::DELETE, SESSION, NEVER, || web::to(devices::end_session)),
    user(Method::GET, CONVERSATIONS, TALK, || web::to(conversations::list_conversations)),
    user(Method::GET, CONVERSATION, TALK, || web::to(conversations::show_conversation)),
    user(Method::PATCH, CONVERSATION, TALK, || web::to(conversations::rename_conversation)),
    user(Method::DELETE, CONVERSATION, TALK, || web::to(conversations::delete_conversation)),
];

const fn public(method: Method, path: &'static str, handler: fn() -> Route) -> RouteEntry {
    RouteEntry { method, path, access: Access::Public, handler }
}

const fn user(method: Method, path: &'static str, programs: Programs, handler: fn() -> Route) -> RouteEntry {
    RouteEntry { method, path, access: Access::User(programs), handler }
}

const fn waiting(
    method: Method,
    path: &'static str,
    programs: Programs,
    handler: fn() -> Route,
) -> RouteEntry {
    RouteEntry { method, path, access: Access::UserWaiting(programs), handler }
}

const fn operator(method: Method, path: &'static str, handler: fn() -> Route) -> RouteEntry {
    RouteEntry { method, path, access: Access::Operator, handler }
}

/// Adds every route of [`ROUTES`]. Another method on one of their paths is answered 405 with
/// `Allow`, every other path 404.
pub fn configure(config: &mut ServiceConfig) {
    for entries in ROUTES.chunk_by(|one, next| one.path == next.path) {
        let mut resource = web::resource(entries[0].path);
        for entry in entries {
            resource = resource.route(entry.route(entry.method.clone()));
            if entry.method == Method::GET {
                resource = resource.route(entry.route(Method::HEAD));
            }
        }
        config.service(resource.wrap(from_fn(panics::catch)));
    }
    config
        .default_service(web::to(|| async { HttpResponse::from_error(ApiError::NotFound(Resource::Route)) }));
}

#[cfg(test)]
mod tests;
