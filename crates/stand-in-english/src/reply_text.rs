//! Puts what happened into words: only what the tools' results say.

use super::{
    activity_summary_text::{activity, completions},
    change_results_text::changes,
    conversation_state::CompletedCall,
    describe_filter::{narrowed, none_of, since_words, state},
    filter::Filter,
    intent::{Intent, SmallTalk, Status, Target},
    next_tool_calls::Progress,
    task::Task,
};

/// Says what was done, what could not be done, and what was asked for.
///
/// Returns an empty text when there is nothing to say.
pub(crate) fn speak(intents: &[Intent], progress: &Progress, recalled: &str) -> String {
    let mut sentences = changes(&progress.changes);
    sentences.extend(progress.remarks.iter().cloned());
    sentences.extend(progress.lists.iter().map(|(intent, done)| list(intent, done)));
    sentences.extend(intents.iter().filter_map(question));
    if sentences.is_empty() {
        sentences.extend(intents.iter().find_map(|intent| talk(intent, recalled)));
    }
    join(&sentences)
}

/// The answer to a person who wants nothing to be done after all.
pub(crate) const DECLINED: &str = "All right, I leave everything as it is.";

/// What is said before a question comes again.
pub(crate) const ALL_OR_NOTHING: &str = "I can only do all of that or nothing.";

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
     - Delete task 1, or: Delete all completed\n\n\
     I am a stand-in model with no real AI behind me; set OPENAI_API_KEY to talk to a real one.";

fn list(intent: &Intent, done: &CompletedCall) -> String {
    if !done.succeeded() {
        return format!("I could not look at your list: {}", done.error());
    }
    let tasks = done.tasks();
    match intent {
        Intent::Show(Target::Numbers(ids)) => {
            let shown = ids.iter().map(|id| one(*id, &tasks, done.total()));
            shown.collect::<Vec<_>>().join(" ")
        }
        Intent::Changes(since) => activity(since, done),
        Intent::Completions(since) => completions(since, done),
        Intent::List(filter) => many(filter, &tasks, done.total()),
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
    let details = task.details();
    let details = if details.is_empty() { String::new() } else { format!(" It is {}.", details.join(", ")) };
    let description =
        task.description.as_ref().map(|text| format!(" Its description: {text}")).unwrap_or_default();
    format!("Task {id} is '{}'. {state}{details}{description}", task.title)
}

fn many(filter: &Filter, tasks: &[Task], total: usize) -> String {
    if total == 0 {
        return none_of(filter);
    }
    let plural = if total == 1 { "task" } else { "tasks" };
    let head = match (&filter.about, &filter.done_since) {
        (Some(about), _) => format!("I found {total} {plural} about '{about}'"),
        (None, Some(since)) => format!("You have completed {total} {plural} {}", since_words(since)),
        (None, None) => format!("You have {total} {}{plural}{}", state(filter), narrowed(filter)),
    };
    let order = if filter.due.is_some() { "first" } else { "newest" };
    let cut = if tasks.len() < total {
        format!("; the {order} {} ({} more are not shown)", tasks.len(), total - tasks.len())
    } else {
        String::new()
    };
    let line = |task: &Task| {
        let mut details = task.details();
        if task.completed && filter.status == Status::All {
            details.insert(0, "done".to_owned());
        }
        let details = if details.is_empty() { String::new() } else { format!(" ({})", details.join(", ")) };
        format!("\n- Task {}: {}{details}", task.id, task.title)
    };
    format!("{head}{cut}:{}", tasks.iter().map(line).collect::<String>())
}

fn question(intent: &Intent) -> Option<String> {
    match intent {
        Intent::NeedsTitle(_) => Some(NEW_TASK_QUESTION.to_owned()),
        Intent::NeedsNewTitle(Target::Numbers(ids)) if ids.len() == 1 => {
            Some(format!("What should task {} be called?", ids[0]))
        }
        Intent::NeedsNewTitle(_) => Some("What should it be called?".to_owned()),
        _ => None,
    }
}

pub(crate) const NEW_TASK_QUESTION: &str = "What should the new task be called?";

fn talk(intent: &Intent, recalled: &str) -> Option<String> {
    let Intent::SmallTalk(talk) = intent else { return None };
    Some(match talk {
        SmallTalk::Greeting => "Hello! I keep your task list. What can I do for you?".to_owned(),
        SmallTalk::Thanks => "You're welcome!".to_owned(),
        SmallTalk::Bye => "Goodbye!".to_owned(),
        SmallTalk::Okay => "All right. Tell me when I can do something for you.".to_owned(),
        SmallTalk::Nothing => DECLINED.to_owned(),
        SmallTalk::Help => HELP.to_owned(),
        SmallTalk::Recall if recalled.is_empty() => {
            "That was the first thing you said in this conversation.".to_owned()
        }
        SmallTalk::Recall => format!("You said: '{recalled}'"),
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
