//! The state of a conversation, read from its history: which tasks are known, which one "it" is, what was
//! shown last. Only tool results count, never words.

use std::collections::HashMap;

use serde_json::Value;

use crate::{
    chat_request::{content, role, without_replaced},
    task::Task,
};

/// A tool call that was answered.
#[derive(Debug, Clone)]
pub(crate) struct CompletedCall {
    pub(crate) tool: String,
    pub(crate) arguments: Value,
    pub(crate) result: Value,
}

/// What became of one of the tasks that a call was about.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    /// Its number, when the call or the result says so.
    pub(crate) id: Option<u64>,
    /// The task, when it worked.
    pub(crate) task: Option<Task>,
    pub(crate) error: Option<String>,
    /// The day to which a task that comes back has moved.
    pub(crate) next: Option<String>,
    /// What became of the task, where the tool alone does not say it.
    pub(crate) kind: Option<String>,
}

impl CompletedCall {
    /// Whether the tool said that it did it, for one of several tasks at least.
    pub(crate) fn succeeded(&self) -> bool {
        let is_good = |result: &Value| result.get("success") == Some(&Value::Bool(true));
        is_good(&self.result) || self.results().is_some_and(|results| results.iter().any(is_good))
    }

    /// Returns the tool's own words about what went wrong.
    pub(crate) fn error(&self) -> &str {
        error(&self.result)
    }

    /// Returns what became of each task.
    pub(crate) fn outcomes(&self) -> Vec<Outcome> {
        match self.results() {
            Some(results) => results.iter().map(|result| outcome(result, result)).collect(),
            None => vec![outcome(&self.result, &self.arguments)],
        }
    }

    /// Returns the tasks in the result of a change that worked.
    pub(crate) fn changed(&self) -> Vec<Task> {
        self.outcomes().into_iter().filter_map(|outcome| outcome.task).collect()
    }

    /// Returns the tasks in the result of `list_tasks`.
    pub(crate) fn tasks(&self) -> Vec<Task> {
        let tasks = self.result.get("tasks").and_then(Value::as_array);
        tasks.into_iter().flatten().filter_map(Task::read).collect()
    }

    /// Returns how many tasks there are, of which only the first may be shown.
    pub(crate) fn total(&self) -> usize {
        let total = self.result.get("total").and_then(Value::as_u64).and_then(|total| total.try_into().ok());
        total.unwrap_or(0).max(self.tasks().len())
    }

    /// Whether there is more than is shown.
    pub(crate) fn is_cut(&self) -> bool {
        self.tasks().len() < self.total()
    }

    /// Whether this is the newest of the changes that `list_changes` has found. A task that somebody else has
    /// changed since, or that was changed back, is not.
    pub(crate) fn is_newest_in(&self, look: &CompletedCall) -> bool {
        let newest = &look.result["changes"][0];
        let Some(kind) = newest["kind"].as_str() else { return false };
        let fits = match self.tool.as_str() {
            "add_task" => kind == "added",
            "delete_task" => kind == "deleted",
            "complete_task" if self.arguments["completed"] == false => kind == "reopened",
            "complete_task" => matches!(kind, "completed" | "repeated"),
            _ => matches!(kind, "updated" | "repeated"),
        };
        let ids =
            self.outcomes().into_iter().filter_map(|outcome| outcome.id.or(outcome.task.map(|task| task.id)));
        fits && ids.into_iter().any(|id| newest["task_id"] == id)
    }

    fn is_change(&self) -> bool {
        !matches!(self.tool.as_str(), "list_tasks" | "list_changes")
    }

    fn results(&self) -> Option<&[Value]> {
        self.result.get("results").and_then(Value::as_array).map(Vec::as_slice)
    }
}

fn error(result: &Value) -> &str {
    result.get("error").and_then(Value::as_str).unwrap_or("the tool gave no reason")
}

fn outcome(result: &Value, numbered: &Value) -> Outcome {
    let is_good = result.get("success") == Some(&Value::Bool(true));
    Outcome {
        id: numbered.get("task_id").and_then(Value::as_u64),
        task: result.get("task").filter(|_| is_good).and_then(Task::read),
        error: (!is_good).then(|| error(result).to_owned()),
        next: result.get("next").and_then(Value::as_str).map(str::to_owned),
        kind: result.get("kind").and_then(Value::as_str).map(str::to_owned),
    }
}

/// Returns the answered tool calls, step by step.
pub(crate) fn steps(messages: &[Value]) -> Vec<Vec<CompletedCall>> {
    let mut steps = Vec::new();
    for (position, message) in messages.iter().enumerate() {
        let Some(calls) = message.get("tool_calls").and_then(Value::as_array) else { continue };
        // Ids are unique within one message only, so look no further than its answers.
        let following = messages[position + 1..].iter().take_while(|message| role(message) == "tool");
        let answers: HashMap<&str, &str> = following
            .filter_map(|answer| Some((text(answer, "/tool_call_id")?, text(answer, "/content")?)))
            .collect();
        let step: Vec<CompletedCall> = calls.iter().filter_map(|call| done(call, &answers)).collect();
        if !step.is_empty() {
            steps.push(step);
        }
    }
    steps
}

