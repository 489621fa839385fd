use async_trait::async_trait;
use chrono::DateTime;
use domain::{
    account::UserId,
    conversation::{ConversationSummary, ConversationTitle, ConversationView},
    ports::{ConversationPage, StoreError},
    testing::{ManualClock, MemoryStore},
};
use uuid::Uuid;

use super::*;

/// A conversation whose turn runs and runs, with one step behind it.
struct ForEverRunning;

const TURN: TurnId = TurnId(Uuid::from_u128(1));
const CONVERSATION: ConversationId = ConversationId(Uuid::from_u128(2));

#[async_trait]
impl ConversationStore for ForEverRunning {
    async fn list(
        &self,
        _: Caller,
        _: &ConversationPage,
    ) -> Result<(Vec<ConversationSummary>, i64), StoreError> {
        Ok((Vec::new(), 0))
    }

    async fn find(
        &self,
        _: Caller,
        id: ConversationId,
        _: TurnPage,
    ) -> Result<Option<ConversationView>, StoreError> {
        let at = DateTime::UNIX_EPOCH;
        let step = StepView { text: "One moment.".into(), calls: Vec::new(), at };
        let turn = TurnView {
            turn: TURN,
            client_message_id: None,
            said: "Hi".into(),
            said_at: at,
            steps: vec![step],
            ending: Ending::Running,
        };
        let (title, running_turn) = ("Hi".into(), Some(TURN));
        let turns = vec![turn];
        Ok(Some(ConversationView {
            id,
            title,
            created_at: at,
            updated_at: at,
            running_turn,
            turns,
            more: false,
        }))
    }

    async fn rename(
        &self,
        _: Caller,
        _: ConversationId,
        _: &ConversationTitle,
    ) -> Result<Option<ConversationSummary>, StoreError> {
        Ok(None)
    }

    async fn delete(&self, _: Caller, _: ConversationId) -> Result<bool, StoreError> {
        Ok(false)
    }
}

#[tokio::test]
async fn a_turn_that_nobody_works_on_is_not_waited_for_for_ever() {
    let desk = Arc::new(MemoryStore::new(Arc::new(ManualClock::default())));
    let caller = Caller { user: UserId(Uuid::from_u128(3)), token_version: 0 };
    let polled =
        Polled::open(Arc::new(ForEverRunning), desk, caller, (CONVERSATION, TURN)).await.ok().unwrap();
    let mut source = Source::Polled(Polled { patience: Duration::ZERO, ..polled });
    let mut told = Vec::new();
    let sentence = loop {
        match source.next().await {
            Told::Event(event) => told.push(event),
            Told::Answered(_) => panic!("nobody answered"),
            Told::Failed(sentence) => break sentence,
        }
    };
    let words = TurnEvent::Words("One moment.".into());
    let step = [TurnEvent::StepStarted, words, TurnEvent::Calling(vec![]), TurnEvent::Called(vec![])];
    assert_eq!(told, step, "what was done is told");
    assert!(sentence.ends_with('.'), "{sentence}");
}
