//! Todo lists in memory.

use std::{cmp::Reverse, collections::BTreeMap};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{MemoryStore, Moment, TurnRow, idempotency_keys::name};
use crate::{
    caller::Caller,
    change_log::{ChangeFilter, ChangePage, LoggedChange},
    due::Due,
    manual_order,
    ports::{ChangeLog, IdempotentOutcome, KeyUse, Outcomes, StoreError, TodoStore},
    request_channel::Channel,
    subtasks,
    text_search::{self, Rank},
    text_validation::FieldError,
    todo::{TaskNumber, Todo, TodoTitle},
    todo_command::{ExecutionOrder, NewTodo, ResolvedPatch, TodoChange, TodoPatch},
    todo_filter::{ParentFilter, StatusFilter, TodoFilter, TodoOrder, TodoPage},
    todo_outcome::{Effect, TodoError},
    turn::{Lease, RequestKey},
    turn_and_conversation_ids::ConversationId,
};

#[derive(Default)]
pub(super) struct TodoList {
    last: i64,
    pub(super) todos: BTreeMap<TaskNumber, Todo>,
    /// What was changed, oldest first.
    pub(super) log: Vec<LoggedChange>,
}

/// Where a change comes from, and when.
#[derive(Clone)]
pub(super) struct Origin {
    pub(super) channel: Channel,
    pub(super) conversation: Option<ConversationId>,
    /// What the token is called with which it is made.
    pub(super) program: Option<String>,
    pub(super) now: Moment,
}

impl Origin {
    /// That of a call of a turn.
    pub(super) fn chat(row: &TurnRow, now: Moment) -> Self {
        let Lease { turn, conversation, .. } = row.lease;
        let channel = Channel::Chat(turn);
        Self { channel, conversation: Some(conversation), program: row.program.clone(), now }
    }

    /// That of a caller's own request.
    pub(super) fn of(channel: Channel, program: Option<String>, now: Moment) -> Self {
        Self { channel, conversation: None, program, now }
    }
}

impl TodoList {
    /// Makes several changes, each with an outcome of its own.
    pub(super) fn change_all(
        &mut self,
        changes: &[TodoChange],
        origin: &Origin,
    ) -> Vec<Result<Effect, TodoError>> {
        let deleted = ExecutionOrder::depends_on(changes);
        let parent_of = |number: &TaskNumber| self.todos.get(number).and_then(|todo| todo.parent);
        let is_below =
            |number: &&TaskNumber| parent_of(number).is_some_and(|parent| deleted.contains(&parent));
        let order = ExecutionOrder::new(changes, &deleted.iter().filter(is_below).copied().collect());
        order.in_given_order(
            order.in_execution_order(changes).iter().map(|change| self.change(change, origin)).collect(),
        )
    }

    pub(super) fn change(&mut self, change: &TodoChange, origin: &Origin) -> Result<Effect, TodoError> {
        let effect = self.make(change, origin.now.at)?;
        let (before, after) = match effect.clone() {
            Effect::Added(todo) => (None, Some(todo)),
            Effect::Updated { before, after } | Effect::Repeated { before, after } => {
                (Some(before), Some(after))
            }
            Effect::Deleted(todo) => {
                self.free_subtasks_of(todo.number, origin);
                (Some(todo), None)
            }
        };
        self.record(before, after, origin);
        Ok(effect)
    }

    fn make(&mut self, change: &TodoChange, now: DateTime<Utc>) -> Result<Effect, TodoError> {
        match change {
            TodoChange::Add(new) => Ok(Effect::Added(self.add(new, now)?)),
            TodoChange::Update(number, patch) => self.update(*number, patch, now),
            TodoChange::Delete(number, revision) => {
                let todo = self.todos.get(number).ok_or(TodoError::NoSuchTask(*number))?;
                check_revision(todo, *revision)?;
                let deleted = self.shown(todo);
                self.todos.remove(number);
                Ok(Effect::Deleted(deleted))
            }
        }
    }

