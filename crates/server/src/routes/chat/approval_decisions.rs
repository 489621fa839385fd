//! Carries out what a person decided on the approval cards of an answer, one card after the other.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use domain::{
    approval::{self, ApprovalError, ApprovalId, ApprovalState},
    caller::Caller,
    ports::ApprovalStore,
    tool,
    turn_and_conversation_ids::TurnId,
};
use tokio::time::Instant;

use super::stream_request_body::ApprovalDecision;
use crate::{
    error::{ApiError, Conflict, Resource, UnavailableCause},
    resource_limits::run_to_completion::run_to_completion,
    state::AppState,
    stream::{DecidedCall, DecidedCalls, respond_with_decisions},
};

/// The deadline, from the first check on, for starting the change of another card: they are made one after
/// the other. Cards that are left then are to be sent again. The permit of the account takes up to 1.5 s
/// before, the last change up to 5.5 s, and the answer has to come within 8 s.
const CARDS_TIMEOUT: Duration = Duration::from_secs(1);

/// Carries out what the person said to cards. The model is not asked: each call gets the result that it
/// waited for.
pub(super) async fn carry_out_decisions(
    state: web::Data<AppState>,
    caller: Caller,
    turn: TurnId,
    answers: Vec<ApprovalDecision>,
) -> Result<HttpResponse, ApiError> {
    let permit = state.account_concurrency.acquire(caller.user).await?;
    let deciding = async move {
        let decided = decide(state.ports()?.approvals.as_ref(), caller, answers).await;
        drop(permit);
        decided
    };
    Ok(respond_with_decisions(turn, &run_to_completion(deciding).await?))
}

/// Nothing is carried out when one of the cards is none of the person's, or not as it was asked. What goes
/// wrong after the first one is told beside what was done.
async fn decide(
    store: &dyn ApprovalStore,
    caller: Caller,
    answers: Vec<ApprovalDecision>,
) -> Result<DecidedCalls, ApiError> {
    let end = Instant::now() + CARDS_TIMEOUT;
    if answers.len() > 1 {
        check(store, caller, &answers).await?;
    }
    let mut calls = Vec::with_capacity(answers.len());
    for answer in answers {
        let is_first = calls.is_empty();
        let output = async {
            check_in_time(end)?;
            output_of(store, caller, &answer, is_first).await
        };
        match output.await {
            Ok(output) => calls.push(DecidedCall { id: answer.call_id, output }),
            Err(error) if is_first => return Err(error),
            Err(error) => return Ok(DecidedCalls { calls, broke_off: Some(error) }),
        }
    }
    Ok(DecidedCalls { calls, broke_off: None })
}

/// Looks whether each card is one of the person's, and as it was asked.
async fn check(
    store: &dyn ApprovalStore,
    caller: Caller,
    answers: &[ApprovalDecision],
) -> Result<(), ApiError> {
    let ids: Vec<ApprovalId> = answers.iter().map(|answer| answer.approval).collect();
    let found = store.find_all(caller, &ids).await?;
    for ApprovalDecision { approval, shown, .. } in answers {
        let asked = found.iter().find(|asked| asked.question.id == *approval);
        let asked = asked.ok_or(ApiError::NotFound(Resource::Approval))?;
        if let Err(refusal @ ApprovalError::OtherArguments) = asked.check_answer(&caller, Some(shown)) {
            return Err(ApiError::Conflict(Conflict::Approval(refusal)));
        }
    }
    Ok(())
}

/// Checks that `end` is not reached: the database is slow then, or gone.
fn check_in_time(end: Instant) -> Result<(), ApiError> {
    if Instant::now() < end {
        return Ok(());
    }
    Err(ApiError::Unavailable { what: UnavailableCause::Database, source: None })
}

/// What comes of the answer to one card; nothing when that is a no. Only of the first one it is an error that
/// there is no such card, or that it is not as it was asked.
async fn output_of(
    store: &dyn ApprovalStore,
    caller: Caller,
    answer: &ApprovalDecision,
    is_first: bool,
) -> Result<Option<serde_json::Value>, ApiError> {
    let ApprovalDecision { approval, decision, shown, .. } = answer;
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;
    use chrono::DateTime;
    use domain::{
        approval::{Approval, Decision, Question},
        ports::{IdGenerator, StoreError},
        testing::{MemoryStore, RandomIdGenerator},
    };
    use serde_json::{Map, Value};
    use tokio::time::sleep;

    use super::*;

    /// Approvals that are looked up and carried out slowly.
    struct SlowApprovals {
        look: Duration,
        change: Duration,
        decided: AtomicUsize,
    }

    fn approval(id: ApprovalId, state: ApprovalState) -> Approval {
        let question = Question {
            id,
            tool: "delete_task".into(),
            arguments: Map::new(),
            tasks: vec![],
            expires_at: DateTime::UNIX_EPOCH,
            state,
            program: None,
        };
        Approval { question, asked_in: None, revisions: vec![], result: None }
    }

    #[async_trait]
    impl ApprovalStore for SlowApprovals {
        async fn waiting(&self, _: Caller) -> Result<Vec<Approval>, StoreError> {
            Ok(vec![])
        }

        async fn find_all(&self, _: Caller, ids: &[ApprovalId]) -> Result<Vec<Approval>, StoreError> {
            sleep(self.look).await;
            Ok(ids.iter().map(|id| approval(*id, ApprovalState::Waiting)).collect())
        }

        async fn decide(
            &self,
            _: Caller,
            id: ApprovalId,
            _: Decision,
            _: Option<&Map<String, Value>>,
        ) -> Result<Option<Result<Approval, ApprovalError>>, StoreError> {
            sleep(self.change).await;
            self.decided.fetch_add(1, Ordering::Relaxed);
            Ok(Some(Ok(approval(id, ApprovalState::Rejected))))
        }
    }

    fn answers(count: usize) -> Vec<ApprovalDecision> {
        let no = |number| ApprovalDecision {
            call_id: format!("call-{number}"),
            approval: ApprovalId(RandomIdGenerator.next()),
            decision: Decision::Reject,
            shown: Map::new(),
        };
        (0..count).map(no).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn many_cards_are_looked_up_in_the_time_of_one() {
        let (look, decided) = (CARDS_TIMEOUT * 2 / 5, AtomicUsize::new(0));
        let slow = SlowApprovals { look, change: Duration::ZERO, decided };
        let told = decide(&slow, MemoryStore::default().register(), answers(3)).await.unwrap();
        assert_eq!((told.calls.len(), slow.decided.into_inner()), (3, 3));
    }

    #[tokio::test(start_paused = true)]
    async fn cards_that_are_looked_up_for_too_long_change_nothing() {
        let (look, decided) = (CARDS_TIMEOUT * 6 / 5, AtomicUsize::new(0));
        let slow = SlowApprovals { look, change: Duration::ZERO, decided };
        let told = decide(&slow, MemoryStore::default().register(), answers(3)).await;
        assert!(matches!(told, Err(ApiError::Unavailable { .. })), "{told:?}");
        assert_eq!(slow.decided.into_inner(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn cards_that_are_left_when_the_time_is_over_are_told_beside_what_was_done() {
        let (change, decided) = (CARDS_TIMEOUT * 3 / 5, AtomicUsize::new(0));
        let slow = SlowApprovals { look: Duration::ZERO, change, decided };
        let told = decide(&slow, MemoryStore::default().register(), answers(3)).await.unwrap();
        assert_eq!((told.calls.len(), slow.decided.into_inner()), (2, 2));
        assert!(matches!(told.broke_off, Some(ApiError::Unavailable { .. })), "{told:?}");
    }
}
