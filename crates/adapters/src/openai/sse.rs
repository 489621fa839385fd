//! An event stream, decoded piece by piece, as the HTML standard reads one (section 9.2.6).
//!
//! Our own and not a crate's: it is sixty lines, has no executor in it, so that it can be tested
//! at every byte, and hands out the event that a sloppy server left without its blank line.

/// One event.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct SseEvent {
    /// Its type; empty for the usual one.
    pub(super) name: String,
    /// Its data lines. Never empty.
    pub(super) data: String,
}

/// The state between two pieces. It holds at most one event, which its owner bounds.
#[derive(Debug, Default)]
pub(super) struct SseDecoder {
    line: Vec<u8>,
    name: String,
    data: Option<String>,
    after_cr: bool,
    has_started: bool,
}

impl SseDecoder {
    /// Returns the events that these bytes complete.
    pub(super) fn push(&mut self, bytes: &[u8]) -> Vec<SseEvent> {
        let mut events = Vec::new();
        for &byte in bytes {
            match byte {
                // The second half of a CRLF; the line ended with the first.
                b'\n' if std::mem::take(&mut self.after_cr) => {}
                b'\n' | b'\r' => {
                    self.after_cr = byte == b'\r';
                    events.extend(self.end_line());
                }
                _ => {
                    self.after_cr = false;
                    self.line.push(byte);
                }
            }
        }
        events
    }

    /// How many bytes are kept of the event that is still open.
    pub(super) fn open_bytes(&self) -> usize {
        self.line.len() + self.name.len() + self.data.as_ref().map_or(0, String::len)
    }

    /// Returns the event at the stream's end that no blank line ended. It may be incomplete.
    pub(super) fn finish(mut self) -> Option<SseEvent> {
        if !self.line.is_empty() {
            self.end_line();
        }
        self.dispatch()
    }

    fn end_line(&mut self) -> Option<SseEvent> {
        let line = std::mem::take(&mut self.line);
        let mut line = line.as_slice();
        if !std::mem::replace(&mut self.has_started, true) {
            line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line);
        }
        if line.is_empty() {
            return self.dispatch();
        }
        let line = String::from_utf8_lossy(line);
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match (field, &mut self.data) {
            ("data", Some(data)) => {
                data.push('\n');
                data.push_str(value);
            }
            ("data", None) => self.data = Some(value.to_owned()),
            ("event", _) => self.name = value.to_owned(),
            // Comments, ids, retry times and unknown fields.
            _ => {}
        }
        None
    }

    fn dispatch(&mut self) -> Option<SseEvent> {
        let name = std::mem::take(&mut self.name);
        let data = self.data.take()?;
        (!data.is_empty()).then_some(SseEvent { name, data })
    }
}

#[cfg(test)]
mod tests;
