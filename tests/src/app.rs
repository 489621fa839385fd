//! The whole application under test: database, model, server, and what must be true at the end.

mod http_request;
mod user;

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use devkit::model::{Options, StandIn, script::Reply};
use serde_json::Value;

pub use self::{http_request::HttpRequest, user::User};
use crate::{
    database::TestDatabase, environment::Environment, http_client, http_response::HttpResponse, log::Log,
    running_server::Server, secret_leaks,
};

/// The secret of tokens of every server under test.
pub const JWT_SECRET: &str = "canary-of-the-token-signature-7c1e94";
/// The model's key of every server under test.
pub const MODEL_KEY: &str = "sk-canary-of-the-model-key-b52f08";
/// The frontend of every server under test.
pub const ORIGIN: &str = "https://todo.example.com";

/// The shortest text that is looked for in logs: shorter ones may stand there for another reason.
const MIN_PRIVATE: usize = 8;
/// How much of a secret no log may begin with, and no answer: what people say is in answers, and of that some
/// begins like a secret of the tests.
const PREFIX_IN_LOGS: usize = 6;
const PREFIX_IN_ANSWERS: usize = 8;
/// A shorter password of a database that somebody has set up may well be a word.
const MIN_DATABASE_PASSWORD: usize = 16;
/// The members of requests that no log may hold.
const PRIVATE_MEMBERS: [&str; 8] =
    ["message", "title", "description", "email", "password", "new_password", "name", "token"];

/// A server in production mode on a database of its own, with a model that checks its requests.
#[derive(Debug)]
pub struct TestApp {
    server: Mutex<Arc<Server>>,
    environment: Environment,
    http: reqwest::Client,
    private: Mutex<BTreeSet<String>>,
    provokes_bugs: AtomicBool,
    logs: Mutex<Vec<Log>>,
    model: StandIn,
    // The last to go: a server that loses its database writes about it.
    database: TestDatabase,
}

impl TestApp {
    /// Starts one whose model says nothing but what [`model`](Self::model) is told to.
    pub async fn start() -> Self {
        Self::with_model([]).await
    }

    /// Starts one whose model gives these replies, one per request.
    pub async fn with_model(script: impl IntoIterator<Item = Reply>) -> Self {
        Self::made(StandIn::scripted(script).await.expect("a model"), &[]).await
    }

    /// Starts one whose model understands everyday sentences.
    pub async fn everyday() -> Self {
        Self::everyday_with(&[]).await
    }

    /// Starts one whose model understands everyday sentences, with these variables set.
    pub async fn everyday_with(variables: &[(&str, &str)]) -> Self {
        Self::made(StandIn::start(Options::for_tests()).await.expect("a model"), variables).await
    }

    /// Starts one with these variables set.
    pub async fn with_environment(variables: &[(&str, &str)]) -> Self {
        Self::made(StandIn::scripted([]).await.expect("a model"), variables).await
    }

    async fn made(model: StandIn, variables: &[(&str, &str)]) -> Self {
        let database = TestDatabase::create().await;
        let mut environment = Self::production(&database.url(), &model.base_url());
        for (name, value) in variables {
            environment = environment.with(*name, *value);
        }
        let server = environment.start().await;
        server.wait_ready().await;
        let app = Self {
            logs: Mutex::new(vec![server.log()]),
            server: Mutex::new(Arc::new(server)),
            environment,
            http: http_client::build(),
            private: Mutex::default(),
            provokes_bugs: AtomicBool::new(false),
            model,
            database,
        };
        app.private().extend(app.secrets());
        app
    }

    /// Returns the environment of a server as the guide has it deployed.
    pub fn production(database_url: &str, model_url: &str) -> Environment {
        Environment::empty()
            .with("APP_ENV", "production")
            .with("DATABASE_URL", database_url)
            .with("OPENAI_API_KEY", MODEL_KEY)
            .with("OPENAI_BASE_URL", model_url)
            .with("JWT_SECRET_KEY", JWT_SECRET)
            .with("FRONTEND_URL", ORIGIN)
            // Who tests limits sets them; all others are quicker than any person.
            .with("TURNS_AT_ONCE", "1000")
            .with("TURNS_PER_5_MINUTES", "100000")
            .with("CHANGES_PER_MINUTE", "1000000")
            .with("REGISTRATIONS_PER_MINUTE", "100000")
    }

