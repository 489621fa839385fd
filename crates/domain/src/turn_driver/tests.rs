mod failures;
mod false_claims;
mod interruptions;
mod model_fallback;

use serde_json::json;

use super::*;
use crate::{
    caller::Caller,
    message::MessageBody,
    ports::{IdGenerator, Release, ToolChoice, TurnLeases, TurnReader},
    testing::{
        ManualClock, MemoryStore, NeverInterrupts, RandomIdGenerator, RecordingListener, Scripted,
        ScriptedModel, block_on,
    },
    turn::{
        BeginOutcome, EndedTurn, FinishReason, IdempotencyKey, NewTurn, RequestKey, Target, TurnStatus,
        UserMessage,
    },
    turn_and_conversation_ids::{ConversationId, TurnId},
};

/// A driver on a store in memory, a model with a script, and a listener.
struct Fixture {
    clock: Arc<ManualClock>,
    store: Arc<MemoryStore>,
    model: Arc<ScriptedModel>,
    heard: RecordingListener,
    caller: Caller,
    conversation: ConversationId,
    key: RequestKey,
}

impl Fixture {
    fn with_script(script: impl IntoIterator<Item = Scripted>) -> Self {
        let clock = Arc::new(ManualClock::default());
        let store = Arc::new(MemoryStore::new(clock.clone()));
        let caller = store.register();
        Self {
            clock,
            store,
            model: Arc::new(ScriptedModel::new(script)),
            heard: RecordingListener::default(),
            caller,
            conversation: ConversationId(RandomIdGenerator.next()),
            key: RequestKey { key: IdempotencyKey::parse("key").unwrap(), body_hash: [0; 32] },
        }
    }

    fn chat(&self) -> TurnDriver {
        TurnDriver::new(self.store.clone(), Models::new(self.model.clone()), self.clock.clone())
    }

    fn begin(&self, text: &str, key: Option<&RequestKey>) -> RunningTurn {
        let turn = NewTurn {
            caller: self.caller,
            id: TurnId(RandomIdGenerator.next()),
            target: Target::Either(self.conversation),
            message: UserMessage::parse(text).unwrap(),
            client_message_id: None,
            model: None,
            time_zone: None,
            key: key.cloned(),
        };
        match block_on(self.store.begin(&turn)).unwrap() {
            BeginOutcome::Started(turn) => *turn,
            other => panic!("expected a turn: {other:?}"),
        }
    }

    /// Begins a turn, or takes over the one of a worker that died.
    fn begin_with_key(&self) -> RunningTurn {
        self.begin("hello", Some(&self.key))
    }

    fn run(&self, turn: RunningTurn) -> Result<TurnAnswer, TurnError> {
        block_on(self.chat().run(turn, &self.heard, &NeverInterrupts)).map_err(|unanswered| unanswered.error)
    }

    /// Says something and returns the answer.
    fn say(&self, text: &str) -> TurnAnswer {
        self.run(self.begin(text, None)).unwrap()
    }

    fn status(&self, turn: TurnId) -> Option<TurnStatus> {
        block_on(self.store.find(self.caller, turn)).unwrap()
    }
}

fn add(title: &str) -> Scripted {
    Scripted::calls([("add_task", json!({ "title": title }))])
}

fn word(text: &str) -> TurnEvent {
    TurnEvent::TextDelta(text.into())
}

/// What listeners heard, without what was called.
fn kinds(events: &[TurnEvent]) -> Vec<&str> {
    let kind = |event| match event {
        &TurnEvent::StepStarted => "started",
        TurnEvent::TextDelta(_) => "words",
        TurnEvent::StepDiscarded => "discarded",
        TurnEvent::TextRetracted => "withdrawn",
        TurnEvent::ToolCallsStarted(_) => "calling",
        TurnEvent::ToolCallsCommitted(_) => "called",
    };
    events.iter().map(kind).collect()
}

#[test]
fn a_message_is_answered() {
    let fixture = Fixture::with_script([Scripted::says("Good morning!").using(412, 31)]);
    let turn = fixture.begin("hello", None);
    let id = turn.lease.turn;
    let answer = fixture.run(turn).unwrap();
    assert_eq!((answer.turn, answer.conversation), (id, fixture.conversation));
    assert_eq!((answer.message.as_str(), answer.title.as_str()), ("Good morning!", "hello"));
    assert_eq!((answer.finish_reason, answer.tool_calls.len()), (FinishReason::Stop, 0));
    assert_eq!(answer.model, ScriptedModel::NAME);
    assert_eq!((answer.usage.prompt_tokens, answer.usage.completion_tokens), (412, 31));
    assert_eq!(fixture.heard.events(), [TurnEvent::StepStarted, word("Good "), word("morning!")]);
    assert_eq!(fixture.status(id), Some(TurnStatus::Ended(EndedTurn::Answered(answer))));

    let requests = fixture.model.requests();
    assert_eq!(requests[0].messages, [MessageBody::User("hello".into())]);
    assert_eq!(requests[0].tools, ToolChoice::Auto);
    assert!(requests[0].system.contains("Friday, 20 November 2026"), "{}", requests[0].system);
    fixture.model.assert_used_up();
}

