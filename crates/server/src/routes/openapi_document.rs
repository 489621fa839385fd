//! The OpenAPI document of the route table, and the route that shows it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::LazyLock,
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        Method, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, EntityTag},
    },
    web::Bytes,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::access_token::Scope;
use serde_json::Value;
use sha2::{Digest, Sha256};
use utoipa::{
    ToSchema,
    openapi::{
        Components, InfoBuilder, OpenApi, OpenApiBuilder, PathsBuilder, RefOr, SecurityRequirement,
        ServerBuilder,
        example::ExampleBuilder,
        path::{HttpMethod, OperationBuilder, ParameterIn, PathItem},
        security::{AuthorizationCode, Flow, HttpAuthScheme, HttpBuilder, OAuth2, Scopes, SecurityScheme},
        tag::TagBuilder,
    },
};

use super::{Access, ROUTES, RouteDefinition, openapi_descriptions, response::matches_if_none_match};
use crate::{
    VERSION,
    error::{ApiError, Problem, UnavailableCause},
    field_schemas,
    middleware::authentication::ProgramAccess,
    oauth::paths,
    openapi::{NamedSchema, example, parameter},
};

/// Who signed in, with the access token of a session.
const SESSION: &str = "session";
/// A program, with a token that its owner made for it.
const PROGRAM: &str = "personal_access_token";
/// A program that its owner has connected by OAuth.
const CONNECTED: &str = "connected_program";
/// Who runs the server.
const OPERATOR: &str = "operator";

/// The document as it is sent.
struct Sent {
    text: Bytes,
    tag: EntityTag,
}

/// `GET /openapi.json`: made when somebody asks for the first time, and kept.
pub(super) async fn show_openapi(request: HttpRequest) -> Result<HttpResponse, ApiError> {
    static SENT: LazyLock<Option<Sent>> = LazyLock::new(|| {
        let text = openapi().to_json().ok()?;
        let tag = EntityTag::new_strong(URL_SAFE_NO_PAD.encode(Sha256::digest(&text)));
        Some(Sent { text: Bytes::from(text), tag })
    });
    let sent = SENT.as_ref().ok_or(ApiError::internal("the OpenAPI document is no JSON"))?;
    let mut response = HttpResponse::Ok();
    response
        .insert_header((ETAG, sent.tag.to_string()))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .insert_header((CONTENT_TYPE, "application/json"));
    Ok(match matches_if_none_match(&request, &sent.tag) {
        true => response.status(StatusCode::NOT_MODIFIED).finish(),
        false => response.body(sent.text.clone()),
    })
}

/// Returns the document.
pub fn openapi() -> OpenApi {
    let mut paths = PathsBuilder::new();
    let mut parts = Parts::default();
    for entry in ROUTES {
        let Some(method) = http_method(&entry.method) else { continue };
        paths = paths.path(entry.path, PathItem::new(method, parts.operation(entry)));
    }
    let tags = openapi_descriptions::TAGS.iter().filter(|tag| parts.tags.contains(*tag));
    let tags = tags.map(|tag| TagBuilder::new().name(*tag).build());
    let info = InfoBuilder::new()
        .title("Todo AI Chatbot")
        .version(VERSION)
        .description(Some(DESCRIPTION))
        .license(Some(
            utoipa::openapi::LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build(),
        ));
    OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([ServerBuilder::new().url("/").description(Some("This server")).build()]))
        .paths(paths.build())
        .tags(Some(tags.collect::<Vec<_>>()))
        .components(Some(parts.components()))
        .build()
}

/// What stands above everything.
const DESCRIPTION: &str = "Todos by talking: tasks, conversations with an assistant that works on them, and all that \
                           belongs to an account.\n\nBodies are JSON in UTF-8, times are RFC 3339 in UTC, ids are \
                           opaque. Members that are not known are ignored. Every GET also answers HEAD. Every answer \
                           has an `X-Request-Id`.\n\nThe same in prose, with all the rules, is at `/docs`.";

/// What operations refer to.
#[derive(Default)]
struct Parts {
    ids: BTreeSet<String>,
    tags: BTreeSet<&'static str>,
    schemas: Vec<NamedSchema>,
    problems: BTreeMap<&'static str, Value>,
}

impl Parts {
    fn operation(&mut self, entry: &RouteDefinition) -> OperationBuilder {
        let mut operation = (entry.handler.operation)().errors(refusals(entry));
        self.tags.insert(operation.tag());
        self.schemas.append(&mut operation.schemas());
        for error in operation.problems() {
            self.problems.entry(error.code()).or_insert_with(|| example(error));
        }
        let mut route = OperationBuilder::new().operation_id(Some(self.id(entry, operation.id())));
        for (name, description) in parameters_of(entry.path) {
            let schema = if matches!(name, "task_id" | "change_id") {
                RefOr::from(field_schemas::integer(1, i64::MAX))
            } else if matches!(name, "conversation_id" | "secret" | "file") {
                RefOr::from(field_schemas::path_text())
            } else {
                RefOr::from(field_schemas::uuid())
            };
            route = route.parameter(parameter(name, ParameterIn::Path, schema, description));
        }
        operation.finish(route).securities(Some(securities(entry.access)))
    }

    /// The name of the handler or, where it has several routes, of the route.
    fn id(&mut self, entry: &RouteDefinition, handler: &str) -> String {
        let mut id = handler.to_owned();
        if entry.method == Method::PUT {
            id.push_str("_by_put");
        } else if self.ids.contains(&id) {
            let file = entry.path.rsplit('/').next().unwrap_or_default();
            id = format!("{handler}_{}", file.replace(['.', '-'], "_"));
        }
        self.ids.insert(id.clone());
        id
    }

