//! The URL map: one table, from which the router is made and which tests walk.

mod access_tokens;
mod account_usage;
mod accounts;
mod activity;
mod approvals;
mod auth;
mod calendar;
mod chat;
mod conversations;
mod email_links;
mod export;
mod health;
mod identities;
mod import;
mod mcp;
mod metrics;
mod oauth;
mod open_session;
mod openapi_descriptions;
mod openapi_document;
mod password_verification;
mod provider_sign_in;
mod response;
mod route_definition;
mod sessions;
mod tasks;
mod undo;
mod web_page;

use actix_web::{
    HttpResponse,
    http::Method,
    middleware::from_fn,
    web::{self, ServiceConfig},
};

use domain::access_token::Scope;

use crate::{
    error::{ApiError, Resource},
    middleware::{authentication::ProgramAccess, panics},
    oauth::paths,
    openapi,
};

use openapi_descriptions as docs;
pub use openapi_document::openapi as openapi_document;
use route_definition::Handler;
pub use route_definition::{Access, RouteDefinition};

/// A handler, whose signature tells most of what is to be known of it, and what else is said of it.
macro_rules! handler {
    ($handler:path, $docs:path) => {
        Handler { route: || web::to($handler), operation: || $docs(openapi::describe($handler)) }
    };
}

/// Scope that a program's access token needs.
const READ_SCOPE: ProgramAccess = ProgramAccess::Scope(Scope::TasksRead);
const WRITE_SCOPE: ProgramAccess = ProgramAccess::Scope(Scope::TasksWrite);
const CHAT_SCOPE: ProgramAccess = ProgramAccess::Scope(Scope::Chat);
/// An access token of any scope is enough.
const ANY_SCOPE: ProgramAccess = ProgramAccess::AnyScope;
/// As with any scope, and also for programs that are connected by OAuth.
const ANY_SCOPE_OR_OAUTH: ProgramAccess = ProgramAccess::AnyScopeOrOAuth;
/// The account itself, and whatever gives access to it: no program may use it.
const PEOPLE_ONLY: ProgramAccess = ProgramAccess::Denied;

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
const IDENTITIES: &str = "/api/{user_id}/identities";
const IDENTITY: &str = "/api/{user_id}/identities/{provider}";
const CONVERSATIONS: &str = "/api/{user_id}/conversations";
const AUTHORIZATIONS: &str = "/api/{user_id}/oauth/authorizations";
const GRANTS: &str = "/api/{user_id}/oauth/grants";
const GRANT: &str = "/api/{user_id}/oauth/grants/{grant_id}";
const CONVERSATION: &str = "/api/{user_id}/conversations/{conversation_id}";

