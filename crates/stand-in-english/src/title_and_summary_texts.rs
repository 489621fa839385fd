//! Texts that the server asks for in the background: the title of a conversation, and its notes.

use crate::{intent::Intent, parse_message::understand};

/// The most words of a title.
const TITLE_WORDS: usize = 6;

const NOTES: &str = "Notes so far:\n";
const SAID: &str = "Person: ";
const ANSWER: &str = "The answer to read:\n";

/// Whether a message asks for a text and is not a person's.
pub fn is_for_a_text(message: &str) -> bool {
    [NOTES, SAID, ANSWER].iter().any(|beginning| message.starts_with(beginning))
}

/// Returns the text that is asked for by `request`: notes when it begins with those so far, a title
/// when it begins with what a person said.
pub fn text(request: &str) -> String {
    if request.starts_with(ANSWER) {
        // Only answers in unknown languages are asked about, and the stand-in speaks English.
        return "no".to_owned();
    }
    match request.strip_prefix(NOTES).and_then(|rest| rest.split_once("\n\nSaid since:\n")) {
        Some((notes, said)) => notes_of(notes, said),
        None => title(request.strip_prefix(SAID).unwrap_or(request)),
    }
}

/// What is to be added, or else the first words.
fn title(said: &str) -> String {
    let said = said.lines().next().unwrap_or_default();
    let added = understand(said).into_iter().find_map(|intent| match intent {
        Intent::Add(new) => Some(new.title),
        _ => None,
    });
    let title = added.unwrap_or_else(|| said.trim().trim_end_matches(['.', '!', '?']).to_owned());
    title.split_whitespace().take(TITLE_WORDS).collect::<Vec<_>>().join(" ")
}

/// The notes before, and every remark of the person's that is no intent about the list, each once. What
/// is too much is left out in the middle.
fn notes_of(notes: &str, said: &str) -> String {
    let is_remark =
        |line: &&str| understand(line).iter().all(|intent| matches!(intent, Intent::SmallTalk(_)));
    let remarks = said.lines().filter_map(|line| line.strip_prefix(SAID)).filter(is_remark);
    let mut lines: Vec<&str> = Vec::new();
    for line in notes.lines().filter(|line| *line != "(none)").chain(remarks) {
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    let wanted = said.rsplit_once("at most ").and_then(|(_, rest)| rest.split(' ').next()?.parse().ok());
    let most: usize = wanted.unwrap_or(100);
    let words = |lines: &[&str]| lines.iter().map(|line| line.split_whitespace().count()).sum::<usize>();
    while words(&lines) > most && lines.len() > 1 {
        lines.remove(lines.len() / 2);
    }
    if lines.is_empty() { "Only the list was spoken of.".to_owned() } else { lines.join("\n") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_names_what_is_added() {
        assert_eq!(text("Person: Add a task to buy oat milk\nAssistant: Done."), "Buy oat milk");
        assert_eq!(
            text("Person: What can you do for me today, please?\nAssistant: Much."),
            "What can you do for me"
        );
    }

    #[test]
    fn notes_keep_what_was_said_beside_the_list() {
        let said = "Person: The party is on Friday at Ann's\nPerson: Show my tasks\nAssistant: Here.\n\
                    Person: The party is on Friday at Ann's\n\nWrite the notes in at most 40 words.";
        let request = format!("Notes so far:\nBob likes tea\n\nSaid since:\n{said}");
        assert_eq!(text(&request), "Bob likes tea\nThe party is on Friday at Ann's");
        assert_eq!(
            text("Notes so far:\n(none)\n\nSaid since:\nPerson: Show my tasks\n"),
            "Only the list was spoken of."
        );
    }

    #[test]
    fn too_many_notes_lose_their_middle() {
        let said: String = (0..50).map(|number| format!("Person: Remark number {number}\n")).collect();
        let request =
            format!("Notes so far:\n(none)\n\nSaid since:\n{said}\nWrite the notes in at most 30 words.");
        let notes = text(&request);
        assert_eq!(notes.lines().count(), 10);
        assert!(notes.starts_with("Remark number 0\n") && notes.ends_with("Remark number 49"), "{notes}");
    }
}
