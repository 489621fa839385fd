//! Plays the tasks one by one, each with an account of its own.

use std::time::{Duration, Instant, UNIX_EPOCH};

use reqwest::Client;
use serde_json::Value;

use crate::{
    api_client::{Person, PersonError},
    grader::{Answered, Grade, grade},
    scenario::{Family, Task},
};

/// Longer than the server takes for any answer.
const TIMEOUT: Duration = Duration::from_secs(70);

/// A task that was played.
#[derive(Debug, Clone)]
pub struct Played {
    /// What the person said.
    pub says: Vec<String>,
    /// What became of it.
    pub grade: Grade,
    /// What was answered last.
    pub answer: String,
    /// Tokens of the requests, as the server counts them.
    pub prompt_tokens: u64,
    /// Tokens of the answers.
    pub completion_tokens: u64,
    /// How long the answers took.
    pub took: Duration,
}

/// Plays a family's tasks on the server at `base`, and tells of each as soon as it is judged.
///
/// # Errors
/// When the server does not answer, or refuses an account or a task.
pub async fn play(
    base: &str,
    family: &Family,
    mut tell: impl FnMut(&Played),
) -> Result<Vec<Played>, PersonError> {
    let client = Client::builder().timeout(TIMEOUT).build()?;
    // Accounts of an earlier run may be on the server.
    let run = UNIX_EPOCH.elapsed().map_or(0, |time| time.as_nanos());
    let mut played = Vec::with_capacity(family.tasks.len());
    for (index, task) in family.tasks.iter().enumerate() {
        let email = format!("evaluate-{run}-{index}@example.com");
        let one = play_one(&Person::register(&client, base, &email).await?, task).await?;
        tell(&one);
        played.push(one);
    }
    Ok(played)
}

async fn play_one(person: &Person, task: &Task) -> Result<Played, PersonError> {
    for title in &task.list {
        person.add(title).await?;
    }
    let before = person.list().await?;
    let started_at = Instant::now();
    let mut answers: Vec<Answered> = Vec::new();
    for words in &task.says {
        let conversation = answers.last().map(|answer| answer.body["conversation_id"].clone());
        let answer = person.say(words, conversation.as_ref()).await?;
        let is_answered = answer.status == 200;
        answers.push(answer);
        if !is_answered {
            break;
        }
    }
    let took = started_at.elapsed();
    let after = person.list().await?;
    let sum = |member: &str| answers.iter().filter_map(|answer| answer.body["usage"][member].as_u64()).sum();
    let last = answers.last().map_or(&Value::Null, |answer| &answer.body["message"]);
    Ok(Played {
        says: task.says.clone(),
        grade: grade(task, &before, &after, &answers),
        answer: last.as_str().unwrap_or_default().to_owned(),
        prompt_tokens: sum("prompt_tokens"),
        completion_tokens: sum("completion_tokens"),
        took,
    })
}
