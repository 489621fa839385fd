//! Draws a client's next operation at random, from what it knows of its tasks and conversations.

use std::mem::take;

use super::super::{Operation, OperationOutcome, OperationRecord, Rng};

/// What one client has and knows. Nobody else touches its tasks.
pub(super) struct ClientState {
    client: usize,
    count: usize,
    tasks: Vec<Known>,
    /// A conversation of its own, once it has one, and one that it shares.
    own: Option<String>,
    shared: String,
    /// What was answered in its own conversation, and under which key.
    keyed: Vec<(String, Operation)>,
    /// The same of one that it has deleted.
    deleted: Vec<(String, Operation)>,
    /// The newest turn of its own conversation, as long as nothing else happened there.
    newest: Option<NewestTurn>,
}

/// An answered message that may be edited, or answered anew.
struct NewestTurn {
    conversation: String,
    turn: String,
    said: String,
    adds: Vec<String>,
}

struct Known {
    id: i64,
    title: String,
    revision: u32,
}

impl ClientState {
    pub(super) fn new(client: usize, shared: String) -> Self {
        let (keyed, deleted) = (Vec::new(), Vec::new());
        Self { client, count: 0, tasks: Vec::new(), own: None, shared, keyed, deleted, newest: None }
    }

    /// Returns the next operation.
    pub(super) fn next(&mut self, rng: &mut Rng) -> Operation {
        let place = usize::try_from(rng.below(self.tasks.len() as u64)).unwrap_or(0);
        match rng.below(100) {
            0..9 => self.edit(rng, place),
            9..14 => self.regenerate(rng, place),
            14..16 => self.delete_conversation(rng, place),
            16..20 => self.resend(rng),
            20..24 => self.undo(rng, place),
            24..45 => self.chat(rng, place),
            45..49 => Operation::AddAll { titles: self.titles(rng) },
            49..58 => self.rename(place),
            58..65 => self.with(place, |task| Operation::Complete { task: task.id }),
            65..72 => self.with(place, |task| Operation::Delete { task: task.id }),
            _ => self.add(),
        }
    }

    /// Learns what came of it. A task about which something is in doubt is left alone: a request
    /// that was delayed in a frozen replica may still come true, and what it sets must be the last.
    pub(super) fn learn(&mut self, record: &OperationRecord) {
        if record.operation.asks_a_model() {
            self.newest = NewestTurn::after(record).filter(|newest| newest.conversation != self.shared);
        }
        if matches!(record.operation, Operation::DeleteConversation { .. }) {
            // Also when nobody knows: it may still be deleted.
            (self.own, self.newest, self.deleted) = (None, None, take(&mut self.keyed));
        }
        let OperationOutcome::Done(answer) = record.outcome() else {
            if matches!(record.operation, Operation::DeleteConversation { .. }) {
                self.deleted.clear();
            }
            return self.forget(record.operation.task());
        };
        match &record.operation {
            Operation::Add { title } => {
                if let Some(id) = answer.body["id"].as_i64() {
                    self.tasks.push(Known { id, title: title.clone(), revision: 0 });
                }
            }
            Operation::AddAll { titles } => {
                let ids = answer.body["results"].as_array().into_iter().flatten();
                let ids = ids.filter_map(|result| result["task"]["id"].as_i64());
                self.tasks.extend(ids.zip(titles).map(|(id, title)| Known {
                    id,
                    title: title.clone(),
                    revision: 0,
                }));
            }
            Operation::Chat { conversation: None, .. } => {
                self.own = answer.body["conversation_id"].as_str().map(str::to_owned);
            }
            _ => {}
        }
        if let Some(key) = record.key.as_ref().filter(|_| record.operation.asks_a_model())
            && answer.body["conversation_id"].as_str() == self.own.as_deref()
        {
            self.keyed.push((key.clone(), record.operation.clone()));
        }
        let is_gone = matches!(record.operation, Operation::Delete { .. });
        if is_gone || record.was_in_doubt() {
            self.forget(record.operation.task());
        }
    }

