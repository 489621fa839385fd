//! What the history says about the person's tasks: which are known, which one
//! "it" is, what was shown last. Only tool results count, never words.

use std::collections::HashMap;

use serde_json::Value;

use crate::chat::role;

/// A tool call that was answered.
#[derive(Debug, Clone)]
pub(crate) struct Done {
    pub(crate) tool: String,
    pub(crate) arguments: Value,
    pub(crate) result: Value,
}

/// A task as a tool result showed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Task {
    pub(crate) id: u64,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) completed: bool,
}

impl Done {
    /// Whether the tool said that it did it.
    pub(crate) fn succeeded(&self) -> bool {
        self.result.get("success") == Some(&Value::Bool(true))
    }

    /// Returns the tool's own words about what went wrong.
    pub(crate) fn error(&self) -> &str {
        self.result.get("error").and_then(Value::as_str).unwrap_or("the tool gave no reason")
    }

    /// Returns the task in the result.
    pub(crate) fn task(&self) -> Option<Task> {
        Task::read(self.result.get("task")?)
    }

    /// Returns the tasks in the result of `list_tasks`.
    pub(crate) fn tasks(&self) -> Vec<Task> {
        let tasks = self.result.get("tasks").and_then(Value::as_array);
        tasks.into_iter().flatten().filter_map(Task::read).collect()
    }

    /// Returns how many tasks there are, of which only the newest may be shown.
    pub(crate) fn total(&self) -> usize {
        let total = self.result.get("total").and_then(Value::as_u64).and_then(|total| total.try_into().ok());
        total.unwrap_or(0).max(self.tasks().len())
    }

    fn is_change(&self) -> bool {
        self.tool != "list_tasks"
    }
}

impl Task {
    fn read(value: &Value) -> Option<Self> {
        Some(Self {
            id: value.get("id")?.as_u64()?,
            title: value.get("title")?.as_str()?.to_owned(),
            description: value.get("description").and_then(Value::as_str).map(str::to_owned),
            completed: value.get("completed").and_then(Value::as_bool).unwrap_or(false),
        })
    }
}

/// Returns the answered tool calls, step by step.
pub(crate) fn steps(messages: &[Value]) -> Vec<Vec<Done>> {
    let mut steps = Vec::new();
    for (position, message) in messages.iter().enumerate() {
        let Some(calls) = message.get("tool_calls").and_then(Value::as_array) else { continue };
        // Ids are unique within one message only, so look no further than its answers.
        let following = messages[position + 1..].iter().take_while(|message| role(message) == "tool");
        let answers: HashMap<&str, &str> = following
            .filter_map(|answer| Some((text(answer, "/tool_call_id")?, text(answer, "/content")?)))
            .collect();
        let step: Vec<Done> = calls.iter().filter_map(|call| done(call, &answers)).collect();
        if !step.is_empty() {
            steps.push(step);
        }
    }
    steps
}

fn done(call: &Value, answers: &HashMap<&str, &str>) -> Option<Done> {
    Some(Done {
        tool: text(call, "/function/name")?.to_owned(),
        arguments: serde_json::from_str(text(call, "/function/arguments")?).unwrap_or(Value::Null),
        result: serde_json::from_str(answers.get(text(call, "/id")?)?).unwrap_or(Value::Null),
    })
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer).and_then(Value::as_str)
}

/// What is known before the newest user message.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    /// The tasks that the last turn with changes touched, and did not delete.
    pub(crate) focus: Vec<u64>,
    /// The tasks that were listed last, in that order.
    pub(crate) shown: Vec<u64>,
    /// The last change that was made.
    pub(crate) last_change: Option<Done>,
}

impl Memory {
    /// Reads a history.
    pub(crate) fn of(messages: &[Value]) -> Self {
        let mut memory = Self::default();
        for turn in messages.split(|message| role(message) == "user") {
            memory.learn(&steps(turn).concat());
        }
        memory
    }

    /// Adds the calls of one turn.
    pub(crate) fn learn(&mut self, calls: &[Done]) {
        let good: Vec<&Done> = calls.iter().filter(|call| call.succeeded()).collect();
        let changes: Vec<&Done> = good.iter().copied().filter(|call| call.is_change()).collect();
        // A list that was only looked up before a change was not shown.
        if let Some(list) = good.last().filter(|call| !call.is_change()) {
            self.shown = list.tasks().iter().map(|task| task.id).collect();
            if let ([only], true) = (self.shown.as_slice(), changes.is_empty()) {
                self.focus = vec![*only];
            }
        }
        if let Some(last) = changes.last() {
            self.last_change = Some((*last).clone());
            self.focus.clear();
        }
        for change in changes {
            let Some(task) = change.task() else { continue };
            self.focus.retain(|id| *id != task.id);
            if change.tool != "delete_task" {
                self.focus.push(task.id);
            }
        }
    }
}
