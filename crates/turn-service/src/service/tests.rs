use std::sync::Mutex;

use async_trait::async_trait;
use domain::{
    conversation::{ConversationSummary, ConversationTitle, ConversationView},
    model_selection::Models,
    ports::{
        ConversationPage, ConversationStore, IdGenerator, Release, TodoStore, TurnLeases, TurnPage, TurnStore,
    },
    testing::{ManualClock, MemoryStore, RandomIdGenerator, Scripted, ScriptedModel},
    todo_filter::TodoFilter,
    turn::{FailureKind, IdempotencyKey, RequestKey, Target, Usage, UserMessage},
    turn_driver::TurnError,
    undo::ReplacedEffects,
};
use tokio::time::timeout;

use super::*;
use crate::{
    subscription_update::SubscriptionUpdate,
    testing::{again, begin, finish, message, ports},
};

/// Much longer than anything here takes, and much shorter than what is waited for in vain.
const SOON: Duration = Duration::from_secs(5);

/// A process on a store that it may share with others, whose model answers with `script` and panics when
/// it is asked once more.
fn replica(store: &Arc<MemoryStore>, script: impl IntoIterator<Item = Scripted>) -> Arc<TurnService> {
    with_ports(store, ports(store), script)
}

fn with_ports(
    store: &Arc<MemoryStore>,
    ports: TurnPorts,
    script: impl IntoIterator<Item = Scripted>,
) -> Arc<TurnService> {
    let (clock, model) = (Arc::new(ManualClock::default()), Arc::new(ScriptedModel::new(script)));
    let models = Models::new(model);
    let driver = TurnDriver::new(store.clone(), models.clone(), clock.clone());
    let background = TitleAndSummaryWriter::new(store.clone(), models, clock);
    TurnService::start(driver, background, ports, KeyedSemaphore::for_pool(8), Box::new(|_| ()))
}

/// The end of a subscription.
async fn end_of(mut subscription: TurnSubscription) -> SubscriptionUpdate {
    loop {
        let update = timeout(SOON, subscription.next()).await.expect("every subscription ends");
        if !matches!(update, SubscriptionUpdate::Event(_)) {
            return update;
        }
    }
}

#[tokio::test]
async fn a_panic_is_told_at_once_and_the_next_request_goes_on() {
    let store = Arc::new(MemoryStore::default());
    let caller = store.register();
    let add = || Scripted::calls([("add_task", serde_json::json!({"title": "Milk"}))]);
    let first = replica(&store, [add()]);
    let request = message(caller);
    let told = timeout(SOON, first.answer(again(&request))).await.expect("it is told at once");
    let Err(TurnServiceError::Interrupted { error, progress }) = told else {
        panic!("it broke off: {told:?}")
    };
    assert!(matches!(*error, TurnServiceError::Panicked), "{error:?}");
    assert_eq!(progress.tool_calls.len(), 1);

    let other = replica(&store, [Scripted::says("Milk is on the list.")]);
    let answered = timeout(SOON, other.answer(again(&request))).await.expect("the lease was given back");
    let Answered { answer, is_replayed } = answered.unwrap();
    assert_eq!((answer.tool_calls.len(), is_replayed), (1, false), "the step before the panic counts once");
}

#[tokio::test]
async fn who_follows_a_turn_is_told_of_its_panic() {
    let store = Arc::new(MemoryStore::default());
    let caller = store.register();
    let service = replica(&store, []);
    let subscription = service.subscribe(TurnRequest::Send(message(caller))).await.unwrap();
    let end = end_of(subscription).await;
    assert!(matches!(end, SubscriptionUpdate::Failed(TurnServiceError::Panicked)), "{end:?}");
}

#[tokio::test]
async fn a_turn_that_panics_again_and_again_is_given_up() {
    let store = Arc::new(MemoryStore::default());
    let caller = store.register();
    let request = message(caller);
    for _ in 0..domain::turn::admission::MAX_ATTEMPTS {
        let told = timeout(SOON, replica(&store, []).answer(again(&request))).await.unwrap();
        assert!(matches!(told, Err(TurnServiceError::Panicked)), "{told:?}");
    }
    let told = timeout(SOON, replica(&store, []).answer(again(&request))).await.unwrap();
    let Err(TurnServiceError::Unanswered { failure, is_replayed: true }) = told else {
        panic!("it is given up: {told:?}")
    };
    assert_eq!(failure.kind, FailureKind::Abandoned);
}

