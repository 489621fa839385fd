use proptest::prelude::*;
use serde_json::{Map, json};
use uuid::Uuid;

use super::*;
use crate::{
    compaction,
    message::{ProviderData, ToolCall},
    testing::{fit_to_send, sound},
    turn_and_conversation_ids::TurnId,
};

fn user(text: &str) -> MessageBody {
    MessageBody::User(text.into())
}

fn said(text: &str) -> MessageBody {
    MessageBody::Assistant { text: text.into(), calls: vec![] }
}

fn calling(text: &str, ids: &[&str]) -> MessageBody {
    let call = |id: &&str| {
        let arguments = Map::from_iter([("title".to_owned(), json!("Milk"))]);
        ToolCall { id: (*id).into(), name: "add_task".into(), arguments, provider_data: Default::default() }
    };
    MessageBody::Assistant { text: text.into(), calls: ids.iter().map(call).collect() }
}

fn result(id: &str, content: &str) -> MessageBody {
    MessageBody::Tool { call_id: id.into(), content: content.into() }
}

fn lost(id: &str) -> MessageBody {
    result(id, &lost_result().to_string())
}

fn turn(number: u128, bodies: impl IntoIterator<Item = MessageBody>) -> Vec<Message> {
    bodies.into_iter().map(|body| Message { turn: TurnId(Uuid::from_u128(number)), body }).collect()
}

fn bodies(messages: &[Message]) -> Vec<MessageBody> {
    messages.iter().map(|message| message.body.clone()).collect()
}

#[test]
fn each_fault_is_repaired_and_nothing_else() {
    let cases = [
        ("an orphan", vec![user("a"), result("x", "{}"), said("b")], vec![user("a"), said("b")]),
        (
            "a result that is late",
            vec![calling("", &["x"]), user("a"), result("x", "{}")],
            vec![calling("", &["x"]), lost("x"), user("a")],
        ),
        (
            "two results",
            vec![calling("", &["x"]), result("x", "1"), result("x", "2")],
            vec![calling("", &["x"]), result("x", "1")],
        ),
        (
            "a result of another call",
            vec![calling("", &["x"]), result("y", "1")],
            vec![calling("", &["x"]), lost("x")],
        ),
        (
            "results in another order",
            vec![calling("", &["x", "y"]), result("y", "2"), result("x", "1")],
            vec![calling("", &["x", "y"]), result("x", "1"), result("y", "2")],
        ),
        (
            "an id twice",
            vec![calling("", &["x"]), result("x", "1"), calling("again", &["x"]), result("x", "2")],
            vec![calling("", &["x"]), result("x", "1"), said("again")],
        ),
        ("no id", vec![calling("", &[""]), result("", "1"), user("a")], vec![user("a")]),
        ("nothing said", vec![user(""), said(""), user("a")], vec![user("a")]),
        ("blanks said", vec![user(" \n"), said("\t"), user("a")], vec![user("a")]),
        (
            "blanks beside calls",
            vec![calling(" \n", &["x"]), result("x", "1")],
            vec![calling("", &["x"]), result("x", "1")],
        ),
        ("an empty result", vec![calling("", &["x"]), result("x", "")], vec![calling("", &["x"]), lost("x")]),
    ];
    for (fault, given, expected) in cases {
        assert_eq!(repaired(given), expected, "{fault}");
    }
}

#[test]
fn the_newest_turn_is_whole_whatever_its_size() {
    let long = "milk ".repeat(10_000);
    let newest = turn(2, [user(&long), calling("", &["x"]), result("x", &long)]);
    let all = [turn(1, [user("a"), said("b")]), newest.clone()].concat();
    assert_eq!(window(&all, 100), bodies(&newest));
    assert_eq!(window(&all, 0), bodies(&newest));
    assert_eq!(window(&[], 100), []);
}

#[test]
fn older_turns_are_whole_or_left_out() {
    let old = turn(1, [user("a"), calling("", &["x"]), result("x", "{}"), said("b")]);
    let newest = turn(2, [user("c")]);
    let all = [old.clone(), newest.clone()].concat();
    let enough = tokens(&bodies(&all));
    assert_eq!(window(&all, enough), bodies(&all));
    assert_eq!(window(&all, enough - 1), bodies(&newest));
    // A turn that does not fit ends the window: what is older does not slip in.
    let before = [turn(0, [user("z"), said("z")]), all].concat();
    assert_eq!(window(&before, enough - 1), bodies(&newest));
}

fn calling_with(id: &str, data: &serde_json::Value) -> MessageBody {
    let MessageBody::Assistant { text, mut calls } = calling("", &[id]) else { unreachable!() };
    calls[0].provider_data = ProviderData(data.as_object().unwrap().clone());
    MessageBody::Assistant { text, calls }
}

