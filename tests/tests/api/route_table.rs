//! Every route of the server, as the tests know them. One that is not here fails the tests.

use serde_json::{Value, json};
use server::routes::{Access, ROUTES, RouteDefinition};
use tests::TestApp;

/// What a test must know of a route to use it.
pub(crate) struct Known {
    /// The method and the path.
    pub(crate) name: &'static str,
    /// A good body for somebody with this password, if it takes one.
    pub(crate) body: fn(&str) -> Option<Value>,
    /// What its owner is told.
    pub(crate) to_owner: u16,
    /// What somebody is told who asks, below their own path, for what they do not have. Nothing
    /// where the path names nothing but the user.
    pub(crate) to_stranger: Option<u16>,
}

const fn known(
    name: &'static str,
    to_owner: u16,
    to_stranger: Option<u16>,
    body: fn(&str) -> Option<Value>,
) -> Known {
    Known { name, body, to_owner, to_stranger }
}

fn nothing(_: &str) -> Option<Value> {
    None
}

fn question(_: &str) -> Option<Value> {
    Some(json!({"message": "Show my tasks"}))
}

fn title(_: &str) -> Option<Value> {
    Some(json!({"title": "Another title"}))
}

fn file(_: &str) -> Option<Value> {
    Some(json!({
        "format": "todo-ai-chatbot account", "version": 1,
        "account": {"name": null, "last_task_id": 0},
        "settings": {"time_zone": "UTC", "week_start": "monday"},
        "tasks": [], "conversations": [], "changes": []
    }))
}

fn operations(_: &str) -> Option<Value> {
    Some(json!({"operations": [{"op": "add", "task": {"title": "One of several"}}]}))
}

fn password(password: &str) -> Option<Value> {
    Some(json!({"password": password}))
}

fn new_password(password: &str) -> Option<Value> {
    Some(json!({"current_password": password, "new_password": "another pass phrase"}))
}

/// The routes that need a token.
pub(crate) const PRIVATE: &[Known] = &[
    known("POST /api/auth/logout-everywhere", 204, None, nothing),
    known("POST /api/auth/password", 200, None, new_password),
    // No mail server is configured.
    known("POST /api/auth/send-confirmation", 503, None, nothing),
    known("POST /api/auth/confirm-email", 400, None, |_password| Some(json!({"token": "no link's"}))),
    known("GET /api/auth/me", 200, None, nothing),
    known("PATCH /api/auth/me", 200, None, |_password| Some(json!({"week_start": "sunday"}))),
    known("DELETE /api/auth/me", 204, None, password),
    known("POST /api/{user_id}/chat", 200, None, question),
    known("POST /api/{user_id}/chat/stream", 200, None, question),
    known("GET /api/{user_id}/chat/{conversation_id}/stream", 204, Some(204), nothing),
    known("POST /api/{user_id}/chat/{conversation_id}/stop", 204, Some(204), nothing),
    known("GET /api/{user_id}/turns/{turn_id}", 200, Some(404), nothing),
    known("POST /api/{user_id}/turns/{turn_id}/undo", 200, Some(404), nothing),
    known("POST /api/{user_id}/changes/{change_id}/undo", 200, Some(404), nothing),
    known("GET /api/{user_id}/usage", 200, None, nothing),
    known("GET /api/{user_id}/activity", 200, None, nothing),
    known("GET /api/{user_id}/export", 200, None, nothing),
    // Who has a task cannot import any more.
    known("POST /api/{user_id}/import", 409, None, file),
    known("GET /api/{user_id}/approvals", 200, None, nothing),
    known("POST /api/{user_id}/approvals/{approval_id}", 200, Some(404), |_password| {
        Some(json!({"decision": "reject"}))
    }),
    known("GET /api/{user_id}/calendar", 200, None, nothing),
    known("POST /api/{user_id}/calendar", 201, None, nothing),
    known("DELETE /api/{user_id}/calendar", 204, None, nothing),
    known("GET /api/{user_id}/tokens", 200, None, nothing),
    known("POST /api/{user_id}/tokens", 201, None, |_password| {
        Some(json!({"name": "A program", "scopes": ["chat"], "expires_in_days": 7}))
    }),
    known("DELETE /api/{user_id}/tokens/{token_id}", 204, Some(404), nothing),
    known("POST /api/{user_id}/oauth/authorizations", 400, None, |_password| {
        Some(json!({"request": "client_id=nobody", "approved": false}))
    }),
    known("GET /api/{user_id}/oauth/grants", 200, None, nothing),
    known("DELETE /api/{user_id}/oauth/grants/{grant_id}", 204, Some(404), nothing),
    known("GET /api/{user_id}/sessions", 200, None, nothing),
    known("DELETE /api/{user_id}/sessions/{session_id}", 204, Some(404), nothing),
    known("GET /api/{user_id}/identities", 200, None, nothing),
    // Everybody here signs in with a password alone.
    known("DELETE /api/{user_id}/identities/{provider}", 404, None, nothing),
    // The protocol asks for an Accept of its own, which comes after the token.
    known("POST /mcp", 406, None, |_password| {
        Some(json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}))
    }),
    known("GET /api/{user_id}/tasks", 200, None, nothing),
    known("POST /api/{user_id}/tasks", 201, None, title),
    known("POST /api/{user_id}/tasks/batch", 200, None, operations),
    known("GET /api/{user_id}/tasks/{task_id}", 200, Some(404), nothing),
    known("PUT /api/{user_id}/tasks/{task_id}", 200, Some(404), title),
    known("PATCH /api/{user_id}/tasks/{task_id}", 200, Some(404), title),
    known("DELETE /api/{user_id}/tasks/{task_id}", 204, Some(404), nothing),
    known("GET /api/{user_id}/conversations", 200, None, nothing),
    known("GET /api/{user_id}/conversations/{conversation_id}", 200, Some(404), nothing),
    known("PATCH /api/{user_id}/conversations/{conversation_id}", 200, Some(404), title),
    known("DELETE /api/{user_id}/conversations/{conversation_id}", 204, Some(404), nothing),
];

