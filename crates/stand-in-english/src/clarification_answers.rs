//! Understands answers to our own questions: "the first one", "yes", a title.

use super::{
    chat_request::{Chat, content, role},
    intent::{Intent, Target},
    parse_message::understand,
    pattern_matcher::words,
    reply_text::NEW_TASK_QUESTION,
    task_reference::target,
    task_title::{new_task, title_and_description},
};

/// What a message means in its place.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Meaning {
    pub(crate) wishes: Vec<Intent>,
    /// Whether the person has said yes to something that cannot be undone.
    pub(crate) confirmed: bool,
    /// Whether the person has said no to it.
    pub(crate) declined: bool,
}

const YES: &[&str] = &[
    "yes",
    "yeah",
    "yep",
    "sure",
    "ok",
    "okay",
    "yes please",
    "do it",
    "go ahead",
    "please do",
    "of course",
    "confirm",
];

const NO: &[&str] =
    &["no", "nope", "no thanks", "don't", "stop", "cancel", "never mind", "nevermind", "rather not"];

/// Returns what the newest user message means, given what we asked before.
pub(crate) fn meaning(chat: Chat<'_>) -> Meaning {
    let text = chat.user_text();
    let wishes = understand(text);
    let asked = last(chat, "assistant");
    if !asked.trim_end().ends_with('?') {
        return Meaning { wishes, ..Meaning::default() };
    }
    let before = understand(last(chat, "user"));
    let said = words(text).into_iter().map(|word| word.plain).collect::<Vec<_>>().join(" ");
    if asked.contains("Shall I really do that?") {
        if YES.contains(&said.as_str()) || said.starts_with("yes ") {
            return Meaning { wishes: before, confirmed: true, declined: false };
        }
        return Meaning {
            wishes,
            confirmed: false,
            declined: NO.contains(&said.as_str()) || said.starts_with("no "),
        };
    }
    let answered = answer(text, &wishes, asked, &before);
    Meaning { wishes: answered.map_or(wishes, |wish| vec![wish]), ..Meaning::default() }
}

fn answer(text: &str, wishes: &[Intent], asked: &str, before: &[Intent]) -> Option<Intent> {
    // "Finish the report" may be a title here; "show my tasks" is not.
    let open = wishes.is_empty() || wishes.iter().all(|wish| matches!(wish.target(), Some(Target::Named(_))));
    if !open {
        return None;
    }
    if asked.contains("be called?") {
        if asked.contains(NEW_TASK_QUESTION) {
            return Some(Intent::Add(new_task(text)));
        }
        let (title, _) = title_and_description(text);
        let target = before.iter().find(|wish| matches!(wish, Intent::NeedsNewTitle(_)))?.target()?.clone();
        return Some(Intent::Retitle { target, title });
    }
    if asked.contains("do you mean") && wishes.is_empty() {
        let unclear = before
            .iter()
            .find(|wish| matches!(wish.target(), Some(Target::It | Target::Them | Target::Named(_))))?;
        return Some(unclear.about(chosen(target(text), &offered(asked))));
    }
    None
}

/// "The second one" of those that were offered.
fn chosen(target: Target, offered: &[u64]) -> Target {
    let one = |id: Option<&u64>| id.map(|id| Target::Numbers(vec![*id]));
    match &target {
        Target::Nth(place) => one(offered.get(*place)).unwrap_or(target),
        Target::Last => one(offered.last()).unwrap_or(target),
        Target::Them | Target::Every(_) if !offered.is_empty() => Target::Numbers(offered.to_vec()),
        _ => target,
    }
}

/// Returns the numbers of the tasks that a question names.
fn offered(asked: &str) -> Vec<u64> {
    let question = asked.rsplit_once("do you mean").map_or("", |(_, question)| question);
    let words: Vec<String> = words(question).into_iter().map(|word| word.plain).collect();
    words.windows(2).filter(|pair| pair[0] == "task").filter_map(|pair| pair[1].parse().ok()).collect()
}

/// Returns the newest words of this role before the newest user message.
fn last<'a>(chat: Chat<'a>, wanted: &str) -> &'a str {
    let history = chat.history().iter().rev();
    history
        .filter(|message| role(message) == wanted)
        .map(content)
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

/// Returns what the person said before.
pub(crate) fn recalled(chat: Chat<'_>) -> &str {
    last(chat, "user")
}
