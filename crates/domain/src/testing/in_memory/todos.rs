//! Todo lists in memory.

use std::{cmp::Reverse, collections::BTreeMap};

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::MemoryStore;
use crate::{
    account::Caller,
    command::{
        self, Channel, Effect, NewTodo, ResolvedPatch, StatusFilter, TodoChange, TodoCommand, TodoError,
        TodoFilter, TodoOrder, TodoOutcome, TodoPage,
    },
    due::Due,
    ports::{Keyed, StoreError, TodoStore},
    search_text::{self, Rank},
    todo::{TaskNumber, Todo},
    turn::RequestKey,
};

#[derive(Default)]
pub(super) struct TodoList {
    last: i64,
    todos: BTreeMap<TaskNumber, Todo>,
}

impl TodoList {
    pub(super) fn apply(
        &mut self,
        command: &TodoCommand,
        now: DateTime<Utc>,
    ) -> Result<TodoOutcome, TodoError> {
        Ok(match command {
            TodoCommand::List(filter) => TodoOutcome::Listed(self.list(filter)),
            TodoCommand::Change(change) => TodoOutcome::Changed(self.change(change, now)?),
            TodoCommand::ChangeMany(..) | TodoCommand::ChangeSeen(..) => {
                let changed = |(number, change)| (number, self.change(&change, now));
                TodoOutcome::ChangedMany(command.each().into_iter().map(changed).collect())
            }
            TodoCommand::ChangeTitled(title, change) => {
                let is_titled =
                    |todo: &&Todo| todo.title.as_str().to_lowercase() == title.as_str().to_lowercase();
                let numbers: Vec<_> = self.todos.values().filter(is_titled).map(|todo| todo.number).collect();
                TodoOutcome::Changed(self.change(&change.of(command::the_one(&numbers)?), now)?)
            }
        })
    }

    fn change(&mut self, change: &TodoChange, now: DateTime<Utc>) -> Result<Effect, TodoError> {
        match change {
            TodoChange::Add(new) => Ok(Effect::Added(self.add(new, now))),
            TodoChange::Update(number, patch) => {
                let todo = self.todos.get_mut(number).ok_or(TodoError::NoSuchTask(*number))?;
                let before = todo.clone();
                check_revision(todo, patch.expected_revision)?;
                let ResolvedPatch { columns, is_one_time } = patch.resolved(todo, now)?;
                columns.apply(todo, now);
                let after = todo.clone();
                Ok(if is_one_time {
                    Effect::Repeated { before, after }
                } else {
                    Effect::Updated { before, after }
                })
            }
            TodoChange::Delete(number, revision) => {
                let todo = self.todos.get(number).ok_or(TodoError::NoSuchTask(*number))?;
                check_revision(todo, *revision)?;
                let deleted = todo.clone();
                self.todos.remove(number);
                Ok(Effect::Deleted(deleted))
            }
        }
    }

    fn add(&mut self, new: &NewTodo, now: DateTime<Utc>) -> Todo {
        self.last += 1;
        let number = TaskNumber(self.last);
        let NewTodo { title, description, due, priority, tags, repeat } = new.clone();
        let todo = Todo {
            number,
            title,
            description,
            completed: false,
            due,
            priority,
            tags,
            repeat,
            completed_at: None,
            revision: 1,
            created_at: now,
            updated_at: now,
        };
        self.todos.insert(number, todo.clone());
        todo
    }

    /// What is still to be done and has a due day.
    pub(super) fn open_and_dated(&self) -> impl Iterator<Item = &Todo> {
        self.todos.values().filter(|todo| !todo.completed && todo.due.is_some())
    }

    fn list(&self, filter: &TodoFilter) -> TodoPage {
        let mut matching: Vec<&Todo> =
            self.todos.values().rev().filter(|todo| matches(todo, filter)).collect();
        match filter.order {
            TodoOrder::Newest => {}
            TodoOrder::Due => {
                matching.sort_by_key(|todo| (todo.due.is_none(), todo.due.map(Due::sort_key), todo.number));
            }
            TodoOrder::Priority => matching.sort_by_key(|todo| Reverse((todo.priority, todo.number))),
            TodoOrder::BestMatch => {
                let words = search_text::words(filter.search.as_deref().unwrap_or_default());
                matching.sort_by_key(|todo| Reverse((rank(todo, &words), todo.number)));
            }
        }
        let is_after = |todo: &&&Todo| filter.before.is_none_or(|before| todo.number < before);
        let limit = usize::try_from(filter.limit).unwrap_or_default();
        let offset = usize::try_from(filter.offset).unwrap_or_default();
        let page: Vec<&Todo> = matching.iter().filter(is_after).skip(offset).copied().collect();
        TodoPage {
            todos: page.iter().take(limit).copied().cloned().collect(),
            total: filter.counts.then(|| i64::try_from(matching.len()).unwrap_or(i64::MAX)),
            more: page.len() > limit,
        }
    }
}

/// How well a task fits the folded words; `None` when it does not.
fn rank(todo: &Todo, words: &[String]) -> Option<Rank> {
    let description = todo.description.as_ref().map_or("", |description| description.as_str());
    let rest = format!("{description}\n{}", todo.tags.as_slice().join("\n"));
    search_text::rank(todo.title.as_str(), &rest, words)
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
    let search = filter.search.as_deref().map(search_text::words);
    let has_text = search.is_none_or(|words| rank(todo, &words).is_some());
    let has_priority = filter.priority.is_none_or(|priority| todo.priority == priority);
    let has_tag = filter.tag.as_deref().is_none_or(|tag| todo.tags.contains(tag));
    let is_due = filter.due.is_none_or(|(range, local)| range.matches(todo.due.as_ref(), local));
    let is_recent = filter.completed_since.is_none_or(|since| todo.completed_at >= Some(since));
    has_status && has_text && has_priority && has_tag && is_due && is_recent
}

#[async_trait]
impl TodoStore for MemoryStore {
    async fn find(&self, caller: Caller, number: TaskNumber) -> Result<Option<Todo>, StoreError> {
        let state = self.state_for(caller)?;
        Ok(state.lists.get(&caller.user).and_then(|list| list.todos.get(&number).cloned()))
    }

    async fn list(&self, caller: Caller, filter: &TodoFilter) -> Result<TodoPage, StoreError> {
        Ok(self.state_for(caller)?.lists.entry(caller.user).or_default().list(filter))
    }

    async fn change(
        &self,
        caller: Caller,
        _channel: Channel,
        change: &TodoChange,
    ) -> Result<Result<Effect, TodoError>, StoreError> {
        let now = self.clock.now();
        Ok(self.state_for(caller)?.lists.entry(caller.user).or_default().change(change, now))
    }

    async fn add_once(
        &self,
        caller: Caller,
        key: &RequestKey,
        new: &NewTodo,
    ) -> Result<Keyed<Todo>, StoreError> {
        let now = self.clock.now();
        let mut state = self.state_for(caller)?;
        let name = (caller.user, key.key.as_str().to_owned());
        if let Some((first, todo)) = state.additions.get(&name) {
            let is_same = first.body_hash == key.body_hash;
            return Ok(if is_same { Keyed::Replayed(todo.clone()) } else { Keyed::KeyReused });
        }
        if state.has_turn_under_key(caller.user, key) {
            return Ok(Keyed::KeyReused);
        }
        let todo = state.lists.entry(caller.user).or_default().add(new, now);
        state.additions.insert(name, (key.clone(), todo.clone()));
        Ok(Keyed::Fresh(todo))
    }
}
