//! Tracks where the end of a growing text is: at the beginning of a line, or inside a Markdown fence.

/// How many of these begin and end a fence.
const FENCE: u8 = 3;

/// Where a text stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct MarkdownPosition {
    /// Whether the line has had nothing but white space and the beginning of a fence.
    is_blank: bool,
    backticks: u8,
    is_in_fence: bool,
    /// Whether it stands between backticks of its line.
    is_in_code_span: bool,
    last: Option<char>,
}

impl Default for MarkdownPosition {
    fn default() -> Self {
        Self { is_blank: true, backticks: 0, is_in_fence: false, is_in_code_span: false, last: None }
    }
}

impl MarkdownPosition {
    /// Moves past `text`.
    pub(super) fn advance(&mut self, text: &str) {
        for character in text.chars() {
            self.last = Some(character);
            self.is_in_code_span = match character {
                '\n' => false,
                '`' => !self.is_in_code_span,
                _ => self.is_in_code_span,
            };
            match character {
                '\n' => (self.is_blank, self.backticks) = (true, 0),
                '`' if self.is_blank => {
                    self.backticks += 1;
                    if self.backticks == FENCE {
                        self.is_in_fence = !self.is_in_fence;
                        self.is_blank = false;
                    }
                }
                ' ' | '\t' | '\r' if self.backticks == 0 => {}
                _ => self.is_blank = false,
            }
        }
    }

    /// Returns the position after `text`.
    pub(super) fn after(mut self, text: &str) -> Self {
        self.advance(text);
        self
    }

    pub(super) fn begins_line(self) -> bool {
        self.is_blank && self.backticks == 0
    }

    pub(super) fn is_in_fence(self) -> bool {
        self.is_in_fence
    }

    /// Whether it stands in code, in a fence or in a line.
    pub(super) fn is_in_code(self) -> bool {
        self.is_in_fence || self.is_in_code_span
    }

    /// The character before it.
    pub(super) fn last(self) -> Option<char> {
        self.last
    }
}
