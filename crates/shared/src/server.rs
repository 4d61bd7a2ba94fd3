//! The server every service runs in: start, probes, drain, stop.

use std::{
    env,
    future::Future,
    io,
    net::{SocketAddr, TcpListener},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actix_web::{
    App, HttpServer, Route,
    guard::{Any, Get, Head},
    http::header::HeaderValue,
    middleware::from_fn,
    rt::{System, spawn},
    web::{self, Data, ServiceConfig},
};
use anyhow::{Context, ensure};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{
    net::TcpSocket,
    signal::unix::{SignalKind, signal},
    time::{interval, sleep},
};

use crate::{
    clients,
    config::{optional, required},
    edge::{self, Edge},
    healthcheck,
    logging::{self, LogFormat},
    metrics,
    pool::Connection,
    probes,
    problem::Problem,
};

/// How long the whole head of a connection's first request may take to come.
const HEAD_TIMEOUT: Duration = Duration::from_secs(4);

/// How long a connection is kept for a next request. A proxy in front must let go of it earlier.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// Connections that may wait until they are accepted. The standard library asks for 128; when 200 users come at once to a
/// server with a tenth of a core, some are dropped then, try again after a second, and have been given up by nginx.
const BACKLOG: u32 = 1024;

/// The configuration of a server.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// Who answers: in each answer's `X-Instance` and in each log line.
    pub instance: String,
    /// Where to listen; port 0 is any free port.
    pub listen_address: SocketAddr,
    /// Threads that serve requests. With one, requests and the connections they use live on the same thread, and
    /// nothing has to be woken on another: on two cores, shared with the database, that serves the most.
    pub workers: usize,
    /// How long to go on accepting after SIGTERM, while load balancers notice.
    pub drain: Duration,
    /// How the log looks.
    pub log_format: LogFormat,
}

impl ServerConfig {
    /// Reads `LISTEN_ADDRESS`, and, where they differ from the default, `INSTANCE` (`name`), `HTTP_WORKERS` (1),
    /// `DRAIN_MS` (0), `LOG_FORMAT` (`pretty`; `json`).
    ///
    /// # Errors
    /// Names the variable, what it held and what was expected.
    pub fn read(get: impl Fn(&str) -> Option<String>, name: &str) -> anyhow::Result<Self> {
        let config = Self {
            instance: optional(&get, "INSTANCE", name.to_owned())?,
            listen_address: required(&get, "LISTEN_ADDRESS")?,
            workers: optional(&get, "HTTP_WORKERS", 1)?,
            drain: Duration::from_millis(optional(&get, "DRAIN_MS", 0)?),
            log_format: optional(&get, "LOG_FORMAT", LogFormat::default())?,
        };
        ensure!(config.workers > 0, "HTTP_WORKERS=\"0\": expected at least 1");
        HeaderValue::try_from(&config.instance).with_context(|| format!("INSTANCE={:?}", config.instance))?;
        Ok(config)
    }
}

/// Runs a service's `start` to its end; with the argument `--healthcheck` asks the one that runs whether it lives. What
/// goes wrong is printed as `name: why`, and the exit code is 1.
pub fn run<F: Future<Output = anyhow::Result<()>>>(name: &str, start: impl FnOnce() -> F) -> ExitCode {
    let asks = env::args().nth(1).is_some_and(|argument| argument == "--healthcheck");
    let result =
        if asks { healthcheck::ask(|name| env::var(name).ok()) } else { System::new().block_on(start()) };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(err) => {
            eprintln!("{name}: {err:#}");
            ExitCode::FAILURE
        }
    }
}

/// A server that has its port and does not answer yet.
pub struct Server {
    config: ServerConfig,
    listener: TcpListener,
    metrics: PrometheusHandle,
    repeats_detail: bool,
}

impl Server {
    /// Takes the port and starts the log and the metrics. From here on, what is counted is counted. Must be called within
    /// a runtime.
    ///
    /// # Errors
    /// When the port is taken, or when this process had a server already.
    pub fn bind(config: ServerConfig) -> anyhow::Result<Self> {
        let listener = listen(config.listen_address)
            .with_context(|| format!("cannot listen on {}", config.listen_address))?;
        clients::allow_many();
        logging::install(config.log_format)?;
        Ok(Self { metrics: metrics::install()?, config, listener, repeats_detail: false })
    }

    /// Makes all problems carry their detail a second time, as `message`: for an API whose clients are older than RFC 9457.
    pub fn repeat_detail_as_message(self) -> Self {
        Self { repeats_detail: true, ..self }
    }

    /// Serves `routes`, which find `db` as their `Data`, and beside them `/livez`, `/readyz`, `/health` and
    /// `/metrics`, until SIGTERM or SIGINT. `connect` is how the service comes by a connection; `/readyz` does as
    /// the routes do.
    ///
    /// # Errors
    /// When the server cannot start.
    pub async fn serve<D, C, R>(self, db: D, connect: C, routes: R) -> anyhow::Result<()>
    where
        D: Send + Sync + 'static,
        C: AsyncFn(&D) -> Result<Connection, Problem> + Clone + Send + 'static,
        R: Fn(&mut ServiceConfig) + Clone + Send + 'static,
    {
        let Self { config, listener, metrics, repeats_detail } = self;
        // Before anybody can know that there is something to stop.
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let address = listener.local_addr()?;
        let edge = Arc::new(Edge {
            instance_header: HeaderValue::try_from(&config.instance)?,
            instance: config.instance,
            port: address.port(),
            draining: AtomicBool::new(false),
            repeats_detail,
        });
        tracing::info!(instance = edge.instance, %address, port = address.port(), "listening");
        spawn(upkeep(metrics.clone()));
        let db = Data::new(db);
        let server = HttpServer::new({
            let edge = edge.clone();
            move || {
                let (edge, instance) = (edge.clone(), edge.instance.clone());
                App::new()
                    .wrap(from_fn(move |req, next| edge::around(edge.clone(), req, next)))
                    .app_data(db.clone())
                    .configure(|app| probes::routes(app, instance, metrics.clone(), connect.clone()))
                    .configure(routes.clone())
            }
        })
        .workers(config.workers)
        .client_request_timeout(HEAD_TIMEOUT)
        .keep_alive(KEEP_ALIVE)
        .tcp_nodelay(true)
        .on_connect(clients::watch)
        // Longer than any request may take.
        .shutdown_timeout(edge::REQUEST_TIMEOUT.as_secs() + 1)
        .disable_signals()
        .listen(listener)?
        .run();
        let handle = server.handle();
        let stopped = async {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
            tracing::info!("stopping");
            edge.draining.store(true, Ordering::Relaxed);
            sleep(config.drain).await;
            // actix-web looks once a second whether the last client has gone; that is too long to wait for when
            // a new program waits for the port.
            let stop = handle.stop(true);
            let gone = async {
                while clients::open() > 0 {
                    sleep(Duration::from_millis(5)).await;
                }
            };
            tokio::select! { () = stop => {}, () = gone => {} }
            anyhow::Ok(())
        };
        tokio::select! { result = server => Ok(result?), result = stopped => result }
    }
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // As the standard library does: the port can be had again at once after a restart.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

/// Requests that only read: GET, and HEAD, which is GET without the body.
pub fn get() -> Route {
    web::route().guard(Any(Get()).or(Head()))
}

/// What is due once a second. The exporter keeps each observation of a histogram until it is told to sort them.
async fn upkeep(metrics: PrometheusHandle) {
    let mut seconds = interval(Duration::from_secs(1));
    loop {
        seconds.tick().await;
        metrics.run_upkeep();
        logging::report_omitted();
    }
}
