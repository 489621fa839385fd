//! Prints the report.

use std::{
    io::{self, Write},
    time::Duration,
};

/// Prints a headline.
pub(crate) fn title(text: &str) {
    say(&format!("\n{text}"));
}

/// Prints one measurement.
pub(crate) fn line(name: &str, value: impl std::fmt::Display) {
    say(&format!("  {name:<52} {value}"));
}

/// Prints a row of a table of seven columns.
pub(crate) fn row([name, cells @ ..]: [&str; 7]) {
    let cells: String = cells.iter().map(|cell| format!("{cell:>11}")).collect();
    say(&format!("  {name:<28}{cells}"));
}

/// Returns a duration in milliseconds, as text.
pub(crate) fn ms(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1e3)
}

fn say(text: &str) {
    // Who has closed the output does not want to read it.
    let _ = writeln!(io::stdout().lock(), "{text}");
}