#[test]
fn events_come_in_the_order_of_what_happens() {
    let fixture = Fixture::with_script([
        Scripted::says_and_calls("One moment.", [("add_task", json!({"title": "Milk"}))]),
        Scripted::calls([("complete_task", json!({"task_id": 1})), ("nonsense", json!({}))]),
        Scripted::says("Done."),
    ]);
    let answer = fixture.say("add milk, it is done already");
    let events = fixture.heard.events();
    let order = [
        "started", "words", "words", "calling", "called", "started", "calling", "called", "started", "words",
    ];
    assert_eq!(kinds(&events), order);
    let (TurnEvent::ToolCallsStarted(calling), TurnEvent::ToolCallsCommitted(called)) =
        (&events[6], &events[7])
    else {
        panic!("expected calls: {events:?}");
    };
    let ids: Vec<_> = calling.iter().map(|call| &call.id).collect();
    assert_eq!(ids, called.iter().map(|call| &call.id).collect::<Vec<_>>());
    assert_eq!(called[0].result["task"]["completed"], true);
    assert_eq!(called[1].result["code"], "UNKNOWN_TOOL");
    assert_eq!(answer.tool_calls[1..], *called);
    assert_eq!((answer.tool_calls.len(), answer.message.as_str()), (3, "Done."));
    fixture.model.assert_used_up();
}

#[test]
fn the_model_sees_its_calls_and_what_came_of_them() {
    let fixture = Fixture::with_script([add("Milk"), Scripted::says("Done."), Scripted::says("Task 1.")]);
    let answer = fixture.say("add milk");
    fixture.say("which number has it?");
    let requests = fixture.model.requests();
    let call = &answer.tool_calls[0];
    let read = serde_json::json!({"success": true, "task": {"id": 1, "title": "Milk", "completed": false}});
    let result = MessageBody::Tool { call_id: call.id.clone(), content: read.to_string() };
    assert_eq!(requests[1].messages[2], result, "without times, which no model needs");
    assert_eq!(requests[2].messages[..3], requests[1].messages[..]);
    let said = MessageBody::Assistant { text: "Done.".into(), calls: vec![] };
    assert_eq!(requests[2].messages[3..], [said, MessageBody::User("which number has it?".into())]);
}

#[test]
fn a_model_without_end_is_ended() {
    let looks = (0..8).map(|_| Scripted::calls([("list_tasks", json!({}))]));
    let fixture = Fixture::with_script(looks);
    let answer = fixture.say("look and look again");
    assert_eq!((answer.finish_reason, answer.tool_calls.len()), (FinishReason::StepLimit, 7));
    assert!(!answer.message.is_empty());
    let requests = fixture.model.requests();
    let tools: Vec<_> = requests.iter().map(|request| request.tools).collect();
    assert_eq!(tools, [vec![ToolChoice::Auto; 7], vec![ToolChoice::Forbidden]].concat());
}

#[test]
fn no_nul_goes_out() {
    let fixture = Fixture::with_script([Scripted::says("a\0b c\0")]);
    assert_eq!(fixture.say("hello").message, "a\u{FFFD}b c\u{FFFD}");
    assert_eq!(fixture.heard.events()[1..], [word("a\u{FFFD}b "), word("c\u{FFFD}")]);
}

#[test]
fn a_turn_goes_on_where_it_was_left() {
    let fixture = Fixture::with_script([add("Milk"), Scripted::says_and_hangs("It ")]);
    let turn = fixture.begin_with_key();
    let stop = crate::testing::InterruptAfterWords {
        heard: &fixture.heard,
        count: 1,
        interruption: Interruption::HandOver,
    };
    let left = block_on(fixture.chat().run(turn.clone(), &fixture.heard, &stop)).unwrap_err();
    assert!(matches!(left.error, TurnError::HandedOver), "{left:?}");
    block_on(fixture.store.release(&turn.lease, Release::HandedOver)).unwrap();

    fixture.model.then(Scripted::says("It is there."));
    let answer = fixture.run(fixture.begin_with_key()).unwrap();
    assert_eq!((answer.turn, answer.message.as_str()), (turn.lease.turn, "It is there."));
    assert_eq!(answer.tool_calls.len(), 1);
    let requests = fixture.model.requests();
    assert_eq!(requests[2].messages, requests[1].messages, "the model is asked the same again");
    fixture.model.assert_used_up();
}

#[test]
fn a_model_is_asked_until_the_turn_has_taken_55_seconds_and_no_longer() {
    let fixture = Fixture::with_script([add("Milk"), Scripted::says("It is there.")]);
    let begins = fixture.clock.instant();
    fixture.say("add milk");
    let within: Vec<_> = fixture.model.requests().iter().map(|request| request.deadline - begins).collect();
    assert_eq!(within, [Duration::from_secs(55); 2]);
}

#[test]
fn a_turn_can_be_driven_by_any_thread() {
    fn is_send(_: &impl Send) {}
    let fixture = Fixture::with_script([]);
    let chat = fixture.chat();
    let run = chat.run(fixture.begin("hello", None), &fixture.heard, &NeverInterrupts);
    is_send(&run);
}
