//! The listener of the proxy: accepts connections, or is closed, so that they are refused.

use std::{net::SocketAddr, time::Duration};

use tokio::{net::TcpListener, task::JoinSet, time::sleep};

use super::{Behaviour, proxy_control::ProxyControl, tunnel};

/// Accepts until aborted; then every tunnel ends with it.
pub(super) async fn listen(listener: TcpListener, upstream: SocketAddr, control: ProxyControl) {
    let Ok(address) = listener.local_addr() else { return };
    let mut tunnels = JoinSet::new();
    let mut listening = Some(listener);
    loop {
        let refuses = control.now() == Behaviour::Refuse;
        match listening.take() {
            // Only a port on which nobody listens really refuses.
            Some(_) if refuses => {}
            None if refuses => control.until(|now| *now != Behaviour::Refuse).await,
            None => listening = Some(reopened(address).await),
            Some(open) => {
                tokio::select! {
                    accepted = open.accept() => if let Ok((client, _)) = accepted {
                        tunnels.spawn(tunnel::run(client, upstream, control.clone()));
                    },
                    () = control.until(|now| *now == Behaviour::Refuse) => {}
                }
                listening = Some(open);
            }
        }
        while tunnels.try_join_next().is_some() {}
    }
}

/// Listens on the same port again; what is left of old connections may hold it for a moment.
async fn reopened(address: SocketAddr) -> TcpListener {
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => return listener,
            Err(_taken) => sleep(Duration::from_millis(5)).await,
        }
    }
}
