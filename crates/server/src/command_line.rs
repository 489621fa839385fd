//! Parses the command line, and says what is wrong with it.

use std::{
    ffi::OsString,
    io::{self, Write},
};

use crate::telemetry::log_escaping::EscapingWriter;

/// What `--help` shows.
pub const HELP: &str = include_str!("command_line/help.txt");

/// `EX_USAGE` of sysexits.h.
pub const EX_USAGE: u8 = 64;
/// `EX_CONFIG` of sysexits.h.
pub const EX_CONFIG: u8 = 78;

/// The longest text that an error repeats.
const MAX_SHOWN: usize = 20;

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Serve until a signal stops it.
    Serve,
    /// Say whether the configuration, and everything that it names, is good.
    Check,
    /// Apply the migrations that the database lacks.
    Migrate,
    /// Print a link with which the owner of this address chooses another password.
    ResetPassword(String),
    /// Pass a program's messages on to a running server.
    Mcp,
    /// Show what there is to type.
    Help,
    /// Show the version.
    Version,
}

/// Why a command line is not understood. Repeats only what can be no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    /// There is no such command.
    #[error("There is no such command{0}; `todo-ai-chatbot --help` lists what there is.")]
    Command(String),
    /// There is no such option.
    #[error("There is no such option{0}; `todo-ai-chatbot --help` lists what there is.")]
    Option(String),
    /// Whose password it is was not written.
    #[error("Whose password? Write `todo-ai-chatbot reset-password EMAIL`.")]
    NoEmail,
    /// More was written than one command.
    #[error("One command at a time, and nothing behind it; `todo-ai-chatbot --help` lists what there is.")]
    TooMuch,
}

/// Reads the arguments behind the program's name. None means to serve.
///
/// # Errors
/// When they are not understood.
pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, UsageError> {
    let arguments: Vec<_> = arguments.into_iter().collect();
    let mut parser = lexopt::Parser::from_args(arguments);
    let mut words = Vec::new();
    while let Some(argument) = parser.next().map_err(|_it_may_quote_a_value| UsageError::TooMuch)? {
        match argument {
            lexopt::Arg::Short('h') | lexopt::Arg::Long("help") => return Ok(Command::Help),
            lexopt::Arg::Short('V') | lexopt::Arg::Long("version") => return Ok(Command::Version),
            lexopt::Arg::Short(letter) => return Err(UsageError::Option(shown(&format!("-{letter}")))),
            lexopt::Arg::Long(name) => return Err(UsageError::Option(shown(&format!("--{name}")))),
            lexopt::Arg::Value(word) => words.push(word),
        }
    }
    let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    let words: Vec<_> = words.iter().map(AsRef::as_ref).collect();
    command(&words)
}

fn command(words: &[&str]) -> Result<Command, UsageError> {
    match words {
        [] => Ok(Command::Serve),
        ["check"] => Ok(Command::Check),
        ["migrate"] => Ok(Command::Migrate),
        ["mcp"] => Ok(Command::Mcp),
        ["reset-password"] | ["reset-password", ""] => Err(UsageError::NoEmail),
        ["reset-password", email] => Ok(Command::ResetPassword((*email).to_owned())),
        ["check" | "migrate" | "mcp" | "reset-password", ..] => Err(UsageError::TooMuch),
        [unknown, ..] => Err(UsageError::Command(shown(unknown))),
    }
}

/// Repeats a short word. A connection string or a key that was pasted there is neither short nor plain.
fn shown(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_lowercase() || c == '-';
    if text.len() <= MAX_SHOWN && text.chars().all(is_plain) { format!(": {text}") } else { String::new() }
}

/// Writes lines to the standard output; what could break or disguise a line is escaped.
///
/// # Errors
/// When the output is closed.
pub fn print(text: &str) -> io::Result<()> {
    write_lines(text, io::stdout().lock())
}

/// Writes lines to the standard error, as [`print()`] does to the standard output.
///
/// # Errors
/// When the output is closed.
pub fn print_error(text: &str) -> io::Result<()> {
    write_lines(text, io::stderr().lock())
}

fn write_lines(text: &str, out: impl Write) -> io::Result<()> {
    let mut out = EscapingWriter::new(out);
    text.lines().try_for_each(|line| out.write_all(format!("{line}\n").as_bytes()))?;
    out.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Result<Command, UsageError> {
        parse(arguments.iter().map(OsString::from))
    }

    #[test]
    fn every_command_and_option_is_understood() {
        for (arguments, command) in [
            (&[][..], Command::Serve),
            (&["check"], Command::Check),
            (&["migrate"], Command::Migrate),
            (&["reset-password", "ann@example.com"], Command::ResetPassword("ann@example.com".to_owned())),
            (&["mcp"], Command::Mcp),
            (&["-h"], Command::Help),
            (&["check", "--help"], Command::Help),
            (&["--version"], Command::Version),
            (&["-V"], Command::Version),
        ] {
            assert_eq!(parsed(arguments), Ok(command), "{arguments:?}");
        }
    }

    #[test]
    fn what_is_not_understood_is_repeated_only_when_it_can_be_no_secret() {
        assert_eq!(parsed(&["chek"]), Err(UsageError::Command(": chek".to_owned())));
        assert_eq!(parsed(&["--port=80"]), Err(UsageError::Option(": --port".to_owned())));
        assert_eq!(parsed(&["-p"]), Err(UsageError::Option(": -p".to_owned())));
        assert_eq!(parsed(&["postgres://u:p@h/n"]), Err(UsageError::Command(String::new())));
        assert_eq!(parsed(&["sk-1234567890"]), Err(UsageError::Command(String::new())));
        assert_eq!(parsed(&["check", "migrate"]), Err(UsageError::TooMuch));
        assert_eq!(parsed(&["reset-password"]), Err(UsageError::NoEmail));
        assert_eq!(parsed(&["reset-password", ""]), Err(UsageError::NoEmail));
        assert_eq!(parsed(&["reset-password", "a@example.com", "b@example.com"]), Err(UsageError::TooMuch));
    }
}
