use super::*;
use crate::{
    caller::Caller,
    ports::{ConversationStore, IdGenerator, TurnPage, TurnStore},
    testing::{ManualClock, MemoryStore, RandomIdGenerator, Scripted, ScriptedModel, block_on},
    turn::{BeginOutcome, FinalMessage, FinishReason, NewTurn, Target, Usage, UserMessage},
    turn_and_conversation_ids::ConversationId,
};

/// A store with one conversation, and a model that writes texts.
struct Fixture {
    store: Arc<MemoryStore>,
    model: Arc<ScriptedModel>,
    background: TitleAndSummaryWriter,
    caller: Caller,
    conversation: ConversationId,
}

impl Fixture {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::default());
        let store = Arc::new(MemoryStore::new(clock.clone()));
        let model = Arc::new(ScriptedModel::new([]));
        let background = TitleAndSummaryWriter::new(store.clone(), Models::new(model.clone()), clock);
        let caller = store.register();
        Self { store, model, background, caller, conversation: ConversationId(RandomIdGenerator.next()) }
    }

    /// Says something, answers it, and does what is to be done then. Returns the turn as it began.
    fn say(&self, text: &str) -> RunningTurn {
        let new = NewTurn {
            caller: self.caller,
            id: TurnId(RandomIdGenerator.next()),
            target: Target::Either(self.conversation),
            message: UserMessage::parse(text).unwrap(),
            client_message_id: None,
            model: None,
            time_zone: None,
            key: None,
        };
        let BeginOutcome::Started(turn) = block_on(self.store.begin(&new)).unwrap() else {
            panic!("expected a turn");
        };
        let text = FinalMessage { text: "Noted.".into(), reason: FinishReason::Stop };
        let model_usage = crate::ports::ModelUsage { model: "scripted".into(), usage: Usage::default() };
        let answer = block_on(self.store.finish(&turn.lease, &text, &model_usage)).unwrap();
        if let Some(work) = self.background.work_after(&turn) {
            block_on(self.background.make_title(&work, &answer));
            block_on(self.background.make_summary(&work));
        }
        *turn
    }

    fn title(&self) -> String {
        let page = TurnPage { limit: 1, before: None };
        let view =
            block_on(ConversationStore::find(self.store.as_ref(), self.caller, self.conversation, page));
        view.unwrap().unwrap().title
    }
}

#[test]
fn the_first_answer_is_followed_by_a_title_and_no_later_one() {
    let fixture = Fixture::new();
    fixture.model.writes(Scripted::says("\"Milk and eggs\""));
    fixture.say("please add milk and then some eggs");
    assert_eq!(fixture.title(), "Milk and eggs");
    fixture.say("and bread");
    assert_eq!((fixture.title().as_str(), fixture.model.text_requests().len()), ("Milk and eggs", 1));
    let request = &fixture.model.text_requests()[0];
    assert_eq!(
        (request.system.as_str(), request.tools),
        (conversation_title_prompt::PROMPT, ToolChoice::NotListed)
    );
}

#[test]
fn without_a_usable_title_the_first_words_stay() {
    let fixture = Fixture::new();
    fixture.model.writes(Scripted::says("{\"title\": 3}"));
    fixture.say("add milk");
    assert_eq!(fixture.title(), "add milk");
    let down = Fixture::new();
    down.say("add milk");
    assert_eq!(down.title(), "add milk");
}

#[test]
fn a_conversation_that_grows_long_is_summarized_and_goes_on_from_there() {
    let fixture = Fixture::new();
    fixture.model.writes(Scripted::says("A title"));
    fixture.say("The party is on Friday.");
    let mut number = 0;
    while fixture.model.text_requests().len() < 2 {
        number += 1;
        assert!(number < 100, "nothing was summarized");
        fixture.model.writes(Scripted::says("The party is on Friday. Much was said about tea."));
        fixture.say(&format!("{number} {}", "tea ".repeat(500)));
    }
    let request = &fixture.model.text_requests()[1];
    assert_eq!(request.system, compaction::PROMPT);
    let MessageBody::User(text) = &request.messages[0] else { panic!("{request:?}") };
    assert!(text.contains("Person: The party is on Friday.") && text.len() < 50_000);
    let next = fixture.say("When is the party?");
    assert_eq!(next.summary.as_deref(), Some("The party is on Friday. Much was said about tea."));
    assert!(
        !next
            .history
            .iter()
            .any(|message| message.body == MessageBody::User("The party is on Friday.".into()))
    );
}

#[test]
fn what_fails_is_done_after_a_later_answer() {
    let fixture = Fixture::new();
    for _ in 0..30 {
        fixture.say(&"tea ".repeat(500));
    }
    assert_eq!(fixture.say("hello").summary, None, "nobody has written one");
    (0..10).for_each(|_| fixture.model.writes(Scripted::says("Tea.")));
    fixture.say("hello");
    assert_eq!(fixture.say("hello").summary.as_deref(), Some("Tea."));
}
