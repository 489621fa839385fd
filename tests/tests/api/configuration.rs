//! The configuration: what is missing or bad ends the start at once, named and never shown.

use std::time::Duration;

use tests::{Ended, Environment, JWT_SECRET, TestApp};

fn good() -> Environment {
    TestApp::production("postgres://todo:canary-password@127.0.0.1:1/todo", "http://127.0.0.1:1/v1")
}

/// Returns the variables that a refused start names, in alphabetical order.
fn named(ended: &Ended) -> Vec<&str> {
    assert_eq!(ended.code, Some(78), "{}", ended.log);
    let is_name = |word: &&str| word.len() > 3 && word.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    let mut names: Vec<_> =
        ended.log.lines().filter_map(|line| line.split([' ', ':']).next().filter(is_name)).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn everything_that_is_missing_is_named_at_once_and_no_value_is_shown() {
    let environment = Environment::empty().with("APP_ENV", "production").with("PORT", "canary-port");
    let ended = environment.run().await;
    assert_eq!(named(&ended), ["DATABASE_URL", "FRONTEND_URL", "JWT_SECRET_KEY", "OPENAI_API_KEY", "PORT"]);
    assert!(!ended.log.contains("canary"), "{}", ended.log);
}

#[tokio::test]
async fn the_four_variables_that_production_needs_are_named_together() {
    let ended = Environment::empty().with("APP_ENV", "production").run().await;
    assert_eq!(named(&ended), ["DATABASE_URL", "FRONTEND_URL", "JWT_SECRET_KEY", "OPENAI_API_KEY"]);
}

#[tokio::test]
async fn a_variable_without_a_value_is_missing() {
    let good = || good().with("OPENAI_BASE_URL", "https://api.example.com/v1");
    let mut quickest = Duration::MAX;
    for name in ["DATABASE_URL", "FRONTEND_URL", "JWT_SECRET_KEY", "OPENAI_API_KEY"] {
        for value in ["", "   "] {
            let ended = good().with(name, value).run().await;
            assert_eq!(named(&ended), [name], "{value:?}: {}", ended.log);
            quickest = quickest.min(ended.took);
        }
        let ended = good().without(name).run().await;
        assert_eq!(named(&ended), [name], "{}", ended.log);
    }
    // Nothing is waited for: of several starts one is not held up by what else the machine does.
    assert!(quickest < Duration::from_secs(1), "{quickest:?}");
}

#[tokio::test]
async fn every_bad_value_is_refused_by_the_name_of_its_variable() {
    let bad = [
        ("APP_ENV", "canary"),
        ("APP_ENV", "Production"),
        ("DATABASE_URL", "canary"),
        ("DATABASE_URL", "mysql://canary:canary@host/name"),
        ("DATABASE_URL", "sqlite:///canary.db"),
        ("DATABASE_URL", "postgres://canary:canary@host/name?sslmode=canary"),
        ("DATABASE_URL", "postgres://canary:canary@host:canary/name"),
        ("DATABASE_URL", "postgres:///canary"),
        ("OPENAI_API_KEY", "canary with spaces"),
        ("OPENAI_API_KEY", "canary-\u{e9}"),
        ("OPENAI_BASE_URL", "canary"),
        ("OPENAI_BASE_URL", "http://canary.example.com/v1"),
        ("OPENAI_BASE_URL", "https://canary:canary@api.example.com/v1"),
        ("OPENAI_BASE_URL", "file:///canary"),
        ("OPENAI_BASE_URL", "http://canary:11434/v1"),
        ("OPENAI_MODELS", "canary,,"),
        ("OPENAI_MODELS", "canary, canary"),
        ("JWT_SECRET_KEY", "canary-is-too-short"),
        ("JWT_SECRET_KEY", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("JWT_ALGORITHM", "canary"),
        ("JWT_ALGORITHM", "none"),
        ("JWT_ALGORITHM", "RS256"),
        ("JWT_EXPIRE_MINUTES", "0"),
        ("JWT_EXPIRE_MINUTES", "-15"),
        ("JWT_EXPIRE_MINUTES", "1e3"),
        ("JWT_EXPIRE_MINUTES", "canary"),
        ("FRONTEND_URL", "canary"),
        ("FRONTEND_URL", "*"),
        ("FRONTEND_URL", "https://*.canary.com"),
        ("FRONTEND_URL", "https://canary.com/app"),
        ("FRONTEND_URL", "https://canary.com?x=1"),
        ("FRONTEND_URL", "https://canary.com, ftp://canary.com"),
        ("FRONTEND_URL", "canary.vercel.app"),
        ("FRONTEND_PREVIEW_PATTERN", "https://*.vercel.app"),
        ("FRONTEND_PREVIEW_PATTERN", "https://canary-*.vercel.app"),
        ("FRONTEND_PREVIEW_PATTERN", "https://canary-*-*-team.vercel.app"),
        ("FRONTEND_PREVIEW_PATTERN", "http://canary-*-team.vercel.app"),
        ("FRONTEND_PREVIEW_PATTERN", "canary"),
        ("PORT", "canary"),
        ("PORT", "65536"),
        ("HOST", "canary.example.com"),
        ("DATABASE_POOL_SIZE", "0"),
        ("DATABASE_POOL_SIZE", "canary"),
        ("LOG_FORMAT", "canary"),
        ("RUST_LOG", "canary=canary=canary"),
        ("TRUSTED_PROXY_HOPS", "canary"),
    ];
    for (name, value) in bad {
        let ended = good().with(name, value).run().await;
        assert_eq!(named(&ended), [name], "{value}: {}", ended.log);
        assert!(!ended.log.contains("canary"), "{name}: {}", ended.log);
    }
}

#[tokio::test]
async fn secrets_of_tutorials_are_refused() {
    for secret in [
        "your-secret-key-here-change-in-production",
        "your-256-bit-secret-your-256-bit-secret",
        "please-change-me-please-change-me-please",
        "changethischangethischangethischangethis",
        "super-secret-jwt-token-with-at-least-32-characters-long",
        "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
        "09D25E094FAA6CA2556C818166B7A9563B93F7099F6F0F4CAA6CF63B88E8D3E7",
        "0123456789abcdef0123456789abcdef",
    ] {
        let ended = good().with("JWT_SECRET_KEY", secret).run().await;
        assert_eq!(named(&ended), ["JWT_SECRET_KEY"], "{secret}: {}", ended.log);
        assert!(!ended.log.contains(secret), "{}", ended.log);
    }
}

#[tokio::test]
async fn what_deployers_really_write_is_taken() {
    for (name, value) in [
        ("DATABASE_URL", "postgresql://u:p@127.0.0.1:1/db?sslmode=require"),
        ("DATABASE_URL", "postgresql://u:p@127.0.0.1:1/db?sslmode=require&channel_binding=require"),
        ("DATABASE_URL", "postgresql+psycopg://u:p@127.0.0.1:1/db?sslmode=require&pgbouncer=true"),
        ("DATABASE_URL", "  postgres://u:p%40ss@127.0.0.1:1/db\n"),
        ("FRONTEND_URL", "https://your-app.vercel.app/"),
        ("FRONTEND_URL", "http://localhost:3000"),
        ("FRONTEND_URL", "https://a.example.com, https://b.example.com/,"),
        ("FRONTEND_PREVIEW_PATTERN", "https://my-app-*-my-team.vercel.app"),
        ("JWT_SECRET_KEY", "TWFuIGlzIGRpc3Rpbmd1aXNoZWQsIG5vdCBvbmx5IGJ5"),
        ("JWT_SECRET_KEY", JWT_SECRET),
        ("JWT_ALGORITHM", "HS512"),
        ("JWT_EXPIRE_MINUTES", "1440"),
        ("OPENAI_BASE_URL", "https://openrouter.ai/api/v1/"),
        ("LOG_FORMAT", "json"),
        ("RUST_LOG", "info,adapters=debug"),
        ("SOMETHING_ELSE", "\u{1f980}"),
    ] {
        let server = good().with(name, value).start().await;
        drop(server);
    }
}

#[tokio::test]
async fn a_port_that_is_taken_ends_the_start_with_the_reason() {
    let first = good().start().await;
    let port = first.base().rsplit(':').next().unwrap().to_owned();
    let ended = good().with("HOST", "127.0.0.1").with("PORT", port).run().await;
    assert_eq!(ended.code, Some(1), "{}", ended.log);
    assert!(ended.log.contains("cannot listen on 127.0.0.1:"), "{}", ended.log);
}
