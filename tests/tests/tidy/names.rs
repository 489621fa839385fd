//! Names are those of the field. These words were names here that only their author could read; each has
//! the name now that a stranger would search for (the glossary in docs/ARCHITECTURE.md).

use crate::source_files::{assert_none, files, read};

/// Words that no name of a module, type, function or constant has in it.
const PRIVATE_WORDS: [&str; 12] = [
    "censor",
    "desk",
    "door",
    "follower",
    "keeper",
    "news",
    "patience",
    "remedy",
    "repeatable",
    "sayings",
    "trouble",
    "verdict",
];
/// Names that say nothing by themselves; as a part of a name these words are good.
const PRIVATE_NAMES: [&str; 6] = ["Begun", "Closing", "Link", "LiveTurn", "SayAgain", "Who"];
/// How the names of upper bounds began; they begin with `MAX_`.
const PRIVATE_PREFIX: &str = "MOST_";
/// A name with more words than this is a sentence: a test, or a part of a contract.
const MAX_WORDS_OF_NAME: usize = 4;

#[test]
fn names_are_those_of_the_field() {
    let mut faults = Vec::new();
    for file in files("", &["rs"]) {
        let module = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if is_private(module) {
            faults.push(format!("{} is the module {module}", file.display()));
        }
        for (line, number) in read(&file).lines().zip(1..) {
            let names = declared_in(line).filter(|name| is_private(name));
            faults.extend(names.map(|name| format!("{}:{number} declares {name}", file.display())));
        }
    }
    assert_none(faults);
}

#[test]
fn a_private_name_is_found_as_a_word_and_as_a_whole() {
    let found = |line: &'static str| declared_in(line).filter(|name| is_private(name)).collect::<Vec<_>>();
    assert_eq!(found("pub(crate) struct LeaseKeeper<'a> {"), ["LeaseKeeper"]);
    assert_eq!(found("    async fn open_door(&self) -> Door {"), ["open_door"]);
    assert_eq!(found("const MOST_TASKS: usize = 5;"), ["MOST_TASKS"]);
    assert_eq!(found("pub type Link = PooledConnection;"), ["Link"]);
    assert_eq!(found("mod troubleshooting; struct SecretLinkToken;"), [""; 0]);
    assert_eq!(found("// The keeper: struct Keeper"), [""; 0]);
    assert_eq!(found("fn a_title_is_alike_at_every_door() {"), [""; 0]);
}

/// The names that a line declares before its first text or comment.
fn declared_in(line: &str) -> impl Iterator<Item = &str> {
    let code = line.split("//").next().and_then(|code| code.split('"').next()).unwrap_or_default();
    let mut words =
        code.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    std::iter::from_fn(move || {
        let keywords = ["mod", "struct", "enum", "trait", "type", "fn", "const", "static"];
        words.by_ref().find(|word| keywords.contains(word))?;
        words.next()
    })
}

fn is_private(name: &str) -> bool {
    let words = words_of(name);
    words.len() <= MAX_WORDS_OF_NAME
        && (PRIVATE_NAMES.contains(&name)
            || name.starts_with(PRIVATE_PREFIX)
            || words.iter().any(|word| PRIVATE_WORDS.contains(&word.as_str())))
}

/// The words of a name in any case: `LeaseKeeper`, `lease_keeper` and `LEASE_KEEPER` have the same two.
fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut after_lower = false;
    for letter in name.chars() {
        if letter == '_' || (letter.is_uppercase() && after_lower) {
            words.push(String::new());
        }
        after_lower = letter.is_lowercase();
        words.last_mut().expect("there is a word").extend(letter.to_lowercase().filter(|one| *one != '_'));
    }
    words.retain(|word| !word.is_empty());
    words
}
