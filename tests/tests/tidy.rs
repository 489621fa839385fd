//! The tree's own rules, kept by a machine: layers, sizes, migrations, and what documents promise.
//! A failure names the file and what is wrong with it; docs/ARCHITECTURE.md says why the rules are.

#![expect(clippy::expect_used, reason = "a rule that cannot be checked counts as broken")]

#[path = "tidy/dependency_cycles.rs"]
mod dependency_cycles;
#[path = "tidy/documents.rs"]
mod documents;
#[path = "tidy/layers.rs"]
mod layers;
#[path = "tidy/migrations.rs"]
mod migrations;
#[path = "tidy/names.rs"]
mod names;
#[path = "tidy/planted_bug_patches.rs"]
mod planted_bug_patches;
#[path = "tidy/source_conventions.rs"]
mod source_conventions;
#[path = "tidy/source_files.rs"]
mod source_files;
#[path = "tidy/sql_rules.rs"]
mod sql_rules;
