//! Whatever a turn and others do: what is undone is as it was, and what was changed since stays.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::{
    caller::Caller,
    ports::{IdGenerator, IdempotentOutcome, Release, TodoStore, TurnLeases, TurnStore, UndoStore},
    request_channel::Channel,
    step::{Action, PlannedCall, PlannedStep},
    testing::{MemoryStore, RandomIdGenerator, block_on},
    time_zone::PersonalTime,
    todo_command::{NewTodo, TodoChange, TodoPatch},
    todo_filter::TodoFilter,
    todo_outcome::Effect,
    turn::{BeginOutcome, Lease, NewTurn, Target, UserMessage},
    turn_and_conversation_ids::ConversationId,
};

/// Who does something.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Actor {
    Turn,
    Person,
}

/// Something that is done to a list; numbers may be of tasks that are not there.
#[derive(Debug, Clone)]
enum Deed {
    Add(String),
    Rename(i64, String),
    Complete(i64, bool),
    Tag(i64, String),
    Delete(i64),
}

impl Deed {
    fn change(&self) -> TodoChange {
        let title = |text: &str| TodoTitle::parse(text).unwrap();
        let update = |number: &i64, patch: TodoPatch| TodoChange::Update(TaskNumber(*number), patch);
        match self {
            Self::Add(text) => {
                let tags = Tags::parse(vec![text.clone()]).unwrap();
                TodoChange::Add(NewTodo { tags, ..NewTodo::titled(title(text)) })
            }
            Self::Rename(number, text) => {
                update(number, TodoPatch { title: Some(title(text)), ..TodoPatch::default() })
            }
            Self::Complete(number, completed) => {
                update(number, TodoPatch { completed: Some(*completed), ..TodoPatch::default() })
            }
            Self::Tag(number, tag) => {
                let add_tags = Tags::parse(vec![tag.clone()]).unwrap();
                update(number, TodoPatch { add_tags, ..TodoPatch::default() })
            }
            Self::Delete(number) => TodoChange::Delete(TaskNumber(*number), None),
        }
    }
}

/// A list, the turn that works on it, and what each task was before the turn first changed it.
struct World {
    store: MemoryStore,
    caller: Caller,
    lease: Lease,
    steps: i32,
    before_the_turn: BTreeMap<TaskNumber, Option<Todo>>,
    /// The tasks that somebody else changed after the turn had.
    changed_since: BTreeSet<TaskNumber>,
}

impl World {
    fn with_tasks(count: usize) -> Self {
        let store = MemoryStore::default();
        let caller = store.register();
        for number in 0..count {
            let add = Deed::Add(format!("Task {number}")).change();
            block_on(store.change(caller, Channel::Rest, &add)).unwrap().unwrap();
        }
        let turn = NewTurn {
            caller,
            id: TurnId(RandomIdGenerator.next()),
            target: Target::New(ConversationId(RandomIdGenerator.next())),
            message: UserMessage::parse("do it").unwrap(),
            client_message_id: None,
            model: None,
            time_zone: None,
            key: None,
        };
        let BeginOutcome::Started(turn) = block_on(store.begin(&turn)).unwrap() else { panic!() };
        let (before_the_turn, changed_since) = (BTreeMap::new(), BTreeSet::new());
        Self { store, caller, lease: turn.lease, steps: 0, before_the_turn, changed_since }
    }

    /// The tasks without what undo does not restore: versions and times.
    fn rows(&self) -> BTreeMap<TaskNumber, Todo> {
        let filter = TodoFilter { limit: 500, ..TodoFilter::default() };
        let page = block_on(self.store.list(self.caller, &filter)).unwrap();
        page.todos.into_iter().map(|todo| (todo.number, comparable(todo))).collect()
    }

    fn does(&mut self, actor: Actor, deed: &Deed) {
        let before = self.rows();
        let change = deed.change();
        let number = match actor {
            Actor::Turn => self.turn_does(&change),
            Actor::Person => {
                let effect = block_on(self.store.change(self.caller, Channel::Rest, &change)).unwrap();
                effect.ok().map(|effect: Effect| effect.task().number)
            }
        };
        let Some(number) = number else { return };
        match actor {
            Actor::Turn => {
                self.before_the_turn.entry(number).or_insert_with(|| before.get(&number).cloned());
            }
            Actor::Person if self.before_the_turn.contains_key(&number) => {
                self.changed_since.insert(number);
            }
            Actor::Person => {}
        }
    }

