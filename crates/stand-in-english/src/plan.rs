//! Decides what to do next: changes first, those that need a look at the list
//! after that look, and wishes to see the list at the end.

use serde_json::{Value, json};

use super::{
    dialogue::{Done, Memory},
    find_task::{Found, by_list, by_memory},
    intent::{Intent, Status, Target},
};

/// A tool call to make.
pub(crate) type Wanted = (&'static str, Value);

/// More calls than that in one answer are left for the next message.
const AT_ONCE: usize = 10;

/// How far a turn has come.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// The next tool calls; none when it is time to speak.
    pub(crate) next: Vec<Wanted>,
    /// Changes that were tried, with what the tools said.
    pub(crate) changes: Vec<Done>,
    /// Lists that were asked for, each with the wish.
    pub(crate) lists: Vec<(Intent, Done)>,
    /// What could not be done, and questions.
    pub(crate) remarks: Vec<String>,
}

/// Walks through the steps of this turn and returns what is left to do.
pub(crate) fn progress(wishes: &[Intent], memory: &Memory, steps: &[Vec<Done>], confirmed: bool) -> Progress {
    let mut walk = Walk { progress: Progress::default(), steps, confirmed };
    let known = Direct::sort(wishes, memory);
    walk.progress.remarks.extend(known.remarks);

    let mut calls = known.calls;
    if !known.deferred.is_empty() {
        calls.push(("list_tasks", json!({})));
    }
    let Some(step) = walk.step(calls) else { return walk.progress };
    let (looks, changes): (Vec<Done>, Vec<Done>) =
        step.into_iter().partition(|done| done.tool == "list_tasks");
    walk.progress.changes.extend(changes);

    if let Some(look) = looks.last() {
        let calls = walk.after_look(&known.deferred, look, memory);
        let Some(step) = walk.step(calls) else { return walk.progress };
        walk.progress.changes.extend(step);
    }
    walk.show(wishes);
    walk.progress
}

/// The wishes that can be granted without a look at the list, and the others.
struct Direct {
    calls: Vec<Wanted>,
    deferred: Vec<Intent>,
    remarks: Vec<String>,
}

impl Direct {
    fn sort(wishes: &[Intent], memory: &Memory) -> Self {
        let mut sorted = Self { calls: Vec::new(), deferred: Vec::new(), remarks: Vec::new() };
        let mut added = false;
        for wish in wishes {
            let wish = &undo(wish, memory);
            match (wish, wish.target()) {
                (Intent::Add { .. }, _) => {
                    added = true;
                    sorted.calls.extend(call(wish, 0));
                }
                (Intent::NeedsNewTitle(_), _) => {}
                (Intent::Undo, _) => sorted.remarks.push(NO_UNDO.to_owned()),
                // "It" is a task of this very message, whose number nobody knows yet.
                (_, Some(Target::It | Target::Them)) if added => sorted.deferred.push(wish.clone()),
                (_, Some(target)) => match by_memory(target, memory) {
                    Found::Tasks(_) if matches!(wish, Intent::Show(_)) => sorted.deferred.push(wish.clone()),
                    Found::Tasks(ids) => sorted.calls.extend(ids.into_iter().filter_map(|id| call(wish, id))),
                    Found::NeedsList => sorted.deferred.push(wish.clone()),
                    Found::Not(reason) => sorted.remarks.push(reason),
                },
                _ => {}
            }
        }
        sorted
    }
}

const NO_UNDO: &str = "I can only take back that a task was marked as done or not done. Tell me what to change, for example \
     'Rename task 1 to Buy bread'.";

/// Turns "undo" into the wish that takes the last change back, if there is one.
fn undo(wish: &Intent, memory: &Memory) -> Intent {
    let last = memory.last_change.as_ref().filter(|last| last.tool == "complete_task");
    match (wish, last.and_then(Done::task)) {
        (Intent::Undo, Some(task)) => {
            Intent::Complete { target: Target::Numbers(vec![task.id]), completed: !task.completed }
        }
        _ => wish.clone(),
    }
}

struct Walk<'a> {
    progress: Progress,
    steps: &'a [Vec<Done>],
    confirmed: bool,
}

