//! Ids of conversations that clients choose.

use super::fixture::{Fixture, add, lines_of, must, new_conversation, started, step, unique};
use crate::{
    conversation::ConversationTitle,
    ports::Regeneration,
    ports::{ConversationPage, ConversationStore, TurnPage},
    turn::{BeginOutcome, EndedTurn, FailureKind, NewTurn, Target, TurnStatus, Usage},
};

/// What is answered about a chosen id tells nobody whether another user's conversation has it.
pub(super) async fn an_id_that_a_client_chooses_is_its_user_s_own(
    fixture: &Fixture<'_>,
    conversations: &dyn ConversationStore,
) {
    let chosen = Target::Either(new_conversation());
    let id = chosen.id();
    let by = |caller, words| NewTurn { caller, ..fixture.says(chosen, words) };
    let first = fixture.started(&by(fixture.a, "a secret")).await;
    let second = fixture.started(&by(fixture.b, "tell me")).await;
    assert_eq!((first.lease.conversation, second.lease.conversation), (id, id));
    assert_eq!(lines_of(&second.history), ["user: tell me"]);

    let step = step(add(&unique("of b")));
    must(fixture.turns.commit_step(&second.lease, 0, &step).await);
    let answer = fixture.finished(&second.lease, "I do not know.").await;
    assert_eq!(answer.conversation, id);
    let status = must(fixture.reader.find(fixture.b, second.lease.turn).await);
    assert_eq!(status, Some(TurnStatus::Ended(EndedTurn::Answered(answer))));
    assert_eq!(
        must(fixture.reader.request_stop(fixture.b, id, None).await),
        None,
        "a's turn is not b's to stop"
    );
    assert_eq!(must(fixture.reader.request_stop(fixture.a, id, None).await), Some(first.lease.turn));
    fixture.finished(&first.lease, "It is safe.").await;

    let page = TurnPage { limit: 10, before: None };
    for (caller, said) in [(fixture.a, "a secret"), (fixture.b, "tell me")] {
        let view = must(conversations.find(caller, id, page).await).unwrap_or_else(|| panic!("it is theirs"));
        assert_eq!((view.id, view.turns.len(), view.turns[0].said.as_str()), (id, 1, said));
        let turn = view.turns[0].turn;
        let view =
            must(conversations.find_turn(caller, id, turn).await).unwrap_or_else(|| panic!("it is theirs"));
        assert_eq!(view.turns.len(), 1);
        let title = must(ConversationTitle::parse(&unique(said)));
        let renamed =
            must(conversations.rename(caller, id, &title).await).unwrap_or_else(|| panic!("it is theirs"));
        assert_eq!((renamed.id, renamed.title.as_str()), (id, title.as_str()));
        let search = Some(title.as_str().to_owned());
        let listed =
            must(conversations.list(caller, &ConversationPage { limit: 9, offset: 0, search }).await);
        assert_eq!((listed.0.len(), listed.0[0].id), (1, id));
    }

    let again = must(
        fixture.turns.regenerate(fixture.b, &Regeneration::keep_effects(id, second.lease.turn, None)).await,
    );
    let again = started(again).lease;
    assert_eq!(again.conversation, id);
    fixture.finished(&again, "I still do not know.").await;
    assert!(must(conversations.delete(fixture.a, id).await));
    let third = fixture.started(&by(fixture.b, "and now?")).await;
    assert_eq!(third.history.len(), 5, "b's goes on when the id is free again: {:?}", third.history);
    let failure = must(fixture.turns.fail(&third.lease, FailureKind::ModelBusy, Usage::default()).await);
    assert_eq!(failure, None, "it had done nothing");
    assert!(must(conversations.delete(fixture.b, id).await));
    assert!(must(conversations.find(fixture.b, id, page).await).is_none());
}

/// What is kept when a conversation is deleted are the keys of its own user's messages in it, whoever has
/// another conversation under the same id.
pub(super) async fn keys_of_a_deleted_conversation_are_those_of_its_messages(
    fixture: &Fixture<'_>,
    conversations: &dyn ConversationStore,
) {
    let chosen = Target::Either(new_conversation());
    let of_a = fixture.says_with_key(chosen, "add milk");
    let of_b = NewTurn { caller: fixture.b, ..fixture.says_with_key(chosen, "add oats") };
    let first = fixture.started(&of_a).await;
    let answer = EndedTurn::Answered(fixture.finished(&first.lease, "Milk.").await);
    let second = fixture.started(&of_b).await;
    fixture.finished(&second.lease, "Oats.").await;
    assert!(must(conversations.delete(fixture.b, chosen.id()).await));
    let outcome = fixture.retry(&of_b).await;
    assert!(matches!(outcome, BeginOutcome::NoSuchConversation), "b's key is kept: {outcome:?}");
    fixture.assert_ended(&of_a, &answer).await;

    let under_the_key_of_a =
        NewTurn { key: of_a.key, ..fixture.says(Target::New(new_conversation()), "hello") };
    let theirs = fixture.started(&NewTurn { caller: fixture.b, ..under_the_key_of_a }).await;
    fixture.finished(&theirs.lease, "Hello!").await;
    for (caller, id) in [(fixture.b, theirs.lease.conversation), (fixture.a, chosen.id())] {
        assert!(must(conversations.delete(caller, id).await));
    }
}
