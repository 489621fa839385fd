//! Whether a task was done: by the list, by the calls that were made, and by what was claimed.

use serde::Serialize;
use serde_json::Value;

use crate::scenario::Task;

/// A task of the list, as the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Title, description, and `due` when there is a due date, in lower case.
    pub text: String,
    /// Whether it is done.
    pub is_done: bool,
}

impl Listed {
    /// Reads a task of the API.
    pub fn of(task: &Value) -> Self {
        let texts = [&task["title"], &task["description"]].map(|text| text.as_str().unwrap_or_default());
        let due = if task.get("due").is_some_and(|due| !due.is_null()) { "due" } else { "" };
        Self { text: format!("{} {due}", texts.join(" ")).to_lowercase(), is_done: task["completed"] == true }
    }
}

/// What became of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Grade {
    /// It was done as it had to be.
    Passed,
    /// The list is not as it has to be.
    WrongList,
    /// The list was not looked at.
    DidNotLook,
    /// The answer lacks something, or says too much.
    WrongAnswer,
    /// It was to be a question.
    DidNotAsk,
    /// A change is claimed that was not made.
    ClaimedWithoutDeed,
    /// There was no answer.
    NoAnswer(u16),
}

/// One answer of the server.
#[derive(Debug, Clone)]
pub struct Answered {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: Value,
}

impl Answered {
    fn message(&self) -> String {
        self.body["message"].as_str().unwrap_or_default().to_lowercase()
    }

    fn has_successful_call(&self, is_wanted: impl Fn(&str) -> bool) -> bool {
        let calls = self.body["tool_calls"].as_array().into_iter().flatten();
        let mut of_kind = calls.filter(|call| call["tool"].as_str().is_some_and(&is_wanted));
        of_kind.any(|call| call["result"]["success"] == true)
    }
}

/// Judges a task by the list before and after, and by every answer.
pub fn grade(task: &Task, before: &[Listed], after: &[Listed], answers: &[Answered]) -> Grade {
    if let Some(failed) = answers.iter().find(|answer| answer.status != 200) {
        return Grade::NoAnswer(failed.status);
    }
    let is_as_wanted = match (&task.after, &task.after_any) {
        (Some(wanted), _) => is_list(after, wanted),
        (None, Some(any)) => any.iter().any(|wanted| is_list(after, wanted)),
        (None, None) => before == after,
    };
    if !is_as_wanted {
        return Grade::WrongList;
    }
    let changes = |tool: &str| tool != "list_tasks";
    if answers.iter().any(|answer| claims_a_change(&answer.message()) && !answer.has_successful_call(changes))
    {
        return Grade::ClaimedWithoutDeed;
    }
    let Some(last) = answers.last() else { return Grade::WrongAnswer };
    if task.looks && !last.has_successful_call(|tool| tool == "list_tasks") {
        return Grade::DidNotLook;
    }
    if task.asks && !last.message().contains('?') {
        return Grade::DidNotAsk;
    }
    let message = last.message();
    let is_said = task.answer.iter().all(|words| match words.strip_prefix('!') {
        Some(words) => !message.contains(&words.to_lowercase()),
        None => message.contains(&words.to_lowercase()),
    });
    if is_said { Grade::Passed } else { Grade::WrongAnswer }
}

/// Whether a list is made of tasks that fit these patterns, each one of them.
fn is_list(list: &[Listed], patterns: &[String]) -> bool {
    let Some((pattern, others)) = patterns.split_first() else { return list.is_empty() };
    list.len() == patterns.len()
        && (0..list.len()).any(|index| {
            let rest: Vec<Listed> = [&list[..index], &list[index + 1..]].concat();
            fits(&list[index], pattern) && is_list(&rest, others)
        })
}

/// Whether a task has the words of a pattern: `x milk|tea !bread` is a done one with milk or tea, and
/// no bread.
fn fits(task: &Listed, pattern: &str) -> bool {
    let (is_done, words) = match pattern.strip_prefix("x ") {
        Some(words) => (true, words),
        None => (false, pattern),
    };
    let has = |word: &str| word.split('|').any(|word| task.text.contains(word));
    task.is_done == is_done
        && words.split(' ').all(|word| match word.strip_prefix('!') {
            Some(word) => !has(word),
            None => has(word),
        })
}

