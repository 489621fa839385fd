//! Calls of programs that wait for the person's approval.

use std::time::Duration;

use chrono::DateTime;
use serde_json::{Map, Value, json};

use super::{
    access_tokens,
    fixture::{add, all, must, new_key, unique},
};
use crate::{
    approval::{Approval, ApprovalError, ApprovalId, ApprovalState, Decision},
    caller::Caller,
    change_log::{ChangeFilter, LoggedChange},
    mcp_call::{MAX_PENDING_APPROVALS, McpCall},
    ports::{
        AccessTokenStore, ApprovalStore, ChangeLog, IdempotentOutcome, McpCallExecutor, StoreError,
        TodoStore, UndoStore,
    },
    request_channel::{Channel, ChannelKind},
    testing::join_all,
    time_zone::PersonalTime,
    todo::{TaskNumber, Todo},
    todo_command::{TodoChange, TodoPatch},
    turn::RequestKey,
    undo::{UndoRequest, UndoTarget},
};

/// A store of everything that these calls touch.
pub trait ProgramStore:
    McpCallExecutor + TodoStore + ApprovalStore + UndoStore + ChangeLog + AccessTokenStore
{
}

impl<T: McpCallExecutor + TodoStore + ApprovalStore + UndoStore + ChangeLog + AccessTokenStore> ProgramStore
    for T
{
}

/// Somebody, and a program of theirs that may only look.
struct Reader<'a, Store> {
    store: &'a Store,
    person: Caller,
    program: Caller,
}

impl<Store: ProgramStore> Reader<'_, Store> {
    async fn called(
        &self,
        name: &str,
        arguments: Value,
        key: Option<&RequestKey>,
    ) -> IdempotentOutcome<Value> {
        self.called_at(PersonalTime::utc(DateTime::UNIX_EPOCH), name, arguments, key).await
    }

    async fn called_at(
        &self,
        time: PersonalTime,
        name: &str,
        arguments: Value,
        key: Option<&RequestKey>,
    ) -> IdempotentOutcome<Value> {
        let arguments = if let Value::Object(arguments) = arguments { arguments } else { Map::new() };
        let call = must(McpCall::plan(name, arguments, time, key.cloned(), false));
        must(self.store.carry_out(self.program, &call).await)
    }

    async fn result(&self, name: &str, arguments: Value) -> Value {
        match self.called(name, arguments, None).await {
            IdempotentOutcome::Fresh(result) => result,
            other => panic!("there is no key: {other:?}"),
        }
    }

    /// The id of the approval that a call has come to.
    async fn asked(&self, name: &str, arguments: Value) -> ApprovalId {
        let result = self.result(name, arguments).await;
        assert_eq!((&result["success"], &result["code"]), (&json!(false), &json!("NOT_ALLOWED")), "{result}");
        assert_eq!(result["approval"]["state"], "waiting", "{result}");
        must(serde_json::from_value(result["approval"]["id"].clone()))
    }

    async fn decided(&self, id: ApprovalId, decision: Decision) -> Result<Approval, ApprovalError> {
        let decided = must(self.store.decide(self.person, id, decision, None).await);
        decided.unwrap_or_else(|| panic!("there is such a question"))
    }

    async fn approved(&self, id: ApprovalId) -> Value {
        let approval = must(self.decided(id, Decision::Approve).await);
        assert_eq!(approval.question.state, ApprovalState::Approved);
        approval.result.unwrap_or_default()
    }

    async fn waiting(&self) -> Vec<ApprovalId> {
        let waiting = must(self.store.waiting(self.person).await);
        waiting.into_iter().map(|approval| approval.question.id).collect()
    }

    async fn added(&self, title: &str) -> TaskNumber {
        must(must(TodoStore::change(self.store, self.person, Channel::Rest, &add(title)).await)).task().number
    }

    async fn changed(&self, number: TaskNumber) {
        let patch = TodoPatch { completed: Some(true), ..TodoPatch::default() };
        let change = TodoChange::Update(number, patch);
        must(must(TodoStore::change(self.store, self.person, Channel::Rest, &change).await));
    }

    async fn titled(&self, title: &str) -> Vec<Todo> {
        let page = must(TodoStore::list(self.store, self.person, &all()).await);
        page.todos.into_iter().filter(|todo| todo.title.as_str() == title).collect()
    }

    async fn last_change(&self) -> LoggedChange {
        let filter = ChangeFilter { limit: 1, ..ChangeFilter::default() };
        let page = must(self.store.changes(self.person, &filter).await);
        page.changes.first().cloned().unwrap_or_else(|| panic!("nothing was changed"))
    }
}

