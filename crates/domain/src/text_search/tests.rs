use proptest::prelude::*;
use unicode_normalization::char::is_combining_mark;

use super::*;

#[test]
fn what_a_person_calls_the_same_is_the_same() {
    for (one, other, folded) in [
        ("caf\u{E9}", "CAFE\u{301}", "cafe"),
        ("na\u{EF}ve", "naive", "naive"),
        ("\u{C5}ngstr\u{F6}m", "\u{212B}ngstrom", "angstrom"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος", "σισυφοσ"),
        ("STRASSE", "straße", "strasse"),
        ("STRAẞE", "Straſse", "strasse"),
        ("İstanbul", "istanbul", "istanbul"),
        ("ISTANBUL", "ıstanbul", "istanbul"),
        ("ﬁnd", "FIND", "find"),
        ("eﬃcient", "EFFICIENT", "efficient"),
        ("Ǆungla", "ǆungla", "dzungla"),
        ("ǅungla", "džungla", "dzungla"),
        ("Ærø", "aero", "aero"),
        ("Œuvre", "oeuvre", "oeuvre"),
        ("Łódź", "lodz", "lodz"),
        ("Đà Nẵng", "da nang", "da nang"),
        ("Vie\u{302}\u{323}t", "Vi\u{1EC7}t", "viet"),
        ("Vie\u{323}\u{302}t", "VIET", "viet"),
        ("ọ\u{301}ọ\u{300}", "oo", "oo"),
        (
            "\u{D55C}\u{AE00}",
            "\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF}",
            "\u{1112}\u{1161}\u{11AB}\u{1100}\u{1173}\u{11AF}",
        ),
        ("مُحَمَّد", "محمد", "محمد"),
        ("كتـــاب", "كتاب", "كتاب"),
        ("أحمد", "احمد", "احمد"),
        ("שָׁלוֹם", "שלום", "שלום"),
        ("ёлка", "ЕЛКА", "елка"),
        ("ＢＵＹ　ｍｉｌｋ", "buy milk", "buy milk"),
        ("ｶﾞ", "ガ", "カ\u{3099}"),
        ("①②", "12", "12"),
        ("don’t", "DON'T", "don't"),
        ("“x” – y", "\"x\" - y", "\"x\" - y"),
        (" buy\t\n milk\u{A0}", "Buy  Milk", "buy milk"),
        ("mi\u{AD}lk\u{200B}", "\u{FEFF}milk\0", "milk"),
        ("❤\u{FE0F}", "❤", "❤"),
        ("ᏣᎳᎩ", "ꮳꮃꭹ", "ꮳꮃꭹ"),
        ("\u{A8}", "", ""),
    ] {
        assert_eq!(fold(one), folded, "{one:?}");
        assert_eq!(fold(other), folded, "{other:?}");
    }
}

#[test]
fn what_is_another_word_stays_another_word() {
    for (one, other) in [
        ("milk", "silk"),
        ("कि", "का"),
        ("ตา", "ตี"),
        ("かき", "かぎ"),
        ("100%", "100"),
        ("a b", "ab"),
        ("c++", "c"),
        ("👍", "👎"),
    ] {
        assert_ne!(fold(one), fold(other), "{one} {other}");
    }
}

#[test]
fn every_character_has_one_form_whatever_its_case() {
    for c in '\0'..=char::MAX {
        let folded = fold(&c.to_string());
        assert_eq!(fold(&folded), folded, "{c:?}");
        // An iota below a vowel is an accent, and only its capital is a letter.
        if c != '\u{345}' && !c.nfkd_has('\u{345}') {
            assert_eq!(fold(&c.to_uppercase().to_string()), folded, "{c:?}");
            assert_eq!(fold(&c.to_lowercase().to_string()), folded, "{c:?}");
        }
        assert!(!folded.chars().any(|c| is_unseen(c) || is_accent(c)), "{c:?}");
    }
}

trait NfkdHas {
    fn nfkd_has(self, part: char) -> bool;
}

impl NfkdHas for char {
    fn nfkd_has(self, part: char) -> bool {
        std::iter::once(self).nfkd().any(|c| c == part)
    }
}

/// No letter of its own is taken for an accent.
#[test]
fn accents_are_marks() {
    for c in ('\0'..=char::MAX).filter(|c| is_accent(*c) && *c != '\u{640}') {
        let is_assigned = unicode_normalization::char::canonical_combining_class(c) != 0;
        assert!(is_combining_mark(c) || !is_assigned, "{c:?}");
        assert!(!c.is_alphanumeric() || is_combining_mark(c), "{c:?}");
    }
}

#[test]
fn a_query_is_its_first_words() {
    assert_eq!(words("  Café  AU lait "), ["cafe", "au", "lait"]);
    assert_eq!(words("\u{200B} \n"), [""; 0]);
    assert_eq!(words("1 2 3 4 5 6 7 8 9 10").len(), 8);
    assert_eq!(words(&"ß".repeat(80)), ["s".repeat(100)]);
}

#[test]
fn wildcards_are_looked_for_as_themselves() {
    assert_eq!(like_pattern("milk"), "%milk%");
    assert_eq!(like_pattern("100%"), r"%100\%%");
    assert_eq!(like_pattern(r"a_b\c"), r"%a\_b\\c%");
}

#[test]
fn a_title_is_ranked_by_how_much_of_it_is_meant() {
    let rank = |title, query| rank(title, "Description: at the Shop, 50% off", &words(query));
    for (title, query, expected) in [
        ("Buy milk", "BUY  milk", Some(Rank::WholeTitle)),
        ("Café", "cafe", Some(Rank::WholeTitle)),
        ("Buy milk and bread", "buy mil", Some(Rank::BeginningOfTitle)),
        ("Buy oat milk", "milk buy", Some(Rank::WordsOfTitle)),
        ("Buy (oat) milk!", "milk oat", Some(Rank::WordsOfTitle)),
        ("Buy milkshake, then milk", "milk", Some(Rank::WordsOfTitle)),
        ("Buy milkshake", "milk", Some(Rank::PartOfTitle)),
        ("Buy milkshake", "milk buy", Some(Rank::PartOfTitle)),
        ("Buy milk", "shop", Some(Rank::Elsewhere)),
        ("Buy milk", "milk shop", Some(Rank::Elsewhere)),
        ("Buy milk", "50%", Some(Rank::Elsewhere)),
        ("Give 100%", "100%", Some(Rank::WordsOfTitle)),
        ("Give 100", "100%", None),
        ("Buy milk", "bread", None),
        ("Buy milk", "milk bread", None),
        ("Buy milk", "", Some(Rank::Elsewhere)),
    ] {
        assert_eq!(rank(title, query), expected, "{title:?} {query:?}");
    }
    let best_first =
        [Rank::WholeTitle, Rank::BeginningOfTitle, Rank::WordsOfTitle, Rank::PartOfTitle, Rank::Elsewhere];
    assert!(best_first.is_sorted_by(|a, b| a > b));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(2000) })]

    #[test]
    fn folding_is_done_once_and_for_every_spelling(text in any_text()) {
        let folded = fold(&text);
        prop_assert_eq!(&fold(&folded), &folded);
        prop_assert_eq!(&fold(&text.nfc().collect::<String>()), &folded);
        prop_assert_eq!(&fold(&text.nfd().collect::<String>()), &folded);
        prop_assert!(!folded.contains("  ") && folded.trim() == folded);
    }

    #[test]
    fn a_text_is_found_by_its_own_words(text in any_text(), rest in any_text()) {
        let query = words(&text);
        prop_assert!(query.iter().all(|word| !word.is_empty() && word.chars().count() <= 100));
        prop_assert!(rank(&text, &rest, &query).is_some());
        prop_assert!(rank(&rest, &text, &query).is_some());
    }
}

/// Text with many marks, invisible characters and spaces between letters of several scripts.
fn any_text() -> impl Strategy<Value = String> {
    let mark = prop::sample::select(vec![
        '\u{301}', '\u{323}', '\u{34F}', '\u{345}', '\u{3099}', '\u{E38}', '\u{94D}', '\u{5B0}', '\u{488}',
        '\u{64B}', '\u{200D}', '\u{FE0F}', '\u{1160}', '\u{11A8}', ' ', '\u{3000}', '\0',
    ]);
    prop::collection::vec(prop_oneof![any::<char>(), mark, prop::char::range('a', 'z')], 0..20)
        .prop_map(|chars| chars.into_iter().collect())
}
