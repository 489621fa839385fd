//! The members of a task in a body: read together, so that everything that is wrong is said at once.

use domain::{
    command::{NewTodo, TodoPatch},
    due::Due,
    text::FieldError,
    time_zone::TimeZone,
    todo::{TodoDescription, TodoTitle},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    error::{ApiError, InvalidField},
    extract::body::double_option,
};

/// The body of a new task.
#[derive(Deserialize)]
pub(in crate::routes) struct NewTask {
    title: String,
    description: Option<String>,
    due: Option<String>,
    due_time_zone: Option<String>,
}

/// The body of a change: what is absent stays.
#[derive(Deserialize)]
pub(in crate::routes) struct TaskChange {
    #[serde(default, deserialize_with = "double_option")]
    title: Option<Option<String>>,
    #[serde(default, deserialize_with = "double_option")]
    description: Option<Option<String>>,
    #[serde(default, deserialize_with = "double_option")]
    completed: Option<Option<bool>>,
    #[serde(default, deserialize_with = "double_option")]
    due: Option<Option<String>>,
    due_time_zone: Option<String>,
}

impl NewTask {
    /// Whether the task's day is one of the place where the person is.
    pub(super) fn is_local(&self) -> bool {
        self.due.is_some() && self.due_time_zone.is_none()
    }

    /// Reads the task; `zone` is where the person is.
    pub(super) fn parse(&self, zone: TimeZone) -> Result<NewTodo, ApiError> {
        let mut broken = BrokenRules::default();
        let zone = broken.zone(self.due_time_zone.as_deref(), zone);
        let title = broken.checked(TodoTitle::parse(&self.title));
        let description = self.description.as_deref().map_or(Ok(None), TodoDescription::parse);
        let description = broken.checked(description);
        let due = broken.checked(self.due.as_deref().map(|due| Due::parse(due, zone)).transpose());
        match (title, description, due) {
            (Some(title), Some(description), Some(due)) if broken.is_empty() => {
                Ok(NewTodo { title, description, due })
            }
            _ => Err(broken.into()),
        }
    }
}

/// The meaning of a request for a new task. Without a day it is what it was before there were any, so
/// that keys stay good.
pub(super) fn meaning(new: &NewTodo) -> Value {
    let description = new.description.as_ref().map(TodoDescription::as_str);
    let mut parts = vec![json!("POST tasks"), json!(new.title.as_str()), json!(description)];
    if let Some(due) = new.due {
        parts.push(json!({"due": due.to_text(), "zone": due.zone.name()}));
    }
    Value::Array(parts)
}

impl TaskChange {
    /// Whether the task's new day is one of the place where the person is.
    pub(super) fn is_local(&self) -> bool {
        matches!(self.due, Some(Some(_))) && self.due_time_zone.is_none()
    }

    /// Reads the change; `zone` is where the person is.
    pub(super) fn parse(self, zone: TimeZone) -> Result<TodoPatch, ApiError> {
        let mut broken = BrokenRules::default();
        let zone = broken.zone(self.due_time_zone.as_deref(), zone);
        let title = broken.not_null("title", self.title);
        let patch = TodoPatch {
            title: title.and_then(|title| broken.checked(TodoTitle::parse(&title))),
            description: self
                .description
                .and_then(|given| broken.checked(given.as_deref().map_or(Ok(None), TodoDescription::parse))),
            completed: broken.not_null("completed", self.completed),
            due: self.due.and_then(|given| {
                broken.checked(given.as_deref().map(|due| Due::parse(due, zone)).transpose())
            }),
            expected_revision: None,
        };
        if !broken.is_empty() {
            return Err(broken.into());
        }
        if patch.is_empty() {
            let message = "Give at least one of title, description, completed and due.";
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

    fn zone(&mut self, named: Option<&str>, otherwise: TimeZone) -> TimeZone {
        let named = named.map(|name| {
            TimeZone::parse(name).map_err(|error| FieldError { field: "due_time_zone", ..error })
        });
        named.and_then(|named| self.checked(named)).unwrap_or(otherwise)
    }
}

impl From<BrokenRules> for ApiError {
    fn from(broken: BrokenRules) -> Self {
        Self::Invalid(broken.0)
    }
}