async fn reader<'a, Store: ProgramStore>(store: &'a Store, person: Caller) -> Reader<'a, Store> {
    let program = access_tokens::program(store, person, "a reader", &["tasks:read"]).await;
    Reader { store, person, program }
}

pub(super) async fn what_a_program_may_not_do_waits_and_is_done_once(store: &impl ProgramStore, a: Caller) {
    let reader = reader(store, a).await;
    let (task, new) = (unique("to be deleted"), unique("to be added"));
    let number = reader.added(&task).await;
    let adding = reader.asked("add_task", json!({"title": &new})).await;
    let deleting = reader.asked("delete_task", json!({"task_id": &task})).await;
    assert_eq!((reader.titled(&task).await.len(), reader.titled(&new).await.len()), (1, 0));
    let waiting = must(store.waiting(a).await);
    let question = &waiting.iter().find(|approval| approval.question.id == deleting).map(|one| &one.question);
    let question = question.unwrap_or_else(|| panic!("it waits: {waiting:?}"));
    assert_eq!(question.program.as_deref(), Some("a reader"), "the person is told who asks");
    assert_eq!(question.tasks.iter().map(|task| task.number).collect::<Vec<_>>(), [number]);
    assert!(waiting.iter().all(|approval| approval.asked_in.is_none()));

    for (id, title, left) in [(adding, &new, 1), (deleting, &task, 0)] {
        let done = reader.approved(id).await;
        assert_eq!((&done["success"], reader.titled(title).await.len()), (&json!(true), left));
        let change = reader.last_change().await;
        assert_eq!((change.channel, change.turn), (ChannelKind::Mcp, None));
        assert_eq!(change.program.as_deref(), Some("a reader"), "and so is the log");
        assert_eq!(reader.approved(id).await, done, "said again, it is the same");
        assert_eq!(reader.decided(id, Decision::Reject).await, Err(ApprovalError::Decided));
        assert_eq!(reader.last_change().await, change, "it was done once");
    }
    let refused = reader.asked("add_task", json!({"title": &new})).await;
    let no = must(reader.decided(refused, Decision::Reject).await);
    assert_eq!(no.result.map(|result| result["code"].clone()), Some(json!("NOT_APPROVED")));
    assert_eq!(reader.decided(refused, Decision::Approve).await, Err(ApprovalError::Decided));
    assert_eq!(reader.titled(&new).await.len(), 1);
    assert_eq!(reader.waiting().await, []);
    let nothing = reader.result("delete_task", json!({"task_id": [i64::MAX]})).await;
    assert_eq!(nothing["approval"], json!(null), "of what is not there nobody is asked: {nothing}");
}

pub(super) async fn nobody_else_answers_for_the_person(store: &impl ProgramStore, a: Caller, b: Caller) {
    let reader = reader(store, a).await;
    let task = unique("theirs");
    reader.added(&task).await;
    let id = reader.asked("delete_task", json!({"task_id": &task})).await;
    assert_eq!(must(store.decide(b, id, Decision::Approve, None).await), None);
    assert_eq!(must(store.waiting(b).await), []);
    let writer = access_tokens::program(store, a, "a writer", &["tasks:read", "tasks:write"]).await;
    for program in [reader.program, writer] {
        let answer = must(store.decide(program, id, Decision::Approve, None).await);
        assert_eq!(answer, Some(Err(ApprovalError::NotThePerson)));
    }
    let other = Map::from_iter([("task_id".to_owned(), json!(i64::MAX))]);
    let swapped = must(store.decide(a, id, Decision::Approve, Some(&other)).await);
    assert_eq!(swapped, Some(Err(ApprovalError::OtherArguments)));
    assert_eq!((reader.titled(&task).await.len(), reader.waiting().await), (1, vec![id]));
    let revoked = Caller { token_version: a.token_version + 1, ..a };
    let answer = store.decide(revoked, id, Decision::Approve, None).await;
    assert!(matches!(answer, Err(StoreError::UnknownCaller)), "{answer:?}");
    must(reader.decided(id, Decision::Reject).await);
}

