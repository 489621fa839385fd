//! The order of a list that its person makes by hand.
//!
//! Every task has a position; a smaller one is nearer the top, and of two equal ones the newer task is.
//! Positions lie far apart, so that a task is moved by changing its own alone. Where a gap is used up,
//! the tasks around it are spread out again, as few as will do.

use crate::{text_validation::FieldError, todo::TaskNumber};

/// How far positions lie apart at first. The position of task 2³³ is still an integer that JavaScript
/// holds exactly (below 2⁵³).
pub const POSITION_GAP: i64 = 1 << 20;

/// The least distance that tasks have after they were spread out.
const MIN_SPREAD: i64 = 1 << 10;

/// Default position: newest first.
pub fn default_position(number: TaskNumber) -> i64 {
    number.0.saturating_mul(-POSITION_GAP)
}

/// The position of a new task: above all others, of which the topmost is at `top`. `None` when that is
/// where its number puts it anyway.
pub fn new_task_position(number: TaskNumber, top: Option<i64>) -> Option<i64> {
    top.filter(|top| *top <= default_position(number)).map(|top| top.saturating_sub(POSITION_GAP))
}

/// What is said when a task shall come after one that is not there, or after itself.
pub fn invalid_predecessor_error(after: TaskNumber) -> FieldError {
    FieldError::new("after_id", format!("There is no other task {after} after which this one could come."))
}

/// A place between two tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// The position of the task that is moved.
    pub position: i64,
    /// The tasks that had to make room, and their new positions.
    pub moved_on: Vec<(TaskNumber, i64)>,
}

/// Finds a place after the task at `previous`, or at the top. `following` are the tasks that come next,
/// in order, without the one that is moved; `is_rest` says that no more follow after them.
///
/// Returns nothing when room can only be made with more of those that follow.
pub fn place(previous: Option<i64>, following: &[(TaskNumber, i64)], is_rest: bool) -> Option<Placement> {
    let alone = |position| Some(Placement { position, moved_on: Vec::new() });
    match (previous, following.first()) {
        (None, None) => alone(0),
        (None, Some((_, first))) => alone(first.saturating_sub(POSITION_GAP)),
        (Some(previous), None) => alone(previous.saturating_add(POSITION_GAP)),
        (Some(previous), Some((_, next))) if next - previous >= 2 => alone(previous + (next - previous) / 2),
        (Some(previous), Some(_)) => spread(previous, following, is_rest),
    }
}

/// Spreads out as few of the tasks after `previous` as make room for one more.
fn spread(previous: i64, following: &[(TaskNumber, i64)], is_rest: bool) -> Option<Placement> {
    let distance = |count: usize| {
        let (_, bound) = following.get(count)?;
        let distance = (bound - previous) / i64::try_from(count + 2).ok()?;
        (distance >= MIN_SPREAD).then_some((count, distance))
    };
    let bounded = (1..following.len()).find_map(distance);
    let (count, distance) = bounded.or(is_rest.then_some((following.len(), POSITION_GAP)))?;
    let mut positions = std::iter::successors(Some(previous.saturating_add(distance)), |last| {
        Some(last.saturating_add(distance))
    });
    let position = positions.next()?;
    let moved_on = following[..count].iter().map(|(number, _)| *number).zip(positions).collect();
    Some(Placement { position, moved_on })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbers(list: &[(TaskNumber, i64)]) -> Vec<i64> {
        list.iter().map(|(number, _)| number.0).collect()
    }

    /// Sorts as a list by hand is sorted.
    fn sorted(mut list: Vec<(TaskNumber, i64)>) -> Vec<(TaskNumber, i64)> {
        list.sort_by_key(|(number, position)| (*position, std::cmp::Reverse(*number)));
        list
    }

    /// Moves a task behind the one at `target` of the others, as a store does that looks at `window` of
    /// those that follow, and at all of them when that does not do.
    fn moved(
        list: &[(TaskNumber, i64)],
        from: usize,
        target: Option<usize>,
        window: usize,
    ) -> Vec<(TaskNumber, i64)> {
        let mut others = list.to_vec();
        let (number, _) = others.remove(from);
        let following = others[target.map_or(0, |target| target + 1)..].to_vec();
        let previous = target.map(|target| others[target].1);
        let seen = &following[..window.min(following.len())];
        let placement = place(previous, seen, seen.len() == following.len())
            .or_else(|| place(previous, &following, true))
            .unwrap();
        for (number, position) in placement.moved_on {
            others.iter_mut().find(|(other, _)| *other == number).unwrap().1 = position;
        }
        others.push((number, placement.position));
        sorted(others)
    }

    #[test]
    fn a_new_task_is_above_all_others() {
        assert_eq!(new_task_position(TaskNumber(1), None), None);
        assert_eq!(new_task_position(TaskNumber(2), Some(-POSITION_GAP)), None, "its number puts it there");
        let above = new_task_position(TaskNumber(2), Some(-5 * POSITION_GAP)).unwrap();
        assert!(above < -5 * POSITION_GAP);
    }

    #[test]
    fn the_same_gap_may_be_used_for_ever() {
        let mut list: Vec<_> =
            (1..=50).rev().map(|n| (TaskNumber(n), default_position(TaskNumber(n)))).collect();
        let mut spread_out = 0;
        for _ in 0..2_000 {
            let before = list.clone();
            // The last task goes behind the first one.
            list = moved(&list, list.len() - 1, Some(0), 4);
            let mut expected = numbers(&before);
            let last = expected.pop().unwrap();
            expected.insert(1, last);
            assert_eq!(numbers(&list), expected);
            spread_out += list.iter().filter(|task| !before.contains(task)).count() - 1;
        }
        assert!(spread_out < 4 * 2_000, "{spread_out} tasks made room for 2000 moves");
    }

    proptest! {
        /// Whatever is moved where: the list is then in the order that was wanted, also where positions
        /// were equal or next to one another.
        #[test]
        fn a_move_does_what_it_says(
            positions in prop::collection::vec(-3_i64..3, 2..12),
            moves in prop::collection::vec((0_usize..12, 0_usize..12), 1..40),
            window in 1_usize..6,
        ) {
            let mut list = sorted(
                positions.iter().zip(1..).map(|(position, n)| (TaskNumber(n), *position)).collect(),
            );
            for (from, to) in moves {
                let (from, to) = (from % list.len(), to % list.len());
                let mut expected = numbers(&list);
                let number = expected.remove(from);
                expected.insert(to, number);
                list = moved(&list, from, to.checked_sub(1), window);
                prop_assert_eq!(numbers(&list), expected);
            }
        }
    }
}
