//! The system prompt: a text file with today's date in it.

use chrono::NaiveDate;

const TEMPLATE: &str = include_str!("prompt.txt");

/// Returns the system prompt for a request made on `today`.
pub fn system_prompt(today: NaiveDate) -> String {
    TEMPLATE.replace("{today}", &today.format("%A, %-d %B %Y").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prompt_carries_the_date() {
        let prompt = system_prompt(NaiveDate::from_ymd_opt(2026, 11, 20).unwrap());
        assert!(prompt.contains("Friday, 20 November 2026") && !prompt.contains("{today}"));
    }
}
