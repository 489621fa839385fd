//! Taking back in memory: facts are read, and decisions carried out.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicI64, Ordering},
    time::Instant,
};

use async_trait::async_trait;

use super::{
    MemoryStore, Moment, State,
    idempotency_keys::name,
    todos::{Origin, TodoList},
};
use crate::{
    account::UserId,
    approval::ApprovalTarget,
    caller::Caller,
    change_log::{ChangeId, LoggedChange},
    ports::{IdempotentOutcome, KeyUse, StoreError, UndoStore},
    request_channel::Channel,
    todo::{TaskNumber, Todo},
    turn::RequestKey,
    turn_and_conversation_ids::{ConversationId, TurnId},
    undo::{
        self, Conflict, InverseWrite, LogEntry, UndoError, UndoFacts, UndoPlan, UndoRequest, UndoTarget,
        Undone, UndoneBy,
    },
};

/// The newest number of a change, in all stores and lists together.
static LAST_CHANGE: AtomicI64 = AtomicI64::new(0);

impl TodoList {
    /// Writes a change into the log, where no task has what is counted of others.
    pub(super) fn record(&mut self, before: Option<Todo>, after: Option<Todo>, origin: &Origin) -> ChangeId {
        let id = ChangeId(LAST_CHANGE.fetch_add(1, Ordering::Relaxed) + 1);
        let number = before.as_ref().or(after.as_ref()).map(|todo| todo.number);
        let Origin { channel, conversation, program, now } = origin.clone();
        let recorded = |todo: Todo| Todo { open_subtasks: 0, ..todo };
        let (before, after) = (before.map(recorded), after.map(recorded));
        self.log.extend(number.map(|number| LoggedChange {
            id,
            number,
            before,
            after,
            channel: channel.kind(),
            turn: channel.turn(),
            conversation,
            program: program.clone(),
            at: now.at,
            undoes: Vec::new(),
            undone_by: None,
        }));
        id
    }

    /// Leaves what was changed in a conversation that is deleted, each change by itself.
    pub(super) fn forget_conversation(&mut self, id: ConversationId) {
        for change in self.log.iter_mut().filter(|change| change.conversation == Some(id)) {
            (change.turn, change.conversation) = (None, None);
        }
    }

    pub(super) fn undo(&mut self, request: UndoRequest, origin: &Origin) -> Result<Undone, UndoError> {
        let asked = self.targets(request.target)?;
        match undo::decide(&self.facts(asked), request.skip_conflicts) {
            Ok(plan) => Ok(self.carry_out(plan, origin)),
            Err(refusal) => Err(refusal.map(|conflicts| self.with_changes(conflicts))),
        }
    }

    /// What is to be undone, oldest first.
    fn targets(&self, target: UndoTarget) -> Result<Vec<LoggedChange>, UndoError> {
        let of_turn =
            |turn| self.log.iter().filter(move |change| change.turn == Some(turn)).cloned().collect();
        Ok(match target {
            UndoTarget::Turn(turn) => of_turn(turn),
            UndoTarget::Change(id) => {
                let change = self.log.iter().find(|change| change.id == id);
                vec![change.cloned().ok_or(UndoError::NoSuchChange)?]
            }
            UndoTarget::Last => match self.last_change() {
                None => Vec::new(),
                Some(LoggedChange { turn: Some(turn), .. }) => of_turn(*turn),
                Some(change) => vec![change.clone()],
            },
        })
    }

    /// The newest change that is no undo and is not taken back.
    fn last_change(&self) -> Option<&LoggedChange> {
        self.log.iter().rfind(|change| change.undone_by.is_none() && change.undoes.is_empty())
    }

    /// What it comes to at this time, bound to how its tasks are.
    pub(super) fn about_undo(&self, target: UndoTarget) -> Result<ApprovalTarget, UndoError> {
        let asked = self.targets(target)?;
        undo::decide(&self.facts(asked.clone()), false)
            .map_err(|refusal| refusal.map(|conflicts| self.with_changes(conflicts)))?;
        let todos: Vec<Todo> = self.todos.values().cloned().collect();
        Ok(ApprovalTarget::for_undo(undo::resolve_target(target, &asked), &asked, &todos))
    }

    fn facts(&self, asked: Vec<LoggedChange>) -> UndoFacts {
        let is_of_asked = |change: &&LoggedChange| asked.iter().any(|asked| asked.number == change.number);
        let log = self.log.iter().filter(is_of_asked).map(LogEntry::from).collect();
        UndoFacts { log, asked, present: self.todos.clone() }
    }

    fn carry_out(&mut self, plan: UndoPlan, origin: &Origin) -> Undone {
        let UndoPlan { mut writes, left_out } = plan;
        let freed = self.keep_one_level(&mut writes);
        for number in freed {
            if let Some(todo) = self.todos.get_mut(&number) {
                (todo.parent, todo.revision, todo.updated_at) = (None, todo.revision + 1, origin.now.at);
            }
        }
        let mut changes = Vec::new();
        for write in writes {
            let before = self.todos.remove(&write.number);
            let after = write.becomes.map(|todo| Todo { updated_at: origin.now.at, ..todo });
            self.todos.extend(after.clone().map(|todo| (write.number, todo)));
            let id = self.record(before, after, origin);
            for (marked, by) in write.marks {
                let marked = self.log.iter_mut().filter(|change| change.id == marked);
                marked.for_each(|change| {
                    change.undone_by = match by {
                        UndoneBy::ThisOne => Some(id),
                        UndoneBy::Earlier(earlier) => Some(earlier),
                        UndoneBy::Nobody => None,
                    };
                });
            }
            if let Some(change) = self.log.last_mut() {
                change.undoes = write.undoes;
                changes.push(change.clone());
            }
        }
        Undone { changes, left_out: self.with_changes(left_out) }
    }

