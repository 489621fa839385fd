//! Histories with something wrong in them, one each.

use std::time::Duration;

use serde_json::{Value, json};

use super::{
    super::{Answer, Attempt, FinalConversation, FinalUserState, Operation, OperationRecord, Said, Task},
    violations,
};

fn answer(status: u16, body: Value) -> Answer {
    Answer { status, has_retry_after: false, is_replayed: false, body }
}

fn record(operation: Operation, answers: impl IntoIterator<Item = Option<Answer>>) -> OperationRecord {
    let attempts = answers.into_iter().enumerate().map(|(index, answer)| Attempt {
        from: Duration::from_millis(index as u64 * 10),
        to: Duration::from_millis(index as u64 * 10 + 5),
        replica: 0,
        is_disturbed: false,
        answer,
    });
    let key = operation.takes_a_key().then(|| "k".to_owned());
    OperationRecord { user: 0, client: 0, key, operation, attempts: attempts.collect() }
}

fn added(title: &str, id: i64) -> OperationRecord {
    let body = json!({"id": id, "title": title});
    record(Operation::Add { title: title.to_owned() }, [Some(answer(201, body))])
}

fn task(id: i64, title: &str) -> Task {
    Task { id, title: title.to_owned(), completed: false }
}

fn chat(title: &str) -> Operation {
    Operation::Chat {
        conversation: Some("c".to_owned()),
        adds: vec![title.to_owned()],
        at_once: true,
        completes: None,
    }
}

fn chatted(title: &str, id: i64) -> OperationRecord {
    let calls =
        json!([{"tool": "add_task", "result": {"success": true, "task": {"id": id, "title": title}}}]);
    let body = json!({"message": "Done.", "conversation_id": "c", "turn_id": title, "tool_calls": calls});
    record(chat(title), [Some(answer(200, body))])
}

/// The messages that [`chatted`] leaves.
fn said(title: &str, id: i64) -> [Said; 2] {
    let calls =
        json!([{"tool": "add_task", "result": {"success": true, "task": {"id": id, "title": title}}}]);
    let message = |role: &str, content: String, tool_calls| Said {
        turn: title.to_owned(),
        role: role.to_owned(),
        content,
        tool_calls,
    };
    [message("user", chat(title).message(), Value::Null), message("assistant", "Done.".to_owned(), calls)]
}

fn has(tasks: impl IntoIterator<Item = Task>, messages: Vec<Said>) -> [FinalUserState; 1] {
    let conversations = vec![FinalConversation { id: "c".to_owned(), messages }];
    [FinalUserState { tasks: tasks.into_iter().collect(), conversations }]
}

#[track_caller]
fn assert_found(words: &str, records: &[OperationRecord], belongings: &[FinalUserState]) {
    let found = violations(records, belongings);
    assert!(found.iter().any(|violation| violation.contains(words)), "not '{words}' but {found:?}");
}

#[test]
fn a_sound_history_is_sound() {
    let mut records = vec![added("a", 1), chatted("b", 2)];
    let rename = Operation::Rename { task: 1, title: "a:1".to_owned() };
    records.push(record(rename, [None, Some(answer(200, Value::Null))]));
    let has = has([task(1, "a:1"), task(2, "b")], said("b", 2).into());
    assert_eq!(violations(&records, &has), Vec::<String>::new());
}

#[test]
fn a_lost_task_is_found() {
    assert_found("is lost", &[added("a", 1)], &has([], Vec::new()));
    assert_found("is lost", &[chatted("a", 1)], &has([], said("a", 1).into()));
}

#[test]
fn a_task_that_is_there_twice_is_found_also_when_nobody_was_told_of_it() {
    let twice = || has([task(1, "a"), task(2, "a")], Vec::new());
    assert_found("added twice", &[added("a", 1)], &twice());
    let in_doubt = record(Operation::Add { title: "a".to_owned() }, [None]);
    assert_found("added twice", &[in_doubt], &twice());
}

