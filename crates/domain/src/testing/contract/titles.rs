//! Titles of conversations whose first turn was discarded.

use super::bench::{Bench, sure};
use crate::{
    conversation::ConversationTitle,
    id::ConversationId,
    ports::{ConversationStore, TurnPage},
    turn::{BeginOutcome, Target},
};

pub(super) async fn a_discarded_first_message_takes_its_title_with_it(
    bench: &Bench<'_>,
    store: &impl ConversationStore,
) {
    for target in [Target::Existing, Target::Either] {
        let dead = bench.opened("never answered").await;
        bench.dies(&dead.lease).await;
        let id = dead.lease.conversation;
        let next = bench.started(&bench.says(target(id), "once more")).await;
        assert_eq!(next.title, "once more");
        assert_eq!(title_of(bench, store, id).await.as_deref(), Some("once more"));
        let answer = bench.finished(&next.lease, "Yes?").await;
        assert_eq!(answer.title, "once more");
    }
}

pub(super) async fn a_title_that_somebody_gave_stays(bench: &Bench<'_>, store: &impl ConversationStore) {
    let dead = bench.opened("never answered").await;
    let id = dead.lease.conversation;
    let title = sure(ConversationTitle::parse("Groceries"));
    sure(store.rename(bench.a, id, &title).await);
    bench.dies(&dead.lease).await;
    let next = bench.continued(id, "once more").await;
    assert_eq!(next.title, "Groceries");
    assert_eq!(title_of(bench, store, id).await.as_deref(), Some("Groceries"));
    assert_eq!(bench.finished(&next.lease, "Yes?").await.title, "Groceries");
    let later = bench.continued(id, "and now").await;
    assert_eq!(later.title, "Groceries");
    bench.finished(&later.lease, "Now.").await;
}

pub(super) async fn a_removed_first_turn_takes_its_conversation_with_it(
    bench: &Bench<'_>,
    store: &impl ConversationStore,
) {
    let dead = bench.opened("never answered").await;
    bench.dies(&dead.lease).await;
    let begun = bench.regenerate(&dead.lease).await;
    assert!(matches!(begun, BeginOutcome::NothingToRegenerate), "{begun:?}");
    assert_eq!(title_of(bench, store, dead.lease.conversation).await, None);
}

async fn title_of(bench: &Bench<'_>, store: &impl ConversationStore, id: ConversationId) -> Option<String> {
    let view = sure(store.find(bench.a, id, TurnPage { limit: 1, before: None }).await);
    view.map(|view| view.title)
}
