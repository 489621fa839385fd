//! A row of the URL map: a path, who may use it, and its handlers.

use actix_web::{Route, http::Method, middleware::from_fn};

use crate::{
    middleware::{
        account_concurrency_limit,
        authentication::{self, ProgramAccess},
    },
    openapi::Operation,
};

/// A route: its method and path, who may use it, and what answers.
pub struct RouteDefinition {
    /// The method. A route for GET also takes HEAD.
    pub method: Method,
    /// The path, with parameters in braces. One with `{user_id}` is that user's alone.
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    pub(super) handler: Handler,
}

/// What answers a route, and what it is, for the OpenAPI document.
pub(super) struct Handler {
    pub(super) route: fn() -> Route,
    pub(super) operation: fn() -> Operation,
}

impl RouteDefinition {
    /// The route for one method, with what its access requires in front of its handler.
    pub(super) fn route(&self, method: Method) -> Route {
        let route = (self.handler.route)().method(method);
        match self.access {
            Access::Public => route,
            Access::User(programs) => route
                .wrap(from_fn(account_concurrency_limit::limit_concurrency))
                .wrap(from_fn(move |request, next| authentication::require_user(request, next, programs))),
            Access::UserSelfThrottled(programs) => route
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
    /// Callers with a valid token. Of one account only so many requests are worked on at once.
    User(ProgramAccess),
    /// Callers with a valid token, on routes that wait long: the handler takes a permit of the account only
    /// for what it does.
    UserSelfThrottled(ProgramAccess),
    /// The operator, with the token of `METRICS_TOKEN`; without one there is no such route.
    Operator,
}
