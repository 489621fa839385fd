//! What is counted, for how long, and what is kept of it when strangers fill the counters.

use domain::testing::ManualClock;

use super::*;

fn source(number: u8) -> ClientNetwork {
    ClientNetwork(number.into())
}

fn email(name: &str) -> Email {
    Email::parse(&format!("{name}@example.com")).unwrap()
}

#[test]
fn after_ten_wrong_passwords_a_source_waits_for_this_account_and_nobody_else_does() {
    let clock = Arc::new(ManualClock::default());
    let throttle = AttemptThrottle::new(clock.clone(), 10);
    let (ann, bob) = (email("ann"), email("bob"));
    for _ in 0..10 {
        throttle.begin_password_attempt(&ann, source(1)).unwrap().end(false);
    }
    let refused = throttle.begin_password_attempt(&ann, source(1)).err();
    assert!(matches!(refused, Some(TooManyAttempts { retry_after }) if retry_after == FAILURE_WINDOW));
    throttle.begin_password_attempt(&ann, source(2)).unwrap().end(false);
    throttle.begin_password_attempt(&bob, source(1)).unwrap().end(false);
    clock.advance(FAILURE_WINDOW);
    for _ in 0..10 {
        throttle.begin_password_attempt(&ann, source(1)).unwrap().end(false);
    }
}

#[test]
fn a_right_password_resets_the_failed_attempts() {
    let throttle = AttemptThrottle::new(Arc::new(ManualClock::default()), 10);
    for _ in 0..5 {
        for number in 0..10 {
            throttle.begin_password_attempt(&email("ann"), source(1)).unwrap().end(number == 9);
        }
    }
}

#[test]
fn password_checks_in_progress_count_and_abandoned_ones_do_not() {
    let throttle = AttemptThrottle::new(Arc::new(ManualClock::default()), 10);
    for _ in 0..3 {
        let at_once: Vec<_> =
            (0..10).map(|_| throttle.begin_password_attempt(&email("ann"), source(1)).unwrap()).collect();
        let refused = throttle.begin_password_attempt(&email("ann"), source(1)).err();
        assert!(matches!(refused, Some(TooManyAttempts { retry_after }) if retry_after == COMPARISON_PAUSE));
        drop(at_once);
        let passwords = locked(&throttle.passwords);
        assert!(passwords.failures.counts.is_empty() && passwords.being_compared.is_empty());
    }
}

#[test]
fn a_source_has_ten_links_mailed_in_a_quarter_of_an_hour() {
    let clock = Arc::new(ManualClock::default());
    let throttle = AttemptThrottle::new(clock.clone(), 10);
    for _ in 0..10 {
        throttle.check_and_record_link_request(source(1)).unwrap();
    }
    assert!(throttle.check_and_record_link_request(source(1)).is_err());
    throttle.check_and_record_link_request(source(2)).unwrap();
    clock.advance(LINK_WINDOW);
    throttle.check_and_record_link_request(source(1)).unwrap();
}

#[test]
fn registrations_have_a_ceiling_for_each_and_for_all() {
    let clock = Arc::new(ManualClock::default());
    let throttle = AttemptThrottle::new(clock.clone(), 2);
    for number in 0..6 {
        throttle.check_and_record_registration(source(number)).unwrap();
        throttle.check_and_record_registration(source(number)).unwrap();
        assert!(throttle.check_and_record_registration(source(number)).is_err(), "{number}");
        throttle.check_and_record_client_registration(source(number)).unwrap();
    }
    assert!(throttle.check_and_record_registration(source(99)).is_err(), "twelve of all");
    clock.advance(REGISTRATION_WINDOW);
    throttle.check_and_record_registration(source(99)).unwrap();
}

/// As many sources as there is room for, and some more.
fn many_sources() -> impl Iterator<Item = ClientNetwork> {
    (1_000..1_000 + MAX_COUNTERS as u128 + 100).map(ClientNetwork)
}

/// Who comes when there is no room is let in and not counted, until a window is over: refused, strangers with
/// many addresses could shut everybody out.
#[test]
fn counters_are_bounded_and_who_is_counted_stays_counted() {
    let clock = Arc::new(ManualClock::default());
    let throttle = AttemptThrottle::new(clock.clone(), 10);
    let worst = source(1);
    for _ in 0..MAX_LINKS {
        throttle.check_and_record_link_request(worst).unwrap();
    }
    for other in many_sources() {
        throttle.check_and_record_link_request(other).unwrap();
        assert!(throttle.check_and_record_link_request(worst).is_err(), "{other:?} has made room");
    }
    let kept = || locked(&throttle.links).counts.len();
    assert_eq!(kept(), MAX_COUNTERS);
    let (first, last) = (ClientNetwork(1_000), many_sources().last().unwrap());
    for _ in 1..MAX_LINKS {
        throttle.check_and_record_link_request(first).unwrap();
    }
    assert!(throttle.check_and_record_link_request(first).is_err(), "who is counted is counted on");
    for _ in 0..=MAX_LINKS {
        throttle.check_and_record_link_request(last).unwrap();
    }
    assert_eq!(kept(), MAX_COUNTERS);
    // When their time is over, they make room.
    clock.advance(LINK_WINDOW);
    for _ in 0..MAX_LINKS {
        throttle.check_and_record_link_request(last).unwrap();
    }
    assert!(throttle.check_and_record_link_request(last).is_err());
    assert_eq!(kept(), 1);
}

#[test]
fn failed_passwords_of_many_accounts_do_not_make_room_for_more_guesses_at_one() {
    let throttle = AttemptThrottle::new(Arc::new(ManualClock::default()), 10);
    for _ in 0..MAX_FAILURES {
        throttle.begin_password_attempt(&email("ann"), source(1)).unwrap().end(false);
    }
    for other in many_sources() {
        throttle.begin_password_attempt(&email("bob"), other).unwrap().end(false);
    }
    assert!(throttle.begin_password_attempt(&email("ann"), source(1)).is_err());
    let passwords = locked(&throttle.passwords);
    assert_eq!((passwords.failures.counts.len(), passwords.being_compared.len()), (MAX_COUNTERS, 0));
}

#[test]
fn registrations_of_many_sources_are_bounded_by_the_ceiling_for_all() {
    let throttle = AttemptThrottle::new(Arc::new(ManualClock::default()), 10);
    let let_in = many_sources().filter(|other| throttle.check_and_record_registration(*other).is_ok());
    assert_eq!(let_in.count(), 60);
    // Of all together there is one counter more.
    assert_eq!(locked(&throttle.registrations).counts.len(), 61);
}

#[test]
fn the_documents_tell_how_often_what_may_be_tried() {
    const API: &str = include_str!("../../../../docs/API.md");
    let in_words = |number: u32| {
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"][number as usize]
    };
    let failures = in_words(MAX_FAILURES);
    let minutes = FAILURE_WINDOW.as_secs() / 60;
    let links = in_words(MAX_LINKS);
    assert_eq!((LINK_WINDOW.as_secs(), REGISTRATION_WINDOW.as_secs()), (15 * 60, 60));
    for sentence in [
        format!("After {failures} wrong passwords for one account from one address within {minutes} minutes"),
        format!("An address that asks more than {links} times in a quarter of an hour"),
    ] {
        assert!(API.contains(&sentence), "{sentence}");
    }
    const EXAMPLE: &str = include_str!("../../../../.env.example");
    let all = format!("in a minute, and {} times as many from all", in_words(ALL_SOURCES));
    assert!(EXAMPLE.contains(&all), "{all}");
}
