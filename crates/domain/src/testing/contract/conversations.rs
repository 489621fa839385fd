//! Conversations as a person sees them.

use super::fixture::{
    Fixture, add, local, model_usage, must, new_conversation, new_key, planned, started, step, unique,
};
use crate::{
    caller::Caller,
    conversation::{ConversationSummary, ConversationTitle, ConversationView, Ending, TurnView},
    ports::{ConversationPage, ConversationStore, IdGenerator, Regeneration, StoreError, TurnPage},
    step::{Action, PlannedStep},
    substitute_final_message,
    testing::{RandomIdGenerator, join_all},
    todo_command::TodoCommand,
    turn::{
        BeginOutcome, EndedTurn, FailureKind, FinalMessage, FinishReason, NewTurn, Target, TurnStatus, Usage,
    },
    turn_and_conversation_ids::{ConversationId, TurnId},
};

type Store<'a> = &'a dyn ConversationStore;

/// Words of scripts whose letters have marks, and one (the last but two) whose lower case is longer.
const MANY_SCRIPTS: &str = "\u{939}\u{93f}\u{928}\u{94d}\u{926}\u{940} \u{e19}\u{e49}\u{e33} cafe\u{301}s \u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645} \u{130}stanbul \u{39f}\u{394}\u{39f}\u{3a3} o\u{2019}clock";

fn page(limit: i64, offset: i64, search: Option<&str>) -> ConversationPage {
    ConversationPage { limit, offset, search: search.map(str::to_owned) }
}

async fn listed(store: Store<'_>, caller: Caller, page: ConversationPage) -> (Vec<ConversationId>, i64) {
    let (summaries, total) = must(store.list(caller, &page).await);
    (summaries.iter().map(|summary| summary.id).collect(), total)
}

async fn summary(store: Store<'_>, caller: Caller, id: ConversationId) -> Option<ConversationSummary> {
    let (summaries, _) = must(store.list(caller, &page(100, 0, None)).await);
    summaries.into_iter().find(|summary| summary.id == id)
}

async fn view(store: Store<'_>, caller: Caller, id: ConversationId) -> Option<ConversationView> {
    must(store.find(caller, id, TurnPage { limit: 100, before: None }).await)
}

async fn seen(store: Store<'_>, fixture: &Fixture<'_>, id: ConversationId) -> ConversationView {
    let view = view(store, fixture.a, id).await;
    view.unwrap_or_else(|| panic!("the conversation {id} is not there"))
}

/// The texts of a turn's steps.
fn texts(turn: &TurnView) -> Vec<&str> {
    turn.steps.iter().map(|step| step.text.as_str()).collect()
}

fn title(text: &str) -> ConversationTitle {
    must(ConversationTitle::parse(text))
}

pub(super) async fn the_newest_activity_comes_first(fixture: &Fixture<'_>, store: Store<'_>) {
    assert_eq!(listed(store, fixture.a, page(20, 0, None)).await, (vec![], 0), "the callers are new");
    let mut ids = Vec::new();
    for text in ["buy 100% milk", "call Ann", "buy bread"] {
        let turn = fixture.opened(text).await;
        fixture.finished(&turn.lease, "Done.").await;
        ids.push(turn.lease.conversation);
    }
    let newest_first = vec![ids[2], ids[1], ids[0]];
    assert_eq!(listed(store, fixture.a, page(20, 0, None)).await, (newest_first, 3));
    assert_eq!(listed(store, fixture.a, page(2, 1, None)).await, (vec![ids[1], ids[0]], 3));
    assert_eq!(listed(store, fixture.a, page(2, 3, None)).await, (vec![], 3));
    assert_eq!(listed(store, fixture.a, page(20, 0, Some("BUY"))).await, (vec![ids[2], ids[0]], 2));
    assert_eq!(listed(store, fixture.a, page(1, 0, Some("buy"))).await, (vec![ids[2]], 2));
    assert_eq!(listed(store, fixture.a, page(1, 2, Some("buy"))).await, (vec![], 2), "beyond the last page");
    assert_eq!(listed(store, fixture.a, page(20, 0, Some("100%"))).await, (vec![ids[0]], 1));
    for wildcard in ["%read", "b_y bread", "nothing"] {
        assert_eq!(listed(store, fixture.a, page(20, 0, Some(wildcard))).await, (vec![], 0), "{wildcard}");
    }
    let turn = fixture.continued(ids[0], "oat milk for ann_lee@example.com, please").await;
    let moved = vec![ids[0], ids[2], ids[1]];
    assert_eq!(listed(store, fixture.a, page(20, 0, None)).await, (moved, 3), "as soon as it is said");
    fixture.finished(&turn.lease, MANY_SCRIPTS).await;
    for word in ["oat", "lee", "EXAMPLE", "ann_l"].into_iter().chain(MANY_SCRIPTS.split(' ')) {
        assert_eq!(listed(store, fixture.a, page(20, 0, Some(word))).await, (vec![ids[0]], 1), "{word}");
    }
    assert_eq!(listed(store, fixture.b, page(20, 0, None)).await, (vec![], 0));
}

