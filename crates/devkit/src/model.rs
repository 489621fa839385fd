//! The stand-in model: an OpenAI-compatible server on a loopback port that
//! understands everyday sentences, follows scripts, and checks every request.

mod faults;
mod http;
mod reply_selection;
mod request;
pub mod script;
mod script_directive;
mod validate;
mod wire;

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{net::TcpListener, sync::oneshot};

pub use faults::Faults;
use http::{Connection, Next};
use reply_selection::{Rule, Shared};
pub use request::Request;
use script::Reply;
pub use validate::ReasoningFieldRules;

/// Where and how the stand-in serves.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The loopback port; 0 takes any free one.
    pub port: u16,
    /// How long every answer takes before its first byte.
    pub latency: Duration,
    /// How long to pause between two events of a stream.
    pub pace: Duration,
    /// Random faults.
    pub faults: Option<Faults>,
    /// How many of the newest requests [`StandIn::received`] remembers.
    pub keep: usize,
    /// Whether it writes the texts that the server asks for in the background, such as titles. A test
    /// that is not about them would see a title change at any time.
    pub writes_texts: bool,
}

impl Options {
    /// Returns the options for a person: words appear at a pleasant speed.
    pub fn for_person() -> Self {
        Self { pace: Duration::from_millis(20), keep: 0, writes_texts: true, ..Self::for_tests() }
    }

    /// Returns the options for tests: no waiting, everything remembered.
    pub fn for_tests() -> Self {
        Self {
            port: 0,
            latency: Duration::ZERO,
            pace: Duration::ZERO,
            faults: None,
            keep: 100_000,
            writes_texts: false,
        }
    }
}

/// One request for a completion as it arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, null when it was not JSON.
    pub body: Value,
    /// The rules it broke.
    pub violations: Vec<String>,
}

impl Received {
    /// Returns a header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// A running stand-in; dropping it stops it and closes its connections.
///
/// It runs on a thread of its own, so a test that blocks does not block it.
#[derive(Debug)]
pub struct StandIn {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl StandIn {
    /// Starts a stand-in that understands everyday sentences; [`on`](Self::on)
    /// and [`enqueue`](Self::enqueue) give it scripts as well.
    ///
    /// # Errors
    /// When the port is taken.
    pub async fn start(options: Options) -> io::Result<Self> {
        Self::launch(options, None)
    }

    /// Starts a stand-in for tests that gives these replies, one per request in
    /// order of arrival; a request beyond them, and without a script by
    /// [`on`](Self::on), is answered 500 and recorded as a violation.
    ///
    /// # Errors
    /// When no port is free.
    pub async fn scripted(script: impl IntoIterator<Item = Reply>) -> io::Result<Self> {
        Self::launch(Options::for_tests(), Some(script.into_iter().collect()))
    }

    fn launch(options: Options, script: Option<Vec<Reply>>) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let shared = Arc::new(Shared::new(options, script));
        let (stop, stopped) = oneshot::channel();
        let serving = serve(listener, shared.clone());
        let run = move || {
            // The connections' tasks end with the runtime.
            let _ = runtime.block_on(async {
                tokio::select! { ended = serving => ended, _ = stopped => Ok(()) }
            });
        };
        let thread = thread::Builder::new().name("stand-in-model".to_owned()).spawn(run)?;
        Ok(Self { address, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// Returns the URL for `OPENAI_BASE_URL`, without a slash at its end.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Adds a script for every turn whose user message contains `words`.
    ///
    /// Which reply is given depends only on the request: the n-th model call
    /// after that user message gets the n-th reply, also when it is repeated.
    /// Of several that fit, the one with the longest words counts.
    pub fn on(&self, words: impl Into<String>, script: impl IntoIterator<Item = Reply>) {
        let rule = Rule { words: words.into(), script: script.into_iter().collect(), asked: 0 };
        let mut inner = self.shared.inner();
        inner.rules.retain(|known| known.words != rule.words);
        inner.rules.push(rule);
    }

    /// Adds replies at the end of the queue, given in order of arrival.
    pub fn enqueue(&self, script: impl IntoIterator<Item = Reply>) {
        self.shared.inner().queue.extend(script);
    }

    /// Has it write the texts that the server asks for in the background; these first, in order of
    /// arrival, and then what it makes of them itself.
    pub fn write_texts(&self, script: impl IntoIterator<Item = Reply>) {
        let mut inner = self.shared.inner();
        inner.writes_texts = true;
        inner.text_queue.extend(script);
    }

    /// Returns the bodies of all requests for a text made in the background, oldest first.
    pub fn text_requests(&self) -> Vec<Value> {
        self.shared.inner().text_requests.clone()
    }

    /// Has it answer another path than those of the API with this body, as some servers do.
    pub fn answer_at(&self, path: impl Into<String>, body: Value) {
        self.shared.inner().others.insert(path.into(), body);
    }

    /// From now on it takes no key: every request is answered 401.
    pub fn refuse_keys(&self) {
        self.shared.inner().refuses_keys = true;
    }

    /// From now on a request that lacks one of these fields is refused. That is no violation: nobody knows
    /// before.
    pub fn set_reasoning_field_rules(&self, demands: ReasoningFieldRules) {
        self.shared.inner().demands = demands;
    }

    /// Lets go of every answer that is [held](Reply::held), those that were asked for and those
    /// to come.
    pub fn release(&self) {
        self.shared.release();
    }

    /// Returns the bodies of all requests for a completion, oldest first.
    pub fn requests(&self) -> Vec<Value> {
        self.received().into_iter().map(|received| received.body).collect()
    }

    /// Returns all requests for a completion with headers and outcome, oldest first.
    pub fn received(&self) -> Vec<Received> {
        self.shared.inner().received.iter().cloned().collect()
    }

    /// Returns every rule that was broken so far, and every unexpected request.
    pub fn violations(&self) -> Vec<String> {
        self.shared.inner().violations.clone()
    }

    /// Waits until so many requests for a completion have arrived in all.
    ///
    /// Returns whether they did within `timeout`.
    pub async fn wait_for_requests(&self, count: u64, timeout: Duration) -> bool {
        let started_at = Instant::now();
        while self.shared.inner().seen < count {
            if started_at.elapsed() > timeout {
                return false;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        true
    }

    /// # Panics
    /// When a request broke a rule or came unexpected.
    #[track_caller]
    pub fn assert_clean(&self) {
        let violations = self.violations();
        assert!(violations.is_empty(), "the model was asked in a wrong way:\n{}", violations.join("\n"));
    }

    /// # Panics
    /// When a script was not used up.
    #[track_caller]
    pub fn assert_used_up(&self) {
        let inner = self.shared.inner();
        let left = inner.queue.len();
        let rules = inner.rules.iter().filter(|rule| rule.asked < rule.script.len());
        let rules: Vec<String> =
            rules.map(|rule| format!("'{}' ({} of {})", rule.words, rule.asked, rule.script.len())).collect();
        drop(inner);
        assert!(left == 0, "{left} scripted replies were not asked for");
        assert!(rules.is_empty(), "scripts not used up: {}", rules.join(", "));
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn serve(listener: std::net::TcpListener, shared: Arc<Shared>) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::spawn(talk(Connection::new(stream), shared.clone()))),
            // Out of file descriptors: others will be closed.
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn talk(mut connection: Connection, shared: Arc<Shared>) {
    while let Ok(Some(incoming)) = connection.read().await {
        let answer = shared.answer(&incoming);
        if answer.is_held {
            shared.until_released().await;
        }
        if !matches!(connection.write(answer).await, Ok(Next::Request)) {
            break;
        }
    }
}
