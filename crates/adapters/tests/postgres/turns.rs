//! Turns on a real Postgres.

use std::collections::HashSet;

use adapters::clock_and_ids::UuidV7;
use domain::{
    caller::Caller,
    message::{MAX_SAID_BYTES, ToolCall},
    ports::{ConversationStore, IdGenerator, ModelUsage, Regeneration, TurnLeases, TurnPage, TurnStore},
    step::{Action, PlannedCall, PlannedStep},
    time_zone::PersonalTime,
    tool,
    turn::{BeginOutcome, FinalMessage, FinishReason, NewTurn, RunningTurn, Target, Usage, UserMessage},
    turn_and_conversation_ids::{ConversationId, TurnId},
};

use serde_json::json;
use tokio_postgres::SimpleQueryMessage;

use crate::postgres::fresh_database::{caller, database, execute, session};

pub(super) fn says(caller: Caller, target: Target, text: &str) -> NewTurn {
    NewTurn {
        caller,
        id: TurnId(UuidV7.next()),
        target,
        message: UserMessage::parse(text).unwrap(),
        client_message_id: None,
        model: None,
        time_zone: None,
        key: None,
    }
}

/// A step in which the model makes these calls.
pub(super) fn step(calls: &[(&str, serde_json::Value)]) -> PlannedStep {
    let time = PersonalTime::utc(chrono::DateTime::UNIX_EPOCH);
    let planned = |(index, (name, arguments)): (usize, &(&str, serde_json::Value))| {
        let arguments = arguments.as_object().unwrap().clone();
        let action = Action::Apply(tool::decode(name, arguments.clone(), time).unwrap());
        PlannedCall {
            call: ToolCall {
                id: format!("call{index}"),
                name: (*name).to_owned(),
                arguments,
                provider_data: Default::default(),
            },
            action,
        }
    };
    PlannedStep {
        text: String::new(),
        calls: calls.iter().enumerate().map(planned).collect(),
        local: time.local,
    }
}

pub(super) fn started(outcome: BeginOutcome) -> Box<RunningTurn> {
    match outcome {
        BeginOutcome::Started(turn) => turn,
        other => panic!("not started: {other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_goes_from_its_message_to_its_answer() {
    let (database, _) = database().await;
    let caller = caller(&database).await;
    let conversation = ConversationId(UuidV7.next());
    let turn = started(database.begin(&says(caller, Target::New(conversation), "add milk")).await.unwrap());
    assert_eq!(turn.history.len(), 1);
    let results =
        database.commit_step(&turn.lease, 0, &step(&[("add_task", json!({"title": "Milk"}))])).await.unwrap();
    assert_eq!(results[0].result["task"]["id"], 1);
    let again =
        database.commit_step(&turn.lease, 0, &step(&[("add_task", json!({"title": "Milk"}))])).await.unwrap();
    assert_eq!(results, again);
    let final_message = FinalMessage { text: "Done.".to_owned(), reason: FinishReason::Stop };
    let cost = ModelUsage { model: "m".to_owned(), usage: Usage { prompt_tokens: 3, completion_tokens: 4 } };
    let answer = database.finish(&turn.lease, &final_message, &cost).await.unwrap();
    assert_eq!(answer, database.finish(&turn.lease, &final_message, &cost).await.unwrap());
    assert_eq!((answer.message.as_str(), answer.tool_calls), ("Done.", results));

    let next =
        started(database.begin(&says(caller, Target::Existing(conversation), "what now?")).await.unwrap());
    assert_eq!(next.history.len(), 5);
    let page = TurnPage { limit: 10, before: None };
    let view = ConversationStore::find(&database, caller, conversation, page).await.unwrap().unwrap();
    assert_eq!((view.turns.len(), view.running_turn), (2, Some(next.lease.turn)));
    assert_eq!(view.turns[0].steps.len(), 2);
}

#[tokio::test]
async fn tomorrow_is_read_from_when_another_answer_is_asked_for() {
    let (database, _) = database().await;
    let caller = caller(&database).await;
    let target = Target::New(ConversationId(UuidV7.next()));
    let turn = started(database.begin(&says(caller, target, "hello")).await.unwrap());
    let said = FinalMessage { text: "Hello.".into(), reason: FinishReason::Stop };
    let cost = ModelUsage { usage: Usage::default(), model: "any".into() };
    database.finish(&turn.lease, &said, &cost).await.unwrap();
    let wanted = Regeneration::keep_effects(turn.lease.conversation, turn.lease.turn, None);
    let again = started(database.regenerate(caller, &wanted).await.unwrap());
    assert!(again.time.local.now > turn.time.local.now, "{:?}, {:?}", again.time, turn.time);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_whose_row_is_locked_keeps_no_other_lease_from_being_renewed() {
    let (database, name) = database().await;
    let caller = caller(&database).await;
    let begun = async || {
        let target = Target::New(ConversationId(UuidV7.next()));
        started(database.begin(&says(caller, target, "hello")).await.unwrap()).lease
    };
    let (locked, free) = (begun().await, begun().await);
    let end_soon = format!("UPDATE turn SET lease_until = now() + interval '5 s' WHERE id = '{}'", free.turn);
    execute(&name, &end_soon).await;
    // As an account is deleted whose person is still being answered: that may take half a minute.
    let (deleting, _connection) = session(&name).await;
    let delete = format!("BEGIN; DELETE FROM turn WHERE id = '{}'", locked.turn);
    deleting.batch_execute(&delete).await.unwrap();
    let renewed = database.renew(&[locked, free]).await.unwrap();
    let kept: HashSet<TurnId> = renewed.iter().map(|renewed| renewed.turn).collect();
    assert_eq!(kept, HashSet::from([locked.turn, free.turn]), "neither is lost yet");
    let extended = "SELECT id FROM turn WHERE lease_until > now() + interval '10 s' AND id = ";
    let rows = execute(&name, &format!("{extended}'{}'", free.turn)).await;
    assert!(rows.iter().any(|row| matches!(row, SimpleQueryMessage::Row(_))), "{rows:?}");
    deleting.batch_execute("COMMIT").await.unwrap();
    let renewed = database.renew(&[locked, free]).await.unwrap();
    assert_eq!(renewed.iter().map(|renewed| renewed.turn).collect::<Vec<_>>(), [free.turn]);
}

/// The database makes words of it, which are more bytes than the text and may be 1 MiB.
#[tokio::test]
async fn the_longest_answer_is_kept_whatever_its_words_are() {
    let (database, _) = database().await;
    let caller = caller(&database).await;
    let counted: fn(u32) -> String = |number| format!("{number:x} ");
    let addresses: fn(u32) -> String = |number| format!("a.de/{number:x} ");
    // These take a parser of words that knows addresses and paths the square of their length.
    let hyphenated: fn(u32) -> String = |number| format!("{number:x}-");
    let underscored: fn(u32) -> String = |number| format!("{number:x}_");
    let homes: fn(u32) -> String = |_| "~/~/~/~/".to_owned();
    for word in [counted, addresses, hyphenated, underscored, homes] {
        let target = Target::New(ConversationId(UuidV7.next()));
        let turn = started(database.begin(&says(caller, target, "count")).await.unwrap());
        let mut text: String = (0..100_000).map(word).collect();
        text.truncate(MAX_SAID_BYTES);
        assert_eq!(text.len(), MAX_SAID_BYTES);
        let said = FinalMessage { text, reason: FinishReason::Length };
        let cost = ModelUsage { usage: Usage::default(), model: "any".into() };
        let answer = database.finish(&turn.lease, &said, &cost).await.unwrap();
        assert_eq!(answer.message, said.text);
    }
}
