//! The HTTP client of the tests.

use std::time::Duration;

/// Longer than any answer may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(70);

/// Returns a client that makes a new connection for every request: it can be refused, but never
/// meets one that a dead server has left behind.
pub(crate) fn build() -> reqwest::Client {
    let builder = reqwest::Client::builder().pool_max_idle_per_host(0).no_proxy().timeout(REQUEST_TIMEOUT);
    builder.redirect(reqwest::redirect::Policy::none()).build().expect("a client")
}
