//! One scenario of the matrix: a turn of some shape, and what its client does after the crash.

use reqwest::Method;
use serde_json::{Value, json};
use tests::script::{Reply, calls, text};

/// Method, path and body.
pub(super) type Request = (Method, String, Option<Value>);

/// Steps with so many tool calls each, and then words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) steps: usize,
    pub(super) tools: usize,
}

pub(super) const SHAPES: [Shape; 5] = [
    Shape { steps: 0, tools: 0 },
    Shape { steps: 1, tools: 1 },
    Shape { steps: 1, tools: 3 },
    Shape { steps: 2, tools: 1 },
    Shape { steps: 3, tools: 3 },
];

/// Which model call of a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    First,
    Last,
}

/// What the client does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// It says something else.
    Plain,
    /// It asks again with its key.
    Keyed,
}

/// A turn.
#[derive(Debug, Clone)]
pub(super) struct Scenario {
    pub(super) name: String,
    pub(super) shape: Shape,
    pub(super) next: Next,
    pub(super) conversation: String,
}

impl Scenario {
    /// Returns which of the model's replies is meant.
    pub(super) fn place(&self, at: At) -> usize {
        match at {
            At::First => 0,
            At::Last => self.shape.steps,
        }
    }

    /// Returns what the model says when nothing is in its way.
    pub(super) fn script(&self) -> Vec<Reply> {
        let steps = (0..self.shape.steps).map(|step| calls(self.titles_of(step).map(add)));
        steps.chain([text(format!("That was {}.", self.name))]).collect()
    }

    /// Returns the titles that all steps add.
    pub(super) fn titles(&self) -> Vec<String> {
        (0..self.shape.steps).flat_map(|step| self.titles_of(step)).collect()
    }

    /// Returns the turn's request.
    pub(super) fn request(&self) -> Request {
        said(&self.message(), Some(&self.conversation))
    }

    /// Returns what its user says.
    pub(super) fn message(&self) -> String {
        format!("this is turn {}", self.name)
    }

    /// Returns the titles of one step.
    pub(super) fn titles_of(&self, step: usize) -> impl Iterator<Item = String> + use<> {
        let name = self.name.clone();
        (0..self.shape.tools).map(move |tool| format!("{name} task {step}.{tool}"))
    }
}

/// Returns the request that says something in a conversation, or in a new one.
pub(super) fn said(words: &str, conversation: Option<&str>) -> Request {
    let body = json!({"message": words, "conversation_id": conversation});
    (Method::POST, "/chat".to_owned(), Some(body))
}

fn add(title: String) -> (&'static str, Value) {
    ("add_task", json!({"title": title}))
}
