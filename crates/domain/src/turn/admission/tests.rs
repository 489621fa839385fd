//! Every combination of facts, against tables that are written out: each combination must be in
//! exactly one row.

use super::*;

const BOTH: [bool; 2] = [false, true];
const LIVE: TurnState = TurnState::Running { is_leased: true };
const DEAD: TurnState = TurnState::Running { is_leased: false };
const EARLIER: [Option<EarlierEnding>; 3] =
    [None, Some(EarlierEnding::Answered), Some(EarlierEnding::Failed)];
const STATES: [TurnState; 4] = [LIVE, DEAD, TurnState::Answered, TurnState::Failed];

/// Every combination of what can be known of a turn.
fn turns() -> Vec<TurnFacts> {
    let mut turns = Vec::new();
    for state in STATES {
        for attempt in 1..=MAX_ATTEMPTS + 1 {
            for has_new_steps in BOTH {
                for earlier_ending in EARLIER {
                    for is_first in BOTH {
                        turns.push(TurnFacts { state, attempt, has_new_steps, earlier_ending, is_first });
                    }
                }
            }
        }
    }
    turns
}

/// A row of a table: of which facts it speaks, and what is decided about them.
type Row<Facts> = (fn(&Facts) -> bool, AdmissionDecision);

#[track_caller]
fn assert_table<Facts: std::fmt::Debug>(
    table: &[Row<Facts>],
    combinations: Vec<Facts>,
    decide: impl Fn(&Facts) -> AdmissionDecision,
) {
    let mut used = vec![false; table.len()];
    for facts in combinations {
        let rows: Vec<usize> = (0..table.len()).filter(|row| table[*row].0(&facts)).collect();
        assert_eq!(rows.len(), 1, "{facts:?} is in rows {rows:?}");
        assert_eq!(decide(&facts), table[rows[0]].1, "{facts:?}, row {}", rows[0]);
        used[rows[0]] = true;
    }
    assert!(used.iter().all(|used| *used), "rows without a combination: {used:?}");
}

fn then(admission: Admission) -> AdmissionDecision {
    AdmissionDecision { close_first: None, then: admission }
}

fn closing(unanswered: EndingWithoutAnswer, admission: Admission) -> AdmissionDecision {
    AdmissionDecision { close_first: Some(unanswered), then: admission }
}

#[test]
fn a_turn_that_nobody_answers_ends_by_what_it_has_done() {
    for turn in turns() {
        let expected = match (turn.has_new_steps, turn.earlier_ending.is_some(), turn.is_first) {
            (true, true | false, true | false) => EndingWithoutAnswer::Fail,
            (false, true, true | false) => EndingWithoutAnswer::Restore,
            (false, false, true) => EndingWithoutAnswer::RemoveConversation,
            (false, false, false) => EndingWithoutAnswer::Remove,
        };
        assert_eq!(turn.ending_without_answer(), expected, "{turn:?}");
    }
}

/// Whether another answer was asked for, and has done nothing.
fn is_untouched_other_answer(turn: &TurnFacts) -> bool {
    !turn.has_new_steps && turn.earlier_ending == Some(EarlierEnding::Answered)
}

#[test]
fn a_recorded_turn_is_continued_or_replayed() {
    type Recorded = (TurnFacts, FoundBy, bool);
    use FoundBy::{Id, Key, KeyWithOtherBody};
    let table: [Row<Recorded>; 9] = [
        (|(_, by, _)| *by == KeyWithOtherBody, then(Admission::Reject(Rejection::KeyReused))),
        (
            |(turn, by, _)| *by == Id && matches!(turn.state, TurnState::Running { .. }),
            then(Admission::Continue(Continuation::Resume)),
        ),
        (
            |(turn, by, _)| *by == Key && turn.state == LIVE,
            then(Admission::Reject(Rejection::SameKeyRunning)),
        ),
        (
            |(turn, by, _)| *by == Key && turn.state == DEAD && turn.attempt <= 2,
            then(Admission::Continue(Continuation::TakeOver)),
        ),
        (
            |(turn, by, _)| {
                *by == Key && turn.state == DEAD && turn.attempt >= 3 && !is_untouched_other_answer(turn)
            },
            closing(EndingWithoutAnswer::Fail, Admission::Replay),
        ),
        (
            |(turn, by, _)| {
                *by == Key && turn.state == DEAD && turn.attempt >= 3 && is_untouched_other_answer(turn)
            },
            closing(EndingWithoutAnswer::Restore, Admission::Reject(Rejection::Abandoned)),
        ),
        (
            |(turn, by, is_newest)| {
                *by != KeyWithOtherBody && turn.state == TurnState::Failed && turn.attempt <= 2 && *is_newest
            },
            then(Admission::Continue(Continuation::ReopenAfterFailure)),
        ),
        (
            |(turn, by, is_newest)| {
                *by != KeyWithOtherBody
                    && turn.state == TurnState::Failed
                    && (turn.attempt >= 3 || !*is_newest)
            },
            then(Admission::Replay),
        ),
        (
            |(turn, by, _)| *by != KeyWithOtherBody && turn.state == TurnState::Answered,
            then(Admission::Replay),
        ),
    ];
    let mut combinations = Vec::new();
    for turn in turns() {
        for found_by in [Id, Key, KeyWithOtherBody] {
            combinations.extend(BOTH.map(|is_newest| (turn, found_by, is_newest)));
        }
    }
    assert_table(&table, combinations, |(turn, found_by, is_newest)| {
        resume_or_replay(*turn, *found_by, *is_newest)
    });
}

