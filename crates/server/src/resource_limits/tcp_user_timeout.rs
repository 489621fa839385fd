//! Has the kernel close the connections of clients that do not read what they asked for.

use std::{any::Any, time::Duration};

use actix_web::rt::net::TcpStream;

/// How long what was sent may wait for a client that reads nothing, or is gone without a word.
pub const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// Has a new connection closed when its client takes nothing for [`READ_TIMEOUT`], in the middle of
/// an answer or of a stream. The kernel sees that best: `TCP_USER_TIMEOUT` (RFC 5482) also runs
/// while a client's window stays shut. Elsewhere than on Linux there is no such option.
pub fn limit_unacknowledged_time(connection: &dyn Any) {
    #[cfg(target_os = "linux")]
    if let Some(stream) = connection.downcast_ref::<TcpStream>() {
        let milliseconds = u32::try_from(READ_TIMEOUT.as_millis()).unwrap_or(u32::MAX);
        if let Err(error) = rustix::net::sockopt::set_tcp_user_timeout(stream, milliseconds) {
            tracing::debug!(%error, "a connection has no time-out for its writes");
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = connection.downcast_ref::<TcpStream>();
}
