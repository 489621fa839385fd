//! The members of a task in a body: read together, so that everything that is wrong is said at once.

use domain::{
    due::Due,
    priority::Priority,
    repeat::Repeat,
    tags::Tags,
    text_validation::FieldError,
    time_zone::{LocalNow, TimeZone},
    todo::{TaskNumber, TodoDescription, TodoTitle},
    todo_command::{NewTodo, RequestedRepeat, TodoPatch},
};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::{
    error::{ApiError, InvalidField},
    extract::body::double_option,
    field_schemas,
};

/// The body of a new task.
#[derive(Deserialize, ToSchema)]
pub(in crate::routes) struct NewTask {
    #[schema(schema_with = field_schemas::title)]
    title: String,
    #[schema(schema_with = field_schemas::description)]
    description: Option<String>,
    #[schema(schema_with = field_schemas::wanted_due)]
    due: Option<String>,
    due_time_zone: Option<String>,
    #[schema(schema_with = field_schemas::wanted_priority)]
    priority: Option<String>,
    #[schema(schema_with = field_schemas::wanted_tags)]
    tags: Option<Vec<String>>,
    #[schema(schema_with = field_schemas::wanted_repeat)]
    repeat: Option<String>,
    parent_id: Option<i64>,
}

/// The body of a change: what is absent stays.
#[derive(Deserialize, ToSchema)]
#[schema(as = TaskChange)]
pub(in crate::routes) struct TaskPatchBody {
    #[serde(default, deserialize_with = "double_option")]
    #[schema(schema_with = field_schemas::title)]
    title: Option<Option<String>>,
    #[serde(default, deserialize_with = "double_option")]
    #[schema(schema_with = field_schemas::description)]
    description: Option<Option<String>>,
    #[serde(default, deserialize_with = "double_option")]
    #[schema(value_type = bool, required = false)]
    completed: Option<Option<bool>>,
    #[serde(default, deserialize_with = "double_option")]
    #[schema(schema_with = field_schemas::wanted_due)]
    due: Option<Option<String>>,
    due_time_zone: Option<String>,
    #[schema(schema_with = field_schemas::wanted_priority)]
    priority: Option<String>,
    #[schema(schema_with = field_schemas::wanted_tags)]
    tags: Option<Vec<String>>,
    #[serde(default, deserialize_with = "double_option")]
    #[schema(schema_with = field_schemas::wanted_repeat)]
    repeat: Option<Option<String>>,
    #[serde(default)]
    skip: bool,
    #[serde(default, deserialize_with = "double_option")]
    parent_id: Option<Option<i64>>,
    #[serde(default, deserialize_with = "double_option")]
    after_id: Option<Option<i64>>,
}

impl NewTask {
    /// Whether the task's day is one of the place where the person is.
    pub(super) fn is_local(&self) -> bool {
        (self.due.is_some() || self.repeat.is_some()) && self.due_time_zone.is_none()
    }

    /// The repeat whose first day was not sent, and the time zone that was: that day is worked out from
    /// today.
    pub(super) fn repeat_from_today(&self) -> Option<Value> {
        let repeat = self.repeat.as_ref().filter(|_| self.due.is_none())?;
        Some(json!({"repeat": repeat, "zone": self.due_time_zone}))
    }

    /// Reads the task; `local` is what the person's clock shows.
    pub(super) fn parse(self, local: LocalNow) -> Result<NewTodo, ApiError> {
        let mut broken = BrokenRules::default();
        let local = broken.local(self.due_time_zone.as_deref(), local);
        let title = broken.checked(TodoTitle::parse(&self.title));
        let description = self.description.as_deref().map_or(Ok(None), TodoDescription::parse);
        let description = broken.checked(description);
        let due = broken.checked(self.due.as_deref().map(|due| Due::parse(due, local.zone)).transpose());
        let priority = broken.checked(self.priority.as_deref().map(Priority::parse).transpose()).flatten();
        let tags = self.tags.and_then(|tags| broken.checked(Tags::parse(tags)));
        let repeat = self.repeat.and_then(|text| broken.checked(RequestedRepeat::parse(&text, local)));
        let (Some(title), Some(description), Some(due), true) = (title, description, due, broken.is_empty())
        else {
            return Err(broken.into());
        };
        let (due, repeat) = match repeat.map(|wanted| wanted.starting(due)) {
            Some((first, repeat)) => (Some(first), Some(repeat)),
            None => (due, None),
        };
        let (priority, tags) = (priority.unwrap_or_default(), tags.unwrap_or_default());
        let parent = self.parent_id.map(TaskNumber);
        Ok(NewTodo { title, description, due, priority, tags, repeat, parent })
    }
}

