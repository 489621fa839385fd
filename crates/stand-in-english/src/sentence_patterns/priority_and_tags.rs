//! Phrases about how important tasks are, about their tags, and about what is to come back on the list.

use super::Phrase;
use crate::{
    intent::{Change, Intent, Target},
    pattern_matcher::{Caught, words},
    priority_words::{level, rank},
    task_attributes::tags,
    task_reference::target,
};

pub(crate) const PRIORITIES: &[Phrase] = &[
    ("no priority for|on {task}", without_priority),
    ("remove|clear|delete|drop|unset|reset the|its|any? priority of|from|for|on {task}", without_priority),
    ("{task} has|needs|should|gets have? no priority", without_priority),
    ("make|set|give|mark {task} to|as? no priority", without_priority),
    ("{task} is|are not|no so|that|longer? important|urgent anymore?", without_priority),
    ("{task} isn't|aren't so|that? important|urgent anymore?", without_priority),
    ("it's|that's not|no so|that|longer? important|urgent anymore?", |_| {
        of(Target::It, Change::Priority("none"))
    }),
    ("it's|that's {level}", |caught| of(Target::It, Change::Priority(caught_level(caught)?))),
    ("prioritise|prioritize {task}", |caught| prioritised(caught, "high")),
    ("set|change|put|raise|lower|reset the? priority of|for|on {task} to|as {rank}", by_rank),
    ("give|set {task} the|a|an? {level}", by_level),
    ("make|mark|set|flag|change|turn|raise|lower|put {task} as|to|a|an|on|with? {level}", by_level),
    ("{rank} priority for|on {task}", by_rank),
    ("{task} is|are|has|have|gets|becomes|got now|also? {level}", by_level),
    ("{task} should|must be|have {level}", by_level),
];

pub(crate) const TAGS: &[Phrase] = &[
    ("remove|delete|clear|drop all|every? the|its? tags|labels from|of|on {task}", |caught| {
        change(caught, Change::RemoveTags)
    }),
    ("untag {task}", |caught| change(caught, Change::RemoveTags)),
    ("remove|delete|drop|take the? tag|label {one} from|of|off {task}", remove_tag),
    ("remove|delete|drop|take the? {one} tag|label from|of|off {task}", remove_tag),
    ("tag|label {task} with|as {tags}", add_tags),
    ("add|put|attach|give the|a? tag|tags|label|labels {tags} to|on {task}", add_tags),
    ("add|put|attach the|a? {one} tag|label to|on {task}", add_tags),
    ("give {task} the|a? tag|tags|label|labels {tags}", add_tags),
    ("{task} is|are tagged|labelled|labeled with|as? {tags}", add_tags),
    ("tag|label it|this|that {tags}", |caught| tagged(Target::It, caught)),
    ("tag|label them|these|those {tags}", |caught| tagged(Target::Them, caught)),
    ("tag|label both {tags}", |caught| tagged(Target::Several(2), caught)),
    ("tag|label {task} {one}", add_tags),
    ("put|add {tags} on {task}", hash_tags),
];

pub(crate) const PUT_BACK: &[Phrase] = &[
    ("put|bring|get|add {task} back on|to|onto|in? my|the? todo|to-do|task? list?", put_back),
    ("put|bring|get back {task} on|to|onto? my|the? list?", put_back),
    ("restore {task} on|to|onto? my|the? list?", put_back),
    ("i|we need|want {task} back|again", put_back),
    ("{task} is|are back on|to my|the list", put_back),
];

fn change(caught: &Caught<'_>, change: Change) -> Option<Vec<Intent>> {
    of(target(caught.get("task")), change)
}

fn of(target: Target, change: Change) -> Option<Vec<Intent>> {
    let asks = matches!(&target, Target::Named(name) if super::is_question(name));
    (!asks).then(|| vec![Intent::Change { target, change }])
}

fn prioritised(caught: &Caught<'_>, priority: &'static str) -> Option<Vec<Intent>> {
    change(caught, Change::Priority(priority))
}

fn without_priority(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    prioritised(caught, "none")
}

fn by_level(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    prioritised(caught, caught_level(caught)?)
}

fn caught_level(caught: &Caught<'_>) -> Option<&'static str> {
    let words = words(caught.get("level"));
    let plain: Vec<&str> = words.iter().map(|word| word.plain.as_str()).collect();
    level(&plain)
}

fn by_rank(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    let words = words(caught.get("rank"));
    prioritised(caught, rank(&words.first()?.plain)?)
}

fn add_tags(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    tagged(target(caught.get("task")), caught)
}

fn tagged(target: Target, caught: &Caught<'_>) -> Option<Vec<Intent>> {
    let text = [caught.get("tags"), caught.get("one")].concat();
    of(target, Change::AddTags(tags(&text, &words(&text))?))
}

/// "Put #home on the milk"
fn hash_tags(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    caught.get("tags").starts_with('#').then(|| add_tags(caught))?
}

fn remove_tag(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    let text = caught.get("one");
    let tag = tags(text, &words(text))?.pop()?;
    change(caught, Change::RemoveTag(tag))
}

fn put_back(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    let target = target(caught.get("task"));
    let asks = matches!(&target, Target::Named(name) if super::is_question(name));
    (!asks).then(|| vec![Intent::PutBack(target)])
}
