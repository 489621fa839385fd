//! The state of the stand-in: its scripts, the requests so far, and what was wrong with them. It chooses the
//! reply to a request and sends nothing.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use stand_in_english::Chat;
use tokio::sync::watch;

use super::{
    Options, Received,
    http::{Incoming, Outgoing, has},
    request::Request,
    script::{self, Reply, status},
    script_directive,
    validate::{ReasoningFieldRules, check},
    wire,
};

/// Shared by the handle that tests hold and the connections.
#[derive(Debug)]
pub(crate) struct Shared {
    options: Options,
    /// Whether a request that no script covers is a violation.
    strict: bool,
    inner: Mutex<Inner>,
    is_released: watch::Sender<bool>,
}

#[derive(Debug, Default)]
pub(crate) struct Inner {
    pub(crate) queue: VecDeque<Reply>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) received: VecDeque<Received>,
    pub(crate) violations: Vec<String>,
    pub(crate) seen: u64,
    attempts: HashMap<u64, usize>,
    /// What is answered at paths that are not of the API.
    pub(crate) others: HashMap<String, Value>,
    /// Whether no key is taken.
    pub(crate) refuses_keys: bool,
    /// Which fields it demands beside calls.
    pub(crate) demands: ReasoningFieldRules,
    pub(crate) writes_texts: bool,
    pub(crate) text_queue: VecDeque<Reply>,
    pub(crate) text_requests: Vec<Value>,
}

/// A script for conversations in which the user says certain words.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) words: String,
    pub(crate) script: Vec<Reply>,
    /// How far the script was asked for.
    pub(crate) asked: usize,
}

impl Shared {
    pub(crate) fn new(options: Options, script: Option<Vec<Reply>>) -> Self {
        let strict = script.is_some();
        let queue = script.unwrap_or_default().into();
        let inner = Inner { queue, writes_texts: options.writes_texts, ..Inner::default() };
        Self { options, strict, inner: Mutex::new(inner), is_released: watch::Sender::new(false) }
    }

    pub(crate) fn release(&self) {
        self.is_released.send_replace(true);
    }

    pub(crate) async fn until_released(&self) {
        // The sender lives as long as `self`: this fails never.
        let _ = self.is_released.subscribe().wait_for(|is_released| *is_released).await;
    }

    /// A panic in a test cannot leave this half changed.
    pub(crate) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Decides the answer to one HTTP request.
    pub(crate) fn answer(&self, incoming: &Incoming) -> Outgoing {
        if self.inner().refuses_keys {
            return plain(401, wire::error(401, "Incorrect API key provided", None));
        }
        match (incoming.method.as_str(), incoming.path.as_str()) {
            ("POST", "/v1/chat/completions") => self.complete(incoming),
            ("GET", "/v1/models") => {
                let model =
                    json!({"id": "stand-in", "object": "model", "created": 0, "owned_by": "todo-ai-chatbot"});
                plain(200, json!({"object": "list", "data": [model]}).to_string())
            }
            // For a harness in another process.
            ("GET", "/stand-in") => {
                let inner = self.inner();
                plain(200, json!({"requests": inner.seen, "violations": inner.violations}).to_string())
            }
            (_, path) if self.inner().others.contains_key(path) => {
                plain(200, self.inner().others[path].to_string())
            }
            // What servers on one's own machine are asked for the size of a context.
            (_, "/props" | "/api/show") => plain(404, wire::error(404, "Not found", None)),
            (method, path) => {
                let message = format!("Invalid URL ({method} {path})");
                self.inner().violations.push(message.clone());
                plain(404, wire::error(404, &message, None))
            }
        }
    }

    fn complete(&self, incoming: &Incoming) -> Outgoing {
        let body: Value = serde_json::from_slice(&incoming.body).unwrap_or(Value::Null);
        let mut inner = self.inner();
        let demands = inner.demands;
        let found = check(&body, demands);
        let request = Request { body };
        if request.is_for_a_text() && found.is_empty() {
            let reply = inner.text(request.clone());
            drop(inner);
            return self.dress(&reply, &request);
        }
        inner.record(
            incoming,
            &request.body,
            found.iter().map(ToString::to_string).collect(),
            self.options.keep,
        );
        if let Some(first) = found.first() {
            tracing::warn!(violation = %first, "the stand-in model refuses a request");
            return plain(400, wire::error(400, &first.message, Some(&first.param)));
        }
        if let Some(refusal) = demands.refusal(&request.body) {
            return plain(400, refusal);
        }
        let reply = match inner.choose(&request, self.strict) {
            Ok(reply) => inner.attempt(reply, &request),
            Err(message) => {
                tracing::warn!(message, "the stand-in model has no script for a request");
                inner.violations.push(message.clone());
                status(500).body(wire::error(500, &message, None))
            }
        };
        let reply = match &self.options.faults {
            Some(faults) => faults.inject(reply, inner.seen),
            None => reply,
        };
        drop(inner);
        self.dress(&reply, &request)
    }

