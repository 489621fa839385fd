//! The kit of the black-box tests: the real binary, a real Postgres, and a model that checks what
//! it is sent.
//!
//! ```text
//! TestApp::with_model([call("add_task", json!({"title": "Buy milk"})), text("Done.")]).await
//! TestApp::start().await            a model without a script: app.model().on("words", [reply, …])
//! TestApp::everyday().await         the stand-in that understands everyday sentences
//! TestApp::with_environment(&[("JWT_EXPIRE_MINUTES", "1")]).await
//!     .user("alice").await -> User      registers alice@example.com
//!     .restart().await                  kill -9, then a new process on the same database
//!     .replica().await -> Server        one more process on the same database
//!     .get("/health")  .post("/api/auth/login", json!({…}))  .call("PUT", "/path")
//! User: .chat("…")  .chat_in(&conversation, "…")  .add_task("…")  .tasks()  .task(1)  …
//!     each a HttpRequest: .key("…")  .at(&replica)  .header("…", "…")  .bearer("…")  and then .await
//! HttpResponse: .status  .headers  .json  .text  .expect(200) -> Value  .header("retry-after")
//! Server: .wait_ready()  .kill_9()  .sigterm()  .sigstop()  .sigcont()  .exit_within(…)  .log()
//! LocalProvider: Google or GitHub for GOOGLE_URL, GITHUB_URL; .consent(auth_url, person) -> (code, state)
//! ClientDocumentServer: what programs say of themselves; .keep(path, redirect_uris) -> the program's id
//! SmtpSink: a mail server for SMTP_URL; .url()  .mail(address, subject).await -> ReceivedMail
//! TlsPostgres: a cluster that speaks TLS; .url("sslmode=require")  .authority() for SSL_CERT_FILE
//! TestDatabase: .url()  .query("SELECT …") -> rows of text  .wait_for("SELECT count(*) …", "1")
//! ```
//!
//! Every [`HttpRequest`] checks what holds for every answer (a request id, problem details, never a 500, and
//! a status and a code that the OpenAPI document has; no secret of the server's in any form); every
//! [`TestApp`] checks at its end that the model was never asked in a wrong way and that no log holds a
//! secret, an email, a title or a message that went over this kit.

#![expect(clippy::expect_used, reason = "a test kit fails by panicking, at the place that went wrong")]

mod app;
mod balancer;
mod binary;
pub mod chaos;
mod client_metadata_documents;
mod database;
mod environment;
mod http_client;
mod http_response;
mod identity_provider;
mod local_port;
mod log;
pub mod model_transcript;
mod openapi_conformance;
mod process;
mod running_server;
mod secret_leaks;
mod smtp_sink;
pub mod stream_chunks;
mod tls_postgres;

pub use app::{HttpRequest, JWT_SECRET, MODEL_KEY, ORIGIN, TestApp, User};
pub use balancer::Balancer;
pub use binary::path as binary_path;
pub use client_metadata_documents::ClientDocumentServer;
pub use database::TestDatabase;
pub use devkit::model::{ReasoningFieldRules, StandIn, script};
pub use environment::{Ended, Environment};
pub use http_response::HttpResponse;
pub use identity_provider::{Kind, LocalProvider, Person, ProviderBehaviour};
pub use local_port::find as free_address;
pub use log::Log;
pub use running_server::Server;
pub use smtp_sink::{ReceivedMail, SMTP_PASSWORD, SmtpSink};
pub use tls_postgres::TlsPostgres;