impl Walk<'_> {
    /// Returns the results of these calls if they were made; else they are next.
    fn step(&mut self, mut calls: Vec<Wanted>) -> Option<Vec<Done>> {
        if calls.is_empty() {
            return Some(Vec::new());
        }
        if calls.len() > AT_ONCE {
            calls.truncate(AT_ONCE);
            self.progress.remarks.push(format!("I do {AT_ONCE} things at once; ask me again for the rest."));
        }
        let Some((step, rest)) = self.steps.split_first() else {
            self.progress.next = calls;
            return None;
        };
        self.steps = rest;
        Some(step.clone())
    }

    /// Returns the calls for wishes that had to wait for the list.
    fn after_look(&mut self, deferred: &[Intent], look: &Done, memory: &Memory) -> Vec<Wanted> {
        if !look.succeeded() {
            self.progress.remarks.push(format!("I could not look at your list: {}", look.error()));
            return Vec::new();
        }
        let mut fresh = Memory { shown: memory.shown.clone(), ..Memory::default() };
        fresh.learn(&self.progress.changes);
        let tasks = look.tasks();
        let mut calls = Vec::new();
        for wish in deferred {
            let Some(target) = wish.target() else { continue };
            let found = match by_memory(target, &fresh) {
                Found::NeedsList => by_list(wish, target, &tasks),
                found => found,
            };
            match found {
                Found::Tasks(ids) if matches!(wish, Intent::Show(_)) => {
                    let wish = Intent::Show(Target::Numbers(ids));
                    self.progress.lists.push((wish, look.clone()));
                }
                Found::Tasks(ids) if self.needs_confirmation(wish, &ids) => {
                    let count = ids.len();
                    self.progress
                        .remarks
                        .push(format!("That would delete {count} tasks. Shall I really do that?"));
                }
                Found::Tasks(ids) => calls.extend(ids.into_iter().filter_map(|id| call(wish, id))),
                Found::NeedsList => {}
                Found::Not(reason) => self.progress.remarks.push(with_rest(reason, look)),
            }
        }
        calls
    }

    fn needs_confirmation(&self, wish: &Intent, ids: &[u64]) -> bool {
        let wide = matches!(wish, Intent::Delete(Target::Every(Status::All | Status::Pending)));
        wide && ids.len() > 1 && !self.confirmed
    }

    /// Asks for the lists that are wanted, after everything else.
    fn show(&mut self, wishes: &[Intent]) {
        let lists: Vec<&Intent> = wishes.iter().filter(|wish| matches!(wish, Intent::List { .. })).collect();
        let calls = lists.iter().filter_map(|wish| call(wish, 0)).collect();
        if let Some(step) = self.step(calls) {
            self.progress.lists.extend(lists.into_iter().cloned().zip(step));
        }
    }
}

/// A list that is cut short may hide what was looked for.
fn with_rest(reason: String, look: &Done) -> String {
    let (shown, total) = (look.tasks().len(), look.total());
    if shown < total { format!("{reason} (I only see the newest {shown} of {total}.)") } else { reason }
}

/// Returns the tool call that grants a wish for one task.
fn call(wish: &Intent, id: u64) -> Option<Wanted> {
    Some(match wish {
        Intent::Add { title, description: None } => ("add_task", json!({"title": title})),
        Intent::Add { title, description } => {
            ("add_task", json!({"title": title, "description": description}))
        }
        Intent::List { status: Status::All, about: None } => ("list_tasks", json!({})),
        Intent::List { status, about: None } => ("list_tasks", json!({"status": status.argument()})),
        Intent::List { about, .. } => ("list_tasks", json!({"search": about})),
        Intent::Retitle { title, .. } => ("update_task", json!({"task_id": id, "title": title})),
        Intent::Describe { description, .. } => {
            ("update_task", json!({"task_id": id, "description": description}))
        }
        Intent::Complete { completed: true, .. } => ("complete_task", json!({"task_id": id})),
        Intent::Complete { .. } => ("complete_task", json!({"task_id": id, "completed": false})),
        Intent::Delete(_) => ("delete_task", json!({"task_id": id})),
        Intent::Show(_) | Intent::Undo | Intent::NeedsTitle | Intent::NeedsNewTitle(_) | Intent::Talk(_) => {
            return None;
        }
    })
}
