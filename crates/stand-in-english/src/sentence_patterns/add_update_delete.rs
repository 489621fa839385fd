//! Phrases that change the list.

use super::{Phrase, add_many, add_several, named, named_add};
use crate::{
    filter::{Filter, Status},
    intent::{Change, Intent, Target},
    pattern_matcher::{Caught, words},
    priority_words::level,
    task_attributes::{TaskAttributes, new_attributes},
    task_reference::target,
    task_title::task_title,
};

pub(crate) const ADD_MANY: &[Phrase] = &[
    (
        "add|create|make|new me? some|these|the|#? following|new|more? tasks|todos|to-dos|items|things|reminders to|for|called|named? {titles}",
        add_many,
    ),
    ("add|create the? following {titles}", add_many),
    ("add|create {titles} as separate|individual|different|single|new? tasks|todos|to-dos", add_many),
    ("tasks:|todos:|to-dos: {titles}", add_many),
];

pub(crate) const DESCRIBE: &[Phrase] = &[
    ("describe {task} as|with {text}", describe),
    ("describe {task:} {text}", describe),
    (
        "add|put|attach|write|set a|the? description|note|notes|comment|detail|details to|for|on|of {task:} {text}",
        describe,
    ),
    (
        "add|put|attach|write a|the? description|note|comment|detail to|for|on|of {task} saying|reading|that says|reads? {text}",
        describe,
    ),
    ("set|change|update the? description|note|notes|details of|for|on {task} to|as {text}", describe),
    ("add|put|attach|write the? description|note|comment {text} to|on {task}", describe),
];

pub(crate) const ADD: &[Phrase] = &[
    (
        "add|create|make|new me? a|an|one|another|the? new? {level} task|todo|to-do|item|reminder to|for|called|named|titled|about? {title}",
        add_important,
    ),
    (
        "add|create|make|put a|an|one|another|the? new? task|todo|to-do|item|reminder to|on|in my|the|our \
         todo|to-do|task? list: to? {rest}",
        ask_title,
    ),
    (
        "add|create|make|put a|an|one|another|the? new? task|todo|to-do|item|reminder to|on|in my|the|our \
         todo|to-do|task? list to|for|called|named|saying {rest}",
        ask_title,
    ),
    (
        "add|create|make|put a|an|one|another|the? new? task|todo|to-do|item|reminder to|on|in my|the|our \
         todo|to-do|task? list",
        ask_title,
    ),
    (
        "add|create|make|set|new a|an|another|the|some|#? new? task|tasks|todo|todos|to-do|item|reminder|something \
         for? me?",
        ask_title,
    ),
    (
        "add|create|new me? a|an|another|one|the|this|my? new|extra? task|todo|to-do|item|reminder|entry for? me? \
         to|for|called|named|titled|about|saying|that|which|with? says|reads|is|the? name|title|text? {title}",
        add,
    ),
    (
        "make|set|insert|enter|put|write me? up|down? a|an|another|one new|extra? task|todo|to-do|item|reminder|entry \
         to|for|called|named|titled|about|saying|that? {title}",
        add,
    ),
    (
        "add|put|write|note {title} to|on|onto|in|into my|the|our todo|to-do|task|shopping? list|todos|tasks|to-dos {when}",
        add,
    ),
    ("add|put to|on my|the|our todo|to-do|task? list: {title}", add),
    (
        "add|put|write|note|place|include {title} to|on|onto|in|into my|the|our|this todo|to-do|task|shopping? list|todos|tasks|to-dos",
        add_some,
    ),
    ("remind me to|about|of|that|for {title}", add),
    ("remind me {title}", add),
    ("please? remember to {title}", add),
    ("don't|dont|never let me? forget to|about|the? {title}", add),
    ("do not let me? forget to|about|the? {title}", add),
    ("note|jot down? to self {title}", add),
    ("task:|todo:|to-do:|reminder:|note: {title}", add),
    // "Add a task to … and a task to …"
    ("a|an|another|one new|extra? task|todo|to-do|reminder to|called|named|titled {title}", add),
    ("another one to|called|named|titled {title}", add),
    ("add|create {title}", add_some),
];

