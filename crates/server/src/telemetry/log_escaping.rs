//! One event, one line: what would break or disguise it is escaped.

use std::io::{self, Write};

/// A writer of whole lines that escapes every control and direction character inside them.
///
/// The escapes are JSON's own, so that a line of JSON stays one.
pub(crate) struct EscapingWriter<W>(W);

impl<W: Write> EscapingWriter<W> {
    /// Wraps a writer. Each `write` must be one whole event, which is how events are written.
    pub(crate) fn new(inner: W) -> Self {
        Self(inner)
    }
}

impl<W: Write> Write for EscapingWriter<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let line = text.strip_suffix('\n').unwrap_or(&text);
        if line.chars().any(is_disruptive) {
            let mut safe = escaped(line);
            safe.push('\n');
            self.0.write_all(safe.as_bytes())?;
        } else {
            self.0.write_all(event)?;
        }
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn escaped(line: &str) -> String {
    let mut safe = String::with_capacity(line.len() + 16);
    for c in line.chars() {
        if is_disruptive(c) {
            safe.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            safe.push(c);
        }
    }
    safe
}

/// Controls (C0, DEL, C1), line and paragraph separators, and what changes the direction of text.
fn is_disruptive(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(event: &str) -> String {
        let mut lines = EscapingWriter::new(Vec::new());
        lines.write_all(event.as_bytes()).unwrap();
        String::from_utf8(lines.0).unwrap()
    }

    #[test]
    fn a_plain_event_is_written_as_it_is() {
        assert_eq!(written("INFO grüße 🦀\n"), "INFO grüße 🦀\n");
    }

    #[test]
    fn nothing_breaks_or_disguises_a_line() {
        let hostile = "INFO a\r\nFAKE \u{1b}[31mred\u{7f}\u{85}\u{2028}\u{202e}active\n";
        let line = written(hostile);
        assert_eq!(line.matches('\n').count(), 1);
        assert!(!line.trim_end().chars().any(is_disruptive), "{line:?}");
    }

    #[test]
    fn a_line_of_json_stays_one() {
        let line = written("{\"title\":\"a\u{202e}b\u{85}\"}\n");
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["title"], "a\u{202e}b\u{85}");
    }
}