    /// Registers somebody.
    pub async fn user(&self, name: &str) -> User<'_> {
        User::register(self, name).await
    }

    /// Returns a request without a token.
    pub fn call(&self, method: &str, path: impl Into<String>) -> HttpRequest<'_> {
        HttpRequest::new(self, method, path)
    }

    /// Returns a GET request without a token.
    pub fn get(&self, path: impl Into<String>) -> HttpRequest<'_> {
        self.call("GET", path)
    }

    /// Returns a POST request without a token.
    pub fn post(&self, path: impl Into<String>, body: &Value) -> HttpRequest<'_> {
        self.call("POST", path).json(body)
    }

    /// Returns the model.
    pub fn model(&self) -> &StandIn {
        &self.model
    }

    /// Returns the database.
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// Returns the server that calls go to.
    pub fn server(&self) -> Arc<Server> {
        Arc::clone(&self.server.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Says that this test breaks what no fault of the surroundings breaks, so that the log is to
    /// name a bug.
    pub fn expect_bug(&self) {
        self.provokes_bugs.store(true, Ordering::Relaxed);
    }

    /// Kills the server with SIGKILL and starts another in its place.
    pub async fn restart(&self) {
        self.server().kill_9();
        let server = self.replica().await;
        *self.server.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(server);
    }

    /// Starts one more server on the same database and returns it once it is ready.
    pub async fn replica(&self) -> Server {
        let server = self.environment.clone().without("PORT").start().await;
        self.logs.lock().unwrap_or_else(PoisonError::into_inner).push(server.log());
        server.wait_ready().await;
        server
    }

    /// Returns what all servers of this app wrote.
    pub fn log(&self) -> String {
        let logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        logs.iter().map(Log::text).collect()
    }

    /// Keeps the texts of a request: no log may hold them.
    pub(crate) fn note_private(&self, body: &Value) {
        let texts = PRIVATE_MEMBERS.iter().filter_map(|name| body[name].as_str());
        let texts = texts.filter(|text| text.len() >= MIN_PRIVATE && !text.trim().is_empty());
        self.private().extend(texts.map(str::to_owned));
    }

    /// Fails when an answer holds a secret of the server's, in any form.
    #[track_caller]
    pub(crate) fn check_answer(&self, answer: &HttpResponse) {
        let whole = format!("{:?}\n{}", answer.headers, answer.text);
        for secret in self.secrets() {
            let form = secret_leaks::found_form(&whole, &secret, PREFIX_IN_ANSWERS);
            assert_eq!(form, None, "{} is answered with a part or a form of {secret:?}", answer.request);
        }
    }

    /// What the server must keep to itself.
    fn secrets(&self) -> Vec<String> {
        let url = url::Url::parse(&self.database.url()).ok();
        let password = url.and_then(|url| Some(url.password()?.to_owned()));
        let password = password.filter(|password| password.len() >= MIN_DATABASE_PASSWORD);
        [JWT_SECRET, MODEL_KEY].into_iter().map(str::to_owned).chain(password).collect()
    }

    pub(crate) fn base(&self) -> String {
        self.server().base().to_owned()
    }

    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    fn private(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.private.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[expect(clippy::print_stderr, reason = "the test harness shows it with the test that failed")]
    fn show_log(&self) {
        eprintln!("{}", self.log());
    }

    fn check_log(&self) {
        let log = self.log();
        for private in self.private().iter() {
            assert!(!log.contains(private.as_str()), "a log holds {private:?}:\n{log}");
        }
        for secret in self.secrets() {
            let form = secret_leaks::found_form(&log, &secret, PREFIX_IN_LOGS);
            assert_eq!(form, None, "a log holds a part or a form of {secret:?}:\n{log}");
        }
        let bugs = ["internal error code=", "\"internal error\"", "panic location=", "\"panic\""];
        let is_about_a_bug = bugs.iter().any(|bug| log.contains(bug));
        assert_eq!(is_about_a_bug, self.provokes_bugs.load(Ordering::Relaxed), "bugs in the log:\n{log}");
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if thread::panicking() {
            self.show_log();
            return;
        }
        self.server().kill_9();
        self.model.assert_clean();
        self.check_log();
    }
}
