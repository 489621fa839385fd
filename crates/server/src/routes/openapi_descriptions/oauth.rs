//! OAuth 2.1, for programs that people connect to `/mcp`.

use serde_json::json;
use utoipa::PartialSchema;

use super::unavailable;
use crate::{
    error::{ApiError, AuthorizationFault, DisallowedHeader, UnavailableCause},
    field_schemas,
    oauth::client_metadata::ClientMetadata,
    openapi::Operation,
    routes::oauth::{
        error_response::ErrorBody,
        token::{RevocationForm, TokenForm},
    },
};

pub(super) const TAG: &str = "OAuth for programs";
const ID: &str = "0193e2a4-9c02-7e55-a0a1-1f2e3d4c5b60";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const FORM: &str = "application/x-www-form-urlencoded";

pub(in crate::routes) fn protected_resource_metadata(operation: Operation) -> Operation {
    operation
        .summary(
            TAG,
            "What tokens are for",
            "RFC 9728. The challenge of `/mcp` leads here, from where a program finds its way by itself.",
        )
        .response(200, "The address of `/mcp`, and who gives tokens for it.")
        .response_example(json!({
            "resource": "https://todos.example.com/mcp", "authorization_servers": ["https://todos.example.com"],
            "scopes_supported": ["tasks:read", "tasks:write"], "bearer_methods_supported": ["header"],
            "resource_name": "Todo list", "resource_documentation": "https://todos.example.com/docs",
        }))
        .errors([ApiError::HostOrOriginNotAllowed(DisallowedHeader::Host)])
}

pub(in crate::routes) fn authorization_server_metadata(operation: Operation) -> Operation {
    operation
        .summary(TAG, "Who gives tokens", "RFC 8414.")
        .response(200, "What is here, and what it knows.")
        .errors([ApiError::HostOrOriginNotAllowed(DisallowedHeader::Host)])
}

pub(in crate::routes) fn register(operation: Operation) -> Operation {
    protocol(operation)
        .summary(
            TAG,
            "A program registers",
            "RFC 7591, for programs that keep no document about themselves. All are public clients. One that nobody \
             lets in within a day is forgotten.",
        )
        .request_body_as::<ClientMetadata>("application/json")
        .request_example(
            "an_assistant",
            json!({"client_name": "An assistant", "redirect_uris": ["http://127.0.0.1/callback"]}),
        )
        .response(201, "The program, as it is known here.")
        .errors([
            ApiError::TooManyAttempts { retry_after: std::time::Duration::from_secs(60) },
            unavailable(UnavailableCause::Database),
        ])
}

pub(in crate::routes) fn authorize(operation: Operation) -> Operation {
    request_parameters(operation)
        .summary(
            TAG,
            "Ask a person",
            "Where a program sends its person's browser (RFC 6749 4.1.1). When nobody knows the program, or that the \
             address is its own, the person is told so here; what else is wrong, the program is told at its address, \
             as `error`, with `state` and `iss`: at once on the person's own machine, elsewhere by a link on a page.",
        )
        .response(200, "The page that asks.")
        .response_content(200, "text/html", field_schemas::text("<!doctype html>…"))
        .response(302, "Back to the program, with an error.")
        .response_content(400, "text/html", field_schemas::text("<!doctype html>…"))
        .response(400, "A page that says why nobody is asked.")
        .errors([
            ApiError::HostOrOriginNotAllowed(DisallowedHeader::Host),
            ApiError::TooManyAttempts { retry_after: std::time::Duration::from_secs(60) },
            unavailable(UnavailableCause::Database),
        ])
}

pub(in crate::routes) fn show_authorization(operation: Operation) -> Operation {
    request_parameters(operation)
        .summary(TAG, "What a program asks for", "With the query of the request, for the page that asks the person.")
        .response(200, "Who asks, for what, and where the person is sent then.")
        .response_example(json!({
            "client": {
                "client_id": "https://app.example/client.json", "name": "An assistant", "uri": "https://app.example"
            },
            "redirect_host": "app.example", "redirect_is_local": false,
            "scopes": ["tasks:read", "tasks:write"], "resource": "https://todos.example.com/mcp",
        }))
        .errors(authorization_errors())
}

pub(in crate::routes) fn decide_authorization(operation: Operation) -> Operation {
    operation
        .summary(
            TAG,
            "Let a program in, or not",
            "The browser is then to go to `redirect_to`, with a code that is good once and for a minute. An account has \
             50 connected programs at most: the one that was not used for longest goes for another.",
        )
        .request_example(
            "yes",
            json!({
                "request": format!(
                    "response_type=code&client_id=https%3A%2F%2Fapp.example%2Fclient.json&redirect_uri=\
                     https%3A%2F%2Fapp.example%2Fcallback&state=xyz&code_challenge_method=S256&code_challenge={CHALLENGE}"
                ),
                "approved": true, "scopes": ["tasks:read"],
            }),
        )
        .response(200, "Where the browser is to go.")
        .response_example(json!({"redirect_to": "https://app.example/callback?code=…&state=xyz&iss=https%3A%2F%2Ftodos.example.com"}))
        .errors(authorization_errors())
        .errors([ApiError::invalid("scopes", "The program does not ask for one of these scopes.")])
}