/// Its tokens are still being counted here while another process goes on with it.
#[tokio::test]
async fn a_turn_that_has_ended_here_is_followed_where_it_goes_on() {
    let store = Arc::new(MemoryStore::default());
    let caller = store.register();
    let request = message(caller);
    let turn = begin(&store, &request).await;
    let service = replica(&store, []);
    let ended = Arc::new(ActiveTurn::new(&turn));
    let _registration = service.running.add(&ended);
    ended.end(Err(TurnError::HandedOver.into()));
    store.release(&turn.lease, Release::HandedOver).await.unwrap();
    let successor = begin(&store, &request).await;
    let subscription = service.resume(caller, turn.lease.conversation).await.unwrap();
    finish(&store, &successor.lease, "Nothing.").await;
    let end = end_of(subscription.expect("somebody works on it")).await;
    assert!(matches!(end, SubscriptionUpdate::Answered(_)), "{end:?}");
}

/// Conversations in which another message is said and answered right after the first look.
struct GoesOnMeanwhile {
    store: Arc<MemoryStore>,
    said: Mutex<Option<NewTurn>>,
}

#[async_trait]
impl ConversationStore for GoesOnMeanwhile {
    async fn find(
        &self,
        caller: Caller,
        id: ConversationId,
        page: TurnPage,
    ) -> Result<Option<ConversationView>, StoreError> {
        let found = ConversationStore::find(&*self.store, caller, id, page).await;
        let said = self.said.lock().unwrap().take();
        if let Some(said) = said {
            finish(&self.store, &begin(&self.store, &said).await.lease, "Done.").await;
        }
        found
    }

    async fn list(
        &self,
        caller: Caller,
        page: &ConversationPage,
    ) -> Result<(Vec<ConversationSummary>, i64), StoreError> {
        ConversationStore::list(&*self.store, caller, page).await
    }

    async fn find_turn(
        &self,
        caller: Caller,
        id: ConversationId,
        turn: TurnId,
    ) -> Result<Option<ConversationView>, StoreError> {
        self.store.find_turn(caller, id, turn).await
    }

    async fn rename(
        &self,
        caller: Caller,
        id: ConversationId,
        title: &ConversationTitle,
    ) -> Result<Option<ConversationSummary>, StoreError> {
        self.store.rename(caller, id, title).await
    }

    async fn delete(&self, caller: Caller, id: ConversationId) -> Result<bool, StoreError> {
        ConversationStore::delete(&*self.store, caller, id).await
    }
}

#[tokio::test]
async fn a_message_that_is_no_more_the_newest_is_not_said_once_more() {
    let store = Arc::new(MemoryStore::default());
    let caller = store.register();
    let first = begin(&store, &message(caller)).await;
    finish(&store, &first.lease, "Nothing.").await;
    let says = |text: &str| NewTurn {
        target: Target::Existing(first.lease.conversation),
        message: UserMessage::parse(text).unwrap(),
        key: None,
        ..message(caller)
    };
    let meanwhile = GoesOnMeanwhile { store: store.clone(), said: Mutex::new(Some(says("And tomorrow?"))) };
    let service = with_ports(&store, TurnPorts { conversations: Arc::new(meanwhile), ..ports(&store) }, []);
    let replacement = Replacement {
        replaced: ReplacedEffects::UndoIfUnchanged,
        text: MessageText::Recorded,
        has_own_key: false,
    };
    let request = TurnRequest::Regenerate(says("What is open?"), replacement);
    let outcome = timeout(SOON, service.subscribe(request)).await.unwrap().map(drop);
    assert!(matches!(outcome, Err(TurnServiceError::NothingToRegenerate)), "{outcome:?}");
}

