//! Ports of the loopback for programs that are told where to listen.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use tokio::{net::TcpStream, time::sleep};

/// Returns an address that nobody listens on, and that the system gives to nobody who wants any port.
pub fn find() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, devkit::non_ephemeral_port::find().expect("a free port")).into()
}

/// Waits for somebody to listen, half a minute at most, and returns whether that came to be.
pub(crate) async fn is_listened_on(address: SocketAddr) -> bool {
    for _ in 0..6_000 {
        if TcpStream::connect(address).await.is_ok() {
            return true;
        }
        sleep(Duration::from_millis(5)).await;
    }
    false
}
