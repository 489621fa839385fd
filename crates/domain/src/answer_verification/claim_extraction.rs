//! Extracts the claims of a text: which changes it says were made, and which it says were not.

mod task_counts_and_numbers;

use std::{collections::BTreeMap, ops::Range};

use super::{
    lexicon::{self, PhraseMatch, PhraseRole},
    sentence::{Clause, clauses},
};
use crate::tool::EffectKind;

/// A change that a text says was made.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Claim {
    /// What was done; `None` for any change.
    pub(super) kind: Option<EffectKind>,
    /// How surely it is a claim.
    pub(super) strength: ClaimCertainty,
    /// How many tasks it speaks of, when it says so.
    pub(super) count: Option<usize>,
    /// Whether it speaks of all.
    pub(super) of_all: bool,
    /// The numbers of tasks that it names.
    pub(super) numbers: Vec<i64>,
    /// The titles that it names, folded, one after the other and nothing else.
    pub(super) names: Vec<String>,
    /// The line of a list that it stands in, folded.
    pub(super) item: Option<String>,
    /// Everything that is quoted beside it, folded.
    pub(super) quoted: Vec<String>,
    /// Whether it says that this was before.
    pub(super) is_past: bool,
    /// Its language, by its place among all.
    pub(super) language: usize,
}

/// How surely words are a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClaimCertainty {
    /// They are one whatever was asked: "I've deleted it".
    Certain,
    /// They are one when a change was asked for: "Task 3 is done".
    WhenAsked,
}

/// A change that a text says was not made.
#[derive(Debug, Clone)]
pub(super) struct Denial {
    /// What was not done; `None` for any change.
    pub(super) kind: Option<EffectKind>,
    /// Whether it says of how many tasks.
    pub(super) is_counted: bool,
    /// The numbers of tasks that it names.
    pub(super) numbers: Vec<i64>,
    /// Everything that is quoted in it, folded.
    pub(super) quoted: Vec<String>,
    /// Its other words, folded.
    pub(super) words: String,
}

/// What a text says.
#[derive(Debug, Clone, Default)]
pub(super) struct ExtractedClaims {
    pub(super) claims: Vec<Claim>,
    /// What it says was not done.
    pub(super) denials: Vec<Denial>,
    /// Whether there is a negation or a question anywhere.
    pub(super) admits: bool,
    /// The language of most of its words; `None` when it is none that is known.
    pub(super) language: Option<usize>,
}

/// Reads a text.
pub(super) fn extract_claims(text: &str) -> ExtractedClaims {
    let mut reading = ExtractedClaims::default();
    let mut marks: Vec<usize> = Vec::new();
    let mut words = 0;
    for clause in clauses(text) {
        words += lexicon::words(&clause.text).len();
        let hits = lexicon::find_phrases(&clause.text);
        marks.extend(hits.iter().filter(|hit| is_mark(hit.role)).map(|hit| hit.language));
        reading.admits |= clause.asks || hits.iter().any(|hit| hit.role == PhraseRole::Negation);
        if !clause.asks {
            read_clause(&clause, &hits, &mut reading);
        }
    }
    reading.language = most_frequent(&marks)
        .filter(|(language, count)| {
            // Small words are many in every text; a few letters in common are no language.
            lexicon::is_joined(*language) || count * MIN_SHARE_OF_MARKS >= words
        })
        .map(|(language, _)| language);
    reading
}

/// One word of so many is to be a mark of its language, or it is another one.
const MIN_SHARE_OF_MARKS: usize = 6;

/// Whether words that may become a claim stand in `text`, which may be half a sentence; with `denials` also
/// those that may become a denial, and those that begin either.
pub(super) fn may_claim(text: &str, denials: bool) -> bool {
    let is_trigger = |hit: &PhraseMatch| match hit.role {
        PhraseRole::Participle(_)
        | PhraseRole::FiniteVerb(_)
        | PhraseRole::StativeClaim(_)
        | PhraseRole::StandaloneClaim => true,
        PhraseRole::ActiveAuxiliary | PhraseRole::Negation => denials,
        _ => false,
    };
    clauses(text).iter().any(|clause| lexicon::find_phrases(&clause.text).iter().any(is_trigger))
}

