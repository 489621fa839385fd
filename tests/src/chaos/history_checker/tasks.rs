//! Tasks: none lost, none twice, none that nobody asked for, each as it was last acknowledged.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::super::{Answer, Operation, OperationOutcome, OperationRecord, final_state::Task};

/// What is known of a task that was acknowledged. Where nobody knows, everything that may be is
/// in the list.
#[derive(Debug)]
struct Expected {
    titles: Vec<String>,
    completed: Vec<bool>,
    may_be_there: bool,
    must_be_there: bool,
}

pub(super) fn violations(records: &[&OperationRecord], tasks: &[Task]) -> Vec<String> {
    let mut found = Vec::new();
    let mut expected = BTreeMap::new();
    for record in records {
        found.extend(expect(record, &mut expected));
    }
    found.extend(expected.iter().filter_map(|(id, expected)| deviation(*id, expected, tasks)));
    found.extend(strangers(records, tasks));
    found
}

/// Follows one operation: the records of a client are in order, and no two clients of a run touch
/// the same task.
fn expect(record: &OperationRecord, expected: &mut BTreeMap<i64, Expected>) -> Vec<String> {
    let mut found = Vec::new();
    let outcome = record.outcome();
    let taken_back = record.operation.takes_back();
    let is_taken_back = |task: &&mut Expected| task.titles.iter().any(|title| taken_back.contains(title));
    for task in expected.values_mut().filter(is_taken_back) {
        task.change(record, outcome);
    }
    if let OperationOutcome::Done(answer) = outcome {
        for title in record.operation.adds() {
            match acknowledged(&record.operation, title, answer) {
                Some(id) => {
                    let task = Expected {
                        titles: vec![title.clone()],
                        completed: vec![false],
                        may_be_there: true,
                        must_be_there: true,
                    };
                    if expected.insert(id, task).is_some() {
                        found.push(format!("number {id} was given out twice, the second time for {title}"));
                    }
                }
                None => found
                    .push(format!("{}: the answer does not tell of {title}: {answer:?}", record.operation)),
            }
        }
    }
    if let Some(task) = record.operation.task().and_then(|id| expected.get_mut(&id)) {
        task.change(record, outcome);
    }
    found
}

impl Expected {
    fn change(&mut self, record: &OperationRecord, outcome: OperationOutcome<'_>) {
        let is_done = matches!(outcome, OperationOutcome::Done(_));
        match &record.operation {
            Operation::Rename { title, .. } => set(&mut self.titles, title.clone(), is_done),
            Operation::Complete { .. } | Operation::Chat { .. } => set(&mut self.completed, true, is_done),
            Operation::Delete { .. }
            | Operation::Edit { .. }
            | Operation::Regenerate { .. }
            | Operation::UndoTurn { .. } => {
                self.must_be_there = false;
                self.may_be_there &= !is_done;
            }
            Operation::Add { .. }
            | Operation::AddAll { .. }
            | Operation::DeleteConversation { .. }
            | Operation::Resend { .. } => {}
        }
    }
}

fn set<T>(known: &mut Vec<T>, value: T, is_certain: bool) {
    if is_certain {
        known.clear();
    }
    known.push(value);
}

/// Returns the number under which an answer says that a title was added.
fn acknowledged(operation: &Operation, title: &str, answer: &Answer) -> Option<i64> {
    let id_of = |task: &Value| (task["title"] == title).then(|| task["id"].as_i64())?;
    if matches!(operation, Operation::Add { .. }) {
        return id_of(&answer.body);
    }
    if matches!(operation, Operation::AddAll { .. }) {
        return answer.body["results"].as_array()?.iter().find_map(|result| id_of(&result["task"]));
    }
    // What was taken back and done again is there twice.
    answer.body["tool_calls"].as_array()?.iter().rev().find_map(|call| id_of(&call["result"]["task"]))
}

fn deviation(id: i64, expected: &Expected, tasks: &[Task]) -> Option<String> {
    let Some(task) = tasks.iter().find(|task| task.id == id) else {
        return expected
            .must_be_there
            .then(|| format!("task {id} was acknowledged and is lost: {expected:?}"));
    };
    if !expected.may_be_there {
        return Some(format!("task {id} was deleted and is there: {task:?}"));
    }
    let is_as_expected =
        expected.titles.contains(&task.title) && expected.completed.contains(&task.completed);
    (!is_as_expected).then(|| format!("task {id} is {task:?}, and should be {expected:?}"))
}

/// Tasks that are there twice, that nobody asked for, or whose order within a turn is wrong.
fn strangers(records: &[&OperationRecord], tasks: &[Task]) -> Vec<String> {
    let mut found = Vec::new();
    let mut numbers: HashMap<&str, i64> = HashMap::new();
    for task in tasks {
        // A revision stands behind the title that a task was added with.
        let title = task.title.split(':').next().unwrap_or_default();
        if let Some(other) = numbers.insert(title, task.id) {
            found.push(format!("{title} was added twice, as {other} and as {}", task.id));
        }
    }
    let asked_for: HashMap<&str, &OperationRecord> = records
        .iter()
        .flat_map(|record| record.operation.adds().iter().map(|title| (title.as_str(), *record)))
        .collect();
    found.extend(
        numbers
            .keys()
            .filter(|title| !asked_for.contains_key(*title))
            .map(|title| format!("nobody asked for {title}")),
    );
    for record in records.iter().filter(|record| matches!(record.outcome(), OperationOutcome::Unknown)) {
        let together = record.operation.all_or_none();
        let present = together.iter().filter(|title| numbers.contains_key(title.as_str())).count();
        if present > 0 && present < together.len() {
            found.push(format!("{}: {present} of {} are there", record.operation, together.len()));
        }
    }
    for record in records {
        let order: Vec<i64> =
            record.operation.adds().iter().filter_map(|title| numbers.get(title.as_str()).copied()).collect();
        if !order.is_sorted() {
            found.push(format!("{}: added in the order {order:?}", record.operation));
        }
    }
    found
}
