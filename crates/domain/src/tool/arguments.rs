//! Decodes the arguments of a model's call into a typed value.
//!
//! Arguments that are nearly right are understood where they can only mean one thing: a number as
//! text, `id` for `task_id`, another word for a status. Everything else is refused with what to send
//! instead, so that the model can mend it.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::{ToolError, ToolErrorCode};
use crate::{
    priority::Priority,
    tags::Tags,
    todo::{TaskNumber, TodoTitle},
    todo_command::{TaskChange, TodoCommand},
    todo_filter::StatusFilter,
};

/// Reads arguments as `T`. Members that `T` does not know are ignored.
///
/// # Errors
/// When they do not fit; `example` is what the model is told to send.
pub(super) fn read<T: DeserializeOwned>(
    arguments: Map<String, Value>,
    example: &str,
) -> Result<T, ToolError> {
    serde_json::from_value(Value::Object(arguments)).map_err(|error| {
        let error = format!("The arguments do not fit: {error}. Send them like this: {example}");
        ToolError::new(ToolErrorCode::ValidationError, error)
    })
}

/// The name of the argument that says which task a call is about, and the other names that models give it.
const TASK_REFERENCE: &str = "task_id";
const TASK_REFERENCE_ALIASES: [&str; 7] =
    ["id", "task", "number", "task_number", "taskId", "task_ids", "ids"];

/// The arguments of a call about these tasks, whatever named them before. A `ref` is left as it is.
pub fn about_tasks(mut arguments: Map<String, Value>, numbers: &[TaskNumber]) -> Map<String, Value> {
    arguments.retain(|name, _| !TASK_REFERENCE_ALIASES.contains(&name.as_str()));
    arguments.insert(TASK_REFERENCE.to_owned(), json!(numbers));
    arguments
}

/// The task that a call is about.
pub(super) struct TaskReference {
    task_id: TaskOrTitle,
}

/// The most tasks of one call.
const MAX_NUMBERS: usize = 50;

/// A task's number, or its title where that belongs, or the numbers of several.
enum TaskOrTitle {
    Number(TaskNumber),
    Title(TodoTitle),
    Numbers(Vec<TaskNumber>),
}

impl<'de> Deserialize<'de> for TaskReference {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let arguments = Map::<String, Value>::deserialize(deserializer)?;
        let names = [TASK_REFERENCE].into_iter().chain(TASK_REFERENCE_ALIASES);
        let mut given = names.filter_map(|name| arguments.get(name));
        let task_id = given.next().ok_or_else(|| serde::de::Error::missing_field(TASK_REFERENCE))?;
        match given.next() {
            Some(_) => Err(serde::de::Error::duplicate_field(TASK_REFERENCE)),
            None => Ok(Self { task_id: task_or_title(task_id).map_err(serde::de::Error::custom)? }),
        }
    }
}

impl TaskReference {
    /// The command that makes a change of this task.
    pub(super) fn command(self, change: &TaskChange) -> TodoCommand {
        match self.task_id {
            TaskOrTitle::Number(number) => TodoCommand::Change(change.for_task(number)),
            TaskOrTitle::Title(title) => TodoCommand::ChangeTitled(title, change.clone()),
            TaskOrTitle::Numbers(numbers) => TodoCommand::ChangeMany(numbers, change.clone()),
        }
    }
}

/// A task's number, also as text: `3`, `"3"`, `"#3"`, `"task 3"`, or several: `[1, 2]`, `"[1, 2]"`, `"1, 2"`;
/// any other text is a title.
fn task_or_title(value: &Value) -> Result<TaskOrTitle, &'static str> {
    if let Some(numbers) = value.as_array() {
        return several(numbers);
    }
    if let Some(numbers) = value.as_str().and_then(numbers_in) {
        return several(&numbers);
    }
    let title = || TodoTitle::parse(value.as_str()?).ok();
    match number(value) {
        Some(number) => Ok(TaskOrTitle::Number(TaskNumber(number))),
        None => title()
            .map(TaskOrTitle::Title)
            .ok_or("task_id must be the task's number; find it with list_tasks and search"),
    }
}

