//! Models and stores that fail.

use async_trait::async_trait;

use super::*;
use crate::{
    account::UserId,
    message::ExecutedCall,
    ports::{Regeneration, StoreError, TokenUsageRecorder, TurnStore},
    step::PlannedStep,
    turn::{FinalMessage, Lease, Usage},
};

fn bad_reply() -> ModelError {
    ModelError::BadReply("it broke off".into())
}

#[test]
fn a_reply_that_broke_off_is_void_and_asked_for_once_more() {
    let fixture = Fixture::with_script([
        Scripted::says_and_fails("Half a", bad_reply()),
        Scripted::says("A whole answer."),
    ]);
    let answer = fixture.say("hello");
    assert_eq!(answer.message, "A whole answer.");
    let events = [
        TurnEvent::StepStarted,
        word("Half "),
        word("a"),
        TurnEvent::StepDiscarded,
        word("A "),
        word("whole "),
        word("answer."),
    ];
    assert_eq!(fixture.heard.events(), events);
    let requests = fixture.model.requests();
    assert_eq!(requests[0].messages, requests[1].messages);
}

#[test]
fn a_thought_that_was_shown_is_taken_back_and_not_kept() {
    let fixture = Fixture::with_script([
        Scripted::thinks_aloud_and_says("The person says hello.", "Hello you!"),
        Scripted::says("Good bye."),
    ]);
    let answer = fixture.say("hello");
    assert_eq!(answer.message, "Hello you!");
    let events = fixture.heard.events();
    let withdrawn = events.iter().position(|event| *event == TurnEvent::TextRetracted).unwrap();
    assert!(withdrawn > 1, "{events:?}");
    assert_eq!(events[withdrawn + 1..], [word("Hello you!")]);
    fixture.say("and bye");
    assert!(!format!("{:?}", fixture.model.requests()[1].messages).contains("The person says"));
}

#[test]
fn an_answer_that_begins_with_the_words_of_its_thought_is_shown_whole() {
    let fixture = Fixture::with_script([Scripted::thinks_aloud_and_says("Hello!", "Hello! How can I help?")]);
    assert_eq!(fixture.say("hello").message, "Hello! How can I help?");
    let said = fixture.heard.events().into_iter().fold(String::new(), |said, event| match event {
        TurnEvent::TextDelta(words) => said + &words,
        TurnEvent::TextRetracted => String::new(),
        _ => said,
    });
    assert_eq!(said, "Hello! How can I help?");
}

#[test]
fn each_step_may_be_asked_for_once_more() {
    let fixture = Fixture::with_script([
        Scripted::fails(bad_reply()),
        add("Milk"),
        Scripted::fails(bad_reply()),
        Scripted::says("Done."),
    ]);
    let answer = fixture.say("add milk");
    assert_eq!((answer.tool_calls.len(), answer.message.as_str()), (1, "Done."));
    fixture.model.assert_used_up();
}

#[test]
fn two_bad_replies_are_a_failure() {
    let fixture =
        Fixture::with_script([Scripted::fails(bad_reply()), Scripted::says_and_fails("No", bad_reply())]);
    let turn = fixture.begin("hello", None);
    let id = turn.lease.turn;
    match fixture.run(turn) {
        Err(TurnError::Model { error: ModelError::BadReply(_), failure: None }) => {}
        other => panic!("expected a bad reply: {other:?}"),
    }
    assert_eq!(fixture.status(id), None, "it is as if the turn had not begun");
    fixture.model.assert_used_up();
}

fn every_other_error() -> [(ModelError, FailureKind); 4] {
    [
        (ModelError::Misconfigured("401".into()), FailureKind::ModelMisconfigured),
        (ModelError::Unavailable("500".into()), FailureKind::ModelUnavailable),
        (ModelError::Busy { retry_after: None }, FailureKind::ModelBusy),
        (ModelError::TimedOut, FailureKind::ModelTimeout),
    ]
}

#[test]
fn other_failures_are_not_tried_again() {
    for (error, _) in every_other_error() {
        let expected = format!("the model failed: {error}");
        let fixture = Fixture::with_script([Scripted::says_and_fails("Hel", error)]);
        let failed = fixture.run(fixture.begin("hello", None)).unwrap_err();
        assert_eq!(failed.to_string(), expected);
        assert!(matches!(failed, TurnError::Model { failure: None, .. }), "{failed:?}");
        assert_eq!(kinds(&fixture.heard.events()), ["started", "words"]);
    }
}

#[test]
fn words_that_a_model_said_before_it_failed_are_paid_for() {
    for (error, _) in every_other_error() {
        let fixture = Fixture::with_script([Scripted::says_and_fails("Hello, I", error)]);
        fixture.run(fixture.begin("hello", None)).unwrap_err();
        assert!(fixture.store.spent_tokens(fixture.caller.user) > 0);
    }
}

#[test]
fn what_took_effect_before_a_failure_stays() {
    let twice_bad = [Scripted::fails(bad_reply()), Scripted::fails(bad_reply())];
    let bad = (twice_bad.into_iter().collect::<Vec<_>>(), FailureKind::ModelBadReply);
    let others = every_other_error().map(|(error, kind)| (vec![Scripted::fails(error)], kind));
    for (script, kind) in std::iter::once(bad).chain(others) {
        let fixture = Fixture::with_script(std::iter::once(add("Milk")).chain(script));
        let turn = fixture.begin("add milk", None);
        let id = turn.lease.turn;
        let failure = match fixture.run(turn) {
            Err(TurnError::Model { failure: Some(failure), .. }) => failure,
            other => panic!("expected a failure on record: {other:?}"),
        };
        assert_eq!((failure.turn, failure.kind, failure.tool_calls.len()), (id, kind, 1));
        assert_eq!(failure.tool_calls[0].result["task"]["title"], "Milk");
        assert_eq!(fixture.status(id), Some(TurnStatus::Ended(EndedTurn::Failed(failure))));

        fixture.model.then(Scripted::calls([("list_tasks", json!({}))]));
        fixture.model.then(Scripted::says("Milk is on your list."));
        let next = fixture.say("what happened?");
        assert_eq!(next.tool_calls[0].result["total"], 1, "the task is there");
    }
}

