//! Talks to the stand-in as the server does, with a small task list
//! behind the tools.

mod changes;
mod sentences;

use serde_json::{Value, json};

use crate::{Answer, Chat, answer};

/// A person, a conversation, and a task list.
#[derive(Default)]
struct Talk {
    messages: Vec<Value>,
    tasks: Vec<Value>,
    last: u64,
    /// All tool calls so far, as `tool {arguments}`.
    calls: Vec<String>,
}

impl Talk {
    fn with(titles: &[&str]) -> Self {
        let mut talk = Self::default();
        for title in titles {
            talk.run("add_task", &json!({"title": title}));
        }
        talk
    }

    fn tool(name: &str) -> Value {
        let parameters = json!({"type": "object", "properties": {}});
        json!({"type": "function", "function": {"name": name, "description": "d", "parameters": parameters}})
    }

    fn request(&self) -> Value {
        let names = ["list_tasks", "add_task", "update_task", "complete_task", "delete_task"];
        let tools: Vec<Value> = names.into_iter().map(Self::tool).collect();
        let mut messages = vec![json!({"role": "system", "content": "s"})];
        messages.extend(self.messages.iter().cloned());
        json!({"model": "m", "messages": messages, "tools": tools})
    }

    /// One turn: returns what was said, with at most 8 model calls.
    fn say(&mut self, user: &str) -> String {
        self.messages.push(json!({"role": "user", "content": user}));
        for step in 0..8 {
            match answer(Chat::of(&self.request())) {
                Answer::Say(words) => {
                    assert!(!words.is_empty());
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
            self.messages
                .push(json!({"role": "tool", "tool_call_id": id(position), "content": result.to_string()}));
        }
    }

    fn run(&mut self, tool: &str, arguments: &Value) -> Value {
        match tool {
            "add_task" => {
                self.last += 1;
                let task = json!({"id": self.last, "title": arguments["title"], "description": arguments["description"], "completed": false});
                self.tasks.insert(0, task.clone());
                json!({"success": true, "task": task})
            }
            "list_tasks" => self.list(arguments),
            _ => self.change(tool, arguments),
        }
    }

    fn list(&self, arguments: &Value) -> Value {
        let search = arguments["search"].as_str().unwrap_or_default().to_lowercase();
        let fits = |task: &&Value| match arguments["status"].as_str() {
            Some("pending") => task["completed"] == false,
            Some("completed") => task["completed"] == true,
            _ => task["title"].as_str().unwrap().to_lowercase().contains(&search),
        };
        let tasks: Vec<&Value> = self.tasks.iter().filter(fits).collect();
        json!({"success": true, "tasks": tasks, "total": tasks.len()})
    }

    fn change(&mut self, tool: &str, arguments: &Value) -> Value {
        let id = &arguments["task_id"];
        let Some(place) = self.tasks.iter().position(|task| task["id"] == *id) else {
            return json!({"success": false, "error": format!("There is no task {id}."), "code": "NOT_FOUND"});
        };
        if tool == "delete_task" {
            return json!({"success": true, "task": self.tasks.remove(place)});
        }
        let task = &mut self.tasks[place];
        if tool == "complete_task" {
            task["completed"] = json!(arguments["completed"] != false);
        }
        for member in ["title", "description"].into_iter().filter(|member| !arguments[*member].is_null()) {
            task[member] = arguments[member].clone();
        }
        json!({"success": true, "task": task})
    }
}

/// Asserts the calls and the answer for one message on a list of tasks.
#[track_caller]
fn expect(tasks: &[&str], user: &str, calls: &[&str], answer: &str) {
    let mut talk = Talk::with(tasks);
    let said = talk.say(user);
    assert_eq!(talk.calls, calls, "{user} → {said}");
    assert!(said.contains(answer), "{user} → {said}");
}
