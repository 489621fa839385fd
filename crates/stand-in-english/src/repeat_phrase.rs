//! Recognises the words for how a task comes back: "every weekday", "every month on the 1st". The server
//! reads them.

use crate::day_phrase::{is_count, is_month, is_ordinal, is_weekday};

/// Whether all these words, in lower case, say how a task comes back.
pub(crate) fn is_repeat(words: &[&str]) -> bool {
    let words = match words {
        [words @ .., "after" | "from", "completion"] => words,
        words => words,
    };
    match words {
        ["daily" | "weekdays"] | ["on", "weekdays"] => true,
        ["weekly" | "fortnightly" | "monthly" | "quarterly" | "yearly" | "annually", on @ ..] => is_on(on),
        ["on", "the", rest @ ..] | ["the", rest @ ..] => is_last_day(rest),
        ["every" | "each", rest @ ..] => is_interval(rest),
        _ => is_last_day(words),
    }
}

/// What stands behind "every".
fn is_interval(words: &[&str]) -> bool {
    match words {
        ["weekday"] => true,
        ["other" | "second" | "2nd", unit, on @ ..] if is_unit(unit) => is_on(on),
        ["other" | "second" | "2nd", days @ ..] => are_weekdays(days),
        [unit, on @ ..] if is_unit(unit) => is_on(on),
        [count, unit, on @ ..] if (is_count(count) || is_place(count)) && is_unit(unit) => is_on(on),
        days => are_weekdays(days),
    }
}

/// "Every third day" is every three days.
fn is_place(word: &str) -> bool {
    is_ordinal(word) || matches!(word, "third" | "fourth")
}

fn is_on(words: &[&str]) -> bool {
    let on = match words {
        [] => return true,
        ["on", "the", on @ ..] | ["on", on @ ..] => on,
        _ => return false,
    };
    let is_day = |word: &str| is_ordinal(word) || (word.len() <= 2 && word.parse::<u8>().is_ok());
    match on {
        ["last", "day"] => true,
        [day] | ["day", day] if is_day(day) => true,
        [day, "of", month] | [day, month] | [month, day] if is_day(day) && is_month(month) => true,
        days => are_weekdays(days),
    }
}

fn is_last_day(words: &[&str]) -> bool {
    matches!(
        words,
        ["last", "day", "of", "every" | "each", "month"] | ["end", "of", "every" | "each", "month"]
    )
}

fn are_weekdays(words: &[&str]) -> bool {
    let and = |word: &&str| matches!(*word, "and" | "&");
    words.iter().any(|word| is_weekday(word)) && words.iter().all(|word| and(word) || is_weekday(word))
}

fn is_unit(word: &str) -> bool {
    matches!(word.strip_suffix('s').unwrap_or(word), "day" | "week" | "month" | "year")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_are_told_from_other_words() {
        for text in [
            "daily",
            "every day",
            "every weekday",
            "every other week on friday",
            "every 3 days",
            "every two weeks",
            "every month on the 1st",
            "every month on the last day",
            "each monday and thursday",
            "every tuesday",
            "weekly on monday",
            "every year on 27 november",
            "every 3 days after completion",
            "on the last day of every month",
        ] {
            assert!(is_repeat(&text.split(' ').collect::<Vec<_>>()), "{text}");
        }
        for text in ["", "every", "every book", "monday", "on monday", "the month", "every 3", "every and"] {
            assert!(!is_repeat(&text.split(' ').collect::<Vec<_>>()), "{text}");
        }
    }
}
