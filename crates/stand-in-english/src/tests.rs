//! Talks to the stand-in as the server does, with a small task list
//! behind the tools.

mod add_list_complete;
mod approvals;
mod changes;
mod days;
mod done_and_open_questions;
mod due_phrase_or_title;
mod priority_and_tags;
mod several_sentences;
mod shown_tasks;
mod subtasks;
mod undo_and_cancel;

use serde_json::{Value, json};

use crate::{Answer, Chat, answer};

const SYSTEM: &str = "You keep a list. It is Saturday, 28 November 2026, after 8:00 (Europe/Berlin).";

/// A person, a conversation, and a task list.
#[derive(Default)]
struct SmallTalk {
    messages: Vec<Value>,
    tasks: Vec<Value>,
    last: u64,
    takes_many: bool,
    /// The tasks before each turn that changed them, for undo.
    before: Vec<Vec<Value>>,
    undone: usize,
    /// What `list_changes` finds.
    changes: Vec<Value>,
    /// All tool calls so far, as `tool {arguments}`.
    calls: Vec<String>,
}

impl SmallTalk {
    fn with(titles: &[&str]) -> Self {
        let mut talk = Self::default();
        for title in titles {
            talk.run("add_task", &json!({"title": title}));
        }
        talk
    }

    /// How many tasks are completed.
    fn completed(&self) -> usize {
        self.tasks.iter().filter(|task| task["completed"] == json!(true)).count()
    }

    /// With tools that take several tasks at once.
    fn taking_many(titles: &[&str]) -> Self {
        Self { takes_many: true, ..Self::with(titles) }
    }

    fn tool(&self, name: &str) -> Value {
        let description = if self.takes_many { "Several with task_id [1, 2]." } else { "d" };
        let parameters = json!({"type": "object", "properties": {}});
        json!({"type": "function", "function": {"name": name, "description": description, "parameters": parameters}})
    }

    fn request(&self) -> Value {
        let names = [
            "list_tasks",
            "add_task",
            "update_task",
            "complete_task",
            "delete_task",
            "list_changes",
            "undo_last",
        ];
        let tools: Vec<Value> = names.into_iter().map(|name| self.tool(name)).collect();
        let mut messages = vec![json!({"role": "system", "content": SYSTEM})];
        messages.extend(self.messages.iter().cloned());
        json!({"model": "m", "messages": messages, "tools": tools})
    }

    /// One turn: returns what was said, with at most 8 model calls.
    fn say(&mut self, user: &str) -> String {
        self.messages.push(json!({"role": "user", "content": user}));
        let (before, undone) = (self.tasks.clone(), self.undone);
        for step in 0..8 {
            match answer(Chat::of(&self.request())) {
                Answer::Say(words) => {
                    assert!(!words.is_empty());
                    if before != self.tasks && undone == self.undone {
                        self.before.push(before);
                    }
                    self.messages.push(json!({"role": "assistant", "content": words}));
                    return words;
                }
                Answer::Call(calls) => self.act(&calls, step),
            }
        }
        panic!("'{user}' did not come to an end");
    }

    /// Runs the tool calls.
    fn act(&mut self, wanted: &[(&str, Value)], step: usize) {
        let id = |position: usize| format!("call_{step}_{position}");
        let calls: Vec<Value> = wanted.iter().enumerate().map(|(position, (tool, arguments))| {
            json!({"id": id(position), "type": "function", "function": {"name": tool, "arguments": arguments.to_string()}})
        }).collect();
        self.messages.push(json!({"role": "assistant", "content": null, "tool_calls": calls}));
        for (position, (tool, arguments)) in wanted.iter().enumerate() {
            self.calls.push(format!("{tool} {arguments}"));
            let result = self.run(tool, arguments);
            self.log(tool, arguments, &result);
            self.messages
                .push(json!({"role": "tool", "tool_call_id": id(position), "content": result.to_string()}));
        }
    }

    /// Notes what a call has changed, the newest first.
    fn log(&mut self, tool: &str, arguments: &Value, result: &Value) {
        let one = [result.clone()];
        for result in result["results"].as_array().map_or(&one[..], Vec::as_slice) {
            let kind = match tool {
                _ if result["success"] != true => continue,
                "add_task" => "added",
                "delete_task" => "deleted",
                "complete_task" if arguments["completed"] == false => "reopened",
                "complete_task" => "completed",
                "update_task" => "updated",
                "undo_last" => result["kind"].as_str().unwrap(),
                _ => continue,
            };
            let (id, task) = (&result["task_id"], &result["task"]);
            let id = if id.is_null() { &task["id"] } else { id };
            let title = &task["title"];
            self.changes
                .insert(0, json!({"at": "2026-11-28 08:00", "kind": kind, "task_id": id, "title": title}));
        }
    }

    fn run(&mut self, tool: &str, arguments: &Value) -> Value {
        match tool {
            "add_task" => {
                self.last += 1;
                let mut task = json!({"id": self.last, "completed": false, "description": null});
                set(&mut task, arguments);
                self.tasks.insert(0, task.clone());
                json!({"success": true, "task": task})
            }
            "list_tasks" => self.list(arguments),
            "list_changes" => json!({"success": true, "changes": self.changes, "more": false}),
            "undo_last" => self.undo(),
            _ => self.change(tool, arguments),
        }
    }

