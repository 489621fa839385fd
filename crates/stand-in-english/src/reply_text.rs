//! Puts what happened into words: only what the tools' results say.

use super::{
    dialogue::{Done, Task},
    intent::{Intent, Status, Talk, Target},
    plan::Progress,
};

/// Says what was done, what could not be done, and what was asked for.
///
/// Returns an empty text when there is nothing to say.
pub(crate) fn speak(wishes: &[Intent], progress: &Progress, recalled: &str) -> String {
    let mut sentences = changes(&progress.changes);
    sentences.extend(progress.remarks.iter().cloned());
    sentences.extend(progress.lists.iter().map(|(wish, done)| list(wish, done)));
    sentences.extend(wishes.iter().filter_map(question));
    if sentences.is_empty() {
        sentences.extend(wishes.iter().find_map(|wish| talk(wish, recalled)));
    }
    join(&sentences)
}

/// The answer to what is not understood.
pub(crate) const NOT_UNDERSTOOD: &str = "I did not understand that: I am a stand-in model, with no real AI behind me. \
     I do understand sentences like these:\n\
     - Add a task to buy groceries\n\
     - Show my tasks\n\
     - Change task 1 to Buy organic groceries\n\
     - Mark task 1 as done\n\
     - Delete task 1\n\
     To talk to a real model, set OPENAI_API_KEY and start the server again.";

const HELP: &str = "I keep your task list. You can say, for example:\n\
     - Add a task to buy groceries\n\
     - Remind me to call Mom\n\
     - Show my tasks, or: What's left?\n\
     - Change task 1 to Buy organic groceries\n\
     - Mark task 1 as done, or: I finished the groceries one\n\
     - Delete task 1, or: Delete all completed\n\
     I am a stand-in model with no real AI behind me; set OPENAI_API_KEY to talk to a real one.";

fn changes(changes: &[Done]) -> Vec<String> {
    type Say = fn(&str) -> String;
    const KINDS: &[(&str, Option<bool>, Say)] = &[
        ("add_task", None, |titles| format!("I've added {titles} to your task list.")),
        ("complete_task", Some(true), |titles| format!("I've marked {titles} as done.")),
        ("complete_task", Some(false), |titles| format!("I've marked {titles} as not done.")),
        ("delete_task", None, |titles| format!("I've deleted {titles}.")),
    ];
    let mut sentences = Vec::new();
    for (tool, completed, say) in KINDS {
        let of_kind =
            changes.iter().filter(|done| done.tool == *tool && done.succeeded()).filter_map(Done::task);
        let titles: Vec<String> = of_kind
            .filter(|task| completed.is_none_or(|completed| task.completed == completed))
            .map(|task| format!("'{}'", task.title))
            .collect();
        if !titles.is_empty() {
            sentences.push(say(&and_list(&titles)));
        }
    }
    sentences.extend(changes.iter().filter(|done| done.tool == "update_task").filter_map(updated));
    sentences.extend(changes.iter().filter(|done| !done.succeeded()).map(failed));
    let silent = changes.iter().filter(|done| done.succeeded() && done.task().is_none());
    sentences.extend(silent.map(|done| format!("The tool {} says that it worked.", done.tool)));
    sentences
}

fn updated(done: &Done) -> Option<String> {
    let task = done.task().filter(|_| done.succeeded())?;
    let retitled = done.arguments.get("title").is_some();
    Some(if retitled {
        format!("I've changed task {} to '{}'.", task.id, task.title)
    } else {
        format!("I've changed the description of '{}'.", task.title)
    })
}

fn failed(done: &Done) -> String {
    let verb = match done.tool.as_str() {
        "add_task" => "add",
        "update_task" => "change",
        "complete_task" => "mark",
        "delete_task" => "delete",
        other => other,
    };
    let title = done.arguments.get("title").and_then(|title| title.as_str());
    let what = match (done.arguments.get("task_id"), title) {
        (Some(id), _) => format!("task {id}"),
        (None, Some(title)) => format!("'{title}'"),
        (None, None) => "that".to_owned(),
    };
    format!("I could not {verb} {what}: {}", done.error())
}

