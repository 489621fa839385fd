//! Titles that a model gives, summaries, the model of a conversation, and what a search finds.

use super::fixture::{Fixture, lines_of, must, new_conversation, unique};
use crate::{
    conversation::ConversationTitle,
    ports::Regeneration,
    ports::{ConversationPage, ConversationStore, Summary, TitleAndSummaryStore, TurnPage},
    turn::{Lease, NewTurn, Target},
};

fn title(text: &str) -> ConversationTitle {
    must(ConversationTitle::parse(text))
}

async fn title_now(fixture: &Fixture<'_>, store: &impl ConversationStore, lease: &Lease) -> String {
    let page = TurnPage { limit: 1, before: None };
    let view = must(store.find(fixture.a, lease.conversation, page).await);
    view.map(|view| view.title).unwrap_or_default()
}

pub(super) async fn a_model_gives_a_title_once_and_never_over_a_persons(
    fixture: &Fixture<'_>,
    store: &(impl ConversationStore + TitleAndSummaryStore),
) {
    let turn = fixture.opened("add milk, eggs and bread").await;
    fixture.finished(&turn.lease, "Done.").await;
    assert!(must(store.set_generated_title(turn.lease.turn, &title("Groceries")).await));
    assert_eq!(title_now(fixture, store, &turn.lease).await, "Groceries");
    assert!(!must(store.set_generated_title(turn.lease.turn, &title("Shopping")).await), "it has one");
    assert_eq!(title_now(fixture, store, &turn.lease).await, "Groceries");

    let named = fixture.opened("add tea").await;
    fixture.finished(&named.lease, "Done.").await;
    must(store.rename(fixture.a, named.lease.conversation, &title("Mine")).await);
    assert!(!must(store.set_generated_title(named.lease.turn, &title("Tea")).await));
    assert_eq!(title_now(fixture, store, &named.lease).await, "Mine");
    must(store.delete(fixture.a, named.lease.conversation).await);
    assert!(!must(store.set_generated_title(named.lease.turn, &title("Tea")).await), "it is gone");
}

pub(super) async fn a_summary_stands_for_the_messages_that_it_holds(
    fixture: &Fixture<'_>,
    store: &(impl ConversationStore + TitleAndSummaryStore),
) {
    let first = fixture.opened("the party is on Friday").await;
    fixture.finished(&first.lease, "Noted.").await;
    let id = first.lease.conversation;
    let second = fixture.continued(id, "hello").await;
    assert!(!second.opens_conversation && first.opens_conversation && second.summary.is_none());
    fixture.finished(&second.lease, "Hello!").await;

    let found = must(store.unsummarized(second.lease.turn, 3).await).unwrap_or_else(|| panic!("no turn"));
    assert_eq!((found.from, found.messages.len(), found.more, found.summary), (0, 3, true, None));
    assert_eq!(found.messages.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), [1, 2, 3]);
    let summary = Summary { text: "A party, on Friday.".to_owned(), through: 2 };
    assert!(must(store.replace_summary(second.lease.turn, 0, &summary).await));
    let other = Summary { text: "Something else.".to_owned(), through: 4 };
    assert!(!must(store.replace_summary(second.lease.turn, 0, &other).await), "another one was there first");

    let found = must(store.unsummarized(first.lease.turn, 100).await).unwrap_or_else(|| panic!("no turn"));
    assert_eq!((found.from, found.messages.len(), found.more), (2, 2, false));
    assert_eq!(found.summary.as_deref(), Some("A party, on Friday."));

    let third = fixture.continued(id, "when is it?").await;
    assert_eq!(third.summary.as_deref(), Some("A party, on Friday."));
    assert_eq!(lines_of(&third.history), ["user: hello", "assistant: Hello!", "user: when is it?"]);
    assert!(!third.has_older);
    fixture.finished(&third.lease, "On Friday.").await;
    let view = must(store.find(fixture.a, id, TurnPage { limit: 10, before: None }).await);
    assert_eq!(view.map(|view| view.turns.len()), Some(3), "the person sees every message");

    must(store.delete(fixture.a, id).await);
    assert_eq!(must(store.unsummarized(first.lease.turn, 100).await), None);
    assert!(!must(store.replace_summary(first.lease.turn, 2, &other).await));
}

pub(super) async fn a_conversation_remembers_its_model(fixture: &Fixture<'_>) {
    let chosen = |name: &str, turn: NewTurn| NewTurn { model: Some(name.to_owned()), ..turn };
    let first =
        fixture.started(&chosen("large", fixture.says(Target::New(new_conversation()), "hello"))).await;
    assert_eq!(first.model.as_deref(), Some("large"));
    fixture.finished(&first.lease, "Hello!").await;
    let id = first.lease.conversation;
    let second = fixture.continued(id, "and now?").await;
    assert_eq!(second.model.as_deref(), Some("large"), "it is remembered");
    fixture.finished(&second.lease, "Still.").await;
    let third = fixture.started(&chosen("small", fixture.says(Target::Existing(id), "and now?"))).await;
    assert_eq!(third.model.as_deref(), Some("small"));
    fixture.finished(&third.lease, "Now.").await;
    let again = super::fixture::started(must(
        fixture
            .turns
            .regenerate(fixture.a, &Regeneration::keep_effects(id, third.lease.turn, Some("large")))
            .await,
    ));
    assert_eq!(again.model.as_deref(), Some("large"));
    fixture.finished(&again.lease, "Now.").await;
    assert_eq!(fixture.opened("elsewhere").await.model, None);
}

pub(super) async fn a_search_finds_titles_and_messages(
    fixture: &Fixture<'_>,
    store: &impl ConversationStore,
) {
    let word = unique("zebra").replace(' ', "");
    let turn = fixture.opened("hello there").await;
    fixture.finished(&turn.lease, &format!("The {word}-party: balloons, don't forget!")).await;
    let others = fixture.opened("something else").await;
    fixture.finished(&others.lease, "Balloons? No.").await;
    let found = async |search: String| {
        let page = ConversationPage { limit: 10, offset: 0, search: Some(search) };
        let (listed, total) = must(store.list(fixture.a, &page).await);
        assert_eq!(i64::try_from(listed.len()).ok(), Some(total));
        listed.into_iter().map(|row| row.id).filter(|id| *id == turn.lease.conversation).count() == 1
    };
    for search in [
        word.clone(),
        word.to_uppercase(),
        word[..12].to_owned(),
        format!("balloons {word}"),
        format!("{word}, BALL"),
        "llo the".to_owned(),
    ] {
        assert!(found(search.clone()).await, "{search:?}");
    }
    for search in [word[5..].to_owned(), format!("{word} never"), format!("{word} & | ! <-> nothing")] {
        assert!(!found(search.clone()).await, "{search:?}");
    }
    for odd in ["'", ":*", "!", "\\", "<->", "%", "a'b:*&("] {
        found(odd.to_owned()).await;
    }
    let theirs = ConversationPage { limit: 10, offset: 0, search: Some(word) };
    assert_eq!(must(store.list(fixture.b, &theirs).await).1, 0, "nobody finds what is another's");
}
