//! Limits how many requests of one account are worked on at once: see
//! [`KeyedSemaphore`](turn_service::KeyedSemaphore).

use actix_web::{
    Error, HttpMessage,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web::Data,
};
use domain::caller::Caller;

use super::refused;
use crate::{error::ApiError, resource_limits::run_to_completion::run_to_completion, state::AppState};

/// Lets a request pass once its account has a permit for it. Runs after the check of the token. A client that
/// goes away while it waits has asked for nothing; a request that has begun keeps its permit to its end.
///
/// # Errors
/// Propagates the inner service's error (infallible in practice).
pub async fn limit_concurrency(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let caller = request.extensions().get::<Caller>().copied();
    let state = request.app_data::<Data<AppState>>().cloned();
    let permit = match caller.zip(state) {
        Some((caller, state)) => state.account_concurrency.acquire(caller.user).await.map_err(ApiError::from),
        None => Err(ApiError::internal("a route for users has no caller")),
    };
    match permit {
        Ok(permit) => {
            let answered = run_to_completion(async move {
                let answered = next.call(request).await;
                drop(permit);
                answered
            });
            Ok(answered.await?.map_into_boxed_body())
        }
        Err(error) => Ok(refused(request, error)),
    }
}