/// A member that is given, or `null` to clear it. Models send an empty text for what they leave out, and
/// `null` also as a text.
#[derive(Debug, Default)]
pub(super) enum Clearable {
    /// Nothing is said about it.
    #[default]
    Absent,
    /// It is to be cleared.
    Null,
    /// It is to be this.
    Text(String),
}

impl Clearable {
    /// What a patch says: nothing, cleared, or the value that `parse` makes of the text.
    pub(super) fn patch<T, E>(
        self,
        parse: impl FnOnce(&str) -> Result<Option<T>, E>,
    ) -> Result<Option<Option<T>>, E> {
        match self {
            Self::Absent => Ok(None),
            Self::Null => Ok(Some(None)),
            Self::Text(text) => parse(&text).map(Some),
        }
    }
}

/// The task under which another one stands, or `null` for none.
pub(super) fn parent_or_null<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<TaskNumber>>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    match value {
        Value::Null => Ok(Some(None)),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) if is_null(&text) => Ok(Some(None)),
        value => number(&value)
            .map(|number| Some(Some(TaskNumber(number))))
            .ok_or_else(|| serde::de::Error::custom("parent must be a task's number, or null for none")),
    }
}

impl<'de> Deserialize<'de> for Clearable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Option::<String>::deserialize(deserializer)? {
            None => Self::Null,
            Some(text) if is_null(&text) => Self::Null,
            Some(text) if text.trim().is_empty() => Self::Absent,
            Some(text) => Self::Text(text),
        })
    }
}

/// Leaves out what is `null` as a text when another member says something: a model that fills in all members
/// writes it for what shall stay. Alone it clears.
pub(super) fn without_null_texts(mut arguments: Map<String, Value>) -> Map<String, Value> {
    let is_reference =
        |name: &str| [TASK_REFERENCE, "ref"].contains(&name) || TASK_REFERENCE_ALIASES.contains(&name);
    let says_something = |value: &Value| match value {
        Value::Null => false,
        Value::Bool(is_true) => *is_true,
        Value::String(text) => !is_left_out(text),
        Value::Array(items) => !items.is_empty(),
        Value::Number(_) | Value::Object(_) => true,
    };
    if arguments.iter().any(|(name, value)| !is_reference(name) && says_something(value)) {
        arguments.retain(|name, value| is_reference(name) || !value.as_str().is_some_and(is_null));
    }
    arguments
}

/// A text that may be left out; an empty one is none.
pub(super) fn optional_text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.filter(|text| !is_left_out(text)))
}

/// Whether a text stands for nothing at all.
fn is_left_out(text: &str) -> bool {
    text.trim().is_empty() || is_null(text)
}

fn is_null(text: &str) -> bool {
    text.trim().eq_ignore_ascii_case("null")
}

/// What a text lists: as JSON, or with commas between, perhaps in the brackets of another language.
fn listed_in(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_else(|_not_json| {
        let text = text.trim();
        let parts = |text: &str, quotes: &[char]| -> Vec<String> {
            text.split(',').map(|part| part.trim().trim_matches(quotes).to_owned()).collect()
        };
        match text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
            Some(inner) => parts(inner, &['"', '\'']),
            None => parts(text, &[]),
        }
    })
}

/// The numbers that a text lists; `None` when it is no list of numbers. `1,000` is one number.
fn numbers_in(text: &str) -> Option<Vec<Value>> {
    if !text.contains(',') && !text.trim_start().starts_with('[') {
        return None;
    }
    let parts = serde_json::from_str::<Vec<Value>>(text)
        .unwrap_or_else(|_not_json| listed_in(text).into_iter().map(Value::String).collect());
    let is_number = |part: &Value| {
        number(part).is_some() && !part.as_str().is_some_and(|text| text.trim().starts_with('0'))
    };
    parts.iter().all(is_number).then_some(parts)
}

/// The numbers of several tasks, each once.
fn several(values: &[Value]) -> Result<TaskOrTitle, &'static str> {
    let mut numbers = Vec::new();
    for value in values {
        let number = number(value).map(TaskNumber);
        let number =
            number.ok_or("task_id must be the tasks' numbers; find them with list_tasks and search")?;
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    match numbers.len() {
        0 => Err("task_id must name a task"),
        1 => Ok(TaskOrTitle::Number(numbers[0])),
        2..=MAX_NUMBERS => Ok(TaskOrTitle::Numbers(numbers)),
        _ => Err("task_id may name 50 tasks at most; call again for the others"),
    }
}

