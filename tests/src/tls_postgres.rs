//! A Postgres that speaks TLS, with a certificate that an authority made for it alone has signed.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use url::Url;

use crate::chaos::PrivatePostgres;

/// How long the cluster may take to read its settings again.
const RELOAD_TIMEOUT: Duration = Duration::from_secs(20);

/// A private cluster with TLS; it goes with this value, and its authority's certificate too.
#[derive(Debug)]
pub struct TlsPostgres {
    postgres: PrivatePostgres,
    authority: PathBuf,
}

impl TlsPostgres {
    /// Starts one whose certificate is for `host`. It is asked for under `localhost`.
    ///
    /// # Panics
    /// When it does not start, or does not speak TLS then.
    pub async fn start(host: &str) -> Self {
        let postgres = PrivatePostgres::start().await;
        let data = postgres.query("SHOW data_directory").await.expect("a cluster that answers").concat();
        let data = Path::new(&data[0]);
        let authority = data.join("authority.crt");
        let issued = Issued::for_host(host);
        // The names of the files are Postgres' defaults.
        write(data, "authority.crt", &issued.authority);
        write(data, "server.crt", &issued.certificate);
        write(data, "server.key", &issued.key);
        let tls = Self { postgres, authority };
        tls.set_tls("on").await;
        tls
    }

    /// Has new connections offered TLS (`on`), or not (`off`).
    ///
    /// # Panics
    /// When the cluster does not take the setting, or its certificate.
    pub async fn set_tls(&self, ssl: &str) {
        let session = self.postgres.session().await.expect("a session");
        // A change of the system is no transaction.
        for statement in [&format!("ALTER SYSTEM SET ssl = {ssl}"), "SELECT pg_reload_conf()"] {
            session.simple_query(statement).await.expect("a cluster that takes its settings");
        }
        let asked_at = Instant::now();
        while self.postgres.query("SHOW ssl").await.expect("a cluster that answers") != [[ssl]] {
            assert!(asked_at.elapsed() < RELOAD_TIMEOUT, "ssl is not {ssl}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Returns the connection string, with these parameters and no others.
    pub fn url(&self, parameters: &str) -> String {
        let mut url = Url::parse(&self.postgres.url()).expect("a URL of the test kit");
        url.set_host(Some("localhost")).expect("a URL with a host");
        url.set_query(Some(parameters));
        url.into()
    }

    /// Returns the file with the certificate of its authority, for `SSL_CERT_FILE`.
    pub fn authority(&self) -> &str {
        self.authority.to_str().expect("a path of the test kit")
    }

    /// Returns the cluster, for whom it needs no TLS.
    pub fn postgres(&self) -> &PrivatePostgres {
        &self.postgres
    }
}

/// Certificates and a key, as PEM.
struct Issued {
    authority: String,
    certificate: String,
    key: String,
}

impl Issued {
    fn for_host(host: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_key = KeyPair::generate().expect("a key");
        let authority = params.self_signed(&authority_key).expect("a certificate").pem();
        let issuer = Issuer::new(params, authority_key);
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new([host.to_owned()]).expect("a name of a host");
        let certificate = params.signed_by(&key, &issuer).expect("a certificate").pem();
        Self { authority, certificate, key: key.serialize_pem() }
    }
}

/// Writes a file of the cluster's as Postgres wants its key: of the account that the cluster runs under, and
/// for nobody else.
fn write(data: &Path, name: &str, text: &str) {
    let path = data.join(name);
    fs::write(&path, "").expect("a file of the cluster's");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a file of our own");
    fs::write(&path, text).expect("a file of the cluster's");
    let owner = fs::metadata(data).expect("the cluster's folder");
    chown(&path, Some(owner.uid()), Some(owner.gid())).expect("a file of our own");
}
