//! Ids of conversations that clients choose.

use super::bench::{Bench, add, new_conversation, started, step, sure, told, unique};
use crate::{
    conversation::ConversationTitle,
    ports::{ConversationPage, ConversationStore, TurnPage},
    turn::{EndedTurn, FailureKind, NewTurn, Target, TurnStatus},
};

/// What is answered about a chosen id tells nobody whether another user's conversation has it.
pub(super) async fn an_id_that_a_client_chooses_is_its_user_s_own(
    bench: &Bench<'_>,
    conversations: &dyn ConversationStore,
) {
    let chosen = Target::Either(new_conversation());
    let id = chosen.id();
    let by = |caller, words| NewTurn { caller, ..bench.says(chosen, words) };
    let first = bench.started(&by(bench.a, "a secret")).await;
    let second = bench.started(&by(bench.b, "tell me")).await;
    assert_eq!((first.lease.conversation, second.lease.conversation), (id, id));
    assert_eq!(told(&second.history), ["user: tell me"]);

    let step = step(add(&unique("of b")));
    sure(bench.turns.commit_step(&second.lease, 0, &step).await);
    let answer = bench.finished(&second.lease, "I do not know.").await;
    assert_eq!(answer.conversation, id);
    let status = sure(bench.reader.find(bench.b, second.lease.turn).await);
    assert_eq!(status, Some(TurnStatus::Ended(EndedTurn::Answered(answer))));
    assert_eq!(sure(bench.reader.request_stop(bench.b, id).await), None, "a's turn is not b's to stop");
    assert_eq!(sure(bench.reader.request_stop(bench.a, id).await), Some(first.lease.turn));
    bench.finished(&first.lease, "It is safe.").await;

    let page = TurnPage { limit: 10, before: None };
    for (caller, said) in [(bench.a, "a secret"), (bench.b, "tell me")] {
        let view = sure(conversations.find(caller, id, page).await).expect("it is theirs");
        assert_eq!((view.id, view.turns.len(), view.turns[0].said.as_str()), (id, 1, said));
        let turn = view.turns[0].turn;
        let view = sure(conversations.find_turn(caller, id, turn).await).expect("it is theirs");
        assert_eq!(view.turns.len(), 1);
        let title = ConversationTitle::parse(&unique(said)).expect("it is a title");
        let renamed = sure(conversations.rename(caller, id, &title).await).expect("it is theirs");
        assert_eq!((renamed.id, renamed.title.as_str()), (id, title.as_str()));
        let search = Some(title.as_str().to_owned());
        let listed =
            sure(conversations.list(caller, &ConversationPage { limit: 9, offset: 0, search }).await);
        assert_eq!((listed.0.len(), listed.0[0].id), (1, id));
    }

    let again = sure(bench.turns.regenerate(bench.b, id, second.lease.turn).await);
    let again = started(again).lease;
    assert_eq!(again.conversation, id);
    bench.finished(&again, "I still do not know.").await;
    assert!(sure(conversations.delete(bench.a, id).await));
    let third = bench.started(&by(bench.b, "and now?")).await;
    assert_eq!(third.history.len(), 5, "b's goes on when the id is free again: {:?}", third.history);
    let failure = sure(bench.turns.fail(&third.lease, FailureKind::ModelBusy).await);
    assert_eq!(failure, None, "it had done nothing");
    assert!(sure(conversations.delete(bench.b, id).await));
    assert!(sure(conversations.find(bench.b, id, page).await).is_none());
}
