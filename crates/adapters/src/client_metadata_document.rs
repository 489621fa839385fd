//! Client ID Metadata Documents (CIMD): what programs say of themselves, fetched from addresses that anybody
//! may make up (<https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/>).
//!
//! Against server-side request forgery (SSRF): whatever the address, nothing inside is reached by it. Names
//! are looked up here and only public addresses are connected to, so what was checked is what is used; there
//! are no redirects and no proxy.

mod public_address;

use std::{error::Error, net::IpAddr, sync::Arc, time::Duration};

use async_trait::async_trait;
use domain::{
    error_chain::with_causes,
    ports::{ClientDocuments, DocumentError},
};
use reqwest::{
    Client,
    dns::{Addrs, Name, Resolve, Resolving},
    header::ACCEPT,
    redirect::Policy,
};
use tokio::sync::OnceCell;
use url::{Host, Url};

use crate::tls;

/// How long a document may take, all of it.
const FETCH_TIMEOUT: Duration = Duration::from_secs(5);
/// The most bytes of a document.
const MAX_BYTES: usize = 16 * 1024;

/// Fetches documents over the public network.
#[derive(Debug)]
pub struct HttpClientDocuments {
    network: AllowedNetwork,
    /// Made for the first document: most servers are never shown one, and roots of trust take memory.
    client: OnceCell<Client>,
}

/// Where documents may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllowedNetwork {
    /// On the public network, by HTTPS.
    Public,
    /// Also on this machine, by HTTP: for development and tests.
    PublicAndLoopback,
}

impl AllowedNetwork {
    fn admits(self, address: IpAddr) -> bool {
        public_address::is_public(address)
            || (self == Self::PublicAndLoopback && address.to_canonical().is_loopback())
    }

    /// Whether an address of a document may be asked, as far as it shows by itself.
    fn admits_url(self, url: &Url) -> bool {
        let literal = match url.host() {
            None => return false,
            Some(Host::Domain(_)) => None,
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        };
        let is_loopback = literal.map_or(url.domain() == Some("localhost"), |address| address.is_loopback());
        let may_be_plain = self == Self::PublicAndLoopback && is_loopback;
        let is_scheme_good = url.scheme() == "https" || (url.scheme() == "http" && may_be_plain);
        is_scheme_good && literal.is_none_or(|address| self.admits(address))
    }
}

impl HttpClientDocuments {
    /// Fetches documents from as far as this.
    pub fn new(network: AllowedNetwork) -> Self {
        Self { network, client: OnceCell::new() }
    }

    async fn client(&self) -> Result<&Client, DocumentError> {
        let made = self.client.get_or_try_init(|| async { client(self.network) }).await;
        made.map_err(|error| {
            tracing::error!(
                cause = with_causes(error.as_ref()),
                "client metadata documents cannot be fetched"
            );
            DocumentError::Unusable("the HTTP client cannot be made")
        })
    }
}

fn client(network: AllowedNetwork) -> Result<Client, Box<dyn Error + Send + Sync>> {
    let client = Client::builder()
        .user_agent(concat!("todo-ai-chatbot/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .referer(false)
        .timeout(FETCH_TIMEOUT)
        // A proxy would look names up by itself.
        .no_proxy()
        .dns_resolver(Arc::new(CheckedNames(network)))
        // Do not let one document's connection serve another host.
        .pool_max_idle_per_host(0)
        .tls_backend_preconfigured(tls::for_http(tls::roots())?)
        .build();
    Ok(client?)
}

#[async_trait]
impl ClientDocuments for HttpClientDocuments {
    async fn fetch(&self, address: &str) -> Result<Vec<u8>, DocumentError> {
        let url = Url::parse(address).map_err(|_error| DocumentError::Unusable("the address is none"))?;
        if !self.network.admits_url(&url) {
            return Err(DocumentError::NotPublic);
        }
        let request = self.client().await?.get(url).header(ACCEPT, "application/json");
        let mut response = request.send().await.map_err(|error| unreachable(&error))?;
        if response.status() != reqwest::StatusCode::OK {
            return Err(DocumentError::Unusable("the answer is not 200"));
        }
        let mut document = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| unreachable(&error))? {
            if document.len() + piece.len() > MAX_BYTES {
                return Err(DocumentError::Unusable("the answer is too long"));
            }
            document.extend_from_slice(&piece);
        }
        Ok(document)
    }
}

/// Looks names up, and leaves out what may not be connected to.
struct CheckedNames(AllowedNetwork);

/// A name has no address that may be connected to.
#[derive(Debug, thiserror::Error)]
#[error("the name has no public address")]
struct NoPublicAddress;

impl Resolve for CheckedNames {
    fn resolve(&self, name: Name) -> Resolving {
        let network = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let admitted: Vec<_> = found.filter(|address| network.admits(address.ip())).collect();
            if admitted.is_empty() {
                return Err(NoPublicAddress.into());
            }
            Ok(Box::new(admitted.into_iter()) as Addrs)
        })
    }
}

fn unreachable(error: &reqwest::Error) -> DocumentError {
    let mut below: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(cause) = below {
        if cause.is::<NoPublicAddress>() {
            return DocumentError::NotPublic;
        }
        below = cause.source();
    }
    DocumentError::Unusable(if error.is_timeout() { "it took too long" } else { "it cannot be reached" })
}

#[cfg(test)]
mod tests;
