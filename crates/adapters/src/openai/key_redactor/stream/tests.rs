use proptest::prelude::*;

use super::*;

const KEY: &str = "sk-proj-0123456789-abcdef";

fn redacted(key: &str, pieces: &[&str]) -> String {
    let mut redactor = StreamRedactor::new(&key.into());
    let mut clean: String = pieces.iter().map(|piece| redactor.push(piece)).collect();
    clean += &redactor.finish();
    clean
}

#[test]
fn a_key_is_hidden_wherever_it_is_cut() {
    let said = format!("Bearer {KEY}{KEY} \u{e4}sk-proj-{KEY}? s{KEY}");
    let expected = "Bearer …… \u{e4}sk-proj-…? s…";
    for first in (0..=said.len()).filter(|&at| said.is_char_boundary(at)) {
        for second in (first..=said.len()).filter(|&at| said.is_char_boundary(at)) {
            let pieces = [&said[..first], &said[first..second], &said[second..]];
            assert_eq!(redacted(KEY, &pieces), expected, "cut at {first} and {second}");
        }
    }
    assert_eq!(redacted(KEY, &[&KEY.to_uppercase()]), "…");
}

#[test]
fn half_a_key_is_hidden_as_well_and_a_few_letters_are_not() {
    for length in 0..KEY.len() {
        let outcome = &KEY[..length];
        let expected = if length < ENOUGH_OF_IT { outcome } else { "…" };
        assert_eq!(redacted(KEY, &[outcome]), expected);
        assert_eq!(redacted(KEY, &[outcome, "***"]), format!("{expected}***"));
    }
}

#[test]
fn words_are_handed_out_as_soon_as_they_cannot_become_the_key() {
    let mut redactor = StreamRedactor::new(&KEY.into());
    let pieces = [("Milk", "Milk"), ("s", ""), ("k", ""), ("-pro", ""), ("s", "sk-pro"), (" and", "s and")];
    for (piece, expected) in pieces {
        assert_eq!(redactor.push(piece), expected);
    }
}

#[test]
fn short_keys_and_placeholders_hide_no_words() {
    for key in
        ["", "a", "none", "EMPTY", "ollama", "sk-1234", "stand-in", "lm-studio", "not-needed", "password"]
    {
        let said = format!("I say {key} and {key}.");
        assert_eq!(redacted(key, &[&said]), said);
    }
    for key in ["secret123", "abcdefghijklmnop"] {
        assert_eq!(redacted(key, &[&format!("Bearer {key}.")]), "Bearer ….");
    }
}

proptest! {
    #[test]
    fn no_cut_shows_a_key_or_changes_other_words(
        parts in proptest::collection::vec(prop_oneof![Just(KEY.to_owned()), "[ a-z\u{e4}]{0,6}", "(s|sk|sk-|sk-p|s{3}k){1,3}"], 0..8),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let said = parts.concat();
        let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(said.len() + 1)).filter(|&at| said.is_char_boundary(at)).collect();
        places.extend([0, said.len()]);
        places.sort_unstable();
        let mut redactor = StreamRedactor::new(&KEY.into());
        let mut clean = String::new();
        for ends in places.windows(2) {
            clean += &redactor.push(&said[ends[0]..ends[1]]);
            prop_assert!(KEY.starts_with(&redactor.held) && redactor.held.len() < KEY.len());
        }
        clean += &redactor.finish();
        prop_assert_eq!(clean, said.replace(KEY, "…"));
    }
}
