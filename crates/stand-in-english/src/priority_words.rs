//! The words for how important a task is.

/// "With high priority", "urgent"
pub(crate) fn level(plain: &[&str]) -> Option<&'static str> {
    let plain = match plain {
        ["with" | "as" | "at" | "of", rest @ ..] => rest,
        _ => plain,
    };
    let plain = match plain {
        ["a" | "an" | "the" | "very" | "really" | "so" | "now", rest @ ..] => rest,
        _ => plain,
    };
    match plain {
        ["urgent" | "important" | "critical" | "crucial" | "high-priority"] => Some("high"),
        ["unimportant" | "low-priority"] => Some("low"),
        [word, "priority"] | ["priority", word] => rank(word),
        _ => None,
    }
}

/// "High", where a priority is spoken of.
pub(crate) fn rank(word: &str) -> Option<&'static str> {
    Some(match word {
        "high" | "highest" | "top" | "urgent" | "important" => "high",
        "medium" | "normal" | "middle" => "medium",
        "low" | "lowest" => "low",
        "no" | "none" => "none",
        _ => return None,
    })
}