pub(super) async fn a_conversation_is_shown_as_it_went(fixture: &Fixture<'_>, store: Store<'_>) {
    let mut new = fixture.says(Target::New(new_conversation()), "add milk, please");
    new.client_message_id = Some("message-1".to_owned());
    let id = new.target.id();
    let turn = fixture.started(&new).await;
    let before = seen(store, fixture, id).await;
    assert_eq!((before.id, before.title.as_str(), before.more), (id, "add milk, please", false));
    assert_eq!(before.running_turn, Some(turn.lease.turn));
    assert_eq!((before.turns.len(), before.turns[0].ending), (1, Ending::Running));
    assert!(before.turns[0].steps.is_empty(), "nothing is committed");

    let said = PlannedStep {
        local: local(),
        text: "One moment.".to_owned(),
        calls: vec![planned("add_task", Action::Apply(TodoCommand::Change(add(&unique("Milk")))))],
    };
    let calls = must(fixture.turns.commit_step(&turn.lease, 0, &said).await);
    let meanwhile = seen(store, fixture, id).await;
    assert_eq!(
        (texts(&meanwhile.turns[0]), &meanwhile.turns[0].steps[0].calls),
        (vec!["One moment."], &calls)
    );
    fixture.finished(&turn.lease, "It is there.").await;
    let next = fixture.continued(id, "thanks").await;
    fixture.finished(&next.lease, "You are welcome.").await;

    let after = seen(store, fixture, id).await;
    assert_eq!(after.running_turn, None);
    let [first, second] = &after.turns[..] else { panic!("expected two turns: {after:?}") };
    assert_eq!((first.turn, first.client_message_id.as_deref()), (turn.lease.turn, Some("message-1")));
    assert_eq!(
        (first.said.as_str(), first.ending),
        ("add milk, please", Ending::Finished(FinishReason::Stop))
    );
    assert_eq!(texts(first), ["One moment.", "It is there."]);
    assert_eq!((&first.steps[0].calls, first.steps[1].calls.len()), (&calls, 0));
    assert_eq!((second.turn, second.client_message_id.as_deref()), (next.lease.turn, None));
    assert_eq!((second.said.as_str(), texts(second)), ("thanks", vec!["You are welcome."]));
    assert!(after.created_at <= first.sent_at && first.sent_at <= first.steps[0].at);
    assert!(first.steps[1].at <= second.sent_at && second.sent_at <= after.updated_at);
    let expected = ConversationSummary {
        id,
        title: "add milk, please".to_owned(),
        created_at: after.created_at,
        updated_at: after.updated_at,
        message_count: 4,
    };
    assert_eq!(summary(store, fixture.a, id).await, Some(expected), "a person saw one answer a turn");
}

/// A turn that ends while somebody looks is seen as it was before, or as it is after.
pub(super) async fn what_is_seen_is_of_one_moment(fixture: &Fixture<'_>, store: Store<'_>) {
    for _ in 0..40 {
        let turn = fixture.opened("hello").await;
        let id = turn.lease.conversation;
        // One of them ends the turn, the others look.
        join_all((0..5).map(async |number| {
            if number == 0 {
                fixture.finished(&turn.lease, "Hello!").await;
            }
            while !is_seen_to_be_over(fixture, store, id).await {}
        }))
        .await;
    }
}

async fn is_seen_to_be_over(fixture: &Fixture<'_>, store: Store<'_>, id: ConversationId) -> bool {
    let view = seen(store, fixture, id).await;
    let is_over = view.turns[0].ending.is_over();
    assert_eq!(view.turns[0].steps.len(), usize::from(is_over), "{view:?}");
    is_over
}

