//! A mail server that delivers nothing and remembers everything (RFC 5321, as far as a client needs it).

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// How long a mail may take to arrive: a server that tries again waits some seconds.
const ARRIVES_WITHIN: Duration = Duration::from_secs(15);

/// Who may sign in.
const SMTP_USER: &str = "sender";
/// With what password.
pub const SMTP_PASSWORD: &str = "canary-mail-password";

/// The mail server; dropping it ends it.
#[derive(Debug)]
pub struct SmtpSink {
    url: String,
    received: watch::Receiver<Vec<ReceivedMail>>,
    refusals: Arc<Mutex<Vec<u16>>>,
    serving: JoinHandle<()>,
}

/// A mail as it came in.
#[derive(Debug, Clone)]
pub struct ReceivedMail {
    /// Whom the client named as recipients (`RCPT TO`).
    pub to: Vec<String>,
    /// Headers and text.
    pub data: String,
}

impl SmtpSink {
    /// Starts one on a free port of the loopback.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a port has a number");
        let (sender, received) = watch::channel(Vec::new());
        let refusals = Arc::<Mutex<Vec<u16>>>::default();
        let to_come = Arc::clone(&refusals);
        let serving = tokio::spawn(async move {
            let sender = Arc::new(sender);
            while let Ok((stream, _)) = listener.accept().await {
                let (sender, to_come) = (Arc::clone(&sender), Arc::clone(&to_come));
                // Who goes away in the middle of a mail has sent none.
                tokio::spawn(async move { converse(stream, &sender, &to_come).await.unwrap_or_default() });
            }
        });
        Self { url: format!("smtp://{address}?tls=none"), received, refusals, serving }
    }

    /// Returns what to set `SMTP_URL` to.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Returns the same with a user and this password, of which [`SMTP_PASSWORD`] is the right one.
    pub fn url_with_password(&self, password: &str) -> String {
        self.url.replacen("smtp://", &format!("smtp://{SMTP_USER}:{password}@"), 1)
    }

    /// Refuses the next recipient with this code, and the one after it with the next, and so on.
    pub fn refuse_next(&self, codes: &[u16]) {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner).extend(codes);
    }

    /// Returns all that came so far.
    pub fn received(&self) -> Vec<ReceivedMail> {
        self.received.borrow().clone()
    }

    /// Waits for a mail to this address with this subject, and returns the newest one.
    ///
    /// # Panics
    /// When none comes in time.
    pub async fn mail(&self, to: &str, subject: &str) -> ReceivedMail {
        let is_it = |mail: &ReceivedMail| mail.to == [to] && mail.subject() == subject;
        let mut received = self.received.clone();
        let arrived = received.wait_for(|mails| mails.iter().any(is_it));
        let mails = tokio::time::timeout(ARRIVES_WITHIN, arrived).await;
        let mails = mails.unwrap_or_else(|_elapsed| panic!("no mail {subject:?}: {:#?}", self.received()));
        let mails = mails.expect("the sink is there");
        mails.iter().rfind(|mail| is_it(mail)).expect("it was there").clone()
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl ReceivedMail {
    /// Returns the subject.
    pub fn subject(&self) -> &str {
        self.header("Subject").unwrap_or_default()
    }

    /// Returns a header's value, where it is one line.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (head, _) = self.data.split_once("\r\n\r\n")?;
        head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    /// Returns the text, whose lines came in quoted-printable (RFC 2045 6.7): all that is written so in
    /// mail of ours are long lines and the sign that does it.
    pub fn text(&self) -> String {
        let (_, text) = self.data.split_once("\r\n\r\n").unwrap_or_default();
        let text = text.replace("=\r\n", "").replace("=3D", "=").replace("\r\n", "\n");
        assert!(self.data.is_ascii(), "{}", self.data);
        text
    }

    /// Returns the secret in the link to this view of the page.
    ///
    /// # Panics
    /// When there is no such link.
    pub fn token(&self, view: &str) -> String {
        let text = self.text();
        let (_, rest) = text.split_once(&format!("/#/{view}?token=")).expect("a link");
        rest.lines().next().expect("a line").to_owned()
    }
}

/// How the one user signs in (RFC 4616).
fn authentication() -> String {
    let message = format!("\0{SMTP_USER}\0{SMTP_PASSWORD}");
    format!("AUTH PLAIN {}", STANDARD.encode(message))
}

async fn converse(
    stream: TcpStream,
    sender: &watch::Sender<Vec<ReceivedMail>>,
    refusals: &Mutex<Vec<u16>>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 sink\r\n").await?;
    let (mut to, mut line) = (Vec::new(), String::new());
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let command = line.trim_end();
        let reply = match command.split(' ').next().unwrap_or_default().to_uppercase().as_str() {
            "EHLO" | "HELO" => "250-sink\r\n250-8BITMIME\r\n250-AUTH PLAIN\r\n250 SMTPUTF8".to_owned(),
            "AUTH" if command == authentication() => "235 come in".to_owned(),
            "AUTH" => "535 not you".to_owned(),
            "MAIL" => "250 go on".to_owned(),
            "RCPT" => match refusal(refusals) {
                // Real servers quote the address too.
                Some(code) => format!("{code} {command} is not wanted"),
                None => {
                    let path = command.split(['<', '>']).nth(1).unwrap_or_default();
                    to.push(path.to_owned());
                    "250 go on".to_owned()
                }
            },
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let data = data(&mut stream).await?;
                let mail = ReceivedMail { to: std::mem::take(&mut to), data };
                sender.send_modify(|mails| mails.push(mail));
                "250 kept".to_owned()
            }
            "QUIT" => return stream.write_all(b"221 bye\r\n").await,
            "RSET" | "NOOP" => "250 well".to_owned(),
            _ => "502 unknown".to_owned(),
        };
        stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
    }
}

fn refusal(refusals: &Mutex<Vec<u16>>) -> Option<u16> {
    let mut codes = refusals.lock().unwrap_or_else(PoisonError::into_inner);
    (!codes.is_empty()).then(|| codes.remove(0))
}

/// Reads up to the line with the dot.
async fn data(stream: &mut BufReader<TcpStream>) -> std::io::Result<String> {
    let mut data = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == ".\r\n" {
            return Ok(data);
        }
        data.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
