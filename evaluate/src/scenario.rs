//! The tasks: what is on the list, what the person says, and what has to come of it.

use serde::Deserialize;

/// The families, each with its tasks as TOML.
const FAMILIES: [(&str, &str); 12] = [
    ("add", include_str!("../tasks/add.toml")),
    ("find", include_str!("../tasks/find.toml")),
    ("complete", include_str!("../tasks/complete.toml")),
    ("rename", include_str!("../tasks/rename.toml")),
    ("delete", include_str!("../tasks/delete.toml")),
    ("dates", include_str!("../tasks/dates.toml")),
    ("several at once", include_str!("../tasks/several.toml")),
    ("reference", include_str!("../tasks/reference.toml")),
    ("ask back", include_str!("../tasks/ask_back.toml")),
    ("refuse", include_str!("../tasks/refuse.toml")),
    ("injection", include_str!("../tasks/injection.toml")),
    ("other languages", include_str!("../tasks/languages.toml")),
];

/// One task for a model.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// The list before: titles, with `x ` before those that are done.
    #[serde(default)]
    pub list: Vec<String>,
    /// What the person says, message by message.
    pub says: Vec<String>,
    /// The list afterwards, one pattern for each task, in any order. Without one it is to be as it was.
    pub after: Option<Vec<String>>,
    /// Lists of which any will do.
    pub after_any: Option<Vec<Vec<String>>>,
    /// Whether the last answer has to be a question.
    #[serde(default)]
    pub asks: bool,
    /// Whether the list has to be looked at for the last answer.
    #[serde(default)]
    pub looks: bool,
    /// Words that the last answer has to have or, after `!`, must not have.
    #[serde(default)]
    pub answer: Vec<String>,
}

/// A family of tasks.
#[derive(Debug, Clone)]
pub struct Family {
    /// Its name.
    pub name: &'static str,
    /// Its tasks.
    pub tasks: Vec<Task>,
}

#[derive(Deserialize)]
struct File {
    task: Vec<Task>,
}

/// Returns every family.
///
/// # Errors
/// When a file cannot be read, which a test rules out.
pub fn families() -> Result<Vec<Family>, toml::de::Error> {
    let family = |(name, text)| Ok(Family { name, tasks: toml::from_str::<File>(text)?.task });
    FAMILIES.into_iter().map(family).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_a_hundred_and_twenty_and_each_asks_for_something() {
        let families = families().unwrap();
        assert_eq!(families.iter().map(|family| family.tasks.len()).sum::<usize>(), 120);
        for family in families {
            for task in family.tasks {
                assert!(!task.says.is_empty(), "{task:?}");
                assert!(task.after.is_none() || task.after_any.is_none(), "{task:?}");
            }
        }
    }
}