    /// Takes what stood under a task that is gone to the top level, which is on record.
    fn free_subtasks_of(&mut self, parent: TaskNumber, origin: &Origin) {
        let subtasks: Vec<Todo> =
            self.todos.values().filter(|todo| todo.parent == Some(parent)).cloned().collect();
        for before in subtasks {
            let revision = before.revision + 1;
            let after = Todo { parent: None, revision, updated_at: origin.now.at, ..before.clone() };
            self.todos.insert(after.number, after.clone());
            self.record(Some(before), Some(after), origin);
        }
    }

    fn update(
        &mut self,
        number: TaskNumber,
        patch: &TodoPatch,
        now: DateTime<Utc>,
    ) -> Result<Effect, TodoError> {
        let todo = self.todos.get(&number).ok_or(TodoError::NoSuchTask(number))?;
        let before = self.shown(todo);
        check_revision(todo, patch.expected_revision)?;
        let ResolvedPatch { mut columns, completes_one_occurrence } = patch.resolve(todo, now)?;
        if let Some(Some(parent)) = patch.parent {
            self.check_parent(Some(number), parent)?;
        }
        if let Some(after) = patch.after {
            columns.position = Some(self.reserve_position(number, after)?);
        }
        let mut after = before.clone();
        columns.apply(&mut after, now);
        self.todos.insert(number, after.clone());
        Ok(if completes_one_occurrence {
            Effect::Repeated { before, after }
        } else {
            Effect::Updated { before, after }
        })
    }

    fn check_parent(&self, task: Option<TaskNumber>, parent: TaskNumber) -> Result<(), FieldError> {
        let facts = subtasks::ParentFacts {
            parent: self.todos.get(&parent).map(|parent| parent.parent),
            has_subtasks: self.todos.values().any(|todo| todo.parent.is_some() && todo.parent == task),
        };
        subtasks::check(task, parent, facts)
    }

    /// Finds the position after a task, and moves others on when there is no room.
    fn reserve_position(&mut self, number: TaskNumber, after: Option<TaskNumber>) -> Result<i64, TodoError> {
        let others: Vec<_> = self.by_hand().into_iter().filter(|(other, _)| *other != number).collect();
        let at = |wanted| others.iter().position(|(other, _)| *other == wanted);
        let target =
            after.map(|after| at(after).ok_or(manual_order::invalid_predecessor_error(after))).transpose()?;
        let previous = target.map(|target| others[target].1);
        let following = &others[target.map_or(0, |target| target + 1)..];
        let placement =
            manual_order::place(previous, following, true).unwrap_or_else(|| panic!("all are seen"));
        for (number, position) in placement.moved_on {
            self.todos.entry(number).and_modify(|todo| todo.position = position);
        }
        Ok(placement.position)
    }

    fn by_hand(&self) -> Vec<(TaskNumber, i64)> {
        let mut list: Vec<_> = self.todos.values().map(|todo| (todo.number, todo.position)).collect();
        list.sort_by_key(|(number, position)| (*position, Reverse(*number)));
        list
    }

    /// The task with what is counted of those that stand under it.
    fn shown(&self, todo: &Todo) -> Todo {
        let is_open_below = |other: &&Todo| other.parent == Some(todo.number) && !other.completed;
        let open = self.todos.values().filter(is_open_below).count();
        Todo { open_subtasks: i64::try_from(open).unwrap_or(i64::MAX), ..todo.clone() }
    }

    fn add(&mut self, new: &NewTodo, now: DateTime<Utc>) -> Result<Todo, TodoError> {
        if let Some(parent) = new.parent {
            self.check_parent(None, parent)?;
        }
        self.last += 1;
        let number = TaskNumber(self.last);
        let top = self.by_hand().first().map(|(_, position)| *position);
        let position =
            manual_order::new_task_position(number, top).unwrap_or(manual_order::default_position(number));
        let NewTodo { title, description, due, priority, tags, repeat, parent } = new.clone();
        let todo = Todo {
            number,
            title,
            description,
            completed: false,
            due,
            priority,
            tags,
            repeat,
            parent,
            open_subtasks: 0,
            position,
            completed_at: None,
            revision: 1,
            created_at: now,
            updated_at: now,
        };
        self.todos.insert(number, todo.clone());
        Ok(todo)
    }

