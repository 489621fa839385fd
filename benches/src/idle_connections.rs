//! The memory that idle connections cost.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
};

use crate::{open_file_limit::raise_open_file_limit, report::line, server::Server};

const CONNECTIONS: usize = 10_000;
/// Nothing listens there: nobody talks here.
const NO_MODEL: &str = "http://127.0.0.1:1/v1";

pub(crate) fn measure(binary: &Path, database: &str) {
    raise_open_file_limit();
    let server = Server::ready(binary, database, NO_MODEL);
    let before = server.memory();
    let mut open = Vec::with_capacity(CONNECTIONS);
    let mut answer = [0; 4096];
    for _ in 0..CONNECTIONS {
        let mut stream = TcpStream::connect(server.address()).expect("a connection");
        stream.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("a request");
        assert!(stream.read(&mut answer).expect("an answer") > 0, "an empty answer");
        open.push(stream);
    }
    let during = server.memory();
    line("memory with 10,000 idle connections", format!("{during:.1} MiB"));
    line("one of them", format!("{:.1} KiB", (during - before) * 1024.0 / CONNECTIONS as f64));
    drop(open);
    std::thread::sleep(std::time::Duration::from_secs(2));
    line("memory after they went", format!("{:.1} MiB", server.memory()));
}
