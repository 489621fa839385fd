//! The score, for people as Markdown and for programs as JSON.

use std::fmt::Write as _;

use serde::Serialize;

use crate::{grader::Grade, run::Played};

/// What a million tokens cost, in dollars.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prices {
    /// Of the requests.
    pub prompt: f64,
    /// Of the answers.
    pub completion: f64,
}

/// The score of a model.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The model.
    pub model: String,
    /// The score of each family.
    pub families: Vec<Score>,
    /// The score of all of them.
    pub total: Score,
}

/// How a family went.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Score {
    /// Its name.
    pub name: String,
    /// How many tasks it has.
    pub tasks: usize,
    /// How many were done as they had to be.
    pub passed: usize,
    /// How often a change was claimed that was not made.
    pub claims_without_deed: usize,
    /// How often there was no answer.
    pub without_answer: usize,
    /// Tokens of the requests.
    pub prompt_tokens: u64,
    /// Tokens of the answers.
    pub completion_tokens: u64,
    /// Seconds a task, on average.
    pub seconds_a_task: f64,
    /// Dollars, when prices are known.
    pub dollars: Option<f64>,
    /// What went wrong.
    pub failures: Vec<Failure>,
}

/// A task that was not done as it had to be.
#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    /// What the person said.
    pub says: Vec<String>,
    /// What was wrong.
    #[serde(rename = "verdict")]
    pub grade: Grade,
    /// What was answered.
    pub answer: String,
}

impl Score {
    /// Counts the tasks of a family.
    pub fn of(name: &str, played: &[Played], prices: Option<Prices>) -> Self {
        let count = |is: fn(&Grade) -> bool| played.iter().filter(|one| is(&one.grade)).count();
        let (prompt_tokens, completion_tokens) = (
            played.iter().map(|one| one.prompt_tokens).sum::<u64>(),
            played.iter().map(|one| one.completion_tokens).sum::<u64>(),
        );
        let seconds: f64 = played.iter().map(|one| one.took.as_secs_f64()).sum();
        let failed = played.iter().filter(|one| one.grade != Grade::Passed);
        Self {
            name: name.to_owned(),
            tasks: played.len(),
            passed: count(|grade| *grade == Grade::Passed),
            claims_without_deed: count(|grade| *grade == Grade::ClaimedWithoutDeed),
            without_answer: count(|grade| matches!(grade, Grade::NoAnswer(_))),
            prompt_tokens,
            completion_tokens,
            seconds_a_task: seconds / played.len().max(1) as f64,
            dollars: prices.map(|prices| {
                (prompt_tokens as f64 * prices.prompt + completion_tokens as f64 * prices.completion) / 1e6
            }),
            failures: failed
                .map(|one| Failure {
                    says: one.says.clone(),
                    grade: one.grade.clone(),
                    answer: one.answer.clone(),
                })
                .collect(),
        }
    }

    /// The share of tasks that were done, in percent.
    pub fn percent(&self) -> f64 {
        self.passed as f64 * 100.0 / self.tasks.max(1) as f64
    }

    fn row(&self) -> String {
        let dollars = self.dollars.map_or_else(|| "-".to_owned(), |dollars| format!("{dollars:.4}"));
        format!(
            "| {} | {} of {} | {:.0} % | {} | {} | {} | {} | {:.1} | {dollars} |",
            self.name,
            self.passed,
            self.tasks,
            self.percent(),
            self.claims_without_deed,
            self.without_answer,
            self.prompt_tokens,
            self.completion_tokens,
            self.seconds_a_task,
        )
    }
}

impl Report {
    /// Puts the score of a model together.
    pub fn of(model: &str, played: &[(&str, Vec<Played>)], prices: Option<Prices>) -> Self {
        let all: Vec<Played> = played.iter().flat_map(|(_, played)| played.clone()).collect();
        let total = Score { failures: Vec::new(), ..Score::of("all", &all, prices) };
        let families = played.iter().map(|(name, played)| Score::of(name, played, prices)).collect();
        Self { model: model.to_owned(), families, total }
    }

    /// The score as a Markdown table.
    pub fn markdown(&self) -> String {
        let mut text = format!(
            "# {}\n\n| family | done | | claimed, not done | no answer | tokens in | tokens out | s a task | $ |\n\
             |---|---|---|---|---|---|---|---|---|\n",
            self.model
        );
        for score in self.families.iter().chain([&self.total]) {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{}", score.row());
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_report_counts_tokens_time_and_money() {
        let played = |grade| Played {
            says: vec!["hello".into()],
            grade,
            answer: "Hello!".into(),
            prompt_tokens: 1_000,
            completion_tokens: 100,
            took: Duration::from_secs(2),
        };
        let family = vec![played(Grade::Passed), played(Grade::WrongList), played(Grade::NoAnswer(503))];
        let prices = Prices { prompt: 1.0, completion: 10.0 };
        let report = Report::of("m", &[("add", family)], Some(prices));
        let table = "| add | 1 of 3 | 33 % | 0 | 1 | 3000 | 300 | 2.0 | 0.0060 |";
        assert!(report.markdown().contains(table), "{}", report.markdown());
        assert_eq!(report.families[0].failures.len(), 2);
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!((&json["total"]["passed"], &json["families"][0]["name"]), (&1.into(), &"add".into()));
    }
}
