//! The memory that idle streams cost: many clients wait for answers that do not come.

use std::path::Path;

use devkit::model::{Options, StandIn, script::text};
use reqwest::Response;
use tokio::task::JoinSet;

use crate::{
    api_client, api_client::Person, open_file_limit::raise_open_file_limit, report::line, server::Server,
};

const STREAMS: usize = 2_000;
const AT_ONCE: usize = 50;
/// The conversation's id: with an id of our choice the turn can be followed as it runs.
const CONVERSATION: &str = "0b7c9a54-6f1e-4d3b-9a58-2f6f0c1d7e11";

pub(crate) async fn measure(binary: &Path, database: &str) {
    raise_open_file_limit();
    let model = StandIn::start(Options::for_tests()).await.expect("a model");
    model.on("Hello", [text("Hello to you.").hang()]);
    let server = Server::ready(binary, database, &model.base_url());
    let person = Person::register(&api_client::client(), &server).await;
    let mut open = vec![started(person.talk(CONVERSATION, "Hello there").await).await];
    let before = server.memory();
    while open.len() <= STREAMS {
        let mut opening = JoinSet::new();
        for _ in 0..AT_ONCE {
            let person = person.clone();
            opening.spawn(async move { started(person.follow(CONVERSATION).await).await });
        }
        open.extend(opening.join_all().await);
    }
    let after = server.memory();
    line("memory with 2,000 idle streams", format!("{after:.1} MiB"));
    line("one of them", format!("{:.1} KiB", (after - before) * 1024.0 / (open.len() - 1) as f64));
}

/// Waits until a stream has told its turn.
async fn started(mut stream: Response) -> Response {
    let mut told = Vec::new();
    while !String::from_utf8_lossy(&told).contains("data-turn") {
        let chunk = stream.chunk().await.expect("a stream that goes on");
        told.extend_from_slice(&chunk.expect("a stream that has not ended"));
    }
    stream
}
