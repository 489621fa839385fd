//! Recognises the words for days and times of day. What they mean is for the server to find out, which knows
//! the person's clock: here they are only distinguished from other words.

const WEEKDAYS: &[&str] = &["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// "Sat" and "sun" are words of their own, so these count only behind "on" or "next".
const SHORT_WEEKDAYS: &[&str] =
    &["mon", "tue", "tues", "wed", "weds", "thu", "thur", "thurs", "fri", "sat", "sun"];

const MONTHS: &[&str] = &[
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "jan",
    "feb",
    "mar",
    "apr",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
];

const COUNTS: &[&str] = &[
    "a", "an", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
];

/// What some words say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Day,
    Clock,
    /// "9:30" alone might be anything; beside a day it is a time.
    BareClock,
    /// "Morning" alone is no time; "tomorrow morning" is one.
    BarePart,
}

/// Whether all these words, in lower case, say one day, or one time of day, or both.
pub(crate) fn is_when(words: &[&str]) -> bool {
    says(words, false)
}

/// Whether they say a time of day and no day: "at 5pm".
pub(crate) fn is_time_of_day(words: &[&str]) -> bool {
    let mut rest = words;
    while !rest.is_empty() {
        match piece(rest) {
            Some((Kind::Clock | Kind::BareClock, count)) => rest = &rest[count..],
            _ => return false,
        }
    }
    is_time_beside_a_day(words)
}

/// The same as [`is_when`] behind words that leave no doubt that a time must follow: "every day 9:30".
pub(crate) fn is_time_beside_a_day(words: &[&str]) -> bool {
    says(words, true)
}

/// The same behind "change it to", where "sat", "the 15th" and "5" leave no doubt either.
pub(crate) fn is_new_time(words: &[&str]) -> bool {
    let behind_on = [&["on"], words].concat();
    is_time_beside_a_day(words) || is_time_beside_a_day(&behind_on) || is_bare_hour(words)
}

/// Whether this is a number that a clock has: "5".
pub(crate) fn is_bare_hour(words: &[&str]) -> bool {
    matches!(words, [hour] if is_number(hour) && hour.parse().is_ok_and(|hour: u8| (1..=12).contains(&hour)))
}

fn says(words: &[&str], beside_a_day: bool) -> bool {
    let (mut days, mut clocks, mut parts, mut sure) = (0, 0, 0, beside_a_day);
    let mut rest = words;
    while !rest.is_empty() {
        let Some((kind, count)) = piece(rest) else { return false };
        match kind {
            Kind::Day => days += 1,
            Kind::Clock | Kind::BareClock => clocks += 1,
            Kind::BarePart => parts += 1,
        }
        sure |= matches!(kind, Kind::Day | Kind::Clock);
        rest = &rest[count..];
    }
    sure && !words.is_empty() && days < 2 && clocks < 2 && parts < 2
}

/// The piece at the beginning, and of how many words it is.
fn piece(words: &[&str]) -> Option<(Kind, usize)> {
    part_of_day(words).or_else(|| clock(words)).or_else(|| day(words).map(|count| (Kind::Day, count)))
}

fn part_of_day(words: &[&str]) -> Option<(Kind, usize)> {
    const PARTS: &[&str] = &["morning", "afternoon", "evening", "night"];
    match words {
        ["in", "the", part, ..] if PARTS.contains(part) => Some((Kind::Clock, 3)),
        ["this", part, ..] if PARTS.contains(part) => Some((Kind::Day, 2)),
        ["at", "night", ..] => Some((Kind::BarePart, 2)),
        [part, ..] if PARTS.contains(part) => Some((Kind::BarePart, 1)),
        _ => None,
    }
}

