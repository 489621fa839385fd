//! Checks what documents, image and front matter promise to people and platforms: what can be checked without
//! reading prose.

use std::collections::BTreeSet;

use crate::source_files::{assert_none, entries, files, packages_below, read, root, show};

#[test]
fn the_readme_begins_with_what_a_space_reads() {
    let readme = read("README.md");
    let (front_matter, _) =
        readme.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n")).expect("a front matter");
    let members: Vec<_> = front_matter
        .lines()
        .map(|line| line.split_once(": ").expect("lines of the form key: value"))
        .collect();
    for wanted in [("sdk", "docker"), ("app_port", "7860"), ("license", "apache-2.0"), ("pinned", "false")] {
        assert!(members.contains(&wanted), "{wanted:?}");
    }
    let value = |key| members.iter().find(|(name, _)| *name == key).expect("the member is there").1;
    assert!(!value("title").is_empty() && !value("emoji").is_empty());
    assert!(value("short_description").chars().count() <= 60, "a Space shows at most 60 characters");
    let colours = ["red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"];
    assert!(colours.contains(&value("colorFrom")) && colours.contains(&value("colorTo")));
}

#[test]
fn the_image_is_what_a_space_runs_and_has_no_devkit_in_it() {
    let dockerfile = read("Dockerfile");
    for line in ["USER 1000", "EXPOSE 7860", "CMD [\"todo-ai-chatbot\"]"] {
        assert!(dockerfile.lines().any(|found| found == line), "{line}");
    }
    let builds: Vec<_> = dockerfile.lines().filter(|line| line.contains("cargo build")).collect();
    assert!(!builds.is_empty() && builds.iter().all(|line| line.contains("--no-default-features")));
    assert!(!packages_below("server", &["--no-default-features"]).contains("devkit"));
}

/// No other compiler is tried.
#[test]
fn the_oldest_compiler_that_is_promised_is_the_one_that_builds() {
    let toolchain = read("rust-toolchain.toml");
    let built_with = toolchain.lines().find_map(|line| line.strip_prefix("channel = ")).expect("a channel");
    let built_with = built_with.trim_matches('"').rsplit_once('.').expect("a version of three numbers").0;
    let promised = format!("rust-version = \"{built_with}\"");
    assert!(read("Cargo.toml").lines().any(|line| line == promised), "Cargo.toml has not {promised}");
    let image = format!("FROM rust:{built_with}-");
    assert!(read("Dockerfile").lines().any(|line| line.starts_with(&image)), "Dockerfile has not {image}");
}

#[test]
fn the_image_is_built_from_every_manifest_and_from_the_sources_that_it_needs() {
    let dockerfile = read("Dockerfile");
    let has = |line: String| dockerfile.lines().any(|found| found.trim() == line);
    let below = packages_below("server", &["--no-default-features"]);
    let mut missing = Vec::new();
    for folder in entries(&root().join("crates")) {
        let name = folder.file_name().expect("a crate has a folder").to_string_lossy().into_owned();
        let mut lines = vec![format!("COPY crates/{name}/Cargo.toml crates/{name}/")];
        if below.contains(&name) {
            lines.push(format!("COPY crates/{name} crates/{name}"));
            let is_cleaned = dockerfile.contains(&format!("--package {name} "))
                || dockerfile.contains(&format!("--package {name}\n"));
            assert!(is_cleaned, "what was built of an empty {name} must not be taken for built");
        }
        missing.extend(lines.into_iter().filter(|line| !has(line.clone())));
    }
    for member in ["evaluate", "tests", "benches"] {
        let line = format!("COPY {member}/Cargo.toml {member}/");
        missing.extend(Some(line).filter(|line| !has(line.clone())));
        let ignored = format!("!{member}/Cargo.toml");
        assert!(read(".dockerignore").lines().any(|line| line == ignored), "{ignored}");
    }
    let members = read("Cargo.toml");
    let members = members.lines().find(|line| line.starts_with("members")).expect("members");
    assert_eq!(
        members, r#"members = ["crates/*", "evaluate", "tests", "benches"]"#,
        "the list above has them all"
    );
    assert_none(missing);
}

#[test]
fn every_variable_is_explained_where_people_look() {
    let raw = read("crates/server/src/config/raw.rs");
    let fields = raw.lines().filter_map(|line| line.trim().strip_prefix("pub ")?.split_once(": Option<"));
    let variables: Vec<_> = fields.map(|(name, _)| name.to_uppercase()).collect();
    assert!(variables.len() > 10, "{variables:?}");
    for document in [".env.example", "README.md", "docs/DEPLOY.md"] {
        let text = read(document);
        let missing = variables.iter().filter(|name| !text.contains(name.as_str()));
        assert_none(missing.map(|name| format!("{document} does not mention {name}")));
    }
}

/// The image, or compose.yaml itself, sets the first three, and the others are not for a server.
const NOT_FOR_COMPOSE: [&str; 5] = ["APP_ENV", "HOST", "PORT", "TODO_SERVER", "TODO_TOKEN"];

