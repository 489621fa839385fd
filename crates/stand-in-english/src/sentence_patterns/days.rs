//! Phrases about days and how tasks come back.

use super::{Phrase, named_add, words_of};
use crate::{
    day_phrase::{count, is_bare_hour, is_time_of_day},
    intent::{Change, Intent, Target},
    pattern_matcher::Caught,
    task_attributes::{split, when},
    task_reference::target,
    task_title::is_quoted,
};

pub(crate) const DAYS: &[Phrase] = &[
    ("set|change|make|put|move the? due? date|day|deadline|time of|for|on {task} to|on|as? {time}", move_to),
    (
        "move|push|shift|postpone|reschedule|delay|change|update {task} from {from} to|until|till {time}",
        move_to,
    ),
    ("move|push|shift|postpone|delay|defer|put {task} off|back|out|forward|on? by? {span}", postpone),
    ("postpone|delay|defer|push off|back? {task} by|for? {span}", postpone),
    (
        "move|push|shift|postpone|reschedule|defer|delay|bring|change|set {task} off|back|forward|over|out? to|until|till|for|on {time}",
        move_to,
    ),
    ("put|push off|back {task} to|until|till|for {time}", move_to),
    (
        "move|push|shift|postpone|reschedule|defer|delay|set|schedule|plan|make|do {task} due? {when}",
        move_pointed,
    ),
    ("set|put|give a|the? due? date|deadline of|for? {when} for|on|to {task}", move_to),
    ("{task} is|are|was|were due {when}", move_to),
    ("{task} should|must|has|have|needs|need to? be due|done|finished {when}", move_to),
    ("i'll|we'll|i will do {task} {when}", move_pointed),
    (
        "remove|clear|delete|drop|erase|cancel|unset the|its|any? due? time of? day? of|from|for|on {task}",
        |caught| change(target(caught.get("task")), Change::Time(None)),
    ),
    ("make|set {task} to? all-day", |caught| change(target(caught.get("task")), Change::Time(None))),
    ("make|set {task} to? all day", |caught| change(target(caught.get("task")), Change::Time(None))),
    (
        "remove|clear|delete|drop|erase|cancel|unset the|its|any? due? date|day|deadline of|from|for|on {task}",
        undate,
    ),
    // "Task 3 needs a deadline" is the contrary.
    ("{task} has|have|needs|need no|without due? date|day|deadline anymore?", undate),
    ("{task} should|must have no due? date|day|deadline anymore?", undate),
    ("{task} doesn't|don't|shouldn't have|need a|any due? date|day|deadline anymore?", undate),
    ("{task} does|do|should not have|need a|any due? date|day|deadline anymore?", undate),
    ("no due? date|deadline for|on {task}", undate),
    ("set|make {task} to? undated|unscheduled", undate),
];

pub(crate) const REPEATS: &[Phrase] = &[
    ("stop|don't|cancel|quit repeating|repeat {task} anymore?", stop),
    ("do not repeat {task} anymore?", stop),
    ("make {task} stop repeating", stop),
    ("{task} should|must|does|shall not repeat|recur anymore?", stop),
    ("{task} shouldn't|doesn't|mustn't repeat|recur anymore?", stop),
    (
        "remove|cancel|clear|delete|drop|stop the|any? repeat|repetition|recurrence|repeats|repeating of|from|for|on? {task}",
        stop,
    ),
    ("no repeat|repeats|repetition for|on {task}", stop),
    ("make|set {task} to? repeat|repeating|recur|recurring|come? back? {every}", repeat),
    ("make|set {task} to? repeat|repeating|recur|recurring|come? back? {every} {when}", repeat),
    ("repeat {task} {every}", repeat),
    ("repeat {task} {every} {when}", repeat),
    ("{task} should|must|has to? repeat|repeats|recurs|recur|come|comes back? {every}", repeat),
    ("{task} repeats|recurs|is|comes due? {every}", repeat),
    ("make|set|do|schedule {task} {every}", repeat_pointed),
    ("skip {task} for? this|just|only time|once|week|month|day", skip),
    ("skip {task} for? today|once|now|tomorrow", skip),
    ("skip {task}", skip),
];

