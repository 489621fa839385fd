//! No two modules beside each other need each other, directly or through others: each can be read
//! without knowing what stands on it. A module and its own children may.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Attribute, File, Item, ItemUse, Path, UseTree, visit::Visit};

use crate::source_files::{assert_none, entries, files, read, root, show};

/// The names of a module from its crate's root on.
type ModulePath = Vec<String>;

/// A path as the sources name it.
type NamedPath = Vec<String>;

#[test]
fn modules_need_each_other_in_no_circle() {
    let crates = entries(&root().join("crates")).into_iter().map(|folder| folder.join("src"));
    // Each program of tests is a crate of its own.
    let programs = entries(&root().join("tests/tests")).into_iter();
    let others = ["benches/src", "evaluate/src", "tests/src"].map(|folder| root().join(folder));
    let folders = crates.chain(programs).chain(others).filter(|folder| folder.is_dir());
    let folders = folders.map(|folder| show(folder.strip_prefix(root()).expect("it is below the root")));
    let folders: Vec<String> = folders.collect();
    assert!(folders.len() > 10, "{folders:?}");
    let of_folder = |folder: &String| {
        let found = circles(&modules(folder)).into_iter();
        found.map(|circle| format!("{folder}: {circle}")).collect::<Vec<_>>()
    };
    assert_none(folders.iter().flat_map(of_folder));
}

#[test]
fn a_circle_is_found_through_others_and_not_between_parent_and_child() {
    let module = |path: &str, code: &str| {
        let names = path.split("::").map(str::to_owned).collect();
        (names, syn::parse_file(code).expect("it is Rust"))
    };
    let in_circle = BTreeMap::from([
        module("a", "use crate::{b::B, d};"),
        module("b", "fn b() { super::c::help() }"),
        module("c", "struct C(crate::a::inner::A);"),
        module("a::inner", "use super::outer; use crate::b;"),
        module("d", ""),
    ]);
    assert_eq!(circles(&in_circle), ["a -> b -> c -> a"]);
    let without = BTreeMap::from([
        module("a", "mod inner; use inner::A; #[cfg(test)] mod tests { use crate::b; }"),
        module("a::inner", "use super::outer; use std::b;"),
        module("b", "use crate::a::A;"),
    ]);
    assert_eq!(circles(&without), [""; 0]);
}

/// The modules of a crate by their paths, without those that only tests need.
fn modules(folder: &str) -> BTreeMap<ModulePath, File> {
    let mut modules = BTreeMap::new();
    for file in files(folder, &["rs"]) {
        let below = file.strip_prefix(folder).expect("it is below the folder").with_extension("");
        let mut path: ModulePath = below.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if path.iter().any(|name| ["tests", "testing", "bin"].contains(&name.as_str())) {
            continue;
        }
        if path == ["lib"] || path == ["main"] {
            path.clear();
        }
        let parsed = syn::parse_file(&read(&file));
        modules.insert(path, parsed.unwrap_or_else(|error| panic!("{}: {error}", file.display())));
    }
    modules
}

/// One circle for each module that is in one, as `a -> b -> a`; each circle once.
fn circles(modules: &BTreeMap<ModulePath, File>) -> Vec<String> {
    let mut needs: BTreeMap<ModulePath, BTreeSet<ModulePath>> = BTreeMap::new();
    for (module, file) in modules {
        for named in paths_in(file) {
            let Some(target) = resolve(module, &named, modules) else { continue };
            let common = module.iter().zip(&target).take_while(|(one, other)| one == other).count();
            if common < module.len() && common < target.len() {
                needs.entry(module[..=common].into()).or_default().insert(target[..=common].into());
            }
        }
    }
    let mut found = Vec::new();
    let mut seen = BTreeSet::new();
    for start in needs.keys() {
        if let Some(circle) = way_back(start, &needs)
            && seen.insert(circle.iter().cloned().collect::<BTreeSet<_>>())
        {
            let names: Vec<String> = circle.iter().map(|module| module.join("::")).collect();
            found.push(names.join(" -> "));
        }
    }
    found
}

/// The shortest way from a module through what it needs back to itself.
fn way_back(
    start: &ModulePath,
    needs: &BTreeMap<ModulePath, BTreeSet<ModulePath>>,
) -> Option<Vec<ModulePath>> {
    let mut ways = std::collections::VecDeque::from([vec![start.clone()]]);
    let mut visited = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for next in way.last().and_then(|last| needs.get(last)).into_iter().flatten() {
            let longer = [way.as_slice(), std::slice::from_ref(next)].concat();
            if next == start {
                return Some(longer);
            }
            if visited.insert(next) {
                ways.push_back(longer);
            }
        }
    }
    None
}

/// The module that a path leads into, if it is one of the crate's.
fn resolve(
    module: &ModulePath,
    named: &NamedPath,
    modules: &BTreeMap<ModulePath, File>,
) -> Option<ModulePath> {
    let mut base = module.clone();
    let mut rest = named.as_slice();
    match rest.first()?.as_str() {
        "crate" => (base, rest) = (Vec::new(), &rest[1..]),
        "self" => rest = &rest[1..],
        "super" => {
            while rest.first().is_some_and(|name| name == "super") {
                base.pop();
                rest = &rest[1..];
            }
        }
        child => {
            base.push(child.to_owned());
            modules.get(&base)?;
            rest = &rest[1..];
        }
    }
    for name in rest {
        base.push(name.clone());
        if !modules.contains_key(&base) {
            base.pop();
            break;
        }
    }
    Some(base)
}

fn paths_in(file: &File) -> BTreeSet<NamedPath> {
    let mut paths = Paths(BTreeSet::new());
    paths.visit_file(file);
    paths.0
}

/// Collects every path that code names outside of its tests.
struct Paths(BTreeSet<NamedPath>);

impl<'ast> Visit<'ast> for Paths {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Mod(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            _ => return syn::visit::visit_item(self, item),
        };
        if !attributes.iter().any(is_for_tests) {
            syn::visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.flatten(&mut Vec::new(), &item.tree);
    }

    fn visit_path(&mut self, path: &'ast Path) {
        self.0.insert(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        syn::visit::visit_path(self, path);
    }
}

impl Paths {
    fn flatten(&mut self, above: &mut NamedPath, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => {
                above.push(path.ident.to_string());
                self.flatten(above, &path.tree);
                above.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.flatten(above, tree)),
            UseTree::Name(name) => self.insert(above, Some(name.ident.to_string())),
            UseTree::Rename(name) => self.insert(above, Some(name.ident.to_string())),
            UseTree::Glob(_) => self.insert(above, None),
        }
    }

    fn insert(&mut self, above: &NamedPath, name: Option<String>) {
        self.0.insert(above.iter().cloned().chain(name).collect());
    }
}

fn is_for_tests(attribute: &Attribute) -> bool {
    let mut found = false;
    if attribute.path().is_ident("cfg") {
        // What is no list of names, like `feature = "…"`, is not for tests.
        let _ = attribute.parse_nested_meta(|meta| {
            found |= meta.path.is_ident("test");
            Ok(())
        });
    }
    found
}