fn turns_with(data: &serde_json::Value) -> Vec<Message> {
    let of = |number: u128| {
        let id = format!("x{number}");
        turn(number, [user("a"), calling_with(&id, data), result(&id, "{}"), said("b")])
    };
    (1..9).flat_map(of).collect()
}

#[test]
fn thoughts_go_back_until_the_person_speaks_again_and_signatures_stay_with_their_calls() {
    let signature = json!({"extra_content": {"signature": "s"}});
    let both = json!({"reasoning_content": "hmm ".repeat(100), "extra_content": {"signature": "s"}});
    let newest = turn(9, [user("c"), calling_with("y", &both), result("y", "{}")]);
    let all = [turns_with(&both), newest.clone()].concat();
    let sent = [bodies(&turns_with(&signature)), bodies(&newest)].concat();
    assert_eq!(window(&all, tokens(&sent)), sent, "old thoughts take no room and are not sent");
    assert!(!compaction::is_long(&turns_with(&both), 600), "a summary does not come earlier for them");
}

#[test]
fn what_was_said_has_room_before_the_signatures_of_older_turns() {
    let signature = json!({"extra_content": {"signature": "s".repeat(4000)}});
    let newest = turn(9, [user("c")]);
    let all = [turns_with(&signature), newest.clone()].concat();
    let bare = [bodies(&turns_with(&json!({}))), bodies(&newest)].concat();
    assert_eq!(window(&all, tokens(&bare)), bare);
    assert_eq!(window(&all, tokens(&bare) - 1).len(), bare.len() - 4);
    let signed = |messages: &[MessageBody]| {
        let has_one = |message: &&MessageBody| matches!(message, MessageBody::Assistant { calls, .. } if calls.iter().any(|call| !call.provider_data.is_empty()));
        messages.iter().filter(has_one).count()
    };
    let sent = window(&all, tokens(&bare) + 2500);
    assert_eq!((sent.len(), signed(&sent)), (bare.len(), 2), "the newest ones keep theirs");
    assert_eq!(signed(&sent[sent.len() - 9..]), 2);
}

#[test]
fn short_signatures_push_out_no_turn_either() {
    let signature = json!({"extra_content": {"signature": "s".repeat(80)}});
    let newest = turn(9, [user("c")]);
    let all = [turns_with(&signature), newest.clone()].concat();
    let bare = [bodies(&turns_with(&json!({}))), bodies(&newest)].concat();
    for room in [0, 30, 60, 100] {
        assert_eq!(
            window(&all, tokens(&bare) + room).len(),
            bare.len(),
            "room for {room} tokens of signatures"
        );
    }
}

#[test]
fn long_thoughts_do_not_push_out_all_earlier_turns() {
    let thinking = calling_with("x", &json!({"reasoning_content": "hmm ".repeat(20_000)}));
    let earlier = turn(1, [user("I like oat milk"), said("Noted.")]);
    let newest = turn(2, [user("add milk"), thinking, result("x", "{}"), said("Done.")]);
    let sent = request(&[earlier.clone(), newest].concat(), 12_000);
    assert_eq!(sent[..2], bodies(&earlier));
    assert!(tokens(&sent) <= 12_000);
}

#[test]
fn an_incomplete_turn_is_left_out_unless_it_is_the_newest() {
    let torso = turn(1, [result("w", "{}"), said("b")]);
    let newest = turn(2, [user("c")]);
    assert_eq!(window(&[torso.clone(), newest.clone()].concat(), 1000), bodies(&newest));
    assert_eq!(window(&torso, 1000), [said("b")]);
}

#[test]
fn a_long_message_counts_for_more_than_a_short_one() {
    let long = "x".repeat(4000);
    for (short, long) in [
        (user("x"), user(&long)),
        (said("x"), said(&long)),
        (result("a", "{}"), result("a", &long)),
        (said(""), calling("", &["x"])),
    ] {
        assert!(0 < estimated_tokens(&short) && estimated_tokens(&short) < estimated_tokens(&long));
    }
    assert!((1000..1010).contains(&estimated_tokens(&user(&long))));
}

fn words() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[a-z]{1,8}", 1 => "[a-zü \"]{20,400}", 1 => Just(String::new()), 1 => Just(" ".into())]
}

