//! Decides what to do next: changes first, those that need a look at the list
//! after that look, and intents to see the list at the end.

use chrono::NaiveDate;
use serde_json::{Value, json};

use super::{
    approval_text::CONFIRMATION,
    chat_request::Chat,
    conversation_state::{CompletedCall, ConversationState, changes_of_last_turn},
    date_arithmetic::{beginning, is_of_the_clock, past},
    find_task::{Found, by_list, by_state, search_words},
    intent::{Change, Intent, Status, Target},
    intent_tool_calls::{PlannedCall, calls_for_intent, one_by_one},
    restore_task::{add_again, restore_last, was_deleted_last},
    task::Task,
};

/// More calls than that in one answer are left for the next message.
const AT_ONCE: usize = 10;

/// So many tasks the server deletes without a question.
const A_FEW: usize = 3;

/// What is known before the newest message.
pub(crate) struct Known<'a> {
    pub(crate) state: ConversationState,
    /// The person's date.
    pub(crate) today: Option<NaiveDate>,
    /// What is asked, with the tools that are offered.
    pub(crate) chat: Chat<'a>,
}

/// How far a turn has come.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// The next tool calls; none when it is time to speak.
    pub(crate) next: Vec<PlannedCall>,
    /// Changes that were tried, with what the tools said.
    pub(crate) changes: Vec<CompletedCall>,
    /// Lists that were asked for, each with the intent.
    pub(crate) lists: Vec<(Intent, CompletedCall)>,
    /// What could not be done, and questions.
    pub(crate) remarks: Vec<String>,
}

/// Walks through the steps of this turn and returns what is left to do.
pub(crate) fn progress(
    intents: &[Intent],
    known: &Known<'_>,
    steps: &[Vec<CompletedCall>],
    confirmed: bool,
) -> Progress {
    let mut walk = Walk { progress: Progress::default(), steps, confirmed, known };
    let sorted = Direct::sort(intents, &known.state);
    walk.progress.remarks.extend(sorted.remarks);

    let mut calls = sorted.calls;
    if intents.contains(&Intent::TakeBack) {
        let Some(look) = walk.step(vec![("list_changes", json!({}))]) else { return walk.progress };
        match walk.is_still_newest(&look) {
            // Before anything else: what comes first would be the last change.
            true => calls.insert(0, ("undo_last", json!({}))),
            false => walk.progress.remarks.push(CHANGED_SINCE.to_owned()),
        }
    }
    let mut looks: Vec<Value> = Vec::new();
    for look in sorted.deferred.iter().map(|intent| walk.look_for(intent)) {
        if !looks.contains(&look) {
            looks.push(look);
        }
    }
    calls.extend(looks.into_iter().map(|look| ("list_tasks", look)));
    let Some(step) = walk.step(calls) else { return walk.progress };
    let (looks, changes): (Vec<CompletedCall>, Vec<CompletedCall>) =
        step.into_iter().partition(|done| done.tool == "list_tasks");
    walk.progress.changes.extend(changes);

    if !sorted.deferred.is_empty() && !looks.is_empty() {
        let Some(searches) = walk.step(searches(&sorted.deferred, &looks)) else { return walk.progress };
        let calls = walk.after_look(&sorted.deferred, &looks, &searches);
        let Some(step) = walk.step(calls) else { return walk.progress };
        walk.progress.changes.extend(step);
    }
    walk.show(intents);
    walk.progress
}

/// A list that is cut short may hide a task, and another one of nearly its name: what is named is looked for
/// by its words then.
fn searches(deferred: &[Intent], looks: &[CompletedCall]) -> Vec<PlannedCall> {
    let mut calls: Vec<PlannedCall> = Vec::new();
    if !looks.iter().any(|look| look.succeeded() && look.is_cut()) {
        return calls;
    }
    for intent in deferred {
        let Some(Target::Named(name)) = intent.target() else { continue };
        for search in search_words(name) {
            let call = ("list_tasks", json!({"search": search}));
            if !calls.contains(&call) {
                calls.push(call);
            }
        }
    }
    calls
}

