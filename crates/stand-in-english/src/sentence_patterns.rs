//! The table of phrases: the first that fits says what is wanted.

mod changes;

use super::{
    intent::{Intent, Status, Talk, Target},
    listing::listing,
    pattern::{Caught, Word, catch, words},
    task_reference::target,
    title::{title, titles},
};

/// Makes wishes of what a pattern caught; nothing when it does not fit after all.
type Make = fn(&Caught<'_>) -> Option<Vec<Intent>>;

type Phrase = (&'static str, Make);

/// Returns what one clause asks for; nothing when it is not understood.
pub(crate) fn wishes(sentence: &str, words: &[Word]) -> Option<Vec<Intent>> {
    let plain: Vec<&str> = words.iter().map(|word| word.plain.as_str()).collect();
    let in_table =
        |table: &[Phrase]| table.iter().find_map(|(pattern, make)| make(&catch(pattern, sentence, words)?));
    in_table(TALK)
        .or_else(|| in_table(SEARCH))
        .or_else(|| Some(vec![listing(&plain)?]))
        .or_else(|| in_table(changes::ADD_MANY))
        .or_else(|| in_table(changes::DESCRIBE))
        .or_else(|| in_table(changes::ADD))
        .or_else(|| in_table(changes::DELETE))
        .or_else(|| in_table(changes::COMPLETE))
        .or_else(|| in_table(changes::UPDATE))
        .or_else(|| in_table(SHOW))
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
    listing(&wanted).map(|wish| vec![wish]).or_else(|| changes::add(&caught))
}

fn words_of(text: &str) -> Vec<String> {
    words(text).into_iter().map(|word| word.plain).collect()
}

const TALK: &[Phrase] = &[
    ("hi|hello|hey|hallo|howdy|greetings|hiya|yo there|again|everyone|you?", |_| talk(Talk::Greeting)),
    ("good morning|afternoon|evening|day", |_| talk(Talk::Greeting)),
    ("hi|hello|hey? how are you doing|today?", |_| talk(Talk::Greeting)),
    ("what's up", |_| talk(Talk::Greeting)),
    ("thanks|thank|thx|cheers|ty you? a|so|very|many? lot|much|again? for? your? help?", |_| {
        talk(Talk::Thanks)
    }),
    ("well done", |_| talk(Talk::Thanks)),
    ("ok|okay|alright|fine|yes|yep|yeah|no|nope|sure then|thanks?", |_| talk(Talk::Okay)),
    ("great|perfect|nice|cool|awesome|super|wonderful|excellent job|work?", |_| talk(Talk::Thanks)),
    ("bye|goodbye|ciao for? now?", |_| talk(Talk::Bye)),
    ("see you later|soon|tomorrow?", |_| talk(Talk::Bye)),
    ("help me?", |_| talk(Talk::Help)),
    ("what else? can|do you else? do for? me?", |_| talk(Talk::Help)),
    ("what can i do|say|ask here|you?", |_| talk(Talk::Help)),
    ("how does|do this|it|you work", |_| talk(Talk::Help)),
    ("who|what are you", |_| talk(Talk::Help)),
    ("what did i just|last? say|ask|tell|write|want you? last|before|just|earlier|again?", |_| {
        talk(Talk::Recall)
    }),
    ("what was my last|previous message|question|request", |_| talk(Talk::Recall)),
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

fn talk(talk: Talk) -> Option<Vec<Intent>> {
    Some(vec![Intent::Talk(talk)])
}

fn search(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    // The tool looks for these very letters, so articles and quotes must go.
    match target(caught.get("text")) {
        Target::Named(about) if ["today", "now", "me", "tomorrow"].contains(&about.as_str()) => None,
        Target::Named(about) => Some(vec![Intent::List { status: Status::All, about: Some(about) }]),
        _ => None,
    }
}

/// Only a task that is really pointed at: "what is love" is no task.
fn show(caught: &Caught<'_>) -> Option<Vec<Intent>> {
    let text = caught.get("task");
    match target(text) {
        Target::Every(status) => Some(vec![Intent::List { status, about: None }]),
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
    let titles = titles(caught.get("titles"));
    let add = |title| Intent::Add { title, description: None };
    (!titles.is_empty()).then(|| titles.into_iter().map(add).collect())
}

fn named(caught: &Caught<'_>) -> Option<String> {
    Some(title(caught.get("title"))).filter(|title| !title.is_empty())
}