    /// The task of a number.
    pub(super) fn find(&self, number: TaskNumber) -> Option<&Todo> {
        self.todos.get(&number)
    }

    /// The tasks with this title, in any case.
    pub(super) fn titled(&self, title: &TodoTitle) -> Vec<TaskNumber> {
        let is_titled = |todo: &&Todo| todo.title.as_str().to_lowercase() == title.as_str().to_lowercase();
        self.todos.values().filter(is_titled).map(|todo| todo.number).collect()
    }

    /// What is still to be done and has a due day.
    pub(super) fn open_and_dated(&self) -> impl Iterator<Item = &Todo> {
        self.todos.values().filter(|todo| !todo.completed && todo.due.is_some())
    }

    pub(super) fn changes(&self, filter: &ChangeFilter) -> ChangePage {
        let limit = usize::try_from(filter.limit).unwrap_or_default();
        let mut matching = self.log.iter().rev().filter(|change| filter.matches(change));
        let changes = matching.by_ref().take(limit).cloned().collect();
        ChangePage { changes, more: matching.next().is_some() }
    }

    pub(super) fn list(&self, filter: &TodoFilter) -> TodoPage {
        let mut matching: Vec<&Todo> =
            self.todos.values().rev().filter(|todo| matches(todo, filter)).collect();
        match filter.order {
            TodoOrder::Newest => {}
            TodoOrder::Due => {
                matching.sort_by_key(|todo| (todo.due.is_none(), todo.due.map(Due::sort_key), todo.number));
            }
            TodoOrder::Priority => matching.sort_by_key(|todo| Reverse((todo.priority, todo.number))),
            TodoOrder::BestMatch => {
                let words = text_search::words(filter.search.as_deref().unwrap_or_default());
                matching.sort_by_key(|todo| Reverse((rank(todo, &words), todo.number)));
            }
            TodoOrder::Position => matching.sort_by_key(|todo| (todo.position, Reverse(todo.number))),
        }
        let is_after = |todo: &&&Todo| filter.before.is_none_or(|before| todo.number < before);
        let limit = usize::try_from(filter.limit).unwrap_or_default();
        let offset = usize::try_from(filter.offset).unwrap_or_default();
        let page: Vec<&Todo> = matching.iter().filter(is_after).skip(offset).copied().collect();
        TodoPage {
            todos: page.iter().take(limit).map(|todo| self.shown(todo)).collect(),
            total: filter.counts.then(|| i64::try_from(matching.len()).unwrap_or(i64::MAX)),
            more: page.len() > limit,
        }
    }
}

/// How well a task fits the folded words; `None` when it does not.
fn rank(todo: &Todo, words: &[String]) -> Option<Rank> {
    let description = todo.description.as_ref().map_or("", |description| description.as_str());
    let rest = format!("{description}\n{}", todo.tags.as_slice().join("\n"));
    text_search::rank(todo.title.as_str(), &rest, words)
}

fn check_revision(todo: &Todo, expected: Option<i64>) -> Result<(), TodoError> {
    match expected {
        Some(expected) if expected != todo.revision => Err(TodoError::Changed(Box::new(todo.clone()))),
        _ => Ok(()),
    }
}