#[test]
fn a_new_turn_starts_where_nothing_runs() {
    assert_eq!(reject_used_key(UsedKey::InDeletedConversation), Rejection::NoSuchConversation);
    assert_eq!(reject_used_key(UsedKey::ForAnother), Rejection::KeyReused);
    assert_eq!(begin(None), Ok(None));
    for turn in turns().into_iter().filter(|turn| matches!(turn.state, TurnState::Running { .. })) {
        let expected = match (turn.state == LIVE, turn.has_new_steps, turn.earlier_ending) {
            (true, ..) => Err(Rejection::ConversationBusy { is_first: turn.is_first }),
            (false, true, _) => Ok(Some(EndingWithoutAnswer::Fail)),
            (false, false, Some(_)) => Ok(Some(EndingWithoutAnswer::Restore)),
            (false, false, None) => Ok(Some(EndingWithoutAnswer::Remove)),
        };
        assert_eq!(begin(Some(turn)), expected, "{turn:?}");
    }
}

#[test]
fn another_answer_is_given_to_the_newest_turn_that_remains() {
    use TargetPosition::{BeforeNewest, Elsewhere, Newest};
    let again = Admission::Continue(Continuation::ReopenForAnotherAnswer);
    let anew = Admission::Continue(Continuation::BeginAnew);
    let nothing = Admission::Reject(Rejection::NothingToRegenerate);
    let no_conversation = regenerate(None);
    assert_eq!(no_conversation, then(Admission::Reject(Rejection::NoSuchConversation)));
    let busy = |is_first| then(Admission::Reject(Rejection::ConversationBusy { is_first }));
    let table: [Row<RegenerateFacts>; 11] = [
        (|facts| facts.newest.state == LIVE && facts.newest.is_first, busy(true)),
        (|facts| facts.newest.state == LIVE && !facts.newest.is_first, busy(false)),
        (|facts| has_end(facts) && facts.target == Newest, then(again)),
        (|facts| has_end(facts) && facts.target != Newest, then(nothing)),
        (
            |facts| closes(facts, EndingWithoutAnswer::Fail) && facts.target == Newest,
            closing(EndingWithoutAnswer::Fail, again),
        ),
        (
            |facts| closes(facts, EndingWithoutAnswer::Fail) && facts.target != Newest,
            closing(EndingWithoutAnswer::Fail, nothing),
        ),
        (
            |facts| closes(facts, EndingWithoutAnswer::Restore) && facts.target == Newest,
            closing(EndingWithoutAnswer::Restore, again),
        ),
        (
            |facts| closes(facts, EndingWithoutAnswer::Restore) && facts.target != Newest,
            closing(EndingWithoutAnswer::Restore, nothing),
        ),
        (
            |facts| closes(facts, EndingWithoutAnswer::Remove) && facts.target == BeforeNewest,
            closing(EndingWithoutAnswer::Remove, again),
        ),
        (|facts| closes(facts, EndingWithoutAnswer::Remove) && facts.target == Newest, then(anew)),
        (
            |facts| closes(facts, EndingWithoutAnswer::Remove) && facts.target == Elsewhere,
            closing(EndingWithoutAnswer::Remove, nothing),
        ),
    ];
    let mut combinations = Vec::new();
    for newest in turns() {
        for target in [Newest, BeforeNewest, Elsewhere] {
            // There is no turn before the first one.
            if !(newest.is_first && target == BeforeNewest) {
                combinations.push(RegenerateFacts { newest, target, edit_freshness: EditFreshness::Current });
            }
        }
    }
    let (opening, later): (Vec<_>, Vec<_>) =
        combinations.into_iter().partition(|facts| closes(facts, EndingWithoutAnswer::RemoveConversation));
    assert!(!opening.is_empty());
    for facts in opening {
        let expected = match facts.target {
            Newest => then(anew),
            BeforeNewest | Elsewhere => closing(EndingWithoutAnswer::Remove, nothing),
        };
        assert_eq!(regenerate(Some(facts)), expected, "{facts:?}");
    }
    assert_table(&table, later, |facts| regenerate(Some(*facts)));
}

