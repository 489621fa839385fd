//! Reads from a handler's signature what the OpenAPI document says of its route.

use std::future::Future;

use actix_web::{
    CustomizeResponder, Either, HttpRequest, HttpResponse,
    web::{Data, Json, Path, Payload},
};
use domain::turn::IdempotencyKey;
use utoipa::ToSchema;

use super::operation::Operation;
use crate::{
    error::{ApiError, Conflict},
    extract::{
        body::{JsonBody, OptionalBody},
        caller::Authenticated,
        client_address::FromAddress,
        idempotency_key::KeyHeader,
        path_id::{InPath, PathId},
        query::Query,
        user_agent::FromUserAgent,
    },
    field_schemas,
};

/// Something that a handler takes from a request.
pub trait DescribeInput {
    /// Adds what it needs, and what may be wrong with it.
    fn describe(operation: Operation) -> Operation {
        operation
    }
}

/// What a handler answers with when all goes well.
pub trait DescribeOutput {
    /// Adds the status and the body.
    fn describe(operation: Operation) -> Operation;
}

/// A handler with these arguments.
pub trait DescribeHandler<Arguments> {
    /// Returns what its signature tells.
    fn describe() -> Operation;
}

/// Returns what the signature of a handler tells.
pub fn describe<Arguments, H: DescribeHandler<Arguments>>(_: H) -> Operation {
    let path = std::any::type_name::<H>();
    H::describe().with_id(path.rsplit("::").next().unwrap_or(path))
}

macro_rules! describe_handlers {
    ($(($($argument:ident)*))*) => {$(
        impl<H, R, F, $($argument),*> DescribeHandler<($($argument,)*)> for H
        where
            H: Fn($($argument),*) -> F,
            F: Future<Output = R>,
            R: DescribeOutput,
            $($argument: DescribeInput,)*
        {
            fn describe() -> Operation {
                let operation = Operation::default();
                $(let operation = $argument::describe(operation);)*
                R::describe(operation)
            }
        }
    )*};
}

describe_handlers! { () (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E G) }

impl<T> DescribeInput for Data<T> {}
impl<T> DescribeInput for Path<T> {}
impl DescribeInput for Authenticated {}
impl DescribeInput for FromAddress {}
impl DescribeInput for FromUserAgent {}
impl DescribeInput for HttpRequest {}
impl DescribeInput for Payload {}
impl DescribeInput for Query {}

impl<T: ToSchema, const LIMIT: usize> DescribeInput for JsonBody<T, LIMIT> {
    fn describe(operation: Operation) -> Operation {
        operation.request_body::<T>(true)
    }
}

impl<T: ToSchema> DescribeInput for OptionalBody<T> {
    fn describe(operation: Operation) -> Operation {
        operation.request_body::<T>(false)
    }
}

impl<T: PathId> DescribeInput for InPath<T> {
    fn describe(operation: Operation) -> Operation {
        operation.errors([ApiError::NotFound(T::RESOURCE)])
    }
}

impl DescribeInput for KeyHeader {
    fn describe(operation: Operation) -> Operation {
        let key = "A name for this request, such as a random UUID: sent again under it, it has its effect once, \
                   and the first answer is given again.";
        let replayed = "`true` when this answer was given before, to the first request with the same key.";
        operation
            .header("Idempotency-Key", field_schemas::idempotency_key(), key)
            .response_header("Idempotency-Replayed", field_schemas::one_of(["true"]), replayed)
            .errors(IdempotencyKey::parse("").err().map(ApiError::from))
            .errors([ApiError::KeyReused, ApiError::Conflict(Conflict::SameKeyRunning)])
    }
}

impl<T: DescribeOutput, E> DescribeOutput for Result<T, E> {
    fn describe(operation: Operation) -> Operation {
        T::describe(operation)
    }
}

impl<T: ToSchema> DescribeOutput for Json<T> {
    fn describe(operation: Operation) -> Operation {
        operation.json_response::<T>(200)
    }
}

impl<T: DescribeOutput> DescribeOutput for CustomizeResponder<T> {
    fn describe(operation: Operation) -> Operation {
        T::describe(operation)
    }
}

/// The one answer or the other.
impl<L: DescribeOutput, R: DescribeOutput> DescribeOutput for Either<L, R> {
    fn describe(operation: Operation) -> Operation {
        R::describe(L::describe(operation))
    }
}

/// Its type does not tell what is in it.
impl DescribeOutput for HttpResponse {
    fn describe(operation: Operation) -> Operation {
        operation
    }
}
