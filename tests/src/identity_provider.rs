//! A fake identity provider for sign-ins. It checks requests as strictly as Google and GitHub do, and fails
//! in the ways that a test chooses.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use url::Url;

/// The secret of the server under test at every provider.
const CLIENT_SECRET: &str = "canary-of-the-client-secret-5d2a";
const CLIENT_ID: &str = "the-server-under-test";

/// Whose manners it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Refuses with 400, and says at once which address is verified.
    Google,
    /// Refuses with 200, and lists addresses at a path of their own.
    GitHub,
}

/// How the provider answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProviderBehaviour {
    /// Correctly.
    Well,
    /// With errors only.
    Down,
    /// With a page instead of JSON.
    Confused,
}

/// Somebody with an account there.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their number.
    pub id: u64,
    /// Their address.
    pub email: String,
    /// Whether it is verified.
    pub verified: bool,
}

/// The provider; dropping it ends it.
#[derive(Debug)]
pub struct LocalProvider {
    kind: Kind,
    url: String,
    state: Arc<Mutex<State>>,
    serving: JoinHandle<()>,
}

#[derive(Debug)]
struct State {
    mood: ProviderBehaviour,
    count: u64,
    codes: HashMap<String, Grant>,
    tokens: HashMap<String, Person>,
}

#[derive(Debug)]
struct Grant {
    challenge: String,
    redirect_uri: String,
    person: Person,
}

impl Person {
    /// Returns somebody whose address is verified.
    pub fn new(id: u64, email: &str) -> Self {
        Self { id, email: email.to_owned(), verified: true }
    }

    /// Returns them with an address that is not.
    pub fn unverified(self) -> Self {
        Self { verified: false, ..self }
    }
}

impl LocalProvider {
    /// Starts one on a free port of the loopback.
    pub async fn start(kind: Kind) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("a port has a number"));
        let state =
            State { mood: ProviderBehaviour::Well, count: 0, codes: HashMap::new(), tokens: HashMap::new() };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                // Who goes away is not answered.
                tokio::spawn(async move { serve(stream, kind, &state).await.unwrap_or_default() });
            }
        });
        Self { kind, url, state, serving }
    }

    /// Returns its name in paths.
    pub fn name(&self) -> &'static str {
        if self.kind == Kind::Google { "google" } else { "github" }
    }

    /// Returns the variables with which a server knows it.
    pub fn variables(&self) -> Vec<(String, String)> {
        let name = self.name().to_uppercase();
        vec![
            (format!("{name}_CLIENT_ID"), CLIENT_ID.to_owned()),
            (format!("{name}_CLIENT_SECRET"), CLIENT_SECRET.to_owned()),
            (format!("{name}_URL"), self.url.clone()),
        ]
    }

    /// Changes how it is.
    pub fn set_mood(&self, mood: ProviderBehaviour) {
        self.state().mood = mood;
    }

    /// Does what a browser and a person do at the address: looks at what is asked, agrees, and returns the
    /// code and the state that are brought back.
    ///
    /// # Panics
    /// When the address asks for anything in a wrong way.
    pub fn consent(&self, auth_url: &str, person: &Person) -> (String, String) {
        let url = Url::parse(auth_url).expect("an address");
        let path = if self.kind == Kind::Google { "/o/oauth2/v2/auth" } else { "/login/oauth/authorize" };
        assert!(auth_url.starts_with(&self.url) && url.path() == path, "{auth_url}");
        let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!((query["response_type"].as_str(), query["client_id"].as_str()), ("code", CLIENT_ID));
        assert_eq!(query["code_challenge_method"], "S256");
        assert!(query["scope"].contains("email") && query["state"].len() >= 16, "{auth_url}");
        let grant = Grant {
            challenge: query["code_challenge"].clone(),
            redirect_uri: query["redirect_uri"].clone(),
            person: person.clone(),
        };
        let mut state = self.state();
        state.count += 1;
        let code = format!("canary-code-{}-of-{}", state.count, self.name());
        state.codes.insert(code.clone(), grant);
        (code, query["state"].clone())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }
}

impl Drop for LocalProvider {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn locked(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers one request and closes.
async fn serve(stream: TcpStream, kind: Kind, state: &Mutex<State>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? <= 2 {
            break;
        }
        head.push(line.trim_end().to_owned());
    }
    let header = |name: &str| {
        let mut values = head.iter().filter_map(|line| line.split_once(": "));
        values.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned())
    };
    let length = header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await?;
    let request = head.first().cloned().unwrap_or_default();
    let (status, answer) = answer(kind, &mut locked(state), &request, header("authorization"), &body);
    let length = answer.len();
    let head =
        format!("HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n");
    stream.write_all(format!("{head}Connection: close\r\n\r\n{answer}").as_bytes()).await
}

fn answer(
    kind: Kind,
    state: &mut State,
    request: &str,
    authorization: Option<String>,
    body: &[u8],
) -> (u16, String) {
    match state.mood {
        ProviderBehaviour::Down => return (503, "away".to_owned()),
        ProviderBehaviour::Confused => return (200, "<html>canary-page</html>".to_owned()),
        ProviderBehaviour::Well => {}
    }
    let path = request.split(' ').nth(1).unwrap_or_default();
    let bearer = authorization.as_deref().and_then(|value| value.strip_prefix("Bearer "));
    let person = bearer.and_then(|token| state.tokens.get(token)).cloned();
    let (status, json) = match (kind, path, person) {
        (Kind::Google, "/token", _) | (Kind::GitHub, "/login/oauth/access_token", _) => {
            match exchange(state, body) {
                Some(token) => {
                    (200, json!({"access_token": token, "token_type": "bearer", "scope": "email"}))
                }
                None if kind == Kind::Google => (400, json!({"error": "invalid_grant"})),
                None => (200, json!({"error": "bad_verification_code", "error_description": "canary"})),
            }
        }
        (Kind::Google, "/v1/userinfo", Some(person)) => (200, google_user(&person)),
        (Kind::GitHub, "/api/v3/user", Some(person)) => {
            (200, json!({"id": person.id, "login": "somebody", "name": null, "avatar_url": null}))
        }
        (Kind::GitHub, "/api/v3/user/emails", Some(person)) => (
            200,
            json!([
                {"email": "another@example.com", "primary": false, "verified": true},
                {"email": person.email, "primary": true, "verified": person.verified}
            ]),
        ),
        _ => (401, json!({"message": "Bad credentials"})),
    };
    (status, json.to_string())
}

fn google_user(person: &Person) -> Value {
    json!({
        "sub": person.id.to_string(), "email": person.email, "email_verified": person.verified,
        "name": "Somebody There", "picture": "https://example.com/picture.png"
    })
}

/// Gives a token for a code, once, to who has the secret and the verifier.
fn exchange(state: &mut State, body: &[u8]) -> Option<String> {
    let form: HashMap<String, String> = url::form_urlencoded::parse(body).into_owned().collect();
    let grant = state.codes.remove(form.get("code")?)?;
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(form.get("code_verifier")?));
    let is_good = form.get("grant_type")? == "authorization_code"
        && form.get("client_id")? == CLIENT_ID
        && form.get("client_secret")? == CLIENT_SECRET
        && *form.get("redirect_uri")? == grant.redirect_uri
        && challenge == grant.challenge;
    is_good.then(|| {
        let token = format!("canary-token-{}", state.count);
        state.tokens.insert(token.clone(), grant.person);
        token
    })
}