/// The intents that can be carried out without a look at the list, and the others.
struct Direct {
    calls: Vec<PlannedCall>,
    deferred: Vec<Intent>,
    remarks: Vec<String>,
}

impl Direct {
    fn sort(intents: &[Intent], state: &ConversationState) -> Self {
        let mut sorted = Self { calls: Vec::new(), deferred: Vec::new(), remarks: Vec::new() };
        let mut added = false;
        for intent in intents {
            match (intent, intent.target()) {
                (Intent::Add(_), _) => {
                    added = true;
                    sorted.calls.extend(calls_for_intent(intent, &[], &[]));
                }
                (Intent::NeedsNewTitle(_), _) => {}
                (Intent::Undo, _) => sorted.calls.push(("undo_last", json!({}))),
                // Under its number, as it was: what was deleted last comes back by being undone.
                (Intent::PutBack(target), _) if was_deleted_last(target, state) => {
                    sorted.calls.push(("undo_last", json!({})));
                }
                // "It" is a task of this very message, whose number nobody knows yet.
                (_, Some(Target::It | Target::Them | Target::Several(_))) if added => {
                    sorted.deferred.push(intent.clone())
                }
                (Intent::PutBack(target), _) if is_of_last_change(target, state) => match restore_last(state)
                {
                    Some(intents) => sorted.calls.extend(intents.iter().flat_map(|intent| {
                        let Some(Target::Numbers(ids)) = intent.target() else {
                            return calls_for_intent(intent, &[], &[]);
                        };
                        calls_for_intent(intent, ids, &[])
                    })),
                    None => sorted.remarks.push("Which task do you mean? Tell me its title.".to_owned()),
                },
                (_, Some(target)) => match by_state(target, state) {
                    Found::Tasks(_) if needs_task(intent) => sorted.deferred.push(intent.clone()),
                    Found::Tasks(ids) if needs_one(intent, &ids) => {
                        sorted.remarks.push(ONE_BY_ONE.to_owned())
                    }
                    Found::Tasks(ids) => sorted.calls.extend(calls_for_intent(intent, &ids, &[])),
                    Found::NeedsList => sorted.deferred.push(intent.clone()),
                    Found::Not(reason) => sorted.remarks.push(reason),
                },
                _ => {}
            }
        }
        sorted
    }
}

/// Whether what shall come back is what the last change took off the list.
fn is_of_last_change(target: &Target, state: &ConversationState) -> bool {
    match target {
        Target::It | Target::Them | Target::Several(_) => true,
        Target::Every(Status::All) => state.deleted_last > 0,
        _ => false,
    }
}

/// Whether more than a task's number must be known.
fn needs_task(intent: &Intent) -> bool {
    matches!(
        intent,
        Intent::Show(_)
            | Intent::PutBack(_)
            | Intent::Change { change: Change::Time(None) | Change::Postpone(..) | Change::RemoveTag(_), .. }
    )
}

/// Whether an intent is for one task and not for these.
fn needs_one(intent: &Intent, ids: &[u64]) -> bool {
    matches!(intent, Intent::Retitle { .. }) && ids.len() > 1
}

/// What `undo_last` undoes is what was changed last, whoever has changed it.
const CHANGED_SINCE: &str = "I leave everything as it is, for that is not what was changed last. Say \"undo\" to take the last change back.";

const ONE_BY_ONE: &str = "Several tasks with one title could not be told apart: rename them one by one.";

struct Walk<'a> {
    progress: Progress,
    steps: &'a [Vec<CompletedCall>],
    confirmed: bool,
    known: &'a Known<'a>,
}