pub(crate) const COMPLETE: &[Phrase] = &[
    ("undo|revert that|it|this|the|my|your? last|latest? change|changes|one|thing|step|answer?", |_| {
        Some(vec![Intent::Undo])
    }),
    ("undo|revert everything|all|what of? that|it|this? you? just|have? did|done|changed? just?", |_| {
        Some(vec![Intent::Undo])
    }),
    ("take that|it|this|everything|all back again?", |_| Some(vec![Intent::Undo])),
    ("take back that|it|this|everything|what you? just? did|done?", |_| Some(vec![Intent::Undo])),
    ("not done|finished|completed yet?", |_| reopen_target(Target::It)),
    ("mark|set|flag {task} as|to? not|un yet? done|complete|completed|finished yet?", reopen),
    ("mark|set|flag {task} as|to? undone|incomplete|open|pending|unfinished|uncompleted|todo again?", reopen),
    ("undo|reopen|re-open|uncheck|untick|unmark|uncomplete|reactivate {task}", reopen),
    ("not {task} is|are|was|were done|finished|completed|complete yet?", |caught| {
        reopen_stated(caught).filter(|intents| intents.iter().all(|intent| matches!(intent, Intent::List(_))))
    }),
    (
        "{task} is|are|was|were not|still done|finished|completed|complete|open|pending yet|after|anymore? all?",
        reopen_stated,
    ),
    ("{task} isn't|aren't|wasn't done|finished|completed|complete yet|after? all?", reopen_stated),
    (
        "i|we haven't|didn't|hadn't finish|finished|complete|completed|done|do {task} yet|after? all?",
        reopen_stated,
    ),
    ("i|we have|did not finish|finished|complete|completed|done|do {task} yet|after? all?", reopen_stated),
    ("it's|that's not done|finished|completed yet|after? all?", |_| reopen_target(Target::It)),
    ("it's|that's all|already? done|finished|complete|completed now|already?", |_| {
        complete_target(Target::It)
    }),
    ("all|already? done|finished|completed", |_| complete_target(Target::It)),
    (
        "mark|set|flag|check|tick|make|change|count|put|move|update {task} as|to|off|into|in|is|being? done|complete|completed|finished|off",
        complete,
    ),
    ("mark|check|tick|cross|strike off|out {task} from|of|on|off? my|the? list?", complete),
    ("check|tick|cross|strike {task} off|out from|of|on? my|the? list?", complete),
    ("done|finished with {task}", complete),
    ("complete|finish|close|resolve|finished|completed|tick|check {task}", complete),
    (
        "i|we|i've|we've|i'm|we're have|had|am|are? just|already|now|finally|also? \
         finished|completed|done|did|finish|complete with|doing? {task} already|today|now|yesterday?",
        complete,
    ),
    (
        "{task} is|are|was|were|has|have been? already|now|all|finally? done|finished|complete|completed now|already|too?",
        complete,
    ),
    (
        "i|we|i've|we've have|had? just|already|also|finally? bought|got|called|paid|made|sent|cleaned|washed|fixed|\
         booked|ordered|cooked|emailed|written|wrote {task} already|today|now|yesterday?",
        complete,
    ),
    ("done:|finished:|completed: {task}", complete),
    ("{task} done|finished|completed now|already?", complete_pointed),
];

pub(crate) const DELETE: &[Phrase] = &[
    (
        "delete|remove|erase|drop|cancel|trash|discard|kill|scrap|clear {task} from|off|on|out? of? my|the \
         todo|to-do|task? list|tasks|todos",
        delete,
    ),
    ("delete|remove|erase|drop|cancel|trash|discard|kill|scrap|clear out|up? {task}", delete),
    ("get rid of {task}", delete),
    ("throw out|away {task}", delete),
    ("take {task} off|from my|the todo|to-do|task? list", delete),
    ("i|we don't|dont need|want to? {task} anymore|any? more?", delete),
    ("forget about? {task}", delete),
];

/// What speaks of the title itself: then "Friday" is one.
pub(crate) const TITLES: &[Phrase] = &[
    ("change|set|update|edit the|its|my? title|name|text|wording of|for {task} to|into|as {title}", retitle),
    ("change|set|update|edit {task} title|name|text to|into|as {title}", retitle),
];