#[test]
fn no_request_that_names_a_conversation_removes_it() {
    let decisions = turns().into_iter().flat_map(|newest| {
        let another = [TargetPosition::Newest, TargetPosition::BeforeNewest, TargetPosition::Elsewhere]
            .into_iter()
            .flat_map(move |target| {
                [EditFreshness::Current, EditFreshness::Repeated, EditFreshness::Outdated].map(
                    |edit_freshness| regenerate(Some(RegenerateFacts { newest, target, edit_freshness })),
                )
            });
        let decided = another
            .chain([resume_or_replay(newest, FoundBy::Key, true)])
            .map(|decision| decision.close_first);
        decided.chain([begin(Some(newest)).unwrap_or_default()])
    });
    for close_first in decisions {
        assert_ne!(close_first, Some(EndingWithoutAnswer::RemoveConversation));
    }
}

#[test]
fn an_edit_that_was_made_before_is_found_as_under_a_key() {
    for newest in turns() {
        let facts = |target| RegenerateFacts { newest, target, edit_freshness: EditFreshness::Repeated };
        let found = resume_or_replay(newest, FoundBy::Key, true);
        assert_eq!(regenerate(Some(facts(TargetPosition::Newest))), found, "{newest:?}");
        let other =
            RegenerateFacts { edit_freshness: EditFreshness::Current, ..facts(TargetPosition::Elsewhere) };
        assert_eq!(regenerate(Some(facts(TargetPosition::Elsewhere))), regenerate(Some(other)), "{newest:?}");
    }
}

#[test]
fn an_edit_of_words_that_were_replaced_since_is_refused() {
    for newest in turns() {
        let facts = |target| RegenerateFacts { newest, target, edit_freshness: EditFreshness::Outdated };
        let refused = reject(Rejection::NothingToRegenerate);
        assert_eq!(regenerate(Some(facts(TargetPosition::Newest))), refused, "{newest:?}");
        let other =
            RegenerateFacts { edit_freshness: EditFreshness::Current, ..facts(TargetPosition::Elsewhere) };
        assert_eq!(regenerate(Some(facts(TargetPosition::Elsewhere))), regenerate(Some(other)), "{newest:?}");
    }
}

#[test]
fn words_are_compared_with_those_on_record() {
    let words = |text: &str| UserMessage::parse(text).unwrap();
    let (old, new, other) = (words("old"), words("new"), words("other"));
    let edit = |previous| Some(Edit { text: &new, previous });
    for (edit, said, before, expected) in [
        (None, "old", None, EditFreshness::Current),
        (edit(None), "old", None, EditFreshness::Current),
        (edit(None), "new", Some("old"), EditFreshness::Repeated),
        (edit(Some(&old)), "old", None, EditFreshness::Current),
        (edit(Some(&old)), "new", None, EditFreshness::Repeated),
        (edit(Some(&old)), "other", None, EditFreshness::Outdated),
        (edit(Some(&old)), "other", Some("old"), EditFreshness::Current),
        (edit(Some(&other)), "old", None, EditFreshness::Outdated),
    ] {
        assert_eq!(EditFreshness::compare(edit, said, before), expected, "{edit:?} of {said} ({before:?})");
    }
}

fn has_end(facts: &RegenerateFacts) -> bool {
    matches!(facts.newest.state, TurnState::Answered | TurnState::Failed)
}

fn closes(facts: &RegenerateFacts, unanswered: EndingWithoutAnswer) -> bool {
    facts.newest.state == DEAD && facts.newest.ending_without_answer() == unanswered
}

#[test]
fn attempts_are_counted_from_what_a_person_asked_for() {
    let after = |why: Continuation| [1, 2].map(|attempt| why.attempt_after(attempt));
    assert_eq!(after(Continuation::Resume), [1, 2]);
    assert_eq!(after(Continuation::TakeOver), [2, 3]);
    assert_eq!(after(Continuation::ReopenAfterFailure), [2, 3]);
    assert_eq!(after(Continuation::ReopenForAnotherAnswer), [1, 1]);
    assert_eq!(after(Continuation::BeginAnew), [1, 1]);
    assert!(!Continuation::Resume.ends_earlier_work() && !Continuation::TakeOver.ends_earlier_work());
}