/// The routes that everybody may use.
pub(crate) const PUBLIC: &[&str] = &[
    "GET /",
    "GET /docs",
    "GET /openapi.json",
    "GET /assets/{file}",
    "GET /favicon.svg",
    "GET /favicon.ico",
    "GET /apple-touch-icon.png",
    "GET /icon-192.png",
    "GET /icon-512.png",
    "GET /icon-maskable-512.png",
    "GET /manifest.webmanifest",
    "GET /sw.js",
    "GET /style.css",
    "GET /calendar/{secret}.ics",
    "GET /.well-known/oauth-protected-resource",
    "GET /.well-known/oauth-protected-resource/mcp",
    "GET /.well-known/oauth-authorization-server",
    "POST /oauth/register",
    "GET /oauth/authorize",
    "POST /oauth/token",
    "POST /oauth/revoke",
    "GET /api/oauth/authorization",
    "GET /health",
    "GET /ready",
    "GET /api/info",
    "POST /api/auth/register",
    "POST /api/auth/login",
    "POST /api/auth/refresh",
    "POST /api/auth/logout",
    "GET /api/auth/{provider}/url",
    "POST /api/auth/{provider}/callback",
    "POST /api/auth/forgot-password",
    "POST /api/auth/reset-password",
];

/// What paths name beside the user.
const THINGS: [&str; 8] = ["task", "conversation", "turn", "change", "approval", "token", "session", "grant"];

/// The routes for who runs the server.
const OPERATORS: &[&str] = &["GET /metrics"];

/// Returns the private route of this method and path.
pub(crate) fn private(name: &str) -> &'static Known {
    PRIVATE.iter().find(|known| known.name == name).expect("a route of the table")
}

impl Known {
    /// The method.
    pub(crate) fn method(&self) -> &'static str {
        self.name.split_once(' ').unwrap().0
    }

    /// The path with these in the place of its parameters.
    pub(crate) fn path(&self, user: &str, thing: &str) -> String {
        let path = self.name.split_once(' ').unwrap().1.replace("{user_id}", user);
        THINGS.iter().fold(path, |path, name| path.replace(&format!("{{{name}_id}}"), thing))
    }

    /// Whether the path names a user.
    pub(crate) fn is_below_a_user(&self) -> bool {
        self.name.contains("{user_id}")
    }

    /// Whether the path names a thing of the user's, and which.
    pub(crate) fn thing(&self) -> Option<&'static str> {
        THINGS.into_iter().find(|name| self.name.contains(&format!("{{{name}_id}}")))
    }
}

fn name(route: &RouteDefinition) -> String {
    format!("{} {}", route.method, route.path)
}

#[test]
fn every_route_of_the_server_is_in_the_table_of_the_tests() {
    let mut served: Vec<_> =
        ROUTES.iter().map(|route| (name(route), route.access != Access::Public)).collect();
    let private = PRIVATE.iter().map(|known| (known.name.to_owned(), true));
    let operators = OPERATORS.iter().map(|name| ((*name).to_owned(), true));
    let public = PUBLIC.iter().map(|name| ((*name).to_owned(), false));
    let mut known: Vec<_> = private.chain(operators).chain(public).collect();
    served.sort();
    known.sort();
    assert_eq!(
        served, known,
        "the server's routes (left) and those the tests know (right): (name, needs a token)"
    );
}

#[test]
fn every_path_with_a_user_in_it_needs_a_token() {
    let open =
        ROUTES.iter().filter(|route| route.path.contains("{user_id}") && route.access == Access::Public);
    assert_eq!(open.map(name).collect::<Vec<_>>(), [""; 0]);
}

#[tokio::test]
async fn every_get_also_answers_head() {
    let app = TestApp::start().await;
    let alice = app.user("alice").await;
    alice.add_task("Milk").await.expect(201);
    for route in ROUTES {
        let name = name(route);
        let Some(path) = name.strip_prefix("GET ") else { continue };
        let filled = path.replace("{user_id}", &alice.id);
        let parts = filled.split('/').map(|part| if part.starts_with('{') { "1" } else { part });
        let path = parts.collect::<Vec<_>>().join("/");
        // Opened as they are: what only a page that was built has may be a 404 here.
        let get = alice.call("GET", &path).open().await.unwrap();
        let head = alice.call("HEAD", &path).open().await.unwrap();
        assert_eq!(head.status(), get.status(), "{path}");
        assert_eq!(head.headers().get("content-type"), get.headers().get("content-type"), "{path}");
        assert_eq!(head.text().await.unwrap(), "", "{path}");
    }
}