/// The meaning of a request for a new task. Without a day it is what it was before there were any, so
/// that keys stay good. A first day that was worked out from today is no part of it: sent again after
/// midnight, the request is the same.
pub(super) fn meaning(new: &NewTodo, repeat_from_today: Option<Value>) -> Value {
    let description = new.description.as_ref().map(TodoDescription::as_str);
    let mut parts = vec![json!("POST tasks"), json!(new.title.as_str()), json!(description)];
    if let Some(repeat) = repeat_from_today {
        parts.push(repeat);
    } else if let Some(due) = new.due {
        let repeat = new.repeat.map(Repeat::to_text);
        parts.push(json!({"due": due.to_text(), "zone": due.zone.name(), "repeat": repeat}));
    }
    if new.priority != Priority::None || !new.tags.is_empty() {
        parts.push(json!({"priority": new.priority.as_str(), "tags": new.tags.as_slice()}));
    }
    if let Some(parent) = new.parent {
        parts.push(json!({"parent": parent.0}));
    }
    Value::Array(parts)
}

impl TaskPatchBody {
    /// Whether the task's new day is one of the place where the person is.
    pub(super) fn is_local(&self) -> bool {
        let names_day = matches!(self.due, Some(Some(_))) || matches!(self.repeat, Some(Some(_)));
        names_day && self.due_time_zone.is_none()
    }

    /// Reads the change; `local` is what the person's clock shows.
    pub(super) fn parse(self, local: LocalNow) -> Result<TodoPatch, ApiError> {
        let mut broken = BrokenRules::default();
        let local = broken.local(self.due_time_zone.as_deref(), local);
        let title = broken.not_null("title", self.title);
        let patch = TodoPatch {
            title: title.and_then(|title| broken.checked(TodoTitle::parse(&title))),
            description: self
                .description
                .and_then(|given| broken.checked(given.as_deref().map_or(Ok(None), TodoDescription::parse))),
            completed: broken.not_null("completed", self.completed),
            due: self.due.and_then(|given| {
                broken.checked(given.as_deref().map(|due| Due::parse(due, local.zone)).transpose())
            }),
            priority: self.priority.and_then(|name| broken.checked(Priority::parse(&name))),
            tags: self.tags.and_then(|tags| broken.checked(Tags::parse(tags))),
            repeat: self.repeat.and_then(|given| {
                let wanted = given.map(|text| RequestedRepeat::parse(&text, local));
                broken.checked(wanted.transpose())
            }),
            skip: self.skip,
            parent: self.parent_id.map(|given| given.map(TaskNumber)),
            after: self.after_id.map(|given| given.map(TaskNumber)),
            ..TodoPatch::default()
        };
        if !broken.is_empty() {
            return Err(broken.into());
        }
        if patch.is_empty() {
            let message = "Give at least one of title, description, completed, due, priority, tags, repeat, skip, \
                 parent_id and after_id.";
            return Err(ApiError::invalid("body", message));
        }
        Ok(patch)
    }
}

/// The rules that a body breaks.
#[derive(Default)]
struct BrokenRules(Vec<InvalidField>);

impl BrokenRules {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value, or nothing and one more broken rule.
    fn checked<T>(&mut self, parsed: Result<T, FieldError>) -> Option<T> {
        parsed.map_err(|error| self.0.push(error.into())).ok()
    }

    /// A member that may be absent but not null.
    fn not_null<T>(&mut self, field: &'static str, given: Option<Option<T>>) -> Option<T> {
        if let Some(None) = given {
            self.0.push(FieldError::new(field, format!("The {field} must not be null.")).into());
        }
        given.flatten()
    }

    fn local(&mut self, named: Option<&str>, otherwise: LocalNow) -> LocalNow {
        let named = named.map(|name| {
            TimeZone::parse(name).map_err(|error| FieldError { field: "due_time_zone", ..error })
        });
        match named.and_then(|named| self.checked(named)) {
            Some(zone) => LocalNow { zone, ..otherwise },
            None => otherwise,
        }
    }
}

impl From<BrokenRules> for ApiError {
    fn from(broken: BrokenRules) -> Self {
        Self::Invalid(broken.0)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use domain::time_zone::TimeZone;

    use super::*;

    fn meaning_at(body: &Value, now: &str) -> Value {
        let now: DateTime<Utc> = now.parse().unwrap();
        let body: NewTask = serde_json::from_value(body.clone()).unwrap();
        let repeat_from_today = body.repeat_from_today();
        let new = body.parse(LocalNow { zone: TimeZone::UTC, now }).unwrap();
        meaning(&new, repeat_from_today)
    }

    #[test]
    fn a_repeating_task_that_is_sent_again_after_midnight_is_the_same() {
        let (before, after) = ("2026-11-30T23:59:59Z", "2026-12-01T00:00:01Z");
        for repeat in ["daily", "every monday", "monthly"] {
            let body = json!({"title": "Water", "repeat": repeat});
            assert_eq!(meaning_at(&body, before), meaning_at(&body, after), "{repeat}");
        }
        let daily = json!({"title": "Water", "repeat": "daily"});
        let weekly = json!({"title": "Water", "repeat": "weekly"});
        assert_ne!(meaning_at(&daily, before), meaning_at(&weekly, before));
        let elsewhere = json!({"title": "Water", "repeat": "daily", "due_time_zone": "Asia/Tokyo"});
        assert_ne!(meaning_at(&daily, before), meaning_at(&elsewhere, before));
        let dated = json!({"title": "Water", "repeat": "daily", "due": "2026-12-01"});
        assert_ne!(meaning_at(&daily, before), meaning_at(&dated, before));
    }
}
