//! Runs the stand-in model by itself: `stand-in-model --port 8099 --pace-ms 20
//! --latency-ms 500 --seed 7 --hang 0.05 --error 0.05 --cut 0.05`.

use std::{
    io::{self, Write},
    process::ExitCode,
    str::FromStr,
    time::Duration,
};

use devkit::model::{Faults, Options, StandIn};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let outcome = match options(std::env::args().skip(1)) {
        Ok(options) => serve(options).await.map_err(|error| error.to_string()),
        Err(message) => Err(message),
    };
    match outcome {
        Ok(code) => code,
        Err(message) => {
            // Nothing is left to tell when even stderr is closed.
            let _ = writeln!(io::stderr(), "stand-in-model: {message}");
            ExitCode::from(2)
        }
    }
}

/// Serves until Ctrl-C; what was wrong with the requests decides the exit code.
async fn serve(options: Options) -> io::Result<ExitCode> {
    let stand_in = StandIn::start(options).await?;
    let url = stand_in.base_url();
    writeln!(io::stdout(), "OPENAI_BASE_URL={url}\nstate: {}", url.replace("/v1", "/stand-in"))?;
    tokio::signal::ctrl_c().await?;
    let violations = stand_in.violations();
    for violation in &violations {
        writeln!(io::stderr(), "violation: {violation}")?;
    }
    Ok(if violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn options(arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options { keep: 0, ..Options::for_tests() };
    let mut faults = Faults::default();
    let mut arguments = arguments;
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or_else(|| format!("{name} needs a value"))?;
        match name.as_str() {
            "--port" => options.port = number(&name, &value)?,
            "--latency-ms" => options.latency = Duration::from_millis(number(&name, &value)?),
            "--pace-ms" => options.pace = Duration::from_millis(number(&name, &value)?),
            "--seed" => faults.seed = number(&name, &value)?,
            "--hang" => faults.hang = number(&name, &value)?,
            "--error" => faults.error = number(&name, &value)?,
            "--cut" => faults.cut = number(&name, &value)?,
            _ => return Err(format!("unknown option {name}")),
        }
    }
    options.faults = Some(faults);
    Ok(options)
}

fn number<T: FromStr>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_wrong| format!("{name} wants a number, not '{value}'"))
}
