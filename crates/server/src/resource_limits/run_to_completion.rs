//! Runs work to its end even when its client is gone.

use std::{
    future::{Future, pending},
    panic::resume_unwind,
};

use actix_web::rt;
use tracing::Instrument;

/// Runs work to its end, with the permits that it holds, even if the future that waits for it is dropped. A
/// panic in the work goes on in that future.
///
/// actix drops the handler of a connection that was reset, while the database goes on with what it was asked.
/// A permit that is dropped with the handler lets the next request in beside that.
pub async fn run_to_completion<T: 'static>(work: impl Future<Output = T> + 'static) -> T {
    match rt::spawn(work.in_current_span()).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // The runtime of this thread ends, and with it the future that waits.
            Err(_cancelled) => pending().await,
        },
    }
}

#[cfg(test)]
mod tests {
    use std::{panic::AssertUnwindSafe, time::Duration};

    use futures::FutureExt;
    use tokio::{
        sync::oneshot,
        time::{sleep, timeout},
    };

    use super::*;

    #[actix_web::test]
    async fn what_nobody_waits_for_any_more_goes_on_with_what_it_holds() {
        let (permit, gone) = oneshot::channel::<()>();
        let (finish, finished) = oneshot::channel::<()>();
        let work = run_to_completion(async move {
            let _permit = permit;
            let _ = finished.await;
        });
        assert!(timeout(Duration::from_millis(10), work).await.is_err());
        let mut gone = Box::pin(gone);
        assert!(timeout(Duration::from_millis(10), &mut gone).await.is_err(), "it is still held");
        finish.send(()).unwrap();
        assert!(timeout(Duration::from_secs(5), gone).await.is_ok(), "it is given back at the end");
    }

    #[actix_web::test]
    async fn a_panic_goes_on_in_who_waits() {
        let work = run_to_completion(async {
            sleep(Duration::from_millis(1)).await;
            assert!(std::hint::black_box(false), "a panic of a test");
        });
        assert!(AssertUnwindSafe(work).catch_unwind().await.is_err());
    }
}
