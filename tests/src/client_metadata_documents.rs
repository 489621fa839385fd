//! A server of Client ID Metadata Documents (CIMD), on the loopback. It counts what it is asked for, which
//! shows what the checks against SSRF let through.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A server of documents; dropping it ends it.
#[derive(Debug)]
pub struct ClientDocumentServer {
    url: String,
    kept: Arc<Mutex<Kept>>,
    serving: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Kept {
    /// By their paths: the status, more of the head, and the body.
    answers: HashMap<String, (u16, String, String)>,
    asked: usize,
}

impl ClientDocumentServer {
    /// Starts one on a free port of the loopback.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("a port has a number"));
        let kept = Arc::<Mutex<Kept>>::default();
        let shared = Arc::clone(&kept);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let kept = Arc::clone(&shared);
                // Who goes away is not answered.
                tokio::spawn(async move { serve(stream, &kept).await.unwrap_or_default() });
            }
        });
        Self { url, kept, serving }
    }

    /// Keeps a good document at this path and returns its address, which is the program's id.
    pub fn keep(&self, path: &str, redirect_uris: &[&str]) -> String {
        let id = self.address(path);
        let document = json!({
            "client_id": id, "client_name": "A program with a document", "client_uri": "https://app.example",
            "redirect_uris": redirect_uris, "token_endpoint_auth_method": "none"
        });
        self.answer(path, 200, "", &document);
        id
    }

    /// Has this answered at this path.
    pub fn answer(&self, path: &str, status: u16, head: &str, body: &Value) {
        let answer = (status, head.to_owned(), body.to_string());
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).answers.insert(path.to_owned(), answer);
    }

    /// The address of this path.
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// How often anything was asked for.
    pub fn asked(&self) -> usize {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).asked
    }
}

impl Drop for ClientDocumentServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Answers one request and closes.
async fn serve(stream: TcpStream, kept: &Mutex<Kept>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let (mut request, mut line) = (String::new(), String::new());
    stream.read_line(&mut request).await?;
    while stream.read_line(&mut line).await? > 2 {
        line.clear();
    }
    let path = request.split(' ').nth(1).unwrap_or_default();
    let (status, head, body) = {
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.asked += 1;
        kept.answers.get(path).cloned().unwrap_or((404, String::new(), "{}".to_owned()))
    };
    let length = body.len();
    let answer =
        format!("HTTP/1.1 {status} Said\r\nContent-Length: {length}\r\n{head}Connection: close\r\n\r\n");
    stream.write_all(format!("{answer}{body}").as_bytes()).await
}
