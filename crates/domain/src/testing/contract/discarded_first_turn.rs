//! Titles of conversations whose first turn was discarded.

use super::fixture::{Fixture, must, started};
use crate::{
    conversation::ConversationTitle,
    ports::{ConversationStore, IdGenerator, TurnPage},
    testing::RandomIdGenerator,
    turn::{BeginOutcome, Lease, Target},
    turn_and_conversation_ids::{ConversationId, TurnId},
};

pub(super) async fn a_discarded_first_message_takes_its_title_with_it(
    fixture: &Fixture<'_>,
    store: &impl ConversationStore,
) {
    for target in [Target::Existing, Target::Either] {
        let dead = fixture.opened("never answered").await;
        fixture.kill_worker(&dead.lease).await;
        let id = dead.lease.conversation;
        let next = fixture.started(&fixture.says(target(id), "once more")).await;
        assert_eq!(next.title, "once more");
        assert_eq!(title_of(fixture, store, id).await.as_deref(), Some("once more"));
        let answer = fixture.finished(&next.lease, "Yes?").await;
        assert_eq!(answer.title, "once more");
    }
}

pub(super) async fn a_title_that_somebody_gave_stays(fixture: &Fixture<'_>, store: &impl ConversationStore) {
    let dead = fixture.opened("never answered").await;
    let id = dead.lease.conversation;
    let title = must(ConversationTitle::parse("Groceries"));
    must(store.rename(fixture.a, id, &title).await);
    fixture.kill_worker(&dead.lease).await;
    let next = fixture.continued(id, "once more").await;
    assert_eq!(next.title, "Groceries");
    assert_eq!(title_of(fixture, store, id).await.as_deref(), Some("Groceries"));
    assert_eq!(fixture.finished(&next.lease, "Yes?").await.title, "Groceries");
    let later = fixture.continued(id, "and now").await;
    assert_eq!(later.title, "Groceries");
    fixture.finished(&later.lease, "Now.").await;
}

pub(super) async fn the_conversation_of_a_first_turn_that_is_regenerated_stays(
    fixture: &Fixture<'_>,
    store: &impl ConversationStore,
) {
    let dead = fixture.opened("never answered").await;
    let id = dead.lease.conversation;
    fixture.kill_worker(&dead.lease).await;
    let again = started(fixture.regenerate(&dead.lease).await);
    assert_eq!((again.title.as_str(), again.opens_conversation), ("never answered", true));
    fixture.finished(&again.lease, "Yes?").await;
    assert_eq!(title_of(fixture, store, id).await.as_deref(), Some("never answered"));

    // One that is on record no more closes the dead turn and no more than that.
    for target in [Target::Existing, Target::Either] {
        let dead = fixture.opened("never answered").await;
        let id = dead.lease.conversation;
        fixture.kill_worker(&dead.lease).await;
        let gone = Lease { turn: TurnId(RandomIdGenerator.next()), ..dead.lease };
        let outcome = fixture.regenerate(&gone).await;
        assert!(matches!(outcome, BeginOutcome::NothingToRegenerate), "{outcome:?}");
        assert_eq!(fixture.status(&dead.lease).await, None);
        assert!(title_of(fixture, store, id).await.is_some(), "its client says the message there again");

        let next = fixture.started(&fixture.says(target(id), "once more")).await;
        assert_eq!((next.title.as_str(), next.opens_conversation), ("once more", true));
        assert_eq!(title_of(fixture, store, id).await.as_deref(), Some("once more"));
        fixture.finished(&next.lease, "Yes?").await;
        let later = fixture.continued(id, "and now").await;
        assert_eq!((later.title.as_str(), later.history.len()), ("once more", 3));
        fixture.finished(&later.lease, "Now.").await;
    }
}

async fn title_of(
    fixture: &Fixture<'_>,
    store: &impl ConversationStore,
    id: ConversationId,
) -> Option<String> {
    let view = must(store.find(fixture.a, id, TurnPage { limit: 1, before: None }).await);
    view.map(|view| view.title)
}
