//! Verifies the claims of an answer: whether the changes that it tells of are those that were made.
//!
//! What a turn has changed is on record ([`effects_of_calls`]). A model may say something else.
//! [`verify_answer`] reads its words for claims of changes, in the languages of `languages.rs`, and compares
//! them with the record. It asks nobody and takes microseconds, so an honest answer costs nothing. Words of a
//! language that is not known are [`AnswerVerification::Unknown`]: then the model itself may be asked what
//! they say ([`question`]).

mod claim_extraction;
mod correction_messages;
mod evidence;
mod holdback_buffer;
mod languages;
mod lexicon;
mod sentence;

use crate::{
    calls_of_current_answer::has_undone,
    message::ExecutedCall,
    tool::{self, CallEffect, EffectKind, effects_of_calls},
};
use claim_extraction::{Claim, ClaimCertainty, Denial, ExtractedClaims};
pub use correction_messages::{NOTE_MARK, correction, is_yes, question, replacement_answer};
pub use evidence::Evidence;
pub use holdback_buffer::HoldbackBuffer;

/// What comes of comparing an answer with the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AnswerVerification {
    /// Nothing speaks against it.
    Honest,
    /// It claims a change that was not made, or denies one that was.
    False,
    /// It is in a language that is not known, and a change may have been asked for.
    Unknown,
}

/// Whether a person asked for a change with `said`, as far as their words or the calls tell, and none
/// was made. `effective` are the calls that count for the answer
/// ([`calls_of_current_answer`](crate::calls_of_current_answer::calls_of_current_answer)).
pub fn requested_change_not_made<'a>(
    said: &str,
    effective: impl IntoIterator<Item = &'a ExecutedCall>,
) -> bool {
    let effective: Vec<&ExecutedCall> = effective.into_iter().collect();
    own_effects(&effective).is_empty() && (has_failed(&effective) || claim_extraction::asks_for_change(said))
}

/// What an answer itself has changed. What was undone for it is no deed of its own.
fn own_effects(effective: &[&ExecutedCall]) -> Vec<CallEffect> {
    effects_of_calls(effective.iter().copied().filter(|call| !has_undone(call)))
}

/// Whether a change was tried and not made, for a part of its tasks or for all.
fn has_failed(done: &[&ExecutedCall]) -> bool {
    let failed = |call: &ExecutedCall| {
        let results = call.result["results"].as_array();
        let results = results.map_or(std::slice::from_ref(&call.result), Vec::as_slice);
        results.iter().any(|result| result["success"] != true)
    };
    done.iter().any(|call| tool::changes_the_list(&call.tool) && failed(call))
}

/// Compares an answer with the record of its turn.
pub fn verify_answer(answer: &str, evidence: &Evidence<'_>) -> AnswerVerification {
    let reading = claim_extraction::extract_claims(answer);
    let has_lied = if evidence.effects().is_empty() {
        reading.claims.iter().any(|claim| evidence.refutes(claim))
    } else {
        reading.claims.iter().any(|claim| exceeds(claim, &reading, evidence)) || denies(&reading, evidence)
    };
    if has_lied {
        return AnswerVerification::False;
    }
    let may_be_of_a_change = || evidence.may_ask_for_change() && !answer.trim_end().ends_with('?');
    let is_unknown = reading.language.is_none() && evidence.effects().is_empty() && may_be_of_a_change();
    if is_unknown { AnswerVerification::Unknown } else { AnswerVerification::Honest }
}

impl Evidence<'_> {
    /// Whether a claim is false in a turn that has changed nothing.
    fn refutes(&self, claim: &Claim) -> bool {
        if claim.item.as_ref().is_some_and(|line| self.is_a_task(line)) {
            return false;
        }
        match claim.strength {
            ClaimCertainty::Certain => !self.is_of_before(claim),
            ClaimCertainty::WhenAsked => self.asks_for_change() && !self.is_of_before(claim),
        }
    }

    fn is_of_before(&self, claim: &Claim) -> bool {
        self.was_earlier(claim) || self.was_undone(claim)
    }

    /// Whether a claim is of what was undone for this answer, and of no more.
    fn was_undone(&self, claim: &Claim) -> bool {
        let is_named = |effect: &&CallEffect| claim.quoted.is_empty() || is_quoted(claim, effect);
        let numbers: Vec<i64> =
            self.claimed_as_undone(claim).filter(is_named).map(|effect| effect.number).collect();
        let titles: Vec<String> =
            self.claimed_as_undone(claim).map(|effect| crate::text_search::fold(&effect.title)).collect();
        if claim.names.iter().any(|name| !titles.iter().any(|title| title.contains(name.as_str()))) {
            return false;
        }
        let counts_more = claim.count.is_some_and(|count| count > numbers.len());
        let names_others = claim.numbers.iter().any(|number| !numbers.contains(number));
        !numbers.is_empty() && !counts_more && !names_others && !claim.of_all
    }

    /// What was undone for this answer, as far as the words of a claim can be of that.
    fn claimed_as_undone(&self, claim: &Claim) -> impl Iterator<Item = &CallEffect> {
        self.undone_effects().iter().filter(|effect| tells_undoing(claim.kind, effect.kind))
    }

    /// Whether a claim is about a change made before this turn, in an earlier turn or read from the change
    /// log: it names the task, says that it was earlier, or answers a question about the log.
    fn was_earlier(&self, claim: &Claim) -> bool {
        if claim.is_past && self.has_older() {
            return true;
        }
        let names = |effect: &CallEffect| claim.numbers.contains(&effect.number) || is_quoted(claim, effect);
        let earlier = self.earlier_effects();
        let is_of = |effect: &CallEffect| fits(claim.kind, effect.kind) && (claim.is_past || names(effect));
        let asks_only = || !self.asks_for_change();
        // Without a reference to the task, a claim of a deletion matches only a deletion.
        let is_like = |effect: &CallEffect| match claim.kind {
            Some(EffectKind::Deleted) => effect.kind == EffectKind::Deleted,
            kind => fits(kind, effect.kind),
        };
        let is_told = |effect: &CallEffect| is_of(effect) || (is_like(effect) && asks_only());
        earlier.iter().any(is_of) || self.logged_changes().iter().any(is_told)
    }
}

