//! Many people who talk at once: nobody waits for anybody but the model.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use devkit::model::{Options, StandIn, script::text};
use tokio::task::JoinSet;

use crate::{
    api_client::{self, Person},
    report::{line, ms},
    server::Server,
    stats::Durations,
};

const PEOPLE: usize = 100;
const ROUNDS: usize = 5;
const STREAMS: usize = 15;
const LATENCY: Duration = Duration::from_millis(500);

pub(crate) async fn measure(binary: &Path, database: &str) {
    let model = StandIn::start(Options { latency: LATENCY, ..Options::for_tests() }).await.expect("a model");
    model.on("Hello", [text("Hello to you.")]);
    let server = Server::ready(binary, database, &model.base_url());
    let client = api_client::client();
    let mut people = Vec::new();
    for _ in 0..PEOPLE {
        people.push(Person::register(&client, &server).await);
    }
    let (mut walls, mut each) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let started_at = Instant::now();
        let mut talking: JoinSet<Duration> = JoinSet::new();
        for person in people.clone() {
            talking.spawn(async move {
                let started_at = Instant::now();
                person.chat("Hello there", None).await;
                started_at.elapsed()
            });
        }
        each.extend(talking.join_all().await);
        walls.push(started_at.elapsed());
    }
    let words = first_words(&people[0]).await;
    model.assert_clean();
    let (walls, each) = (Durations::new(walls), Durations::new(each));
    line("all 100 answered after, median of 5 rounds", ms(walls.median()));
    let share = LATENCY.as_secs_f64() / walls.median().as_secs_f64();
    line("the model's time as a share of that", format!("{share:.2}"));
    line("in the slowest round", ms(walls.most()));
    line("one answer, p50", ms(each.median()));
    line("one answer, p99", ms(each.percentile(0.99)));
    line("from the request to the first word of a stream, without the model's time", ms(words));
    line("memory after that", format!("{:.1} MiB", server.memory()));
}

/// How long the first word of a stream takes when nobody else asks, without the time of the model.
async fn first_words(person: &Person) -> Duration {
    let mut took = Vec::new();
    for number in 0..STREAMS {
        let conversation = format!("0b7c9a54-6f1e-4d3b-9a58-{number:012}");
        let started_at = Instant::now();
        let mut stream = person.talk(&conversation, "Hello there").await;
        let mut told = Vec::new();
        while !String::from_utf8_lossy(&told).contains("text-delta") {
            let chunk = stream.chunk().await.expect("a stream that goes on");
            told.extend_from_slice(&chunk.expect("a stream that has words"));
        }
        took.push(started_at.elapsed().saturating_sub(LATENCY));
    }
    Durations::new(took).median()
}
