mod properties;

use chrono::DateTime;

use super::*;
use crate::{request_channel::ChannelKind, tags::Tags, testing::sample_todo, todo::TodoTitle};

fn task(number: i64, title: &str, revision: i64) -> Todo {
    Todo { revision, ..sample_todo(number, title) }
}

/// A log of one task, its changes numbered from 1: the titles that it had, or none when it was not there.
fn log(titles: &[Option<&str>]) -> Vec<LoggedChange> {
    let mut revision = 0;
    let mut before: Option<Todo> = None;
    let mut log = Vec::new();
    for (id, title) in (1..).zip(titles) {
        revision += i64::from(title.is_some());
        let after = title.map(|title| task(7, title, revision));
        log.push(LoggedChange {
            id: ChangeId(id),
            number: TaskNumber(7),
            before: before.clone(),
            after: after.clone(),
            channel: ChannelKind::Rest,
            turn: None,
            conversation: None,
            program: None,
            at: DateTime::UNIX_EPOCH,
            undoes: Vec::new(),
            undone_by: None,
        });
        before = after;
    }
    log
}

/// What is decided about undoing these changes of a log, when the task is as its last change left it.
fn decided(log: &[LoggedChange], ids: &[i64]) -> Result<UndoPlan, UndoError<ChangeId>> {
    let present = log.last().and_then(|change| change.after.clone());
    decided_with(log, ids, present)
}

fn decided_with(
    log: &[LoggedChange],
    ids: &[i64],
    present: Option<Todo>,
) -> Result<UndoPlan, UndoError<ChangeId>> {
    let facts = UndoFacts {
        asked: log.iter().filter(|change| ids.contains(&change.id.0)).cloned().collect(),
        log: log.iter().map(LogEntry::from).collect(),
        present: present.map(|todo| (todo.number, todo)).into_iter().collect(),
    };
    decide(&facts, false)
}

fn title_of(plan: &UndoPlan) -> Option<&str> {
    plan.writes[0].becomes.as_ref().map(|todo| todo.title.as_str())
}

#[test]
fn several_changes_of_a_task_fold_into_one() {
    let log = log(&[Some("a"), Some("b"), Some("c")]);
    let plan = decided(&log, &[2, 3]).unwrap();
    assert_eq!((plan.writes.len(), title_of(&plan)), (1, Some("a")));
    assert_eq!(plan.writes[0].undoes, [ChangeId(2), ChangeId(3)]);
    assert_eq!(plan.writes[0].becomes.as_ref().map(|todo| todo.revision), Some(4), "versions go on");
    assert_eq!(title_of(&decided(&log, &[1, 2, 3]).unwrap()), None, "it was not there before");
}

#[test]
fn a_deleted_task_comes_back_with_the_version_after_its_last() {
    let log = log(&[Some("a"), Some("b"), None]);
    let plan = decided(&log, &[3]).unwrap();
    assert_eq!(plan.writes[0].becomes, Some(task(7, "b", 3)));
    assert_eq!((plan.list_growth(&BTreeMap::new()), plan.adds_text()), (1, true));
}

#[test]
fn a_task_that_was_added_and_deleted_again_is_nothing_to_undo() {
    let log = log(&[Some("a"), None]);
    assert_eq!(decided(&log, &[1, 2]), Err(UndoError::NothingToUndo));
    assert_eq!(decided(&log, &[]), Err(UndoError::NothingToUndo));
}

#[test]
fn what_was_changed_since_is_not_overwritten() {
    let reasons = [
        (log(&[Some("a"), Some("b"), Some("c")]), ConflictReason::Changed, 3),
        (log(&[Some("a"), Some("b"), None]), ConflictReason::Deleted, 3),
        (log(&[Some("a"), None, Some("c")]), ConflictReason::Restored, 3),
    ];
    for (log, reason, since) in reasons {
        let Err(UndoError::Conflict(conflicts)) = decided(&log, &[2]) else { panic!("{reason:?}") };
        let [conflict] = conflicts.as_slice() else { panic!("{conflicts:?}") };
        assert_eq!((conflict.reason, conflict.since), (reason, Some(ChangeId(since))));
    }
    // In between of what is to be undone: it would be lost.
    let log = log(&[Some("a"), Some("b"), Some("c"), Some("d")]);
    assert!(matches!(decided(&log, &[2, 4]), Err(UndoError::Conflict(_))));
}

#[test]
fn what_is_not_on_record_is_not_overwritten_either() {
    let log = log(&[Some("a"), Some("b")]);
    for present in [Some(task(7, "b", 3)), None] {
        let Err(UndoError::Conflict(conflicts)) = decided_with(&log, &[2], present) else { panic!() };
        assert_eq!(conflicts[0].since, None);
    }
}