/// Whether a text asks for a change: it holds the words for one, and does not begin as a question.
pub(super) fn asks_for_change(text: &str) -> bool {
    clauses(text).iter().any(|clause| {
        let hits = lexicon::find_phrases(&clause.text);
        let asks = |language: usize| {
            let joined = lexicon::is_joined(language);
            let begins = |hit: &PhraseMatch| hit.at.start == first_letter(&clause.text) || joined;
            hits.iter().any(|hit| hit.language == language && hit.role == PhraseRole::Question && begins(hit))
        };
        // "Remind me what is done" begins as "remind me to buy milk" does.
        let is_question = |request: &PhraseMatch| {
            let begins =
                |hit: &PhraseMatch| hit.role == PhraseRole::Question && hit.at.start == request.at.start;
            hits.iter().any(|hit| hit.language == request.language && begins(hit))
        };
        hits.iter()
            .any(|hit| matches!(hit.role, PhraseRole::Request(_)) && !asks(hit.language) && !is_question(hit))
    })
}

/// The language of a text, when it is one that is known.
pub(super) fn detect_language(text: &str) -> Option<usize> {
    extract_claims(text).language
}

fn is_deletion(role: PhraseRole) -> bool {
    let deletion = Some(EffectKind::Deleted);
    [PhraseRole::Participle(deletion), PhraseRole::FiniteVerb(deletion), PhraseRole::StativeClaim(deletion)]
        .contains(&role)
}

fn is_mark(role: PhraseRole) -> bool {
    // Verbs of changes tell a language as well as its small words.
    matches!(
        role,
        PhraseRole::FunctionWord
            | PhraseRole::FiniteVerb(_)
            | PhraseRole::StandaloneClaim
            | PhraseRole::Noun
            | PhraseRole::Request(_)
            | PhraseRole::Question
    )
}

/// The language that is named most often, and how often; of several the first.
fn most_frequent(languages: &[usize]) -> Option<(usize, usize)> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for language in languages {
        *counts.entry(*language).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(language, count)| (*count, std::cmp::Reverse(*language)))
}

fn first_letter(text: &str) -> usize {
    text.find(char::is_alphanumeric).unwrap_or_default()
}

/// Words between the words of a claim.
struct Neighbours<'a> {
    clause: &'a Clause,
    words: Vec<Range<usize>>,
    /// The phrases of the one language.
    hits: Vec<&'a PhraseMatch>,
}

fn read_clause(clause: &Clause, hits: &[PhraseMatch], reading: &mut ExtractedClaims) {
    let mut languages: Vec<usize> = hits.iter().map(|hit| hit.language).collect();
    languages.sort_unstable();
    languages.dedup();
    let words = lexicon::words(&clause.text);
    let marks: Vec<usize> =
        hits.iter().filter(|hit| hit.role == PhraseRole::FunctionWord).map(|hit| hit.language).collect();
    let most = most_frequent(&marks).map_or(0, |(_, count)| count);
    // A clause that is clearly of another language says nothing in this one.
    languages.retain(|language| marks.iter().filter(|mark| *mark == language).count() + 2 > most);
    for language in languages {
        let hits: Vec<&PhraseMatch> = hits.iter().filter(|hit| hit.language == language).collect();
        let near = Neighbours { clause, words: words.clone(), hits };
        for hit in &near.hits {
            if let Some((kind, strength)) = near.claim_of(hit) {
                match near.void_of(hit, strength) {
                    None => reading.claims.push(near.claim(hit, kind, strength, language)),
                    Some(PhraseRole::Negation) if !near.has(PhraseRole::Other) => {
                        reading.denials.push(near.denial(kind))
                    }
                    Some(_) => {}
                }
            }
        }
    }
}

