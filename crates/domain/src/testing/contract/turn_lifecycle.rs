//! The ordinary course of a turn, from its beginning to its answer.

use std::pin::Pin;

use serde_json::json;

use super::fixture::{
    Fixture, add, lines_of, lines_of_call, local, make, model_usage, must, new_conversation, new_todo,
    number_of, planned, result_in, step, stop, title, unique,
};
use crate::{
    ports::{IdempotentOutcome, LeaseError, Renewed, StoreError},
    step::{Action, PlannedStep},
    substitute_final_message,
    testing::join_all,
    todo::TaskNumber,
    todo_command::{TaskChange, TodoChange, TodoCommand, TodoPatch},
    turn::{
        BeginOutcome, EndedTurn, FinalMessage, FinishReason, NewTurn, RequestKey, Target, TurnAnswer,
        TurnStatus,
    },
    turn_and_conversation_ids::TurnId,
};

pub(super) async fn a_turn_runs_its_course(fixture: &Fixture<'_>) {
    let task = unique("Milk");
    let turn = fixture.opened("please  add milk").await;
    let lease = turn.lease;
    assert_eq!((lease.user, turn.step, turn.regenerates), (fixture.a.user, 0, false));
    assert_eq!(turn.title, "please add milk", "the first words are the title");
    assert_eq!(lines_of(&turn.history), ["user: please  add milk"]);
    assert!(turn.done.is_empty());
    let status = |done| TurnStatus::Running { conversation: lease.conversation, done };
    assert_eq!(fixture.status(&lease).await, Some(status(vec![])));

    let call = fixture.added(&lease, 0, &task).await;
    assert_eq!((call.tool.as_str(), &call.result["success"]), ("add_task", &json!(true)));
    assert_eq!(call.input["title"], "as the model wrote it");
    assert_eq!(call.result["task"]["title"], task.as_str());
    assert_eq!(fixture.tasks_called(&task).await, 1);
    assert_eq!(fixture.status(&lease).await, Some(status(vec![call.clone()])));

    let answer = fixture.finished(&lease, "It is on your list.").await;
    let expected = TurnAnswer {
        turn: lease.turn,
        conversation: lease.conversation,
        title: "please add milk".to_owned(),
        message: "It is on your list.".to_owned(),
        tool_calls: vec![call.clone()],
        finish_reason: FinishReason::Stop,
        model: model_usage().model,
        usage: model_usage().usage,
        requested_change_not_made: false,
    };
    assert_eq!(answer, expected);
    let ended = TurnStatus::Ended(EndedTurn::Answered(expected));
    assert_eq!(fixture.status(&lease).await, Some(ended));

    let next = fixture.continued(lease.conversation, "thanks").await;
    let [called, result] = lines_of_call(&call);
    let all = ["user: please  add milk", &called, &result, "assistant: It is on your list.", "user: thanks"];
    assert_eq!(lines_of(&next.history), all, "in the order in which it was said");
    assert!(next.history[..4].iter().all(|message| message.turn == lease.turn));
    assert_eq!(next.history[4].turn, next.lease.turn);
    assert_eq!(result_in(&next.history, &call.id), call.result, "the model reads what the person sees");
    assert_eq!((next.title.as_str(), next.step, next.done.len()), ("please add milk", 0, 0));
    fixture.finished(&next.lease, "You are welcome.").await;
}

