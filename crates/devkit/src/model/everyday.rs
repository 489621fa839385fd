//! The everyday brain: a pure function from a conversation to the next reply,
//! good enough to keep a task list by talking, and honest about what it is.

mod follow_up;
mod intent;
mod listing;
mod memory;
mod pattern;
mod phrases;
mod plan;
mod resolve;
mod speak;
mod target;
#[cfg(test)]
mod tests;
mod title;
mod understand;

use super::{
    request::Request,
    script::{Reply, text},
};

/// Returns the stand-in's reply: tool calls while something is left to do,
/// then words that claim only what the tools' results say.
pub fn reply(request: &Request) -> Reply {
    let meaning = follow_up::meaning(request);
    if meaning.declined {
        return text("All right, I leave everything as it is.");
    }
    let memory = memory::Memory::of(request.history());
    let steps = memory::steps(request.turn());
    let mut progress = plan::progress(&meaning.wishes, &memory, &steps, meaning.confirmed);
    if !progress.next.is_empty() {
        if progress.next.iter().all(|(tool, _)| request.offers(tool)) {
            let next = progress.next.into_iter();
            return next.fold(Reply::default(), |reply, (tool, arguments)| reply.call(tool, arguments));
        }
        progress.remarks.push("I was not given the tools to do the rest, so it is not done.".to_owned());
    }
    let words = speak::speak(&meaning.wishes, &progress, follow_up::recalled(request));
    text(if words.is_empty() { speak::NOT_UNDERSTOOD.to_owned() } else { words })
}
