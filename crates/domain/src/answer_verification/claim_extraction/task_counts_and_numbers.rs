//! Reads how many tasks a clause speaks of, and which ones by their numbers.

use std::ops::Range;

use super::Neighbours;
use crate::answer_verification::lexicon::{PhraseMatch, PhraseRole};

/// "And" in the languages that are known, folded.
const AND: [&str; 17] =
    ["and", "und", "et", "y", "e", "en", "och", "og", "i", "и", "та", "й", "oraz", "ve", "και", "و", "dan"];

impl Neighbours<'_> {
    /// Whether a number stands right before the word for a task, wherever that is.
    pub(super) fn is_counted(&self) -> bool {
        self.words.windows(2).any(|pair| {
            let is_number = self.clause.text[pair[0].clone()].parse::<usize>().is_ok()
                || self.hits.iter().any(|hit| matches!(hit.role, PhraseRole::Number(_)) && hit.at == pair[0]);
            is_number && self.of(PhraseRole::Noun).any(|noun| noun.at == pair[1])
        })
    }

    /// How many tasks the claim speaks of: a number right before its noun, and right beside the verb or
    /// at the beginning.
    pub(super) fn count(&self, deed: &PhraseMatch) -> Option<usize> {
        let (index, number) = self.words.iter().enumerate().find_map(|(index, word)| {
            let text = &self.clause.text[word.clone()];
            let named = self.hits.iter().find_map(|hit| match hit.role {
                PhraseRole::Number(number) if hit.at == *word => Some(number),
                _ => None,
            });
            named.or_else(|| text.parse().ok()).map(|number| (index, number))
        })?;
        let next = self.words.get(index + 1)?;
        let is_noun = self.of(PhraseRole::Noun).any(|noun| noun.at == *next);
        let before = index.checked_sub(1).and_then(|before| self.words.get(before));
        let is_beside = before.is_none_or(|before| {
            let ends = |hit: &&PhraseMatch| hit.at.end == before.end;
            before.end == deed.at.end
                || self.of(PhraseRole::ActiveAuxiliary).any(|hit| ends(&hit))
                || self.of(PhraseRole::All).any(|hit| ends(&hit))
        });
        (is_noun && is_beside).then_some(number)
    }

    /// The numbers that follow the word for a task, or a `#`.
    pub(super) fn numbers(&self) -> Vec<i64> {
        let number = |word: &Range<usize>| self.clause.text[word.clone()].parse::<i64>().ok();
        let is_marked = |word: &Range<usize>| self.clause.text[..word.start].ends_with('#');
        let mut numbers = Vec::new();
        let mut last = None;
        for (index, word) in self.words.iter().enumerate() {
            let Some(number) = number(word) else { continue };
            let before = index.checked_sub(1).and_then(|before| self.words.get(before));
            let is_of_noun =
                before.is_some_and(|before| self.of(PhraseRole::Noun).any(|noun| noun.at == *before));
            // "Tasks 1, 2 and 3", and not "task 3 to 9:00".
            let goes_on = last.is_some_and(|last| self.enumerates(last, index));
            if (is_marked(word) || is_of_noun || goes_on) && !self.is_of_a_time(word) {
                numbers.push(number);
                last = Some(index);
            }
        }
        numbers
    }

    /// Whether nothing but a comma or a word for "and" stands between these two words.
    fn enumerates(&self, first: usize, second: usize) -> bool {
        let (Some(before), Some(after)) = (self.words.get(first), self.words.get(second)) else {
            return false;
        };
        let between = &self.clause.text[before.end..after.start];
        let words = || self.words_in(before.end..after.start);
        words().all(|word| self.is_and(word))
            && (words().next().is_some() || between.contains([',', '&', '#', '/', '+']))
    }

    pub(super) fn is_and(&self, word: &Range<usize>) -> bool {
        AND.contains(&&self.clause.text[word.clone()])
    }

    /// Whether a number is a part of a time of day: "9:00".
    fn is_of_a_time(&self, word: &Range<usize>) -> bool {
        let (before, after) = (&self.clause.text[..word.start], &self.clause.text[word.end..]);
        let is_digit = |c: char| c.is_ascii_digit();
        after.strip_prefix(':').is_some_and(|rest| rest.starts_with(is_digit))
            || before.strip_suffix(':').is_some_and(|rest| rest.ends_with(is_digit))
    }
}
