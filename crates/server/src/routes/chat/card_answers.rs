//! What a person said to the cards of an answer, carried out one card after the other.

use std::time::{Duration, Instant};

use actix_web::{HttpResponse, web};
use domain::{
    approval::{self, ApprovalError, ApprovalState},
    caller::Caller,
    ports::ApprovalStore,
    tool,
    turn_and_conversation_ids::TurnId,
};

use super::stream_request_body::CardAnswer;
use crate::{
    error::{ApiError, Conflict, Resource, UnavailableCause},
    resource_limits::run_to_completion::run_to_end,
    state::AppState,
    stream::{DecidedCall, DecidedCalls, respond_with_decisions},
};

/// How long cards are carried out, one after the other. Those that are left then are told to be sent again.
const CARDS_TIMEOUT: Duration = Duration::from_secs(5);

/// Carries out what the person said to cards. The model is not asked: each call gets the result that it
/// waited for.
pub(super) async fn answer_cards(
    state: web::Data<AppState>,
    caller: Caller,
    turn: TurnId,
    answers: Vec<CardAnswer>,
) -> Result<HttpResponse, ApiError> {
    let permit = state.account_concurrency.acquire(caller.user).await?;
    let deciding = async move {
        let decided = decide(state.ports()?.approvals.as_ref(), caller, answers).await;
        drop(permit);
        decided
    };
    Ok(respond_with_decisions(turn, &run_to_end(deciding).await?))
}

/// Nothing is carried out when one of the cards is none of the person's, or not as it was asked. What goes
/// wrong after the first one is told beside what was done.
async fn decide(
    store: &dyn ApprovalStore,
    caller: Caller,
    answers: Vec<CardAnswer>,
) -> Result<DecidedCalls, ApiError> {
    let started_at = Instant::now();
    if answers.len() > 1 {
        check(store, caller, &answers).await?;
    }
    let mut calls = Vec::with_capacity(answers.len());
    for answer in answers {
        let is_first = calls.is_empty();
        let output = if !is_first && started_at.elapsed() >= CARDS_TIMEOUT {
            Err(ApiError::Unavailable { what: UnavailableCause::Database, source: None })
        } else {
            output_of(store, caller, &answer, is_first).await
        };
        match output {
            Ok(output) => calls.push(DecidedCall { id: answer.call_id, output }),
            Err(error) if is_first => return Err(error),
            Err(error) => return Ok(DecidedCalls { calls, broke_off: Some(error) }),
        }
    }
    Ok(DecidedCalls { calls, broke_off: None })
}

/// Looks whether each card is one of the person's, and as it was asked.
async fn check(store: &dyn ApprovalStore, caller: Caller, answers: &[CardAnswer]) -> Result<(), ApiError> {
    for CardAnswer { approval, shown, .. } in answers {
        let asked = store.find(caller, *approval).await?.ok_or(ApiError::NotFound(Resource::Approval))?;
        if let Err(refusal @ ApprovalError::OtherArguments) = asked.check_answer(&caller, Some(shown)) {
            return Err(ApiError::Conflict(Conflict::Approval(refusal)));
        }
    }
    Ok(())
}

/// What comes of the answer to one card; nothing when that is a no. Only of the first one it is an error that
/// there is no such card, or that it is not as it was asked.
async fn output_of(
    store: &dyn ApprovalStore,
    caller: Caller,
    answer: &CardAnswer,
    is_first: bool,
) -> Result<Option<serde_json::Value>, ApiError> {
    let CardAnswer { approval, decision, shown, .. } = answer;
    match store.decide(caller, *approval, *decision, Some(shown)).await? {
        Some(Ok(approval)) if approval.question.state == ApprovalState::Rejected => Ok(None),
        Some(Ok(approval)) => Ok(approval.result),
        None if is_first => Err(ApiError::NotFound(Resource::Approval)),
        None => Ok(Some(tool::error_to_json(&approval::not_found_error()))),
        Some(Err(refusal @ ApprovalError::OtherArguments)) if is_first => {
            Err(ApiError::Conflict(Conflict::Approval(refusal)))
        }
        Some(Err(refusal)) => Ok(Some(tool::error_to_json(&refusal.into()))),
    }
}
