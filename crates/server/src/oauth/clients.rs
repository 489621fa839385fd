//! Finds OAuth clients: by the id that they were given when they registered, or by the address of a document
//! about them, which is fetched and cached for a while.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use domain::{
    oauth::{Client, MAX_ADDRESS},
    ports::{ClientDocuments, Clock, OAuthStore, StoreError},
};
use url::Url;
use uuid::Uuid;

use super::client_metadata::ClientMetadata;
use crate::attempt_throttle::TooManyAttempts;

/// How long a metadata document is cached.
const KEPT_FOR: Duration = Duration::from_secs(15 * 60);
/// The most documents in the cache. Each entry is a few kilobytes at most.
const MAX_KEPT: usize = 500;

/// Why a program is not known.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// There is no such program, or no longer.
    #[error("no such program")]
    Unknown,
    /// Its metadata document cannot be loaded, or cannot be used.
    #[error("no document about the program")]
    NoDocument,
    /// The network that asks has had too many documents fetched.
    #[error(transparent)]
    TooManyFetches(#[from] TooManyAttempts),
    /// The store cannot be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The programs that may be connected.
pub struct Clients {
    documents: Arc<dyn ClientDocuments>,
    clock: Arc<dyn Clock>,
    kept: Mutex<HashMap<String, (Client, Instant)>>,
}

impl Clients {
    /// Knows no document yet.
    pub fn new(documents: Arc<dyn ClientDocuments>, clock: Arc<dyn Clock>) -> Self {
        Self { documents, clock, kept: Mutex::default() }
    }

    /// Returns the program with this id. `may_fetch` is asked before a document is.
    ///
    /// # Errors
    /// When it is not known, or its document is of no use; those of `may_fetch` and of the store.
    pub async fn find(
        &self,
        id: &str,
        store: &dyn OAuthStore,
        may_fetch: impl FnOnce() -> Result<(), TooManyAttempts>,
    ) -> Result<Client, ClientError> {
        if let Ok(registered) = Uuid::try_parse(id) {
            let client = store.client(registered).await?;
            return client.filter(|client| client.id == id).ok_or(ClientError::Unknown);
        }
        if !is_address(id) {
            return Err(ClientError::Unknown);
        }
        if let Some(client) = self.kept(id) {
            return Ok(client);
        }
        may_fetch()?;
        let fetched = self.documents.fetch(id).await.map_err(|error| {
            tracing::info!(cause = %error, "client metadata document not fetched");
            ClientError::NoDocument
        })?;
        let client = ClientMetadata::of_document(&fetched, id).map_err(|error| {
            tracing::info!(cause = error.description, "client metadata document invalid");
            ClientError::NoDocument
        })?;
        self.keep(client.clone());
        Ok(client)
    }

    fn kept(&self, id: &str) -> Option<Client> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (client, since) = kept.get(id)?;
        self.is_fresh(*since).then(|| client.clone())
    }

    fn keep(&self, client: Client) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT {
            kept.retain(|_, (_, since)| self.is_fresh(*since));
        }
        if kept.len() < MAX_KEPT || kept.contains_key(&client.id) {
            kept.insert(client.id.clone(), (client, self.clock.instant()));
        }
    }

    fn is_fresh(&self, since: Instant) -> bool {
        self.clock.instant().saturating_duration_since(since) < KEPT_FOR
    }
}

