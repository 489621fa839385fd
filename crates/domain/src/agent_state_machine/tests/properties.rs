//! Whatever a model says, a turn ends within its limits and its conversation stays sound.

use std::{collections::HashSet, sync::Arc, time::Duration};

use proptest::prelude::*;

use super::*;
use crate::{
    ports::{IdGenerator, ModelUsage, Regeneration, TodoStore, TurnStore},
    request_channel::Channel,
    testing::{ManualClock, MemoryStore, RandomIdGenerator, block_on},
    todo::TodoTitle,
    todo_command::{NewTodo, TodoChange},
    turn::{BeginOutcome, IdempotencyKey, Lease, NewTurn, RequestKey, Target, UserMessage},
    undo::ReplacedEffects,
};

/// A store with a user who has a dozen tasks and says something.
struct World {
    clock: Arc<ManualClock>,
    store: MemoryStore,
    turn: NewTurn,
}

impl World {
    fn new() -> Self {
        let clock = Arc::new(ManualClock::default());
        let store = MemoryStore::new(clock.clone());
        let caller = store.register();
        for number in 1..=12 {
            let title = TodoTitle::parse(&format!("Task {number}")).unwrap();
            let add = TodoChange::Add(NewTodo::titled(title));
            block_on(store.change(caller, Channel::Rest, &add)).unwrap().unwrap();
        }
        let turn = NewTurn {
            caller,
            id: TurnId(RandomIdGenerator.next()),
            target: Target::Either(ConversationId(RandomIdGenerator.next())),
            message: UserMessage::parse("hello").unwrap(),
            client_message_id: None,
            model: None,
            time_zone: None,
            key: Some(RequestKey { key: IdempotencyKey::parse("k").unwrap(), body_hash: [0; 32] }),
        };
        Self { clock, store, turn }
    }

    fn begin(&self) -> RunningTurn {
        match block_on(self.store.begin(&self.turn)).unwrap() {
            BeginOutcome::Started(turn) => *turn,
            other => panic!("expected a turn: {other:?}"),
        }
    }

    fn regenerate(&self, lease: &Lease, replaced: ReplacedEffects) -> RunningTurn {
        let keeping = Regeneration::keep_effects(lease.conversation, lease.turn, None);
        let wanted = Regeneration { replaced, ..keeping };
        match block_on(self.store.regenerate(self.turn.caller, &wanted)).unwrap() {
            BeginOutcome::Started(turn) => *turn,
            other => panic!("expected a turn: {other:?}"),
        }
    }
}

/// What happened in a turn.
#[derive(Debug, Default)]
struct Course {
    model_calls: usize,
    steps: Vec<PlannedStep>,
    done: Vec<ExecutedCall>,
    final_message: Option<FinalMessage>,
}

/// Drives a turn to its end, or until `most` steps are committed; step number n gets reply n.
fn drive(world: &World, turn: &RunningTurn, replies: &[ModelReply], most: i32) -> Course {
    let mut run = AgentRun::new(turn, HISTORY_TOKENS);
    let mut course = Course::default();
    while run.step() < most {
        match run.next_step() {
            NextStep::CallModel => {
                let (messages, _) = run.request();
                assert_eq!(fit_to_send(messages), Ok(()), "{messages:#?}");
                course.model_calls += 1;
                assert!(course.model_calls <= 8, "the turn has no end");
                let number = usize::try_from(run.step()).unwrap();
                run.model_replied(replies[number % replies.len()].clone());
            }
            NextStep::RunTools(step) => {
                let step = step.clone();
                let results = block_on(world.store.commit_step(&turn.lease, run.step(), &step)).unwrap();
                course.steps.push(step);
                run.step_committed(results);
            }
            NextStep::Finish(final_message) => {
                let usage = ModelUsage { model: "m".into(), usage: run.usage() };
                block_on(world.store.finish(&turn.lease, final_message, &usage)).unwrap();
                course.final_message = Some(final_message.clone());
                break;
            }
        }
    }
    course.done = run.done().to_vec();
    course
}