fn clock(words: &[&str]) -> Option<(Kind, usize)> {
    match words {
        ["at" | "by" | "for", rest @ ..] => match rest {
            [hour, half, ..] if is_hour(hour) && is_half(half) => Some((Kind::Clock, 3)),
            [hour, "o'clock" | "oclock", ..] if is_number(hour) => Some((Kind::Clock, 3)),
            // "By 5" is a time; "for 5" may be people, and "by 5 may" is a day.
            [hour, next, ..] if is_number(hour) && MONTHS.contains(next) => None,
            [hour, ..] if is_number(hour) && words[0] == "at" => Some((Kind::Clock, 2)),
            _ => clock(rest).map(|(_, count)| (Kind::Clock, count + 1)),
        },
        ["noon" | "midday" | "midnight", ..] => Some((Kind::Clock, 1)),
        ["half", "past", hour, ..] | ["quarter", "past" | "to", hour, ..] if is_number(hour) => {
            Some((Kind::Clock, 3))
        }
        [hour, "o'clock" | "oclock", ..] if is_number(hour) => Some((Kind::Clock, 2)),
        [hour, half, ..] if is_hour(hour) && is_half(half) => Some((Kind::Clock, 2)),
        [word, ..] => {
            let attached = ["am", "pm", "a.m", "p.m"].iter().find_map(|half| word.strip_suffix(half));
            match attached {
                Some(time) if is_hour(time) => Some((Kind::Clock, 1)),
                _ => is_hour_and_minute(word).then_some((Kind::BareClock, 1)),
            }
        }
        [] => None,
    }
}

fn day(words: &[&str]) -> Option<usize> {
    match words {
        ["on" | "by" | "for", "on" | "by" | "for" | "due" | "at", ..] => None,
        ["on" | "by" | "due" | "for", rest @ ..] => {
            let short = rest.first().filter(|word| SHORT_WEEKDAYS.contains(word)).map(|_| 1);
            let numbered = || {
                let after_the = rest.strip_prefix(&["the"]).unwrap_or(rest);
                after_the.first().filter(|word| is_ordinal(word)).map(|_| rest.len() - after_the.len() + 1)
            };
            Some(1 + day(rest).or(short).or_else(numbered)?)
        }
        ["at", "the", "end", ..] => end_of(&words[1..]).map(|count| count + 1),
        ["today" | "tomorrow" | "tonight", ..] => Some(1),
        ["the", "day", "after", "tomorrow", ..] => Some(4),
        ["day", "after", "tomorrow", ..] => Some(3),
        ["in", count, unit, ..] if is_count(count) && is_unit(unit) => Some(3),
        ["next", "week" | "month" | "year" | "weekend", ..] | ["this", "weekend", ..] => Some(2),
        ["next" | "this", day, ..] if WEEKDAYS.contains(day) || SHORT_WEEKDAYS.contains(day) => Some(2),
        [day, "next", "week", ..] if WEEKDAYS.contains(day) => Some(3),
        [day, ..] if WEEKDAYS.contains(day) => Some(1),
        _ => end_of(words).or_else(|| calendar_date(words)),
    }
}

fn end_of(words: &[&str]) -> Option<usize> {
    match words {
        ["the", rest @ ..] => end_of(rest).map(|count| count + 1),
        ["end", "of", "the" | "this", "month" | "year" | "day", ..] => Some(4),
        ["end", "of", "next", "month", ..] => Some(4),
        ["end", "of", "month" | "year" | "day", ..] => Some(3),
        _ => None,
    }
}

fn calendar_date(words: &[&str]) -> Option<usize> {
    let is_month = |word: &&str| MONTHS.contains(word);
    let is_day = |word: &str| is_ordinal(word) || is_number(word);
    let count = match words {
        ["the", day, "of", month, ..] if is_day(day) && is_month(month) => 4,
        [day, "of", month, ..] if is_day(day) && is_month(month) => 3,
        ["the", day, month, ..] if is_ordinal(day) && is_month(month) => 3,
        [month, "the", day, ..] if is_ordinal(day) && is_month(month) => 3,
        [day, month, ..] | [month, day, ..] if is_day(day) && is_month(month) => 2,
        [date, ..] if is_iso(date) || is_dotted(date) => return Some(1),
        _ => return None,
    };
    let has_year = words.get(count).is_some_and(|year| year.len() == 4 && is_digits(year));
    Some(count + usize::from(has_year))
}

/// "A week", "3 days": how long, not when.
pub(crate) fn is_span(words: &[&str]) -> bool {
    matches!(words, [count, unit] if is_count(count) && is_unit(unit))
}

