//! Phrases that ask what was done in the list, and when.

use super::{Phrase, words_of};
use crate::{intent::Intent, pattern_matcher::Caught};

pub(super) const ACTIVITY: &[Phrase] = &[
    ("what did i|we do|change|add|delete|remove {since}", since),
    ("what did i|we do|change", newest),
    ("what have i|we changed|added|deleted|removed {since}", since),
    ("what|which things|tasks? has|have|was|were? changed|happened|added|deleted {since}", since),
    ("tell|show me what i|we? changed|happened|did {since}", since),
    ("what's|whats changed|happened|new {since}", since),
    ("what is new {since}", since),
    ("what has|was? changed|happened lately|recently?", newest),
    ("what did you do|change {since}", since),
    ("what did you do|change", newest),
    ("show|list|tell|give me? my|the|all? changes|activity|history of|from|for? {since}", since),
    ("show|list me? my|the|all|recent? changes|activity|history", newest),
    ("my|the|recent? changes|activity|history {since}", since),
    ("my|the|recent? changes|activity", newest),
];

fn since(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    Some(vec![Intent::Changes(words_of(caught.get("since")).join(" "))])
}

fn newest(_: &Caught<'_>) -> Option<Vec<Intent>> {
    Some(vec![Intent::Changes(String::new())])
}