/// What asks for a new task by its time alone.
pub(crate) const TIMED: &[Phrase] = &[
    // "Remind me about it tomorrow" is about a task that is there.
    ("remind me to do {task} {when}", move_pointed),
    ("remind me about|of {task} {when}", move_pointed),
    ("remind me {when} about|of {task}", move_pointed),
    ("remind me {when} to do {task}", move_pointed),
    (
        "add|create|make|set|put|new me? up? a|an|another|one|the? new? task|todo|to-do|item|reminder {when} \
         to|about|of|for|called|named|saying|that {title}",
        timed,
    ),
    (
        "add|create|make|set|put|new me? up? a|an|another|one|the? new? task|todo|to-do|item|reminder for? {every} \
         to|about|of|for|called|named|saying|that {title}",
        timed,
    ),
    (
        "add|create|make|set|put|new me? up? a|an|another|one|the? new? task|todo|to-do|item|reminder for? {every} {when} \
         to|about|of|for|called|named|saying|that {title}",
        timed,
    ),
    ("remind me {when} to|about|of|that {title}", timed),
    ("remind me {every} to|about|of|that {title}", timed),
    ("remind me {every} {when} to|about|of|that {title}", timed),
    (
        "add|create|make|set|put me? up? a|an|another|one new? task|todo|to-do|item|reminder {when}",
        |caught| named_add(caught.get("when")),
    ),
    ("{when} remind me to|about|of {title}", timed),
    ("{every} remind me to|about|of {title}", timed),
    ("{when} i|we need|have|want|must|should to? {title}", timed),
    ("{every} i|we need|have|want|must|should to? {title}", timed),
];

fn change(target: Target, change: Change) -> Option<Vec<Intent>> {
    // "What is due today?" is a question.
    let asks = matches!(&target, Target::Named(name) if super::is_question(name));
    (!asks).then(|| vec![Intent::Change { target, change }])
}

/// "Change task 3 to \"Friday\"" is about its title.
fn move_to(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    let said = [caught.get("when"), caught.get("time")].concat();
    if is_quoted(&said) {
        return None;
    }
    let target = target(caught.get("task"));
    change(target.clone(), to(when(&said), &target)?)
}

/// Another day, or another time on the same day. "Move task 2 to 1" may be about its place.
pub(super) fn to(when: String, target: &Target) -> Option<Change> {
    let words = words_of(&when);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    if is_bare_hour(&words) {
        let is_by_number = matches!(target, Target::Numbers(_));
        return (!is_by_number).then(|| Change::Time(Some(format!("at {when}"))));
    }
    Some(if is_time_of_day(&words) { Change::Time(Some(when)) } else { Change::Due(Some(when)) })
}

/// "Do the dishes tomorrow" is a new task, "do it tomorrow" is not.
fn move_pointed(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    move_to(caught).filter(|intents| intents.iter().all(is_pointed))
}

fn is_pointed(intent: &Intent) -> bool {
    !matches!(intent.target(), Some(Target::Named(_)))
}

/// "By a week" is later than it is due, not than today.
fn postpone(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    let span = caught.get("span").trim_end_matches(['.', '!', '?', ',']).to_lowercase();
    let (number, unit) = span.split_once(' ')?;
    let unit = unit.trim().strip_suffix('s').unwrap_or(unit.trim());
    change(target(caught.get("task")), Change::Postpone(count(number)?, unit.to_owned()))
}

fn undate(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    change(target(caught.get("task")), Change::Due(None))
}

fn repeat(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    let said = format!("- {} {}", caught.get("every"), caught.get("when"));
    let (_, details) = split(&said);
    change(target(caught.get("task")), Change::Repeat(details.repeat?, details.due))
}

fn repeat_pointed(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    repeat(caught).filter(|intents| intents.iter().all(is_pointed))
}

fn stop(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    change(target(caught.get("task")), Change::StopRepeating)
}

fn skip(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    change(target(caught.get("task")), Change::Skip)
}

fn timed(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    let said = [caught.get("title"), caught.get("every"), caught.get("when")];
    named_add(&said.join(" "))
}