    fn components(self) -> Components {
        let mut schemas = self.schemas;
        Problem::schemas(&mut schemas);
        schemas.push((Problem::name().into_owned(), <Problem as utoipa::PartialSchema>::schema()));
        let mut components = Components::new();
        // In the order in which they are first used.
        for (name, schema) in schemas {
            components.schemas.entry(name).or_insert(schema);
        }
        for (code, problem) in self.problems {
            let example = ExampleBuilder::new().value(Some(problem)).build();
            components.examples.insert(code.to_owned(), RefOr::T(example));
        }
        for (name, description, format) in SCHEMES {
            let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(*description));
            let scheme = if format.is_empty() { scheme } else { scheme.bearer_format(*format) };
            components.add_security_scheme(*name, SecurityScheme::Http(scheme.build()));
        }
        let flow = AuthorizationCode::new(paths::AUTHORIZE, paths::TOKEN, Scopes::from_iter(OAUTH_SCOPES));
        let oauth = OAuth2::with_description(
            [Flow::AuthorizationCode(flow)],
            "A program that was connected by OAuth.",
        );
        components.add_security_scheme(CONNECTED, SecurityScheme::OAuth2(oauth));
        components
    }
}

/// What connected programs may do.
const OAUTH_SCOPES: [(&str, &str); 2] = [("tasks:read", "Look at tasks."), ("tasks:write", "Change tasks.")];

/// The ways to say who one is.
const SCHEMES: &[(&str, &str, &str)] = &[
    (SESSION, "The access token of somebody who signed in: `POST /api/auth/login` gives one.", "JWT"),
    (
        PROGRAM,
        "A personal access token, for programs: `POST /api/{user_id}/tokens` makes one. What an operation needs are \
         scopes of it.",
        "tdo_pat_…",
    ),
    (OPERATOR, "The token of `METRICS_TOKEN`.", ""),
];

/// Who may use a route, as the document says it.
fn securities(access: Access) -> Vec<SecurityRequirement> {
    let session = SecurityRequirement::new(SESSION, [""; 0]);
    let program =
        |scopes: &[Scope]| SecurityRequirement::new(PROGRAM, scopes.iter().map(|scope| scope.as_str()));
    match access {
        Access::Public => Vec::new(),
        Access::Operator => vec![SecurityRequirement::new(OPERATOR, [""; 0])],
        Access::User(ProgramAccess::Denied) | Access::UserSelfThrottled(ProgramAccess::Denied) => {
            vec![session]
        }
        Access::User(ProgramAccess::AnyScope) | Access::UserSelfThrottled(ProgramAccess::AnyScope) => {
            vec![session, program(&[])]
        }
        Access::User(ProgramAccess::AnyScopeOrOAuth)
        | Access::UserSelfThrottled(ProgramAccess::AnyScopeOrOAuth) => {
            vec![session, program(&[]), SecurityRequirement::new(CONNECTED, [""; 0])]
        }
        Access::User(ProgramAccess::Scope(scope))
        | Access::UserSelfThrottled(ProgramAccess::Scope(scope)) => {
            vec![session, program(&[scope])]
        }
    }
}

/// What is refused or goes wrong before a handler is asked, and what any handler may run into.
fn refusals(entry: &RouteDefinition) -> Vec<ApiError> {
    let unavailable = |what| ApiError::Unavailable { what, source: None };
    let mut errors = vec![unavailable(UnavailableCause::Connections)];
    if entry.path.starts_with("/api/") {
        errors.extend([ApiError::NotAcceptable, ApiError::internal("a bug")]);
    }
    match entry.access {
        Access::Public => return errors,
        Access::Operator => errors.extend([ApiError::NoToken, ApiError::InvalidToken]),
        Access::User(programs) | Access::UserSelfThrottled(programs) => {
            errors.extend([
                ApiError::NoToken,
                ApiError::InvalidToken,
                unavailable(UnavailableCause::Database),
            ]);
            match programs {
                ProgramAccess::Denied => errors.push(ApiError::InsufficientScope { needed: None }),
                ProgramAccess::Scope(scope) => {
                    errors.push(ApiError::InsufficientScope { needed: Some(scope) })
                }
                ProgramAccess::AnyScope | ProgramAccess::AnyScopeOrOAuth => {}
            }
            if entry.path.contains("{user_id}") {
                errors.push(ApiError::Forbidden);
            }
            if entry.method != Method::GET {
                errors.push(unavailable(UnavailableCause::CommitOutcome));
            }
        }
    }
    errors
}

/// The parameters of a path, and what they name.
fn parameters_of(path: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let names = path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    names.map(|name| {
        let description = match name {
            "user_id" => "Who signed in: the `id` of the user.",
            "task_id" => "A task's number.",
            "conversation_id" => "A conversation, or the id that a client chose for its chat.",
            "turn_id" => "A turn.",
            "change_id" => "A change.",
            "approval_id" => "An approval.",
            "token_id" => "A personal access token, by its `id`.",
            "session_id" => "A session.",
            "grant_id" => "A connected program, by the `id` of what it was granted.",
            "secret" => "What stands in the calendar's address.",
            _ => "The name of a file.",
        };
        (name, description)
    })
}

fn http_method(method: &Method) -> Option<HttpMethod> {
    match *method {
        Method::GET => Some(HttpMethod::Get),
        Method::POST => Some(HttpMethod::Post),
        Method::PUT => Some(HttpMethod::Put),
        Method::PATCH => Some(HttpMethod::Patch),
        Method::DELETE => Some(HttpMethod::Delete),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
