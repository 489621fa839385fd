//! The binary: the command line, then configuration, log and the server until a signal stops it; or one
//! of the commands `check`, `migrate`, `reset-password` and `mcp`.

use std::{io, process::ExitCode, time::Duration};

use anyhow::Context;
#[cfg(feature = "devkit")]
use server::development::Development;
use server::{
    Application, VERSION,
    command_line::{self, Command, EX_CONFIG, EX_USAGE, HELP},
    commands::{check::check, migrate::migrate, reset_password::reset_password},
    config::{self, Config},
    shutdown::Shutdown,
    telemetry::{self, traces::Traces},
};
use tokio::runtime::Runtime;

fn main() -> ExitCode {
    match command_line::parse(std::env::args_os().skip(1)) {
        Ok(Command::Serve) => serve(),
        Ok(Command::Check) => look(),
        Ok(Command::Migrate) => apply_migrations(),
        Ok(Command::ResetPassword(email)) => print_reset_link(&email),
        Ok(Command::Mcp) => forward_messages(),
        Ok(Command::Help) => tell(HELP, 0),
        Ok(Command::Version) => tell(&format!("todo-ai-chatbot {VERSION}"), 0),
        Err(error) => complain(&error.to_string(), EX_USAGE),
    }
}

fn serve() -> ExitCode {
    let config = match Config::from_environment() {
        Ok(config) => config,
        Err(error) => return refuse_configuration(&error),
    };
    let traces = match Traces::start(config.traces.as_ref()) {
        Ok(traces) => traces,
        Err(error) => {
            return refuse_configuration(&format!("OTEL_EXPORTER_OTLP_ENDPOINT cannot be used: {error}"));
        }
    };
    telemetry::start(&config.log, &traces);
    let ended = run(config);
    traces.finish();
    match ended {
        Ok(Shutdown::Graceful | Shutdown::TimedOut) => ExitCode::SUCCESS,
        Ok(Shutdown::Forced) => ExitCode::FAILURE,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(config: Config) -> anyhow::Result<Shutdown> {
    // Before the runtime: a private Postgres ends with the thread that started it.
    #[cfg(feature = "devkit")]
    let (config, development) = Development::provide(config).context("cannot set up what is missing")?;
    let runtime = runtime().context("cannot start the runtime")?;
    let ended = runtime.block_on(async {
        let application = Application::build(config).await?;
        #[cfg(feature = "devkit")]
        development.print_startup_guide(application.port());
        anyhow::Ok(application.run_until_stopped().await?)
    });
    // Work on blocking threads, such as hashing, is not waited for.
    runtime.shutdown_timeout(Duration::from_millis(100));
    ended
}

fn runtime() -> io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

fn look() -> ExitCode {
    let config = Config::from_environment();
    match runtime() {
        Ok(runtime) => {
            let report = runtime.block_on(check(&config));
            let code = report.exit_code();
            // A connection that is still being tried is not waited for.
            runtime.shutdown_background();
            tell(&report.to_string(), code)
        }
        Err(error) => complain(&format!("The runtime cannot be started: {error}"), 1),
    }
}

fn apply_migrations() -> ExitCode {
    let config = match Config::from_environment() {
        Ok(config) => config,
        Err(error) => return refuse_configuration(&error),
    };
    let applied = match runtime() {
        Ok(runtime) => runtime.block_on(migrate(config)),
        Err(error) => Err(format!("the runtime cannot be started: {error}")),
    };
    match applied {
        Ok(0) => tell("No migration was missing.", 0),
        Ok(1) => tell("1 migration was applied.", 0),
        Ok(count) => tell(&format!("{count} migrations were applied."), 0),
        Err(error) => complain(&format!("The database was not migrated: {error}"), 1),
    }
}

fn print_reset_link(email: &str) -> ExitCode {
    let config = match Config::from_environment() {
        Ok(config) => config,
        Err(error) => return refuse_configuration(&error),
    };
    let printed = match runtime() {
        Ok(runtime) => runtime.block_on(reset_password(config, email)),
        Err(error) => Err(format!("the runtime cannot be started: {error}")),
    };
    match printed {
        Ok(link) => tell(&link, 0),
        Err(error) => complain(&format!("No link was made: {error}"), 1),
    }
}

/// Needs nothing that the server needs, and writes nothing but answers to the standard output.
fn forward_messages() -> ExitCode {
    let mut bridge = match config::mcp_stdio_bridge_from_environment() {
        Ok(bridge) => bridge,
        Err(error) => return refuse_configuration(&error),
    };
    let ended = tokio::runtime::Builder::new_current_thread().enable_all().build().map(|runtime| {
        let ended = runtime.block_on(bridge.run_on_stdio());
        // The thread that reads may wait for ever.
        runtime.shutdown_background();
        ended
    });
    match ended.flatten() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&format!("The messages cannot be passed on: {error}"), 1),
    }
}

/// Says what is wrong with the configuration; the log has not begun.
fn refuse_configuration(problems: &impl std::fmt::Display) -> ExitCode {
    let text = format!("The configuration is not good; docs/DEPLOY.md explains every variable.\n{problems}");
    complain(&text, EX_CONFIG)
}

fn tell(text: &str, code: u8) -> ExitCode {
    // Who has closed the output does not want to read it.
    let _ = command_line::print(text);
    ExitCode::from(code)
}

fn complain(text: &str, code: u8) -> ExitCode {
    // There is nowhere left to report a failure.
    let _ = command_line::print_error(text);
    ExitCode::from(code)
}