/// The turn in the way belongs to another process, and its lease does not run out.
#[tokio::test(start_paused = true)]
async fn who_waits_behind_a_turn_that_goes_on_is_told_so_after_half_a_minute() {
    let store = Arc::new(MemoryStore::default());
    let caller = store.register();
    let request = message(caller);
    let first = begin(&store, &request).await;
    let service = replica(&store, []);
    let (half_a_minute, started_at) = (Duration::from_secs(30), Instant::now());
    let told = service.answer(again(&request)).await;
    assert!(matches!(told, Err(TurnServiceError::SameKeyRunning)), "{told:?}");
    let waited = started_at.elapsed();
    assert!(waited <= half_a_minute && waited > half_a_minute - Duration::from_secs(1), "{waited:?}");

    let target = Target::Existing(first.lease.conversation);
    let started_at = Instant::now();
    let told = service.answer(NewTurn { target, key: None, ..again(&request) }).await;
    assert!(matches!(told, Err(TurnServiceError::ConversationBusy)), "{told:?}");
    let waited = started_at.elapsed();
    assert!(waited <= half_a_minute && waited > half_a_minute - Duration::from_secs(1), "{waited:?}");
}

#[tokio::test]
async fn who_waits_for_a_first_message_without_an_answer_opens_its_conversation() {
    let store = Arc::new(MemoryStore::default());
    let caller = store.register();
    let first = begin(&store, &message(caller)).await;
    let says = || NewTurn {
        target: Target::Existing(first.lease.conversation),
        key: None,
        id: TurnId(RandomIdGenerator.next()),
        ..message(caller)
    };
    let service = replica(&store, [Scripted::says("Nothing."), Scripted::says("Still nothing.")]);
    let fails = async {
        tokio::time::sleep(2 * crate::timeouts::BEGIN_POLL_INTERVAL).await;
        store.fail(&first.lease, FailureKind::ModelUnavailable, Usage::default()).await.unwrap()
    };
    let (answered, failure) = tokio::join!(timeout(SOON, service.answer(says())), fails);
    assert_eq!(failure, None, "the first message is as if it had not been said");
    let answer = answered.unwrap().unwrap().answer;
    assert_eq!((answer.conversation, answer.message.as_str()), (first.lease.conversation, "Nothing."));
    let next = timeout(SOON, service.answer(says())).await.unwrap().unwrap().answer;
    assert_eq!((next.conversation, next.message.as_str()), (first.lease.conversation, "Still nothing."));

    let never = NewTurn { target: Target::Existing(ConversationId(RandomIdGenerator.next())), ..says() };
    let never = timeout(SOON, service.answer(never)).await.unwrap();
    assert!(matches!(never, Err(TurnServiceError::NoSuchConversation)), "{never:?}");
}

#[tokio::test]
async fn a_message_that_somebody_tries_again_under_another_key_is_not_acted_on_twice() {
    let store = Arc::new(MemoryStore::default());
    let caller = store.register();
    let said = NewTurn { client_message_id: Some("m".into()), ..message(caller) };
    let lost = begin(&store, &said).await;
    store.release(&lost.lease, Release::GivenUp).await.unwrap();

    let key = RequestKey { key: IdempotencyKey::parse("try-again").unwrap(), body_hash: [1; 32] };
    let target = Target::Existing(lost.lease.conversation);
    let replacement = Replacement {
        replaced: ReplacedEffects::UndoIfUnchanged,
        text: MessageText::Recorded,
        has_own_key: true,
    };
    let add = Scripted::calls([("add_task", serde_json::json!({"title": "Milk"}))]);
    let service = replica(&store, [add, Scripted::says("Milk is on the list.")]);
    let request = TurnRequest::Regenerate(NewTurn { key: Some(key), target, ..again(&said) }, replacement);
    let subscription = timeout(SOON, service.subscribe(request)).await.unwrap().unwrap();
    let end = end_of(subscription).await;
    let SubscriptionUpdate::Answered(tried_again) = end else { panic!("it is answered: {end:?}") };

    let Answered { answer, is_replayed } =
        timeout(SOON, service.answer(again(&said))).await.unwrap().unwrap();
    assert!(is_replayed);
    assert_eq!(answer, tried_again);
    let all = TodoFilter { limit: 9, counts: true, ..TodoFilter::default() };
    assert_eq!(TodoStore::list(&*store, caller, &all).await.unwrap().total, Some(1));
}
