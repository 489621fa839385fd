use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::{Behaviour, ChaosProxy};

const SOON: Duration = Duration::from_millis(200);

async fn echo() -> ChaosProxy {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = stream.split();
                let _ = tokio::io::copy(&mut from, &mut to).await;
            });
        }
    });
    ChaosProxy::start(upstream).await.unwrap()
}

async fn said(stream: &mut TcpStream, words: &str) -> std::io::Result<String> {
    stream.write_all(words.as_bytes()).await?;
    let mut heard = vec![0; words.len()];
    stream.read_exact(&mut heard).await?;
    Ok(String::from_utf8(heard).unwrap())
}

async fn connect(proxy: &ChaosProxy) -> TcpStream {
    TcpStream::connect(proxy.address()).await.unwrap()
}

#[tokio::test]
async fn bytes_pass_and_a_close_is_passed_on() {
    let proxy = echo().await;
    let mut stream = connect(&proxy).await;
    assert_eq!(said(&mut stream, "hello").await.unwrap(), "hello");
    stream.shutdown().await.unwrap();
    assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_refusal_is_a_real_one_and_ends() {
    let proxy = echo().await;
    let mut old = connect(&proxy).await;
    assert_eq!(said(&mut old, "a").await.unwrap(), "a");
    proxy.set(Behaviour::Refuse);
    while TcpStream::connect(proxy.address()).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert_eq!(said(&mut old, "b").await.unwrap(), "b");
    proxy.set(Behaviour::Pass);
    let started_at = Instant::now();
    while TcpStream::connect(proxy.address()).await.is_err() {
        assert!(started_at.elapsed() < Duration::from_secs(1));
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_stall_moves_no_byte_until_it_ends() {
    let proxy = echo().await;
    let mut old = connect(&proxy).await;
    said(&mut old, "a").await.unwrap();
    proxy.set(Behaviour::Stall);
    let mut new = connect(&proxy).await;
    assert!(timeout(SOON, said(&mut old, "b")).await.is_err());
    assert!(timeout(SOON, said(&mut new, "c")).await.is_err());
    proxy.set(Behaviour::Pass);
    let mut late = [0; 1];
    old.read_exact(&mut late).await.unwrap();
    assert_eq!(&late, b"b");
    new.read_exact(&mut late).await.unwrap();
    assert_eq!(&late, b"c");
}

#[tokio::test]
async fn a_cut_resets_what_exists_and_nothing_else() {
    let proxy = echo().await;
    let mut old = connect(&proxy).await;
    said(&mut old, "a").await.unwrap();
    proxy.cut();
    assert!(old.read(&mut [0; 1]).await.is_err());
    assert_eq!(said(&mut connect(&proxy).await, "b").await.unwrap(), "b");
}

#[tokio::test]
async fn a_forgotten_connection_is_silent_for_ever_and_nothing_else_is() {
    let proxy = echo().await;
    let mut old = connect(&proxy).await;
    said(&mut old, "a").await.unwrap();
    proxy.forget();
    assert!(timeout(SOON, said(&mut old, "b")).await.is_err());
    assert_eq!(said(&mut connect(&proxy).await, "c").await.unwrap(), "c");
    assert!(timeout(SOON, old.read(&mut [0; 1])).await.is_err());
}

#[tokio::test]
async fn an_answer_is_cut_at_the_byte() {
    let proxy = echo().await;
    proxy.set(Behaviour::CutAfter(3));
    let mut stream = connect(&proxy).await;
    stream.write_all(b"hello").await.unwrap();
    let mut heard = Vec::new();
    assert!(stream.read_to_end(&mut heard).await.is_err() || heard.len() < 5);
    assert!(b"hel".starts_with(&heard), "{heard:?}");
}

#[tokio::test]
async fn only_the_answer_to_the_trapped_words_is_lost() {
    let proxy = echo().await;
    proxy.set(Behaviour::CutAnswerTo("COMMIT", 2));
    let mut stream = connect(&proxy).await;
    for words in ["BEGIN", "COMMIT", "BEGIN"] {
        assert_eq!(said(&mut stream, words).await.unwrap(), words);
    }
    assert!(said(&mut stream, "COMMIT").await.is_err());
    assert_eq!(proxy.behaviour(), Behaviour::Pass);
    assert_eq!(said(&mut connect(&proxy).await, "COMMIT").await.unwrap(), "COMMIT");
}

#[tokio::test]
async fn a_connection_is_cut_before_the_trapped_words_arrive() {
    let proxy = echo().await;
    proxy.set(Behaviour::CutBefore("COMMIT", 2));
    let mut stream = connect(&proxy).await;
    for words in ["BEGIN", "COMMIT", "BEGIN"] {
        assert_eq!(said(&mut stream, words).await.unwrap(), words);
    }
    assert!(said(&mut stream, "COMMIT").await.is_err());
    assert_eq!(said(&mut connect(&proxy).await, "COMMIT").await.unwrap(), "COMMIT");
}

#[tokio::test]
async fn a_delay_delays() {
    let proxy = echo().await;
    proxy.set(Behaviour::Delay(SOON));
    let started_at = Instant::now();
    said(&mut connect(&proxy).await, "a").await.unwrap();
    assert!(started_at.elapsed() >= SOON);
}
