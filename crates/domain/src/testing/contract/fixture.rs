//! The fixture of the contracts: the stores under test, two users, and the requests and turns that are played
//! on them.

use chrono::DateTime;
use serde_json::{Map, Value, json};

use crate::{
    caller::Caller,
    message::{ExecutedCall, Message, MessageBody, ToolCall},
    ports::{
        IdGenerator, LeaseError, ModelUsage, Regeneration, Release, TodoStore, TurnLeases, TurnReader,
        TurnStore,
    },
    session::SecretHash,
    step::{Action, PlannedCall, PlannedStep},
    testing::RandomIdGenerator,
    time_zone::{LocalNow, PersonalTime},
    todo::{TaskNumber, TodoTitle},
    todo_command::{NewTodo, TodoChange, TodoCommand},
    todo_filter::TodoFilter,
    turn::{
        BeginOutcome, EndedTurn, FailureKind, FinalMessage, FinishReason, IdempotencyKey, Lease, NewTurn,
        RequestKey, RunningTurn, Target, TurnAnswer, TurnStatus, Usage, UserMessage,
    },
    turn_and_conversation_ids::{ConversationId, TurnId},
};

/// The ports of one store, and two users of it.
pub(super) struct Fixture<'a> {
    pub(super) todos: &'a dyn TodoStore,
    pub(super) turns: &'a dyn TurnStore,
    pub(super) reader: &'a dyn TurnReader,
    pub(super) leases: &'a dyn TurnLeases,
    pub(super) a: Caller,
    pub(super) b: Caller,
}

/// Returns the value of a result, and panics on an error.
pub(super) fn must<T, E: std::fmt::Debug>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("the store failed: {error:?}"))
}

/// The hash of a fresh secret.
pub(super) fn secret() -> SecretHash {
    let mut secret = [0; 32];
    secret[..16].copy_from_slice(RandomIdGenerator.next().as_bytes());
    secret[16..].copy_from_slice(RandomIdGenerator.next().as_bytes());
    SecretHash(secret)
}

pub(super) fn local() -> LocalNow {
    PersonalTime::utc(DateTime::UNIX_EPOCH).local
}

pub(super) fn title(text: &str) -> TodoTitle {
    must(TodoTitle::parse(text))
}

pub(super) fn new_todo(text: &str) -> NewTodo {
    NewTodo::titled(title(text))
}

pub(super) fn add(text: &str) -> TodoChange {
    TodoChange::Add(new_todo(text))
}

/// Every task.
pub(super) fn all() -> TodoFilter {
    TodoFilter { limit: 500, counts: true, ..TodoFilter::default() }
}

/// A text that nothing else in the store holds.
pub(super) fn unique(text: &str) -> String {
    format!("{text} {}", RandomIdGenerator.next().simple())
}

pub(super) fn new_conversation() -> ConversationId {
    ConversationId(RandomIdGenerator.next())
}

pub(super) fn new_key() -> RequestKey {
    RequestKey { key: must(IdempotencyKey::parse(&RandomIdGenerator.next().to_string())), body_hash: [7; 32] }
}

/// A step that makes `change` and nothing else.
pub(super) fn step(change: TodoChange) -> PlannedStep {
    PlannedStep { text: String::new(), calls: vec![planned("add_task", make(change))], local: local() }
}

/// The action that makes a change.
pub(super) fn make(change: TodoChange) -> Action {
    Action::Apply(TodoCommand::Change(change))
}

pub(super) fn planned(tool: &str, action: Action) -> PlannedCall {
    // The low digits of an id are random.
    let id = RandomIdGenerator.next().simple().to_string()[23..].to_owned();
    let arguments = Map::from_iter([("title".to_owned(), json!("as the model wrote it"))]);
    PlannedCall {
        call: ToolCall { id, name: tool.to_owned(), arguments, provider_data: Default::default() },
        action,
    }
}

pub(super) fn stop(text: &str) -> FinalMessage {
    FinalMessage { text: text.to_owned(), reason: FinishReason::Stop }
}

pub(super) fn model_usage() -> ModelUsage {
    ModelUsage { model: "model-1".to_owned(), usage: Usage { prompt_tokens: 412, completion_tokens: 31 } }
}

/// What a conversation says, in short: `user: …`, `assistant: …`, `call: …`, `tool: …`.
pub(super) fn lines_of(history: &[Message]) -> Vec<String> {
    let lines = history.iter().map(|message| match &message.body {
        MessageBody::User(text) => vec![format!("user: {text}")],
        MessageBody::Tool { call_id, .. } => vec![format!("tool: {call_id}")],
        MessageBody::Assistant { text, calls } => {
            let said = (!text.is_empty()).then(|| format!("assistant: {text}"));
            said.into_iter().chain(calls.iter().map(|call| format!("call: {}", call.id))).collect()
        }
    });
    lines.flatten().collect()
}

/// The lines of [`lines_of`] for a call that was made.
pub(super) fn lines_of_call(call: &ExecutedCall) -> [String; 2] {
    [format!("call: {}", call.id), format!("tool: {}", call.id)]
}

/// The result of a call as the model reads it.
pub(super) fn result_in(history: &[Message], id: &str) -> Value {
    let content = history.iter().find_map(|message| match &message.body {
        MessageBody::Tool { call_id, content } if call_id == id => Some(content.as_str()),
        _ => None,
    });
    must(serde_json::from_str(content.unwrap_or_else(|| panic!("there is no result of {id}"))))
}

