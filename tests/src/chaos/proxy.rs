//! A TCP proxy that can be as bad as a network: it refuses, hangs, stalls, delays and cuts, and
//! what it does is switched while it runs.

mod listener;
mod packet_loss;
mod proxy_control;
mod tunnel;

use std::{
    io,
    net::SocketAddr,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::{net::TcpListener, task::JoinHandle};

use super::chaos_environment_variables;
use listener::listen;
use packet_loss::Drops;
use proxy_control::ProxyControl;

/// How the proxy treats connections, those that exist and those to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behaviour {
    /// As if it were not there.
    Pass,
    /// New connections are refused; those that exist go on.
    Refuse,
    /// Connections are accepted, and from then on no byte moves either way. Bytes that were on
    /// their way arrive later, as TCP would have it.
    Stall,
    /// Each piece of an answer comes so much later.
    Delay(Duration),
    /// Each connection is cut (TCP RST) once so many more bytes of answers have passed.
    CutAfter(u64),
    /// This text passes so many times less one, counted over all connections; the one that sends
    /// it then is cut when the answer comes: it was done, and nobody is told. Once only.
    CutAnswerTo(&'static str, u32),
    /// This text passes so many times less one, counted over all connections; the one that sends
    /// it then is cut before it arrives: it was not done, and nobody is told. Once only.
    CutBefore(&'static str, u32),
    /// Every connection that sends this text hears nothing from then on: it was done, and nobody
    /// is told.
    HoldAnswerTo(&'static str),
}

/// A running proxy; dropping it closes its connections.
#[derive(Debug)]
pub struct ChaosProxy {
    address: SocketAddr,
    control: ProxyControl,
    listening: JoinHandle<()>,
    drops: Mutex<Option<Drops>>,
}

impl ChaosProxy {
    /// Starts a proxy on a loopback port of its own that leads to `upstream`.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn start(upstream: SocketAddr) -> io::Result<Self> {
        // It is not always there.
        let listener = TcpListener::bind(("127.0.0.1", devkit::non_ephemeral_port::find()?)).await?;
        let address = listener.local_addr()?;
        let control = ProxyControl::default();
        let listening = tokio::spawn(listen(listener, upstream, control.clone()));
        Ok(Self { address, control, listening, drops: Mutex::default() })
    }

    /// Starts one that leads to where `url` does.
    ///
    /// # Errors
    /// When `url` has no address, or no port is free.
    pub async fn in_front(url: &str) -> io::Result<Self> {
        let url = url::Url::parse(url).map_err(io::Error::other)?;
        let address = url.socket_addrs(|| None)?.first().copied().ok_or(io::ErrorKind::NotFound)?;
        Self::start(address).await
    }

    /// Returns where the proxy listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns `url` with the proxy in the place of its host and port.
    ///
    /// # Panics
    /// When `url` is no URL with a host.
    pub fn in_front_of(&self, url: &str) -> String {
        let mut url = url::Url::parse(url).expect("a URL of the test kit");
        url.set_ip_host(self.address.ip()).expect("a URL with a host");
        url.set_port(Some(self.address.port())).expect("a URL with a port");
        url.into()
    }

    /// Behaves like this from now on.
    pub fn set(&self, behaviour: Behaviour) {
        let is_dropping = behaviour == Behaviour::Stall && chaos_environment_variables::drops_packets();
        self.control.set(if is_dropping { Behaviour::Pass } else { behaviour });
        let mut drops = self.drops.lock().unwrap_or_else(PoisonError::into_inner);
        // The rules of before are gone first: two stalls may follow each other.
        *drops = None;
        *drops = is_dropping.then(|| Drops::begin(self.address.port()));
    }

    /// Behaves like this for so long, then passes everything again.
    pub async fn set_for(&self, behaviour: Behaviour, time: Duration) {
        self.set(behaviour);
        tokio::time::sleep(time).await;
        self.set(Behaviour::Pass);
    }

    /// Resets every connection that exists.
    pub fn cut(&self) {
        self.control.cut();
    }

    /// Forgets every connection that exists, as a router does that starts anew: no byte moves on
    /// it any more, ever, and nobody is told. New connections pass.
    pub fn forget(&self) {
        self.control.forget();
    }

    /// Returns how many connections exist.
    pub fn connections(&self) -> usize {
        self.control.tunnels()
    }

    /// Returns what the proxy does at the moment; a fault that was triggered is `Pass` again.
    pub fn behaviour(&self) -> Behaviour {
        self.control.now()
    }
}

impl Drop for ChaosProxy {
    fn drop(&mut self) {
        self.listening.abort();
        self.control.cut();
    }
}

#[cfg(test)]
mod tests;