#[test]
fn a_task_that_nobody_asked_for_is_found() {
    assert_found("nobody asked", &[], &has([task(1, "a")], Vec::new()));
}

#[test]
fn a_change_that_was_lost_is_found() {
    let rename = Operation::Rename { task: 1, title: "a:1".to_owned() };
    let records = [added("a", 1), record(rename, [Some(answer(200, Value::Null))])];
    assert_found("should be", &records, &has([task(1, "a")], Vec::new()));
    let delete = record(Operation::Delete { task: 1 }, [Some(answer(204, Value::Null))]);
    assert_found("was deleted and is there", &[added("a", 1), delete], &has([task(1, "a")], Vec::new()));
}

#[test]
fn a_change_in_doubt_may_or_may_not_be_there() {
    let rename = Operation::Rename { task: 1, title: "a:1".to_owned() };
    let records = [added("a", 1), record(rename, [None])];
    for title in ["a", "a:1"] {
        assert_eq!(violations(&records, &has([task(1, title)], Vec::new())), Vec::<String>::new());
    }
    assert_found("should be", &records, &has([task(1, "a:2")], Vec::new()));
}

#[test]
fn two_answers_to_one_key_are_found() {
    let mut record = added("a", 1);
    record.attempts.extend(added("a", 2).attempts);
    assert_found("two answers", &[record], &has([task(1, "a")], Vec::new()));
    let mut record = added("a", 1);
    record.attempts.extend(added("a", 1).attempts);
    (record.attempts[1].from, record.attempts[1].to) = (Duration::from_millis(20), Duration::from_millis(25));
    assert_found("does not say", &[record], &has([task(1, "a")], Vec::new()));
}

#[test]
fn answers_that_no_server_may_give_are_found() {
    let operation = || Operation::Add { title: "a".to_owned() };
    for (status, words) in [(500, "no bug"), (503, "Retry-After"), (400, "was good"), (404, "was good")] {
        let record = record(operation(), [Some(answer(status, Value::Null))]);
        assert_found(words, &[record], &has([], Vec::new()));
    }
    let mut late = added("a", 1);
    late.attempts[0].to = Duration::from_secs(21);
    assert_found("took", &[late], &has([task(1, "a")], Vec::new()));
}

#[test]
fn a_conversation_that_is_not_as_it_was_is_found() {
    let records = [chatted("a", 1), chatted("b", 2)];
    let tasks = || [task(1, "a"), task(2, "b")];
    let [ask_a, tell_a] = said("a", 1);
    let [ask_b, tell_b] = said("b", 2);
    let all = |messages: [&Said; 4]| has(tasks(), messages.into_iter().cloned().collect());
    let sound = all([&ask_a, &tell_a, &ask_b, &tell_b]);
    assert_eq!(violations(&records, &sound), Vec::<String>::new());
    assert_found("two pieces", &records, &all([&ask_a, &ask_b, &tell_b, &tell_a]));
    assert_found("there 2 times", &records, &all([&ask_a, &tell_a, &ask_a, &tell_a]));
    assert_found("is not behind it", &records, &all([&ask_a, &tell_b, &ask_b, &tell_b]));
    assert_found("was answered and is not there", &records, &has(tasks(), vec![ask_a, tell_a]));
}

/// The message of [`chatted`] `a`, edited so that it adds `b`.
fn edited(id: i64, outcome: Option<u16>) -> OperationRecord {
    let edit = Operation::Edit {
        conversation: "c".to_owned(),
        turn: "a".to_owned(),
        previous: Some(chat("a").message()),
        adds: vec!["b".to_owned()],
        replaces: vec!["a".to_owned()],
        stays: false,
    };
    let calls = json!([{"tool": "add_task", "result": {"success": true, "task": {"id": id, "title": "b"}}}]);
    let body = json!({"message": "Done.", "conversation_id": "c", "turn_id": "a", "tool_calls": calls});
    record(edit, [outcome.map(|status| answer(status, body))])
}