pub(in crate::routes) fn issue_token(operation: Operation) -> Operation {
    protocol(operation)
        .summary(
            TAG,
            "Tokens for a code, or for a refresh token",
            "RFC 6749 4.1.3 and 6. An access token is good for an hour, at `/mcp` alone. Each refresh token is good once, \
             and for another 30 seconds in case the answer was lost; one that comes later ends all that was granted.",
        )
        .request_body_as::<TokenForm>(FORM)
        .request_example(
            "with_a_code",
            json!({
                "grant_type": "authorization_code", "client_id": "https://app.example/client.json", "code": "…",
                "redirect_uri": "https://app.example/callback",
                "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
                "resource": "https://todos.example.com/mcp",
            }),
        )
        .response(200, "An access token, and the refresh token for the next one.")
        .response_example(json!({
            "access_token": "tdo_oat_0000000000000000000000000000000000000000000000000", "token_type": "Bearer",
            "expires_in": 3600, "refresh_token": "tdo_ort_…", "scope": "tasks:read tasks:write",
        }))
        .errors([
            ApiError::HostOrOriginNotAllowed(DisallowedHeader::Host),
            unavailable(UnavailableCause::Database),
            unavailable(UnavailableCause::CommitOutcome),
        ])
}

pub(in crate::routes) fn revoke_oauth_token(operation: Operation) -> Operation {
    protocol(operation)
        .summary(
            TAG,
            "Give a token back",
            "RFC 7009. With a refresh token everything that was granted ends, with an access token that one.",
        )
        .request_body_as::<RevocationForm>(FORM)
        .request_example(
            "a_refresh_token",
            json!({"token": "tdo_ort_…", "client_id": "https://app.example/client.json"}),
        )
        .errors([unavailable(UnavailableCause::Database)])
}

pub(in crate::routes) fn list_grants(operation: Operation) -> Operation {
    operation
        .summary(TAG, "Connected programs", "The newest first.")
        .response(200, "All of them.")
        .link(
            "End the first",
            "end_grant",
            &[("user_id", "$request.path.user_id"), ("grant_id", "$response.body#/grants/0/id")],
        )
        .response_example(json!({"grants": [{
            "id": ID, "client_name": "An assistant", "client_uri": "https://app.example", "scopes": ["tasks:read"],
            "created_at": "2026-11-20T12:00:00Z", "last_used_at": "2026-11-21T08:30:00Z",
        }]}))
}

pub(in crate::routes) fn end_grant(operation: Operation) -> Operation {
    operation
        .summary(TAG, "End what a program was let do", "Its tokens end at once, on every replica.")
        .response(204, "It is over.")
}

/// The errors of the protocol.
fn protocol(operation: Operation) -> Operation {
    operation
        .response_content(400, "application/json", ErrorBody::schema())
        .response(400, "What is wrong, in OAuth's own form.")
}

/// Why nobody is asked, as problems.
fn authorization_errors() -> Vec<ApiError> {
    vec![
        ApiError::HostOrOriginNotAllowed(DisallowedHeader::Host),
        ApiError::Authorization(AuthorizationFault::UnknownClient),
        ApiError::Authorization(AuthorizationFault::ForeignRedirect),
        ApiError::Authorization(AuthorizationFault::Broken("The code_challenge_method must be S256.")),
        ApiError::TooManyAttempts { retry_after: std::time::Duration::from_secs(60) },
        unavailable(UnavailableCause::Database),
    ]
}

fn request_parameters(operation: Operation) -> Operation {
    operation
        .query("client_id", field_schemas::text("https://app.example/client.json"), "The program.")
        .query(
            "redirect_uri",
            field_schemas::text("https://app.example/callback"),
            "Where the person is sent back to.",
        )
        .query("response_type", field_schemas::one_of(["code"]), "")
        .query("code_challenge", field_schemas::text(CHALLENGE), "Base64url of a SHA-256 (RFC 7636 4.2).")
        .query("code_challenge_method", field_schemas::one_of(["S256"]), "")
        .query(
            "scope",
            field_schemas::text("tasks:read tasks:write"),
            "Scopes with spaces between them; without it, all.",
        )
        .query("state", field_schemas::text("xyz"), "What the program wants to have back.")
        .query(
            "resource",
            field_schemas::text("https://todos.example.com/mcp"),
            "The address of `/mcp` (RFC 8707).",
        )
}