pub(super) async fn the_same_call_is_asked_once_while_its_tasks_are_as_they_were(
    store: &impl ProgramStore,
    a: Caller,
) {
    let reader = reader(store, a).await;
    let task = unique("asked about");
    let number = reader.added(&task).await;
    let arguments = || json!({"task_id": number.0, "title": "Another"});
    let first = reader.asked("update_task", arguments()).await;
    let keys = [new_key(), new_key()];
    for key in [None, Some(&keys[0]), None, Some(&keys[1])] {
        let again = reader.called("update_task", arguments(), key).await;
        let IdempotentOutcome::Fresh(again) = again else { panic!("the key is new: {again:?}") };
        assert_eq!(again["approval"]["id"], json!(first));
    }
    let at_once = join_all((0..4).map(|_| reader.asked("update_task", arguments()))).await;
    assert!(at_once.iter().all(|id| *id == first));
    assert_eq!(reader.waiting().await, [first]);

    reader.changed(number).await;
    let second = reader.asked("update_task", arguments()).await;
    assert!(second != first && reader.waiting().await == [second], "it is another question");
    assert_eq!(reader.decided(first, Decision::Approve).await, Err(ApprovalError::Void));
    reader.changed(number).await;
    for _ in 0..2 {
        assert_eq!(reader.decided(second, Decision::Approve).await, Err(ApprovalError::Void));
    }
    assert_eq!((reader.titled(&task).await.len(), reader.waiting().await), (1, vec![]));
}

pub(super) async fn the_same_words_on_another_day_are_another_question(store: &impl ProgramStore, a: Caller) {
    let reader = reader(store, a).await;
    let task = unique("due tomorrow");
    let added = must(must(TodoStore::change(store, a, Channel::Rest, &add(&task)).await));
    let (number, today) = (added.task().number, PersonalTime::utc(added.task().created_at));
    let on_the_next_day = PersonalTime::utc(today.local.now + Duration::from_secs(24 * 60 * 60));
    for (name, arguments) in [
        ("update_task", json!({"task_id": number.0, "due": "tomorrow"})),
        ("add_task", json!({"title": &unique("new"), "due": "tomorrow"})),
    ] {
        let asked = async |time| {
            let IdempotentOutcome::Fresh(result) =
                reader.called_at(time, name, arguments.clone(), None).await
            else {
                panic!("there is no key")
            };
            assert_eq!(result["approval"]["state"], "waiting", "{result}");
            must(serde_json::from_value::<ApprovalId>(result["approval"]["id"].clone()))
        };
        let first = asked(today).await;
        assert_eq!(asked(today).await, first, "{name}");
        let second = asked(on_the_next_day).await;
        assert!(second != first && reader.waiting().await == [second], "{name}");
        assert_eq!(reader.decided(first, Decision::Approve).await, Err(ApprovalError::Void));
        must(reader.decided(second, Decision::Reject).await);
    }
}

pub(super) async fn under_its_key_a_call_learns_what_came_of_it(store: &impl ProgramStore, a: Caller) {
    let reader = reader(store, a).await;
    for (decision, code) in [(Decision::Approve, Value::Null), (Decision::Reject, json!("NOT_APPROVED"))] {
        let (title, key) = (unique("under a key"), new_key());
        let add_task = || reader.called("add_task", json!({"title": &title}), Some(&key));
        let IdempotentOutcome::Fresh(first) = add_task().await else { panic!("it is new") };
        assert_eq!(add_task().await, IdempotentOutcome::Replayed(first.clone()), "it waits");
        let id = must(serde_json::from_value(first["approval"]["id"].clone()));
        let answered = must(reader.decided(id, decision).await).result.unwrap_or_default();
        assert_eq!(add_task().await, IdempotentOutcome::Replayed(answered.clone()));
        assert_eq!(answered["code"], code);
        assert_eq!(add_task().await, IdempotentOutcome::Replayed(answered), "nothing is done or asked again");
        let other = RequestKey { body_hash: [8; 32], ..key };
        let reused = reader.called("undo_last", json!({}), Some(&other)).await;
        assert_eq!(reused, IdempotentOutcome::KeyReused);
    }
    assert_eq!(reader.waiting().await, []);
}

