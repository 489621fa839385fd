//! The limits of open connections, in all and for one address. A request on a connection beyond them is
//! answered 503, and the connection closed.

use std::{
    any::Any,
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use actix_web::{dev::Extensions, rt::net::TcpStream};
use domain::client_network::ClientNetwork;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// One address may hold this part of all connections, when no proxy stands in front of us.
const SHARE_OF_ONE_ADDRESS: usize = 4;
/// Files for everything else: the database, the model, the log, programs that look in.
const OTHER_FILES: usize = 256;

/// The bound, and what there is of it; one for all workers.
#[derive(Debug)]
pub struct ConnectionLimit {
    most: usize,
    of_one_address: Option<usize>,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_address: HashMap<ClientNetwork, usize>,
}

/// A connection, as the requests that come over it find it; dropping it makes room for another.
#[derive(Debug)]
pub struct OpenConnection {
    limit: Arc<ConnectionLimit>,
    address: ClientNetwork,
    is_refused: bool,
}

impl ConnectionLimit {
    /// Makes a bound of so many connections. Behind proxies of ours all come from few addresses, and
    /// which of them is whose only the proxies know: then no address has a bound of its own.
    pub fn new(most: usize, is_behind_proxies: bool) -> Arc<Self> {
        let of_one_address = (!is_behind_proxies).then_some((most / SHARE_OF_ONE_ADDRESS).max(1));
        Arc::new(Self { most, of_one_address, open: Mutex::default() })
    }

    /// How many connections are accepted, those that will be refused among them: they have to be
    /// read to be answered. All others wait in the kernel.
    pub fn max_accepted(most: usize) -> usize {
        most + most / 4 + 64
    }

    /// Counts a new connection, in the extensions that its requests see.
    pub fn count(self: &Arc<Self>, connection: &dyn Any, extensions: &mut Extensions) {
        let peer = connection.downcast_ref::<TcpStream>().and_then(|stream| stream.peer_addr().ok());
        // Who is gone already has no address.
        extensions.insert(self.enter(ClientNetwork::of(peer.map_or(IpAddr::from([0; 4]), |peer| peer.ip()))));
    }

    fn enter(self: &Arc<Self>, address: ClientNetwork) -> OpenConnection {
        let mut open = self.open();
        let of_address = open.by_address.get(&address).copied().unwrap_or(0);
        let is_refused = open.all >= self.most || self.of_one_address.is_some_and(|most| of_address >= most);
        if !is_refused {
            open.all += 1;
            open.by_address.insert(address, of_address + 1);
        }
        OpenConnection { limit: Arc::clone(self), address, is_refused }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl OpenConnection {
    /// Whether it is one too many.
    pub fn is_refused(&self) -> bool {
        self.is_refused
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        if self.is_refused {
            return;
        }
        let mut open = self.limit.open();
        open.all -= 1;
        if let Some(of_address) = open.by_address.get_mut(&self.address) {
            *of_address -= 1;
            if *of_address == 0 {
                open.by_address.remove(&self.address);
            }
        }
    }
}

/// Returns the bound as far as this process may open files, after it has raised that limit as far as it may:
/// many systems begin with 1,024 (`ulimit -n`), and the database needs some when clients have the rest.
pub fn cap_by_open_file_limit(wanted: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    let files = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_error) => limit.current,
    };
    // None means that there is no bound.
    let files = files.map_or(usize::MAX, |files| usize::try_from(files).unwrap_or(usize::MAX));
    let most = bound(wanted, files);
    if most < wanted {
        tracing::warn!(files, most, "MAX_CONNECTIONS is {wanted}, and there are files for fewer (ulimit -n)");
    }
    most
}

/// The most connections for which there are files, if all that are accepted come at once.
fn bound(wanted: usize, files: usize) -> usize {
    let spare = ConnectionLimit::max_accepted(0) + OTHER_FILES;
    let fits = files.saturating_sub(spare) / 5 * 4;
    wanted.min(fits.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(number: u8) -> ClientNetwork {
        ClientNetwork(number.into())
    }

    #[test]
    fn those_beyond_the_bound_are_refused_until_others_close() {
        let limit = ConnectionLimit::new(2, true);
        let first = limit.enter(address(1));
        let second = limit.enter(address(1));
        let third = limit.enter(address(2));
        assert_eq!([&first, &second, &third].map(OpenConnection::is_refused), [false, false, true]);
        drop(third);
        assert!(limit.enter(address(2)).is_refused(), "one that was refused makes no room");
        drop(first);
        assert!(!limit.enter(address(2)).is_refused());
    }

    #[test]
    fn one_address_holds_a_quarter() {
        let limit = ConnectionLimit::new(8, false);
        let all: Vec<_> = (0..4).map(|_| limit.enter(address(1))).collect();
        assert_eq!(all.iter().filter(|connection| connection.is_refused()).count(), 2);
        assert!(!limit.enter(address(2)).is_refused());
        drop(all);
        assert!(limit.open().by_address.is_empty(), "nothing is kept of addresses without connections");
    }

    #[test]
    fn all_that_are_accepted_have_a_file() {
        for files in [1_024, 4_096, 20_000, 1 << 20] {
            assert!(
                ConnectionLimit::max_accepted(bound(usize::MAX, files)) + OTHER_FILES <= files,
                "{files}"
            );
        }
        assert_eq!((bound(4_096, 1 << 20), bound(4_096, usize::MAX), bound(4_096, 10)), (4_096, 4_096, 1));
    }
}
