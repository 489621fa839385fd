//! Opens connections, with TLS as Neon wants it, and makes pools of them.

use std::{
    error::Error as _,
    sync::{Arc, LazyLock},
    time::Duration,
};

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::{
    AsyncPgConnection,
    pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, deadpool},
};
use futures::FutureExt;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::url::{DatabaseConfig, DatabaseUrlError};

pub(super) type Pool = deadpool::Pool<AsyncPgConnection>;
pub(super) type Pooled = deadpool::Object<AsyncPgConnection>;

/// How long a request waits for a connection of a pool that is all in use.
const POOL_TIMEOUT: Duration = Duration::from_secs(3);
/// How long connecting may take: a sleeping Neon compute takes a second or two to wake up.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(6);

/// Makes a pool of at most `size` connections.
pub(super) fn pool(config: &DatabaseConfig, size: usize) -> Result<Pool, DatabaseUrlError> {
    let postgres = config.postgres().clone();
    let mut manager = ManagerConfig::<AsyncPgConnection>::default();
    // The default asks the server before every use, which is a round trip; this asks the socket.
    manager.recycling_method = RecyclingMethod::Fast;
    manager.custom_setup = Box::new(move |_url: &str| establish(postgres.clone()).boxed());
    deadpool::Pool::builder(AsyncDieselConnectionManager::new_with_config("", manager))
        .max_size(size)
        .runtime(::deadpool::Runtime::Tokio1)
        .wait_timeout(Some(POOL_TIMEOUT))
        .create_timeout(Some(CONNECT_TIMEOUT))
        .recycle_timeout(Some(POOL_TIMEOUT))
        .build()
        .map_err(|error| DatabaseUrlError(error.to_string()))
}

async fn establish(config: tokio_postgres::Config) -> ConnectionResult<AsyncPgConnection> {
    let (client, connection) = config.connect(tls()).await.map_err(|error| {
        let cause = error.source().map(ToString::to_string).unwrap_or_default();
        ConnectionError::BadConnection(format!("{error}: {cause}"))
    })?;
    AsyncPgConnection::try_from_client_and_connection(client, connection).await
}

/// Made by the first connection and not at the start: reading the machine's roots takes longer
/// than everything else that happens before the port is bound.
static TLS: LazyLock<MakeRustlsConnect> = LazyLock::new(verifying_tls);

/// What makes TLS of a socket to the database.
pub(super) fn tls() -> MakeRustlsConnect {
    TLS.clone()
}

/// TLS that verifies, with the roots of the web and those of this machine.
fn verifying_tls() -> MakeRustlsConnect {
    let roots = crate::tls::roots();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map(|builder| builder.with_root_certificates(roots.clone()).with_no_client_auth())
        // Only a provider without any usable protocol version gets here, and this one has two.
        .unwrap_or_else(|_error| {
            rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
        });
    MakeRustlsConnect::new(builder)
}