/// A turn as the stores write it, with ids that begin with its number.
fn sound_turn(number: usize) -> impl Strategy<Value = Vec<Message>> {
    let text = words().prop_map(|text| if text.trim().is_empty() { String::new() } else { text });
    let steps = prop::collection::vec((text, 1usize..4, "[a-z]{2,300}"), 0..4);
    ("[a-z]{1,60}", steps, prop::option::of("[a-z]{1,200}")).prop_map(move |(text, steps, final_message)| {
        let mut messages = vec![user(&text)];
        for (step, (text, count, content)) in steps.iter().enumerate() {
            let ids: Vec<String> = (0..*count).map(|call| format!("t{number}s{step}c{call}")).collect();
            messages.push(calling(text, &ids.iter().map(String::as_str).collect::<Vec<_>>()));
            messages.extend(ids.iter().map(|id| result(id, content)));
        }
        messages.extend(final_message.as_deref().map(said));
        turn(u128::try_from(number).unwrap(), messages)
    })
}

fn sound_conversation() -> impl Strategy<Value = Vec<Message>> {
    (1usize..8).prop_flat_map(|count| {
        (0..count).map(sound_turn).collect::<Vec<_>>().prop_map(|turns| turns.concat())
    })
}

/// Any message at all, with ids out of so few that they meet.
fn any_message() -> impl Strategy<Value = MessageBody> {
    let id = prop_oneof![Just(""), Just("a"), Just("b"), Just("c")];
    prop_oneof![
        words().prop_map(|text| user(&text)),
        (words(), prop::collection::vec(id.clone(), 0..4)).prop_map(|(text, ids)| calling(&text, &ids)),
        (id, words()).prop_map(|(id, content)| result(id, &content)),
    ]
}

/// A conversation after manual edits: messages lost, doubled and made up.
fn poisoned_conversation() -> impl Strategy<Value = Vec<Message>> {
    let wounds = prop::collection::vec((any::<prop::sample::Index>(), 0..4, any_message()), 0..8);
    (sound_conversation(), wounds).prop_map(|(mut messages, wounds)| {
        for (place, kind, body) in wounds {
            if messages.is_empty() {
                break;
            }
            let index = place.index(messages.len());
            let there = messages[index].clone();
            match kind {
                0 => drop(messages.remove(index)),
                1 => messages.insert(index, there),
                2 => messages.insert(index, Message { turn: there.turn, body }),
                _ => messages[index].body = body,
            }
        }
        messages
    })
}

fn config() -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn whatever_is_stored_can_be_sent(messages in prop::collection::vec(any_message(), 0..20)) {
        let mended = repaired(messages);
        prop_assert_eq!(sound(&mended), Ok(()));
        prop_assert_eq!(repaired(mended.clone()), mended, "mending twice is mending once");
    }

    #[test]
    fn what_is_sound_stays_as_it_is(messages in sound_conversation()) {
        prop_assert_eq!(repaired(bodies(&messages)), bodies(&messages));
    }

    #[test]
    fn a_window_is_sound_and_made_of_whole_turns(messages in sound_conversation(), budget in 0usize..2000) {
        let sent = window(&messages, budget);
        prop_assert_eq!(sound(&sent), Ok(()));
        let turns: Vec<_> = messages.chunk_by(|a, b| a.turn == b.turn).collect();
        let kept = (0..turns.len()).rev().find(|first| bodies(&turns[*first..].concat()) == sent);
        prop_assert!(kept.is_some(), "no cut between turns makes {:?}", sent);
        let kept = kept.unwrap_or_default();
        prop_assert!(tokens(&sent) <= budget || kept + 1 == turns.len(), "too much is kept");
        if kept > 0 {
            prop_assert!(tokens(&bodies(&turns[kept - 1..].concat())) > budget, "more would fit");
        }
    }

    #[test]
    fn a_window_on_a_poisoned_conversation_is_sound(
        messages in poisoned_conversation(),
        said in "[a-z]{1,20}",
        budget in 0usize..2000,
    ) {
        let messages = [messages, turn(99, [user(&said)])].concat();
        let sent = window(&messages, budget);
        prop_assert_eq!(fit_to_send(&sent), Ok(()));
        prop_assert_eq!(sent.last(), Some(&user(&said)), "the newest turn is there");
        prop_assert_eq!(repaired(sent.clone()), sent);
    }

    #[test]
    fn a_window_may_begin_anywhere(messages in sound_conversation(), cut in any::<prop::sample::Index>()) {
        let newest = messages.last().map(|message| message.turn);
        let rest = &messages[cut.index(messages.len())..];
        let sent = window(rest, usize::MAX);
        prop_assert_eq!(sound(&sent), Ok(()));
        let whole = rest.iter().position(|message| {
            matches!(message.body, MessageBody::User(_)) || Some(message.turn) == newest
        });
        let whole = bodies(&rest[whole.unwrap_or(rest.len())..]);
        prop_assert_eq!(sent, repaired(whole), "all whole turns and nothing else");
    }
}
