//! Todo lists in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::{MemoryStore, inconsistent};
use crate::{
    account::Caller,
    command::{Channel, StatusFilter, TodoCommand, TodoError, TodoFilter, TodoOutcome, TodoPatch},
    ports::{Keyed, StoreError, TodoStore},
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
        command: TodoCommand,
        now: DateTime<Utc>,
    ) -> Result<TodoOutcome, TodoError> {
        let missing = TodoError::NoSuchTask;
        let todo = match command {
            TodoCommand::Add { title, description } => {
                self.last += 1;
                let number = TaskNumber(self.last);
                let (completed, created_at, updated_at) = (false, now, now);
                let todo = Todo { number, title, description, completed, created_at, updated_at };
                self.todos.insert(number, todo.clone());
                todo
            }
            TodoCommand::Find(number) => self.todos.get(&number).cloned().ok_or(missing(number))?,
            TodoCommand::Update(number, patch) => {
                let todo = self.todos.get_mut(&number).ok_or(missing(number))?;
                update(todo, patch, now);
                todo.clone()
            }
            TodoCommand::Delete(number) => self.todos.remove(&number).ok_or(missing(number))?,
            TodoCommand::List(filter) => return Ok(self.list(&filter)),
        };
        Ok(TodoOutcome::One(todo))
    }

    fn list(&self, filter: &TodoFilter) -> TodoOutcome {
        let matching: Vec<&Todo> = self.todos.values().rev().filter(|todo| matches(todo, filter)).collect();
        let is_after = |todo: &&&Todo| filter.before.is_none_or(|before| todo.number < before);
        let limit = usize::try_from(filter.limit).unwrap_or_default();
        let page: Vec<&Todo> = matching.iter().filter(is_after).copied().collect();
        TodoOutcome::Many {
            todos: page.iter().take(limit).copied().cloned().collect(),
            total: i64::try_from(matching.len()).unwrap_or(i64::MAX),
            more: page.len() > limit,
        }
    }
}

fn update(todo: &mut Todo, patch: TodoPatch, now: DateTime<Utc>) {
    let TodoPatch { title, description, completed } = patch;
    todo.title = title.unwrap_or_else(|| todo.title.clone());
    todo.description = description.unwrap_or_else(|| todo.description.clone());
    todo.completed = completed.unwrap_or(todo.completed);
    todo.updated_at = now;
}

fn matches(todo: &Todo, filter: &TodoFilter) -> bool {
    let has_status = match filter.status {
        StatusFilter::All => true,
        StatusFilter::Pending => !todo.completed,
        StatusFilter::Completed => todo.completed,
    };
    let has_text = filter.search.as_ref().is_none_or(|search| {
        let search = search.to_lowercase();
        let description = todo.description.as_ref().map_or("", |description| description.as_str());
        [todo.title.as_str(), description].iter().any(|text| text.to_lowercase().contains(&search))
    });
    has_status && has_text
}

#[async_trait]
impl TodoStore for MemoryStore {
    async fn apply(
        &self,
        caller: Caller,
        _door: Channel,
        command: TodoCommand,
    ) -> Result<Result<TodoOutcome, TodoError>, StoreError> {
        let now = self.clock.now();
        Ok(self.state_for(caller)?.lists.entry(caller.user).or_default().apply(command, now))
    }

    async fn apply_once(
        &self,
        caller: Caller,
        key: &RequestKey,
        command: TodoCommand,
    ) -> Result<Keyed<TodoOutcome>, StoreError> {
        let now = self.clock.now();
        let mut state = self.state_for(caller)?;
        let name = (caller.user, key.key.as_str().to_owned());
        if let Some((first, outcome)) = state.additions.get(&name) {
            let is_same = first.body_hash == key.body_hash;
            return Ok(if is_same { Keyed::Replayed(outcome.clone()) } else { Keyed::KeyReused });
        }
        if state.has_turn_under_key(caller.user, key) {
            return Ok(Keyed::KeyReused);
        }
        let outcome = match command {
            TodoCommand::Add { .. } => state.lists.entry(caller.user).or_default().apply(command, now),
            _ => return inconsistent("only an addition is done under a key"),
        };
        let Ok(outcome) = outcome else {
            return inconsistent("an addition was refused");
        };
        state.additions.insert(name, (key.clone(), outcome.clone()));
        Ok(Keyed::Fresh(outcome))
    }
}