fn matches(todo: &Todo, filter: &TodoFilter) -> bool {
    let has_status = match filter.status {
        StatusFilter::All => true,
        StatusFilter::Pending => !todo.completed,
        StatusFilter::Completed => todo.completed,
    };
    let search = filter.search.as_deref().map(text_search::words);
    let has_text = search.is_none_or(|words| rank(todo, &words).is_some());
    let has_priority = filter.priority.is_none_or(|priority| todo.priority == priority);
    let has_tag = filter.tag.as_deref().is_none_or(|tag| todo.tags.contains(tag));
    let is_due = filter.due.is_none_or(|(range, local)| range.matches(todo.due.as_ref(), local));
    let is_there = filter.parent.is_none_or(|wanted| match wanted {
        ParentFilter::TopLevel => todo.parent.is_none(),
        ParentFilter::Of(parent) => todo.parent == Some(parent),
    });
    let is_recent = filter.completed_since.is_none_or(|since| todo.completed_at >= Some(since));
    has_status && has_text && has_priority && has_tag && is_due && is_there && is_recent
}

#[async_trait]
impl TodoStore for MemoryStore {
    async fn find(&self, caller: Caller, number: TaskNumber) -> Result<Option<Todo>, StoreError> {
        let state = self.state_for(caller)?;
        Ok(state
            .lists
            .get(&caller.user)
            .and_then(|list| list.todos.get(&number).map(|todo| list.shown(todo))))
    }

    async fn list(&self, caller: Caller, filter: &TodoFilter) -> Result<TodoPage, StoreError> {
        Ok(self.state_for(caller)?.lists.entry(caller.user).or_default().list(filter))
    }

    async fn change(
        &self,
        caller: Caller,
        channel: Channel,
        change: &TodoChange,
    ) -> Result<Result<Effect, TodoError>, StoreError> {
        let mut state = self.state_for(caller)?;
        let origin = Origin::of(channel, state.program_of(caller), self.now());
        Ok(state.lists.entry(caller.user).or_default().change(change, &origin))
    }

    async fn add_once(
        &self,
        caller: Caller,
        key: &RequestKey,
        new: &NewTodo,
    ) -> Result<Result<IdempotentOutcome<Todo>, TodoError>, StoreError> {
        let now = self.now();
        let mut state = self.state_for(caller)?;
        match state.key_use(caller.user, Some(key), &state.additions) {
            KeyUse::ThisRequest(todo) => return Ok(Ok(IdempotentOutcome::Replayed(todo))),
            KeyUse::SomethingElse => return Ok(Ok(IdempotentOutcome::KeyReused)),
            KeyUse::Nothing => {}
        }
        let origin = Origin::of(Channel::Rest, state.program_of(caller), now);
        let list = state.lists.entry(caller.user).or_default();
        let todo = match list.add(new, now.at) {
            Ok(todo) => todo,
            Err(refusal) => return Ok(Err(refusal)),
        };
        list.record(None, Some(todo.clone()), &origin);
        state.additions.insert(name(caller.user, key), (key.clone(), todo.clone()));
        Ok(Ok(IdempotentOutcome::Fresh(todo)))
    }

    async fn change_all(
        &self,
        caller: Caller,
        key: Option<&RequestKey>,
        changes: &[TodoChange],
    ) -> Result<IdempotentOutcome<Outcomes>, StoreError> {
        let now = self.now();
        let mut state = self.state_for(caller)?;
        match state.key_use(caller.user, key, &state.batches) {
            KeyUse::ThisRequest(outcomes) => return Ok(IdempotentOutcome::Replayed(outcomes)),
            KeyUse::SomethingElse => return Ok(IdempotentOutcome::KeyReused),
            KeyUse::Nothing => {}
        }
        let origin = Origin::of(Channel::Rest, state.program_of(caller), now);
        let list = state.lists.entry(caller.user).or_default();
        let made = list.change_all(changes, &origin).into_iter();
        let outcomes: Vec<_> = made.map(|outcome| outcome.map(Effect::into_task)).collect();
        if let Some(key) = key {
            state.batches.insert(name(caller.user, key), (key.clone(), outcomes.clone()));
        }
        Ok(IdempotentOutcome::Fresh(outcomes))
    }
}

#[async_trait]
impl ChangeLog for MemoryStore {
    async fn changes(&self, caller: Caller, filter: &ChangeFilter) -> Result<ChangePage, StoreError> {
        Ok(self.state_for(caller)?.lists.entry(caller.user).or_default().changes(filter))
    }
}