    fn forget(&mut self, task: Option<i64>) {
        self.tasks.retain(|known| Some(known.id) != task);
    }

    fn title(&mut self) -> String {
        self.count += 1;
        format!("t{}-{}", self.client, self.count)
    }

    fn add(&mut self) -> Operation {
        Operation::Add { title: self.title() }
    }

    fn rename(&mut self, place: usize) -> Operation {
        match self.tasks.get_mut(place) {
            None => self.add(),
            Some(task) => {
                task.revision += 1;
                Operation::Rename { task: task.id, title: format!("{}:{}", task.title, task.revision) }
            }
        }
    }

    fn with(&mut self, place: usize, operation: impl FnOnce(&Known) -> Operation) -> Operation {
        match self.tasks.get(place) {
            None => self.add(),
            Some(task) => operation(task),
        }
    }

    fn titles(&mut self, rng: &mut Rng) -> Vec<String> {
        let count = *rng.one_of(&[1, 1, 2, 3]).unwrap_or(&1);
        (0..count).map(|_| self.title()).collect()
    }

    fn edit(&mut self, rng: &mut Rng, place: usize) -> Operation {
        let Some(newest) = self.newest.take() else { return self.chat(rng, place) };
        let NewestTurn { conversation, turn, said: previous, adds: replaces } = newest;
        let adds = self.titles(rng);
        let previous = rng.hits(0.5).then_some(previous);
        Operation::Edit { conversation, turn, previous, adds, replaces, stays: rng.hits(0.3) }
    }

    fn regenerate(&mut self, rng: &mut Rng, place: usize) -> Operation {
        match self.newest.take() {
            Some(NewestTurn { conversation, turn, said, adds: replaces }) => {
                Operation::Regenerate { conversation, turn, said, replaces, stays: rng.hits(0.3) }
            }
            None => self.chat(rng, place),
        }
    }

    fn undo(&mut self, rng: &mut Rng, place: usize) -> Operation {
        match self.newest.take() {
            Some(NewestTurn { turn, adds: added, .. }) => Operation::UndoTurn { turn, added },
            None => self.chat(rng, place),
        }
    }

    fn delete_conversation(&mut self, rng: &mut Rng, place: usize) -> Operation {
        match &self.own {
            Some(conversation) => Operation::DeleteConversation { conversation: conversation.clone() },
            None => self.chat(rng, place),
        }
    }

    fn resend(&mut self, rng: &mut Rng) -> Operation {
        match rng.one_of(&self.deleted).cloned() {
            Some((key, said)) => Operation::Resend { key, said: Box::new(said) },
            None => self.add(),
        }
    }

    fn chat(&mut self, rng: &mut Rng, place: usize) -> Operation {
        let conversation = if rng.hits(0.3) { Some(self.shared.clone()) } else { self.own.clone() };
        let adds = self.titles(rng);
        let completes = if rng.hits(0.3) { self.tasks.get(place).map(|task| task.id) } else { None };
        Operation::Chat { conversation, adds, at_once: rng.hits(0.5), completes }
    }
}

impl NewestTurn {
    /// The message that was answered last, unless others write in its conversation, the answer changed
    /// tasks that are changed otherwise as well, or more than one answer's work belongs to it.
    fn after(record: &OperationRecord) -> Option<Self> {
        let OperationOutcome::Done(answer) = record.outcome() else { return None };
        let adds = match &record.operation {
            Operation::Chat { adds, completes: None, .. } | Operation::Edit { adds, stays: false, .. } => {
                adds
            }
            Operation::Regenerate { replaces, stays: false, .. } => replaces,
            _ => return None,
        };
        let text = |name: &str| answer.body[name].as_str().map(str::to_owned);
        Some(Self {
            conversation: text("conversation_id")?,
            turn: text("turn_id")?,
            said: record.operation.message(),
            adds: adds.clone(),
        })
    }
}
