//! A turn as server-sent events in the AI SDK's UI message stream, version 1.
//!
//! The same turn and the same driver as the JSON answer: this is another way to listen. Format:
//! <https://ai-sdk.dev/docs/ai-sdk-ui/stream-protocol>. Only what every client from 5.0 on accepts
//! is emitted; what is ours comes as transient `data-*` parts.

mod chunk;
mod decided_calls;
mod encoder;

use std::{ops::ControlFlow, time::Duration};

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE},
    web::Bytes,
};
use domain::turn_and_conversation_ids::TurnId;
use futures::{Stream, future::BoxFuture, stream};
use tokio::time::timeout;
use turn_service::{SubscriptionUpdate, TurnSubscription};

use crate::error::ApiError;
pub use decided_calls::{DecidedCall, DecidedCalls};
use encoder::UiStreamEncoder;
pub use encoder::Viewer;

/// How long a stream may be silent: proxies cut what looks dead.
const HEARTBEAT: Duration = Duration::from_secs(10);

/// A subscription that is on its way: its turn begins, or waits for a turn that is in its way.
pub type PendingSubscription = BoxFuture<'static, Result<TurnSubscription, ApiError>>;

enum State {
    PendingSubscription(PendingSubscription, Viewer),
    Open(Box<TurnSubscription>, UiStreamEncoder),
    Closed,
}

/// Answers with the stream of a turn.
pub fn respond(subscription: TurnSubscription, viewer: Viewer) -> HttpResponse {
    respond_in(events(State::open(subscription, viewer)))
}

/// Answers with a stream at once, although its turn is still on its way. What goes wrong with it is
/// said inside the stream.
pub fn respond_when_open(opening: PendingSubscription, viewer: Viewer) -> HttpResponse {
    respond_in(events(State::PendingSubscription(opening, viewer)))
}

/// Answers with what became of calls that waited for the person's word, as the rest of their message.
pub fn respond_with_decisions(message: TurnId, decided: &DecidedCalls) -> HttpResponse {
    let text = Bytes::from(decided_calls::stream_text(message, decided));
    respond_in(stream::once(async { Ok(text) }))
}

impl State {
    fn open(subscription: TurnSubscription, viewer: Viewer) -> Self {
        let (turn, conversation) = (subscription.turn(), subscription.conversation());
        let encoder = UiStreamEncoder::new(turn, conversation, subscription.title(), viewer);
        Self::Open(Box::new(subscription), encoder)
    }
}

fn respond_in(events: impl Stream<Item = Result<Bytes, std::convert::Infallible>> + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        // A proxy that compressed this would delay the text.
        .insert_header((CONTENT_ENCODING, "identity"))
        .insert_header(("x-vercel-ai-ui-message-stream", "v1"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(events)
}

fn events(state: State) -> impl Stream<Item = Result<Bytes, std::convert::Infallible>> {
    let opened = stream::once(async { Ok(Bytes::from_static(b": stream-open\n\n")) });
    let rest = stream::unfold(state, |state| async move {
        let (text, state) = advance(state).await?;
        Some((Ok(Bytes::from(text)), state))
    });
    futures::StreamExt::chain(opened, rest)
}

/// Waits for what comes next and returns it as text of the stream.
async fn advance(state: State) -> Option<(String, State)> {
    match state {
        State::Closed => None,
        State::PendingSubscription(mut opening, viewer) => match timeout(HEARTBEAT, &mut opening).await {
            Err(_elapsed) => Some((chunk::keep_alive(), State::PendingSubscription(opening, viewer))),
            Ok(Err(error)) => Some((UiStreamEncoder::encode_refusal(&error), State::Closed)),
            Ok(Ok(subscription)) => Some((String::new(), State::open(subscription, viewer))),
        },
        State::Open(mut subscription, mut encoder) => {
            if let Some(start) = encoder.start_once() {
                return Some((start, State::Open(subscription, encoder)));
            }
            let Ok(update) = timeout(HEARTBEAT, subscription.next()).await else {
                return Some((chunk::keep_alive(), State::Open(subscription, encoder)));
            };
            let text = match update {
                SubscriptionUpdate::Event(event) => encoder.encode_event(event),
                SubscriptionUpdate::TakenOver => {
                    encoder.encode_takeover(|| subscription.worker_lost().into())
                }
                SubscriptionUpdate::Answered(answer) => ControlFlow::Break(encoder.encode_answer(&answer)),
                SubscriptionUpdate::Failed(error) => {
                    ControlFlow::Break(encoder.encode_failure(&error.into()))
                }
            };
            Some(match text {
                ControlFlow::Continue(text) => (text, State::Open(subscription, encoder)),
                ControlFlow::Break(last) => (last, State::Closed),
            })
        }
    }
}
