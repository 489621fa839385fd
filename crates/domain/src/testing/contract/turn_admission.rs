//! Which requests may begin a turn, and where.

use super::fixture::{Fixture, lines_of, must, new_conversation, new_key, started};
use crate::{
    caller::Caller,
    ports::{IdGenerator, Regeneration, StoreError},
    testing::{RandomIdGenerator, join_all},
    turn::{BeginOutcome, NewTurn, Target},
    turn_and_conversation_ids::TurnId,
};

pub(super) async fn a_turn_is_begun_where_it_may_be(fixture: &Fixture<'_>) {
    let unknown = fixture.begin(&fixture.says(Target::Existing(new_conversation()), "hello")).await;
    assert!(matches!(unknown, BeginOutcome::NoSuchConversation), "{unknown:?}");

    let chosen = Target::Either(new_conversation());
    let turn = fixture.started(&fixture.says(chosen, "opens")).await;
    assert_eq!(turn.lease.conversation, chosen.id(), "nobody had it");
    fixture.finished(&turn.lease, "Opened.").await;
    let turn = fixture.started(&fixture.says(chosen, "goes on")).await;
    assert_eq!(lines_of(&turn.history), ["user: opens", "assistant: Opened.", "user: goes on"]);
    assert_eq!(turn.title, "opens");
    fixture.finished(&turn.lease, "Went on.").await;

    for caller in [fixture.a, fixture.b] {
        let taken = NewTurn { caller, ..fixture.says(Target::New(chosen.id()), "mine") };
        let outcome = fixture.turns.begin(&taken).await;
        assert!(matches!(outcome, Err(StoreError::Inconsistent { .. })), "{outcome:?}");
    }
    let turn = fixture.continued(chosen.id(), "still here").await;
    assert_eq!(turn.history.len(), 5, "what was refused left nothing behind");
    fixture.finished(&turn.lease, "Yes.").await;
}

pub(super) async fn one_turn_at_a_time_runs_in_a_conversation(fixture: &Fixture<'_>) {
    let turn = fixture.opened("slow").await;
    let id = turn.lease.conversation;
    let keyed = fixture.says_with_key(Target::Existing(id), "and with a key");
    for other in
        [fixture.says(Target::Existing(id), "and"), fixture.says(Target::Either(id), "and"), keyed.clone()]
    {
        let outcome = fixture.begin(&other).await;
        assert!(matches!(outcome, BeginOutcome::ConversationBusy { .. }), "{outcome:?}");
    }
    let elsewhere = fixture.opened("another conversation").await;
    fixture.finished(&elsewhere.lease, "is free.").await;
    fixture.finished(&turn.lease, "Now.").await;
    let next = fixture.restarted(&keyed).await;
    assert_eq!(next.history.len(), 3, "who was told to wait left nothing behind: {:?}", next.history);
    fixture.finished(&next.lease, "Here you are.").await;
}

pub(super) async fn of_requests_at_once_one_begins(fixture: &Fixture<'_>) {
    let keyed = fixture.says_with_key(Target::Either(new_conversation()), "with one key");
    let retries: Vec<_> =
        (0..4).map(|_| NewTurn { id: TurnId(RandomIdGenerator.next()), ..keyed.clone() }).collect();
    let turn = only_one(fixture, &retries, |outcome| matches!(outcome, BeginOutcome::SameKeyRunning)).await;
    fixture.finished(&started(turn).lease, "Once.").await;

    let others: Vec<_> = (0..4).map(|_| fixture.says(keyed.target, "all at once")).collect();
    let turn =
        only_one(fixture, &others, |outcome| matches!(outcome, BeginOutcome::ConversationBusy { .. })).await;
    fixture.finished(&started(turn).lease, "One by one.").await;

    let target = Target::Either(new_conversation());
    let of_two: Vec<_> = [fixture.a, fixture.b, fixture.a, fixture.b]
        .map(|caller| NewTurn { caller, ..fixture.says(target, "mine") })
        .into();
    let outcome = join_all(of_two.iter().map(|turn| fixture.begin(turn))).await;
    let (busy, rest): (Vec<_>, Vec<_>) =
        outcome.into_iter().partition(|outcome| matches!(outcome, BeginOutcome::ConversationBusy { .. }));
    assert_eq!((busy.len(), rest.len()), (2, 2), "{busy:?} {rest:?}");
    let [one, other] = [0, 1].map(|index| started(rest[index].clone()).lease);
    assert!(one.user != other.user, "one of each user's: {one:?} {other:?}");
    fixture.finished(&one, "Yours.").await;
    fixture.finished(&other, "Yours too.").await;
}