/// What stands in the place of the edited message.
fn said_instead(id: i64) -> [Said; 2] {
    let edit = edited(id, Some(200));
    let [mut asked, mut told] = said("b", id);
    asked.content = edit.operation.message();
    (asked.turn, told.turn) = ("a".to_owned(), "a".to_owned());
    [asked, told]
}

#[test]
fn an_edit_that_did_not_replace_what_was_said_and_done_is_found() {
    let records = [chatted("a", 1), edited(2, Some(200))];
    assert_eq!(violations(&records, &has([task(2, "b")], said_instead(2).into())), Vec::<String>::new());
    assert_found(
        "was deleted and is there",
        &records,
        &has([task(1, "a"), task(2, "b")], said_instead(2).into()),
    );
    assert_found("is lost", &records, &has([], said_instead(2).into()));
    let both = [said("a", 1), said_instead(2)].concat();
    assert_found("was edited and is there", &records, &has([task(2, "b")], both));
    assert_found("was answered and is not there", &records, &has([task(2, "b")], Vec::new()));
}

#[test]
fn an_edit_in_doubt_may_or_may_not_have_replaced_what_was_said() {
    let records = [chatted("a", 1), edited(2, None)];
    for has in [has([task(1, "a")], said("a", 1).into()), has([task(2, "b")], said_instead(2).into())] {
        assert_eq!(violations(&records, &has), Vec::<String>::new());
    }
    let twice = [said_instead(2), said_instead(2)].concat();
    assert_found("is there 2 times", &records, &has([task(2, "b")], twice));
}

#[test]
fn a_message_before_an_earlier_one_is_found() {
    let first = chatted("a", 1);
    let mut second = chatted("b", 2);
    second.attempts[0].from = Duration::from_secs(1);
    second.attempts[0].to = Duration::from_secs(2);
    let messages = [said("b", 2), said("a", 1)].concat();
    assert_found("before an earlier one", &[first, second], &has([task(1, "a"), task(2, "b")], messages));
}

/// Another answer to the message of [`chatted`] `a`.
fn answered_anew(id: i64, stays: bool, outcome: Option<u16>) -> OperationRecord {
    let again = Operation::Regenerate {
        conversation: "c".to_owned(),
        turn: "a".to_owned(),
        said: chat("a").message(),
        replaces: vec!["a".to_owned()],
        stays,
    };
    let [_, told] = said_anew(id);
    let calls = told.tool_calls;
    let body = json!({"message": "Done.", "conversation_id": "c", "turn_id": "a", "tool_calls": calls});
    record(again, [outcome.map(|status| answer(status, body))])
}

/// The message of [`chatted`] `a` with its other answer: what was done at first, and what is done again.
fn said_anew(id: i64) -> [Said; 2] {
    let [asked, mut told] = said("a", 1);
    let [_, again] = said("a", id);
    told.tool_calls = [told.tool_calls, again.tool_calls]
        .iter()
        .flat_map(|calls| calls.as_array().unwrap())
        .cloned()
        .collect();
    [asked, told]
}

#[test]
fn another_answer_that_did_not_take_the_place_of_the_first_is_found() {
    let records = [chatted("a", 1), answered_anew(2, false, Some(200))];
    assert_eq!(violations(&records, &has([task(2, "a")], said_anew(2).into())), Vec::<String>::new());
    let both = [task(1, "a"), task(2, "a")];
    assert_found("task 1 was deleted and is there", &records, &has(both, said_anew(2).into()));
    assert_found("task 2 was acknowledged and is lost", &records, &has([], said_anew(2).into()));
    assert_found("is not behind it", &records, &has([task(2, "a")], said("a", 1).into()));
    assert_found("was answered and is not there", &records, &has([task(2, "a")], Vec::new()));
    let stays = [chatted("a", 1), answered_anew(1, true, Some(200))];
    assert_eq!(violations(&stays, &has([task(1, "a")], said_anew(1).into())), Vec::<String>::new());
    assert_found("task 1 was acknowledged and is lost", &stays, &has([], said_anew(1).into()));
}

