//! When the buffer lets words through, and when it holds them back.

use super::*;

/// What a buffer lets through, piece by piece, and whether the whole is honest.
fn shown(said: &str, calls: &[ExecutedCall], pieces: &[&str]) -> (Vec<String>, AnswerVerification) {
    let history = messages(TURN, said, calls);
    let evidence = Evidence::new(TURN, &history, calls, false);
    let mut buffer = HoldbackBuffer::new(&evidence);
    let shown = pieces.iter().map(|piece| buffer.push((*piece).to_owned()).concat()).collect();
    let verification = buffer.verification(&pieces.concat());
    (shown, verification)
}

#[test]
fn words_without_a_claim_pass_at_once() {
    let pieces = ["Each ", "word ", "comes ", "by ", "itself"];
    assert_eq!(shown("Hi", &[], &pieces).0, pieces);
}

#[test]
fn a_claim_waits_for_the_end_of_its_sentence() {
    let added = [done("add_task", 1, "Milk")];
    let (pieces, verification) = shown("Add milk", &added, &["I've ", "added ", "milk. ", "Anything else?"]);
    assert_eq!(pieces, ["", "", "I've added milk. ", "Anything else?"]);
    assert_eq!(verification, AnswerVerification::Honest);
}

#[test]
fn nothing_of_a_denial_is_shown() {
    let added = [done("add_task", 1, "Milk")];
    let (shown, verification) = shown("Add milk", &added, &["Nothing ", "was ", "added. ", "Sorry. "]);
    assert!(shown.iter().all(String::is_empty), "{shown:?}");
    assert_eq!(verification, AnswerVerification::False);
}

#[test]
fn where_nothing_was_asked_for_a_claim_waits_from_its_verb_on() {
    let (shown, verification) = shown("Hi", &[], &["By the way, ", "I've ", "deleted ", "all. "]);
    assert_eq!(shown, ["By the way, ", "I've ", "", ""]);
    assert_eq!(verification, AnswerVerification::False);
}

#[test]
fn no_part_of_a_false_claim_is_streamed_when_a_change_was_requested() {
    let pieces = ["Sure! ", "I've ", "deleted ", "everything. ", "Have a nice day, and ", "good bye! "];
    let (shown, verification) = shown("Delete everything", &[], &pieces);
    assert!(shown.iter().all(String::is_empty), "{shown:?}");
    assert_eq!(verification, AnswerVerification::False);
}

#[test]
fn an_honest_answer_to_a_request_comes_sentence_by_sentence() {
    let pieces = ["Which ", "of ", "them ", "do you mean? ", "There are ", "two of them.\n", "1. Milk"];
    let (shown, verification) = shown("Delete the task", &[], &pieces);
    assert_eq!(shown, ["", "", "", "Which of them do you mean? ", "", "There are two of them.\n", ""]);
    assert_eq!(verification, AnswerVerification::Honest);
}

#[test]
fn empty_lines_are_passed_over() {
    let pieces = ["All of it: \n\n\n", "- milk\r\n", "\n- honey. \n\n Good. \n", "\n"];
    let calls = [done("add_task", 1, "Milk")];
    assert_eq!(shown("Hi", &[], &pieces).0.concat(), pieces.concat());
    assert_eq!(shown("Add milk", &calls, &pieces).0.concat(), pieces.concat());
}

#[test]
fn an_unknown_language_waits_where_it_matters() {
    let pieces = ["Nimefuta ", "kazi ", "zote. ", "Karibu tena."];
    assert!(shown("Futa kazi zote tafadhali", &[], &pieces).0.iter().all(String::is_empty));
    assert_eq!(shown("Hello there", &[], &pieces).0, pieces);
}

/// What is done for a reply must be in proportion to it: a server has to answer others meanwhile.
#[test]
fn a_reply_is_read_in_proportion_to_its_length() {
    let added = [done("add_task", 1, "Milk")];
    let bytes_read = |said: &str, calls: &[ExecutedCall], piece: &str, count: usize| {
        let history = messages(TURN, said, calls);
        let evidence = Evidence::new(TURN, &history, calls, false);
        let mut buffer = HoldbackBuffer::new(&evidence);
        for _ in 0..count {
            buffer.push(piece.to_owned());
        }
        buffer.bytes_read()
    };
    for (said, calls, piece) in [
        ("Hi", &[][..], "word "),
        ("Hi", &[], "I deleted "),
        ("Hi", &[], "This is a sentence. "),
        ("Hi", &[], "..."),
        ("Add milk", &added, "and "),
        ("Delete the task", &[], "Which one? "),
        ("Delete the task", &[], "\n"),
        ("Delete the task", &[], "word "),
        ("Futa kazi zote tafadhali", &[], "Karibu tena sana rafiki. "),
        ("Futa kazi zote tafadhali", &[], "karibu "),
    ] {
        let [short, long] = [500, 2_000].map(|count| bytes_read(said, calls, piece, count));
        assert!(short > 0 && long <= 5 * short, "{said:?} {piece:?}: {short} bytes, then {long}");
    }
}
