//! Documents that are fetched from a server on this machine, and requests that are refused.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

/// A server that answers everything so, and how often it was connected to.
async fn server(answer: String) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let counted = Arc::new(AtomicUsize::new(0));
    let counter = counted.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut head = [0; 4096];
                let _read = stream.read(&mut head).await;
                let _sent = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    (port, counted)
}

fn answer(status: &str, more: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{more}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}")
}

fn documents(network: AllowedNetwork) -> HttpClientDocuments {
    HttpClientDocuments::new(network)
}

#[tokio::test]
async fn nothing_inside_is_connected_to() {
    let (port, connections) = server(answer("200 OK", "", "{}")).await;
    let public = documents(AllowedNetwork::Public);
    for address in [
        format!("https://127.0.0.1:{port}/client"),
        format!("http://127.0.0.1:{port}/client"),
        format!("https://localhost:{port}/client"),
        format!("http://localhost:{port}/client"),
        format!("https://[::1]:{port}/client"),
        format!("https://[::ffff:127.0.0.1]:{port}/client"),
        // As browsers and this crate read them: 127.0.0.1.
        format!("https://2130706433:{port}/client"),
        format!("https://0x7f.1:{port}/client"),
        format!("https://0177.0.0.1:{port}/client"),
        format!("https://127.1:{port}/client"),
        format!("https://0.0.0.0:{port}/client"),
        "https://10.0.0.1/client".to_owned(),
        "https://169.254.169.254/latest/meta-data".to_owned(),
        "https://[fd00:ec2::254]/latest/meta-data".to_owned(),
        "http://1.1.1.1/client".to_owned(),
        "ftp://1.1.1.1/client".to_owned(),
        "file:///etc/passwd".to_owned(),
    ] {
        let refused = public.fetch(&address).await;
        assert!(matches!(refused, Err(DocumentError::NotPublic)), "{address}: {refused:?}");
    }
    let local = documents(AllowedNetwork::PublicAndLoopback);
    for address in ["https://10.0.0.1/c", "http://10.0.0.1/c", "http://192.168.0.1/c", "http://1.1.1.1/c"] {
        assert!(matches!(local.fetch(address).await, Err(DocumentError::NotPublic)), "{address}");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 0);
    let document = local.fetch(&format!("http://127.0.0.1:{port}/client")).await.unwrap();
    assert_eq!((document.as_slice(), connections.load(Ordering::SeqCst)), (b"{}".as_slice(), 1));
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_an_answer_is_bounded() {
    let (inside, connections) = server(answer("200 OK", "", "{}")).await;
    let to = format!("Location: http://127.0.0.1:{inside}/\r\n");
    let endless = answer("200 OK", "", &"x".repeat(MAX_BYTES + 1));
    let local = documents(AllowedNetwork::PublicAndLoopback);
    for answer in [answer("302 Found", &to, ""), answer("404 Not Found", "", "{}"), endless] {
        let (port, _) = server(answer).await;
        let refused = local.fetch(&format!("http://127.0.0.1:{port}/client")).await;
        assert!(matches!(refused, Err(DocumentError::Unusable(_))), "{refused:?}");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 0);
    let (port, _) = server(answer("200 OK", "", &"x".repeat(MAX_BYTES))).await;
    assert_eq!(local.fetch(&format!("http://127.0.0.1:{port}/")).await.unwrap().len(), MAX_BYTES);
}