#[test]
fn a_retry_goes_on_after_what_took_effect() {
    let fixture = Fixture::with_script([
        add("Milk"),
        Scripted::fails(ModelError::TimedOut),
        Scripted::says("Milk is on your list."),
    ]);
    assert!(fixture.run(fixture.begin_with_key()).is_err());
    let answer = fixture.run(fixture.begin_with_key()).unwrap();
    assert_eq!((answer.tool_calls.len(), answer.message.as_str()), (1, "Milk is on your list."));
    fixture.model.assert_used_up();
}

/// Begins a turn, lets its lease run out, and begins it once more.
fn overtaken(fixture: &Fixture) -> (RunningTurn, RunningTurn) {
    let zombie = fixture.begin_with_key();
    fixture.clock.advance(Duration::from_secs(20));
    (zombie, fixture.begin_with_key())
}

#[test]
fn an_overtaken_worker_is_told_at_its_next_commit() {
    for script in
        [vec![add("Milk")], vec![Scripted::says("Hello!")], vec![Scripted::fails(ModelError::TimedOut)]]
    {
        let fixture = Fixture::with_script(script);
        let (zombie, turn) = overtaken(&fixture);
        let ended = fixture.run(zombie);
        assert!(matches!(ended, Err(TurnError::Lease(LeaseError::Superseded))), "{ended:?}");
        let running = TurnStatus::Running { conversation: fixture.conversation, done: vec![] };
        assert_eq!(fixture.status(turn.lease.turn), Some(running), "it had no effect");
        fixture.model.then(Scripted::says("Hello!"));
        assert_eq!(fixture.run(turn).unwrap().message, "Hello!");
    }
}

/// A store whose every commit fails in this way.
struct FailingStore(fn() -> StoreError);

fn unavailable() -> StoreError {
    StoreError::Unavailable("the line is cut".into())
}

#[async_trait]
impl TokenUsageRecorder for FailingStore {
    async fn spend_tokens(&self, _: UserId, _: Usage) -> Result<(), StoreError> {
        Err((self.0)())
    }
}

#[async_trait]
impl TurnStore for FailingStore {
    async fn begin(&self, _: &NewTurn) -> Result<BeginOutcome, StoreError> {
        Err((self.0)())
    }

    async fn regenerate(&self, _: Caller, _: &Regeneration<'_>) -> Result<BeginOutcome, StoreError> {
        Err((self.0)())
    }

    async fn commit_step(&self, _: &Lease, _: i32, _: &PlannedStep) -> Result<Vec<ExecutedCall>, LeaseError> {
        Err((self.0)().into())
    }

    async fn finish(&self, _: &Lease, _: &FinalMessage, _: &ModelUsage) -> Result<TurnAnswer, LeaseError> {
        Err((self.0)().into())
    }

    async fn fail(&self, _: &Lease, _: FailureKind, _: Usage) -> Result<Option<TurnFailure>, LeaseError> {
        Err((self.0)().into())
    }
}

#[test]
fn a_store_that_fails_ends_the_work() {
    for script in
        [vec![add("Milk")], vec![Scripted::says("Hello!")], vec![Scripted::fails(ModelError::TimedOut)]]
    {
        let fixture = Fixture::with_script(script);
        let chat = TurnDriver::new(
            Arc::new(FailingStore(unavailable)),
            Models::new(fixture.model.clone()),
            fixture.clock.clone(),
        );
        let ended = block_on(chat.run(fixture.begin("hello", None), &fixture.heard, &NeverInterrupts));
        let is_unavailable = matches!(
            ended.as_ref().map_err(|unanswered| &unanswered.error),
            Err(TurnError::Lease(LeaseError::Store(StoreError::Unavailable(_))))
        );
        assert!(is_unavailable, "{ended:?}");
        assert!(!kinds(&fixture.heard.events()).contains(&"called"), "nothing is said to be done");
        fixture.model.assert_used_up();
    }
}

#[test]
fn what_the_end_of_a_turn_may_have_counted_is_not_counted_again() {
    let outcome_unknown = || StoreError::OutcomeUnknown("no answer to the commit".into());
    for (error, is_left) in
        [(unavailable as fn() -> StoreError, [true; 3]), (outcome_unknown, [true, false, false])]
    {
        let step = vec![add("Milk").using(400, 30)];
        let answer = vec![Scripted::says("Hello!").using(400, 30)];
        let failure = vec![Scripted::fails(ModelError::TimedOut)];
        for (script, is_left) in [step, answer, failure].into_iter().zip(is_left) {
            let fixture = Fixture::with_script(script);
            let store = Arc::new(FailingStore(error));
            let chat = TurnDriver::new(store, Models::new(fixture.model.clone()), fixture.clock.clone());
            let turn = fixture.begin("hello", None);
            let unanswered = block_on(chat.run(turn, &fixture.heard, &NeverInterrupts)).unwrap_err();
            assert_eq!(unanswered.uncounted.total() > 0, is_left, "{unanswered:?}");
        }
    }
}
