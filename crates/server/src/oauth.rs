//! OAuth 2.1 for programs that people connect to `/mcp`, as revision 2026-07-28 of the Model Context Protocol
//! asks for it: how a program is known, what it asks for, and where it is answered.

pub mod authorization_request;
pub mod client_metadata;
pub mod clients;
pub mod issuer;
pub mod parameters;
pub mod protocol_error;
pub mod redirect_uri;