/// A priority that may be left out.
pub(super) fn optional_priority<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Priority>, D::Error> {
    let text = optional_text(deserializer)?;
    let parsed =
        text.map(|text| Priority::parse(&text).map_err(|error| serde::de::Error::custom(error.message)));
    parsed.transpose()
}

/// Tags that may be left out, also as one text.
pub(super) fn optional_tags<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Tags>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrMany {
        One(String),
        Many(Vec<String>),
    }
    let tags = match Option::<OneOrMany>::deserialize(deserializer)? {
        None => return Ok(None),
        Some(OneOrMany::One(text)) if is_left_out(&text) => return Ok(None),
        Some(OneOrMany::One(text)) => listed_in(&text),
        Some(OneOrMany::Many(tags)) => tags,
    };
    Tags::parse(tags).map(Some).map_err(|error| serde::de::Error::custom(error.message))
}

/// The most to list, which may be left out, also as text.
pub(super) fn optional_limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    optional_number(deserializer, "limit must be a number")
}

/// A task's number that may be left out, also as text.
pub(super) fn optional_task_id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    optional_number(deserializer, "task_id must be a task's number; find it with list_tasks")
}

/// The number of the task that another one is a part of, which may be left out, also as text.
pub(super) fn optional_parent<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    optional_number(deserializer, "parent must be a task's number; find it with list_tasks")
}

fn optional_number<'de, D: Deserializer<'de>>(
    deserializer: D,
    error: &'static str,
) -> Result<Option<i64>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) if is_left_out(&text) => Ok(None),
        value => number(&value).map(Some).ok_or_else(|| serde::de::Error::custom(error)),
    }
}

/// Whether a task is done, which may be left out, also as text.
pub(super) fn optional_completed<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<bool>, D::Error> {
    optional_bool(deserializer, "completed must be true or false")
}

/// Whether this time of a repeating task is skipped, which may be left out, also as text.
pub(super) fn optional_skip<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    optional_bool(deserializer, "skip must be true or false")
}

fn optional_bool<'de, D: Deserializer<'de>>(
    deserializer: D,
    error: &'static str,
) -> Result<Option<bool>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let text = value.as_str().map(|text| text.trim().to_lowercase());
    match (&value, text.as_deref()) {
        (Value::Null, _) | (_, Some("" | "null")) => Ok(None),
        (Value::Bool(is_true), _) => Ok(Some(*is_true)),
        (_, Some("true" | "yes" | "done")) => Ok(Some(true)),
        (_, Some("false" | "no" | "open")) => Ok(Some(false)),
        _ if number(&value) == Some(1) => Ok(Some(true)),
        _ if number(&value) == Some(0) => Ok(Some(false)),
        _ => Err(serde::de::Error::custom(error)),
    }
}

/// A status, also in the words that people use for one.
pub(super) fn optional_status<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<StatusFilter>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let text = value.as_str().map(|text| text.trim().to_lowercase());
    match (&value, text.as_deref()) {
        (Value::Null, _) | (_, Some("" | "null")) => Ok(None),
        (_, Some("all" | "any" | "both")) => Ok(Some(StatusFilter::All)),
        (_, Some("pending" | "open" | "todo" | "incomplete" | "active")) => Ok(Some(StatusFilter::Pending)),
        (_, Some("completed" | "complete" | "done" | "finished" | "closed")) => {
            Ok(Some(StatusFilter::Completed))
        }
        _ => Err(serde::de::Error::custom("status must be all, pending or completed")),
    }
}

fn number(value: &Value) -> Option<i64> {
    let Value::String(text) = value else {
        // 3.0 is a number as good as 3.
        let float = || value.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 1e15);
        return value.as_i64().or_else(|| float().map(|float| float as i64));
    };
    let text = text.trim().to_lowercase();
    let digits = text.strip_prefix("task").unwrap_or(&text).trim().trim_start_matches('#').trim();
    digits.parse().ok()
}
