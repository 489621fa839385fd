use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};

use super::*;

/// A hasher that is quick, for what is not about the price.
fn quick() -> Argon2Hasher {
    Argon2Hasher::with(Params::new(Params::MIN_M_COST, 1, 1, None).unwrap()).unwrap()
}

fn source(number: u8) -> ClientNetwork {
    ClientNetwork(number.into())
}

fn password(raw: &str) -> NewPassword {
    NewPassword::parse(raw).unwrap()
}

/// Of "password", from the reference implementation's own tests: version 19, argon2id and argon2i.
const KNOWN: [&str; 2] = [
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
];
const RIGHT: PasswordCheck = PasswordCheck::Right { rehashed: None };

#[tokio::test]
async fn only_the_right_password_verifies() {
    let hasher = quick();
    let hash = hasher.hash(password(" pässword with spaces "), source(1)).await.unwrap();
    let verify = |candidate: &str| hasher.verify(candidate.to_owned(), Some(hash.clone()), source(1));
    assert_eq!(verify(" pässword with spaces ").await.unwrap(), RIGHT);
    for wrong in ["pässword with spaces", " pässword with spaces", "", " Pässword with spaces "] {
        assert_eq!(verify(wrong).await.unwrap(), PasswordCheck::Wrong, "{wrong:?}");
    }
    assert_ne!(hash, hasher.hash(password(" pässword with spaces "), source(1)).await.unwrap());
}

/// Every byte counts, as it was typed: bcrypt, for one, looks at 72 of them.
#[tokio::test]
async fn passwords_that_differ_anywhere_are_not_the_same() {
    let hasher = quick();
    let long = "x".repeat(72);
    for (registered, other) in [
        (format!("{long}a"), format!("{long}b")),
        (format!("{long}a"), long.clone()),
        (long.clone(), format!("{long}a")),
        ("caf\u{e9} au lait".to_owned(), "cafe\u{301} au lait".to_owned()),
        ("cafe\u{301} au lait".to_owned(), "caf\u{e9} au lait".to_owned()),
        ("\u{212b}ngstr\u{f6}m".to_owned(), "\u{c5}ngstr\u{f6}m".to_owned()),
        ("a long pass phrase".to_owned(), "a long pass phrase ".to_owned()),
        ("a long pass phrase ".to_owned(), "a long pass phrase".to_owned()),
        ("x".repeat(256), "x".repeat(257)),
        ("\u{1f4a9}".repeat(256), format!("{}x", "\u{1f4a9}".repeat(256))),
    ] {
        let hash = hasher.hash(password(&registered), source(1)).await.unwrap();
        let verify = |candidate: &str| hasher.verify(candidate.to_owned(), Some(hash.clone()), source(1));
        assert_eq!(verify(&registered).await.unwrap(), RIGHT, "{registered:?}");
        assert_eq!(verify(&other).await.unwrap(), PasswordCheck::Wrong, "{registered:?} {other:?}");
    }
}

/// A body of a sign-in holds up to 16 KiB. The quickest of several is compared: a machine that has other
/// things to do only ever takes longer.
#[tokio::test]
async fn a_password_as_long_as_a_body_costs_what_any_other_costs() {
    let hasher = Argon2Hasher::new().unwrap();
    let (mut short, mut long) = (Duration::MAX, Duration::MAX);
    for _ in 0..7 {
        for (candidate, quickest) in [("wrong".to_owned(), &mut short), ("x".repeat(16 * 1024), &mut long)] {
            let started_at = Instant::now();
            let checked = hasher.verify(candidate, None, source(1)).await.unwrap();
            assert_eq!(checked, PasswordCheck::Wrong);
            *quickest = started_at.elapsed().min(*quickest);
        }
    }
    assert!(long < short * 3 / 2, "{short:?} {long:?}");
}

#[tokio::test]
async fn nobodys_password_is_never_right() {
    let hasher = quick();
    for candidate in ["correct horse", ""] {
        let checked = hasher.verify(candidate.to_owned(), None, source(1)).await.unwrap();
        assert_eq!(checked, PasswordCheck::Wrong, "{candidate:?}");
    }
    assert_ne!(quick().decoy_hash, hasher.decoy_hash);
}

/// No clock is asked: what stands in for the missing account is read and computed, or it could not fail.
#[tokio::test]
async fn a_missing_account_costs_a_hash() {
    let hasher = Argon2Hasher { decoy_hash: "no hash".to_owned(), ..quick() };
    let checked = hasher.verify("correct horse".to_owned(), None, source(1)).await;
    assert!(matches!(checked, Err(HasherError::Broken(_))), "{checked:?}");
}

