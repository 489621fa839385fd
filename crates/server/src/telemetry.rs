//! The log: lines that a person can read in a Space's console, or JSON for machines.
//!
//! Nothing that comes from outside can break a line or change how it is shown.

pub mod line_sampler;
pub(crate) mod log_escaping;
pub mod traces;

use log_escaping::EscapingWriter;
use traces::Traces;
use tracing_subscriber::{
    EnvFilter, Layer, filter::LevelFilter, fmt, layer::SubscriberExt, util::SubscriberInitExt,
};

/// What is logged where `RUST_LOG` does not say otherwise. actix-http calls every malformed request of a
/// stranger's an error.
pub const DEFAULT_FILTER: &str = "info,actix_server=warn,actix_http=off,rustls=warn";

/// Never below these levels by a general directive: at `debug` the first prints parameters of
/// statements; the second repeats what programs send, and the access log has a line of each. The last are
/// spans for traces and no lines.
const CAPS: [&str; 3] = ["tokio_postgres=info", "rmcp=off", "otel=off"];

/// How and what is logged.
#[derive(Debug, Clone)]
pub struct LogSettings {
    /// The form of a line.
    pub format: LogFormat,
    /// Which lines there are beside the default, as `RUST_LOG` says it.
    pub filter: String,
}

/// The form of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Checks a filter.
///
/// # Errors
/// When it cannot be understood.
pub fn check_filter(text: &str) -> Result<(), String> {
    EnvFilter::try_new(text)
        .map(drop)
        .map_err(|_error| "must be a filter such as info or info,adapters=debug".to_owned())
}

/// Starts logging to the standard output, and sending traces. Where logging was started already, that
/// stays.
pub fn start(settings: &LogSettings, traces: &Traces) {
    let lines = || EscapingWriter::new(std::io::stdout());
    let layer = fmt::layer().with_ansi(false).with_target(false).with_writer(lines);
    let layer = layer.log_internal_errors(false);
    let layer = match settings.format {
        LogFormat::Text => layer.boxed(),
        LogFormat::Json => layer.json().flatten_event(true).with_span_list(false).boxed(),
    };
    let layer = layer.with_filter(filter(&settings.filter));
    let started = tracing_subscriber::registry().with(layer).with(traces.layer()).try_init();
    if started.is_ok() {
        std::panic::set_hook(Box::new(log_panic));
    }
}

/// The default with `text` on top: what is said of a target there, or in general, wins.
fn filter(text: &str) -> EnvFilter {
    let in_general = text.split(',').filter_map(|directive| directive.trim().parse().ok()).next_back();
    // The default would log more than a filter that asks for errors only, or for nothing.
    let is_quiet = in_general.is_some_and(|level: LevelFilter| level < LevelFilter::WARN);
    let below = if is_quiet { "actix_http=off" } else { DEFAULT_FILTER };
    let filter = EnvFilter::builder().parse_lossy(format!("{below},{text}"));
    CAPS.iter().filter_map(|cap| cap.parse().ok()).fold(filter, EnvFilter::add_directive)
}

/// A panic's own text only when it is a literal of ours: a formatted one may hold anything.
fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let location = panic.location().map(ToString::to_string).unwrap_or_default();
    let text = panic.payload().downcast_ref::<&str>().copied().unwrap_or("(not shown)");
    tracing::error!(location, text, "panic");
}

#[cfg(test)]
mod tests {
    use tracing::{Level, enabled, subscriber::with_default};

    use super::*;

    /// Whether each of these lines is written under a filter: an error of actix-http, an information of
    /// actix-server, a debugging line and an information of ours.
    fn written(text: &str) -> [bool; 4] {
        let lines = tracing_subscriber::registry()
            .with(fmt::layer().with_writer(std::io::sink).with_filter(filter(text)));
        with_default(lines, || {
            [
                enabled!(target: "actix_http::h1", Level::ERROR),
                enabled!(target: "actix_server", Level::INFO),
                enabled!(target: "server", Level::DEBUG),
                enabled!(target: "server", Level::INFO),
            ]
        })
    }

    #[test]
    fn what_is_written_wins_over_the_default_and_does_not_take_its_place() {
        assert_eq!(written(DEFAULT_FILTER), [false, false, false, true]);
        assert_eq!(written("info"), [false, false, false, true]);
        assert_eq!(written("debug"), [false, false, true, true]);
        assert_eq!(written("server=debug"), [false, false, true, true]);
        assert_eq!(written("info,actix_http=error"), [true, false, false, true]);
        assert_eq!(written("actix_server=debug,warn"), [false, true, false, false]);
    }

    #[test]
    fn who_wants_less_than_the_default_gets_less() {
        let lines = |text| {
            let lines = tracing_subscriber::registry()
                .with(fmt::layer().with_writer(std::io::sink).with_filter(filter(text)));
            with_default(lines, || enabled!(target: "actix_server", Level::WARN))
        };
        assert!(lines("info") && !lines("error") && !lines("off"));
    }
}
