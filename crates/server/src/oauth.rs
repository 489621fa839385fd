//! OAuth 2.1 for programs that people connect to `/mcp`, as revision 2026-07-28 of the Model Context Protocol
//! asks for it: how a program is known, what it asks for, and where it is answered.
//!
//! A *program* is, here and everywhere in this project, a client that acts for a person with a token of its
//! own and not with the person's session: of the API or of `/mcp` with a personal access token, or of `/mcp`
//! with what it was granted by OAuth. OAuth calls it a client; *client* alone is whoever sends requests, the
//! page as well.

pub mod authorization_request;
pub mod client_metadata;
pub mod clients;
pub mod issuer;
pub mod parameters;
pub mod paths;
pub mod protocol_error;
pub mod redirect_uri;
