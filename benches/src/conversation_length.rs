//! The cost of a turn in conversations of 10, 1,000 and 10,000 messages. Beyond the window that the model is
//! sent, length must cost nothing.

use std::{path::Path, time::Instant};

use devkit::model::{Options, StandIn, script::text};
use tokio_postgres::{Client, NoTls};

use crate::{
    api_client::{self, Person},
    report::{line, ms},
    server::Server,
    stats::Durations,
};

const SIZES: [i32; 3] = [10, 1_000, 10_000];
const ROUNDS: usize = 40;

pub(crate) async fn measure(binary: &Path, database: &str) {
    // It also writes the summaries of long conversations.
    let model =
        StandIn::start(Options { writes_texts: true, ..Options::for_tests() }).await.expect("a model");
    model.on("Hello", [text("Hello to you.")]);
    let server = Server::ready(binary, database, &model.base_url());
    let person = Person::register(&api_client::client(), &server).await;
    let (sql, connection) = tokio_postgres::connect(database, NoTls).await.expect("a connection");
    tokio::spawn(connection);
    let mut conversations = Vec::new();
    for size in SIZES {
        let answer = person.chat("Hello there", None).await;
        let id = answer["conversation_id"].as_str().expect("a conversation").to_owned();
        lengthen(&sql, &id, size).await;
        conversations.push((id, Vec::new()));
    }
    for _ in 0..ROUNDS {
        for (id, took) in &mut conversations {
            let started_at = Instant::now();
            person.chat("Hello there", Some(id)).await;
            took.push(started_at.elapsed());
        }
    }
    model.assert_clean();
    let medians: Vec<_> = conversations.into_iter().map(|(_, took)| Durations::new(took).median()).collect();
    for (size, median) in SIZES.iter().zip(&medians) {
        line(&format!("a turn after {size} messages, median of {ROUNDS}"), ms(*median));
    }
    let ratio =
        |of: usize, to: usize| format!("{:.2}", medians[of].as_secs_f64() / medians[to].as_secs_f64());
    line("ratio of 10,000 messages to 10", ratio(2, 0));
    line("ratio of 10,000 messages to 1,000", ratio(2, 1));
}

/// Puts turns of two messages each before the one that is there, until there are `messages`.
async fn lengthen(sql: &Client, conversation: &str, messages: i32) {
    let last = messages - messages % 2;
    let statements = format!(
        "BEGIN;
         UPDATE message SET seq = seq + {last} WHERE conversation_id = '{conversation}';
         UPDATE turn SET first_seq = first_seq + {last}, closing_seq = closing_seq + {last}
             WHERE conversation_id = '{conversation}';
         UPDATE conversation SET last_seq = last_seq + {last}, message_count = message_count + {last}
             WHERE id = '{conversation}';
         CREATE TEMPORARY TABLE made ON COMMIT DROP AS
             SELECT gen_random_uuid() AS id, 2 * n - 1 AS seq FROM generate_series(1, {last} / 2) AS n;
         INSERT INTO turn (id, user_id, conversation_id, state, first_seq, closing_seq, lease_until,
                           finish_reason, ended_at)
             SELECT made.id, c.user_id, c.id, 'answered', made.seq, made.seq + 1, now(), 'stop', now()
             FROM made, conversation AS c WHERE c.id = '{conversation}';
         INSERT INTO message (conversation_id, seq, turn_id, role, content)
             SELECT '{conversation}'::uuid, made.seq + side, made.id,
                    CASE side WHEN 0 THEN 'user' ELSE 'assistant' END,
                    'This is what was said as message number ' || made.seq + side
             FROM made, generate_series(0, 1) AS side;
         COMMIT;
         ANALYZE message; ANALYZE turn"
    );
    sql.batch_execute(&statements).await.expect("statements that are good");
}
