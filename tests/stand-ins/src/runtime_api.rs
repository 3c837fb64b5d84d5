//! A stand-in for the Lambda Runtime API: hands events to the function, and tells the test what came of each.

mod desk;
mod outcome;
mod post;
mod streaming;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use self::desk::{Delivered, Desk, Problem};
use crate::server::{Body, Hangup, Server, whole};

pub use self::outcome::{Answered, Departure, Failed, InitError, Invocation, Outcome};
pub use self::streaming::{Opened, Streaming};

/// The ARN that every invocation names, in the account that AWS's own examples use.
pub const FUNCTION_ARN: &str = "arn:aws:lambda:ap-northeast-1:123456789012:function:kokunai";

/// The largest answer that Lambda takes when it is not streamed.
pub const MAX_RESPONSE: usize = 6_291_556;

/// A reader who is slow must slow the function, so hardly anything of a stream is held ready for them.
const FEW_CHUNKS: usize = 1;

/// As many as a channel can hold: whoever wants the whole response takes it in at whatever speed it comes.
const ALL_CHUNKS: usize = Semaphore::MAX_PERMITS;

/// A running Runtime API; dropping it closes its port, which makes the function exit.
#[derive(Debug)]
pub struct RuntimeApi {
    server: Server,
    desk: Arc<Desk>,
}

impl RuntimeApi {
    /// Starts a Runtime API on a free loopback port, on the caller's tokio runtime.
    ///
    /// # Errors
    ///
    /// Only when the machine has no port to give.
    pub async fn start() -> io::Result<Self> {
        let desk = Arc::new(Desk::default());
        let shared = Arc::clone(&desk);
        let server = Server::start(move |request| handle(Arc::clone(&shared), request)).await?;
        Ok(Self { server, desk })
    }

    /// Where it listens: the value of `AWS_LAMBDA_RUNTIME_API`.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// Queues an event at once, and resolves when the function has answered it, or has not in time. The clock of an
    /// invocation starts when the function takes it, as Lambda does not count the start of a process either. A streamed
    /// response is read to its end, also while nobody polls this future.
    pub fn invoke(&self, invocation: Invocation) -> impl Future<Output = Outcome> + Send + use<> {
        self.invoker().invoke(invocation)
    }

    /// A way to invoke the function from elsewhere, for as long as the Runtime API runs.
    #[must_use]
    pub fn invoker(&self) -> Invoker {
        Invoker { desk: Arc::clone(&self.desk) }
    }

    /// Like [`RuntimeApi::invoke`], but resolves as soon as a streamed response begins, which then comes no faster than
    /// it is read.
    pub fn stream(&self, invocation: Invocation) -> impl Future<Output = Opened> + Send + use<> {
        self.desk.stream(invocation, FEW_CHUNKS)
    }

    /// Resolves once the function has asked for its first event, which is when Lambda calls it ready.
    pub async fn polled(&self) {
        self.desk.polled().await;
    }

    /// Resolves once the function has reported that it cannot start.
    pub async fn init_error(&self) -> InitError {
        self.desk.init_error().await
    }
}

/// Invokes the function for who does not own its Runtime API. Once that has been dropped, every invocation times out.
#[derive(Debug, Clone)]
pub struct Invoker {
    desk: Arc<Desk>,
}

impl Invoker {
    /// Like [`RuntimeApi::invoke`].
    pub fn invoke(&self, invocation: Invocation) -> impl Future<Output = Outcome> + Send + use<> {
        let opened = self.desk.stream(invocation, ALL_CHUNKS);
        async move { opened.await.outcome().await }
    }
}

async fn handle(desk: Arc<Desk>, request: Request<Incoming>) -> Result<Response<Body>, Hangup> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().strip_prefix("/2018-06-01/runtime/").unwrap_or_default();
    let path: Vec<&str> = path.split('/').collect();
    match (&parts.method, &path[..]) {
        (&Method::GET, ["invocation", "next"]) => Ok(next(&desk.next().await)),
        (&Method::POST, ["invocation", request_id, "response"]) => {
            Ok(accepted(post::receive(&desk, request_id, &parts.headers, body).await?))
        }
        (&Method::POST, ["invocation", request_id, "error"]) => {
            let body = body.collect().await.map_err(|_| Hangup)?.to_bytes();
            let failed = |id: String, _| Outcome::Failed(Failed::read(id, &body));
            Ok(accepted(desk.close(request_id, failed)))
        }
        (&Method::POST, ["init", "error"]) => {
            let body = body.collect().await.map_err(|_| Hangup)?.to_bytes();
            let header = text(&parts.headers, "lambda-runtime-function-error-type");
            desk.fail_init(InitError::read(&body, header));
            Ok(accepted(Ok(())))
        }
        _ => {
            Ok(reply(StatusCode::NOT_FOUND, &json!({ "errorMessage": "404 page not found", "errorType": "NotFound" })))
        }
    }
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn next(delivered: &Delivered) -> Response<Body> {
    let mut response = Response::new(whole(delivered.event.clone()));
    let deadline = milliseconds(SystemTime::now() + delivered.timeout).to_string();
    let headers = [
        ("content-type", "application/json"),
        ("lambda-runtime-aws-request-id", &delivered.request_id),
        ("lambda-runtime-deadline-ms", &deadline),
        ("lambda-runtime-invoked-function-arn", FUNCTION_ARN),
        ("lambda-runtime-trace-id", &delivered.trace_id),
    ];
    for (name, value) in headers {
        // A trace ID that no header could carry is left out, as Lambda would never have made it.
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

fn milliseconds(moment: SystemTime) -> u128 {
    moment.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_millis()
}

fn accepted(result: Result<(), Problem>) -> Response<Body> {
    let error = |error_type: &str, message: String| json!({ "errorType": error_type, "errorMessage": message });
    match result {
        Ok(()) => reply(StatusCode::ACCEPTED, &json!({ "status": "OK" })),
        Err(Problem::UnknownRequest) => {
            reply(StatusCode::BAD_REQUEST, &error("InvalidRequestID", "Invalid request ID".to_owned()))
        }
        Err(Problem::AnsweredBefore) => {
            let message = "State transition from Ready to InvocationResponse failed, transition is not allowed";
            reply(StatusCode::FORBIDDEN, &error("InvalidStateTransition", message.to_owned()))
        }
        Err(Problem::TooLarge) => {
            let message = format!("Exceeded maximum allowed payload size ({MAX_RESPONSE} bytes).");
            reply(StatusCode::PAYLOAD_TOO_LARGE, &error("RequestEntityTooLarge", message))
        }
    }
}

fn reply(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = Response::new(whole(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}

#[cfg(test)]
pub(crate) mod fake;
#[cfg(test)]
mod tests;