impl Walk<'_> {
    /// Returns the results of these calls if they were made; else they are next.
    fn step(&mut self, mut calls: Vec<PlannedCall>) -> Option<Vec<CompletedCall>> {
        if calls.is_empty() {
            return Some(Vec::new());
        }
        calls = calls.into_iter().flat_map(|call| one_by_one(call, self.known.chat)).collect();
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

    /// Whether what the last turn has changed is what was changed last, as this look at the changes shows.
    fn is_still_newest(&self, look: &[CompletedCall]) -> bool {
        let changes = changes_of_last_turn(self.known.chat.history());
        look.iter().any(|look| changes.iter().any(|change| change.is_newest_in(look)))
    }

    /// Returns the arguments of the look that tells which tasks an intent is about.
    fn look_for(&self, intent: &Intent) -> Value {
        let changes_open = matches!(intent, Intent::Change { .. } | Intent::Complete { completed: true, .. });
        match intent.target() {
            Some(Target::Where(filter)) => {
                let filter = if changes_open { filter.clone().with(Status::Pending) } else { filter.clone() };
                filter.arguments(|since| beginning(since, self.known.today))
            }
            Some(Target::Every(Status::All | Status::Pending)) if matches!(intent, Intent::Change { .. }) => {
                json!({"status": "pending"})
            }
            _ => json!({}),
        }
    }

    /// Returns the calls for intents that had to wait for the list.
    fn after_look(
        &mut self,
        deferred: &[Intent],
        looks: &[CompletedCall],
        searches: &[CompletedCall],
    ) -> Vec<PlannedCall> {
        let state = &self.known.state;
        let fresh = state.after(&self.progress.changes);
        let mut wanted = Vec::new();
        for intent in deferred {
            let Some(target) = intent.target() else { continue };
            let arguments = self.look_for(intent);
            let Some(look) = looks.iter().find(|look| look.arguments == arguments) else { continue };
            if !look.succeeded() {
                self.progress.remarks.push(format!("I could not look at your list: {}", look.error()));
                continue;
            }
            let tasks = together(look, searches);
            let found = match by_state(target, &fresh) {
                Found::NeedsList => by_list(intent, target, &tasks),
                found => found,
            };
            match found {
                Found::Tasks(ids) if matches!(intent, Intent::Show(_)) => {
                    let shown = [look].into_iter().chain(searches);
                    let holds =
                        |done: &&CompletedCall| done.tasks().iter().any(|task| ids.contains(&task.id));
                    let shown = shown.clone().find(holds).unwrap_or(look).clone();
                    self.progress.lists.push((Intent::Show(Target::Numbers(ids)), shown));
                }
                Found::Tasks(ids) if self.needs_confirmation(intent, &ids) => {
                    let count = ids.len();
                    self.progress.remarks.push(format!("That would delete {count} tasks. {CONFIRMATION}"));
                }
                Found::Tasks(ids) if needs_one(intent, &ids) => {
                    self.progress.remarks.push(ONE_BY_ONE.to_owned());
                }
                Found::Tasks(ids) => {
                    self.say_what_is_hidden(target, look);
                    let ids = self.with_a_date(intent, ids, &tasks);
                    let intent = match intent {
                        Intent::PutBack(target) => {
                            &Intent::Complete { target: target.clone(), completed: false }
                        }
                        intent => intent,
                    };
                    wanted.extend(calls_for_intent(intent, &ids, &tasks));
                }
                Found::NeedsList => {}
                Found::Not(reason) => match add_again(intent, &state.deleted) {
                    Some(intent) => wanted.extend(calls_for_intent(&intent, &[], &[])),
                    None if searches.is_empty() => self.progress.remarks.push(with_rest(reason, look)),
                    None => self.progress.remarks.push(reason),
                },
            }
        }
        wanted
    }

    fn needs_confirmation(&self, intent: &Intent, ids: &[u64]) -> bool {
        let is_wide = match intent {
            Intent::Delete(Target::Every(status)) => *status != Status::Completed,
            Intent::Delete(Target::Where(filter)) => filter.status != Status::Completed,
            _ => false,
        };
        // Where one call takes them all, the server has more than a few wait for a yes.
        let is_asked_later = ids.len() > A_FEW && self.known.chat.takes_many("delete_task");
        is_wide && ids.len() > 1 && !self.confirmed && !is_asked_later
    }

    /// Leaves out of "postpone everything by a week" what has no date, and what has no time that could go or
    /// be an hour later.
    fn with_a_date(&mut self, intent: &Intent, ids: Vec<u64>, tasks: &[Task]) -> Vec<u64> {
        let is_wide = matches!(intent.target(), Some(Target::Every(_) | Target::Where(_)));
        let Intent::Change { change, .. } = intent else { return ids };
        let (needed, reason) = match change {
            Change::Time(None) => ("T", "There is no time of day to remove."),
            Change::Postpone(_, unit) if is_of_the_clock(unit) => ("T", "There is no time of day to move."),
            Change::Time(_) | Change::Postpone(..) if is_wide => ("", "None of these tasks has a date."),
            _ => return ids,
        };
        // What has no date is put off from now.
        let from_now = matches!(change, Change::Postpone(..)) && !is_wide;
        let has_it = |task: &&Task| task.due.as_ref().map_or(from_now, |due| due.contains(needed));
        let found = tasks.iter().filter(has_it).map(|task| task.id).collect::<Vec<_>>();
        let kept: Vec<u64> = ids.into_iter().filter(|id| found.contains(id)).collect();
        if kept.is_empty() {
            self.progress.remarks.push(reason.to_owned());
        }
        kept
    }

    /// "Everything" is only what the list shows.
    fn say_what_is_hidden(&mut self, target: &Target, look: &CompletedCall) {
        if matches!(target, Target::Every(_) | Target::Where(_)) && look.is_cut() {
            let (shown, total) = (look.tasks().len(), look.total());
            self.progress
                .remarks
                .push(format!("I saw only {shown} of {total} tasks; ask me again for the rest."));
        }
    }

    /// Asks for the lists that are wanted, after everything else.
    fn show(&mut self, intents: &[Intent]) {
        let is_look = |intent: &&Intent| {
            matches!(intent, Intent::List(_) | Intent::Changes(_) | Intent::Completions(_))
        };
        let lists: Vec<&Intent> = intents.iter().filter(is_look).collect();
        let today = self.known.today;
        let list = |intent: &&Intent| match intent {
            Intent::List(filter) => Some(("list_tasks", filter.arguments(|since| beginning(since, today)))),
            Intent::Changes(since) | Intent::Completions(since) => Some(("list_changes", days(since, today))),
            _ => None,
        };
        let calls = lists.iter().filter_map(list).collect();
        if let Some(step) = self.step(calls) {
            self.progress.lists.extend(lists.into_iter().cloned().zip(step));
        }
    }
}

/// The arguments of `list_changes` for a time in the person's words. Yesterday ends before
/// today.
fn days(since: &str, today: Option<NaiveDate>) -> Value {
    match since {
        "" => json!({}),
        "yesterday" => json!({"since": "yesterday", "until": "yesterday"}),
        _ => match past(since, today) {
            Some((first, last)) => json!({"since": first.to_string(), "until": last.to_string()}),
            None => json!({"since": beginning(since, today)}),
        },
    }
}

/// The tasks of a look and of the searches after it, each once.
fn together(look: &CompletedCall, searches: &[CompletedCall]) -> Vec<Task> {
    let mut tasks = look.tasks();
    for task in searches.iter().flat_map(CompletedCall::tasks) {
        if !tasks.iter().any(|known| known.id == task.id) {
            tasks.push(task);
        }
    }
    tasks
}

/// A list that is cut short may hide what was looked for.
fn with_rest(reason: String, look: &CompletedCall) -> String {
    let (shown, total) = (look.tasks().len(), look.total());
    if look.is_cut() { format!("{reason} (I only see the newest {shown} of {total}.)") } else { reason }
}
