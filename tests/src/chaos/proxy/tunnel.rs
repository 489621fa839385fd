//! One connection through the proxy, and what happens to its bytes.

use std::{io, net::SocketAddr, sync::OnceLock};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    time::sleep,
};

use super::{
    Behaviour,
    proxy_control::{ProxyControl, TriggeredFault},
};

const CHUNK_SIZE: usize = 16 * 1024;

/// Carries bytes both ways until one side closes or the connection is cut.
pub(super) async fn run(mut client: TcpStream, upstream: SocketAddr, control: ProxyControl) {
    let _counted = control.enter();
    let mut server = None;
    let end = tokio::select! {
        end = carry(&mut client, &mut server, upstream, &control) => end,
        () = control.is_cut() => Err(io::ErrorKind::ConnectionReset.into()),
    };
    if end.is_err() {
        // Nobody is left to tell when even that fails.
        let _ = client.set_zero_linger();
        let _ = server.as_ref().map(TcpStream::set_zero_linger);
    }
}

async fn carry(
    client: &mut TcpStream,
    server: &mut Option<TcpStream>,
    upstream: SocketAddr,
    control: &ProxyControl,
) -> io::Result<()> {
    control.until(|now| *now != Behaviour::Stall).await;
    let server = server.insert(TcpStream::connect(upstream).await?);
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    let fault = OnceLock::new();
    let both = async {
        tokio::try_join!(
            questions(from_client, to_server, control, &fault),
            answers(from_server, to_client, control, &fault),
        )
    };
    tokio::select! {
        end = both => end.map(drop),
        () = control.is_forgotten() => std::future::pending().await,
    }
}

async fn questions(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    control: &ProxyControl,
    fault: &OnceLock<TriggeredFault>,
) -> io::Result<()> {
    let mut piece = vec![0; CHUNK_SIZE];
    loop {
        let count = from.read(&mut piece).await?;
        control.until(|now| *now != Behaviour::Stall).await;
        if count == 0 {
            return to.shutdown().await;
        }
        match control.check_trigger(&piece[..count]) {
            None => {}
            Some(TriggeredFault::CutNow) => return Err(io::ErrorKind::ConnectionReset.into()),
            Some(triggered) => drop(fault.set(triggered)),
        }
        to.write_all(&piece[..count]).await?;
    }
}

async fn answers(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    control: &ProxyControl,
    fault: &OnceLock<TriggeredFault>,
) -> io::Result<()> {
    let mut piece = vec![0; CHUNK_SIZE];
    let mut budget = Budget::default();
    loop {
        let count = from.read(&mut piece).await?;
        control.until(|now| *now != Behaviour::Stall).await;
        if count == 0 {
            return to.shutdown().await;
        }
        match fault.get() {
            None => {}
            Some(TriggeredFault::Cut | TriggeredFault::CutNow) => {
                return Err(io::ErrorKind::ConnectionReset.into());
            }
            Some(TriggeredFault::Hold) => std::future::pending().await,
        }
        let behaviour = control.now();
        if let Behaviour::Delay(time) = behaviour {
            sleep(time).await;
        }
        let allowed = budget.take(behaviour, count);
        to.write_all(&piece[..allowed]).await?;
        if allowed < count {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
    }
}

/// How many bytes of answers a tunnel may still pass under [`Behaviour::CutAfter`].
#[derive(Default)]
struct Budget {
    order: Option<u64>,
    left: u64,
}

impl Budget {
    /// Returns how many of `count` bytes may pass; a new order starts to count anew.
    fn take(&mut self, behaviour: Behaviour, count: usize) -> usize {
        let Behaviour::CutAfter(bytes) = behaviour else {
            self.order = None;
            return count;
        };
        if self.order != Some(bytes) {
            *self = Self { order: Some(bytes), left: bytes };
        }
        let allowed = usize::try_from(self.left).unwrap_or(usize::MAX).min(count);
        self.left -= allowed as u64;
        allowed
    }
}