pub(super) async fn calls_of_a_step_are_made_in_order(fixture: &Fixture<'_>) {
    let (first, second) = (unique("first"), unique("second"));
    let (turn, added) = fixture.opened_with_task(&first).await;
    let number = number_of(&added);
    let patch = TodoPatch { title: Some(title(&second)), ..TodoPatch::default() };
    let words_for_it = json!({"success": false, "error": "Not today.", "code": "LIMIT"});
    let step = PlannedStep {
        local: local(),
        text: "I change it and more.".to_owned(),
        calls: vec![
            planned("update_task", make(TodoChange::Update(number, patch))),
            planned("tidy_up", Action::Answer(words_for_it.clone())),
            planned("delete_task", make(TodoChange::Delete(TaskNumber(i64::MAX), None))),
            planned("delete_task", make(TodoChange::Delete(number, None))),
            planned("delete_task", make(TodoChange::Delete(number, None))),
        ],
    };
    let results = must(fixture.turns.commit_step(&turn.lease, 1, &step).await);
    let ids: Vec<_> = results.iter().map(|call| &call.id).collect();
    assert_eq!(ids, step.calls.iter().map(|planned| &planned.call.id).collect::<Vec<_>>());
    assert_eq!(results[0].result["task"]["title"], second.as_str());
    assert_eq!(results[1].result, words_for_it, "what is only answered is answered as planned");
    let error = format!("There is no task {}.", i64::MAX);
    let refusal = json!({"success": false, "error": error, "code": "NOT_FOUND"});
    assert_eq!(results[2].result, refusal, "a refusal does not undo the rest of the step");
    assert_eq!(results[3].result["task"]["title"], second.as_str(), "a later call sees the earlier one");
    assert_eq!(results[4].result["code"], "NOT_FOUND");
    assert_eq!(fixture.tasks_called(&second).await, 0);

    let answer = fixture.finished(&turn.lease, "Done.").await;
    let all: Vec<_> = std::iter::once(added).chain(results).collect();
    assert_eq!(answer.tool_calls, all, "everything the turn did, in order");
    let next = fixture.continued(turn.lease.conversation, "and now?").await;
    let mut expected = vec!["user: add it".to_owned()];
    expected.extend(lines_of_call(&all[0]));
    expected.push("assistant: I change it and more.".to_owned());
    expected.extend(all[1..].iter().map(|call| format!("call: {}", call.id)));
    expected.extend(all[1..].iter().map(|call| format!("tool: {}", call.id)));
    expected.extend(["assistant: Done.".to_owned(), "user: and now?".to_owned()]);
    assert_eq!(lines_of(&next.history), expected);
    fixture.finished(&next.lease, "Nothing.").await;
}

pub(super) async fn a_task_is_found_by_its_title_when_only_one_has_it(fixture: &Fixture<'_>) {
    let (turn, call) = fixture.opened_with_task("Water the Plants").await;
    let number = number_of(&call);
    let done = TaskChange::Update(TodoPatch { completed: Some(true), ..TodoPatch::default() });
    let titled = |title: &str, change: &TaskChange| PlannedStep {
        local: local(),
        text: String::new(),
        calls: vec![planned(
            "complete_task",
            Action::Apply(TodoCommand::ChangeTitled(super::fixture::title(title), change.clone())),
        )],
    };
    let commit = async |step: i32, planned: PlannedStep| {
        must(fixture.turns.commit_step(&turn.lease, step, &planned).await).remove(0).result
    };
    let result = commit(1, titled("water the plants", &done)).await;
    assert_eq!((&result["task"]["id"], &result["task"]["completed"]), (&json!(number.0), &json!(true)));
    let result = commit(2, titled("Water the", &done)).await;
    assert_eq!((&result["success"], &result["code"]), (&json!(false), &json!("NOT_FOUND")));
    let twin = number_of(&fixture.added(&turn.lease, 3, "WATER THE PLANTS").await);
    let result = commit(4, titled("Water the plants", &TaskChange::Delete)).await;
    assert_eq!(result["code"], "VALIDATION_ERROR");
    let error = result["error"].as_str().unwrap_or_default();
    assert!(error.contains(&format!("{number}, {twin}")), "{error}");
    assert_eq!(fixture.tasks_called("Water the Plants").await, 2);
    fixture.finished(&turn.lease, "Done.").await;
}

