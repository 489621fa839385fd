//! Puts changes into words: only what the tools' results say.

use serde_json::Value;

use super::{
    approval_text::{question, waits},
    conversation_state::CompletedCall,
    task::{Task, and_list},
};

/// Says what became of every change.
pub(crate) fn changes(changes: &[CompletedCall]) -> Vec<String> {
    type Say = fn(&CompletedCall) -> Vec<Said>;
    let tools: [(&str, Say); 5] = [
        ("add_task", added),
        ("complete_task", marked),
        ("delete_task", deleted),
        ("update_task", updated),
        ("undo_last", undone),
    ];
    let mut sentences = Vec::new();
    for (tool, say) in tools {
        let said = changes.iter().filter(|done| done.tool == tool).flat_map(say);
        sentences.extend(together(said.collect()));
    }
    sentences.extend(changes.iter().filter(|done| !waits(done)).flat_map(failed));
    let silent = changes.iter().filter(|done| done.succeeded() && done.changed().is_empty());
    sentences.extend(silent.map(|done| format!("The tool {} says that it worked.", done.tool)));
    sentences.extend(changes.iter().filter_map(question));
    sentences
}

/// A sentence about a task, with `{}` in place of the task's title, so that it can be said of several.
struct Said {
    sentence: String,
    title: String,
}

impl Said {
    fn of(task: &Task, sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), title: format!("'{}'", task.title) }
    }
}

/// Says of several tasks at once what is the same.
fn together(said: Vec<Said>) -> Vec<String> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for Said { sentence, title } in said {
        match groups.iter_mut().find(|(known, _)| *known == sentence) {
            Some((_, titles)) => titles.push(title),
            None => groups.push((sentence, vec![title])),
        }
    }
    let say = |(sentence, titles): &(String, Vec<String>)| {
        let several = titles.len() > 1;
        let verbs = [("{is}", "is", "are"), ("{has}", "has", "have"), ("{s}", "s", "")];
        let said = verbs.iter().fold(sentence.clone(), |said, (place, one, many)| {
            said.replace(place, if several { many } else { one })
        });
        // The titles come last: they may hold anything.
        said.replacen("{}", &and_list(titles), 1)
    };
    groups.iter().map(say).collect()
}

fn added(done: &CompletedCall) -> Vec<Said> {
    let said = |task: &Task| {
        let details: String = task.details().iter().map(|detail| format!(", {detail}")).collect();
        Said::of(task, format!("I've added {{}} to your task list{details}."))
    };
    done.changed().iter().map(said).collect()
}

fn marked(done: &CompletedCall) -> Vec<Said> {
    let said = done.outcomes().into_iter().filter_map(|outcome| {
        let task = outcome.task?;
        let sentence = match (outcome.next, task.completed) {
            // A task that comes back is open again already.
            (Some(next), _) => format!("I've marked {{}} as done; next on {next}."),
            (None, true) => match task.open_parts() {
                Some(open) => format!("I've marked {{}} as done; it still has {open}."),
                None => "I've marked {} as done.".to_owned(),
            },
            (None, false) => "I've marked {} as not done.".to_owned(),
        };
        Some(Said::of(&task, sentence))
    });
    said.collect()
}

fn deleted(done: &CompletedCall) -> Vec<Said> {
    done.changed().iter().map(|task| Said::of(task, "I've deleted {}.")).collect()
}

fn updated(done: &CompletedCall) -> Vec<Said> {
    let is_set = |name: &str| done.arguments.get(name).is_some();
    let said = |task: &Task| {
        if is_set("title") {
            return vec![Said::of(task, format!("I've changed task {} to {{}}.", task.id))];
        }
        let mut sentences = Vec::new();
        if is_set("skip") {
            sentences.push(skipped(task));
        } else if is_set("repeat") {
            sentences.push(repeated(task));
        } else if is_set("due") {
            sentences.push(match &task.when {
                Some(when) => format!("{{}} {{is}} now due {when}."),
                None => "{} {has} no date any more.".to_owned(),
            });
        }
        if is_set("priority") {
            let priority = task.priority.as_deref().unwrap_or("no");
            sentences.push(format!("{{}} {{has}} {priority} priority now."));
        }
        if is_set("tags") || is_set("add_tags") {
            sentences.push(match task.tags.as_slice() {
                [] => "{} {has} no tags any more.".to_owned(),
                tags => format!("{{}} {{is}} now tagged {}.", and_list(tags)),
            });
        }
        if is_set("parent") {
            sentences.push(match task.parent {
                Some(parent) => format!("{{}} {{is}} now under task {parent}."),
                None => "{} {is} no subtask any more.".to_owned(),
            });
        }
        if is_set("description") {
            sentences.push("I've changed the description of {}.".to_owned());
        }
        sentences.into_iter().map(|sentence| Said::of(task, sentence)).collect()
    };
    done.changed().iter().flat_map(said).collect()
}

fn undone(done: &CompletedCall) -> Vec<Said> {
    let said = done.outcomes().into_iter().filter_map(|outcome| {
        let task = outcome.task?;
        let sentence = match outcome.kind.as_deref() {
            Some("restored") => "I've brought back {}.",
            Some("deleted") => "I've taken {} off your list again.",
            Some("completed") => "I've marked {} as done.",
            Some("reopened") => "I've marked {} as not done.",
            _ => "I've changed {} back to what it was.",
        };
        Some(Said::of(&task, sentence))
    });
    said.collect()
}

fn skipped(task: &Task) -> String {
    let next = task.when.as_ref().map(|when| format!("; next on {when}")).unwrap_or_default();
    format!("I've skipped {{}} this time{next}.")
}

fn repeated(task: &Task) -> String {
    let due = task.when.as_ref().map(|when| format!(", due {when}")).unwrap_or_default();
    match (&task.repeat, task.repeat_words()) {
        (None, _) => format!("{{}} no longer repeat{{s}}{due}."),
        (Some(_), Some(words)) => format!("{{}} now repeat{{s}} {words}{due}."),
        (Some(_), None) => format!("{{}} now repeat{{s}}{due}."),
    }
}

fn failed(done: &CompletedCall) -> Vec<String> {
    if done.tool == "undo_last" {
        // It says itself what was not undone.
        return if done.succeeded() { Vec::new() } else { vec![done.error().to_owned()] };
    }
    let verb = match done.tool.as_str() {
        "add_task" => "add",
        "update_task" => "change",
        "complete_task" => "mark",
        "delete_task" => "delete",
        other => other,
    };
    let title = done.arguments.get("title").and_then(Value::as_str);
    let failures = done.outcomes().into_iter().filter_map(|outcome| {
        let error = outcome.error?;
        let what = match (outcome.id, done.arguments.get("task_id"), title) {
            (Some(id), ..) => format!("task {id}"),
            (None, Some(Value::Array(ids)), _) => {
                format!("tasks {}", and_list(&ids.iter().map(Value::to_string).collect::<Vec<_>>()))
            }
            (None, Some(id), _) => format!("task {id}"),
            (None, None, Some(title)) => format!("'{title}'"),
            (None, None, None) => "that".to_owned(),
        };
        Some(format!("I could not {verb} {what}: {error}"))
    });
    failures.collect()
}