/// Whether a claim quotes the title of a task that was changed, or a part of it.
fn is_quoted(claim: &Claim, effect: &CallEffect) -> bool {
    let title = crate::text_search::fold(&effect.title);
    claim.quoted.iter().any(|name| title.contains(name.as_str()))
}

/// Whether a claim goes beyond what its turn has changed.
fn exceeds(claim: &Claim, reading: &ExtractedClaims, evidence: &Evidence<'_>) -> bool {
    let fitting: Vec<&CallEffect> =
        evidence.effects().iter().filter(|effect| fits(claim.kind, effect.kind)).collect();
    if fitting.is_empty() {
        // "Completed" may be about the request itself, so such verbs fit every kind of change.
        let is_precise = matches!(claim.kind, Some(EffectKind::Added | EffectKind::Deleted));
        return is_precise && claim.strength == ClaimCertainty::Certain && evidence.refutes(claim);
    }
    if evidence.was_undone(claim) {
        return false;
    }
    let mut tasks: Vec<i64> = fitting.iter().map(|effect| effect.number).collect();
    tasks.sort_unstable();
    tasks.dedup();
    let counts_more = claim.count.is_some_and(|count| count > tasks.len());
    let takes_all = claim.of_all && evidence.has_failed() && !reading.admits;
    let is_of_one_task = matches!(claim.kind, Some(EffectKind::Deleted | EffectKind::Completed));
    let names_others = is_of_one_task && claim.numbers.iter().any(|number| !tasks.contains(number));
    let invents =
        claim.numbers.iter().any(|number| !tasks.contains(number) && !evidence.mentions_task(*number));
    let told = fitting.iter().copied().chain(evidence.claimed_as_undone(claim));
    let titles: Vec<String> = told.map(|effect| crate::text_search::fold(&effect.title)).collect();
    let is_other = |name: &&String| {
        let is_done =
            titles.iter().any(|title| title.contains(name.as_str()) || name.contains(title.as_str()));
        !is_done && evidence.mentions_title(name)
    };
    let names_untouched = claim.kind.is_some_and(|kind| kind != EffectKind::Restored)
        && claim.names.iter().any(|name| is_other(&name));
    counts_more || takes_all || names_others || invents || names_untouched
}

/// Whether an answer denies what its turn has done, and claims nothing.
fn denies(reading: &ExtractedClaims, evidence: &Evidence<'_>) -> bool {
    if evidence.has_failed() || !reading.claims.is_empty() {
        return false;
    }
    let is_done = |denial: &&Denial| {
        denial.kind.is_none() || evidence.effects().iter().any(|effect| denial.kind == Some(effect.kind))
    };
    reading.denials.iter().filter(is_done).any(|denial| is_of_what_was_changed(denial, evidence))
}

/// Whether a denial names a changed task, or none: "2 tasks are not done yet" and "Bread is not done yet" say
/// nothing of the milk.
fn is_of_what_was_changed(denial: &Denial, evidence: &Evidence<'_>) -> bool {
    let names = |effect: &CallEffect| {
        let title = crate::text_search::fold(&effect.title);
        denial.numbers.contains(&effect.number)
            || denial.quoted.iter().any(|name| title.contains(name.as_str()))
            || evidence::contains_title(&denial.words, &title)
    };
    let names_others =
        !denial.numbers.is_empty() || !denial.quoted.is_empty() || evidence.is_named_in(&denial.words);
    let is_counted =
        denial.is_counted && !matches!(denial.kind, Some(EffectKind::Added | EffectKind::Deleted));
    evidence.effects().iter().any(names) || !(is_counted || names_others)
}

/// Whether the words for a kind of change fit what was done: to add a day to a task, or to remove it, is
/// to update the task.
fn fits(claimed: Option<EffectKind>, done: EffectKind) -> bool {
    claimed.is_none_or(|claimed| match done {
        // What was undone may have been anything.
        _ if claimed == EffectKind::Restored => true,
        EffectKind::Updated => true,
        // What came back may be called added, open or done again, but not deleted.
        EffectKind::Restored => claimed != EffectKind::Deleted,
        done => claimed == done,
    })
}

/// Whether the words for a kind of change can only be of what was undone. Words for an update are the
/// same for what the replaced answer did, so they are not.
fn tells_undoing(claimed: Option<EffectKind>, done: EffectKind) -> bool {
    claimed.is_some_and(|claimed| match done {
        _ if claimed == EffectKind::Restored => true,
        EffectKind::Deleted | EffectKind::Completed => claimed == done,
        EffectKind::Restored => claimed != EffectKind::Deleted,
        EffectKind::Added | EffectKind::Updated | EffectKind::Reopened => false,
    })
}

#[cfg(test)]
mod tests;