pub(super) async fn the_same_step_takes_effect_once(fixture: &Fixture<'_>) {
    let task = unique("once");
    let turn = fixture.opened("add it").await;
    let step = step(add(&task));
    let first = must(fixture.turns.commit_step(&turn.lease, 0, &step).await);
    let second = must(fixture.turns.commit_step(&turn.lease, 0, &step).await);
    assert_eq!(first, second, "a step that is committed already has its first results");
    let other = fixture.added(&turn.lease, 1, &unique("later")).await;
    let beyond = fixture.turns.commit_step(&turn.lease, 5, &step).await;
    let is_a_bug = matches!(beyond, Err(LeaseError::Store(StoreError::Inconsistent { .. })));
    assert!(is_a_bug, "no step is left out: {beyond:?}");
    // Any step that is committed has the results of its first time, whatever is asked for under its number.
    for (number, committed) in [(0, &first), (1, &vec![other.clone()])] {
        let task = unique("never made");
        for again in [step.clone(), super::fixture::step(add(&task))] {
            let again = must(fixture.turns.commit_step(&turn.lease, number, &again).await);
            assert_eq!(&again, committed, "step {number}");
        }
        assert_eq!(fixture.tasks_called(&task).await, 0);
    }
    assert_eq!(fixture.tasks_called(&task).await, 1);
    let answer = fixture.finished(&turn.lease, "Done.").await;
    assert_eq!(answer.tool_calls, [first, vec![other]].concat());
}

pub(super) async fn a_turn_ends_once(fixture: &Fixture<'_>) {
    let turn = fixture.opened("hello").await;
    let first = fixture.finished(&turn.lease, "Hello!").await;
    assert_eq!(fixture.finished(&turn.lease, "Hello!").await, first);
    let other = must(fixture.turns.finish(&turn.lease, &stop("Something else"), &model_usage()).await);
    assert_eq!(other, first, "what was answered stays");
    let late = fixture.turns.commit_step(&turn.lease, 0, &step(add(&unique("late")))).await;
    assert!(late.is_err(), "a turn that is over has no more steps: {late:?}");
    let next = fixture.continued(turn.lease.conversation, "again").await;
    assert_eq!(lines_of(&next.history), ["user: hello", "assistant: Hello!", "user: again"]);
    fixture.finished(&next.lease, "Hello again!").await;
}

pub(super) async fn a_stopped_turn_is_told_to_the_model(fixture: &Fixture<'_>) {
    let turn = fixture.opened("tell me all").await;
    let final_message = FinalMessage { text: "First of".to_owned(), reason: FinishReason::Cancelled };
    let answer = must(fixture.turns.finish(&turn.lease, &final_message, &model_usage()).await);
    assert_eq!((answer.message.as_str(), answer.finish_reason), ("First of", FinishReason::Cancelled));
    let next = fixture.continued(turn.lease.conversation, "never mind").await;
    let marked = format!("assistant: {}", substitute_final_message::marked_as_stopped("First of"));
    assert_eq!(lines_of(&next.history), ["user: tell me all", &marked, "user: never mind"]);
    fixture.finished(&next.lease, "All right.").await;
}

pub(super) async fn a_key_finds_its_answer(fixture: &Fixture<'_>) {
    let new = fixture.says_with_key(Target::New(new_conversation()), "add it once");
    let turn = fixture.started(&new).await;
    assert!(
        matches!(fixture.retry(&new).await, BeginOutcome::SameKeyRunning),
        "its first request is at work"
    );
    let other_body =
        RequestKey { body_hash: [8; 32], ..new.key.clone().unwrap_or_else(super::fixture::new_key) };
    let mut reused = fixture.says(Target::New(new_conversation()), "something else");
    reused.key = Some(other_body);
    assert!(matches!(fixture.begin(&reused).await, BeginOutcome::KeyReused), "while it runs");
    fixture.added(&turn.lease, 0, &unique("keyed")).await;
    let answer = fixture.finished(&turn.lease, "Done.").await;

    let next = fixture.continued(turn.lease.conversation, "thanks").await;
    fixture.finished(&next.lease, "Welcome.").await;
    // A retry finds the first answer however late it comes.
    fixture.assert_ended(&new, &EndedTurn::Answered(answer)).await;
    assert!(matches!(fixture.begin(&reused).await, BeginOutcome::KeyReused), "when it is over");
    let of_another =
        NewTurn { caller: fixture.b, key: new.key, ..fixture.says(Target::New(new_conversation()), "mine") };
    let turn = fixture.started(&of_another).await;
    assert_eq!(turn.lease.user, fixture.b.user, "keys are per user");
    fixture.finished(&turn.lease, "Yours.").await;
}

