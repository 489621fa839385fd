//! Calendars in memory.

use async_trait::async_trait;
use chrono::{Days, NaiveDate};

use super::MemoryStore;
use crate::{
    caller::Caller,
    due::Due,
    ports::{CalendarStore, CalendarTasks, MAX_CALENDAR_TASKS, MAX_CALENDAR_TEXT, StoreError},
    session::SecretHash,
    todo::Todo,
};

#[async_trait]
impl CalendarStore for MemoryStore {
    async fn read(&self, secret: &SecretHash) -> Result<Option<CalendarTasks>, StoreError> {
        let today = self.clock.now().date_naive();
        let yesterday = today.checked_sub_days(Days::new(1)).unwrap_or(today);
        let state = self.state();
        let Some((user, _)) = state.calendars.iter().find(|(_, known)| *known == secret) else {
            return Ok(None);
        };
        let dated = state.lists.get(user).into_iter().flat_map(|list| list.open_and_dated());
        Ok(Some(CalendarTasks { user: *user, todos: shown(dated.cloned().collect(), yesterday) }))
    }

    async fn is_active(&self, caller: Caller) -> Result<bool, StoreError> {
        Ok(self.state_for(caller)?.calendars.contains_key(&caller.user))
    }

    async fn activate(&self, caller: Caller, secret: &SecretHash) -> Result<(), StoreError> {
        self.state_for(caller)?.calendars.insert(caller.user, secret.clone());
        Ok(())
    }

    async fn deactivate(&self, caller: Caller) -> Result<(), StoreError> {
        self.state_for(caller)?.calendars.remove(&caller.user);
        Ok(())
    }
}

/// As many of the tasks as a calendar takes, in its order.
fn shown(mut todos: Vec<Todo>, yesterday: NaiveDate) -> Vec<Todo> {
    let key = |todo: &Todo| {
        let due = todo.due.map(Due::sort_key);
        let days = due.map(|(date, ..)| (date < yesterday, (date - yesterday).abs()));
        (days, due, todo.number)
    };
    todos.sort_by_key(key);
    let mut room = MAX_CALENDAR_TEXT;
    todos
        .into_iter()
        .take(MAX_CALENDAR_TASKS)
        .take_while(|todo| {
            let description = todo.description.as_ref().map_or("", |description| description.as_str());
            let tags: usize = todo.tags.as_slice().iter().map(String::len).sum();
            let left = room.checked_sub(todo.title.as_str().len() + description.len() + tags);
            room = left.unwrap_or(0);
            left.is_some()
        })
        .collect()
}
