//! Builds the library that sets a replica's clock ahead or behind, with the C compiler that Rust links with.

#![expect(clippy::expect_used, reason = "a build fails by panicking, at the place that went wrong")]
#![expect(clippy::disallowed_methods, reason = "this environment is cargo's")]

use std::{env, path::Path, process::Command};

fn main() {
    let source = "src/chaos/clock_skew.c";
    println!("cargo:rerun-if-changed={source}");
    println!("cargo:rerun-if-changed=build.rs");
    // Elsewhere nothing is loaded before a program, and all clocks agree.
    if env::var("CARGO_CFG_TARGET_OS").as_deref() != Ok("linux") {
        return;
    }
    let folder = env::var("OUT_DIR").expect("cargo names a folder");
    let library = Path::new(&folder).join("libclock_skew.so");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-O1", "-Wall", "-o"]).arg(&library).arg(source);
    let status = compiler.status().expect("cc, which Rust links with as well");
    assert!(status.success(), "{compiler:?}: {status}");
    println!("cargo:rustc-env=CLOCK_SKEW_FOLDER={folder}");
}