pub(crate) fn is_count(word: &str) -> bool {
    COUNTS.contains(&word) || (word.len() <= 4 && is_digits(word))
}

/// How many a count is; "a" is one.
pub(crate) fn count(word: &str) -> Option<u64> {
    let named = || COUNTS.iter().skip(1).position(|name| *name == word).map(|at| at.max(1));
    match word {
        "a" | "an" => Some(1),
        _ => word.parse().ok().or_else(|| named().and_then(|at| at.try_into().ok())),
    }
}

fn is_unit(word: &str) -> bool {
    let unit = word.strip_suffix('s').unwrap_or(word);
    ["minute", "min", "hour", "hr", "day", "week", "month", "year"].contains(&unit)
}

fn is_digits(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// One or two digits.
fn is_number(word: &str) -> bool {
    word.len() <= 2 && is_digits(word)
}

fn is_half(word: &str) -> bool {
    matches!(word, "am" | "pm" | "a.m" | "p.m")
}

fn is_hour(word: &str) -> bool {
    is_number(word) || is_hour_and_minute(word)
}

fn is_hour_and_minute(word: &str) -> bool {
    word.split_once(':')
        .is_some_and(|(hour, minute)| is_number(hour) && minute.len() == 2 && is_digits(minute))
}

/// "1st", "22nd"
pub(crate) fn is_ordinal(word: &str) -> bool {
    ["st", "nd", "rd", "th"].iter().any(|end| word.strip_suffix(end).is_some_and(is_number))
}

/// "2026-11-27", also with a time behind a T.
fn is_iso(word: &str) -> bool {
    let date = word.split('t').next().unwrap_or(word);
    let lengths: Vec<usize> = date.split('-').map(str::len).collect();
    lengths == [4, 2, 2] && date.split('-').all(is_digits)
}

/// "27.11.2026"; the last point of "27.11." has gone with the punctuation.
fn is_dotted(word: &str) -> bool {
    let parts: Vec<&str> = word.split('.').collect();
    parts.iter().all(|part| is_digits(part))
        && matches!(parts.as_slice(), [day, month, year] if is_number(day) && is_number(month) && year.len() == 4)
}

pub(crate) fn is_weekday(word: &str) -> bool {
    let day = word.strip_suffix('s').unwrap_or(word);
    WEEKDAYS.contains(&day) || SHORT_WEEKDAYS.contains(&word) || SHORT_WEEKDAYS.contains(&day)
}

pub(crate) fn is_month(word: &str) -> bool {
    MONTHS.contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn when(text: &str) -> bool {
        is_when(&text.split(' ').collect::<Vec<_>>())
    }

    #[test]
    fn days_and_times_are_told_from_other_words() {
        for text in [
            "tomorrow",
            "on friday at 9am",
            "friday 9:30",
            "next monday at 14:30",
            "in 3 days",
            "in an hour",
            "tonight",
            "this evening",
            "tomorrow morning",
            "in the afternoon",
            "at noon",
            "at 5",
            "9 pm",
            "by 31 may",
            "for the 12th of june",
            "on the 1st",
            "due on sat",
            "27 november 2027 at 8 p.m",
            "2026-11-27t09:00",
            "by the end of the month",
            "monday next week",
            "the day after tomorrow",
        ] {
            assert!(when(text), "{text}");
        }
        for text in [
            "",
            "9:30",
            "3",
            "morning",
            "the weekend",
            "sun",
            "may",
            "for 5",
            "the 15th",
            "in the sun",
            "friday monday",
            "on for friday",
            "milk tomorrow",
            "next",
            "on",
            "every monday",
            "week",
            "3.5",
            "today tomorrow",
        ] {
            assert!(!when(text), "{text}");
        }
        assert!(is_time_beside_a_day(&["9:30"]) && !is_time_beside_a_day(&[]));
        assert!(is_span(&["a", "week"]) && is_span(&["2", "days"]) && !is_span(&["two"]));
        assert_eq!((count("a"), count("two"), count("12"), count("x")), (Some(1), Some(2), Some(12), None));
    }
}
