//! Times of day as people say them: `9am`, `at 9`, `21:30`, `noon`, `in the evening`.

use chrono::{NaiveTime, Timelike};

use super::WordSlice;

/// A part of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DayPart {
    Morning,
    Afternoon,
    Evening,
    Night,
}

impl DayPart {
    /// When it is, without a time: 9:00, 15:00, 18:00 or 20:00, in minutes of the day.
    pub(super) fn usual_minutes(self) -> u32 {
        match self {
            Self::Morning => 9 * 60,
            Self::Afternoon => 15 * 60,
            Self::Evening => 18 * 60,
            Self::Night => 20 * 60,
        }
    }

    fn includes(self, minutes: u32) -> bool {
        match self {
            Self::Morning => minutes < 12 * 60,
            Self::Afternoon => (12 * 60..=19 * 60).contains(&minutes),
            Self::Evening | Self::Night => (17 * 60..=24 * 60).contains(&minutes),
        }
    }
}

/// A time of day in minutes; 1440 is midnight at the day's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ClockTime {
    minutes: u32,
    /// Whether it might mean the other half of the day, as `9:30` does in `tonight at 9:30`.
    either_half: bool,
    /// Whether without more it means the afternoon, as `3` does in `friday at 3`.
    is_small_hour: bool,
}

impl ClockTime {
    /// `midnight`: the end of the day that is named with it, because that is what a deadline means.
    const MIDNIGHT: Self = Self { minutes: 24 * 60, either_half: false, is_small_hour: false };

    pub(super) fn exactly(time: NaiveTime) -> Self {
        Self { minutes: time.hour() * 60 + time.minute(), either_half: false, is_small_hour: false }
    }

    /// So many minutes later or, when negative, earlier.
    fn moved_by(self, minutes: i32) -> Option<Self> {
        Some(Self { minutes: self.minutes.checked_add_signed(minutes)?, ..self })
    }

    /// In minutes, within the part of the day if one is named: `at 9` is 9:00, `tonight at 9` 21:00, and
    /// `at 3` 15:00.
    pub(super) fn minutes(self, part: Option<DayPart>) -> Option<u32> {
        let Some(part) = part else {
            return Some(self.minutes + if self.is_small_hour { 12 * 60 } else { 0 });
        };
        let halves = [self.minutes, self.minutes + 12 * 60];
        let read = if self.either_half { &halves[..] } else { &halves[..1] };
        read.iter().copied().find(|minutes| part.includes(*minutes))
    }
}

/// A part of the day at the beginning of `words`, and the words after it.
pub(super) fn part<'a>(words: WordSlice<'a>) -> Option<(DayPart, WordSlice<'a>)> {
    let (name, rest) = match words {
        ["in", "the", name, rest @ ..] | ["at", name @ "night", rest @ ..] | [name, rest @ ..] => {
            (name, rest)
        }
        [] => return None,
    };
    let part = match *name {
        "morning" => DayPart::Morning,
        "afternoon" => DayPart::Afternoon,
        "evening" => DayPart::Evening,
        "night" => DayPart::Night,
        _ => return None,
    };
    Some((part, rest))
}

/// A time of day at the beginning of `words`, and the words after it.
pub(super) fn clock<'a>(words: WordSlice<'a>) -> Option<(ClockTime, WordSlice<'a>)> {
    match words {
        ["at", hour, "o'clock" | "oclock", rest @ ..] | ["at", hour, rest @ ..]
            if two_digits(hour).is_some() =>
        {
            match rest {
                [half @ ("am" | "pm"), rest @ ..] => Some((in_half(hour, half)?, rest)),
                _ => Some((hour_alone(hour)?, rest)),
            }
        }
        ["at" | "by", rest @ ..] => clock(rest),
        ["noon" | "midday", rest @ ..] => {
            Some((ClockTime::exactly(NaiveTime::from_hms_opt(12, 0, 0)?), rest))
        }
        ["midnight", rest @ ..] => Some((ClockTime::MIDNIGHT, rest)),
        [hour, "o'clock" | "oclock", rest @ ..] => Some((hour_alone(hour)?, rest)),
        ["half", "past", hour, rest @ ..] => Some((hour_alone(hour)?.moved_by(30)?, rest)),
        ["quarter", "past", hour, rest @ ..] => Some((hour_alone(hour)?.moved_by(15)?, rest)),
        ["quarter", "to", hour, rest @ ..] => Some((hour_alone(hour)?.moved_by(-15)?, rest)),
        [time, half @ ("am" | "pm"), rest @ ..] => Some((in_half(time, half)?, rest)),
        [word, rest @ ..] => {
            let attached = ["am", "pm"].iter().find_map(|half| Some((word.strip_suffix(half)?, *half)));
            match attached {
                Some((time, half)) => Some((in_half(time, half)?, rest)),
                None => {
                    let (hour, minute) = with_minutes(word)?;
                    Some((of_24(hour, minute)?, rest))
                }
            }
        }
        [] => None,
    }
}

/// `9` is 9:00, but `3` is 15:00: hardly anybody means the night. Who does writes `03`, `3:00` or `3am`.
fn hour_alone(hour: &str) -> Option<ClockTime> {
    let number = two_digits(hour)?;
    let is_small_hour = hour.len() == 1 && (1..=6).contains(&number);
    Some(ClockTime { is_small_hour, ..of_24(number, 0)? })
}

/// A time on the 24-hour clock; up to 12 it may turn out to be one of the 12-hour clock.
fn of_24(hour: u32, minute: u32) -> Option<ClockTime> {
    let time = NaiveTime::from_hms_opt(hour, minute, 0)?;
    Some(ClockTime { either_half: (1..=12).contains(&hour), ..ClockTime::exactly(time) })
}

/// `9` or `9:30` on the 12-hour clock: `12am` is 0:00, and `12pm` is 12:00.
fn in_half(time: &str, half: &str) -> Option<ClockTime> {
    let (hour, minute) = with_minutes(time).or_else(|| Some((two_digits(time)?, 0)))?;
    if !(1..=12).contains(&hour) {
        return None;
    }
    let hour = hour % 12 + if half == "pm" { 12 } else { 0 };
    NaiveTime::from_hms_opt(hour, minute, 0).map(ClockTime::exactly)
}

/// `9:30` or `09:30`.
fn with_minutes(word: &str) -> Option<(u32, u32)> {
    let (hour, minute) = word.split_once(':')?;
    let minute = two_digits(minute).filter(|_| minute.len() == 2)?;
    Some((two_digits(hour)?, minute))
}

/// A number of one or two digits.
fn two_digits(word: &str) -> Option<u32> {
    let is_number = matches!(word.len(), 1 | 2) && word.bytes().all(|b| b.is_ascii_digit());
    word.parse().ok().filter(|_| is_number)
}