    fn list(&self, arguments: &Value) -> Value {
        let search = arguments["search"].as_str().unwrap_or_default().to_lowercase();
        let is = |task: &Value, name: &str| arguments[name].is_null() || arguments[name] == task[name];
        let fits = |task: &&Value| {
            let of_status = match (arguments["status"].as_str(), &arguments["due"]) {
                (Some("pending"), _) | (None, Value::String(_)) => task["completed"] == false,
                (Some("completed"), _) => task["completed"] == true,
                _ => true,
            };
            let of_tag = arguments["tag"].is_null()
                || task["tags"].as_array().is_some_and(|tags| tags.contains(&arguments["tag"]));
            let is_undated = arguments["due"] == "none" && task["due"].is_null();
            let of_title = task["title"].as_str().unwrap().to_lowercase().contains(&search);
            of_status
                && of_title
                && of_tag
                && is(task, "priority")
                && is(task, "parent")
                && (is_undated || is(task, "due"))
        };
        let tasks: Vec<&Value> = self.tasks.iter().filter(fits).collect();
        let shown = tasks.len().min(MAX_TASKS);
        json!({"success": true, "tasks": tasks[..shown], "total": tasks.len()})
    }

    fn undo(&mut self) -> Value {
        let Some(before) = self.before.pop() else {
            return json!({"success": false, "error": "There is nothing to undo.", "code": "NOT_FOUND"});
        };
        self.undone += 1;
        let find = |tasks: &[Value], id: &Value| tasks.iter().find(|task| task["id"] == *id).cloned();
        let mut results = Vec::new();
        for task in before.iter().chain(&self.tasks) {
            let id = &task["id"];
            let (kind, task) = match (find(&before, id), find(&self.tasks, id)) {
                (Some(was), None) => ("restored", was),
                (None, Some(is)) => ("deleted", is),
                (Some(was), Some(is)) if was["completed"] != is["completed"] => {
                    (if was["completed"] == true { "completed" } else { "reopened" }, was)
                }
                (Some(was), Some(is)) if was != is => ("updated", was),
                _ => continue,
            };
            let result = json!({"success": true, "kind": kind, "task": task, "task_id": id});
            if !results.contains(&result) {
                results.push(result);
            }
        }
        self.tasks = before;
        json!({"success": true, "results": results})
    }

    fn change(&mut self, tool: &str, arguments: &Value) -> Value {
        if let Some(ids) = arguments["task_id"].as_array().cloned() {
            let one = |id: Value| {
                let mut arguments = arguments.clone();
                arguments["task_id"] = id.clone();
                let mut result = self.change(tool, &arguments);
                result["task_id"] = id;
                result
            };
            let results: Vec<Value> = ids.into_iter().map(one).collect();
            let is_good = results.iter().all(|result| result["success"] == true);
            return json!({"success": is_good, "results": results});
        }
        let id = &arguments["task_id"];
        let Some(place) = self.tasks.iter().position(|task| task["id"] == *id) else {
            return json!({"success": false, "error": format!("There is no task {id}."), "code": "NOT_FOUND"});
        };
        if tool == "delete_task" {
            return json!({"success": true, "task": self.tasks.remove(place)});
        }
        let task = &mut self.tasks[place];
        if tool == "complete_task" {
            if task["repeat"].is_string() && arguments["completed"] != false {
                (task["due"], task["when"]) = (json!("next"), json!("the next day"));
                return json!({"success": true, "task": task, "next": "the next day"});
            }
            task["completed"] = json!(arguments["completed"] != false);
        }
        set(task, arguments);
        let mut task = task.clone();
        let is_open_part = |other: &&Value| other["parent"] == *id && other["completed"] == false;
        task["open_subtasks"] = json!(self.tasks.iter().filter(is_open_part).count());
        json!({"success": true, "task": task})
    }
}

/// The most tasks that a list shows.
const MAX_TASKS: usize = 50;

/// Sets what is given. A day is said back as "day" and what was said, so that answers can only have it from
/// here.
fn set(task: &mut Value, arguments: &Value) {
    for member in ["title", "description", "due", "priority", "tags", "repeat", "parent"] {
        if let Some(value) = arguments.get(member) {
            task[member] = value.clone();
        }
    }
    if let Some(tags) = arguments["add_tags"].as_array() {
        let mut all = task["tags"].as_array().cloned().unwrap_or_default();
        all.extend(tags.iter().cloned());
        task["tags"] = json!(all);
    }
    if arguments["skip"] == true {
        task["due"] = json!("next");
    }
    task["when"] = task["due"].as_str().map_or(Value::Null, |due| json!(format!("day {due}")));
}

/// Asserts the calls and the answer for one message on a list of tasks.
#[track_caller]
fn expect(tasks: &[&str], user: &str, calls: &[&str], answer: &str) {
    expect_of(SmallTalk::with(tasks), user, calls, answer);
}

/// The same with tools that take several tasks at once.
#[track_caller]
fn expect_together(tasks: &[&str], user: &str, calls: &[&str], answer: &str) {
    expect_of(SmallTalk::taking_many(tasks), user, calls, answer);
}

#[track_caller]
fn expect_of(mut talk: SmallTalk, user: &str, calls: &[&str], answer: &str) {
    let said = talk.say(user);
    assert_eq!(talk.calls, calls, "{user} → {said}");
    assert!(said.contains(answer), "{user} → {said}");
}
