//! Just enough HTTP/1.1, by hand, because a proper server would not let us
//! break a connection at an exact byte.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::sleep,
};

use super::script::Ending;

const HEAD_LIMIT: u64 = 64 * 1024;
const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// One request as it came over the wire.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// One answer and what goes wrong with it.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// Written one by one with `pause` between.
    pub(crate) pieces: Vec<Vec<u8>>,
    pub(crate) pause: Duration,
    pub(crate) delay: Duration,
    pub(crate) is_held: bool,
    pub(crate) ending: Ending,
}

/// Whether the connection serves another request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Request,
    Close,
}

/// A connection that requests are read from and answers written to.
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub(crate) fn new(stream: TcpStream) -> Self {
        // Small pieces have to arrive one by one.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
        Self { stream: BufReader::new(stream) }
    }

    /// Reads the next request; nothing when the client closed.
    pub(crate) async fn read(&mut self) -> io::Result<Option<Incoming>> {
        let mut head = (&mut self.stream).take(HEAD_LIMIT);
        let mut first = String::new();
        if head.read_line(&mut first).await? == 0 {
            return Ok(None);
        }
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            if head.read_line(&mut line).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut words = first.split_whitespace().map(str::to_owned);
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let body = self.read_body(&headers).await?;
        Ok(Some(Incoming { method, path, headers, body }))
    }

    async fn read_body(&mut self, headers: &[(String, String)]) -> io::Result<Vec<u8>> {
        let header =
            |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        if header("expect").is_some() {
            self.stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await?;
        }
        if header("transfer-encoding").is_some() {
            return self.read_chunks().await;
        }
        let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        self.read_exactly(length).await
    }

    async fn read_chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).await?;
            let size = usize::from_str_radix(line.trim(), 16).map_err(io::Error::other)?;
            body.extend(self.read_exactly(size).await?);
            self.stream.read_line(&mut line).await?;
            if size == 0 || body.len() > BODY_LIMIT {
                return Ok(body);
            }
        }
    }

    async fn read_exactly(&mut self, length: usize) -> io::Result<Vec<u8>> {
        if length > BODY_LIMIT {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).await?;
        Ok(body)
    }

    /// Writes the answer, or as much of it as its ending allows.
    pub(crate) async fn write(&mut self, answer: Outgoing) -> io::Result<Next> {
        sleep(answer.delay).await;
        if answer.ending == Ending::HangAtOnce {
            return self.wait_for_close().await;
        }
        // A length of the script's own, maybe a wrong one, replaces the chunks.
        let chunked = !has(&answer.headers, "content-length");
        self.stream.write_all(head(&answer, chunked).as_bytes()).await?;
        let mut left = match answer.ending {
            Ending::Cut(bytes) | Ending::Reset(bytes) | Ending::End(bytes) | Ending::Hang(bytes) => bytes,
            Ending::Complete | Ending::HangAtOnce => usize::MAX,
        };
        for (position, piece) in answer.pieces.iter().enumerate() {
            if left == 0 {
                break;
            }
            if position > 0 && !answer.pause.is_zero() {
                sleep(answer.pause).await;
            }
            let piece = &piece[..piece.len().min(left)];
            left -= piece.len();
            self.write_piece(piece, chunked).await?;
        }
        self.end(answer.ending, chunked).await
    }

    async fn write_piece(&mut self, piece: &[u8], chunked: bool) -> io::Result<()> {
        if piece.is_empty() {
            return Ok(());
        }
        if !chunked {
            return self.stream.write_all(piece).await;
        }
        let mut bytes = format!("{:x}\r\n", piece.len()).into_bytes();
        bytes.extend_from_slice(piece);
        bytes.extend_from_slice(b"\r\n");
        self.stream.write_all(&bytes).await
    }

    async fn end(&mut self, ending: Ending, chunked: bool) -> io::Result<Next> {
        match ending {
            Ending::Complete | Ending::End(_) => {
                if chunked {
                    self.stream.write_all(b"0\r\n\r\n").await?;
                }
                Ok(if chunked { Next::Request } else { Next::Close })
            }
            Ending::Cut(_) => Ok(Next::Close),
            Ending::Reset(_) => {
                self.stream.get_ref().set_zero_linger()?;
                Ok(Next::Close)
            }
            Ending::Hang(_) | Ending::HangAtOnce => self.wait_for_close().await,
        }
    }

    /// Returns when the client has given up.
    async fn wait_for_close(&mut self) -> io::Result<Next> {
        let mut ignored = [0; 256];
        while self.stream.read(&mut ignored).await? > 0 {}
        Ok(Next::Close)
    }
}

fn head(answer: &Outgoing, chunked: bool) -> String {
    let mut head = format!("HTTP/1.1 {} {}\r\n", answer.status, reason(answer.status));
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if chunked {
        head.push_str("transfer-encoding: chunked\r\n");
    }
    head + "\r\n"
}

pub(crate) fn has(headers: &[(String, String)], name: &str) -> bool {
    headers.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        302 => "Found",
        400 => "Bad Request",
        401 => "Unauthorized",
        404 => "Not Found",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Whatever",
    }
}
