//! The log: one line per event on standard output, as JSON or for people.

use std::{
    io::{self, IsTerminal},
    mem,
    str::FromStr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{filter::Targets, fmt as format, layer::SubscriberExt, util::SubscriberInitExt};

/// Request lines written per second at most, of requests with a name and of the others. Each costs 3 us of CPU, beside 40 us for a whole `GET /feed`; more to
/// the point, a minute of 13,000 requests per second would leave 180 MB on the disk.
const REQUEST_LINES_PER_S: u32 = 100;

/// How a line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum LogFormat {
    /// One JSON object per line.
    Json,
    /// For people.
    #[default]
    Pretty,
}

impl FromStr for LogFormat {
    type Err = anyhow::Error;

    fn from_str(name: &str) -> anyhow::Result<Self> {
        match name {
            "json" => Ok(Self::Json),
            "pretty" => Ok(Self::Pretty),
            _ => bail!("expected json or pretty"),
        }
    }
}

/// Sends this process's events to standard output.
///
/// # Errors
/// When it was called already.
pub fn install(log_format: LogFormat) -> anyhow::Result<()> {
    // actix logs as errors what are its callers' mistakes, such as a head that is no HTTP.
    let filter = Targets::new()
        .with_default(LevelFilter::INFO)
        .with_target("actix_http", LevelFilter::OFF)
        .with_target("actix_server", LevelFilter::WARN);
    let registry = tracing_subscriber::registry().with(filter);
    match log_format {
        LogFormat::Json => {
            registry.with(format::layer().json().flatten_event(true).with_target(false)).try_init()
        }
        LogFormat::Pretty => {
            let colours = io::stdout().is_terminal();
            registry.with(format::layer().with_target(false).with_ansi(colours)).try_init()
        }
    }
    .context("cannot install the log")
}

/// What a line says about one request.
pub(crate) struct RequestLine<'a> {
    pub instance: &'a str,
    pub port: u16,
    pub request_id: &'a str,
    pub method: &'a str,
    pub route: &'a str,
    pub status: u16,
    pub duration: Duration,
    pub problem: Option<&'a str>,
    /// The parts of the duration, see [`request_parts`](crate::request_parts); `None` for a request without a name, whose
    /// parts are not measured.
    pub parts: Option<&'a str>,
}

impl RequestLine<'_> {
    /// Writes the line, or only counts it when this second has had its share; [`report_omitted`] tells how many.
    ///
    /// Requests with a name have a limit of their own: a client that named its request must find its line, also when
    /// unnamed requests have used up theirs.
    pub fn write(&self, is_named: bool) {
        let lines = if is_named { &LINES_OF_NAMED } else { &LINES };
        if !lines.lock().unwrap_or_else(PoisonError::into_inner).admit() {
            return;
        }
        tracing::info!(
            request_id = self.request_id,
            instance = self.instance,
            port = self.port,
            method = self.method,
            route = self.route,
            status = self.status,
            // Microseconds are exact enough, and short.
            duration_ms = self.duration.as_micros() as f64 / 1000.0,
            problem = self.problem,
            parts = self.parts,
            "request"
        );
    }
}

/// Says how many request lines were left out since the last call. To be called about once a second.
pub(crate) fn report_omitted() {
    let omitted: u64 = [&LINES, &LINES_OF_NAMED]
        .map(|lines| mem::take(&mut lines.lock().unwrap_or_else(PoisonError::into_inner).omitted))
        .iter()
        .sum();
    if omitted > 0 {
        tracing::info!(omitted, "requests without a line: at most {REQUEST_LINES_PER_S} get one per second");
    }
}

static LINES: Mutex<Lines> = Mutex::new(Lines::NONE);
static LINES_OF_NAMED: Mutex<Lines> = Mutex::new(Lines::NONE);

struct Lines {
    since: Option<Instant>,
    written: u32,
    omitted: u64,
}

impl Lines {
    const NONE: Self = Self { since: None, written: 0, omitted: 0 };

    fn admit(&mut self) -> bool {
        if self.since.is_none_or(|since| since.elapsed() >= Duration::from_secs(1)) {
            self.since = Some(Instant::now());
            self.written = 0;
        }
        let admitted = self.written < REQUEST_LINES_PER_S;
        if admitted {
            self.written += 1;
        } else {
            self.omitted += 1;
        }
        admitted
    }
}
