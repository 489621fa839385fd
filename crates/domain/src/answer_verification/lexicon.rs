//! The phrases of all languages, ready to be found in a text.

use std::{collections::HashMap, ops::Range, sync::LazyLock};

use super::languages::{self, Language};
use crate::{text_search::fold, tool::EffectKind};

/// What a phrase does in a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PhraseRole {
    FunctionWord,
    ActiveAuxiliary,
    PassiveAuxiliary,
    Participle(Option<EffectKind>),
    FiniteVerb(Option<EffectKind>),
    StativeClaim(Option<EffectKind>),
    StandaloneClaim,
    Adverb,
    Negation,
    Condition,
    Modal,
    Past,
    Other,
    Request(Option<EffectKind>),
    Question,
    Noun,
    All,
    Number(usize),
}

/// A phrase that was found.
#[derive(Debug, Clone)]
pub(super) struct PhraseMatch {
    /// Its language, by its place among all.
    pub(super) language: usize,
    pub(super) role: PhraseRole,
    /// The bytes of the text that it takes.
    pub(super) at: Range<usize>,
}

struct Phrase {
    language: usize,
    role: PhraseRole,
    words: Vec<Word>,
}

struct Word {
    text: String,
    /// Whether more letters may follow.
    is_stem: bool,
}

struct Lexicon {
    /// Phrases of languages with words, by their first letter.
    by_letter: HashMap<char, Vec<Phrase>>,
    /// Phrases that are found anywhere.
    joined: Vec<(usize, PhraseRole, String)>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::new);

impl Lexicon {
    fn new() -> Self {
        let mut lexicon = Self { by_letter: HashMap::new(), joined: Vec::new() };
        for (index, language) in languages::all().enumerate() {
            for (role, phrase) in phrases(language) {
                lexicon.add(index, language.is_joined, role, phrase);
            }
        }
        lexicon
    }

    fn add(&mut self, language: usize, is_joined: bool, role: PhraseRole, phrase: &str) {
        if is_joined {
            self.joined.push((language, role, fold(&phrase.replace('_', " "))));
            return;
        }
        let word = |word: &str| {
            let is_stem = word.ends_with('*');
            Word { text: fold(word.trim_end_matches('*')), is_stem }
        };
        let words: Vec<Word> = phrase.split('_').map(word).collect();
        if let Some(letter) = words.first().and_then(|word| word.text.chars().next()) {
            self.by_letter.entry(letter).or_default().push(Phrase { language, role, words });
        }
    }
}

/// What a verb does, by its kind of change.
type VerbRole = fn(Option<EffectKind>) -> PhraseRole;

/// Every phrase of a language, with what it does.
fn phrases(language: &Language) -> Vec<(PhraseRole, &'static str)> {
    let mut all = Vec::new();
    let plain = [
        (PhraseRole::FunctionWord, language.function_words),
        (PhraseRole::ActiveAuxiliary, language.active_auxiliaries),
        (PhraseRole::PassiveAuxiliary, language.passive_auxiliaries),
        (PhraseRole::StandaloneClaim, language.standalone_claims),
        (PhraseRole::Adverb, language.adverbs.unwrap_or_default()),
        (PhraseRole::Negation, language.negations),
        (PhraseRole::Condition, language.conditions),
        (PhraseRole::Modal, language.modals),
        (PhraseRole::Past, language.past),
        (PhraseRole::Other, language.others),
        (PhraseRole::Question, language.questions),
        (PhraseRole::Noun, language.nouns),
        (PhraseRole::All, language.all),
        (PhraseRole::Number(2), language.both),
    ];
    for (role, text) in plain {
        all.extend(text.split_whitespace().map(|phrase| (role, phrase)));
    }
    let verbs: [(VerbRole, &'static str); 4] = [
        (PhraseRole::Participle, language.participles),
        (PhraseRole::FiniteVerb, language.finite_verbs),
        (PhraseRole::StativeClaim, language.stative_claims),
        (PhraseRole::Request, language.requests),
    ];
    for (role, text) in verbs {
        all.extend(text.split_whitespace().map(|phrase| {
            let (kind, phrase) = kind_of(phrase);
            (role(kind), phrase)
        }));
    }
    let numbers = language.numbers.split_whitespace().enumerate();
    all.extend(numbers.map(|(index, phrase)| (PhraseRole::Number(index + 2), phrase)));
    all
}

fn kind_of(phrase: &'static str) -> (Option<EffectKind>, &'static str) {
    let kinds = [
        ('+', Some(EffectKind::Added)),
        ('-', Some(EffectKind::Deleted)),
        ('=', Some(EffectKind::Completed)),
        ('^', Some(EffectKind::Restored)),
        ('~', None),
    ];
    kinds.iter().find_map(|(sign, kind)| Some((*kind, phrase.strip_prefix(*sign)?))).unwrap_or((None, phrase))
}

/// The words of a folded text: letters and digits, with apostrophes, hyphens and marks inside.
pub(super) fn words(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices() {
        let is_inside = is_letter(c) || (start.is_some() && matches!(c, '\'' | '-'));
        match (is_inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push(trimmed(text, from..at));
                start = None;
            }
            _ => {}
        }
    }
    words.extend(start.map(|from| trimmed(text, from..text.len())));
    words
}

fn trimmed(text: &str, word: Range<usize>) -> Range<usize> {
    let kept = text[word.clone()].trim_end_matches(['\'', '-']).len();
    word.start..word.start + kept
}

/// A letter, a digit, or a mark that scripts write vowels and other sounds with.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c, '\u{900}'..='\u{DFF}' | '\u{E30}'..='\u{E4E}' | '\u{3099}' | '\u{309A}')
}

/// Every phrase in a folded text, in the order of its words.
pub(super) fn find_phrases(text: &str) -> Vec<PhraseMatch> {
    let lexicon = &*LEXICON;
    let words = words(text);
    let mut hits = Vec::new();
    for (first, range) in words.iter().enumerate() {
        let Some(phrases) =
            text[range.clone()].chars().next().and_then(|letter| lexicon.by_letter.get(&letter))
        else {
            continue;
        };
        for phrase in phrases {
            let Some(found) = words.get(first..first + phrase.words.len()) else { continue };
            let fits = phrase.words.iter().zip(found).all(|(word, at)| word.fits(&text[at.clone()]));
            if fits && let (Some(begin), Some(end)) = (found.first(), found.last()) {
                let at = begin.start..end.end;
                hits.push(PhraseMatch { language: phrase.language, role: phrase.role, at });
            }
        }
    }
    if !text.is_ascii() {
        for (language, role, phrase) in &lexicon.joined {
            let found = text.match_indices(phrase.as_str());
            hits.extend(found.map(|(start, _)| PhraseMatch {
                language: *language,
                role: *role,
                at: start..start + phrase.len(),
            }));
        }
    }
    hits
}

impl Word {
    fn fits(&self, word: &str) -> bool {
        if self.is_stem { word.starts_with(&self.text) } else { word == self.text }
    }
}

/// The sentence with which a language says that nothing was changed.
pub(super) fn nothing_changed_sentence(language: usize) -> &'static str {
    languages::all().nth(language).map_or("Nothing was changed.", |language| language.nothing)
}

/// Whether a language says its participles with nothing but these words before them.
pub(super) fn restricts_adverbs(language: usize) -> bool {
    languages::all().nth(language).is_some_and(|language| language.adverbs.is_some())
}

/// Whether a language is written without spaces between its words.
pub(super) fn is_joined(language: usize) -> bool {
    languages::all().nth(language).is_some_and(|language| language.is_joined)
}
