//! The list that a person saw last, so that "the second one" means what they saw.
//!
//! It is read from the conversation: the newest answer of an earlier turn with lines of tasks, in the
//! order in which it showed them. Each task goes with the newest version that the conversation knows,
//! so that a task that was changed elsewhere since is not changed blindly.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    message::{Message, MessageBody},
    text_search::fold,
    todo::TaskNumber,
    todo_command::SeenTask,
    tool::{ToolError, ToolErrorCode},
    turn_and_conversation_ids::TurnId,
};

/// A list as the person saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Its tasks with the places under which they were shown, from 1.
    lines: Vec<(usize, SeenTask)>,
}

/// What the conversation knows of a task.
struct Known {
    title: String,
    version: Option<i64>,
}

impl Listing {
    /// The list that was shown last in the turns before `turn`.
    pub fn shown_before(turn: TurnId, history: &[Message]) -> Option<Self> {
        let end = history.iter().position(|message| message.turn == turn).unwrap_or(history.len());
        let mut versions = BTreeMap::new();
        history.iter().for_each(|message| learn(&message.body, &mut versions));
        let turns: Vec<&[Message]> = history[..end].chunk_by(|a, b| a.turn == b.turn).collect();
        let mut listings = (0..turns.len()).rev().filter_map(|index| {
            let mut known = BTreeMap::new();
            turns[..=index].iter().copied().flatten().for_each(|message| learn(&message.body, &mut known));
            let answer = turns[index].iter().rev().find_map(|message| match &message.body {
                MessageBody::Assistant { text, calls } if calls.is_empty() => Some(text),
                _ => None,
            })?;
            let lines = lines(answer, &known);
            (!lines.is_empty()).then_some(lines)
        });
        let lines = listings.next()?;
        let seen = |(place, number): (usize, i64)| {
            let revision = versions.get(&number).and_then(|known: &Known| known.version);
            (place, SeenTask { number: TaskNumber(number), revision })
        };
        Some(Self { lines: lines.into_iter().map(seen).collect() })
    }

    /// The tasks that `reference` means: a place (`2`, `"2"`), `"first"`, `"last"` or `"all"`, or a
    /// list of places.
    ///
    /// # Errors
    /// When it means none, or more than one: the model is told to ask.
    pub fn resolve(&self, reference: &Value) -> Result<Vec<SeenTask>, ToolError> {
        if let Some(places) = reference.as_array() {
            let tasks: Result<Vec<_>, _> = places.iter().map(|place| self.resolve(place)).collect();
            return tasks.map(|tasks| tasks.concat());
        }
        let text = reference.as_str().map(|text| text.trim().trim_start_matches('#').to_lowercase());
        let place = reference.as_u64().or_else(|| text.as_ref()?.parse().ok());
        let found: Vec<SeenTask> = match (place, text.as_deref()) {
            (Some(place), _) => self.at(usize::try_from(place).unwrap_or(usize::MAX)),
            (None, Some("all" | "these" | "both")) => self.lines.iter().map(|(_, task)| *task).collect(),
            (None, Some("first")) => self.lines.first().map(|(_, task)| *task).into_iter().collect(),
            (None, Some("last")) => self.lines.last().map(|(_, task)| *task).into_iter().collect(),
            _ => {
                return refuse(
                    "ref is a place in the list that the person saw last: \"2\", \"last\" or \"all\".",
                );
            }
        };
        let is_one = place.is_none() || found.len() == 1;
        if is_one && !found.is_empty() {
            return Ok(found);
        }
        let count = self.lines.len();
        refuse(&format!(
            "The list that the person saw last has {count} tasks, and not just one at that place. Ask which one is meant."
        ))
    }

    fn at(&self, place: usize) -> Vec<SeenTask> {
        self.lines.iter().filter(|(at, _)| *at == place).map(|(_, task)| *task).collect()
    }
}

/// The tasks that `reference` means, in the list that was shown before `turn`.
///
/// # Errors
/// When no list was shown, or [`Listing::resolve`] finds none.
pub fn resolve(reference: &Value, turn: TurnId, history: &[Message]) -> Result<Vec<SeenTask>, ToolError> {
    match Listing::shown_before(turn, history) {
        Some(listing) => listing.resolve(reference),
        None => refuse(
            "No list was shown in this conversation, so there is nothing that ref could mean. Show the list and ask which \
             task is meant.",
        ),
    }
}

fn refuse<T>(error: &str) -> Result<T, ToolError> {
    Err(ToolError::new(ToolErrorCode::NotFound, error))
}

/// Takes in what a result tells of tasks.
fn learn(message: &MessageBody, known: &mut BTreeMap<i64, Known>) {
    let MessageBody::Tool { content, .. } = message else { return };
    let Ok(result) = serde_json::from_str::<Value>(content) else { return };
    let many = |member: &str| result[member].as_array().cloned().unwrap_or_default();
    let of_results = many("results").into_iter().map(|outcome| outcome["task"].clone());
    for task in many("tasks").into_iter().chain([result["task"].clone()]).chain(of_results) {
        if let (Some(number), Some(title)) = (task["id"].as_i64(), task["title"].as_str()) {
            known.insert(number, Known { title: fold(title), version: task["version"].as_i64() });
        }
    }
}