/// The log with one more change, which takes some back.
fn and_undone(mut log: Vec<LoggedChange>, undoes: &[i64]) -> Vec<LoggedChange> {
    let plan = decided(&log, undoes).unwrap();
    let write = &plan.writes[0];
    let id = ChangeId(i64::try_from(log.len()).unwrap() + 1);
    for (marked, by) in &write.marks {
        let marked = log.iter_mut().find(|change| change.id == *marked).unwrap();
        marked.undone_by = match by {
            UndoneBy::ThisOne => Some(id),
            UndoneBy::Earlier(earlier) => Some(*earlier),
            UndoneBy::Nobody => None,
        };
    }
    let before = log.last().and_then(|change| change.after.clone());
    let after = write.becomes.clone();
    log.push(LoggedChange {
        id,
        before,
        after,
        undoes: write.undoes.clone(),
        undone_by: None,
        ..log[0].clone()
    });
    log
}

fn marks(log: &[LoggedChange]) -> Vec<Option<i64>> {
    log.iter().map(|change| change.undone_by.map(|id| id.0)).collect()
}

#[test]
fn an_undo_is_undone_and_that_again() {
    let log = and_undone(log(&[Some("a"), Some("b")]), &[2]);
    assert_eq!(decided(&log, &[2]), Err(UndoError::AlreadyUndone));
    assert_eq!(marks(&log), [None, Some(3), None]);

    let log = and_undone(log, &[3]);
    assert_eq!(log[3].title(), "b");
    assert_eq!(marks(&log), [None, None, Some(4), None], "the second change stands again");
    assert_eq!(title_of(&decided(&log, &[2]).unwrap()), Some("a"));

    let log = and_undone(log, &[4]);
    assert_eq!(log[4].title(), "a");
    assert_eq!(marks(&log), [None, Some(3), None, Some(5), None]);
    assert_eq!(title_of(&decided(&log, &[1]).unwrap()), None, "all since was taken back");
}

#[test]
fn a_redo_over_an_older_undo_is_refused() {
    let log = and_undone(and_undone(log(&[Some("a"), Some("b"), Some("c")]), &[3]), &[2]);
    let Err(UndoError::Conflict(conflicts)) = decided(&log, &[4]) else { panic!() };
    assert_eq!(conflicts[0].since, Some(ChangeId(5)));
}

#[test]
fn what_a_turn_took_back_itself_is_left_alone() {
    let log = and_undone(log(&[Some("a"), Some("b")]), &[2]);
    assert_eq!(decided(&log, &[2, 3]), Err(UndoError::AlreadyUndone));
}

#[test]
fn a_refusal_names_the_tasks() {
    let conflict = |number: i64| Conflict::<LoggedChange> {
        number: TaskNumber(number),
        title: "Milk".to_owned(),
        reason: ConflictReason::Changed,
        since: None,
    };
    let one: UndoError = UndoError::Conflict(vec![conflict(1)]);
    assert_eq!(one.to_string(), "Nothing was undone: task 1 (“Milk”) was changed since.");
    let many: UndoError = UndoError::Conflict((1..=5).map(conflict).collect());
    assert!(many.to_string().ends_with(", and 2 more."), "{many}");
}

#[test]
fn what_cannot_be_undone_stands_against_another_answer_only_where_it_must_be() {
    use ReplacedEffects as E;
    let undone = Undone { changes: vec![], left_out: vec![] };
    let conflict = Conflict {
        number: TaskNumber(7),
        title: "Milk".to_owned(),
        reason: ConflictReason::Changed,
        since: None,
    };
    let limit = LimitReached::TurnsAtOnce(2);
    for (refusal, obstacle) in [
        (UndoError::Conflict(vec![conflict.clone()]), Some(ReplacementObstacle::Changed(vec![conflict]))),
        (UndoError::Limit(limit), Some(ReplacementObstacle::Limit(limit))),
        (UndoError::NothingToUndo, None),
        (UndoError::AlreadyUndone, None),
    ] {
        assert_eq!(E::UndoIfUnchanged.after(Err(refusal.clone())), Ok(None), "{refusal:?}");
        let expected = obstacle.map_or(Ok(None), Err);
        assert_eq!(E::Undo.after(Err(refusal.clone())), expected, "{refusal:?}");
    }
    for replaced in [E::Undo, E::UndoIfUnchanged] {
        assert_eq!(replaced.after(Ok(undone.clone())), Ok(Some(undone.clone())));
        assert!(replaced.are_undone());
    }
    assert!(!E::Keep.are_undone());
}
