//! Messages about a false claim: the correction that the model reads, and the answer that the person gets
//! instead.

use super::{Evidence, claim_extraction, lexicon};
use crate::{substitute_final_message, text_truncation::truncate};

/// How a note to the model begins. It stands in the place of a message of the person's, as the strictest
/// model APIs have no other place for it.
pub const NOTE_MARK: &str = "[Note from the server]";

/// The most characters of the person's message that a note repeats.
const MAX_SAID: usize = 1000;

/// What the model is told about an answer of its own that is not true, with the facts.
pub fn correction(evidence: &Evidence<'_>) -> String {
    let done = substitute_final_message::effects_in_words(evidence.effects());
    let facts = match (done, substitute_final_message::effects_in_words(evidence.undone_effects())) {
        (Some(done), _) => format!("All that was done in this turn is: {done}"),
        (None, Some(undone)) => {
            format!(
                "What your answer before this one had done was taken back ({undone}), and nothing else was changed."
            )
        }
        (None, None) => {
            "Nothing was changed in this turn: no tool that changes the list has succeeded.".to_owned()
        }
    };
    let said = truncate(evidence.user_message(), MAX_SAID);
    format!(
        "{NOTE_MARK} Your last answer was not shown to the person, because it does not say what was done. {facts} \
         If the person asks for a change that was not made, and a tool can make it, call the tool now. Otherwise \
         answer again in the person's language: say what was done, and that the rest was not. \
         The person said: {said}"
    )
}

/// What stands for an answer that is not true when the model insists on it: what was done and no more.
/// That nothing was changed is said in the language of the answer.
pub fn replacement_answer(answer: &str, evidence: &Evidence<'_>) -> String {
    let language = claim_extraction::detect_language(evidence.user_message())
        .or_else(|| claim_extraction::detect_language(answer));
    substitute_final_message::effects_in_words(evidence.effects())
        .or_else(|| substitute_final_message::effects_in_words(evidence.undone_effects()))
        .unwrap_or_else(|| lexicon::nothing_changed_sentence(language.unwrap_or_default()).to_owned())
}

/// What a model is asked about an answer in a language that is not known here: the system prompt, and
/// the message.
pub fn question(answer: &str) -> (&'static str, String) {
    (QUESTION, format!("{ANSWER_HEADING}\n{}", truncate(answer, MAX_ANSWER)))
}

const QUESTION: &str = "You read one answer of a todo list's assistant, in any language. Does it say that the assistant \
has just added, changed, completed or deleted a task? Answer with one word: yes or no.";

/// How the message begins that asks what an answer says.
const ANSWER_HEADING: &str = "The answer to read:";

/// The most characters of an answer that are read. What it claims, it claims at its beginning.
const MAX_ANSWER: usize = 1000;

/// Whether a model's answer to [`question`] is a yes.
pub fn is_yes(answer: &str) -> bool {
    answer.trim_start().get(..3).is_some_and(|begin| begin.eq_ignore_ascii_case("yes"))
}
