//! The score that `make evaluate` gives: full for the stand-in in what it knows, and low for models that
//! are no good, so that a good one says something.

use evaluate::{
    grader::Grade,
    report::Report,
    run::play,
    scenario::{Family, families},
};
use serde_json::json;
use tests::{
    TestApp,
    script::{Reply, call, text},
};

/// What the stand-in, which knows English only, does not know.
const FOREIGN: &str = "other languages";

async fn score(app: &TestApp, families: Vec<Family>) -> Report {
    let mut played = Vec::new();
    for family in &families {
        let tasks = play(app.server().base(), family, |_| {}).await.expect("a score");
        played.push((family.name, tasks));
    }
    Report::of("under test", &played, None)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stand_in_does_everything_that_it_knows() {
    let app = TestApp::everyday().await;
    let known = families().unwrap().into_iter().filter(|family| family.name != FOREIGN).collect();
    let report = score(&app, known).await;
    let failures: Vec<_> = report.families.iter().flat_map(|family| &family.failures).collect();
    assert!(failures.is_empty(), "{failures:#?}");
    assert_eq!((report.total.tasks, report.total.percent()), (110, 100.0));
    assert!(report.total.prompt_tokens > 1_000, "{}", report.markdown());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_model_that_only_claims_the_server_passes_nothing_on() {
    let app = TestApp::everyday().await;
    app.model().on("", (0..8).map(|_| text("I've added, completed and deleted all of that.")));
    let report = score(&app, families().unwrap()).await;
    // To change nothing, and to say so, is right where a task is to be refused.
    assert!(report.total.percent() < 15.0, "{}", report.markdown());
    assert_eq!(report.total.claims_without_deed, 0, "{}", report.markdown());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_does_anything_scores_low() {
    let app = TestApp::everyday().await;
    let anything = |number: usize| -> Reply {
        match number % 5 {
            0 => call("delete_task", json!({"task_id": number % 3 + 1})),
            1 => call("add_task", json!({"title": "Something"})),
            2 => call("complete_task", json!({"task_id": number % 2 + 1})),
            3 => call("list_tasks", json!({})),
            _ => call("update_task", json!({"task_id": 1, "title": "Else"})),
        }
    };
    // The first replies are drawn by what is said: a rule for each letter that a message may hold.
    for (number, letter) in ('a'..='z').enumerate() {
        // Where nothing was changed, it is asked once more.
        app.model().on(letter, [anything(number * 7), text("All done."), text("All done.")]);
    }
    let report = score(&app, families().unwrap()).await;
    assert!(report.total.percent() < 25.0, "{}", report.markdown());
    let wrong = report.families.iter().flat_map(|family| &family.failures);
    assert!(wrong.filter(|failure| failure.grade == Grade::WrongList).count() > 50);
}