impl Neighbours<'_> {
    fn has(&self, role: PhraseRole) -> bool {
        self.hits.iter().any(|hit| hit.role == role)
    }

    fn of(&self, role: PhraseRole) -> impl Iterator<Item = &PhraseMatch> {
        self.hits.iter().copied().filter(move |hit| hit.role == role)
    }

    /// What a phrase claims, if it is one that does where it stands.
    fn claim_of(&self, hit: &PhraseMatch) -> Option<(Option<EffectKind>, ClaimCertainty)> {
        let is_item = self.clause.is_item;
        // Lines of help say what a person may say: "Mark it as done, or: I finished it". Nobody says that
        // they have deleted something.
        if self.clause.follows_item && !is_deletion(hit.role) {
            return None;
        }
        match hit.role {
            PhraseRole::FiniteVerb(kind) => Some((kind, ClaimCertainty::Certain)),
            PhraseRole::StativeClaim(kind) => (!is_item).then_some((kind, ClaimCertainty::WhenAsked)),
            PhraseRole::StandaloneClaim if self.is_alone(hit) && !is_item => {
                Some((None, ClaimCertainty::WhenAsked))
            }
            PhraseRole::Participle(kind)
                if self.of(PhraseRole::ActiveAuxiliary).any(|opener| self.belongs(opener, hit)) =>
            {
                Some((kind, ClaimCertainty::Certain))
            }
            PhraseRole::Participle(kind)
                if self.of(PhraseRole::PassiveAuxiliary).any(|opener| self.belongs(opener, hit)) =>
            {
                let is_sure = kind == Some(EffectKind::Deleted);
                let strength = if is_sure { ClaimCertainty::Certain } else { ClaimCertainty::WhenAsked };
                (!is_item).then_some((kind, strength))
            }
            PhraseRole::Participle(kind) if self.is_headline(hit, kind) => {
                Some((kind, ClaimCertainty::WhenAsked))
            }
            _ => None,
        }
    }

    /// Whether a participle belongs to what makes a claim of it: with nothing between them but what
    /// may stand there. In some languages the participle comes first.
    fn belongs(&self, opener: &PhraseMatch, deed: &PhraseMatch) -> bool {
        if !lexicon::restricts_adverbs(opener.language) {
            return true;
        }
        opener.at.end <= deed.at.start
            && self.words_in(opener.at.end..deed.at.start).all(|word| {
                let adverb = |hit: &PhraseMatch| {
                    matches!(hit.role, PhraseRole::Adverb | PhraseRole::Past) && *word == hit.at
                };
                self.hits.iter().copied().any(adverb) || self.is_negation(word)
            })
    }

    fn is_negation(&self, word: &Range<usize>) -> bool {
        self.of(PhraseRole::Negation).any(|hit| hit.at == *word)
    }

    fn words_in(&self, range: Range<usize>) -> impl Iterator<Item = &Range<usize>> {
        self.words.iter().filter(move |word| range.start <= word.start && word.end <= range.end)
    }

    /// Whether a phrase is all that the clause says.
    fn is_alone(&self, hit: &PhraseMatch) -> bool {
        self.words.iter().all(|word| hit.at.start <= word.start && word.end <= hit.at.end)
    }

    /// "Deleted everything", "Task 3 deleted": a participle that begins the clause, or ends it after
    /// its noun.
    fn is_headline(&self, deed: &PhraseMatch, kind: Option<EffectKind>) -> bool {
        // Without its accent "changé" is "change".
        let is_order =
            |hit: &&PhraseMatch| matches!(hit.role, PhraseRole::Request(_)) && hit.at.start == deed.at.start;
        if self.hits.iter().any(is_order) {
            return false;
        }
        let before = self.words_in(0..deed.at.start).last();
        let is_last = self.words_in(deed.at.end..self.clause.text.len()).next().is_none();
        if before.is_none() {
            // "Completed tasks" heads a list, and so does "Completed" in a line of one.
            let heads_list = kind == Some(EffectKind::Completed) && (!is_last || self.clause.is_item);
            return !heads_list;
        }
        let is_named = |word: &Range<usize>| {
            let text = &self.clause.text[word.clone()];
            let names = |hit: &PhraseMatch| {
                matches!(hit.role, PhraseRole::Noun | PhraseRole::All | PhraseRole::Adverb) && hit.at == *word
            };
            text.chars().all(|c| c.is_ascii_digit()) || self.hits.iter().copied().any(names)
        };
        // "Delete all completed" is what may be asked for.
        let follows_order =
            |hit: &&PhraseMatch| matches!(hit.role, PhraseRole::Request(_)) && hit.at.start < deed.at.start;
        is_last
            && !self.clause.is_item
            && before.is_some_and(is_named)
            && !self.hits.iter().any(follows_order)
            && !self.of(PhraseRole::FunctionWord).any(|mark| mark.at.start == first_letter(&self.clause.text))
    }

    /// What makes no claim of words that look like one.
    fn void_of(&self, hit: &PhraseMatch, strength: ClaimCertainty) -> Option<PhraseRole> {
        let next = self.words_in(hit.at.end..self.clause.text.len()).next();
        let is_before = |other: &&PhraseMatch| other.at.start < hit.at.start;
        let negates = |other: &&PhraseMatch| is_before(other) || next.is_some_and(|next| *next == other.at);
        let is_joined = lexicon::is_joined(hit.language);
        // In agglutinative languages negation follows the verb, and particles occur inside other words.
        let is_near = |other: &&PhraseMatch| {
            let gap = if other.at.start < hit.at.start {
                hit.at.start.saturating_sub(other.at.end)
            } else {
                other.at.start.saturating_sub(hit.at.end)
            };
            gap <= 30
        };
        if is_joined && self.of(PhraseRole::Negation).any(|other| is_near(&other)) {
            return Some(PhraseRole::Negation);
        }
        if !is_joined && self.of(PhraseRole::Negation).any(|other| negates(&other)) {
            return Some(PhraseRole::Negation);
        }
        if self.of(PhraseRole::Condition).any(|other| is_before(&other) || is_joined) {
            return Some(PhraseRole::Condition);
        }
        let is_headline = strength == ClaimCertainty::WhenAsked;
        let is_past = self.has(PhraseRole::Past) || self.of(PhraseRole::Modal).next().is_some();
        (is_headline && is_past).then_some(PhraseRole::Past)
    }

    fn claim(
        &self,
        hit: &PhraseMatch,
        kind: Option<EffectKind>,
        strength: ClaimCertainty,
        language: usize,
    ) -> Claim {
        Claim {
            kind,
            strength,
            count: self.count(hit),
            of_all: self.has(PhraseRole::All),
            numbers: self.numbers(),
            names: self.names(hit),
            item: self.clause.is_item.then(|| self.clause.text.trim().to_owned()),
            quoted: self.clause.quoted.iter().map(|(_, name)| name.clone()).collect(),
            is_past: self.has(PhraseRole::Past),
            language,
        }
    }

    fn denial(&self, kind: Option<EffectKind>) -> Denial {
        Denial {
            kind,
            is_counted: self.is_counted(),
            numbers: self.numbers(),
            quoted: self.clause.quoted.iter().map(|(_, name)| name.clone()).collect(),
            words: self.clause.text.clone(),
        }
    }

    /// Titles that are named one after the other, when nothing else follows them but the verb: "I've
    /// deleted “Milk” and “Bread”", and not "I've deleted “Milk” and “Bread” is still open".
    fn names(&self, deed: &PhraseMatch) -> Vec<String> {
        let quoted = &self.clause.quoted;
        let (Some((first, _)), Some((last, _))) = (quoted.first(), quoted.last()) else {
            return Vec::new();
        };
        let is_enumeration = self.words_in(*first..*last).all(|word| self.is_and(word));
        let is_end = self.words_in(*last..self.clause.text.len()).all(|word| deed.at.start <= word.start);
        if is_enumeration && is_end {
            return quoted.iter().map(|(_, name)| name.clone()).collect();
        }
        Vec::new()
    }
}