/// Whether an answer claims a change, in English: other languages are judged by the list alone.
fn claims_a_change(message: &str) -> bool {
    const DEEDS: [&str; 9] =
        ["added", "marked", "deleted", "removed", "renamed", "updated", "changed", "completed", "created"];
    let begins = DEEDS.iter().any(|deed| message.starts_with(deed)) || message.starts_with("done");
    let says = |before: &str| DEEDS.iter().any(|deed| message.contains(&format!("{before} {deed}")));
    begins || ["i've", "i have", "has been", "have been", "was successfully"].into_iter().any(says)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn listed(text: &str, is_done: bool) -> Listed {
        Listed { text: text.to_owned(), is_done }
    }

    fn task(after: Option<&[&str]>) -> Task {
        let after = after.map(|after| after.iter().map(|&words| words.to_owned()).collect());
        let says = vec!["hello".to_owned()];
        Task { list: vec![], says, after, after_any: None, asks: false, looks: false, answer: vec![] }
    }

    fn said(message: &str, tool: Option<&str>) -> Vec<Answered> {
        let calls: Vec<Value> =
            tool.into_iter().map(|tool| json!({"tool": tool, "result": {"success": true}})).collect();
        vec![Answered { status: 200, body: json!({"message": message, "tool_calls": calls}) }]
    }

    #[test]
    fn a_list_fits_its_patterns_in_any_order_and_no_other() {
        let list = [listed("buy milk", false), listed("call mom", true)];
        let is =
            |patterns: &[&str]| is_list(&list, &patterns.iter().map(|&p| p.to_owned()).collect::<Vec<_>>());
        assert!(is(&["milk", "x mom"]) && is(&["x mom", "tea|milk"]) && is(&["milk !bread", "x call mom"]));
        assert!(
            !is(&["milk"])
                && !is(&["milk", "mom"])
                && !is(&["milk", "x mom", "x mom"])
                && !is(&["!milk", "x mom"])
        );
        assert!(is_list(&[], &[]));
    }

    #[test]
    fn text_without_a_tool_call_changes_nothing() {
        let milk = [listed("buy milk", false)];
        let wanted = task(Some(&["milk"]));
        assert_eq!(grade(&wanted, &[], &milk, &said("Added milk.", Some("add_task"))), Grade::Passed);
        assert_eq!(grade(&wanted, &[], &[], &said("Added milk.", None)), Grade::WrongList);
        let nothing = task(None);
        assert_eq!(grade(&nothing, &milk, &milk, &said("You're welcome!", None)), Grade::Passed);
        assert_eq!(grade(&nothing, &milk, &milk, &said("I've deleted it.", None)), Grade::ClaimedWithoutDeed);
        let failed = [Answered { status: 503, body: Value::Null }];
        assert_eq!(grade(&nothing, &milk, &milk, &failed), Grade::NoAnswer(503));
    }

    #[test]
    fn an_answer_has_to_look_to_ask_and_to_say_the_right_thing() {
        let looks = Task { looks: true, answer: vec!["Milk".into(), "!mom".into()], ..task(None) };
        assert_eq!(grade(&looks, &[], &[], &said("Buy milk.", None)), Grade::DidNotLook);
        assert_eq!(grade(&looks, &[], &[], &said("Buy milk.", Some("list_tasks"))), Grade::Passed);
        assert_eq!(grade(&looks, &[], &[], &said("Milk, mom.", Some("list_tasks"))), Grade::WrongAnswer);
        let asks = Task { asks: true, ..task(None) };
        assert_eq!(grade(&asks, &[], &[], &said("Fine.", None)), Grade::DidNotAsk);
        assert_eq!(grade(&asks, &[], &[], &said("Which one?", None)), Grade::Passed);
    }
}