/// Whether an id is an address of a document: with a path, without a fragment or a name and password, and
/// written in the one way in which it can be compared, so without dots for folders. Where it may lead is
/// decided where it is fetched.
fn is_address(id: &str) -> bool {
    let is_good = |url: Url| {
        matches!(url.scheme(), "https" | "http")
            && url.as_str() == id
            && url.path() != "/"
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
    };
    id.len() <= MAX_ADDRESS && Url::parse(id).is_ok_and(is_good)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use async_trait::async_trait;
    use domain::{
        ports::DocumentError,
        testing::{ManualClock, MemoryStore},
    };

    use super::*;

    /// The one document there is, and how often it was asked for.
    #[derive(Default)]
    struct OneDocument(AtomicUsize);

    const ADDRESS: &str = "https://app.example/client.json";

    #[async_trait]
    impl ClientDocuments for OneDocument {
        async fn fetch(&self, address: &str) -> Result<Vec<u8>, DocumentError> {
            self.0.fetch_add(1, Ordering::SeqCst);
            if address != ADDRESS {
                return Err(DocumentError::Unusable("it cannot be reached"));
            }
            let document =
                r#"{"client_id": "https://app.example/client.json", "redirect_uris": ["app:/cb"]}"#;
            Ok(document.as_bytes().to_vec())
        }
    }

    #[actix_web::test]
    async fn a_document_is_asked_for_once_a_quarter_of_an_hour() {
        let (clock, documents) = (Arc::new(ManualClock::default()), Arc::new(OneDocument::default()));
        let clients = Clients::new(documents.clone(), clock.clone());
        let store = MemoryStore::default();
        let find = async |id: &str| clients.find(id, &store, || Ok(())).await;
        assert_eq!(find(ADDRESS).await.unwrap().name.as_str(), "app.example");
        clock.advance(KEPT_FOR - Duration::from_secs(1));
        find(ADDRESS).await.unwrap();
        assert_eq!(documents.0.load(Ordering::SeqCst), 1);
        clock.advance(Duration::from_secs(1));
        find(ADDRESS).await.unwrap();
        assert_eq!(documents.0.load(Ordering::SeqCst), 2);
        for _ in 0..2 {
            assert!(find("https://app.example/other").await.is_err(), "what is not there is not kept");
        }
        assert_eq!(documents.0.load(Ordering::SeqCst), 4);
        let too_many = || Err(TooManyAttempts { retry_after: Duration::from_secs(9) });
        let refused = clients.find("https://app.example/third", &store, too_many).await;
        assert!(matches!(refused, Err(ClientError::TooManyFetches(_))));
        assert_eq!(documents.0.load(Ordering::SeqCst), 4);
    }

    /// What a document at this address says.
    fn program(id: &str) -> Client {
        let document = format!(r#"{{"client_id": "{id}", "redirect_uris": ["app:/cb"]}}"#);
        ClientMetadata::of_document(document.as_bytes(), id).unwrap()
    }

    #[test]
    fn no_more_documents_are_kept_than_there_is_room_for() {
        let clock = Arc::new(ManualClock::default());
        let clients = Clients::new(Arc::new(OneDocument::default()), clock.clone());
        clients.keep(program(ADDRESS));
        for number in 0..=MAX_KEPT {
            clients.keep(program(&format!("https://app.example/{number}.json")));
        }
        let count = || clients.kept.lock().unwrap().len();
        assert_eq!(count(), MAX_KEPT);
        assert!(clients.kept(ADDRESS).is_some(), "what is kept is not driven out");
        clock.advance(KEPT_FOR);
        clients.keep(program("https://app.example/late.json"));
        assert_eq!(count(), 1, "what is old makes room");
    }

    #[test]
    fn an_id_is_an_address_written_in_one_way() {
        for good in [ADDRESS, "https://app.example/c?v=1", "http://127.0.0.1:9/c"] {
            assert!(is_address(good), "{good}");
        }
        let long = format!("https://app.example/{}", "x".repeat(MAX_ADDRESS));
        for bad in [
            "https://app.example",
            "https://app.example/",
            "https://app.example/c#x",
            "https://me@app.example/c",
            "https://app.example/a/../c",
            "https://app.example/./c",
            "https://APP.example/c",
            "https://app.example:443/c",
            "https://app.example/c d",
            "ftp://app.example/c",
            "file:///etc/passwd",
            "app.example/c",
            &long,
        ] {
            assert!(!is_address(bad), "{bad}");
        }
    }
}