#[test]
fn compose_passes_every_setting_of_the_example_on() {
    let (example, compose) = (read(".env.example"), read("compose.yaml"));
    let settings = example.lines().filter_map(|line| line.strip_prefix('#')?.split_once('='));
    let is_name =
        |name: &&str| !name.contains(|c: char| !c.is_ascii_uppercase() && !c.is_ascii_digit() && c != '_');
    let names: Vec<_> = settings.map(|(name, _)| name).filter(is_name).collect();
    assert!(names.len() > 10, "{names:?}");
    let is_passed_on =
        |name: &str| compose.lines().any(|line| line.trim_start().starts_with(&format!("{name}:")));
    let missing = names.iter().filter(|name| is_passed_on(name) == NOT_FOR_COMPOSE.contains(name));
    assert_none(missing.map(|name| format!("compose.yaml does not pass {name} on, or should not")));
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut faults = Vec::new();
    for file in files("", &["md"]) {
        let text = read(&file);
        let targets =
            text.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target);
        for target in targets.filter(|target| !target.contains("://") && !target.starts_with('#')) {
            let path = target.split('#').next().unwrap_or_default();
            let folder = file.parent().expect("a file is in a folder");
            if !root().join(folder).join(path).exists() {
                faults.push(format!("{} links to {target}", file.display()));
            }
        }
    }
    assert_none(faults);
}

/// What is in backticks and ends as a Rust file does is one of ours, or the end of one's path. Files of
/// diesel's begin with its name.
#[test]
fn files_that_documents_name_are_there() {
    let sources: Vec<String> = ["crates", "tests", "benches"]
        .iter()
        .flat_map(|folder| files(folder, &["rs"]))
        .map(|file| format!("/{}", show(file)))
        .collect();
    let is_there = |name: &str| sources.iter().any(|source| source.ends_with(&format!("/{name}")));
    let is_name = |span: &&str| {
        let is_path = |c: char| c.is_ascii_alphanumeric() || "/_-.".contains(c);
        let is_anothers = ["foo", "diesel/"].iter().any(|start| span.starts_with(start));
        span.ends_with(".rs") && span.chars().all(is_path) && !is_anothers
    };
    let mut faults = Vec::new();
    for file in files("docs", &["md"]) {
        let text = read(&file);
        let spans = text.split('`').skip(1).step_by(2).filter(is_name);
        faults.extend(
            spans.filter(|span| !is_there(span)).map(|span| format!("{} names {span}", file.display())),
        );
    }
    assert_none(faults);
}

/// What the server says at its start, and `check` of an empty database, is shown with numbers.
#[test]
fn the_numbers_of_routes_and_migrations_in_documents_are_those_of_the_tree() {
    let migrations = entries(&root().join("migrations")).into_iter().filter(|path| path.is_dir()).count();
    let routes = syn::parse_file(&read("crates/server/src/routes.rs")).expect("it is Rust");
    let routes = routes.items.iter().find_map(|item| match item {
        syn::Item::Const(item) if item.ident == "ROUTES" => match &*item.expr {
            syn::Expr::Reference(reference) => match &*reference.expr {
                syn::Expr::Array(array) => Some(array.elems.len()),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    });
    let routes = routes.expect("the table of routes is a list");
    for (document, wanted) in [
        ("README.md", format!("{migrations} of {migrations} migrations are missing")),
        ("docs/DEPLOY.md", format!("Database ready migrations_applied={migrations}")),
        ("docs/DEPLOY.md", format!("Routers registered routes={routes}")),
    ] {
        assert!(read(document).contains(&wanted), "{document} does not say: {wanted}");
    }
}

#[test]
fn every_document_is_on_the_map_in_the_readme() {
    let readme = read("README.md");
    let documents = files("docs", &["md"]).into_iter().filter(|file| !file.starts_with("docs/adr"));
    assert_none(documents.map(show).filter(|document| !readme.contains(document)));
}

#[test]
fn every_decision_is_in_the_index_and_none_is_missing() {
    let index = read("docs/adr/README.md");
    let names = files("docs/adr", &["md"]).into_iter().filter(|file| !file.ends_with("README.md"));
    let names: Vec<_> = names.filter_map(|file| Some(file.file_name()?.to_str()?.to_owned())).collect();
    assert_none(names.iter().filter(|name| !index.contains(*name)));
    for (name, number) in names.iter().zip(1..) {
        assert!(name.starts_with(&format!("{number:04}-")), "{name} should have number {number}");
    }
}

#[test]
fn the_tests_that_guard_the_invariants_exist() {
    let code: String = files("", &["rs"]).iter().map(read).collect();
    let architecture = read("docs/ARCHITECTURE.md");
    let (_, invariants) = architecture.split_once("## What always holds").expect("there are invariants");
    let (invariants, _) = invariants.split_once("\n## ").expect("another section follows");
    let spans = invariants.split('`').skip(1).step_by(2);
    let tests: Vec<_> = spans.filter(|span| span.matches('_').count() > 1 && !span.contains(' ')).collect();
    assert!(tests.len() > 10, "{tests:?}");
    assert_none(tests.iter().filter(|name| !code.contains(&format!("fn {name}("))));
}

/// Where a name is shortened, `…` stands for the rest.
#[test]
fn the_tests_that_show_the_promises_exist() {
    let code: String = files("", &["rs"]).iter().map(read).collect();
    let names_of = |line: &str| -> BTreeSet<String> {
        let name = line.split_once("fn ").and_then(|(_, rest)| rest.split_once('(')).map(|(name, _)| name);
        name.map(str::to_owned).into_iter().collect()
    };
    let tests: BTreeSet<String> = code.lines().flat_map(names_of).collect();
    let document = read("docs/RELIABILITY.md");
    let spans = document.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let is_test = |span: &&str| span.contains("_…") || span.matches('_').count() > 3;
    let named: Vec<_> = spans.filter(is_test).collect();
    assert!(named.len() > 20, "{named:?}");
    assert_none(named.into_iter().filter(|name| {
        let (start, middle) = name.split_once('…').unwrap_or((name, ""));
        let middle = middle.trim_matches('…');
        !tests.iter().any(|test| test.starts_with(start) && test.contains(middle))
    }));
}
