//! The paths of OAuth's endpoints, of the documents about them, and of what tokens are for.

/// The resource that tokens are for: the Model Context Protocol.
pub const RESOURCE: &str = "/mcp";
/// The document about the resource (RFC 9728 3.1).
pub const RESOURCE_METADATA: &str = "/.well-known/oauth-protected-resource/mcp";
/// The same document, for clients that leave out the resource's own path.
pub const RESOURCE_METADATA_AT_ROOT: &str = "/.well-known/oauth-protected-resource";
/// The document about the authorization server (RFC 8414).
pub const SERVER_METADATA: &str = "/.well-known/oauth-authorization-server";
/// Where a client registers itself (RFC 7591).
pub const REGISTER: &str = "/oauth/register";
/// The authorization endpoint, to which clients send a person's browser.
pub const AUTHORIZE: &str = "/oauth/authorize";
/// The token endpoint.
pub const TOKEN: &str = "/oauth/token";
/// The revocation endpoint (RFC 7009).
pub const REVOKE: &str = "/oauth/revoke";