impl Fixture<'_> {
    /// What user A says to `target`, without a key.
    pub(super) fn says(&self, target: Target, text: &str) -> NewTurn {
        NewTurn {
            caller: self.a,
            id: TurnId(RandomIdGenerator.next()),
            target,
            message: must(UserMessage::parse(text)),
            client_message_id: None,
            model: None,
            time_zone: None,
            key: None,
        }
    }

    /// What user A says to `target`, with a new key.
    pub(super) fn says_with_key(&self, target: Target, text: &str) -> NewTurn {
        NewTurn { key: Some(new_key()), ..self.says(target, text) }
    }

    pub(super) async fn begin(&self, turn: &NewTurn) -> BeginOutcome {
        must(self.turns.begin(turn).await)
    }

    /// Asks for a turn once more, as a client does that never got an answer.
    pub(super) async fn retry(&self, turn: &NewTurn) -> BeginOutcome {
        self.begin(&NewTurn { id: TurnId(RandomIdGenerator.next()), ..turn.clone() }).await
    }

    /// Asks for a turn once more, which must be ours to work on then.
    pub(super) async fn restarted(&self, turn: &NewTurn) -> RunningTurn {
        started(self.retry(turn).await)
    }

    /// Asserts that a retry finds this end of a turn.
    pub(super) async fn assert_ended(&self, turn: &NewTurn, expected: &EndedTurn) {
        match self.retry(turn).await {
            BeginOutcome::Ended(ended) => assert_eq!(*ended, *expected),
            other => panic!("expected an end: {other:?}"),
        }
    }

    /// Begins a turn that must be ours to work on.
    pub(super) async fn started(&self, turn: &NewTurn) -> RunningTurn {
        started(self.begin(turn).await)
    }

    /// Opens a conversation with `text`.
    pub(super) async fn opened(&self, text: &str) -> RunningTurn {
        self.started(&self.says(Target::New(new_conversation()), text)).await
    }

    /// Says `text` in a conversation that exists.
    pub(super) async fn continued(&self, id: ConversationId, text: &str) -> RunningTurn {
        self.started(&self.says(Target::Existing(id), text)).await
    }

    /// Opens a conversation, commits a step that adds a task of this title, and returns the turn
    /// with that call.
    pub(super) async fn opened_with_task(&self, task: &str) -> (RunningTurn, ExecutedCall) {
        let turn = self.opened("add it").await;
        let call = self.added(&turn.lease, 0, task).await;
        (turn, call)
    }

    /// Commits a step that adds a task.
    pub(super) async fn added(&self, lease: &Lease, number: i32, task: &str) -> ExecutedCall {
        let mut calls = must(self.turns.commit_step(lease, number, &step(add(task))).await);
        assert_eq!(calls.len(), 1, "one call has one result: {calls:?}");
        calls.remove(0)
    }

    pub(super) async fn finished(&self, lease: &Lease, text: &str) -> TurnAnswer {
        must(self.turns.finish(lease, &stop(text), &model_usage()).await)
    }

    /// Lets the lease of a turn run out, as when its process died.
    pub(super) async fn kill_worker(&self, lease: &Lease) {
        must(self.leases.release(lease, Release::GivenUp).await);
    }

    /// Gives the lease of a turn back, as a process does that is asked to end.
    pub(super) async fn hand_over(&self, lease: &Lease) {
        must(self.leases.release(lease, Release::HandedOver).await);
    }

    /// Asks for another answer to a turn of `a`'s.
    pub(super) async fn regenerate(&self, lease: &Lease) -> BeginOutcome {
        must(
            self.turns
                .regenerate(self.a, &Regeneration::keep_effects(lease.conversation, lease.turn, None))
                .await,
        )
    }

    /// Checks whether the turn's conversation has a message with this id, for its user and nobody else.
    pub(super) async fn has_message(&self, lease: &Lease, id: &str, expected: bool) {
        let has = async |caller| must(self.reader.has_message(caller, lease.conversation, id).await);
        assert_eq!((has(self.a).await, has(self.b).await), (expected, false), "{id}");
    }

    pub(super) async fn status(&self, lease: &Lease) -> Option<TurnStatus> {
        must(self.reader.find(self.a, lease.turn).await)
    }

    /// How many tasks of A's have this title.
    pub(super) async fn tasks_called(&self, title: &str) -> i64 {
        let filter = TodoFilter { search: Some(title.to_owned()), ..all() };
        must(self.todos.list(self.a, &filter).await).total.unwrap_or_default()
    }

    /// Asserts that a worker with this lease can commit nothing at all.
    pub(super) async fn assert_superseded(&self, lease: &Lease, next_step: i32) {
        let task = unique("by a zombie");
        for number in 0..=next_step {
            let commit = self.turns.commit_step(lease, number, &step(add(&task))).await;
            assert!(matches!(commit, Err(LeaseError::Superseded)), "step {number}: {commit:?}");
        }
        let finish = self.turns.finish(lease, &stop("a zombie speaks"), &model_usage()).await;
        assert!(matches!(finish, Err(LeaseError::Superseded)), "{finish:?}");
        let fail = self.turns.fail(lease, FailureKind::ModelTimeout, Usage::default()).await;
        assert!(matches!(fail, Err(LeaseError::Superseded)), "{fail:?}");
        assert_eq!(self.tasks_called(&task).await, 0, "an overtaken worker added a task");
    }
}

pub(super) fn started(outcome: BeginOutcome) -> RunningTurn {
    match outcome {
        BeginOutcome::Started(turn) => *turn,
        other => panic!("expected a turn to work on: {other:?}"),
    }
}

/// The number of the task that a call added.
pub(super) fn number_of(call: &ExecutedCall) -> TaskNumber {
    let number = call.result["task"]["id"].as_i64();
    TaskNumber(number.unwrap_or_else(|| panic!("the call added no task: {call:?}")))
}
