//! Texts that are cut to a length, and show it.

/// Returns the first `most` characters of `text`, with an ellipsis in place of what was cut.
pub fn truncate(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    short.truncate(short.trim_end().len());
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncation_keeps_short_text_as_it_is() {
        assert_eq!(truncate("milk", 4), "milk");
        assert_eq!(truncate("buy milk", 5), "buy…");
    }
}
