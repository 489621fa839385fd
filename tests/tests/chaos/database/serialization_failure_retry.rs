//! What Postgres rolls back for the sake of others is tried again, and not for ever.

use super::single_replica_fixture::{Bench, batch, create, say};

#[tokio::test]
async fn what_is_rolled_back_every_time_is_a_503_after_three_attempts() {
    let bench = Bench::start().await;
    let attempts = async || {
        let rows = bench.cluster.postgres.query("SELECT last_value FROM rolled_back_attempt").await.unwrap();
        rows[0][0].parse::<u32>().unwrap()
    };
    for error in
        [("40001", "could not serialize access due to concurrent update"), ("40P01", "deadlock detected")]
    {
        bench.set_rolled_back(Some(error)).await;
        let answer = bench.ask(create("never")).await;
        assert_eq!(attempts().await, 3, "{error:?}");
        let others = [bench.ask(batch("never")).await, bench.ask(say("add bread")).await];
        for answer in others.into_iter().chain([answer]) {
            let told = (answer.status, answer.code(), answer.has_retry_after);
            assert_eq!(told, (503, "database_unavailable", true), "{error:?}: {answer:?}");
        }
        bench.set_rolled_back(None).await;
    }
    assert_eq!(bench.count().await, 0);
    assert_eq!(bench.ask(create("Milk")).await.status, 201);
}