#[test]
fn another_answer_in_doubt_may_or_may_not_have_taken_the_place_of_the_first() {
    let records = [chatted("a", 1), answered_anew(2, false, None)];
    for has in [has([task(1, "a")], said("a", 1).into()), has([task(2, "a")], said_anew(2).into())] {
        assert_eq!(violations(&records, &has), Vec::<String>::new());
    }
    assert_found("is not behind it", &records, &has([task(2, "a")], said("a", 2).into()));
}

fn deleted(outcome: Option<u16>) -> OperationRecord {
    let delete = Operation::DeleteConversation { conversation: "c".to_owned() };
    record(delete, [outcome.map(|status| answer(status, Value::Null))])
}

fn resent(status: u16, code: &str) -> OperationRecord {
    let again = Operation::Resend { key: "k".to_owned(), said: Box::new(chat("a")) };
    record(again, [Some(answer(status, json!({ "code": code })))])
}

#[test]
fn what_comes_back_of_a_conversation_that_was_deleted_is_found() {
    let gone = |tasks: Vec<Task>| [FinalUserState { tasks, conversations: Vec::new() }];
    let after = |last: OperationRecord| [chatted("a", 1), deleted(Some(204)), last];
    let refused = || after(resent(404, "conversation_not_found"));
    assert_eq!(violations(&refused(), &gone(vec![task(1, "a")])), Vec::<String>::new());
    assert_found("is lost", &refused(), &gone(Vec::new()));
    let there = |messages: Vec<Said>| has([task(1, "a")], messages);
    assert_found("conversation c was deleted and is there", &refused(), &there(Vec::new()));
    assert_found(
        "add [\"a\"], complete None: was deleted and is there",
        &refused(),
        &there(said("a", 1).into()),
    );
    let gone = gone(vec![task(1, "a")]);
    assert_found("its conversation is deleted", &after(resent(200, "")), &gone);
    assert_found("was good", &after(resent(422, "idempotency_key_reused")), &gone);
    assert_found("was gone before", &[chatted("a", 1), deleted(Some(404))], &gone);
}

#[test]
fn a_deletion_in_doubt_may_or_may_not_have_been_made() {
    let records = [chatted("a", 1), deleted(None)];
    for messages in [Vec::new(), said("a", 1).into()] {
        assert_eq!(violations(&records, &has([task(1, "a")], messages)), Vec::<String>::new());
    }
}

#[test]
fn what_comes_or_goes_in_one_transaction_is_not_half_there() {
    let titles = || vec!["a".to_owned(), "b".to_owned()];
    let tasks = |tasks: &[Task]| has(tasks.iter().cloned(), Vec::new());
    let (none, half, both) = (tasks(&[]), tasks(&[task(1, "a")]), tasks(&[task(1, "a"), task(2, "b")]));
    let in_doubt = || record(Operation::AddAll { titles: titles() }, [None]);
    for whole in [&none, &both] {
        assert!(violations(&[in_doubt()], whole).is_empty());
    }
    assert_found("1 of 2 are there", &[in_doubt()], &half);

    let results = json!([
        {"ok": true, "task": {"id": 1, "title": "a"}},
        {"ok": true, "task": {"id": 2, "title": "b"}},
    ]);
    let added =
        || record(Operation::AddAll { titles: titles() }, [Some(answer(200, json!({ "results": results })))]);
    assert!(violations(&[added()], &both).is_empty());
    assert_found("task 2 was acknowledged and is lost", &[added()], &half);

    let undo = |answer| record(Operation::UndoTurn { turn: "t".to_owned(), added: titles() }, [answer]);
    let done = || undo(Some(answer(200, json!({"changes": []}))));
    assert!(violations(&[added(), done()], &none).is_empty());
    assert_found("task 1 was deleted and is there", &[added(), done()], &both);
    assert_found("1 of 2 are there", &[added(), undo(None)], &half);
}