    /// Commits a step with one change and returns the task that it changed.
    fn turn_does(&mut self, change: &TodoChange) -> Option<TaskNumber> {
        let call = PlannedCall {
            call: crate::message::ToolCall {
                id: format!("call{:05}", self.steps),
                name: "add_task".to_owned(),
                arguments: serde_json::Map::new(),
                provider_data: Default::default(),
            },
            action: Action::Apply(crate::todo_command::TodoCommand::Change(change.clone())),
        };
        let local = PersonalTime::utc(DateTime::UNIX_EPOCH).local;
        let step = PlannedStep { text: String::new(), calls: vec![call], local };
        let results = block_on(self.store.commit_step(&self.lease, self.steps, &step)).unwrap();
        self.steps += 1;
        results[0].result["task"]["id"].as_i64().map(TaskNumber)
    }

    fn undo(&self, target: UndoTarget, skip_conflicts: bool) -> Result<Undone, UndoError> {
        let request = UndoRequest { target, skip_conflicts };
        match block_on(self.store.undo(self.caller, None, request)).unwrap()? {
            IdempotentOutcome::Fresh(undone) => Ok(undone),
            other => panic!("there is no key: {other:?}"),
        }
    }

    /// What the list is when all that may be undone is.
    fn undone_rows(&self) -> BTreeMap<TaskNumber, Todo> {
        let mut rows = self.rows();
        for (number, before) in &self.before_the_turn {
            if !self.changed_since.contains(number) {
                rows.remove(number);
                rows.extend(before.clone().map(|todo| (*number, todo)));
            }
        }
        rows
    }
}

fn comparable(todo: Todo) -> Todo {
    Todo { revision: 0, updated_at: DateTime::UNIX_EPOCH, ..todo }
}

fn deed() -> impl Strategy<Value = Deed> {
    let (number, text) = (1i64..9, "[A-Z][a-z]{0,5}");
    prop_oneof![
        2 => text.prop_map(Deed::Add),
        3 => (number.clone(), text).prop_map(|(number, text)| Deed::Rename(number, text)),
        2 => (number.clone(), any::<bool>()).prop_map(|(number, done)| Deed::Complete(number, done)),
        1 => (number.clone(), text).prop_map(|(number, text)| Deed::Tag(number, text)),
        2 => number.prop_map(Deed::Delete),
    ]
}

fn world_after(deeds: &[(Actor, Deed)]) -> World {
    let mut world = World::with_tasks(5);
    for (actor, deed) in deeds {
        world.does(*actor, deed);
    }
    block_on(world.store.release(&world.lease, Release::GivenUp)).unwrap();
    world
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn a_turn_and_its_undo_leave_the_list_as_it_was(
        deeds in prop::collection::vec(deed().prop_map(|deed| (Actor::Turn, deed)), 1..12),
    ) {
        let world = world_after(&deeds);
        let (done, before) = (world.rows(), world.undone_rows());
        match world.undo(UndoTarget::Turn(world.lease.turn), false) {
            Ok(undone) => {
                prop_assert_eq!(world.rows(), before.clone());
                // The undo is undone, one change after the other, and all of it once more.
                for change in &undone.changes {
                    world.undo(UndoTarget::Change(change.id), false).unwrap();
                }
                prop_assert_eq!(world.rows(), done);
                world.undo(UndoTarget::Last, false).unwrap();
                prop_assert_eq!(world.rows(), before);
            }
            // It did nothing, or added only what it deleted again.
            Err(refusal) => {
                prop_assert_eq!(refusal, UndoError::NothingToUndo);
                prop_assert_eq!(done, before);
            }
        }
    }

    #[test]
    fn an_undo_is_refused_exactly_when_something_was_changed_since(
        deeds in prop::collection::vec(
            (prop_oneof![2 => Just(Actor::Turn), 1 => Just(Actor::Person)], deed()), 1..14,
        ),
        skip_conflicts in any::<bool>(),
    ) {
        let world = world_after(&deeds);
        let (done, expected) = (world.rows(), world.undone_rows());
        let numbers = |conflicts: &[Conflict]| -> BTreeSet<TaskNumber> {
            conflicts.iter().map(|conflict| conflict.number).collect()
        };
        match world.undo(UndoTarget::Turn(world.lease.turn), skip_conflicts) {
            Ok(undone) => {
                prop_assert!(skip_conflicts || world.changed_since.is_empty());
                prop_assert_eq!(numbers(&undone.left_out), world.changed_since.clone());
                prop_assert_eq!(world.rows(), expected);
            }
            Err(UndoError::Conflict(conflicts)) => {
                prop_assert_eq!(numbers(&conflicts), world.changed_since.clone());
                prop_assert!(!world.changed_since.is_empty());
                prop_assert!(!skip_conflicts || done == expected, "the rest could have been undone");
                prop_assert_eq!(world.rows(), done);
            }
            Err(refusal) => {
                prop_assert_eq!(refusal, UndoError::NothingToUndo);
                prop_assert!(world.changed_since.is_empty());
                prop_assert_eq!(done, expected);
            }
        }
    }
}
