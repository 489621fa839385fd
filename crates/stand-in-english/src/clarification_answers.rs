//! Understands answers to our own questions: "the first one", "yes", a title.

use super::{
    approval_text::CONFIRMATION,
    chat_request::{Chat, content, role},
    conversation_state::changes_of_last_turn,
    intent::{Intent, SmallTalk, Target},
    parse_message::understand,
    pattern_matcher::words,
    reply_text::NEW_TASK_QUESTION,
    task_reference::target,
    task_title::{new_task, title_and_description},
    yes_and_no::{begins_with_yes, is_dismissal, is_yes},
};

/// What a message means in its place.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Meaning {
    pub(crate) intents: Vec<Intent>,
    /// Whether the person has said yes to something that cannot be undone.
    pub(crate) confirmed: bool,
    /// Whether the person wants nothing to be done after all.
    pub(crate) declined: bool,
    /// Whether the person has said yes to a part of it only, so that it is asked again.
    pub(crate) is_asked_again: bool,
}

/// Returns what the newest user message means, given what we asked before.
pub(crate) fn meaning(chat: Chat<'_>) -> Meaning {
    let text = chat.user_text();
    let intents = understand(text);
    let asked = last(chat, "assistant");
    let said = plain(text);
    let said: Vec<&str> = said.iter().map(String::as_str).collect();
    if !asked.trim_end().ends_with('?') && !asked.contains("do you mean?") {
        return without_question(intents, chat);
    }
    if is_dismissal(&said) {
        return Meaning { declined: true, ..Meaning::default() };
    }
    if asked.contains(CONFIRMATION) {
        return confirmation(intents, &said, chat);
    }
    match answer(text, &intents, asked, &understand(last(chat, "user"))) {
        Some(intent) => Meaning { intents: vec![intent], ..Meaning::default() },
        None => without_question(of_offered(intents, &offered(asked)), chat),
    }
}

/// "Cancel that" undoes what the last turn has changed; when it has changed nothing, nothing is done.
fn without_question(mut intents: Vec<Intent>, chat: Chat<'_>) -> Meaning {
    let is_takeback = |intent: &Intent| *intent == Intent::TakeBack;
    let has_changed = !changes_of_last_turn(chat.history()).is_empty();
    let declined = !has_changed && intents.iter().all(is_takeback) && !intents.is_empty();
    for intent in intents.iter_mut().filter(|intent| is_takeback(intent) && !has_changed) {
        *intent = Intent::SmallTalk(SmallTalk::Okay);
    }
    Meaning { intents, declined, ..Meaning::default() }
}

/// What a message means after the question whether we shall really do something.
fn confirmation(intents: Vec<Intent>, said: &[&str], chat: Chat<'_>) -> Meaning {
    let confirmed = is_yes(said);
    let is_harmless = |intent: &Intent| {
        matches!(
            intent,
            Intent::Add(_) | Intent::List(_) | Intent::Show(_) | Intent::Changes(_) | Intent::Completions(_)
        )
    };
    let is_other = !intents.is_empty() && intents.iter().all(is_harmless);
    if confirmed || begins_with_yes(said) && !is_other {
        let intents = understand(asked_for(chat));
        return Meaning { intents, confirmed, declined: false, is_asked_again: !confirmed };
    }
    let declined = match said {
        ["no", ..] => true,
        ["don't" | "not", ..] | ["do", "not", ..] => intents.is_empty(),
        _ => false,
    };
    Meaning { declined, ..without_question(intents, chat) }
}

/// Returns what the person wanted before we asked, and perhaps asked again, whether we shall really do it.
fn asked_for(chat: Chat<'_>) -> &str {
    let mut request = "";
    for message in chat.history().iter().rev().filter(|message| !content(message).is_empty()) {
        match role(message) {
            "user" if request.is_empty() => request = content(message),
            // That was the question, and not what led to it.
            "assistant" if content(message).contains(CONFIRMATION) && is_half_a_yes(request) => request = "",
            "assistant" if !request.is_empty() => break,
            _ => {}
        }
    }
    request
}

fn is_half_a_yes(text: &str) -> bool {
    let words = plain(text);
    begins_with_yes(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

fn plain(text: &str) -> Vec<String> {
    words(text).into_iter().map(|word| word.plain).collect()
}

fn answer(text: &str, intents: &[Intent], asked: &str, before: &[Intent]) -> Option<Intent> {
    // "Finish the report" may be a title here; "show my tasks" is not.
    let open =
        intents.is_empty() || intents.iter().all(|intent| matches!(intent.target(), Some(Target::Named(_))));
    if !open {
        return None;
    }
    if asked.contains("be called?") {
        if asked.contains(NEW_TASK_QUESTION) {
            let mut new = new_task(text);
            let said = before.iter().find_map(|intent| match intent {
                Intent::NeedsTitle(said) => Some(said.clone()),
                _ => None,
            });
            new.details = new.details.or(said.unwrap_or_default());
            return Some(Intent::Add(new));
        }
        let (title, _) = title_and_description(text);
        let target =
            before.iter().find(|intent| matches!(intent, Intent::NeedsNewTitle(_)))?.target()?.clone();
        return Some(Intent::Retitle { target, title });
    }
    if asked.contains("do you mean") && intents.is_empty() {
        let unclear =
            before.iter().find(|intent| !matches!(intent.target(), None | Some(Target::Numbers(_))))?;
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
        Target::Several(count) if *count == offered.len() => Target::Numbers(offered.to_vec()),
        Target::Them | Target::Every(_) if !offered.is_empty() => Target::Numbers(offered.to_vec()),
        _ => target,
    }
}

/// "Delete both" of those that were offered.
fn of_offered(intents: Vec<Intent>, offered: &[u64]) -> Vec<Intent> {
    let among = |intent: Intent| match intent.target() {
        Some(target @ (Target::Them | Target::Several(_) | Target::Nth(_) | Target::Last)) => {
            intent.about(chosen(target.clone(), offered))
        }
        _ => intent,
    };
    intents.into_iter().map(among).collect()
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