/// So is a turn: while it is answered again and again, and until it goes with its conversation.
pub(super) async fn a_turn_is_told_as_of_one_moment(fixture: &Fixture<'_>, store: Store<'_>) {
    for _ in 0..10 {
        let (turn, call) = fixture.opened_with_task(&unique("once")).await;
        fixture.finished(&turn.lease, "It is there.").await;
        // One of them works on the turn, the others look.
        join_all((0..5).map(async |number| {
            if number == 0 {
                for _ in 0..10 {
                    let again = started(fixture.regenerate(&turn.lease).await);
                    fixture.finished(&again.lease, "It is still there.").await;
                }
                assert!(must(store.delete(fixture.a, turn.lease.conversation).await));
            }
            while let Some(status) = fixture.status(&turn.lease).await {
                let done = match status {
                    TurnStatus::Running { done, .. } => done,
                    TurnStatus::Ended(EndedTurn::Answered(answer)) => answer.tool_calls,
                    TurnStatus::Ended(EndedTurn::Failed(failure)) => panic!("it never failed: {failure:?}"),
                };
                assert_eq!(done, std::slice::from_ref(&call));
            }
        }))
        .await;
    }
}

pub(super) async fn one_turn_is_found_wherever_it_stands(fixture: &Fixture<'_>, store: Store<'_>) {
    let first = fixture.opened("hello").await;
    let id = first.lease.conversation;
    fixture.finished(&first.lease, "Hello!").await;
    let next = fixture.continued(id, "and now?").await;
    fixture.finished(&next.lease, "Now this.").await;
    let whole = seen(store, fixture, id).await;
    for (lease, turn) in [&first.lease, &next.lease].into_iter().zip(&whole.turns) {
        let found = must(store.find_turn(fixture.a, id, lease.turn).await);
        let expected = ConversationView { turns: vec![turn.clone()], ..whole.clone() };
        assert_eq!(found, Some(expected));
    }
    let elsewhere = fixture.opened("elsewhere").await;
    let found = must(store.find_turn(fixture.a, id, elsewhere.lease.turn).await);
    assert_eq!(found, Some(ConversationView { turns: Vec::new(), ..whole }));
    assert_eq!(must(store.find_turn(fixture.b, id, first.lease.turn).await), None);
    fixture.finished(&elsewhere.lease, "There.").await;
}

pub(super) async fn a_turn_that_lost_its_worker_is_shown_as_such(fixture: &Fixture<'_>, store: Store<'_>) {
    let (turn, call) = fixture.opened_with_task(&unique("alone")).await;
    let id = turn.lease.conversation;
    fixture.kill_worker(&turn.lease).await;
    let orphaned = seen(store, fixture, id).await;
    assert_eq!((orphaned.turns[0].ending, orphaned.running_turn), (Ending::Orphaned, Some(turn.lease.turn)));
    assert_eq!(orphaned.turns[0].steps[0].calls, [call]);

    let again = started(fixture.regenerate(&turn.lease).await);
    assert_eq!(seen(store, fixture, id).await.turns[0].ending, Ending::Running);
    fixture.finished(&again.lease, "Here.").await;
    assert_eq!(seen(store, fixture, id).await.turns[0].ending, Ending::Finished(FinishReason::Stop));
}

pub(super) async fn a_turn_is_shown_however_it_stands(fixture: &Fixture<'_>, store: Store<'_>) {
    let turn = fixture.opened("tell me all").await;
    let id = turn.lease.conversation;
    let final_message = FinalMessage { text: "First of".to_owned(), reason: FinishReason::Cancelled };
    must(fixture.turns.finish(&turn.lease, &final_message, &model_usage()).await);
    let stopped = seen(store, fixture, id).await;
    assert_eq!(stopped.turns[0].ending, Ending::Finished(FinishReason::Cancelled));
    assert_eq!(texts(&stopped.turns[0]), ["First of"], "what the model is told besides is not shown");

    let again = started(fixture.regenerate(&turn.lease).await);
    let reopened = seen(store, fixture, id).await;
    assert_eq!((reopened.turns[0].ending, reopened.running_turn), (Ending::Running, Some(turn.lease.turn)));
    assert!(reopened.turns[0].steps.is_empty(), "the answer is taken back: {reopened:?}");
    assert_eq!(must(fixture.turns.fail(&again.lease, FailureKind::ModelBusy, Usage::default()).await), None);
    assert_eq!(seen(store, fixture, id).await.turns, stopped.turns, "and brought back");

    let turn = fixture.continued(id, "add it").await;
    let call = fixture.added(&turn.lease, 0, &unique("shown")).await;
    must(fixture.turns.fail(&turn.lease, FailureKind::ModelBusy, Usage::default()).await);
    let failed = seen(store, fixture, id).await;
    assert_eq!((failed.turns[1].ending, failed.running_turn), (Ending::Failed, None));
    let honest = substitute_final_message::text_after_failure(std::slice::from_ref(&call));
    assert_eq!(texts(&failed.turns[1]), ["", honest.as_str()]);
    assert_eq!(failed.turns[1].steps[0].calls, [call]);
    let count = summary(store, fixture.a, id).await.map(|summary| summary.message_count);
    assert_eq!(count, Some(4));

    let undone = fixture.continued(id, "never answered").await;
    must(fixture.turns.fail(&undone.lease, FailureKind::ModelBusy, Usage::default()).await);
    assert_eq!(seen(store, fixture, id).await.turns, failed.turns, "as if it had not begun");
    let count = summary(store, fixture.a, id).await.map(|summary| summary.message_count);
    assert_eq!(count, Some(4));
}

