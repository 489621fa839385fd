//! The words that say yes or no to a question of ours. Whatever is not all yes is no yes: it may hold a
//! "but".

const YES: &[&str] = &[
    "yes",
    "y",
    "yeah",
    "yea",
    "yep",
    "yup",
    "sure",
    "ok",
    "okay",
    "confirm",
    "confirmed",
    "absolutely",
    "definitely",
    "certainly",
];

/// Yes without one of those words.
const GO_AHEAD: &[&str] = &[
    "do it",
    "do that",
    "please do",
    "please do it",
    "go ahead",
    "go on",
    "of course",
    "i am sure",
    "i'm sure",
    "delete them",
    "delete them all",
    "delete it",
];

/// What may stand beside a yes and leaves it one.
const BESIDE_YES: &[&str] = &[
    "please",
    "do",
    "it",
    "that",
    "go",
    "ahead",
    "on",
    "delete",
    "remove",
    "them",
    "all",
    "everything",
    "of",
    "course",
    "i",
    "am",
    "i'm",
    "really",
    "quite",
    "very",
    "then",
    "so",
    "thanks",
    "thank",
    "you",
    "want",
    "to",
    "both",
    "these",
    "those",
    "tasks",
    "the",
    "can",
    "may",
];

const NO: &[&str] = &[
    "no",
    "nope",
    "nah",
    "don't",
    "dont",
    "do not",
    "stop",
    "cancel",
    "abort",
    "never mind",
    "nevermind",
    "nvm",
    "rather not",
    "better not",
    "i'd rather not",
    "not now",
    "nothing",
    "none",
    "neither",
    "none of them",
    "leave it",
    "leave that",
    "leave it be",
    "let it be",
    "leave them",
    "keep it",
    "keep them",
    "keep them all",
    "don't do it",
    "don't do that",
    "do not do that",
    "stop it",
    "stop that",
    "i changed my mind",
    "changed my mind",
    "i don't know",
    "i don't know yet",
    "no idea",
    "not sure",
    "i'm not sure",
    "skip it",
];

/// What makes nothing else of a no: "oh, never mind then, sorry".
const BESIDE_NO: &[&str] = &[
    "oh", "ah", "hm", "hmm", "um", "well", "so", "and", "but", "then", "please", "thanks", "thank", "you",
    "sorry", "actually", "just", "wait", "ok", "okay",
];

/// Whether all these words, in lower case, say yes.
pub(crate) fn is_yes(words: &[&str]) -> bool {
    let is_in = |list: &[&str], word: &str| list.contains(&word);
    let says_yes = words.iter().any(|word| is_in(YES, word));
    is_in(GO_AHEAD, &words.join(" "))
        || says_yes && words.iter().all(|word| is_in(YES, word) || is_in(BESIDE_YES, word))
}

/// Whether the words begin with a yes, and may go on with something else.
pub(crate) fn begins_with_yes(words: &[&str]) -> bool {
    words.first().is_some_and(|word| YES.contains(word))
}

/// Whether the words only put aside what was asked: "no", "oh, forget it", "never mind".
pub(crate) fn is_dismissal(words: &[&str]) -> bool {
    let rest: Vec<&str> = words.iter().copied().filter(|word| !BESIDE_NO.contains(word)).collect();
    let rest = match rest.as_slice() {
        ["no" | "nope", rest @ ..] if !rest.is_empty() => rest,
        rest => rest,
    };
    NO.contains(&rest.join(" ").as_str()) || is_undone(rest)
}

/// "Forget it", "cancel that": of a question, or of what was just done.
fn is_undone(words: &[&str]) -> bool {
    matches!(
        words,
        ["forget" | "cancel" | "drop" | "scrap", "it" | "that" | "this"]
            | ["forget", "about", "it" | "that" | "this"]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yes_with_anything_else_is_none() {
        let words = |text: &'static str| text.split(' ').collect::<Vec<_>>();
        for yes in
            ["yes", "yes please", "do it", "ok then", "yes i am sure", "sure delete them all", "go ahead"]
        {
            assert!(is_yes(&words(yes)) && !is_dismissal(&words(yes)), "{yes}");
        }
        for other in ["yes but keep the milk", "yes except milk", "yes not the milk", "all", "please", "milk"]
        {
            assert!(!is_yes(&words(other)) && !is_dismissal(&words(other)), "{other}");
        }
        for no in [
            "no",
            "no thanks",
            "oh never mind then",
            "forget it",
            "no forget about that",
            "cancel that please",
        ] {
            assert!(is_dismissal(&words(no)) && !is_yes(&words(no)), "{no}");
        }
        for other in ["cancel the dentist", "forget the milk", "nothing but milk", "ok", "thanks"] {
            assert!(!is_dismissal(&words(other)), "{other}");
        }
    }
}
