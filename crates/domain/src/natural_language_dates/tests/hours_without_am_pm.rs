//! Hours as people say them, without minutes and halves of the day.

use super::*;

/// Nobody goes to the dentist at three in the night: an hour that is said as people say it means the
/// afternoon.
#[test]
fn hours_without_minutes_are_in_the_afternoon() {
    check(
        at("2026-11-25T14:00", "Europe/Berlin"),
        &[
            ("next friday at 3", "2026-12-04T15:00"),
            ("today at 5", "2026-11-25T17:00"),
            ("at 5", "2026-11-25T17:00"),
            ("at 5 o'clock", "2026-11-25T17:00"),
            ("6 o'clock", "2026-11-25T18:00"),
            ("at 1", "2026-11-26T13:00"),
            ("tomorrow at 6", "2026-11-26T18:00"),
            ("tomorrow at 7", "2026-11-26T07:00"),
            ("tomorrow at 12", "2026-11-26T12:00"),
            ("tomorrow at 05", "2026-11-26T05:00"),
            ("tomorrow at 5:00", "2026-11-26T05:00"),
            ("tomorrow at 5am", "2026-11-26T05:00"),
            ("tomorrow at 5 am", "2026-11-26T05:00"),
            ("tomorrow morning at 5", "2026-11-26T05:00"),
            ("tomorrow at 5 in the morning", "2026-11-26T05:00"),
            ("tomorrow at 5 in the evening", "2026-11-26T17:00"),
            ("tomorrow at 0", "2026-11-26T00:00"),
            ("tomorrow at half past 3", "2026-11-26T15:30"),
            ("half past 9", "2026-11-26T09:30"),
            ("quarter past 4", "2026-11-25T16:15"),
            ("a quarter to 5", ""),
            ("quarter to 5", "2026-11-25T16:45"),
            ("quarter to 1", "2026-11-26T12:45"),
            ("friday at quarter to 7 in the evening", "2026-11-27T18:45"),
            ("half past 13", "2026-11-26T13:30"),
            ("half past 25", ""),
            ("quarter to 0", ""),
        ],
    );
}
