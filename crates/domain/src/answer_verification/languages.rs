//! The vocabulary of each language: how it says that a list was changed, that it was not, and asks for a
//! change.
//!
//! Every field holds phrases with spaces between them, the words of one phrase joined by `_`. A `*` stands
//! for the rest of a word. Phrases of verbs begin with what the verb does to a task: `+` adds it, `-`
//! deletes it, `=` completes it, `^` undoes what was done to it, `~` changes it in whatever way. They are
//! compared as [`fold`](crate::text_search::fold) leaves them, so case and accents do not matter.

mod germanic_and_romance;
mod other_families;

/// How one language speaks of changes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Language {
    /// Frequent words by which the language is known to be one of these.
    pub(super) function_words: &'static str,
    /// What makes a claim of a participle: "I have".
    pub(super) active_auxiliaries: &'static str,
    /// What does so without saying who did it: "was", "has been".
    pub(super) passive_auxiliaries: &'static str,
    /// Participles: "deleted".
    pub(super) participles: &'static str,
    /// Whole claims: verbs that say by their form that somebody has done it.
    pub(super) finite_verbs: &'static str,
    /// Claims that may as well describe how things are: "is gone".
    pub(super) stative_claims: &'static str,
    /// Claims when they are all that is said: "Done!"
    pub(super) standalone_claims: &'static str,
    /// Words that may stand between an opener and its participle; `None` when any may.
    pub(super) adverbs: Option<&'static str>,
    /// "not", "nothing".
    pub(super) negations: &'static str,
    /// "if", "once": what follows has not happened.
    pub(super) conditions: &'static str,
    /// "can", "will": beside them a participle alone is no claim.
    pub(super) modals: &'static str,
    /// "already", "yesterday": it is not about now.
    pub(super) past: &'static str,
    /// "else", "other": nothing else.
    pub(super) others: &'static str,
    /// How a change is asked for.
    pub(super) requests: &'static str,
    /// How a question or a look begins.
    pub(super) questions: &'static str,
    /// "task".
    pub(super) nouns: &'static str,
    /// "all", "everything".
    pub(super) all: &'static str,
    /// "two", "three", and so on up to ten.
    pub(super) numbers: &'static str,
    /// "both".
    pub(super) both: &'static str,
    /// Whether words are not set apart by spaces, or grow together: then phrases are found anywhere.
    pub(super) is_joined: bool,
    /// "Nothing was changed."
    pub(super) nothing: &'static str,
}

const NO_WORDS: Language = Language {
    function_words: "",
    active_auxiliaries: "",
    passive_auxiliaries: "",
    participles: "",
    finite_verbs: "",
    stative_claims: "",
    standalone_claims: "",
    adverbs: None,
    negations: "",
    conditions: "",
    modals: "",
    past: "",
    others: "",
    requests: "",
    questions: "",
    nouns: "",
    all: "",
    numbers: "",
    both: "",
    is_joined: false,
    nothing: "",
};

/// Every language that is known; English is the first.
pub(super) fn all() -> impl Iterator<Item = &'static Language> {
    germanic_and_romance::LANGUAGES.iter().chain(other_families::LANGUAGES)
}
