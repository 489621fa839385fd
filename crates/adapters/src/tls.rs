//! TLS to external servers: rustls on aws-lc, with the root certificates of the web and of this machine.

use std::sync::{Arc, LazyLock};

use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};

/// Read once: this takes longer than everything else that happens before the port is bound.
static ROOTS: LazyLock<Arc<RootCertStore>> = LazyLock::new(|| {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    Arc::new(roots)
});

/// The roots of the web, which need nothing installed, and those of this machine.
pub(crate) fn roots() -> Arc<RootCertStore> {
    Arc::clone(&ROOTS)
}

/// TLS for HTTP/1.1, in which every request has a connection of its own while it lasts. In HTTP/2 all
/// requests to a host would share one: those above its stream limit would queue unseen, and losing it would
/// lose all of them.
pub(crate) fn for_http(roots: Arc<RootCertStore>) -> Result<ClientConfig, rustls::Error> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}