pub(super) async fn a_long_conversation_comes_in_pages(fixture: &Fixture<'_>, store: Store<'_>) {
    let turn = fixture.opened("1").await;
    let id = turn.lease.conversation;
    fixture.finished(&turn.lease, "one").await;
    let mut turns = vec![turn.lease.turn];
    for number in 2..=5 {
        let turn = fixture.continued(id, &number.to_string()).await;
        fixture.finished(&turn.lease, "and one more").await;
        turns.push(turn.lease.turn);
    }
    let found = async |limit, before| {
        let view = must(store.find(fixture.a, id, TurnPage { limit, before }).await);
        let view = view.unwrap_or_else(|| panic!("the conversation is not there"));
        (view.turns.iter().map(|turn| turn.turn).collect::<Vec<TurnId>>(), view.more)
    };
    assert_eq!(found(5, None).await, (turns.clone(), false), "oldest first");
    assert_eq!(found(2, None).await, (turns[3..].to_vec(), true), "the newest page comes first");
    assert_eq!(found(2, Some(turns[3])).await, (turns[1..3].to_vec(), true));
    assert_eq!(found(2, Some(turns[1])).await, (turns[..1].to_vec(), false));
    assert_eq!(found(2, Some(turns[0])).await, (vec![], false));
    assert_eq!(
        found(2, Some(TurnId(RandomIdGenerator.next()))).await,
        (vec![], false),
        "nothing is before nothing"
    );
}

pub(super) async fn a_conversation_gets_another_title(fixture: &Fixture<'_>, store: Store<'_>) {
    let turn = fixture.opened("hello").await;
    let id = turn.lease.conversation;
    let new = unique("Groceries");
    let renamed = must(store.rename(fixture.a, id, &title(&new)).await);
    assert_eq!(renamed, summary(store, fixture.a, id).await);
    assert_eq!(renamed.map(|summary| summary.title), Some(new.clone()));
    assert_eq!(fixture.finished(&turn.lease, "Hello!").await.title, new);
    assert_eq!(seen(store, fixture, id).await.title, new);
    let next = fixture.continued(id, "and").await;
    assert_eq!(next.title, new, "what is said later does not change it");
    fixture.finished(&next.lease, "Yes.").await;
    assert_eq!(must(store.rename(fixture.a, new_conversation(), &title("x")).await), None);
}

pub(super) async fn a_deleted_conversation_is_gone_and_tasks_stay(fixture: &Fixture<'_>, store: Store<'_>) {
    let task = unique("stays");
    let (turn, _) = fixture.opened_with_task(&task).await;
    let id = turn.lease.conversation;
    assert!(must(store.delete(fixture.a, id).await));
    assert!(!must(store.delete(fixture.a, id).await), "it is gone already");
    assert_eq!(view(store, fixture.a, id).await, None);
    assert_eq!(summary(store, fixture.a, id).await, None);
    assert_eq!(fixture.status(&turn.lease).await, None);
    assert_eq!(must(fixture.leases.renew(&[turn.lease]).await), []);
    fixture.assert_superseded(&turn.lease, 1).await;
    let outcome = fixture.begin(&fixture.says(Target::Existing(id), "hello?")).await;
    assert!(matches!(outcome, BeginOutcome::NoSuchConversation), "{outcome:?}");
    assert_eq!(fixture.tasks_called(&task).await, 1);
}

