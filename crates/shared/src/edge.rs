//! Around every request: a time limit, one shape for errors, metrics, a log line, and who answered.

use std::{
    hash::{BuildHasher, RandomState},
    process,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use actix_web::{
    Error, HttpResponse, ResponseError,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::InternalError,
    http::{
        ConnectionType, Method, StatusCode,
        header::{ALLOW, HeaderName, HeaderValue},
    },
    middleware::Next,
};
use metrics::{counter, histogram};
use tokio::{task::yield_now, time::timeout};

use crate::{
    clients::Client, logging::RequestLine, metrics::HTTP_IN_FLIGHT, problem::Problem, request_parts,
};

/// How long a request may take: a wait of 2 s for a connection and the longest query (4 s). A service that lets its
/// requests wait longer, as the jobs do (5 s), must have queries that are done in what is left.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(6);

const INSTANCE: HeaderName = HeaderName::from_static("x-instance");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the answers of one server have in common.
pub(crate) struct Edge {
    pub instance: String,
    pub instance_header: HeaderValue,
    pub port: u16,
    /// Set when the server is about to stop: from then on answers ask their clients to connect anew.
    pub draining: AtomicBool,
    /// Whether a problem carries its detail a second time, as `message`.
    pub repeats_detail: bool,
}

/// The middleware.
pub(crate) async fn around(
    edge: Arc<Edge>,
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let mut passage = Passage::begin(edge, &req);
    let work = timeout(REQUEST_TIMEOUT, next.call(req));
    let result = match passage.is_named {
        true => {
            let (result, parts) = request_parts::collect(passage.started, work).await;
            passage.parts = parts;
            result
        }
        false => work.await,
    };
    match result {
        Ok(Ok(response)) => {
            let mut response = with_problem(response.map_into_boxed_body());
            if passage.edge.repeats_detail {
                response = with_message(response);
            }
            passage.end(response.response_mut());
            // Whoever waited for this request's connection sends a query now, so that PostgreSQL has something to do
            // while this thread writes the answer. On two cores that is 5 % more requests.
            yield_now().await;
            Ok(response)
        }
        Ok(Err(error)) => Err(passage.fail(error.error_response(), error)),
        Err(_) => {
            let seconds = REQUEST_TIMEOUT.as_secs();
            let problem = Problem::dependency_unavailable(format!("no answer within {seconds} s"));
            let response = problem.error_response();
            let json = problem.json(passage.edge.repeats_detail);
            Err(passage.fail(response.map_body(|_, _| BoxBody::new(json)), problem))
        }
    }
}

/// Gives what actix-web answers by itself the shape that all errors have.
fn with_problem(response: ServiceResponse) -> ServiceResponse {
    let (path, method) = (response.request().path(), response.request().method());
    let problem = match (response.status(), response.response().error()) {
        (_, Some(error)) if error.as_error::<Problem>().is_some() => return response,
        (status, Some(error)) if status.is_client_error() => Problem::invalid_input(error.to_string()),
        (_, Some(error)) => {
            tracing::error!("an error that is no problem: {error}");
            Problem::internal("its cause is in the log")
        }
        (StatusCode::NOT_FOUND, None) => Problem::not_found(format!("no such path: {path}")),
        (StatusCode::METHOD_NOT_ALLOWED, None) => {
            Problem::method_not_allowed(format!("method {method} is not allowed on {path}"))
        }
        (_, None) => return response,
    };
    let allow = response.headers().get(ALLOW).cloned();
    let mut response = response.error_response(problem);
    if let Some(allow) = allow {
        response.headers_mut().insert(ALLOW, allow);
    }
    response
}

/// Repeats the detail of a problem as `message`.
fn with_message(response: ServiceResponse) -> ServiceResponse {
    let problem = response.response().error().and_then(|error| error.as_error::<Problem>());
    match problem.map(|problem| problem.json(true)) {
        Some(json) => response.map_body(|_, _| BoxBody::new(json)),
        None => response,
    }
}

/// One request on its way through.
struct Passage {
    edge: Arc<Edge>,
    client: Option<Client>,
    started: Instant,
    id: HeaderValue,
    /// Whether the client chose the id.
    is_named: bool,
    /// What the time went to, if it is named; see [`request_parts`].
    parts: String,
    method: &'static str,
    route: String,
}

impl Passage {
    fn begin(edge: Arc<Edge>, req: &ServiceRequest) -> Self {
        HTTP_IN_FLIGHT.increment(1);
        let client = req.conn_data::<Client>().cloned();
        if let Some(client) = &client {
            client.is_served();
        }
        let name = name(req);
        Self {
            edge,
            client,
            started: Instant::now(),
            is_named: name.is_some(),
            id: name.unwrap_or_else(new_id),
            parts: String::new(),
            method: method_label(req.method()),
            // The pattern: paths have no end of values, and would each become a time series.
            route: req.match_pattern().unwrap_or_else(|| "unmatched".to_owned()),
        }
    }

    /// Counts and logs the request as answered by `response`, and signs that.
    fn end<B>(self, response: &mut HttpResponse<B>) {
        let status = response.status();
        let duration = self.started.elapsed();
        let problem = response
            .error()
            .and_then(|error| error.as_error::<Problem>())
            .map(|problem| problem.kind().as_str());
        let labels = [
            ("method", self.method.to_owned()),
            ("route", self.route.clone()),
            ("status", status.as_u16().to_string()),
        ];
        counter!("http_requests_total", &labels).increment(1);
        histogram!("http_request_duration_seconds", &labels).record(duration);
        RequestLine {
            instance: &self.edge.instance,
            port: self.edge.port,
            request_id: self.id.to_str().unwrap_or_default(),
            method: self.method,
            route: &self.route,
            status: status.as_u16(),
            duration,
            problem,
            parts: Some(&*self.parts).filter(|parts| !parts.is_empty()),
        }
        .write(self.is_named);
        let headers = response.headers_mut();
        headers.insert(INSTANCE, self.edge.instance_header.clone());
        headers.insert(REQUEST_ID, self.id.clone());
        let is_still_sending = matches!(status, StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT);
        if let Some(client) = self.client.as_ref().filter(|_| is_still_sending) {
            client.close_soon();
        }
        if self.edge.draining.load(Ordering::Relaxed) || is_still_sending {
            response.head_mut().set_connection_type(ConnectionType::Close);
        }
    }

    /// The same for an error that has no [`ServiceResponse`].
    fn fail(
        self,
        mut response: HttpResponse,
        error: impl std::fmt::Debug + std::fmt::Display + 'static,
    ) -> Error {
        self.end(&mut response);
        InternalError::from_response(error, response).into()
    }
}

impl Drop for Passage {
    /// Here and not in `end`: when a client leaves, actix-web drops what was being done for it.
    fn drop(&mut self) {
        HTTP_IN_FLIGHT.decrement(1);
        if let Some(client) = &self.client {
            client.is_idle();
        }
    }
}

/// The client's `X-Request-Id` when it is fit to be logged: one id follows a request through several services.
fn name(req: &ServiceRequest) -> Option<HeaderValue> {
    let id = req.headers().get(&REQUEST_ID)?;
    let is_fit = (1..=64).contains(&id.len())
        && id.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte));
    is_fit.then(|| id.clone())
}

fn new_id() -> HeaderValue {
    /// Differs from process to process, so that ids of several instances, or of one before and after a restart, do.
    static PROCESS: LazyLock<u32> = LazyLock::new(|| RandomState::new().hash_one(process::id()) as u32);
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let id = format!("{:08x}{:08x}", *PROCESS, NEXT.fetch_add(1, Ordering::Relaxed));
    HeaderValue::try_from(id).unwrap_or(HeaderValue::from_static("-"))
}

/// A method is any word the client likes; a label must be one of a few.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