/// Every route there is. Those of one path stand together, and the busiest come first: paths with
/// parameters are tried one after the other.
pub const ROUTES: &[RouteDefinition] = &[
    user(Method::GET, TASKS, READ_SCOPE, handler!(tasks::list_tasks, docs::tasks::list)),
    user(Method::POST, TASKS, WRITE_SCOPE, handler!(tasks::create_task, docs::tasks::create)),
    user(Method::POST, BATCH, WRITE_SCOPE, handler!(tasks::batch::change_tasks, docs::tasks::change_several)),
    user(Method::GET, TASK, READ_SCOPE, handler!(tasks::show_task, docs::tasks::show)),
    user(Method::PUT, TASK, WRITE_SCOPE, handler!(tasks::update_task, docs::tasks::update)),
    user(Method::PATCH, TASK, WRITE_SCOPE, handler!(tasks::update_task, docs::tasks::update)),
    user(Method::DELETE, TASK, WRITE_SCOPE, handler!(tasks::delete_task, docs::tasks::delete)),
    // A tool says by itself which scope it needs.
    user(
        Method::POST,
        paths::RESOURCE,
        ANY_SCOPE_OR_OAUTH,
        handler!(mcp::answer_message, docs::mcp::answer_message),
    ),
    public(Method::GET, "/", handler!(web_page::show_page, docs::web_page::page)),
    public(Method::GET, "/assets/{file}", handler!(web_page::assets::show_asset, docs::web_page::asset)),
    public(Method::GET, "/favicon.svg", handler!(web_page::assets::show_asset, docs::web_page::asset)),
    public(Method::GET, "/favicon.ico", handler!(web_page::assets::show_asset, docs::web_page::asset)),
    public(
        Method::GET,
        "/apple-touch-icon.png",
        handler!(web_page::assets::show_asset, docs::web_page::asset),
    ),
    public(Method::GET, "/icon-192.png", handler!(web_page::assets::show_asset, docs::web_page::asset)),
    public(Method::GET, "/icon-512.png", handler!(web_page::assets::show_asset, docs::web_page::asset)),
    public(
        Method::GET,
        "/icon-maskable-512.png",
        handler!(web_page::assets::show_asset, docs::web_page::asset),
    ),
    public(
        Method::GET,
        "/manifest.webmanifest",
        handler!(web_page::assets::show_asset, docs::web_page::manifest),
    ),
    public(Method::GET, "/sw.js", handler!(web_page::assets::show_asset, docs::web_page::asset)),
    public(Method::GET, "/docs", handler!(web_page::show_docs, docs::web_page::docs)),
    public(Method::GET, "/openapi.json", handler!(openapi_document::show_openapi, docs::health::openapi)),
    public(Method::GET, "/style.css", handler!(web_page::show_style, docs::web_page::style)),
    public(
        Method::GET,
        "/calendar/{secret}.ics",
        handler!(calendar::show_calendar, docs::calendar::show_calendar),
    ),
    public(
        Method::GET,
        paths::RESOURCE_METADATA_AT_ROOT,
        handler!(oauth::metadata::protected_resource_metadata, docs::oauth::protected_resource_metadata),
    ),
    public(
        Method::GET,
        paths::RESOURCE_METADATA,
        handler!(oauth::metadata::protected_resource_metadata, docs::oauth::protected_resource_metadata),
    ),
    public(
        Method::GET,
        paths::SERVER_METADATA,
        handler!(oauth::metadata::authorization_server_metadata, docs::oauth::authorization_server_metadata),
    ),
    public(Method::POST, paths::REGISTER, handler!(oauth::register::register_client, docs::oauth::register)),
    public(Method::GET, paths::AUTHORIZE, handler!(oauth::authorize::authorize, docs::oauth::authorize)),
    public(Method::POST, paths::TOKEN, handler!(oauth::token::issue_token, docs::oauth::issue_token)),
    public(
        Method::POST,
        paths::REVOKE,
        handler!(oauth::token::revoke_oauth_token, docs::oauth::revoke_oauth_token),
    ),
    public(
        Method::GET,
        "/api/oauth/authorization",
        handler!(oauth::consent::show_authorization, docs::oauth::show_authorization),
    ),
    public(Method::GET, "/health", handler!(health::show_health, docs::health::health)),
    public(Method::GET, "/ready", handler!(health::show_readiness, docs::health::ready)),
    operator(Method::GET, "/metrics", handler!(metrics::show_metrics, docs::health::metrics)),
    public(Method::GET, "/api/info", handler!(health::show_info, docs::health::info)),
    public(Method::POST, "/api/auth/register", handler!(accounts::register, docs::accounts::register)),
    public(Method::POST, "/api/auth/login", handler!(auth::login, docs::auth::login)),
    public(Method::POST, "/api/auth/refresh", handler!(auth::refresh, docs::auth::refresh)),
    public(Method::POST, "/api/auth/logout", handler!(auth::log_out, docs::auth::log_out)),
    public(
        Method::GET,
        "/api/auth/{provider}/url",
        handler!(provider_sign_in::begin, docs::provider_sign_in::begin),
    ),
    public(
        Method::POST,
        "/api/auth/{provider}/callback",
        handler!(provider_sign_in::finish, docs::provider_sign_in::finish),
    ),
    public(
        Method::POST,
        "/api/auth/forgot-password",
        handler!(email_links::forgot_password, docs::email_links::forgot_password),
    ),
    public(
        Method::POST,
        "/api/auth/reset-password",
        handler!(email_links::reset_password, docs::email_links::reset_password),
    ),
    user(
        Method::POST,
        "/api/auth/send-confirmation",
        PEOPLE_ONLY,
        handler!(email_links::send_confirmation, docs::email_links::send_confirmation),
    ),
    user(
        Method::POST,
        "/api/auth/confirm-email",
        PEOPLE_ONLY,
        handler!(email_links::confirm_email, docs::email_links::confirm_email),
    ),
    user(
        Method::POST,
        "/api/auth/logout-everywhere",
        PEOPLE_ONLY,
        handler!(auth::log_out_everywhere, docs::auth::log_out_everywhere),
    ),
    user(
        Method::POST,
        "/api/auth/password",
        PEOPLE_ONLY,
        handler!(accounts::change_password, docs::accounts::change_password),
    ),
    user(
        Method::GET,
        "/api/auth/me",
        ANY_SCOPE,
        handler!(accounts::show_account, docs::accounts::show_account),
    ),
    user(
        Method::PATCH,
        "/api/auth/me",
        PEOPLE_ONLY,
        handler!(accounts::change_account, docs::accounts::change_account),
    ),
    user(
        Method::DELETE,
        "/api/auth/me",
        PEOPLE_ONLY,
        handler!(accounts::delete_account, docs::accounts::delete_account),
    ),
    user(
        Method::GET,
        "/api/{user_id}/usage",
        READ_SCOPE,
        handler!(account_usage::show_usage, docs::accounts::show_usage),
    ),
    user(
        Method::GET,
        "/api/{user_id}/activity",
        READ_SCOPE,
        handler!(activity::list_changes, docs::tasks::list_changes),
    ),
    waiting(
        Method::GET,
        "/api/{user_id}/export",
        PEOPLE_ONLY,
        handler!(export::export_account, docs::export_and_import::export),
    ),
    waiting(
        Method::POST,
        "/api/{user_id}/import",
        PEOPLE_ONLY,
        handler!(import::import_account, docs::export_and_import::import),
    ),
    user(Method::GET, CALENDAR, PEOPLE_ONLY, handler!(calendar::show_status, docs::calendar::show_status)),
    user(Method::POST, CALENDAR, PEOPLE_ONLY, handler!(calendar::renew_address, docs::calendar::renew)),
    user(Method::DELETE, CALENDAR, PEOPLE_ONLY, handler!(calendar::turn_off, docs::calendar::turn_off)),
    waiting(Method::POST, CHAT, CHAT_SCOPE, handler!(chat::create_turn, docs::chat::create_turn)),
    waiting(Method::POST, CHAT_STREAM, CHAT_SCOPE, handler!(chat::stream_turn, docs::chat::stream_turn)),
    waiting(Method::GET, RUNNING_STREAM, CHAT_SCOPE, handler!(chat::resume_turn, docs::chat::resume_turn)),
    user(Method::POST, RUNNING_STOP, CHAT_SCOPE, handler!(chat::stop_turn, docs::chat::stop_turn)),
    user(Method::GET, TURN, CHAT_SCOPE, handler!(chat::show_turn, docs::chat::show_turn)),
    user(Method::POST, TURN_UNDO, WRITE_SCOPE, handler!(undo::undo_turn, docs::tasks::undo_turn)),
    user(Method::POST, CHANGE_UNDO, WRITE_SCOPE, handler!(undo::undo_change, docs::tasks::undo_change)),
    user(
        Method::GET,
        APPROVALS,
        WRITE_SCOPE,
        handler!(approvals::list_approvals, docs::chat::list_approvals),
    ),
    user(Method::POST, APPROVAL, WRITE_SCOPE, handler!(approvals::decide, docs::chat::decide)),
    user(
        Method::GET,
        TOKENS,
        PEOPLE_ONLY,
        handler!(access_tokens::list_tokens, docs::access_tokens::list_tokens),
    ),
    user(
        Method::POST,
        TOKENS,
        PEOPLE_ONLY,
        handler!(access_tokens::create_token, docs::access_tokens::create_token),
    ),
    user(
        Method::DELETE,
        TOKEN,
        PEOPLE_ONLY,
        handler!(access_tokens::revoke_token, docs::access_tokens::revoke_token),
    ),
    user(
        Method::POST,
        AUTHORIZATIONS,
        PEOPLE_ONLY,
        handler!(oauth::consent::decide_authorization, docs::oauth::decide_authorization),
    ),
    user(Method::GET, GRANTS, PEOPLE_ONLY, handler!(oauth::grants::list_grants, docs::oauth::list_grants)),
    user(Method::DELETE, GRANT, PEOPLE_ONLY, handler!(oauth::grants::end_grant, docs::oauth::end_grant)),
    user(
        Method::GET,
        SESSIONS,
        PEOPLE_ONLY,
        handler!(sessions::list_sessions, docs::sessions::list_sessions),
    ),
    user(Method::DELETE, SESSION, PEOPLE_ONLY, handler!(sessions::end_session, docs::sessions::end_session)),
    user(
        Method::GET,
        IDENTITIES,
        PEOPLE_ONLY,
        handler!(identities::list_identities, docs::provider_sign_in::list_identities),
    ),
    user(
        Method::DELETE,
        IDENTITY,
        PEOPLE_ONLY,
        handler!(identities::unlink_identity, docs::provider_sign_in::unlink_identity),
    ),
    user(
        Method::GET,
        CONVERSATIONS,
        CHAT_SCOPE,
        handler!(conversations::list_conversations, docs::conversations::list),
    ),
    user(
        Method::GET,
        CONVERSATION,
        CHAT_SCOPE,
        handler!(conversations::show_conversation, docs::conversations::show),
    ),
    user(
        Method::PATCH,
        CONVERSATION,
        CHAT_SCOPE,
        handler!(conversations::rename_conversation, docs::conversations::rename),
    ),
    user(
        Method::DELETE,
        CONVERSATION,
        CHAT_SCOPE,
        handler!(conversations::delete_conversation, docs::conversations::delete),
    ),
];

const fn public(method: Method, path: &'static str, handler: Handler) -> RouteDefinition {
    RouteDefinition { method, path, access: Access::Public, handler }
}

const fn user(
    method: Method,
    path: &'static str,
    programs: ProgramAccess,
    handler: Handler,
) -> RouteDefinition {
    RouteDefinition { method, path, access: Access::User(programs), handler }
}

const fn waiting(
    method: Method,
    path: &'static str,
    programs: ProgramAccess,
    handler: Handler,
) -> RouteDefinition {
    RouteDefinition { method, path, access: Access::UserSelfThrottled(programs), handler }
}

const fn operator(method: Method, path: &'static str, handler: Handler) -> RouteDefinition {
    RouteDefinition { method, path, access: Access::Operator, handler }
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
