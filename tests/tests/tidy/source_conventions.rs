//! Files and functions that a person can take in, and tests that all run.
//! Relies on rustfmt, which CI checks first.

use std::path::PathBuf;

use crate::source_files::{assert_none, files, read, show};

/// More lines than this and a file does two things.
const MAX_LINES_OF_FILE: usize = 400;
/// More lines than this and a function has parts that want names.
const MAX_LINES_OF_FUNCTION: usize = 60;
/// The `max_width` of `rustfmt.toml`, which rustfmt does not keep for comments.
const MAX_WIDTH_OF_COMMENT: usize = 110;
/// Written by a program and read by one: `make api-types`.
const GENERATED: &str = "web/src/api/schema.gen.ts";

#[test]
fn files_are_short() {
    let all = files("", &["rs", "ts", "tsx"]).into_iter().filter(|file| !file.ends_with(GENERATED));
    let with_size = all.map(|file| (read(&file).lines().count(), file));
    let long = with_size.filter(|(lines, _)| *lines > MAX_LINES_OF_FILE);
    assert_none(long.map(|(lines, file)| format!("{} has {lines} lines", file.display())));
}

#[test]
fn functions_are_short() {
    let mut faults = Vec::new();
    for file in files("", &["rs"]) {
        let text = read(&file);
        let lines: Vec<&str> = text.lines().collect();
        for (start, name) in functions(&lines) {
            let length = length_of_function(&lines[start..]);
            if length > MAX_LINES_OF_FUNCTION {
                faults.push(format!("{}:{} {name} has {length} lines", file.display(), start + 1));
            }
        }
    }
    assert_none(faults);
}

#[test]
fn comments_are_no_wider_than_code() {
    let is_wide =
        |line: &&str| line.trim_start().starts_with("//") && line.chars().count() > MAX_WIDTH_OF_COMMENT;
    let wide = |file: PathBuf| {
        let text = read(&file);
        let lines = text.lines().enumerate().filter(|(_, line)| is_wide(line));
        lines.map(|(number, _)| format!("{}:{}", file.display(), number + 1)).collect::<Vec<_>>()
    };
    assert_none(files("", &["rs"]).into_iter().flat_map(wide));
}

#[test]
fn modules_are_never_called_mod_rs() {
    assert_none(files("", &["rs"]).into_iter().filter(|file| file.ends_with("mod.rs")).map(show));
}

#[test]
fn no_test_is_skipped() {
    let in_rust = files("", &["rs"]).into_iter().filter(|file| read(file).lines().any(is_ignored_in_rust));
    let in_web = files("", &["ts", "tsx", "mjs"]).into_iter();
    let in_web = in_web.filter(|file| read(file).lines().any(is_skipped_in_web));
    assert_none(in_rust.chain(in_web).map(show));
}

/// The attribute, also under a condition.
fn is_ignored_in_rust(line: &str) -> bool {
    let is_word = |word: &str| word == "ignore";
    let mut words = line.trim_start().split(|c: char| !c.is_alphanumeric() && c != '_');
    let is_alone = line.trim_start().starts_with(concat!("#[", "ignore"));
    is_alone || line.contains("#[cfg_attr(") && words.any(is_word)
}

/// A test that does not run, or the only one that does; and retries, after which one that fails now and
/// then has passed.
fn is_skipped_in_web(line: &str) -> bool {
    const CALLS: [&str; 3] = ["it", "test", "describe"];
    const MODIFIERS: [&str; 7] = ["skip", "skipIf", "runIf", "only", "fixme", "todo", "fails"];
    const OPTIONS: [&str; 6] =
        ["skip: true", "only: true", "todo: true", "fails: true", "retry:", "retries:"];
    let line = line.trim_start();
    let is_modified = |call: &str| {
        let after = |modifier: &str| line.split_once(&format!("{call}.{modifier}")).map(|(_, rest)| rest);
        MODIFIERS.iter().filter_map(|modifier| after(modifier)).any(|rest| rest.starts_with(['(', '.']))
    };
    let has_option = CALLS.iter().any(|call| line.starts_with(&format!("{call}(")))
        && OPTIONS.iter().any(|option| line.contains(option));
    let is_of_jasmine = CALLS.iter().any(|call| {
        ["x", "f"].map(|first| format!("{first}{call}(")).iter().any(|call| line.starts_with(call))
    });
    let is_retried = ["retry: ", "retries: "]
        .iter()
        .any(|option| line.strip_prefix(option).is_some_and(|count| !count.starts_with('0')));
    CALLS.into_iter().any(is_modified) || has_option || is_of_jasmine || is_retried
}

#[test]
fn a_test_that_is_skipped_is_seen() {
    let ignored = concat!("#[", "ignore]");
    let ignored_with_reason = concat!("    #[", "ignore = \"slow\"]");
    let ignored_there = concat!("#[cfg_", "attr(windows, ignore)]");
    for line in [ignored, ignored_with_reason, ignored_there] {
        assert!(is_ignored_in_rust(line), "{line}");
    }
    assert!(!is_ignored_in_rust("#[serde(default)] // ignore"));
    let call = concat!("te", "st");
    for rest in [
        ".skip('x', () => {",
        ".only('x', () => {",
        ".describe.only('x', () => {",
        ".skipIf(isMac)('x', () => {",
        ".runIf(isMac)('x', () => {",
        ".skip.each([1])('x', () => {",
        ".todo('x')",
        "('x', { skip: true }, () => {",
        "('x', { retry: 2 }, () => {",
    ] {
        assert!(is_skipped_in_web(&format!("  {call}{rest}")), "{call}{rest}");
    }
    for line in [concat!("xi", "t('x', () => {"), concat!("fdescri", "be('x', () => {"), "  retries: 2,"] {
        assert!(is_skipped_in_web(line), "{line}");
    }
    for line in
        ["  retries: 0,", "await store.change(1, { skip: true });", "  [{ skip: true }, '3'],", "exit();"]
    {
        assert!(!is_skipped_in_web(line), "{line}");
    }
}

/// Where functions begin, and their names. Relies on rustfmt, as the next one does.
fn functions<'a>(lines: &'a [&str]) -> impl Iterator<Item = (usize, &'a str)> {
    let qualifier = |word: &&str| word.starts_with("pub") || ["async", "const", "unsafe"].contains(word);
    lines.iter().enumerate().filter_map(move |(number, line)| {
        let mut words = line.split_whitespace().skip_while(qualifier);
        (words.next() == Some("fn")).then(|| (number, words.next().unwrap_or_default()))
    })
}

/// The length of the function that begins at the first line: up to the brace in its own column.
fn length_of_function(lines: &[&str]) -> usize {
    let indent = lines[0].len() - lines[0].trim_start().len();
    let mut is_open = false;
    for (number, line) in lines.iter().enumerate() {
        let in_column =
            line.len() > indent && line[..indent].trim().is_empty() && !line[indent..].starts_with(' ');
        let text = line.trim_start();
        let is_over = text == "}" || (!is_open && (text.ends_with('}') || text.ends_with(';')));
        if in_column && is_over {
            return number + 1;
        }
        is_open |= in_column && text.ends_with('{');
    }
    lines.len()
}

#[test]
fn functions_are_measured_from_signature_to_brace() {
    let code = "impl A {\n    pub async fn long(\n        self,\n    ) {\n        work();\n    }\n    fn short() {}\n    fn none();\n}";
    let lines: Vec<&str> = code.lines().collect();
    let lengths: Vec<_> = functions(&lines).map(|(start, _)| length_of_function(&lines[start..])).collect();
    assert_eq!(lengths, [5, 1, 1]);
}