/// The tasks in the lines of an answer, each with its place: the number of a numbered line, or how many
/// tasks were shown up to it.
fn lines(answer: &str, known: &BTreeMap<i64, Known>) -> Vec<(usize, i64)> {
    let mut found: Vec<(usize, i64)> = Vec::new();
    for line in answer.lines() {
        let line = fold(line);
        let Some((place, text)) = marked(&line) else { continue };
        let fits = |number: &i64, task: &Known| {
            text.contains(&task.title) && !found.iter().any(|(_, taken)| taken == number)
        };
        let fitting = known.iter().filter(|(number, task)| fits(number, task));
        // The longest title that fits; of several with the same the one whose number is there too.
        let best = fitting.max_by_key(|(number, task)| {
            let has_number = text.split(|c: char| !c.is_ascii_digit()).any(|word| word == number.to_string());
            (task.title.len(), has_number)
        });
        if let Some((number, _)) = best {
            found.push((place.unwrap_or(found.len() + 1), *number));
        }
    }
    found
}

/// The number of a line of a list, when it has one, and what follows its mark.
fn marked(line: &str) -> Option<(Option<usize>, &str)> {
    let line = line.trim_start();
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.len() < line.len() {
        let place = line[..line.len() - rest.len()].parse().ok()?;
        return Some((Some(place), rest.strip_prefix(['.', ')'])?));
    }
    line.strip_prefix(['-', '*', '•']).map(|text| (None, text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    fn message(turn: u128, body: MessageBody) -> Message {
        Message { turn: TurnId(Uuid::from_u128(turn)), body }
    }

    fn result(turn: u128, result: &Value) -> Message {
        message(turn, MessageBody::Tool { call_id: "c".into(), content: result.to_string() })
    }

    fn answer(turn: u128, text: &str) -> Message {
        message(turn, MessageBody::Assistant { text: text.into(), calls: vec![] })
    }

    fn said(turn: u128) -> Message {
        message(turn, MessageBody::User("…".into()))
    }

    /// A conversation in which tasks 1 to 3 were shown as the answer says, and goes on.
    fn shown(text: &str) -> Vec<Message> {
        let task = |id: i64, title: &str| json!({"id": id, "title": title, "version": id * 10});
        let tasks =
            json!({"success": true, "tasks": [task(3, "Milk"), task(2, "Oat milk"), task(1, "Milk")]});
        vec![said(1), result(1, &tasks), answer(1, text), said(9)]
    }

    fn numbers(history: &[Message], reference: &Value) -> Result<Vec<i64>, String> {
        let found = resolve(reference, TurnId(Uuid::from_u128(9)), history);
        let numbers = |tasks: Vec<SeenTask>| tasks.iter().map(|task| task.number.0).collect();
        found.map(numbers).map_err(|refusal| refusal.error)
    }

    #[test]
    fn a_place_is_that_of_the_answer_and_not_of_the_result() {
        let history = shown("You have three tasks:\n1. Oat milk\n2. Milk (task 1)\n3. Milk");
        for (reference, expected) in [
            (json!("1"), vec![2]),
            (json!(2), vec![1]),
            (json!("#3"), vec![3]),
            (json!("last"), vec![3]),
            (json!("first"), vec![2]),
            (json!("all"), vec![2, 1, 3]),
            (json!([1, "3"]), vec![2, 3]),
        ] {
            assert_eq!(numbers(&history, &reference), Ok(expected), "{reference}");
        }
    }

    #[test]
    fn lines_without_numbers_are_counted() {
        let history = shown("Here:\n- Task 3: Milk\n- Task 2: Oat milk");
        assert_eq!(
            (numbers(&history, &json!("2")), numbers(&history, &json!("all"))),
            (Ok(vec![2]), Ok(vec![3, 2]))
        );
    }

    #[test]
    fn what_means_none_or_several_is_refused_with_what_to_do() {
        let history = shown("Open:\n1. Oat milk\n\nDone:\n1. Milk");
        for (reference, word) in [("4", "Ask"), ("1", "Ask"), ("some", "ref is")] {
            let refusal = numbers(&history, &json!(reference)).unwrap_err();
            assert!(refusal.contains(word), "{reference}: {refusal}");
        }
        let refusal = numbers(&[said(1), answer(1, "Hello!"), said(9)], &json!("1")).unwrap_err();
        assert!(refusal.contains("No list was shown"), "{refusal}");
    }

    #[test]
    fn the_list_of_the_turn_itself_is_not_one_that_the_person_saw() {
        let mut history = shown("1. Milk");
        history.push(result(9, &json!({"success": true, "tasks": [{"id": 7, "title": "Bread"}]})));
        history.push(answer(9, "1. Bread"));
        assert_eq!(numbers(&history, &json!("1")), Ok(vec![3]));
    }

    #[test]
    fn what_the_conversation_itself_has_changed_is_known() {
        let mut history = shown("1. Oat milk\n2. Milk");
        let changed = json!({"success": true, "task": {"id": 2, "title": "Oat milk", "version": 21}});
        history.splice(3..3, [said(2), result(2, &changed), answer(2, "Done.")]);
        let listing = Listing::shown_before(TurnId(Uuid::from_u128(9)), &history).unwrap();
        let seen = SeenTask { number: TaskNumber(2), revision: Some(21) };
        assert_eq!(listing.resolve(&json!("1")).unwrap(), [seen]);
    }
}