pub(super) async fn an_account_is_asked_a_bounded_number_of_questions(store: &impl ProgramStore, b: Caller) {
    let reader = reader(store, b).await;
    let mut ids = Vec::new();
    for number in 0..MAX_PENDING_APPROVALS {
        ids.push(reader.asked("add_task", json!({"title": format!("Number {number}")})).await);
    }
    let many = (0..4).map(|number| {
        let reader = &reader;
        async move { reader.result("add_task", json!({"title": format!("More {number}")})).await }
    });
    for refused in join_all(many).await {
        assert_eq!((&refused["code"], &refused["approval"]), (&json!("LIMIT"), &Value::Null), "{refused}");
    }
    assert_eq!(reader.asked("add_task", json!({"title": "Number 0"})).await, ids[0], "that waits already");
    must(reader.decided(ids[0], Decision::Reject).await);
    ids[0] = reader.asked("add_task", json!({"title": "One more"})).await;
    for id in ids {
        must(reader.decided(id, Decision::Reject).await);
    }
}

pub(super) async fn an_undo_is_of_what_was_last_when_it_was_asked(store: &impl ProgramStore, a: Caller) {
    let reader = reader(store, a).await;
    let (task, later) = (unique("to be undone"), unique("later"));
    let number = reader.added(&task).await;
    let change = reader.last_change().await.id;
    let id = reader.asked("undo_last", json!({})).await;
    assert_eq!(reader.asked("undo_last", json!({"which": "ever"})).await, id, "its arguments say nothing");
    let waiting = must(store.waiting(a).await);
    let question = &waiting[0].question;
    assert_eq!(json!(question.arguments), json!({"change_id": change}));
    assert_eq!(question.tasks.iter().map(|task| task.number).collect::<Vec<_>>(), [number]);
    // Something else is the last thing now. It is another question, and the first one stands.
    reader.added(&later).await;
    let other = reader.asked("undo_last", json!({})).await;
    assert!(other != id && reader.waiting().await == [id, other]);
    let done = reader.approved(id).await;
    assert_eq!(
        (&done["results"][0]["task_id"], &done["results"][0]["kind"]),
        (&json!(number), &json!("deleted"))
    );
    assert_eq!((reader.titled(&task).await.len(), reader.titled(&later).await.len()), (0, 1));
    assert_eq!(reader.approved(id).await, done);
    let undoing = reader.last_change().await;
    assert_eq!((undoing.undoes.as_slice(), undoing.channel), (&[change][..], ChannelKind::Mcp));
    assert_eq!(undoing.program.as_deref(), Some("a reader"));
    must(reader.decided(other, Decision::Reject).await);
}

pub(super) async fn an_undo_is_void_when_its_tasks_were_changed_or_it_was_undone(
    store: &impl ProgramStore,
    a: Caller,
) {
    let reader = reader(store, a).await;
    let task = unique("changed since");
    let number = reader.added(&task).await;
    let id = reader.asked("undo_last", json!({})).await;
    reader.changed(number).await;
    assert_eq!(reader.decided(id, Decision::Approve).await, Err(ApprovalError::Void));
    assert_eq!(reader.titled(&task).await.len(), 1);

    let id = reader.asked("undo_last", json!({})).await;
    let last = UndoRequest::all_or_nothing(UndoTarget::Change(reader.last_change().await.id));
    must(must(store.undo(a, None, last).await));
    assert_eq!(reader.decided(id, Decision::Approve).await, Err(ApprovalError::Void));
    // It was undone and done again: that is another state of the task.
    let redone = UndoRequest::all_or_nothing(UndoTarget::Change(reader.last_change().await.id));
    must(must(store.undo(a, None, redone).await));
    assert_eq!(reader.decided(id, Decision::Approve).await, Err(ApprovalError::Void));
    // A task that was deleted comes back by a yes.
    must(must(TodoStore::change(store, a, Channel::Rest, &TodoChange::Delete(number, None)).await));
    let id = reader.asked("undo_last", json!({})).await;
    let done = reader.approved(id).await;
    assert_eq!((&done["results"][0]["kind"], reader.titled(&task).await.len()), (&json!("restored"), 1));
    assert_eq!(reader.waiting().await, []);
}
