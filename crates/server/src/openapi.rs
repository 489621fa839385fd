//! The API described as OpenAPI 3.1: what a handler's signature tells, and what is said beside it.
//!
//! Bodies, keys and successful answers are read off the types that a handler takes and returns; method,
//! path and access come from the route table; statuses, codes, sentences and headers of problems from the
//! one match that answers with them. What is left to say is in `routes/openapi_descriptions`.

mod handler_signature;
mod operation;

pub use handler_signature::{DescribeHandler, DescribeInput, DescribeOutput, describe};
pub use operation::Operation;
pub(crate) use operation::{NamedSchema, example, parameter};
