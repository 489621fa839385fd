//! Ports of the loopback for programs that are told where to listen.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    time::Duration,
};

use tokio::{net::TcpStream, time::sleep};

/// Returns an address that nobody listens on.
pub fn free() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("a port has a number")
}

/// Waits five seconds for somebody to listen, and returns whether that came to be.
pub(crate) async fn is_listened_on(address: SocketAddr) -> bool {
    for _ in 0..1_000 {
        if TcpStream::connect(address).await.is_ok() {
            return true;
        }
        sleep(Duration::from_millis(5)).await;
    }
    false
}