    /// Takes what may not stand under its old task any more to the top level. Returns the tasks that nobody
    /// named, and that stand under one that goes. Postgres says the same in the statement that writes, with
    /// `place` and `freed`: to decide it before, every undo would read what it needs of other tasks in one
    /// more round trip. The contract of undo holds both to it (`contract/undo/subtasks.rs`).
    fn keep_one_level(&self, writes: &mut [InverseWrite]) -> Vec<TaskNumber> {
        let written: BTreeMap<_, _> =
            writes.iter().map(|write| (write.number, write.becomes.clone())).collect();
        let untouched = || self.todos.values().filter(|todo| !written.contains_key(&todo.number));
        let is_place = |number: &TaskNumber| {
            let task = written.get(number).map_or_else(|| self.todos.get(number), Option::as_ref);
            task.is_some_and(|task| task.parent.is_none())
        };
        for todo in writes.iter_mut().filter_map(|write| write.becomes.as_mut()) {
            let has_subtasks = untouched().any(|other| other.parent == Some(todo.number));
            todo.parent = todo.parent.filter(|parent| is_place(parent) && !has_subtasks);
        }
        let goes = |parent: TaskNumber| written.get(&parent).is_some_and(Option::is_none);
        untouched().filter(|todo| todo.parent.is_some_and(goes)).map(|todo| todo.number).collect()
    }

    fn with_changes(&self, conflicts: Vec<Conflict<ChangeId>>) -> Vec<Conflict> {
        let find = |id| self.log.iter().find(|change| change.id == id).cloned();
        conflicts.into_iter().map(|conflict| conflict.with_since(find)).collect()
    }
}

impl State {
    /// Takes back for this caller what a turn did, when nothing of it was changed since.
    pub(super) fn take_back(
        &mut self,
        caller: Caller,
        turn: TurnId,
        now: Moment,
    ) -> Result<Undone, UndoError> {
        let Some(row) = self.turns.iter().find(|row| row.lease.turn == turn) else {
            return Err(UndoError::NoSuchTurn);
        };
        let origin = Origin { program: self.program_of(caller), ..Origin::chat(row, now) };
        self.lists
            .entry(caller.user)
            .or_default()
            .undo(UndoRequest::all_or_nothing(UndoTarget::Turn(turn)), &origin)
    }

    fn undo(&mut self, user: UserId, request: UndoRequest, origin: &Origin) -> Result<Undone, UndoError> {
        self.check_undo(user, origin.channel.turn(), request.target, origin.now.instant)?;
        self.lists.entry(user).or_default().undo(request, origin)
    }

    /// Checks that a turn is no longer worked on that is to be undone, unless it is the turn that asks.
    pub(super) fn check_undo(
        &mut self,
        user: UserId,
        asking: Option<TurnId>,
        target: UndoTarget,
        now: Instant,
    ) -> Result<(), UndoError> {
        let last_turn = |list: &TodoList| list.last_change().and_then(|change| change.turn);
        let turn = match target {
            UndoTarget::Turn(turn) => Some(turn),
            UndoTarget::Change(_) => None,
            UndoTarget::Last => {
                self.lists.get(&user).and_then(last_turn).filter(|turn| asking != Some(*turn))
            }
        };
        let Some(turn) = turn else { return Ok(()) };
        let row = self.turns.iter().find(|row| row.lease.turn == turn && row.lease.user == user);
        undo::check_turn(row.map(|row| row.is_held(now)))
    }

    /// The tasks of what is to be undone, in the order of their numbers.
    pub(super) fn numbers_to_undo(
        &mut self,
        user: UserId,
        target: UndoTarget,
        now: Instant,
    ) -> Result<Vec<TaskNumber>, UndoError> {
        self.check_undo(user, None, target, now)?;
        Ok(undo::task_numbers(&self.lists.entry(user).or_default().targets(target)?))
    }
}

#[async_trait]
impl UndoStore for MemoryStore {
    async fn undo(
        &self,
        caller: Caller,
        key: Option<&RequestKey>,
        request: UndoRequest,
    ) -> Result<Result<IdempotentOutcome<Undone>, UndoError>, StoreError> {
        let now = self.now();
        let mut state = self.state_for(caller)?;
        match state.key_use(caller.user, key, &state.undos) {
            KeyUse::ThisRequest(undone) => return Ok(Ok(IdempotentOutcome::Replayed(undone))),
            KeyUse::SomethingElse => return Ok(Ok(IdempotentOutcome::KeyReused)),
            KeyUse::Nothing => {}
        }
        let origin = Origin::of(Channel::Rest, state.program_of(caller), now);
        let outcome = state.undo(caller.user, request, &origin);
        if let (Ok(undone), Some(key)) = (&outcome, key) {
            state.undos.insert(name(caller.user, key), (key.clone(), undone.clone()));
        }
        Ok(outcome.map(IdempotentOutcome::Fresh))
    }
}
