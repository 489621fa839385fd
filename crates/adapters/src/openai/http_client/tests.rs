use std::{sync::Mutex, time::Duration};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Barrier,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::*;

/// A certificate for `localhost` that signs itself, good for a hundred years: `openssl req -x509 -newkey ec
/// -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj /CN=localhost -addext
/// subjectAltName=DNS:localhost -addext basicConstraints=critical,CA:FALSE`.
const CERTIFICATE: &[u8] = include_bytes!("localhost.crt.der");
const KEY: &[u8] = include_bytes!("localhost.key.der");

/// What is asked at once: more than the streams that servers let one HTTP/2 connection have.
const AT_ONCE: usize = 120;

/// A server that speaks HTTP/1.1 and would, by what it offers, rather speak HTTP/2.
struct TlsServer {
    acceptor: TlsAcceptor,
    /// Passed when all requests of a round are there.
    all_asked: Barrier,
    /// The protocol that each connection has agreed on.
    protocols: Mutex<Vec<Option<String>>>,
}

impl TlsServer {
    /// Starts it. Returns it with its address and the root that its certificate is verified by.
    async fn start() -> (Arc<Self>, Url, RootCertStore) {
        let certificate = CertificateDer::from(CERTIFICATE);
        let mut roots = RootCertStore::empty();
        roots.add(certificate.clone()).unwrap();
        let key = PrivateKeyDer::try_from(KEY).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let server =
            Arc::new(Self { acceptor, all_asked: Barrier::new(AT_ONCE), protocols: Mutex::default() });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
        let accepting = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(accepting.clone().serve(stream));
            }
        });
        (server, url.parse().unwrap(), roots)
    }

    /// Answers request after request, each when the others of its round are there.
    async fn serve(self: Arc<Self>, stream: TcpStream) {
        let mut stream: TlsStream<TcpStream> = self.acceptor.accept(stream).await.unwrap();
        let agreed =
            stream.get_ref().1.alpn_protocol().map(|name| String::from_utf8_lossy(name).into_owned());
        self.protocols.lock().unwrap().push(agreed);
        let mut request = Vec::new();
        let mut piece = [0; 1024];
        while let Ok(length @ 1..) = stream.read(&mut piece).await {
            request.extend_from_slice(&piece[..length]);
            if request.ends_with(b"\r\n\r\n") {
                request.clear();
                self.all_asked.wait().await;
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn requests_at_once_have_a_connection_each_and_a_bounded_number_of_them_is_kept() {
    let (server, url, roots) = TlsServer::start().await;
    let timeouts = Timeouts { connect: Duration::from_secs(20), ..Timeouts::default() };
    let client = client_with_roots(&url, &SecretString::from("k"), &timeouts, Arc::new(roots)).unwrap();
    let round = || async {
        let asked = (0..AT_ONCE).map(|_| async {
            let response = client.get(url.clone()).send().await.unwrap();
            assert_eq!(response.bytes().await.unwrap(), "ok");
        });
        tokio::time::timeout(Duration::from_secs(60), futures::future::join_all(asked)).await.unwrap();
    };
    let connections = || server.protocols.lock().unwrap().len();
    round().await;
    assert_eq!(connections(), AT_ONCE);
    round().await;
    let opened_again = connections() - AT_ONCE;
    assert!((AT_ONCE - MAX_IDLE_CONNECTIONS..AT_ONCE).contains(&opened_again), "{opened_again}");
    let protocols = server.protocols.lock().unwrap().clone();
    assert!(protocols.iter().all(|agreed| agreed.as_deref() == Some("http/1.1")), "{protocols:?}");
}