fn list(wish: &Intent, done: &Done) -> String {
    if !done.succeeded() {
        return format!("I could not look at your list: {}", done.error());
    }
    let tasks = done.tasks();
    match wish {
        Intent::Show(Target::Numbers(ids)) => {
            let shown = ids.iter().map(|id| one(*id, &tasks, done.total()));
            shown.collect::<Vec<_>>().join(" ")
        }
        Intent::List { status, about } => many(*status, about.as_deref(), &tasks, done.total()),
        _ => String::new(),
    }
}

fn one(id: u64, tasks: &[Task], total: usize) -> String {
    let Some(task) = tasks.iter().find(|task| task.id == id) else {
        let among = if tasks.len() < total {
            format!(" among the newest {} of {total}", tasks.len())
        } else {
            String::new()
        };
        return format!("I see no task {id} on your list{among}.");
    };
    let state = if task.completed { "It is done." } else { "It is not done yet." };
    let description =
        task.description.as_ref().map(|text| format!(" Its description: {text}")).unwrap_or_default();
    format!("Task {id} is '{}'. {state}{description}", task.title)
}

fn many(status: Status, about: Option<&str>, tasks: &[Task], total: usize) -> String {
    let plural = if total == 1 { "task" } else { "tasks" };
    let head = match (about, status, total) {
        (Some(about), _, 0) => return format!("I found no task about '{about}'."),
        (None, Status::All, 0) => return "Your task list is empty.".to_owned(),
        (None, Status::Pending, 0) => return "You have no open tasks.".to_owned(),
        (None, Status::Completed, 0) => return "You have no completed tasks.".to_owned(),
        (Some(about), _, _) => format!("I found {total} {plural} about '{about}'"),
        (None, Status::All, _) => format!("You have {total} {plural}"),
        (None, Status::Pending, _) => format!("You have {total} open {plural}"),
        (None, Status::Completed, _) => format!("You have {total} completed {plural}"),
    };
    let cut = if tasks.len() < total { format!("; the newest {}", tasks.len()) } else { String::new() };
    let mark = |task: &Task| if task.completed && status == Status::All { " (done)" } else { "" };
    let lines = tasks.iter().map(|task| format!("\n- Task {}: {}{}", task.id, task.title, mark(task)));
    format!("{head}{cut}:{}", lines.collect::<String>())
}

fn question(wish: &Intent) -> Option<String> {
    match wish {
        Intent::NeedsTitle => Some(NEW_TASK_QUESTION.to_owned()),
        Intent::NeedsNewTitle(Target::Numbers(ids)) if ids.len() == 1 => {
            Some(format!("What should task {} be called?", ids[0]))
        }
        Intent::NeedsNewTitle(_) => Some("What should it be called?".to_owned()),
        _ => None,
    }
}

pub(crate) const NEW_TASK_QUESTION: &str = "What should the new task be called?";

fn talk(wish: &Intent, recalled: &str) -> Option<String> {
    let Intent::Talk(talk) = wish else { return None };
    Some(match talk {
        Talk::Greeting => "Hello! I keep your task list. What can I do for you?".to_owned(),
        Talk::Thanks => "You're welcome!".to_owned(),
        Talk::Bye => "Goodbye!".to_owned(),
        Talk::Okay => "All right. Tell me when I can do something for you.".to_owned(),
        Talk::Help => HELP.to_owned(),
        Talk::Recall if recalled.is_empty() => {
            "That was the first thing you said in this conversation.".to_owned()
        }
        Talk::Recall => format!("You said: '{recalled}'"),
    })
}

/// Sentences stand side by side; a list stands by itself.
fn join(sentences: &[String]) -> String {
    let mut text = String::new();
    for sentence in sentences.iter().filter(|sentence| !sentence.is_empty()) {
        let apart = sentence.contains('\n') || text.contains('\n');
        let space = if text.is_empty() {
            ""
        } else if apart {
            "\n\n"
        } else {
            " "
        };
        text = text + space + sentence;
    }
    text
}

/// `a, b and c`
fn and_list(items: &[String]) -> String {
    match items {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => items.concat(),
    }
}
