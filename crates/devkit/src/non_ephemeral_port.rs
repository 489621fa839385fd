//! Finds ports that the system gives to nobody else, so that a server has the same one after a restart.

use std::{
    collections::hash_map::RandomState,
    hash::BuildHasher,
    io,
    net::{Ipv4Addr, TcpListener},
    ops::Range,
};

/// Below the ports that systems give out themselves, to listeners that want any port and to
/// outgoing connections: from 32768 on Linux (`ip_local_port_range`), from 49152 on macOS.
const NOT_GIVEN_OUT: Range<u16> = 20_000..32_000;

/// Returns a free loopback port. While its owner is away, the system gives it to nobody else.
///
/// # Errors
/// When no port can be bound.
pub fn find() -> io::Result<u16> {
    let mut last = None;
    for _ in 0..100 {
        let drawn = RandomState::new().hash_one(()) % NOT_GIVEN_OUT.len() as u64;
        let port = NOT_GIVEN_OUT.start + u16::try_from(drawn).unwrap_or(0);
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            Ok(_free) => return Ok(port),
            Err(taken) => last = Some(taken),
        }
    }
    Err(last.unwrap_or_else(|| io::ErrorKind::AddrInUse.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lasting_port_is_free_and_drawn_anew() {
        let ports: Vec<u16> = (0..5).map(|_| find().unwrap()).collect();
        assert!(ports.iter().all(|port| NOT_GIVEN_OUT.contains(port)), "{ports:?}");
        assert!(ports.iter().any(|port| *port != ports[0]), "{ports:?}");
        assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, ports[0])).is_ok());
    }
}
