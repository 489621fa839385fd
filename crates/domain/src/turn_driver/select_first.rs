//! Two futures, of which the first to be ready wins. The other one is dropped.

use std::{future::Future, future::poll_fn, pin::pin, task::Poll};

pub(super) enum Either<A, B> {
    First(A),
    Second(B),
}

/// Waits for either; `first` is asked first when both are ready.
pub(super) async fn select_first<A, B>(
    first: impl Future<Output = A>,
    second: impl Future<Output = B>,
) -> Either<A, B> {
    let (mut first, mut second) = (pin!(first), pin!(second));
    poll_fn(|context| {
        if let Poll::Ready(output) = first.as_mut().poll(context) {
            return Poll::Ready(Either::First(output));
        }
        second.as_mut().poll(context).map(Either::Second)
    })
    .await
}