fn arguments() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => (1i64..15).prop_map(|number| json!({ "task_id": number }).to_string()),
        4 => "[A-Z][a-z]{0,9}".prop_map(|title| json!({ "title": title }).to_string()),
        2 => (1i64..15, "[a-z]{0,9}")
            .prop_map(|(number, title)| json!({"task_id": number, "title": title}).to_string()),
        1 => any::<String>().prop_map(|title| json!({ "title": title, "user_id": 7 }).to_string()),
        1 => any::<String>(),
        1 => Just("{\"title\": \"M".to_owned()),
        1 => Just("[1, null]".to_owned()),
        1 => Just(r#"{"title": "a\u0000b", "\u0000": {"x": ["\u0000"]}}"#.to_owned()),
        1 => Just(format!("{{\"title\": \"{}\"}}", "x".repeat(17_000))),
        1 => Just(String::new()),
    ]
}

fn requested_call() -> impl Strategy<Value = RequestedCall> {
    let name = prop_oneof![
        6 => prop::sample::select(tool::TOOLS.map(|tool| tool.name.to_owned()).to_vec()),
        4 => Just("delete_task".to_owned()),
        1 => Just(String::new()),
        1 => any::<String>(),
        1 => Just("x".repeat(100)),
    ];
    (name, arguments()).prop_map(|(name, arguments)| RequestedCall { name, arguments, ..Default::default() })
}

fn reply() -> impl Strategy<Value = ModelReply> {
    let text = prop_oneof![Just(String::new()), Just(" ".to_owned()), any::<String>()];
    let count = prop_oneof![1 => 0usize..1, 6 => 1usize..4, 2 => 4usize..40];
    let calls = count.prop_flat_map(|count| prop::collection::vec(requested_call(), count));
    let finish = prop_oneof![
        6 => Just(ModelFinish::Stop),
        1 => Just(ModelFinish::Length),
        1 => Just(ModelFinish::ContentFilter),
    ];
    let count = 0..i32::MAX;
    let usage = prop::option::of(
        (count.clone(), count)
            .prop_map(|(prompt_tokens, completion_tokens)| Usage { prompt_tokens, completion_tokens }),
    );
    (text, calls, finish, usage).prop_map(|(text, calls, finish, usage)| ModelReply {
        text,
        calls,
        finish,
        usage,
    })
}

/// What a model says in a turn; from the end it begins anew, so that it may go round for ever.
fn replies() -> impl Strategy<Value = Vec<ModelReply>> {
    prop::collection::vec(reply(), 1..10)
}

fn holds_nul(value: &Value) -> bool {
    value.to_string().contains("\\u0000")
}

