//! Holds words back while they may turn out to be a claim that is not true.
//!
//! Words that are shown cannot be taken back. So from the first word that may belong to a claim, or after a
//! change to a denial, the rest of its sentence waits for the sentence's end, where it is judged; everything
//! else passes at once. While a change is asked for and not made, whole sentences wait: then a false claim
//! leaves no beginning behind.

use super::{AnswerVerdict, Evidence, claim_extraction, judge, sentence};

/// The words of one reply, and how many of them may be shown.
#[derive(Debug)]
pub struct HoldbackBuffer<'a> {
    evidence: &'a Evidence<'a>,
    text: String,
    /// The pieces that are not shown yet.
    held: Vec<String>,
    /// How many bytes are shown.
    shown: usize,
    /// How many bytes are judged, and honest.
    judged: usize,
    /// How many bytes are looked at, of which those that are not judged are of an unknown language.
    looked_at: usize,
    /// Whether the language may be an unknown one, and that matters.
    may_be_unknown: bool,
    /// Whether something was found that must not be shown.
    is_closed: bool,
}

/// A sentence of fewer words waits for the next one: "Sure!" alone promises what may not come.
const MIN_WORDS: usize = 4;

impl<'a> HoldbackBuffer<'a> {
    /// Returns an empty buffer for a reply.
    pub fn new(evidence: &'a Evidence<'a>) -> Self {
        let may_be_unknown = evidence.effects().is_empty() && evidence.may_ask_for_change();
        let (text, held) = (String::new(), Vec::new());
        Self { evidence, text, held, shown: 0, judged: 0, looked_at: 0, may_be_unknown, is_closed: false }
    }

    /// Takes the next piece of the reply and returns the pieces that may be shown now.
    pub fn push(&mut self, piece: String) -> Vec<String> {
        self.text.push_str(&piece);
        self.held.push(piece);
        self.may_be_unknown = self.may_be_unknown && claim_extraction::language(&self.text).is_none();
        self.judge_sentences();
        if self.is_closed {
            return Vec::new();
        }
        let open = &self.text[self.judged..];
        let has_changed = !self.evidence.effects().is_empty();
        let waits = self.evidence.awaits_change()
            || self.may_be_unknown
            || claim_extraction::may_claim(open, has_changed);
        let until = if waits { self.judged } else { self.text.len() };
        self.release(until)
    }

    /// Returns what was held, for a reply that is honest as a whole.
    pub fn rest(&mut self) -> Vec<String> {
        self.shown = self.text.len();
        std::mem::take(&mut self.held)
    }

    /// The words that were shown.
    pub fn shown(&self) -> &str {
        &self.text[..self.shown]
    }

    /// Judges the whole reply.
    pub fn verdict(&self, reply: &str) -> AnswerVerdict {
        judge(reply, self.evidence)
    }

    fn judge_sentences(&mut self) {
        let ends = sentence::ends(&self.text);
        for end in ends.into_iter().filter(|end| *end > self.looked_at).collect::<Vec<_>>() {
            if self.is_closed {
                return;
            }
            if end <= self.judged {
                continue;
            }
            let is_short = self.text[self.judged..end].split_whitespace().count() < MIN_WORDS;
            if is_short && self.evidence.awaits_change() {
                continue;
            }
            self.looked_at = end;
            let space = self.text[end..].len() - self.text[end..].trim_start().len();
            // Each sentence by itself: the reply as a whole is judged at its end.
            match judge(&self.text[self.judged..end], self.evidence) {
                AnswerVerdict::False => self.is_closed = true,
                AnswerVerdict::Unknown if self.may_be_unknown => {}
                AnswerVerdict::Honest | AnswerVerdict::Unknown => self.judged = end + space,
            }
        }
    }

    fn release(&mut self, until: usize) -> Vec<String> {
        let mut pieces = Vec::new();
        while let Some(piece) = self.held.first() {
            if self.shown + piece.len() > until {
                break;
            }
            self.shown += piece.len();
            pieces.push(self.held.remove(0));
        }
        pieces
    }
}