#[tokio::test]
async fn a_missing_account_costs_what_a_present_one_costs() {
    let hasher = Argon2Hasher::new().unwrap();
    let real = hasher.hash(password("correct horse"), source(1)).await.unwrap();
    let real = real.expose();
    let price = |hash: &str| {
        let hash = argon2::PasswordHash::new(hash).unwrap();
        let lengths = (hash.salt.unwrap().len(), hash.hash.unwrap().len());
        (hash.algorithm.to_string(), hash.version, hash.params.to_string(), lengths)
    };
    assert_eq!(price(real), price(&hasher.decoy_hash));
    assert!(real.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{real}");
    assert_eq!(real.len(), hasher.decoy_hash.len());
}

#[tokio::test]
async fn a_hash_that_cannot_be_read_is_a_bug_and_no_wrong_password() {
    for hash in ["", "plain text", "$argon2id$v=19$m=1,t=0,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNo"] {
        let verified =
            quick().verify("correct horse".to_owned(), Some(PasswordHash::new(hash)), source(1)).await;
        assert!(matches!(verified, Err(HasherError::Broken(_))), "{hash:?}");
    }
}

#[tokio::test]
async fn of_one_source_two_run_sixteen_wait_and_the_rest_is_refused_while_others_are_served() {
    let hasher = Arc::new(quick());
    let (most, now) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (release, released) = mpsc::channel::<()>();
    let released = Arc::new(Mutex::new(released));
    let jobs: Vec<_> = (0..AT_ONCE + PLACES.of_one_source)
        .map(|_| {
            let (hasher, most, now, released) = (hasher.clone(), most.clone(), now.clone(), released.clone());
            tokio::spawn(async move {
                let work = move || {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    released.lock().unwrap().recv_timeout(Duration::from_secs(20)).unwrap();
                    now.fetch_sub(1, Ordering::SeqCst);
                    Ok(())
                };
                hasher.run(source(1), work).await
            })
        })
        .collect();
    while now.load(Ordering::SeqCst) < AT_ONCE {
        tokio::task::yield_now().await;
    }
    let refused = loop {
        // As long as there is room this waits, and gives up.
        let hashing = hasher.hash(password("correct horse"), source(1));
        match tokio::time::timeout(Duration::from_millis(20), hashing).await {
            Ok(refused) => break refused,
            Err(_there_was_room) => {}
        }
    };
    assert!(matches!(refused, Err(HasherError::Busy)), "{refused:?}");
    let other = tokio::spawn({
        let hasher = hasher.clone();
        async move { hasher.hash(password("correct horse"), source(2)).await }
    });
    for _ in &jobs {
        release.send(()).unwrap();
    }
    assert!(other.await.unwrap().is_ok());
    for job in jobs {
        job.await.unwrap().unwrap();
    }
    assert_eq!(most.load(Ordering::SeqCst), AT_ONCE);
    assert!(hasher.hash(password("correct horse"), source(1)).await.is_ok());
}

#[tokio::test]
async fn hashes_are_those_of_everybody_else() {
    let ours = quick().hash(password("correct horse"), source(1)).await.unwrap();
    assert!(Argon2::default().verify_password(b"correct horse", ours.expose()).is_ok());
    let theirs: argon2::PasswordHash = Argon2::from(quick().params).hash_password(b"correct horse").unwrap();
    let theirs = PasswordHash::new(theirs.to_string());
    let checked = quick().verify("correct horse".to_owned(), Some(theirs), source(1)).await;
    assert_eq!(checked.unwrap(), RIGHT);
    let hasher = quick();
    for known in KNOWN {
        let verify =
            |candidate: &str| hasher.verify(candidate.to_owned(), Some(PasswordHash::new(known)), source(1));
        assert!(matches!(verify("password").await.unwrap(), PasswordCheck::Right { .. }), "{known}");
        assert_eq!(verify("passw0rd").await.unwrap(), PasswordCheck::Wrong, "{known}");
    }
}

/// Whether a right password comes with another hash of it, which is then as good as a new one.
async fn is_rehashed(hasher: &Argon2Hasher, hash: &str) -> bool {
    let verify = |hash| hasher.verify("password".to_owned(), Some(hash), source(1));
    let PasswordCheck::Right { rehashed } = verify(PasswordHash::new(hash)).await.unwrap() else {
        panic!("it is the password of {hash}");
    };
    let Some(rehashed) = rehashed else { return false };
    assert!(rehashed.expose().starts_with("$argon2id$v=19$m=256,t=2,p=1$"), "{}", rehashed.expose());
    assert_eq!(verify(rehashed).await.unwrap(), RIGHT);
    true
}

#[tokio::test]
async fn a_right_password_is_hashed_anew_when_new_hashes_take_more_work() {
    let of = |m, t| {
        let argon2 = Argon2::from(Params::new(m, t, 1, None).unwrap());
        let hash: argon2::PasswordHash = argon2.hash_password(b"password").unwrap();
        hash.to_string()
    };
    let now = Argon2Hasher::with(Params::new(256, 2, 1, None).unwrap()).unwrap();
    for (hash, expected) in [
        (of(256, 1), true),
        (of(128, 2), true),
        (of(128, 9), true),
        (of(256, 2), false),
        (of(512, 2), false),
        (of(256, 3), false),
        (KNOWN[0].to_owned(), false),
        (KNOWN[1].to_owned(), true),
    ] {
        assert_eq!(is_rehashed(&now, &hash).await, expected, "{hash}");
    }
    let wrong = now.verify("passw0rd".to_owned(), Some(PasswordHash::new(of(256, 1))), source(1));
    assert_eq!(wrong.await.unwrap(), PasswordCheck::Wrong);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn memory_goes_back_to_the_system() {
    let resident = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
    };
    let hasher = Argon2Hasher::new().unwrap();
    let before = resident();
    for _ in 0..16 {
        hasher.hash(password("correct horse"), source(1)).await.unwrap();
    }
    // Kept back, it would be 300 MiB and more; other tests need a little at the same time.
    let grown = resident().saturating_sub(before);
    assert!(grown < 150, "{grown} MiB");
}
