//! The table of phrases: the first that fits says what is wanted.

mod activity;
mod add_update_delete;
mod days;
mod priority_and_tags;
mod questions;
mod subtasks;

use super::{
    filter::{Filter, asked_for},
    intent::{Intent, NewTask, SmallTalk, Target},
    list_requests::listing,
    pattern_matcher::{Caught, Word, catch, words},
    task_attributes::{TaskAttributes, only_attributes, split},
    task_reference::target,
    task_title::{new_task, parts, quoted_parts, task_title},
};

/// Makes intents of what a pattern caught; nothing when it does not fit after all.
type Make = fn(&Caught<'_>) -> Option<Vec<Intent>>;

type Phrase = (&'static str, Make);

/// Returns what one clause asks for; nothing when it is not understood. A question, which a question mark
/// behind it makes out of a statement, changes nothing.
pub(crate) fn intents(sentence: &str, words: &[Word], is_asked: bool) -> Option<Vec<Intent>> {
    let plain: Vec<&str> = words.iter().map(|word| word.plain.as_str()).collect();
    let in_table =
        |table: &[Phrase]| table.iter().find_map(|(pattern, make)| make(&catch(pattern, sentence, words)?));
    let only_asks = questions::begins_question(&plain);
    let changes = |table: &[Phrase]| {
        let may_fit = |(pattern, _): &&Phrase| !(only_asks || is_asked && questions::is_statement(pattern));
        table.iter().filter(may_fit).find_map(|(pattern, make)| make(&catch(pattern, sentence, words)?))
    };
    in_table(TALK)
        .or_else(|| in_table(subtasks::LOOKS))
        .or_else(|| changes(subtasks::CHANGES))
        .or_else(|| in_table(questions::ASKED))
        .or_else(|| in_table(activity::ACTIVITY))
        .or_else(|| Some(vec![look(asked_for(sentence, words)?)]))
        .or_else(|| in_table(SEARCH))
        .or_else(|| Some(vec![listing(&plain)?]))
        .or_else(|| changes(days::TIMED))
        .or_else(|| changes(add_update_delete::TITLES))
        .or_else(|| changes(days::DAYS))
        .or_else(|| changes(days::REPEATS))
        .or_else(|| changes(priority_and_tags::PRIORITIES))
        .or_else(|| changes(priority_and_tags::TAGS))
        .or_else(|| changes(priority_and_tags::PUT_BACK))
        .or_else(|| changes(add_update_delete::ADD_MANY))
        .or_else(|| changes(add_update_delete::DESCRIBE))
        .or_else(|| changes(add_update_delete::ADD))
        .or_else(|| changes(add_update_delete::DELETE))
        .or_else(|| changes(add_update_delete::COMPLETE))
        .or_else(|| changes(add_update_delete::UPDATE))
        .or_else(|| in_table(SHOW))
        .or_else(|| is_asked.then(|| in_table(questions::STATED))?)
}

/// Returns the new task in "I need to buy milk"; asked last, because "I need
/// to see my list" is something else.
pub(crate) fn need(sentence: &str, words: &[Word]) -> Option<Vec<Intent>> {
    const NEEDS: &[&str] = &[
        "i|we still|also|really? need|have|want|ought to {title}",
        "i|we still|also|really? must|should|gotta {title}",
        "i've|we've got to {title}",
        "i'd|we'd like to {title}",
    ];
    let caught = NEEDS.iter().find_map(|pattern| catch(pattern, sentence, words))?;
    let wanted = words_of(caught.get("title"));
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    listing(&wanted).map(|intent| vec![intent]).or_else(|| add_update_delete::add(&caught))
}

/// Returns the new task in "dentist next Monday at 14:30": only the time tells that it is one.
pub(crate) fn timed(message: &str) -> Option<Vec<Intent>> {
    let new = new_task(message);
    let is_timed = new.details.due.is_some() || new.details.repeat.is_some();
    let states = [
        "is", "are", "was", "were", "has", "had", "have", "will", "be", "it", "you", "your", "i", "me",
        "isn't", "aren't", "wasn't", "weren't", "nothing", "done", "finished",
    ];
    let title = words_of(&new.title);
    let is_statement = title.iter().any(|word| states.contains(&word.as_str()));
    let is_title = !title.is_empty() && title.len() <= 8 && !is_sentence(&title[0]) && !is_statement;
    let asks = message.trim_end().ends_with('?');
    (is_timed && is_title && !asks).then(|| vec![Intent::Add(new)])
}

/// Weeks of the person's, and times that are over, are found in the history of changes.
fn look(filter: Filter) -> Intent {
    match filter.done_since.as_deref() {
        Some(since @ ("this week" | "last week" | "last month" | "last year")) => {
            Intent::Completions(since.to_owned())
        }
        _ => Intent::List(filter),
    }
}

/// Whether a word begins a sentence of its own and no task's name.
fn is_sentence(first: &str) -> bool {
    const FIRST: &[&str] = &[
        "what", "what's", "which", "who", "who's", "when", "where", "why", "how", "is", "are", "do", "does",
        "did", "can", "could", "would", "will", "should", "shall", "may", "i", "i'm", "i'll", "i've", "we",
        "we're", "he", "she", "they", "you", "there", "it's", "that's", "let's", "see", "good", "thanks",
        "thank", "hello", "hi", "add", "create", "remind", "new", "note", "todo", "remember", "don't",
        "never", "make", "mark", "delete", "remove", "show", "list", "complete", "rename", "change", "set",
        "tell", "move", "put", "undo", "please", "skip", "stop", "tag", "find", "search",
    ];
    FIRST.contains(&first)
}

/// Whether what a pattern took for a task's name is the beginning of another sentence.
fn is_question(name: &str) -> bool {
    is_sentence(name.split(' ').next().unwrap_or_default())
}

fn words_of(text: &str) -> Vec<String> {
    words(text).into_iter().map(|word| word.plain).collect()
}

const TALK: &[Phrase] = &[
    ("hi|hello|hey|hallo|howdy|greetings|hiya|yo there|again|everyone|you?", |_| talk(SmallTalk::Greeting)),
    ("good morning|afternoon|evening|day", |_| talk(SmallTalk::Greeting)),
    ("hi|hello|hey? how are you doing|today?", |_| talk(SmallTalk::Greeting)),
    ("what's up", |_| talk(SmallTalk::Greeting)),
    ("thanks|thank|thx|cheers|ty you? a|so|very|many? lot|much|again? for? your? help?", |_| {
        talk(SmallTalk::Thanks)
    }),
    ("well done", |_| talk(SmallTalk::Thanks)),
    ("ok|okay|alright|fine|yes|yep|yeah|no|nope|sure then|thanks?", |_| talk(SmallTalk::Okay)),
    ("never mind", |_| talk(SmallTalk::Nothing)),
    ("nevermind|nvm", |_| talk(SmallTalk::Nothing)),
    ("leave it|that be?", |_| talk(SmallTalk::Nothing)),
    ("i|we don't|dont want|need to do? that|it|this?", |_| talk(SmallTalk::Nothing)),
    ("i|we do not want|need to do? that|it|this?", |_| talk(SmallTalk::Nothing)),
    ("forget|cancel|drop|scrap it|that|this", |_| Some(vec![Intent::TakeBack])),
    ("forget about it|that|this", |_| Some(vec![Intent::TakeBack])),
    ("cancel", |_| Some(vec![Intent::TakeBack])),
    ("great|perfect|nice|cool|awesome|super|wonderful|excellent job|work?", |_| talk(SmallTalk::Thanks)),
    ("bye|goodbye|ciao for? now?", |_| talk(SmallTalk::Bye)),
    ("see you later|soon|tomorrow?", |_| talk(SmallTalk::Bye)),
    ("help me?", |_| talk(SmallTalk::Help)),
    ("what else? can|do you else? do for? me?", |_| talk(SmallTalk::Help)),
    ("what can i do|say|ask here|you?", |_| talk(SmallTalk::Help)),
    ("how does|do this|it|you work", |_| talk(SmallTalk::Help)),
    ("who|what are you", |_| talk(SmallTalk::Help)),
    ("what did i just|last? say|ask|tell|write|want you? last|before|just|earlier|again?", |_| {
        talk(SmallTalk::Recall)
    }),
    ("what was my last|previous message|question|request", |_| talk(SmallTalk::Recall)),
];

const SEARCH: &[Phrase] = &[
    (
        "find|search|look for? my|the|all|any? task|tasks|todos|todo|list about|with|containing|for|named|called|mentioning {text}",
        search,
    ),
    ("search for? {text}", search),
    ("find {text}", search),
    ("look for {text}", search),
    (
        "show|list|give me? my|the|all|any? open|pending|completed? tasks|todos about|with|containing|mentioning|for {text}",
        search,
    ),
    (
        "do i have a|any|some? task|tasks|todo|todos|anything|something about|with|for|like|mentioning to? {text}",
        search,
    ),
    ("is|are there a|any? task|tasks|todo|anything about|with|for|like|mentioning {text}", search),
    ("what|which tasks|todos do i have about|with|for {text}", search),
];

const SHOW: &[Phrase] = &[
    ("show|display|view|open|read|see me? {task}", show),
    ("tell me more? about {task}", show),
    ("what|what's is|was? the status|state|title|name|description of {task}", show),
    ("what is|was in|with? {task}", show),
    ("what's in|with? {task}", show),
    ("is|was {task} done|finished|completed|complete|open yet|already|still?", show),
    ("details|info of|for|about|on {task}", show),
];

fn talk(talk: SmallTalk) -> Option<Vec<Intent>> {
    Some(vec![Intent::SmallTalk(talk)])
}

fn search(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    // The tool looks for these very letters, so articles and quotes must go.
    match target(caught.get("text")) {
        Target::Named(about) if ["today", "now", "me", "tomorrow"].contains(&about.as_str()) => None,
        Target::Named(about) => Some(vec![Intent::List(Filter { about: Some(about), ..Filter::default() })]),
        _ => None,
    }
}

/// Only a task that is really pointed at: "what is love" is no task.
fn show(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    let text = caught.get("task");
    match target(text) {
        Target::Every(status) => Some(vec![Intent::List(Filter::of(status))]),
        Target::Where(filter) => Some(vec![Intent::List(filter)]),
        Target::Named(_)
            if !["task", "todo", " one"].iter().any(|hint| text.to_lowercase().contains(hint)) =>
        {
            None
        }
        target => Some(vec![Intent::Show(target)]),
    }
}

/// Several new tasks, or one when the enumeration has only one.
fn add_many(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    let tasks: Vec<NewTask> = parts(caught.get("titles")).into_iter().map(new_task).collect();
    (!tasks.is_empty()).then(|| tasks.into_iter().map(Intent::Add).collect())
}

/// `"Pay rent" and "call mom"` are two tasks. "Milk, eggs and bread" are three, "buy milk, eggs and bread" is
/// one; what is said of a day at the end is said of all.
fn add_several(text: &str) -> Option<Vec<Intent>> {
    if let Some(quoted) = quoted_parts(text) {
        let mut tasks: Vec<NewTask> = quoted.into_iter().map(new_task).collect();
        if let Some((last, before)) = tasks.split_last_mut()
            && before.iter().all(|task| task.details == TaskAttributes::default())
        {
            before.iter_mut().for_each(|task| task.details = last.details.clone());
        }
        return Some(tasks.into_iter().map(Intent::Add).collect());
    }
    const VERBS: &[&str] =
        &["buy", "get", "order", "bring", "pack", "wash", "clean", "fetch", "take", "invite"];
    let NewTask { description: None, details, .. } = new_task(text) else { return None };
    let (rest, _) = split(text);
    let parts = parts(rest);
    let is_short = |part: &&str| (1..=2).contains(&words(part).len()) && !part.contains(['"', '“', '\'']);
    let begins_with_verb = words_of(rest).first().is_some_and(|word| VERBS.contains(&word.as_str()));
    if parts.len() < 3 || !rest.contains(',') || begins_with_verb || !parts.iter().all(is_short) {
        return None;
    }
    let add = |part: &str| {
        Intent::Add(NewTask { title: task_title(part), description: None, details: details.clone() })
    };
    Some(parts.into_iter().map(add).collect())
}

/// One new task, when there is a title: "remind me tomorrow" does not say of what.
fn named_add(text: &str) -> Option<Vec<Intent>> {
    if let Some(details) = only_attributes(text.trim()).filter(|said| *said != TaskAttributes::default()) {
        return Some(vec![Intent::NeedsTitle(details)]);
    }
    let new = new_task(text);
    (!new.title.is_empty()).then(|| vec![Intent::Add(new)])
}

fn named(caught: &Caught<'_>) -> Option<String> {
    Some(task_title(caught.get("title"))).filter(|title| !title.is_empty())
}
