//! The tokens of a day, spent on two replicas at once.

use std::time::Duration;

use futures::future::join_all;
use tests::TestApp;

use super::{usage, within_a_day};

const BUDGET: i64 = 8_000;
const TURNS_AT_ONCE: i64 = 2;

/// What a turn takes is known when it ends: those that run then may go beyond the budget, and no other.
#[tokio::test(flavor = "multi_thread")]
async fn the_budget_of_a_day_is_exceeded_by_no_more_than_what_runs() {
    let (budget, at_once) = (BUDGET.to_string(), TURNS_AT_ONCE.to_string());
    let limits = [("DAILY_TOKEN_BUDGET", budget.as_str()), ("TURNS_AT_ONCE", at_once.as_str())];
    let app = TestApp::everyday_with(&limits).await;
    let replica = app.replica().await;
    let alice = app.user("alice").await;
    let (turns, used) = within_a_day(&app, async || {
        let asking = (0..8).map(async |number| {
            let mut turns = Vec::new();
            loop {
                let call = alice.chat("hello");
                let answer = if number % 2 == 0 { call.at(&replica).await } else { call.await };
                match answer.json["code"].as_str() {
                    Some("token_budget_used_up") => return turns,
                    Some("too_many_turns_at_once") => tokio::time::sleep(Duration::from_millis(10)).await,
                    _ => turns.push(answer.expect(200)["usage"]["total_tokens"].as_i64().unwrap()),
                }
            }
        });
        let turns = join_all(asking).await.concat();
        (turns, usage(&alice).await["tokens_today"]["used"].as_i64().unwrap())
    })
    .await;
    let (spent, most) = (turns.iter().sum::<i64>(), turns.iter().max().copied().unwrap_or_default());
    assert!(used >= BUDGET && spent > BUDGET / 2, "{used} {turns:?}");
    assert!(most * 6 < BUDGET, "a turn is a small part of it: {turns:?}");
    assert!(spent <= BUDGET + TURNS_AT_ONCE * most, "{spent} {turns:?}");
}
