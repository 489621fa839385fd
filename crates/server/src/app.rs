//! The actix application: its routes, and the middleware that every request passes.

use actix_web::{
    App, Error,
    body::BoxBody,
    dev::{ServiceFactory, ServiceRequest, ServiceResponse},
    middleware::from_fn,
    web::Data,
};

use crate::{
    middleware::{
        accept, access_log, close_after_response, connection_limit,
        cors::{self, origins::AllowedOrigins},
        error_bodies, request_id, response_memory_budget, security_headers,
    },
    routes,
    state::AppState,
};

/// The application with all of its middleware, for the server and for tests.
pub fn app(
    state: Data<AppState>,
    origins: Data<AllowedOrigins>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = Error,
        InitError = (),
    >,
> {
    // The last one wrapped is the first to see a request.
    App::new()
        .app_data(state)
        .app_data(origins)
        .configure(routes::configure)
        .wrap(from_fn(accept::negotiate))
        .wrap(from_fn(response_memory_budget::chunk_large_responses))
        .wrap(from_fn(connection_limit::refuse_beyond))
        .wrap(from_fn(error_bodies::render_errors))
        .wrap(from_fn(cors::add_cors_headers))
        .wrap(from_fn(security_headers::add_security_headers))
        .wrap(from_fn(close_after_response::close_connection_after_response))
        .wrap(from_fn(access_log::log_access))
        .wrap(from_fn(request_id::identify))
}
