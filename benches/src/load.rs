//! A cheap load generator: a thread and a plain socket for each connection, so that the machine is
//! busy with the server and not with its client.

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

/// A request that is sent again and again, and the status that it has to be answered with.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    bytes: Vec<u8>,
    status: u16,
}

impl Request {
    /// A request with these headers, each ended by `\r\n`, and this body.
    pub(crate) fn new(line: &str, headers: &str, body: &str, status: u16) -> Self {
        let length =
            if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        let text = format!("{line} HTTP/1.1\r\nHost: localhost\r\n{headers}{length}\r\n{body}");
        Self { bytes: text.into_bytes(), status }
    }
}

/// Sends each request over a connection of its own until the time is up, and returns how long every
/// answer took.
pub(crate) fn run(address: SocketAddr, requests: &[Request], round: Duration) -> Vec<Duration> {
    thread::scope(|scope| {
        let end = Instant::now() + round;
        let connections: Vec<_> =
            requests.iter().map(|request| scope.spawn(move || ask_until(end, address, request))).collect();
        connections.into_iter().flat_map(|asking| asking.join().expect("a connection that works")).collect()
    })
}

fn ask_until(end: Instant, address: SocketAddr, request: &Request) -> Vec<Duration> {
    let stream = TcpStream::connect(address).expect("a connection");
    stream.set_nodelay(true).expect("a socket");
    let mut reader = BufReader::with_capacity(64 * 1024, stream);
    let mut body = Vec::new();
    let mut took = Vec::new();
    while Instant::now() < end {
        let started_at = Instant::now();
        reader.get_mut().write_all(&request.bytes).expect("a request that is sent");
        let status = read_answer(&mut reader, &mut body);
        took.push(started_at.elapsed());
        assert_eq!(status, request.status, "{}", String::from_utf8_lossy(&body));
    }
    took
}

/// Reads one answer that tells its length, and returns its status.
fn read_answer(reader: &mut impl BufRead, body: &mut Vec<u8>) -> u16 {
    let mut line = String::new();
    reader.read_line(&mut line).expect("a status line");
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).expect("a header");
        let Some((name, value)) = line.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().expect("a length");
        }
    }
    body.resize(length, 0);
    reader.read_exact(body).expect("a whole answer");
    status
}