pub(crate) const UPDATE: &[Phrase] = &[
    ("rename {task} from {old} to|into {title}", retitle),
    ("change|update|edit|modify {task} from {old} to|into {title}", change_to),
    ("rename|retitle|reword {task} to|into|as say? {title}", retitle),
    ("change|update|edit|modify {task} to|into|as be|say? {title}", change_to),
    ("rename|retitle|reword {task:} {title}", retitle),
    ("change|update|edit|modify {task:} {title}", change_to),
    ("replace {task} with|by {title}", retitle),
    ("{task} should|must read|say|be called {title}", retitle_pointed),
    ("{task} should|must read|say {title}", retitle_pointed),
    ("{task} should|must be {title}", change_pointed),
    ("rename|retitle|change|update|edit|modify|reword {task}", ask_new_title),
];

pub(crate) fn add(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    named_add(&format!("{} {}", caught.get("title"), caught.get("when")))
}

fn add_some(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    add_several(caught.get("title")).or_else(|| add(caught))
}

/// "Add an urgent task to …"
fn add_important(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    let words = words(caught.get("level"));
    let priority = level(&words.iter().map(|word| word.plain.as_str()).collect::<Vec<_>>());
    let mut intents = add(caught)?;
    for intent in &mut intents {
        match intent {
            Intent::Add(new) => new.details.priority = priority,
            Intent::NeedsTitle(details) => details.priority = priority,
            _ => {}
        }
    }
    Some(intents)
}

/// "Add a task to my list: buy milk" has its title behind the colon.
fn ask_title(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    match task_title(caught.get("rest")) {
        title if title.is_empty() => Some(vec![Intent::NeedsTitle(TaskAttributes::default())]),
        _ => named_add(caught.get("rest")),
    }
}

fn describe(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    let description = task_title(caught.get("text"));
    let target = target(caught.get("task"));
    (!description.is_empty()).then(|| vec![Intent::Describe { target, description }])
}

fn reopen(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    reopen_target(target(caught.get("task")))
}

/// "Not everything is done": who says so of the list does not want all of it open again, but sees what is.
fn reopen_stated(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    match target(caught.get("task")) {
        Target::Every(_) => Some(vec![Intent::List(Filter::of(Status::Pending))]),
        Target::Where(filter) => Some(vec![Intent::List(filter.with(Status::Pending))]),
        target => reopen_target(target),
    }
}

fn reopen_target(target: Target) -> Option<Vec<Intent>> {
    Some(vec![Intent::Complete { target, completed: false }])
}

fn complete(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    complete_target(target(caught.get("task")))
}

fn complete_target(target: Target) -> Option<Vec<Intent>> {
    Some(vec![Intent::Complete { target, completed: true }])
}

/// "Half done" is no task.
fn complete_pointed(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    let target = target(caught.get("task"));
    if matches!(target, Target::Named(_)) { None } else { complete_target(target) }
}

fn delete(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    Some(vec![Intent::Delete(target(caught.get("task")))])
}

fn retitle(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    let target = target(caught.get("task"));
    Some(vec![Intent::Retitle { target, title: named(caught)? }])
}

/// "Everybody should be kind" is not about a task.
fn retitle_pointed(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    let intents = retitle(caught)?;
    let pointed = intents.iter().all(|intent| !matches!(intent.target(), Some(Target::Named(_))));
    pointed.then_some(intents)
}

/// "Change task 3 to Friday" is about its day, "change task 3 to \"Friday\"" about its title.
fn change_to(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    change_of_attributes(caught).or_else(|| retitle(caught))
}

fn change_pointed(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    change_of_attributes(caught).or_else(|| retitle_pointed(caught))
}

/// When all that is said is a day, how it comes back, a priority or tags.
fn change_of_attributes(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    let target = target(caught.get("task"));
    let TaskAttributes { due, repeat, priority, tags, .. } = new_attributes(caught.get("title"))?;
    let days = match (repeat, due) {
        (Some(repeat), due) => Some(Change::Repeat(repeat, due)),
        (None, Some(due)) => Some(super::days::to(due, &target)?),
        (None, None) => None,
    };
    let tags = (!tags.is_empty()).then_some(Change::AddTags(tags));
    let changes = [days, priority.map(Change::Priority), tags].into_iter().flatten();
    Some(changes.map(|change| Intent::Change { target: target.clone(), change }).collect())
}

fn ask_new_title(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    Some(vec![Intent::NeedsNewTitle(target(caught.get("task")))])
}
