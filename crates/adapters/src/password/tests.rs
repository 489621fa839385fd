use std::{
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
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

#[tokio::test]
async fn only_the_right_password_verifies() {
    let hasher = quick();
    let hash = hasher.hash(password(" pässword with spaces "), source(1)).await.unwrap();
    let verify = |candidate: &str| hasher.verify(candidate.to_owned(), Some(hash.clone()), source(1));
    assert!(verify(" pässword with spaces ").await.unwrap());
    for wrong in ["pässword with spaces", " pässword with spaces", "", " Pässword with spaces "] {
        assert!(!verify(wrong).await.unwrap(), "{wrong:?}");
    }
    assert_ne!(hash, hasher.hash(password(" pässword with spaces "), source(1)).await.unwrap());
}

#[tokio::test]
async fn nobodys_password_is_never_right() {
    let hasher = quick();
    assert!(!hasher.verify("correct horse".to_owned(), None, source(1)).await.unwrap());
    // Not even the hash that stands in for a missing account would let anyone in.
    assert!(!hasher.verify(String::new(), None, source(1)).await.unwrap());
    assert_ne!(quick().nobody, hasher.nobody);
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
    assert_eq!(price(real), price(&hasher.nobody));
    assert!(real.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{real}");
    assert_eq!(real.len(), hasher.nobody.len());
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
    assert!(
        quick()
            .verify("correct horse".to_owned(), Some(PasswordHash::new(theirs.to_string())), source(1))
            .await
            .unwrap()
    );
    // From the reference implementation's own tests: version 19, argon2i and argon2id.
    for known in [
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$iekCn0Y3spW+sCcFanM2xBT63UP2sghkUoHLIUpWRS8",
    ] {
        assert!(
            quick().verify("password".to_owned(), Some(PasswordHash::new(known)), source(1)).await.unwrap(),
            "{known}"
        );
        assert!(
            !quick().verify("passw0rd".to_owned(), Some(PasswordHash::new(known)), source(1)).await.unwrap(),
            "{known}"
        );
    }
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
