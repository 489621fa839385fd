//! Text search: normalises texts, so that what a person would call the same text is the same string, and
//! ranks how well a title fits a query.

use unicode_normalization::UnicodeNormalization;

use crate::text_validation::is_invisible;

/// The most words of a query that are looked for.
const MAX_WORDS: usize = 8;

/// The most characters of a word that are looked for.
const MAX_WORD_CHARACTERS: usize = 100;

/// The text in compatibility decomposition (NFKD), without accents, case and invisible characters, with
/// single spaces. Folding twice is folding once.
///
/// The marks of scripts that write vowels or other sounds with them (Devanagari, Thai, kana) stay: without
/// them these would be other words.
pub fn fold(text: &str) -> String {
    let is_kept = |c: &char| !is_accent(*c) && !is_unseen(*c);
    // Before the decomposition too, which puts marks in order: what is dropped must not stand between them.
    let letters = text.chars().filter(is_kept).nfkd().filter(is_kept);
    let mut folded = String::with_capacity(text.len());
    for c in letters.flat_map(without_case) {
        match c {
            _ if c.is_whitespace() && folded.is_empty() => {}
            _ if c.is_whitespace() && folded.ends_with(' ') => {}
            _ if c.is_whitespace() => folded.push(' '),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' => folded.push('d'),
            // What telephones and word processors type for ' and " and -.
            '‘' | '’' | 'ʼ' => folded.push('\''),
            '“' | '”' => folded.push('"'),
            '‐'..='―' | '−' => folded.push('-'),
            _ => folded.push(c),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

/// The folded words of a query: the first 8, of up to 100 characters each.
pub fn words(query: &str) -> Vec<String> {
    let shortened = |word: &str| word.chars().take(MAX_WORD_CHARACTERS).collect();
    fold(query).split(' ').filter(|word| !word.is_empty()).take(MAX_WORDS).map(shortened).collect()
}

/// The pattern with which SQL's `LIKE` finds `word` anywhere, its own wildcards escaped by a backslash.
pub fn like_pattern(word: &str) -> String {
    let mut pattern = String::from("%");
    for c in word.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// How well a text fits a query; the greater one fits better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rank {
    /// At least one word occurs only outside of the title.
    Elsewhere,
    /// Every word occurs in the title, at least one of them only as a part of a word.
    PartOfTitle,
    /// Every word is a word of the title.
    WordsOfTitle,
    /// The title begins with the query.
    BeginningOfTitle,
    /// The title is the query.
    WholeTitle,
}

/// How well a text with this title, and `rest` for all that is not the title, fits the folded `words`; `None`
/// when one of them occurs nowhere.
pub fn rank(title: &str, rest: &str, words: &[String]) -> Option<Rank> {
    let (title, query) = (fold(title), words.join(" "));
    let mut words = words.iter().map(String::as_str);
    if words.clone().all(|word| title.contains(word)) {
        return Some(if query.is_empty() {
            Rank::Elsewhere
        } else if title == query {
            Rank::WholeTitle
        } else if title.starts_with(&query) {
            Rank::BeginningOfTitle
        } else if words.all(|word| is_word_of(&title, word)) {
            Rank::WordsOfTitle
        } else {
            Rank::PartOfTitle
        });
    }
    let rest = fold(rest);
    words.all(|word| title.contains(word) || rest.contains(word)).then_some(Rank::Elsewhere)
}

/// Whether `word` stands in `text` with no letter or digit joined to it.
fn is_word_of(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + word.len()..]);
        !before.ends_with(char::is_alphanumeric) && !after.starts_with(char::is_alphanumeric)
    })
}

/// A combining mark of no script, or of one whose letters are the same without it: Unicode's blocks
/// Combining Diacritical Marks (with Extended, Supplement, for Symbols, and Half Marks), the marks of
/// Cyrillic, Hebrew, Arabic and Syriac, and the stroke that stretches Arabic words (U+0640).
fn is_accent(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36F}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5BD}' | '\u{5BF}' | '\u{5C1}'..='\u{5C2}'
        | '\u{5C4}'..='\u{5C5}' | '\u{5C7}' | '\u{610}'..='\u{61A}' | '\u{640}' | '\u{64B}'..='\u{65F}'
        | '\u{670}' | '\u{6D6}'..='\u{6DC}' | '\u{6DF}'..='\u{6E4}' | '\u{6E7}'..='\u{6E8}'
        | '\u{6EA}'..='\u{6ED}' | '\u{711}' | '\u{730}'..='\u{74A}' | '\u{8CA}'..='\u{8E1}'
        | '\u{8E3}'..='\u{8FF}' | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}'
        | '\u{FE20}'..='\u{FE2F}')
}

fn is_unseen(c: char) -> bool {
    is_invisible(c) || (c.is_control() && !c.is_whitespace())
}

/// Full case folding of a decomposed character: `ẞ` and `ß` are `ss`, `ς` is `σ`, and `ı` is `i`.
fn without_case(c: char) -> impl Iterator<Item = char> {
    c.to_lowercase().flat_map(char::to_uppercase).flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests;