fn done(call: &Value, answers: &HashMap<&str, &str>) -> Option<CompletedCall> {
    Some(CompletedCall {
        tool: text(call, "/function/name")?.to_owned(),
        arguments: serde_json::from_str(text(call, "/function/arguments")?).unwrap_or(Value::Null),
        result: serde_json::from_str(answers.get(text(call, "/id")?)?).unwrap_or(Value::Null),
    })
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str)
}

/// The changes that the newest turn of a history has made and that can be undone.
pub(crate) fn changes_of_last_turn(history: &[Value]) -> Vec<CompletedCall> {
    let turn = history.rsplit(|message| role(message) == "user").next().unwrap_or_default();
    let is_made = |call: &CompletedCall| call.is_change() && call.tool != "undo_last" && call.succeeded();
    steps(without_replaced(turn)).into_iter().flatten().filter(is_made).collect()
}

/// What is known before the newest user message.
#[derive(Debug, Default)]
pub(crate) struct ConversationState {
    /// The tasks that the last turn with changes touched, and did not delete.
    pub(crate) focus: Vec<u64>,
    /// The tasks that were listed last, in that order.
    pub(crate) shown: Vec<u64>,
    /// Whether that list came after the last change, so that "them" are its tasks.
    pub(crate) shown_last: bool,
    /// The last change that was made.
    pub(crate) last_change: Option<CompletedCall>,
    /// The tasks that were deleted, newest last.
    pub(crate) deleted: Vec<Task>,
    /// Those of them that the last turn with changes deleted.
    pub(crate) deleted_last: usize,
    /// Whether that turn did something else as well.
    pub(crate) changed_others: bool,
}

impl ConversationState {
    /// Reads a history.
    pub(crate) fn of(messages: &[Value]) -> Self {
        let mut state = Self::default();
        for turn in messages.split(|message| role(message) == "user") {
            let words = turn.iter().rev().filter(|message| role(message) == "assistant").map(content);
            state.learn(
                &steps(turn).concat(),
                words.into_iter().find(|words| !words.is_empty()).unwrap_or(""),
            );
        }
        state
    }

    /// Returns what is known when a turn has made these changes. What it has just added is what "it" means;
    /// otherwise that was known before.
    pub(crate) fn after(&self, changes: &[CompletedCall]) -> Self {
        let mut after = Self { shown: self.shown.clone(), shown_last: self.shown_last, ..Self::default() };
        after.learn(changes, "");
        if after.focus.is_empty() {
            after.focus.clone_from(&self.focus);
        }
        after
    }

    /// Adds the calls of one turn, which ended with these words.
    fn learn(&mut self, calls: &[CompletedCall], words: &str) {
        let good: Vec<&CompletedCall> = calls.iter().filter(|call| call.succeeded()).collect();
        let changes: Vec<&CompletedCall> = good.iter().copied().filter(|call| call.is_change()).collect();
        // A list that was only looked up before a change was not shown.
        if good.last().is_some_and(|call| !call.is_change()) {
            self.see(&named_in(words, &good), changes.is_empty());
        }
        if let Some(last) = changes.last() {
            self.last_change = Some((*last).clone());
            self.shown_last = false;
            self.focus.clear();
            (self.deleted_last, self.changed_others) = (0, false);
        }
        for (change, outcome) in changes
            .iter()
            .flat_map(|change| change.outcomes().into_iter().map(move |outcome| (change, outcome)))
        {
            let Some(task) = outcome.task else { continue };
            self.focus.retain(|id| *id != task.id);
            if change.tool == "delete_task" || outcome.kind.as_deref() == Some("deleted") {
                self.deleted.push(task);
                self.deleted_last += 1;
            } else {
                self.focus.push(task.id);
                self.changed_others = true;
            }
        }
    }
    /// Takes in which tasks an answer has named after a look. When it has named none, nobody knows what "it"
    /// and "them" are; what was shown before can still be counted.
    fn see(&mut self, named: &[u64], is_only_a_look: bool) {
        self.shown_last = is_only_a_look && !named.is_empty();
        if !named.is_empty() {
            self.shown = named.to_vec();
        }
        match named {
            _ if !is_only_a_look => {}
            [] => self.focus.clear(),
            [only] => self.focus = vec![*only],
            _ => {}
        }
    }
}

/// Returns those of the tasks in these looks that the words name by number and title, in the order of the
/// words: what was only looked at was not shown.
fn named_in(words: &str, looks: &[&CompletedCall]) -> Vec<u64> {
    let tasks = looks.iter().flat_map(|look| look.tasks());
    let place = |task: &Task| {
        let Task { id, title, .. } = task;
        let forms = [
            format!("ask {id}: {title}"),
            format!("ask {id} '{title}'"),
            format!("ask {id} is '{title}'"),
            format!("'{title}' (task {id})"),
        ];
        forms.iter().filter_map(|form| words.find(form.as_str())).min()
    };
    let mut named: Vec<(usize, u64)> =
        tasks.filter_map(|task| place(&task).map(|place| (place, task.id))).collect();
    named.sort_unstable();
    named.dedup();
    named.into_iter().map(|(_, id)| id).collect()
}