    /// Turns a reply into bytes with their timing.
    fn dress(&self, reply: &Reply, request: &Request) -> Outgoing {
        let context = wire::Context::of(request);
        let code = reply.status.unwrap_or(200);
        let streams = code == 200 && request.is_stream() && reply.body.is_none();
        let mut pieces = match &reply.body {
            Some(body) => vec![body.clone(); reply.repeat.max(1)],
            None if code != 200 => {
                vec![wire::error(code, "The stand-in was told to fail.", None).into_bytes()]
            }
            None if streams => wire::events(reply, &context).into_iter().map(String::into_bytes).collect(),
            None => vec![wire::completion(reply, &context).into_bytes()],
        };
        let mut pause = if streams { self.options.pace } else { Duration::ZERO };
        if let Some((size, every)) = reply.dribble {
            pieces = pieces.concat().chunks(size).map(<[u8]>::to_vec).collect();
            pause = every;
        }
        let mut headers = reply.headers.clone();
        if !has(&headers, "content-type") {
            let kind = if streams { "text/event-stream; charset=utf-8" } else { "application/json" };
            headers.push(("content-type".to_owned(), kind.to_owned()));
        }
        let delay = self.options.latency + reply.delay;
        let Reply { is_held, ending, .. } = *reply;
        Outgoing { status: code, headers, pieces, pause, delay, is_held, ending }
    }
}

impl Inner {
    fn record(&mut self, incoming: &Incoming, body: &Value, violations: Vec<String>, keep: usize) {
        self.seen += 1;
        self.violations.extend(violations.iter().cloned());
        let headers = incoming.headers.clone();
        self.received.push_back(Received { headers, body: body.clone(), violations });
        while self.received.len() > keep {
            self.received.pop_front();
        }
    }

    /// Answers a request for a text. An empty one is as good as none.
    fn text(&mut self, request: Request) -> Reply {
        let scripted = self.text_queue.pop_front();
        let own =
            || if self.writes_texts { stand_in_english::text(request.user_text()) } else { String::new() };
        let reply = scripted.unwrap_or_else(|| script::text(own()));
        self.text_requests.push(request.body);
        reply
    }

    /// Inline script, matching script, queue, else the English stand-in.
    fn choose(&mut self, request: &Request, strict: bool) -> Result<Reply, String> {
        if let Some(directed) = script_directive::reply(request) {
            return directed;
        }
        let said = request.user_text();
        let fitting = self.rules.iter_mut().filter(|rule| said.contains(&rule.words));
        if let Some(rule) = fitting.max_by_key(|rule| rule.words.len()) {
            rule.asked = rule.asked.max(request.step() + 1);
            let reply = rule.script.get(request.step()).cloned();
            return reply.ok_or_else(|| beyond(&format!("the script for '{}'", rule.words), request));
        }
        match self.queue.pop_front() {
            Some(reply) => Ok(reply),
            None if strict => Err(beyond("the script", request)),
            None => Ok(stand_in_english::answer(Chat::of(&request.body)).into()),
        }
    }

    /// Chooses between a reply and what comes before it on first arrivals.
    fn attempt(&mut self, reply: Reply, request: &Request) -> Reply {
        if reply.first.is_empty() {
            return reply;
        }
        let attempts = self.attempts.entry(request.fingerprint()).or_default();
        *attempts += 1;
        reply.for_attempt(*attempts - 1).clone()
    }
}

fn beyond(script: &str, request: &Request) -> String {
    let (said, step) = (request.user_text(), request.step() + 1);
    format!("{script} is at its end, but the model is asked again (call {step} after '{said}')")
}

fn plain(status: u16, body: String) -> Outgoing {
    Outgoing {
        status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        pieces: vec![body.into_bytes()],
        pause: Duration::ZERO,
        delay: Duration::ZERO,
        is_held: false,
        ending: Default::default(),
    }
}