pub(super) async fn a_stop_reaches_the_worker(fixture: &Fixture<'_>) {
    let turn = fixture.opened("a long story").await;
    let (id, lease) = (turn.lease.conversation, turn.lease);
    let renewed = |stop_requested| vec![Renewed { turn: lease.turn, stop_requested }];
    assert_eq!(must(fixture.leases.renew(&[lease]).await), renewed(false));
    assert_eq!(must(fixture.reader.request_stop(fixture.b, id, None).await), None, "it is not B's");
    assert_eq!(
        must(fixture.reader.request_stop(fixture.b, id, Some(lease.turn)).await),
        None,
        "it is not B's"
    );
    let another = Some(TurnId(new_conversation().0));
    assert_eq!(must(fixture.reader.request_stop(fixture.a, id, another).await), None, "another one is meant");
    assert_eq!(must(fixture.leases.renew(&[lease]).await), renewed(false));
    assert_eq!(must(fixture.reader.request_stop(fixture.a, id, None).await), Some(lease.turn));
    assert_eq!(
        must(fixture.reader.request_stop(fixture.a, id, None).await),
        Some(lease.turn),
        "twice is once"
    );
    assert_eq!(must(fixture.leases.renew(&[lease]).await), renewed(true));
    fixture.finished(&lease, "Once upon").await;
    assert_eq!(must(fixture.reader.request_stop(fixture.a, id, None).await), None, "nothing runs");
    assert_eq!(must(fixture.reader.request_stop(fixture.a, new_conversation(), None).await), None);
}

pub(super) async fn a_key_is_used_for_one_thing(fixture: &Fixture<'_>) {
    let (task, other) = (unique("keyed"), unique("other"));
    let new = fixture.says_with_key(Target::New(new_conversation()), "add it");
    let Some(key) = &new.key else { panic!("it has a key") };
    let turn = fixture.started(&new).await;
    let reused = must(must(fixture.todos.add_once(fixture.a, key, &new_todo(&task)).await));
    assert_eq!(reused, IdempotentOutcome::KeyReused, "while the turn runs");
    fixture.finished(&turn.lease, "Done.").await;
    let reused = must(must(fixture.todos.add_once(fixture.a, key, &new_todo(&task)).await));
    assert_eq!(reused, IdempotentOutcome::KeyReused, "and when it is over");
    assert_eq!(fixture.tasks_called(&task).await, 0);

    let new = fixture.says_with_key(Target::New(new_conversation()), "add it");
    let Some(key) = &new.key else { panic!("it has a key") };
    must(must(fixture.todos.add_once(fixture.a, key, &new_todo(&other)).await));
    let reused = fixture.begin(&new).await;
    assert!(matches!(reused, BeginOutcome::KeyReused), "{reused:?}");
    let theirs = must(must(fixture.todos.add_once(fixture.b, key, &new_todo(&other)).await));
    assert!(matches!(theirs, IdempotentOutcome::Fresh(_)), "keys are per user: {theirs:?}");
}

pub(super) async fn of_a_turn_and_a_task_at_once_under_one_key_one_is_made(fixture: &Fixture<'_>) {
    for _ in 0..8 {
        let task = unique("raced");
        let new = fixture.says_with_key(Target::New(new_conversation()), "add it");
        let Some(key) = &new.key else { panic!("it has a key") };
        let turn = async { matches!(fixture.begin(&new).await, BeginOutcome::Started(_)) };
        let addition = async {
            let outcome = must(must(fixture.todos.add_once(fixture.a, key, &new_todo(&task)).await));
            matches!(outcome, IdempotentOutcome::Fresh(_))
        };
        let both: Vec<Pin<Box<dyn Future<Output = bool> + Send + '_>>> =
            vec![Box::pin(turn), Box::pin(addition)];
        let made = join_all(both).await;
        assert_eq!(made.iter().filter(|made| **made).count(), 1, "{made:?}");
    }
}
