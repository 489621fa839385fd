//! The tags of a task: words under which a person files it.

use crate::text_search::fold;
use crate::text_validation::{FieldError, reject_nul};

/// The most tags of one task.
pub const MAX_TAGS: usize = 10;

/// The most characters of a tag.
pub const MAX_TAG_CHARACTERS: usize = 40;

/// Up to 10 tags of 1 to 40 characters, in the order in which they were given. Of tags that a person would
/// call the same ([`fold`]) the first is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tags(Vec<String>);

impl Tags {
    /// Parses tags as they came from outside: trimmed, without a `#` before them, and with single spaces.
    ///
    /// # Errors
    /// When one is empty, too long, or holds a comma or U+0000, or when there are more than 10.
    pub fn parse(raw: Vec<String>) -> Result<Self, FieldError> {
        let mut tags = Self::default();
        for tag in raw {
            tags.add(&tag)?;
        }
        Ok(tags)
    }

    /// Adds a tag; whether it was a new one.
    ///
    /// # Errors
    /// As for [`Tags::parse`]; the tags stay as they are.
    pub fn add(&mut self, raw: &str) -> Result<bool, FieldError> {
        let tag = tag(raw)?;
        if self.contains(&tag) {
            return Ok(false);
        }
        if self.0.len() == MAX_TAGS {
            return Err(FieldError::new("tags", format!("A task may have at most {MAX_TAGS} tags.")));
        }
        self.0.push(tag);
        Ok(true)
    }

    /// Removes the tag a person would call `raw`; whether there was one.
    pub fn remove(&mut self, raw: &str) -> bool {
        let (key, before) = (key(raw), self.0.len());
        self.0.retain(|tag| fold(tag) != key);
        self.0.len() < before
    }

    /// Whether one of them is what a person would call `raw`.
    pub fn contains(&self, raw: &str) -> bool {
        let key = key(raw);
        self.0.iter().any(|tag| fold(tag) == key)
    }

    /// The tags as they were written.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    /// The tags as they were written, for good.
    pub fn into_vec(self) -> Vec<String> {
        self.0
    }

    /// The folded tags, in the same order: what tasks are looked for by.
    pub fn keys(&self) -> Vec<String> {
        self.0.iter().map(|tag| fold(tag)).collect()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The text of a tag, `#` and surplus spaces dropped.
fn text(raw: &str) -> String {
    let raw = raw.trim_start_matches(|c: char| c == '#' || c.is_whitespace());
    raw.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a tag is looked for by, in any spelling.
pub fn key(raw: &str) -> String {
    fold(&text(raw))
}

fn tag(raw: &str) -> Result<String, FieldError> {
    reject_nul("tags", raw)?;
    let tag = text(raw);
    let message = if fold(&tag).is_empty() {
        "A tag must not be empty.".to_owned()
    } else if tag.chars().count() > MAX_TAG_CHARACTERS {
        format!("A tag may have at most {MAX_TAG_CHARACTERS} characters.")
    } else if tag.contains(',') {
        "A tag must not hold a comma.".to_owned()
    } else {
        return Ok(tag);
    };
    Err(FieldError::new("tags", message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(raw: &[&str]) -> Result<Tags, FieldError> {
        Tags::parse(raw.iter().map(|tag| (*tag).to_owned()).collect())
    }

    #[test]
    fn a_tag_is_trimmed_and_keeps_its_case() {
        let tags = parse(&[" #Work ", "##home", "# next\t  week", "# #C#", "Café"]).unwrap();
        assert_eq!(tags.as_slice(), ["Work", "home", "next week", "C#", "Café"]);
        assert_eq!(tags.keys(), ["work", "home", "next week", "c#", "cafe"]);
        assert_eq!(tags.into_vec().len(), 5);
        assert!(parse(&[]).unwrap().is_empty());
    }

    #[test]
    fn of_twins_the_first_is_kept() {
        let tags = parse(&["Straße", "STRASSE", "#strasse", "cafe\u{301}", "café"]).unwrap();
        assert_eq!(tags.as_slice(), ["Straße", "cafe\u{301}"]);
    }

    #[test]
    fn tags_are_bounded() {
        let many: Vec<String> = (1..=11).map(|n| n.to_string()).collect();
        assert_eq!(Tags::parse(many[..10].to_vec()).unwrap().as_slice().len(), 10);
        let twins = many[..10].iter().chain(&many[..10]).cloned().collect();
        assert_eq!(Tags::parse(twins).unwrap().as_slice().len(), 10, "twins do not count");
        let message = |raw: &[&str]| {
            let refused = parse(raw).unwrap_err();
            assert_eq!(refused.field, "tags");
            refused.message
        };
        assert_eq!(Tags::parse(many).unwrap_err().message, "A task may have at most 10 tags.");
        assert!(parse(&[&"ü".repeat(40)]).is_ok());
        assert_eq!(message(&[&"ü".repeat(41)]), "A tag may have at most 40 characters.");
        assert_eq!(message(&["a,b"]), "A tag must not hold a comma.");
        for empty in ["", " ", "#", "# ", "\u{200B}"] {
            assert_eq!(message(&["work", empty]), "A tag must not be empty.", "{empty:?}");
        }
        assert_eq!(message(&["a\0b"]), "The tags must not contain the character U+0000.");
    }

    #[test]
    fn tags_are_added_and_removed_in_any_spelling() {
        let mut tags = parse(&["Work", "Café"]).unwrap();
        assert!(!tags.add("#WORK").unwrap());
        assert!(tags.add("home").unwrap());
        assert!(tags.contains("#cafe") && !tags.contains("caf"));
        assert!(tags.remove("#cafe"));
        assert!(!tags.remove("cafe"));
        assert!(tags.add("a,b").is_err());
        assert_eq!(tags.as_slice(), ["Work", "home"]);
    }

    proptest::proptest! {
        #[test]
        fn what_is_kept_is_read_back(raw in proptest::collection::vec("#?\\PC{0,12}", 0..12)) {
            if let Ok(tags) = Tags::parse(raw) {
                proptest::prop_assert_eq!(Tags::parse(tags.as_slice().to_vec()).unwrap().keys(), tags.keys());
            }
        }
    }
}
