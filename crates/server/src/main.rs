//! The binary: configuration, log, then the server until a signal stops it.

use std::{
    io::{self, Write},
    process::ExitCode,
    time::Duration,
};

use anyhow::Context;
#[cfg(feature = "devkit")]
use server::development::Development;
use server::{
    Application,
    config::Config,
    shutdown::Ended,
    telemetry::{self, traces::Traces},
};

/// `EX_CONFIG` of sysexits.h.
const BAD_CONFIGURATION: u8 = 78;

fn main() -> ExitCode {
    let config = match Config::from_environment() {
        Ok(config) => config,
        Err(error) => {
            complain(&error.to_string());
            return ExitCode::from(BAD_CONFIGURATION);
        }
    };
    let traces = match Traces::start(config.traces.as_ref()) {
        Ok(traces) => traces,
        Err(error) => {
            complain(&format!("OTEL_EXPORTER_OTLP_ENDPOINT cannot be used: {error}"));
            return ExitCode::from(BAD_CONFIGURATION);
        }
    };
    telemetry::start(&config.log, &traces);
    let ended = run(config);
    traces.finish();
    match ended {
        Ok(Ended::InOrder | Ended::OutOfTime) => ExitCode::SUCCESS,
        Ok(Ended::AtOnce) => ExitCode::FAILURE,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(config: Config) -> anyhow::Result<Ended> {
    // Before the runtime: a private Postgres ends with the thread that started it.
    #[cfg(feature = "devkit")]
    let (config, development) = Development::provide(config).context("cannot set up what is missing")?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let ended = runtime.block_on(async {
        let application = Application::build(config).await?;
        #[cfg(feature = "devkit")]
        development.introduce(application.port());
        anyhow::Ok(application.run_until_stopped().await?)
    });
    // Work on blocking threads, such as hashing, is not waited for.
    runtime.shutdown_timeout(Duration::from_millis(100));
    ended
}

/// Says on the standard error what is wrong with the configuration; the log has not begun.
fn complain(problems: &str) {
    let mut out = io::stderr().lock();
    // Nobody is left to tell when this fails.
    let _ =
        writeln!(out, "The configuration is not good; docs/DEPLOY.md explains every variable.\n{problems}");
}
