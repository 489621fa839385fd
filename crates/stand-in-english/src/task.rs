//! A task as a tool result shows it.

use serde_json::Value;

/// What is known of a task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Task {
    pub(crate) id: u64,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) completed: bool,
    /// When it is due, as the tools write and read it.
    pub(crate) due: Option<String>,
    /// When it is due, to be said to the person.
    pub(crate) when: Option<String>,
    pub(crate) is_overdue: bool,
    /// Low, medium or high.
    pub(crate) priority: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) repeat: Option<String>,
    /// The task that it is a part of.
    pub(crate) parent: Option<u64>,
    /// How many of its own parts are still to be done.
    pub(crate) open_subtasks: u64,
}

impl Task {
    pub(crate) fn read(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let tags = value.get("tags").and_then(Value::as_array);
        let due = text("due");
        Some(Self {
            id: value.get("id")?.as_u64()?,
            title: text("title")?,
            description: text("description").filter(|text| !text.is_empty()),
            completed: value.get("completed").and_then(Value::as_bool).unwrap_or(false),
            when: text("when").or_else(|| due.clone()),
            due,
            is_overdue: value.get("overdue").and_then(Value::as_bool).unwrap_or(false),
            priority: text("priority").filter(|priority| priority != "none"),
            tags: tags.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect(),
            repeat: text("repeat"),
            parent: value.get("parent").and_then(Value::as_u64),
            open_subtasks: value.get("open_subtasks").and_then(Value::as_u64).unwrap_or(0),
        })
    }

    /// Returns how it comes back in words: "every weekday". A rule of RFC 5545 is nothing to say to people.
    pub(crate) fn repeat_words(&self) -> Option<&str> {
        self.repeat.as_deref().filter(|repeat| !repeat.contains("FREQ="))
    }

    /// Returns how many parts of it are still to be done, in words.
    pub(crate) fn open_parts(&self) -> Option<String> {
        match self.open_subtasks {
            0 => None,
            1 => Some("1 open subtask".to_owned()),
            several => Some(format!("{several} open subtasks")),
        }
    }

    /// Returns what is known beside its texts: "due Friday, 27 November, high priority".
    pub(crate) fn details(&self) -> Vec<String> {
        let mut details = Vec::new();
        details.extend(self.when.as_ref().map(|when| format!("due {when}")));
        details.extend(self.is_overdue.then(|| "overdue".to_owned()));
        details.extend(self.priority.as_ref().map(|priority| format!("{priority} priority")));
        details.extend((!self.tags.is_empty()).then(|| format!("tagged {}", and_list(&self.tags))));
        let repeats = self.repeat.as_ref().map(|_| match self.repeat_words() {
            Some(words) => format!("repeats {words}"),
            None => "repeats".to_owned(),
        });
        details.extend(repeats);
        details.extend(self.parent.map(|parent| format!("under task {parent}")));
        details.extend(self.open_parts());
        details
    }
}

/// `a, b and c`
pub(crate) fn and_list(items: &[String]) -> String {
    match items {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => items.concat(),
    }
}
