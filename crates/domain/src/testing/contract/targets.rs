//! Where a turn may begin, and who may begin it.

use super::bench::{Bench, new_conversation, new_key, started, sure, told};
use crate::{
    account::Caller,
    id::TurnId,
    ports::{IdGenerator, StoreError},
    testing::{RandomIdGenerator, join_all},
    turn::{BeginOutcome, NewTurn, Target},
};

pub(super) async fn a_turn_is_begun_where_it_may_be(bench: &Bench<'_>) {
    let unknown = bench.begin(&bench.says(Target::Existing(new_conversation()), "hello")).await;
    assert!(matches!(unknown, BeginOutcome::NoSuchConversation), "{unknown:?}");

    let chosen = Target::Either(new_conversation());
    let turn = bench.started(&bench.says(chosen, "opens")).await;
    assert_eq!(turn.lease.conversation, chosen.id(), "nobody had it");
    bench.finished(&turn.lease, "Opened.").await;
    let turn = bench.started(&bench.says(chosen, "goes on")).await;
    assert_eq!(told(&turn.history), ["user: opens", "assistant: Opened.", "user: goes on"]);
    assert_eq!(turn.title, "opens");
    bench.finished(&turn.lease, "Went on.").await;

    for caller in [bench.a, bench.b] {
        let taken = NewTurn { caller, ..bench.says(Target::New(chosen.id()), "mine") };
        let begun = bench.turns.begin(&taken).await;
        assert!(matches!(begun, Err(StoreError::Inconsistent { .. })), "{begun:?}");
    }
    let turn = bench.continued(chosen.id(), "still here").await;
    assert_eq!(turn.history.len(), 5, "what was refused left nothing behind");
    bench.finished(&turn.lease, "Yes.").await;
}

pub(super) async fn one_turn_at_a_time_runs_in_a_conversation(bench: &Bench<'_>) {
    let turn = bench.opened("slow").await;
    let id = turn.lease.conversation;
    let keyed = bench.says_with_key(Target::Existing(id), "and with a key");
    for other in
        [bench.says(Target::Existing(id), "and"), bench.says(Target::Either(id), "and"), keyed.clone()]
    {
        let begun = bench.begin(&other).await;
        assert!(matches!(begun, BeginOutcome::ConversationBusy), "{begun:?}");
    }
    let elsewhere = bench.opened("another conversation").await;
    bench.finished(&elsewhere.lease, "is free.").await;
    bench.finished(&turn.lease, "Now.").await;
    let next = bench.restarted(&keyed).await;
    assert_eq!(next.history.len(), 3, "who was told to wait left nothing behind: {:?}", next.history);
    bench.finished(&next.lease, "Here you are.").await;
}

pub(super) async fn of_requests_at_once_one_begins(bench: &Bench<'_>) {
    let keyed = bench.says_with_key(Target::Either(new_conversation()), "with one key");
    let retries: Vec<_> =
        (0..4).map(|_| NewTurn { id: TurnId(RandomIdGenerator.next()), ..keyed.clone() }).collect();
    let turn = only_one(bench, &retries, |begun| matches!(begun, BeginOutcome::SameKeyRunning)).await;
    bench.finished(&started(turn).lease, "Once.").await;

    let others: Vec<_> = (0..4).map(|_| bench.says(keyed.target, "all at once")).collect();
    let turn = only_one(bench, &others, |begun| matches!(begun, BeginOutcome::ConversationBusy)).await;
    bench.finished(&started(turn).lease, "One by one.").await;

    let target = Target::Either(new_conversation());
    let of_two: Vec<_> = [bench.a, bench.b, bench.a, bench.b]
        .map(|caller| NewTurn { caller, ..bench.says(target, "mine") })
        .into();
    let begun = join_all(of_two.iter().map(|turn| bench.begin(turn))).await;
    let (busy, rest): (Vec<_>, Vec<_>) =
        begun.into_iter().partition(|begun| matches!(begun, BeginOutcome::ConversationBusy));
    assert_eq!((busy.len(), rest.len()), (2, 2), "{busy:?} {rest:?}");
    let [one, other] = [0, 1].map(|index| started(rest[index].clone()).lease);
    assert!(one.user != other.user, "one of each user's: {one:?} {other:?}");
    bench.finished(&one, "Yours.").await;
    bench.finished(&other, "Yours too.").await;
}

/// Begins all of `turns` at once and returns what the one got that is no refusal.
async fn only_one(
    bench: &Bench<'_>,
    turns: &[NewTurn],
    is_refused: impl Fn(&BeginOutcome) -> bool,
) -> BeginOutcome {
    let begun = join_all(turns.iter().map(|turn| bench.begin(turn))).await;
    let (refused, mut rest): (Vec<_>, Vec<_>) = begun.into_iter().partition(is_refused);
    assert_eq!((refused.len(), rest.len()), (turns.len() - 1, 1), "{refused:?} {rest:?}");
    rest.remove(0)
}

pub(super) async fn nobody_reaches_into_a_conversation_of_somebody_elses(bench: &Bench<'_>) {
    let turn = bench.opened("a secret").await;
    let id = turn.lease.conversation;
    for is_over in [false, true] {
        if is_over {
            bench.finished(&turn.lease, "It is safe.").await;
        }
        let theirs = NewTurn { caller: bench.b, ..bench.says(Target::Existing(id), "tell me") };
        for key in [None, Some(new_key())] {
            let begun = bench.begin(&NewTurn { key, ..theirs.clone() }).await;
            assert!(matches!(begun, BeginOutcome::NoSuchConversation), "{begun:?}");
        }
        let again = sure(bench.turns.regenerate(bench.b, id, turn.lease.turn).await);
        assert!(matches!(again, BeginOutcome::NoSuchConversation), "{again:?}");
        assert_eq!(sure(bench.reader.find(bench.b, turn.lease.turn).await), None);
        assert_eq!(sure(bench.reader.request_stop(bench.b, id).await), None);
    }
    assert_eq!(sure(bench.reader.find(bench.a, TurnId(RandomIdGenerator.next())).await), None);
}

pub(super) async fn a_revoked_token_begins_nothing(bench: &Bench<'_>) {
    let turn = bench.opened("hello").await;
    let id = turn.lease.conversation;
    let revoked = Caller { token_version: bench.a.token_version + 1, ..bench.a };
    let target = Target::Either(new_conversation());
    let begun = bench.turns.begin(&NewTurn { caller: revoked, ..bench.says(target, "hello") }).await;
    assert!(matches!(begun, Err(StoreError::UnknownCaller)), "{begun:?}");
    let begun = bench.begin(&bench.says(Target::Existing(target.id()), "hello")).await;
    assert!(matches!(begun, BeginOutcome::NoSuchConversation), "nothing was done: {begun:?}");
    let again = bench.turns.regenerate(revoked, id, turn.lease.turn).await;
    assert!(matches!(again, Err(StoreError::UnknownCaller)), "{again:?}");
    let found = bench.reader.find(revoked, turn.lease.turn).await;
    assert!(matches!(found, Err(StoreError::UnknownCaller)), "{found:?}");
    let stopped = bench.reader.request_stop(revoked, id).await;
    assert!(matches!(stopped, Err(StoreError::UnknownCaller)), "{stopped:?}");
    assert!(!sure(bench.leases.renew(&[turn.lease]).await)[0].stop_requested);
    bench.finished(&turn.lease, "Hello!").await;
}
