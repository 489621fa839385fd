//! Migrations that can be undone, and that stay as they were applied.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

use crate::source_files::{assert_none, entries, read, root, show};

/// What `sha256sum migrations/*/*.sql` prints for all that may have been applied to somebody's database.
const CHECKSUMS: &str = "tests/tests/tidy/migrations.sha256";

#[test]
fn every_migration_can_be_undone() {
    let missing = folders().into_iter().flat_map(|folder| NAMES.map(|name| folder.join(name)));
    assert_none(
        missing.filter(|file| fs::read_to_string(file).unwrap_or_default().trim().is_empty()).map(show),
    );
}

#[test]
fn no_migration_is_changed_after_it_was_released() {
    let text = read(root().join(CHECKSUMS));
    let recorded: BTreeMap<&str, &str> = text
        .lines()
        .map(|line| line.split_once("  ").expect("a checksum and a path"))
        .map(|(sum, path)| (path, sum))
        .collect();
    let present: BTreeMap<String, String> = folders()
        .into_iter()
        .flat_map(|folder| NAMES.map(|name| folder.join(name)))
        .map(|file| (path_in_tree(&file), checksum(&file)))
        .collect();
    let changed = recorded
        .iter()
        .filter(|(path, sum)| present.get(**path).is_none_or(|now| now != *sum))
        .map(|(path, _)| {
            format!("{path} is not what databases have applied. Restore it, and add a migration.")
        });
    let unrecorded =
        present.iter().filter(|(path, _)| !recorded.contains_key(path.as_str())).map(|(path, _)| {
            format!(
                "{path} is not in {CHECKSUMS}: before you release it, add what `sha256sum {path}` prints."
            )
        });
    assert_none(changed.chain(unrecorded));
}

const NAMES: [&str; 2] = ["down.sql", "up.sql"];

fn folders() -> Vec<PathBuf> {
    let folders = entries(&root().join("migrations")).into_iter().filter(|path| path.is_dir());
    let folders: Vec<_> = folders.collect();
    assert!(!folders.is_empty(), "there are migrations");
    folders
}

fn path_in_tree(file: &Path) -> String {
    file.strip_prefix(root()).expect("a file of the tree").display().to_string()
}

fn checksum(file: &Path) -> String {
    let digest = Sha256::digest(fs::read(file).expect("a file that can be read"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