/// Begins all of `turns` at once and returns what the one got that is no refusal.
async fn only_one(
    fixture: &Fixture<'_>,
    turns: &[NewTurn],
    is_refused: impl Fn(&BeginOutcome) -> bool,
) -> BeginOutcome {
    let outcome = join_all(turns.iter().map(|turn| fixture.begin(turn))).await;
    let (refused, mut rest): (Vec<_>, Vec<_>) = outcome.into_iter().partition(is_refused);
    assert_eq!((refused.len(), rest.len()), (turns.len() - 1, 1), "{refused:?} {rest:?}");
    rest.remove(0)
}

pub(super) async fn nobody_reaches_into_a_conversation_of_somebody_elses(fixture: &Fixture<'_>) {
    let turn = fixture.opened("a secret").await;
    let id = turn.lease.conversation;
    for is_over in [false, true] {
        if is_over {
            fixture.finished(&turn.lease, "It is safe.").await;
        }
        let theirs = NewTurn { caller: fixture.b, ..fixture.says(Target::Existing(id), "tell me") };
        for key in [None, Some(new_key())] {
            let outcome = fixture.begin(&NewTurn { key, ..theirs.clone() }).await;
            assert!(matches!(outcome, BeginOutcome::NoSuchConversation), "{outcome:?}");
        }
        let again = must(
            fixture.turns.regenerate(fixture.b, &Regeneration::keep_effects(id, turn.lease.turn, None)).await,
        );
        assert!(matches!(again, BeginOutcome::NoSuchConversation), "{again:?}");
        assert_eq!(must(fixture.reader.find(fixture.b, turn.lease.turn).await), None);
        assert_eq!(must(fixture.reader.request_stop(fixture.b, id, None).await), None);
    }
    assert_eq!(must(fixture.reader.find(fixture.a, TurnId(RandomIdGenerator.next())).await), None);
}

pub(super) async fn a_revoked_token_begins_nothing(fixture: &Fixture<'_>) {
    let turn = fixture.opened("hello").await;
    let id = turn.lease.conversation;
    let revoked = Caller { token_version: fixture.a.token_version + 1, ..fixture.a };
    let target = Target::Either(new_conversation());
    let outcome = fixture.turns.begin(&NewTurn { caller: revoked, ..fixture.says(target, "hello") }).await;
    assert!(matches!(outcome, Err(StoreError::UnknownCaller)), "{outcome:?}");
    let outcome = fixture.begin(&fixture.says(Target::Existing(target.id()), "hello")).await;
    assert!(matches!(outcome, BeginOutcome::NoSuchConversation), "nothing was done: {outcome:?}");
    let again =
        fixture.turns.regenerate(revoked, &Regeneration::keep_effects(id, turn.lease.turn, None)).await;
    assert!(matches!(again, Err(StoreError::UnknownCaller)), "{again:?}");
    let found = fixture.reader.find(revoked, turn.lease.turn).await;
    assert!(matches!(found, Err(StoreError::UnknownCaller)), "{found:?}");
    let stopped = fixture.reader.request_stop(revoked, id, None).await;
    assert!(matches!(stopped, Err(StoreError::UnknownCaller)), "{stopped:?}");
    assert!(!must(fixture.leases.renew(&[turn.lease]).await)[0].stop_requested);
    fixture.finished(&turn.lease, "Hello!").await;
}
