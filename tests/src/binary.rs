//! The server's real binary, built once per test process.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

const NAME: &str = "todo-ai-chatbot";

static BINARY: LazyLock<PathBuf> = LazyLock::new(build);

/// Returns the path of the binary, up to date.
pub fn path() -> &'static Path {
    &BINARY
}

/// Asks cargo to build it and to say where it is: it knows the target directory, we would guess.
/// `SERVER_PROFILE=release` measures what people run.
fn build() -> PathBuf {
    let mut command = Command::new(env!("CARGO"));
    command.args([
        "build",
        "--package",
        "server",
        "--bin",
        NAME,
        "--message-format",
        "json-render-diagnostics",
    ]);
    if let Some(profile) = env::var_os("SERVER_PROFILE") {
        command.arg("--profile").arg(profile);
    }
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the server cannot be built:\n{said}");
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let messages = lines.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let executables = messages.filter(|message| message["target"]["name"] == NAME);
    let mut paths = executables.filter_map(|message| Some(PathBuf::from(message["executable"].as_str()?)));
    paths.next().expect("cargo names the executable")
}
