//! Every request to a model ends in time, whatever its server does.

use std::time::Duration;

use adapters::openai::Timeouts;
use devkit::model::{
    StandIn,
    script::{Reply, text},
};

use super::test_client::{Attempt, LONG_TIMEOUTS, hello, model};

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(150);

async fn with(timeouts: Timeouts, time: Duration, reply: Reply) -> Attempt {
    let stand_in = StandIn::scripted([reply]).await.unwrap();
    let attempt = hello(&model(&stand_in.base_url(), timeouts), time).await;
    assert!(attempt.took < Duration::from_secs(15), "{:?}", attempt.took);
    assert!(stand_in.requests().len() <= 1);
    attempt
}

#[tokio::test]
async fn the_first_byte_has_its_time() {
    let timeouts = Timeouts { first_byte: SHORT, ..LONG_TIMEOUTS };
    for reply in [text("a").hang(), text("a").after(LONG), text("a").hang_after(0)] {
        assert_eq!(with(timeouts, LONG, reply).await.failure(), "timed out");
    }
}

#[tokio::test]
async fn every_following_piece_has_its_time() {
    let timeouts = Timeouts { idle: SHORT, ..LONG_TIMEOUTS };
    let attempt = with(timeouts, LONG, text("Hello there.").hang_after(400)).await;
    assert_eq!(attempt.failure(), "timed out");
}

#[tokio::test]
async fn a_stream_that_drips_ends_with_the_deadline() {
    let drip = text("Hello. ".repeat(1_000)).dribble(10, Duration::from_millis(10));
    assert_eq!(with(LONG_TIMEOUTS, SHORT, drip).await.failure(), "timed out");
}

#[tokio::test]
async fn a_reply_that_is_complete_needs_no_end() {
    let sse = text("Hello there.").without_usage().no_done();
    let length = sse.sse().len();
    let attempt = with(LONG_TIMEOUTS, LONG, devkit::model::script::raw(sse.sse()).hang_after(length)).await;
    assert_eq!(attempt.reply.unwrap().text, "Hello there.");
    let whole = text("Hello there.").sse();
    let length = whole.len();
    let attempt = with(LONG_TIMEOUTS, LONG, devkit::model::script::raw(whole).hang_after(length)).await;
    assert!(attempt.reply.unwrap().usage.is_some());
    assert!(attempt.took < Duration::from_secs(10));
}

#[tokio::test]
async fn nothing_is_asked_after_the_deadline() {
    let attempt = with(LONG_TIMEOUTS, Duration::ZERO, text("a")).await;
    assert_eq!(attempt.failure(), "timed out");
}
