//! The lines of an iCalendar text (RFC 5545, section 3.1): escaped, folded and ended as it wants them.

/// The most bytes of a line without its end.
const LINE: usize = 75;

/// An iCalendar text that is being written.
#[derive(Default)]
pub(super) struct ContentLines(String);

impl ContentLines {
    /// Begins a component.
    pub(super) fn begin(&mut self, component: &str) {
        self.raw("BEGIN", component);
    }

    /// Ends a component.
    pub(super) fn end(&mut self, component: &str) {
        self.raw("END", component);
    }

    /// Writes a property, with its parameters, whose value needs no escapes.
    pub(super) fn raw(&mut self, name: &str, value: &str) {
        self.fold(&format!("{name}:{value}"));
    }

    /// Writes a property whose value is a text.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        self.raw(name, &escape_text(value));
    }

    /// Writes a property whose value is a list of texts.
    pub(super) fn texts<'a>(&mut self, name: &str, values: impl Iterator<Item = &'a str>) {
        self.raw(name, &values.map(escape_text).collect::<Vec<_>>().join(","));
    }

    /// The text.
    pub(super) fn into_text(self) -> String {
        self.0
    }

    /// Writes a line; where it is too long it goes on in the next one, after a space. A character is not
    /// split.
    fn fold(&mut self, line: &str) {
        let (mut rest, mut room) = (line, LINE);
        while rest.len() > room {
            let end = (0..=room).rev().find(|end| rest.is_char_boundary(*end)).unwrap_or(room);
            let (piece, after) = rest.split_at(end);
            self.0.push_str(piece);
            self.0.push_str("\r\n ");
            (rest, room) = (after, LINE - 1);
        }
        self.0.push_str(rest);
        self.0.push_str("\r\n");
    }
}

/// A text as a value (RFC 5545, section 3.3.11). Whatever a program may take for the end of a line is
/// one; other control characters, which a value may not hold, are left out.
fn escape_text(text: &str) -> String {
    let mut value = String::with_capacity(text.len() + 16);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' | ';' | ',' => value.extend(['\\', character]),
            '\r' if characters.peek() == Some(&'\n') => {}
            '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => value.push_str("\\n"),
            '\t' => value.push('\t'),
            control if control.is_ascii_control() => {}
            plain => value.push(plain),
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn written(name: &str, value: &str) -> String {
        let mut lines = ContentLines::default();
        lines.text(name, value);
        lines.into_text()
    }

    /// What RFC 5545 says about reading a text.
    fn read_back(line: &str) -> String {
        let line = line.replace("\r\n ", "");
        let value = line.strip_suffix("\r\n").unwrap().split_once(':').unwrap().1;
        let mut text = String::new();
        let mut characters = value.chars();
        while let Some(character) = characters.next() {
            match character {
                '\\' => match characters.next().unwrap() {
                    'n' => text.push('\n'),
                    escaped => {
                        assert!("\\;,".contains(escaped), "{line}");
                        text.push(escaped);
                    }
                },
                ';' | ',' => panic!("{line}"),
                plain => text.push(plain),
            }
        }
        text
    }

    #[test]
    fn what_has_a_meaning_is_escaped() {
        assert_eq!(written("SUMMARY", "a,b;c\\d:e\"f"), "SUMMARY:a\\,b\\;c\\\\d:e\"f\r\n");
        assert_eq!(written("SUMMARY", "\\n"), "SUMMARY:\\\\n\r\n");
        assert_eq!(written("SUMMARY", "a\r\nb\nc\rd\u{2028}e"), "SUMMARY:a\\nb\\nc\\nd\\ne\r\n");
        assert_eq!(written("SUMMARY", "a\u{0}\u{7}\u{1b}\u{7f}b\tc"), "SUMMARY:ab\tc\r\n");
        let mut lines = ContentLines::default();
        lines.texts("CATEGORIES", ["home", "a;b"].into_iter());
        assert_eq!(lines.into_text(), "CATEGORIES:home,a\\;b\r\n");
    }

    #[test]
    fn a_long_line_goes_on_in_the_next_one() {
        let exact = "x".repeat(75 - "SUMMARY:".len());
        assert_eq!(written("SUMMARY", &exact), format!("SUMMARY:{exact}\r\n"));
        assert_eq!(written("SUMMARY", &format!("{exact}yz")), format!("SUMMARY:{exact}\r\n yz\r\n"));
        let crabs = written("SUMMARY", &"🦀".repeat(20));
        assert_eq!(crabs.lines().next().unwrap().len(), "SUMMARY:".len() + 4 * 16);
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_back_and_no_line_is_too_long(
            text in prop_oneof!["\\PC{0,300}", "[\\\\;,:\"n \t\n🦀ü한]{0,300}"]
        ) {
            let line = written("DESCRIPTION", &text);
            let expected: String = text.replace(['\u{2028}', '\u{2029}'], "\n");
            prop_assert_eq!(read_back(&line), expected);
            for physical in line.strip_suffix("\r\n").unwrap().split("\r\n") {
                prop_assert!(physical.len() <= LINE, "{physical:?}");
                prop_assert!(!physical.contains(['\r', '\n']));
            }
        }
    }
}