pub(super) async fn what_was_said_in_a_deleted_conversation_is_not_said_again(
    fixture: &Fixture<'_>,
    store: Store<'_>,
) {
    let said = fixture.says_with_key(Target::Either(new_conversation()), "add it");
    let turn = fixture.started(&said).await;
    fixture.finished(&turn.lease, "It is there.").await;
    let key = new_key();
    let again = Regeneration {
        key: Some(&key),
        ..Regeneration::keep_effects(turn.lease.conversation, turn.lease.turn, None)
    };
    let reopened = started(must(fixture.turns.regenerate(fixture.a, &again).await));
    fixture.finished(&reopened.lease, "It is still there.").await;
    assert!(must(store.delete(fixture.a, turn.lease.conversation).await));
    let retried = || NewTurn { id: TurnId(RandomIdGenerator.next()), ..said.clone() };
    for target in [said.target, Target::New(new_conversation())] {
        let outcome = fixture.begin(&NewTurn { target, ..retried() }).await;
        assert!(matches!(outcome, BeginOutcome::NoSuchConversation), "{outcome:?}");
    }
    let outcome = must(fixture.turns.regenerate(fixture.a, &again).await);
    assert!(matches!(outcome, BeginOutcome::NoSuchConversation), "{outcome:?}");
    assert_eq!(view(store, fixture.a, turn.lease.conversation).await, None);
    // Somebody else has keys of their own, and another key says it anew.
    let theirs = NewTurn { caller: fixture.b, ..retried() };
    let theirs = fixture.started(&theirs).await;
    fixture.finished(&theirs.lease, "Theirs.").await;
    assert!(must(store.delete(fixture.b, theirs.lease.conversation).await));
    let anew = NewTurn { key: Some(new_key()), ..retried() };
    fixture.finished(&fixture.started(&anew).await.lease, "It is there again.").await;
}

pub(super) async fn nobody_sees_a_conversation_of_somebody_elses(fixture: &Fixture<'_>, store: Store<'_>) {
    let turn = fixture.opened("a secret").await;
    let id = turn.lease.conversation;
    fixture.finished(&turn.lease, "It is safe.").await;
    let before = seen(store, fixture, id).await;
    assert_eq!(view(store, fixture.b, id).await, None);
    assert_eq!(must(store.rename(fixture.b, id, &title("mine")).await), None);
    assert!(!must(store.delete(fixture.b, id).await));
    assert_eq!(listed(store, fixture.b, page(100, 0, None)).await, (vec![], 0));
    // A turn of another conversation is no place in this one, whoever's it is.
    let theirs = NewTurn { caller: fixture.b, ..fixture.says(Target::New(new_conversation()), "mine") };
    let theirs = fixture.started(&theirs).await;
    let at = TurnPage { limit: 100, before: Some(turn.lease.turn) };
    let view = must(store.find(fixture.b, theirs.lease.conversation, at).await);
    assert_eq!(view.map(|view| view.turns.len()), Some(0));
    fixture.finished(&theirs.lease, "Yours.").await;
    assert_eq!(seen(store, fixture, id).await, before);
}

pub(super) async fn a_revoked_token_sees_nothing(fixture: &Fixture<'_>, store: Store<'_>) {
    let turn = fixture.opened("hello").await;
    let id = turn.lease.conversation;
    let revoked = Caller { token_version: fixture.a.token_version + 1, ..fixture.a };
    let listed = store.list(revoked, &page(20, 0, None)).await;
    assert!(matches!(listed, Err(StoreError::UnknownCaller)), "{listed:?}");
    let found = store.find(revoked, id, TurnPage { limit: 20, before: None }).await;
    assert!(matches!(found, Err(StoreError::UnknownCaller)), "{found:?}");
    let found = store.find_turn(revoked, id, turn.lease.turn).await;
    assert!(matches!(found, Err(StoreError::UnknownCaller)), "{found:?}");
    let renamed = store.rename(revoked, id, &title("mine")).await;
    assert!(matches!(renamed, Err(StoreError::UnknownCaller)), "{renamed:?}");
    let deleted = store.delete(revoked, id).await;
    assert!(matches!(deleted, Err(StoreError::UnknownCaller)), "{deleted:?}");
    must(fixture.turns.commit_step(&turn.lease, 0, &step(add(&unique("goes on")))).await);
    assert_eq!(fixture.finished(&turn.lease, "Hello!").await.title, "hello", "nothing was done");
}
