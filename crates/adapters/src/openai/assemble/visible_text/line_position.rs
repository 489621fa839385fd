//! Where a text stands that grows: at the beginning of a line, or inside a Markdown fence.

/// How many of these begin and end a fence.
const FENCE: u8 = 3;

/// Where a text stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct LinePosition {
    /// Whether the line has had nothing but white space and the beginning of a fence.
    is_blank: bool,
    backticks: u8,
    is_in_fence: bool,
    last: Option<char>,
}

impl Default for LinePosition {
    fn default() -> Self {
        Self { is_blank: true, backticks: 0, is_in_fence: false, last: None }
    }
}

impl LinePosition {
    /// Goes on behind `text`.
    pub(super) fn pass(&mut self, text: &str) {
        for character in text.chars() {
            self.last = Some(character);
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

    /// Returns where it stands behind `text`.
    pub(super) fn behind(mut self, text: &str) -> Self {
        self.pass(text);
        self
    }

    pub(super) fn begins_line(self) -> bool {
        self.is_blank && self.backticks == 0
    }

    pub(super) fn is_in_fence(self) -> bool {
        self.is_in_fence
    }

    /// The character before it.
    pub(super) fn last(self) -> Option<char> {
        self.last
    }
}
