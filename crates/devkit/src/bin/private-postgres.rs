//! Runs the private Postgres by itself, in the folder that is given, until Ctrl-C or its standard
//! input ends: `private-postgres /tmp/somewhere`.

use std::{
    io::{self, Read, Write},
    process::ExitCode,
};

use devkit::postgres::{DATABASE, LocalPostgres, Options};

/// `EX_USAGE` of sysexits.h.
const BAD_USAGE: u8 = 64;

fn main() -> ExitCode {
    let home = std::env::args_os().nth(1);
    if home.as_ref().is_some_and(|home| home.as_encoded_bytes().starts_with(b"-")) {
        // An option is no folder: `--help` would be made one.
        let _ = writeln!(
            io::stderr(),
            "private-postgres: give it a folder, or nothing: private-postgres [FOLDER]"
        );
        return ExitCode::from(BAD_USAGE);
    }
    let home = home.map(Into::into);
    match LocalPostgres::start(Options::for_person(home)).map_err(io::Error::other).and_then(|own| hold(&own))
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing is left to tell when even stderr is closed.
            let _ = writeln!(io::stderr(), "private-postgres: {error}");
            ExitCode::FAILURE
        }
    }
}

fn hold(postgres: &LocalPostgres) -> io::Result<()> {
    writeln!(io::stdout(), "DATABASE_URL={}", postgres.url(DATABASE))?;
    io::stdin().read_to_end(&mut Vec::new()).map(drop)
}
