//! Serves for another program: two replicas on a database of their own, with a model that follows
//! scripts. `cargo run --package tests --example serve -- node --test`; `BASE_URL` and
//! `REPLICA_URL` say where they are, `METRICS_TOKEN` what opens their numbers, `BINARY` what they are.
//!
//! The model follows `#script …` in a message, and knows what the messages below stand for.

#![expect(clippy::expect_used, reason = "a test harness fails by panicking, at the place that went wrong")]

use std::{
    process::{Command, ExitCode},
    time::Duration,
};

use tests::{
    TestApp,
    script::{Reply, call, raw, text},
};

/// What opens `/metrics`.
const METRICS_TOKEN: &str = "the-token-of-whoever-runs-the-server";

#[tokio::main]
async fn main() -> ExitCode {
    // Long enough for whoever asks for many minutes; and the operator's route is there.
    let mail_server = tests::SmtpSink::start().await;
    // Programs are told this address of the first replica, and hold it against the one that they asked.
    let address = tests::free_address();
    let (port, public_url) = (address.port().to_string(), format!("http://{address}"));
    let variables = [
        ("PORT", port.as_str()),
        ("PUBLIC_URL", public_url.as_str()),
        ("METRICS_TOKEN", METRICS_TOKEN),
        ("JWT_EXPIRE_MINUTES", "600"),
        ("SMTP_URL", mail_server.url()),
        ("MAIL_FROM", "Todos <todos@example.com>"),
    ];
    let app = TestApp::everyday_with(&variables).await;
    teach(&app);
    let replica = app.replica().await;
    let mut arguments = std::env::args_os().skip(1);
    let mut command = Command::new(arguments.next().expect("a command to run"));
    command.args(arguments).env("BASE_URL", app.server().base()).env("REPLICA_URL", replica.base());
    command.env("ORIGIN", tests::ORIGIN).env("METRICS_TOKEN", METRICS_TOKEN);
    command.env("BINARY", tests::binary_path());
    // The model has a thread of its own, so nobody waits for this one.
    let status = command.status().expect("a command that can be run");
    // At its end the app checks what its model was asked and what its logs hold.
    drop((replica, app));
    if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn teach(app: &TestApp) {
    let adding = || call("add_task", serde_json::json!({"title": "Milk"}));
    app.model().on("Fall silent", [falls_silent("One two three ")]);
    app.model().on("Add milk and fall silent", [adding().say("Adding it."), falls_silent("It is ")]);
    // Late enough for whoever follows: who comes after it broke off sees the whole answer alone.
    let broken = text("Half of it and more").cut_after(700).after(Duration::from_millis(500));
    app.model().on("Break off", [text("The whole answer.").but_first(broken)]);
}

/// Says these words, each in a frame of its own, and then nothing more.
fn falls_silent(said: &str) -> Reply {
    let stream = text(format!("{said}and so on")).sse();
    let frames = said.split_inclusive(' ').count() + 1;
    let bytes: usize = stream.split_inclusive("\n\n").take(frames).map(str::len).sum();
    raw(stream).hang_after(bytes)
}
