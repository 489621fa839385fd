//! Makes titles out of what people say.

use super::{intent::NewTask, task_attributes::split};

const QUOTES: &[char] = &['"', '“', '”', '„', '«', '»', '`'];

/// Returns a title as one would write it: `buy milk.` becomes `Buy milk`, but
/// what stands in quotation marks stays as it is.
pub(crate) fn task_title(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let bare = text.trim_end_matches(['.', '!', '?', ';', ',', ':', ' ']);
    match quoted(bare) {
        Some(inside) => inside.trim().to_owned(),
        None => capitalised(bare),
    }
}

const MARKS: &[&str] = &[
    " with the description ",
    " with description ",
    " with a note ",
    " with the note ",
    " with note ",
    " description: ",
];

/// Returns a title and, when "with description …" follows, that.
pub(crate) fn title_and_description(text: &str) -> (String, Option<String>) {
    let low = text.to_ascii_lowercase();
    let found = MARKS.iter().filter_map(|mark| Some((low.find(mark)?, mark.len()))).min();
    match found {
        Some((place, length)) => {
            (task_title(&text[..place]), Some(task_title(text[place + length..].trim_start_matches(':'))))
        }
        None => (task_title(text), None),
    }
}

/// Returns the task that these words describe: its title, and what is said about it.
pub(crate) fn new_task(text: &str) -> NewTask {
    let low = text.to_ascii_lowercase();
    let place = MARKS.iter().filter_map(|mark| low.find(mark)).min().unwrap_or(text.len());
    let (_, description) = title_and_description(text);
    let (rest, details) = split(text[..place].trim());
    NewTask { title: task_title(rest), description, details }
}

/// Splits an enumeration: lines, or `a, b and c`.
pub(crate) fn parts(text: &str) -> Vec<&str> {
    let lines: Vec<&str> = text.trim().lines().filter(|line| !line.trim().is_empty()).collect();
    let parts: Vec<&str> = if lines.len() > 1 { lines } else { split_enumeration(text) };
    parts.into_iter().map(without_bullet).filter(|part| !task_title(part).is_empty()).collect()
}

/// Splits an enumeration of titles in quotation marks, each with what is said of it behind: `"a" tomorrow and
/// "b"`. `None` when there are not several.
pub(crate) fn quoted_parts(text: &str) -> Option<Vec<&str>> {
    let text = text.trim();
    let separators = [", and ", " and ", ", ", "; "];
    let mut parts = Vec::new();
    let mut begin = 0;
    for (at, _) in text.match_indices(QUOTES) {
        let before = &text[begin..at];
        let separator = separators.iter().find(|separator| before.ends_with(**separator));
        let part = separator.map(|separator| &before[..before.len() - separator.len()]);
        if let Some(part) = part.filter(|part| part.matches(QUOTES).count() % 2 == 0 && part.contains(QUOTES))
        {
            parts.push(part);
            begin = at;
        }
    }
    parts.push(&text[begin..]);
    let is_quoted = |part: &&str| {
        part.starts_with(QUOTES)
            && part.matches(QUOTES).count() == 2
            && part.chars().nth(1).is_some_and(|inside| !QUOTES.contains(&inside))
    };
    (parts.len() > 1 && parts.iter().all(is_quoted)).then_some(parts)
}

fn split_enumeration(text: &str) -> Vec<&str> {
    let separator = if text.contains(';') { ';' } else { ',' };
    let mut parts: Vec<&str> = text.split(separator).map(str::trim).collect();
    if let Some((before, after)) = parts.last().and_then(|last| last.rsplit_once(" and ")) {
        parts.pop();
        parts.extend([before, after]);
    }
    parts.into_iter().map(|part| part.strip_prefix("and ").unwrap_or(part)).collect()
}

/// `- milk`, `* milk`, `1. milk`, `2) milk`
fn without_bullet(line: &str) -> &str {
    let line = line.trim().trim_start_matches(['-', '*', '•']).trim_start();
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    match digits.strip_prefix(['.', ')']) {
        Some(rest) if digits.len() < line.len() => rest.trim_start(),
        _ => line,
    }
}

/// Whether a text stands in quotation marks, with or without a full stop behind them.
pub(crate) fn is_quoted(text: &str) -> bool {
    quoted(text.trim().trim_end_matches(['.', '!', '?', ';', ',', ':', ' '])).is_some()
}

fn quoted(text: &str) -> Option<&str> {
    let inside = text.strip_prefix(QUOTES).and_then(|rest| rest.strip_suffix(QUOTES));
    inside
        .or_else(|| text.strip_prefix(['\'', '‘'])?.strip_suffix(['\'', '’']))
        .filter(|inside| !inside.is_empty())
}

/// Leaves `iPhone case` alone: only a first word without capitals gets one.
fn capitalised(text: &str) -> String {
    let first_word = text.split(' ').next().unwrap_or_default();
    let mut characters = text.chars();
    match characters.next() {
        Some(first) if !first_word.contains(char::is_uppercase) => {
            first.to_uppercase().chain(characters).collect()
        }
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_tidied() {
        for (said, expected) in [
            ("buy groceries", "Buy groceries"),
            (" buy   milk. ", "Buy milk"),
            ("\"buy milk\"", "buy milk"),
            ("'buy milk'.", "buy milk"),
            ("“étoile”", "étoile"),
            ("étoile", "Étoile"),
            ("iPhone case", "iPhone case"),
            ("Mom's cake", "Mom's cake"),
            ("", ""),
        ] {
            assert_eq!(task_title(said), expected, "{said}");
        }
    }

    fn titles(text: &str) -> Vec<String> {
        parts(text).into_iter().map(task_title).collect()
    }

    #[test]
    fn enumerations_are_split() {
        assert_eq!(titles("a, b and c"), ["A", "B", "C"]);
        assert_eq!(titles("wash, and dry"), ["Wash", "Dry"]);
        assert_eq!(titles("salt and pepper; bread"), ["Salt and pepper", "Bread"]);
        assert_eq!(titles("one"), ["One"]);
        assert_eq!(titles("\n- milk\n* two eggs\n3. bread\n"), ["Milk", "Two eggs", "Bread"]);
    }

    #[test]
    fn a_description_is_split_off() {
        let (title, description) = title_and_description("buy milk with description two litres");
        assert_eq!((title.as_str(), description.as_deref()), ("Buy milk", Some("Two litres")));
        assert_eq!(title_and_description("buy milk").1, None);
    }
}
