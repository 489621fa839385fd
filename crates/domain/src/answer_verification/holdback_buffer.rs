//! Holds words back while they may turn out to be a claim that is not true.
//!
//! Words that are shown cannot be withdrawn. So from the first word that may belong to a claim, or after a
//! change to a denial, the rest of its sentence waits for the sentence's end, where it is judged; everything
//! else passes at once. While a change is asked for and not made, whole sentences wait: then a false claim
//! leaves no beginning behind.

use std::collections::VecDeque;

use super::{AnswerVerification, Evidence, claim_extraction, sentence, verify_answer};

/// The words of one reply, and how many of them may be shown. Reading them takes time in proportion to the
/// reply, in however many pieces it comes.
#[derive(Debug)]
pub struct HoldbackBuffer<'a> {
    evidence: &'a Evidence<'a>,
    text: String,
    /// The pieces that are not shown yet.
    held: VecDeque<String>,
    /// How many bytes are shown.
    shown: usize,
    /// How many bytes are judged, and honest.
    judged: usize,
    /// Up to which byte it is known where sentences end.
    ends_known: usize,
    /// The words between what is judged and the last end of a sentence.
    words: WordCount,
    /// Whether the language may be an unknown one, and that matters.
    may_be_unknown: bool,
    /// Whether something was found that must not be shown.
    is_closed: bool,
    /// When the language is looked for again.
    language: Rereading,
    /// When the sentences that are not judged are, while they may be of an unknown language.
    sentences: Rereading,
    /// When the sentence that has no end yet is read again.
    open: Rereading,
    bytes_read: usize,
}

/// A sentence of fewer words waits for the next one: "Sure!" alone promises what may not come.
const MIN_WORDS: usize = 4;

impl<'a> HoldbackBuffer<'a> {
    /// Returns an empty buffer for a reply.
    pub fn new(evidence: &'a Evidence<'a>) -> Self {
        Self {
            evidence,
            text: String::new(),
            held: VecDeque::new(),
            shown: 0,
            judged: 0,
            ends_known: 0,
            words: WordCount::default(),
            may_be_unknown: evidence.effects().is_empty() && evidence.may_ask_for_change(),
            is_closed: false,
            language: Rereading::default(),
            sentences: Rereading::default(),
            open: Rereading::default(),
            bytes_read: 0,
        }
    }

    /// Takes the next piece of the reply and returns the pieces that may be shown now.
    pub fn push(&mut self, piece: String) -> Vec<String> {
        self.text.push_str(&piece);
        self.held.push_back(piece);
        if self.is_closed {
            return Vec::new();
        }
        if self.may_be_unknown && self.language.is_due(self.text.len()) {
            self.bytes_read += self.text.len();
            self.may_be_unknown = claim_extraction::detect_language(&self.text).is_none();
        }
        self.judge_sentences();
        if self.is_closed {
            return Vec::new();
        }
        let until = if self.waits() { self.judged } else { self.text.len() };
        self.release(until)
    }

    /// Returns what was held, for a reply that is honest as a whole.
    pub fn rest(&mut self) -> Vec<String> {
        self.shown = self.text.len();
        std::mem::take(&mut self.held).into()
    }

    /// The words that were shown.
    pub fn shown(&self) -> &str {
        &self.text[..self.shown]
    }

    /// Judges the whole reply.
    pub fn verification(&self, reply: &str) -> AnswerVerification {
        verify_answer(reply, self.evidence)
    }

    /// Total bytes read so far; bytes that are read again count again.
    pub fn bytes_read(&self) -> usize {
        self.bytes_read
    }

    fn judge_sentences(&mut self) {
        self.bytes_read += self.text.len() - self.ends_known;
        let (ends, known) = sentence::ends_from(&self.text, self.ends_known);
        self.ends_known = known;
        for end in ends {
            if end <= self.judged {
                continue;
            }
            self.bytes_read += self.words.read(&self.text, end);
            let is_short = self.words.count < MIN_WORDS;
            if is_short && self.evidence.awaits_change() {
                continue;
            }
            let unjudged = end - self.judged;
            if self.may_be_unknown && !self.sentences.is_due(unjudged) {
                continue;
            }
            self.bytes_read += unjudged;
            // Each sentence by itself: the reply as a whole is judged at its end.
            match verify_answer(&self.text[self.judged..end], self.evidence) {
                AnswerVerification::False => {
                    self.is_closed = true;
                    return;
                }
                AnswerVerification::Unknown if self.may_be_unknown => {}
                AnswerVerification::Honest | AnswerVerification::Unknown => self.passes(end),
            }
        }
    }

    /// What is before this end of a sentence is honest.
    fn passes(&mut self, end: usize) {
        let space = self.text[end..].len() - self.text[end..].trim_start().len();
        self.judged = end + space;
        self.words = WordCount { at: self.judged, ..WordCount::default() };
        (self.sentences, self.open) = Default::default();
    }

    /// Whether the sentence that has no end yet waits for it. One that was not read since it grew does.
    fn waits(&mut self) -> bool {
        let open = &self.text[self.judged..];
        if self.evidence.awaits_change() || self.may_be_unknown || !self.open.is_due(open.len()) {
            return true;
        }
        self.bytes_read += open.len();
        claim_extraction::may_claim(open, !self.evidence.effects().is_empty())
    }

    fn release(&mut self, until: usize) -> Vec<String> {
        let mut pieces = Vec::new();
        while self.held.front().is_some_and(|piece| self.shown + piece.len() <= until) {
            let Some(piece) = self.held.pop_front() else { break };
            self.shown += piece.len();
            pieces.push(piece);
        }
        pieces
    }
}

/// When a text that grows is read again: at every piece while it is short, and then when it has grown by a
/// quarter, so that all of the reading is in proportion to the text.
#[derive(Debug, Default)]
struct Rereading {
    /// The length that was read last, in bytes.
    last: usize,
}

impl Rereading {
    /// Longer than nearly every sentence, so that what people read comes word by word.
    const SHORT: usize = 1024;

    /// Whether a text of this length is to be read now.
    fn is_due(&mut self, length: usize) -> bool {
        let is_due = length <= Self::SHORT || length >= self.last + self.last / 4;
        if is_due {
            self.last = length;
        }
        is_due
    }
}

/// Counts words as they come.
#[derive(Debug, Default)]
struct WordCount {
    /// Up to which byte they are counted.
    at: usize,
    count: usize,
    is_in_word: bool,
}

impl WordCount {
    /// Counts on to this byte, and returns how many bytes that were.
    fn read(&mut self, text: &str, to: usize) -> usize {
        for c in text[self.at..to].chars() {
            let is_in_word = !c.is_whitespace();
            self.count += usize::from(is_in_word && !self.is_in_word);
            self.is_in_word = is_in_word;
        }
        to - std::mem::replace(&mut self.at, to)
    }
}