/// How many tasks a course deleted; `results` are those of its steps.
fn deleted(course: &Course, results: &[ExecutedCall]) -> usize {
    let planned = course.steps.iter().flat_map(|step| &step.calls);
    let is_delete = |planned: &PlannedCall| {
        matches!(planned.action, Action::Apply(TodoCommand::Change(TodoChange::Delete(_, _))))
    };
    planned
        .zip(results)
        .filter(|(planned, call)| is_delete(planned) && call.result["success"] == true)
        .count()
}

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_turn_ends_within_its_limits(replies in replies()) {
        let world = World::new();
        let course = drive(&world, &world.begin(), &replies, i32::MAX);
        prop_assert!(course.steps.iter().map(applied).sum::<usize>() <= 16);
        prop_assert!(deleted(&course, &course.done) <= 3);
        let final_message = course.final_message.unwrap();
        prop_assert!(!final_message.text.trim().is_empty());

        let planned: Vec<_> = course.steps.iter().flat_map(|step| &step.calls).collect();
        prop_assert!(course.steps.iter().all(|step| !step.calls.is_empty()));
        prop_assert_eq!(planned.len(), course.done.len(), "every call has its result");
        let mut ids = HashSet::new();
        for (planned, done) in planned.iter().zip(&course.done) {
            let id = &planned.call.id;
            prop_assert!(id.len() == 9 && id.bytes().all(|b| b.is_ascii_alphanumeric()), "{}", id);
            prop_assert!(ids.insert(id.clone()), "{} twice", id);
            prop_assert_eq!((id, &planned.call.arguments), (&done.id, &done.input));
            prop_assert!(!holds_nul(&json!(planned.call.arguments)) && !holds_nul(&done.result));
            prop_assert!(done.result["success"].is_boolean());
        }
    }

    #[test]
    fn a_turn_that_is_taken_over_after_any_step_ends_the_same(replies in replies()) {
        let world = World::new();
        let whole = drive(&world, &world.begin(), &replies, i32::MAX);
        let results = |course: &Course| {
            course.done.iter().map(|call| (call.tool.clone(), call.input.clone(), call.result["code"].clone())).collect::<Vec<_>>()
        };
        for steps in 0..=i32::try_from(whole.steps.len()).unwrap() {
            let mut world = World::new();
            drive(&world, &world.begin(), &replies, steps);
            world.clock.advance(Duration::from_secs(20));
            world.turn.id = TurnId(RandomIdGenerator.next());
            let turn = world.begin();
            prop_assert_eq!((turn.step, turn.lease.fence), (steps, 2));
            let rest = drive(&world, &turn, &replies, i32::MAX);
            prop_assert_eq!(&rest.final_message, &whole.final_message);
            prop_assert_eq!(results(&rest), results(&whole));
            let model_calls = rest.model_calls + usize::try_from(steps).unwrap();
            prop_assert_eq!(model_calls, whole.model_calls);
        }
    }

    #[test]
    fn another_answer_that_is_taken_over_keeps_within_its_limits(
        first in replies(),
        second in replies(),
        replaced in prop::sample::select(vec![ReplacedEffects::Keep, ReplacedEffects::UndoIfUnchanged]),
    ) {
        for steps in 0..8 {
            let mut world = World::new();
            let turn = world.begin();
            drive(&world, &turn, &first, i32::MAX);
            let again = world.regenerate(&turn.lease, replaced);
            let lost = drive(&world, &again, &second, again.step + steps);
            if lost.final_message.is_some() {
                break;
            }
            world.clock.advance(Duration::from_secs(20));
            world.turn.id = TurnId(RandomIdGenerator.next());
            let rest = drive(&world, &world.begin(), &second, i32::MAX);
            prop_assert!(rest.final_message.is_some());
            prop_assert!(lost.model_calls + rest.model_calls <= 8);
            prop_assert!(lost.steps.iter().chain(&rest.steps).map(applied).sum::<usize>() <= 16);
        }
    }

    #[test]
    fn another_answer_never_repeats_what_the_first_one_did(
        first in replies(),
        second in replies(),
        echoed in any::<bool>(),
    ) {
        let world = World::new();
        let turn = world.begin();
        let before = drive(&world, &turn, &first, i32::MAX);
        let again = world.regenerate(&turn.lease, ReplacedEffects::Keep);
        prop_assert_eq!((again.step, again.done.len()), (turn_steps(&before), before.done.len()));
        // Replies are found by the number of the step, so an echo begins where the first began.
        let mut second = if echoed { first } else { second };
        let shift = before.steps.len() % second.len();
        second.rotate_right(shift);
        let course = drive(&world, &again, &second, i32::MAX);
        prop_assert!(course.final_message.is_some());
        let was_done = |planned: &PlannedCall| before.done.iter().any(|past| {
            // What only looked, was refused or asked was not done, and is tried anew.
            let is_done = !tool::effects_of(past).is_empty();
            is_done && past.tool == planned.call.name && past.input == planned.call.arguments
        });
        for planned in course.steps.iter().flat_map(|step| &step.calls) {
            prop_assert!(!was_done(planned) || matches!(planned.action, Action::Answer(_)), "{:?}", planned);
        }
        prop_assert!(deleted(&before, &before.done) + deleted(&course, &course.done[before.done.len()..]) <= 3);
    }
}

fn turn_steps(course: &Course) -> i32 {
    i32::try_from(course.steps.len()).unwrap()
}
