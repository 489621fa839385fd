//! The bugs that are kept as patches still fit the sources they are planted in, so that
//! `make planted-bugs` can plant each of them.

use crate::source_files::{assert_none, entries, read, root};

#[test]
fn every_planted_bug_fits_the_sources() {
    let folder = root().join("tests/tests/chaos/planted");
    let patches =
        entries(&folder).into_iter().filter(|path| path.extension().is_some_and(|ext| ext == "patch"));
    let patches: Vec<String> = patches.map(read).collect();
    assert!(patches.len() >= 6, "there are {} planted bugs", patches.len());
    let hunks: Vec<(String, String)> = patches.iter().flat_map(|patch| hunks(patch)).collect();
    assert!(hunks.len() >= patches.len());
    let missed = hunks.into_iter().filter(|(file, before)| !read(file).contains(before.as_str()));
    assert_none(missed.map(|(file, before)| format!("{file} has changed:\n{before}")));
}

/// The hunks of a patch: each with its file, and with the lines that it expects there.
fn hunks(patch: &str) -> Vec<(String, String)> {
    let mut hunks: Vec<(String, String)> = Vec::new();
    let mut file = "";
    for line in patch.lines() {
        if let Some(path) = line.strip_prefix("--- a/") {
            file = path;
        } else if line.starts_with("@@") {
            hunks.push((file.to_owned(), String::new()));
        } else if let (Some((_, before)), Some(expected)) =
            (hunks.last_mut(), line.strip_prefix(' ').or_else(|| line.strip_prefix('-')))
            && !line.starts_with("---")
        {
            before.push_str(expected);
            before.push('\n');
        }
    }
    hunks
}
