//! The priority of a task.

use crate::text_validation::FieldError;

/// A task's priority; the greater one is more important.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Priority {
    /// Nothing was said about it.
    #[default]
    None,
    /// Can wait.
    Low,
    /// As usual.
    Medium,
    /// Comes first.
    High,
}

impl Priority {
    /// All of them, the least important first.
    pub const ALL: [Self; 4] = [Self::None, Self::Low, Self::Medium, Self::High];

    /// Parses a name in upper or lower case. `urgent` and `important` are high, `normal` is medium.
    ///
    /// # Errors
    /// When it is no name of a priority.
    pub fn parse(raw: &str) -> Result<Self, FieldError> {
        match raw.trim().to_lowercase().as_str() {
            "none" => Ok(Self::None),
            "low" => Ok(Self::Low),
            "medium" | "normal" => Ok(Self::Medium),
            "high" | "urgent" | "important" => Ok(Self::High),
            _ => Err(FieldError::new("priority", "The priority must be none, low, medium or high.")),
        }
    }

    /// The name in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// The number it is stored as, from 0 for none to 3 for high.
    pub fn as_number(self) -> i16 {
        match self {
            Self::None => 0,
            Self::Low => 1,
            Self::Medium => 2,
            Self::High => 3,
        }
    }

    /// The priority that is stored as `number`.
    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.as_number() == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_read_back() {
        for (number, priority) in (0..).zip(Priority::ALL) {
            assert_eq!(Priority::parse(priority.as_str()).unwrap(), priority);
            assert_eq!(priority.as_number(), number);
            assert_eq!(Priority::from_number(number), Some(priority));
        }
        assert_eq!(Priority::from_number(-1), None);
        assert_eq!(Priority::from_number(4), None);
        assert!(Priority::ALL.is_sorted());
        assert_eq!(Priority::default(), Priority::None);
    }

    #[test]
    fn people_have_other_words_for_them() {
        for (raw, priority) in [
            (" HIGH ", Priority::High),
            ("urgent", Priority::High),
            ("Important", Priority::High),
            ("normal", Priority::Medium),
        ] {
            assert_eq!(Priority::parse(raw).unwrap(), priority);
        }
        for raw in ["", "3", "highest", "none at all"] {
            let refused = Priority::parse(raw).unwrap_err();
            assert_eq!(refused.to_string(), "priority: The priority must be none, low, medium or high.");
        }
    }
}
