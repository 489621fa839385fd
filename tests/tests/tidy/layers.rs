//! The arrows of docs/ARCHITECTURE.md: who may depend on what, and whose sources may name what.
//! deny.toml says it once more of packages; this holds without any tool installed.

use std::{collections::BTreeSet, path::PathBuf};

use crate::source_files::{assert_none, cargo, files, is_of, packages_below, read, show};

/// What the package of a layer may not depend on. A name stands for its family too: `diesel` for
/// `diesel-async`.
const FORBIDDEN_PACKAGES: [(&str, &str); 6] = [
    (
        "domain",
        "tokio actix diesel reqwest jsonwebtoken deadpool rustls rand adapters server devkit turn-service",
    ),
    ("turn-service", "actix diesel reqwest jsonwebtoken deadpool adapters server devkit"),
    ("adapters", "actix jsonwebtoken envy server turn-service"),
    ("server", "diesel reqwest deadpool argon2 tokio-postgres lettre oauth2"),
    ("devkit", "domain adapters server turn-service"),
    ("stand-in-english", "tokio domain adapters server devkit turn-service"),
];

/// Paths that a layer's sources may not name, and the modules in which they nevertheless may.
const FORBIDDEN_PATHS: [(&str, &str, &str); 8] = [
    ("domain", "tokio actix_web diesel diesel_async reqwest jsonwebtoken", ""),
    ("domain", "std::fs std::net std::env std::process", ""),
    ("domain", "SystemTime::now Instant::now Utc::now Local::now Uuid::now_v7 Uuid::new_v4", "testing tests"),
    ("turn-service", "actix_web diesel reqwest jsonwebtoken std::fs std::net std::env std::process", ""),
    ("adapters", "actix_web jsonwebtoken envy std::env", ""),
    ("server", "diesel diesel_async reqwest tokio_postgres deadpool", ""),
    ("server", "std::env envy", "config main"),
    // What handlers call has errors of its own: only what answers a request knows the error that is an
    // answer.
    ("server", "ApiError", "error extract mcp middleware openapi routes state stream testing tests"),
];

#[test]
fn every_layer_depends_only_on_what_it_may() {
    let metadata = cargo(&["metadata", "--format-version", "1", "--no-deps"]);
    let metadata: serde_json::Value = serde_json::from_str(&metadata).expect("cargo metadata is JSON");
    let packages = metadata["packages"].as_array().expect("the workspace has packages");
    let mut faults = Vec::new();
    for (layer, forbidden) in FORBIDDEN_PACKAGES {
        let package =
            packages.iter().find(|package| package["name"] == layer).expect("the layer is a package");
        let dependencies = package["dependencies"].as_array().expect("a package has dependencies");
        let used = dependencies.iter().filter(|dependency| dependency["kind"].is_null());
        for name in used.filter_map(|dependency| dependency["name"].as_str()) {
            if forbidden.split(' ').any(|family| is_of(family, name)) {
                faults.push(format!("{layer} must not depend on {name}"));
            }
        }
    }
    assert_none(faults);
}

#[test]
fn nothing_below_the_domain_does_io() {
    let io = ["tokio", "mio", "actix", "diesel", "reqwest", "hyper", "rustls", "jsonwebtoken"];
    let below = packages_below("domain", &[]);
    assert_none(below.iter().filter(|name| io.iter().any(|family| is_of(family, name))));
}

#[test]
fn no_system_library_for_tls_or_postgres_is_linked() {
    let lock = read("Cargo.lock");
    let names: BTreeSet<_> = lock.lines().filter_map(|line| line.strip_prefix("name = ")).collect();
    assert_none(["openssl", "openssl-sys", "native-tls", "pq-sys"].iter().filter(|name| {
        let quoted = format!("{name:?}");
        names.contains(quoted.as_str())
    }));
}

#[test]
fn sources_name_only_what_their_layer_may_use() {
    let mut faults = Vec::new();
    for (layer, forbidden, allowed_in) in FORBIDDEN_PATHS {
        for file in files(&format!("crates/{layer}/src"), &["rs"]) {
            let module = file.with_extension("");
            if allowed_in.split(' ').any(|name| module.iter().any(|part| part == name)) {
                continue;
            }
            let code = code_with_flat_std_imports(&read(&file));
            let named = forbidden.split(' ').filter(|path| names_path(&code, path));
            faults.extend(named.map(|path| format!("{} names {path}", file.display())));
        }
    }
    assert_none(faults);
}

/// Beside `composition_root.rs` and `service_clients.rs`, which put everything together, only what parses
/// or makes up the adapters' own settings names them, for values are parsed once, and the command that asks
/// them what no port tells: how far the schema is, and what is wrong with a model's settings.
#[test]
fn adapters_meet_the_domain_in_one_place() {
    let may = [
        "src/composition_root.rs",
        "src/main.rs",
        "src/service_clients.rs",
        "src/config.rs",
        "src/config/database.rs",
        "src/config/mail.rs",
        "src/config/identity_providers.rs",
        "src/development.rs",
        "src/commands/check/database.rs",
        "src/commands/check/model.rs",
        "src/commands/check/providers.rs",
    ];
    let elsewhere = |file: &PathBuf| !may.iter().any(|name| file.ends_with(name));
    let sources = files("crates/server/src", &["rs"]).into_iter().filter(elsewhere);
    assert_none(
        sources.filter(|file| names_path(&code_with_flat_std_imports(&read(file)), "adapters")).map(show),
    );
}

/// The text without comments and without its tests, which come last, and with
/// `use std::{fs, path::Path}` written out as `std::fs` and `std::path` beside it.
fn code_with_flat_std_imports(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    let mut code = lines.collect::<Vec<_>>().join("\n");
    let groups: Vec<String> = code.split("use std::{").skip(1).map(up_to_semicolon).collect();
    for group in groups {
        let mut depth = 0;
        for part in group.split_inclusive(['{', '}', ',']) {
            if depth == 0 {
                let name = part.trim().split([':', ',', '}']).next().unwrap_or_default();
                code.push_str(&format!("\nstd::{name}"));
            }
            depth += part.matches('{').count();
            depth = depth.saturating_sub(part.matches('}').count());
        }
    }
    code
}

#[test]
fn a_path_is_found_however_it_is_written() {
    let found = |code: &str, path| names_path(&code_with_flat_std_imports(code), path);
    assert!(found("use std::{collections::{BTreeMap, HashMap}, fs, io};", "std::fs"));
    assert!(found("let at = std::time::Instant::now();", "Instant::now"));
    assert!(found("use tokio;", "tokio") && found("tokio::spawn(work)", "tokio"));
    assert!(!found("use std::{fmt, io}; // not std::fs", "std::fs"));
    assert!(!found("let filter = \"tokio::runtime=warn\"; my_tokio::spawn()", "tokio"));
}

fn up_to_semicolon(text: &str) -> String {
    text.split(';').next().unwrap_or_default().to_owned()
}

/// Whether code names a path, as `use path` or `path::…`, and not as a part of a longer name.
fn names_path(code: &str, path: &str) -> bool {
    let is_in_name = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(path).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = &code[at + path.len()..];
        let is_long = path.contains("::");
        let begins = !before.is_some_and(|c| is_in_name(c) || c == '"' || c == '.' || (c == ':' && !is_long));
        let ends = !after.starts_with(is_in_name);
        begins && ends && (is_long || after.starts_with("::") || code[..at].ends_with("use "))
    })
}
