//! The file `.env` of development.

use std::{
    cell::Cell,
    fs::File,
    io::{self, Read},
    path::Path,
};

use super::{ConfigError, Problem};

const FILE: &str = ".env";
const BAD_LINE: &str = "must be of the form NAME=value; put a value with spaces or quotes into single quotes";
const BARE_DOLLAR: &str =
    "has a $, which begins the name of another variable: put the value into single quotes";

/// Reads the file, if it is there.
pub(super) fn read(path: &Path) -> Result<Vec<(String, String)>, ConfigError> {
    let Ok(mut file) = File::open(path) else {
        return Ok(Vec::new());
    };
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(|_error| ConfigError(vec![problem("must be a file of text")]))?;
    parse(&text)
}

/// Reads its text, and tells of every line that is bad, by its number and without its value.
fn parse(text: &str) -> Result<Vec<(String, String)>, ConfigError> {
    let read = Cell::new(0);
    let mut entries = dotenvy::from_read_iter(LineReader { rest: text.as_bytes(), read: &read });
    let (mut pairs, mut problems) = (Vec::new(), Vec::new());
    loop {
        let before = read.get();
        let Some(entry) = entries.next() else { break };
        let mut lines = text.lines().zip(1..).take(read.get()).skip(before);
        // The parser passes over lines that say nothing, on its way to the next one.
        let says_nothing = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
        let Some((first, number)) = lines.by_ref().find(|(line, _)| !says_nothing(line)) else { continue };
        let value: String = first
            .split_once('=')
            .map(|(_, value)| value)
            .into_iter()
            .chain(lines.map(|(line, _)| line))
            .collect();
        let place = format!("line {number}{}", name_of(first));
        match entry {
            _ if has_bare_dollar(&value) => problems.push(problem(format!("{place} {BARE_DOLLAR}"))),
            Ok(pair) => pairs.push(pair),
            Err(_quotes_the_line) => problems.push(problem(format!("{place} {BAD_LINE}"))),
        }
    }
    if problems.is_empty() { Ok(pairs) } else { Err(ConfigError(problems)) }
}

/// Hands out a line at a time, so that the number of those read says where the parser is.
struct LineReader<'a> {
    rest: &'a [u8],
    read: &'a Cell<usize>,
}

impl Read for LineReader<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let end = self.rest.iter().position(|byte| *byte == b'\n').map_or(self.rest.len(), |at| at + 1);
        let (part, _) = self.rest.split_at(end.min(buffer.len()));
        buffer[..part.len()].copy_from_slice(part);
        self.rest = &self.rest[part.len()..];
        let is_end = part.ends_with(b"\n") || (self.rest.is_empty() && !part.is_empty());
        self.read.set(self.read.get() + usize::from(is_end));
        Ok(part.len())
    }
}

/// The variable that a line sets. What is in lower case may be a part of somebody's secret.
fn name_of(line: &str) -> String {
    let is_name = |name: &&str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    let name = line.split_once('=').map(|(name, _)| name.trim().trim_start_matches("export ").trim());
    name.filter(is_name).map(|name| format!(" ({name})")).unwrap_or_default()
}

/// Whether a value has a `$` that the parser takes for the beginning of a variable's name, but for the
/// `${NAME}` that nobody writes by accident.
fn has_bare_dollar(value: &str) -> bool {
    let mut quote = None;
    let mut letters = value.trim_start().chars().peekable();
    while let Some(letter) = letters.next() {
        match (letter, quote) {
            ('\'' | '"', None) => quote = Some(letter),
            (letter, Some(open)) if letter == open => quote = None,
            (_, Some('\'')) => {}
            // A comment follows.
            (' ' | '\t', None) => return false,
            ('\\', _) => {
                letters.next();
            }
            ('$', _) if letters.peek() != Some(&'{') => return true,
            _ => {}
        }
    }
    false
}

fn problem(wants: impl Into<String>) -> Problem {
    Problem { variable: FILE, wants: wants.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        let error = parse(text).unwrap_err().to_string();
        assert!(!error.contains("canary"), "{error}");
        error
    }

    #[cfg(feature = "devkit")]
    #[test]
    fn every_line_of_the_example_can_be_taken_as_it_is() {
        let example = include_str!("../../../../.env.example");
        let is_setting = |line: &str| {
            let name = line.strip_prefix('#').and_then(|line| line.split_once('=')).map(|(name, _)| name);
            name.is_some_and(|name| {
                name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
            })
        };
        let settings: Vec<_> =
            example.lines().filter(|line| is_setting(line)).map(|line| &line[1..]).collect();
        assert!(settings.len() > 40, "{settings:?}");
        let pairs = parse(&settings.join("\n")).unwrap();
        assert_eq!(pairs.len(), settings.len());
        let raw = crate::config::RawConfig::from_variables(pairs).unwrap();
        crate::config::Config::from_raw(&raw).unwrap();
    }

    #[test]
    fn every_bad_line_is_told_by_its_number_and_name() {
        let text = "# a comment\nPORT=7860\n\nMAIL_FROM=canary <canary@example.com>\nLOG_FORMAT=json\ncanary of a line\n";
        let error = refused(text);
        let lines: Vec<_> = error.lines().collect();
        assert_eq!(lines.len(), 2, "{error}");
        assert!(lines[0].starts_with(".env line 4 (MAIL_FROM) must be"), "{error}");
        assert!(lines[0].contains("into single quotes"), "{error}");
        assert!(lines[1].starts_with(".env line 6 must be"), "{error}");
    }

    #[test]
    fn a_quote_that_is_not_closed_is_told_by_the_line_where_it_begins() {
        let error = refused("PORT=7860\n# next\nMAIL_FROM='canary\nLOG_FORMAT=json\n");
        assert!(error.starts_with(".env line 3 (MAIL_FROM)"), "{error}");
    }

    #[test]
    fn a_dollar_that_would_be_another_variable_is_refused() {
        for line in [
            "DATABASE_URL=postgres://u:canary$word@h/db",
            "DATABASE_URL=\"canary$word\"",
            "DATABASE_URL=canary$",
        ] {
            let error = refused(&format!("PORT=1\n{line}\n"));
            assert!(error.starts_with(".env line 2 (DATABASE_URL) has a $"), "{error}");
            assert!(error.contains("into single quotes"), "{error}");
        }
    }

    #[test]
    fn a_dollar_that_is_meant_is_taken() {
        let text = "A='pa$word' # costs $5\nB=pa\\$word\nC=${A}s\nD= # $\nE=\"two\n lines\"\nF=\"it's\"\n";
        let pairs = parse(text).unwrap();
        let values: Vec<_> = pairs.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["pa$word", "pa$word", "pa$words", "", "two\n lines", "it's"]);
    }
}
