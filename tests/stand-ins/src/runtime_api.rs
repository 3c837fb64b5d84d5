//! A stand-in for the Lambda Runtime API: hands events to the function, and tells the test what came of each.

mod desk;
mod outcome;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::{Value, json};

use self::desk::{Delivered, Desk, Problem};
use crate::server::{Body, Hangup, Server, whole};

pub use self::outcome::{Answered, Failed, InitError, Invocation, Outcome};

/// The ARN that every invocation names, in the account that AWS's own examples use.
pub const FUNCTION_ARN: &str = "arn:aws:lambda:ap-northeast-1:123456789012:function:kokunai";

/// The largest answer that Lambda takes when it is not streamed.
pub const MAX_RESPONSE: usize = 6_291_556;

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
    /// invocation starts when the function takes it, as Lambda does not count the start of a process either.
    pub fn invoke(&self, invocation: Invocation) -> impl Future<Output = Outcome> + Send + use<> {
        self.desk.invoke(invocation)
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

async fn handle(desk: Arc<Desk>, request: Request<Incoming>) -> Result<Response<Body>, Hangup> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().strip_prefix("/2018-06-01/runtime/").unwrap_or_default();
    let path: Vec<&str> = path.split('/').collect();
    match (&parts.method, &path[..]) {
        (&Method::GET, ["invocation", "next"]) => Ok(next(&desk.next().await)),
        (&Method::POST, ["invocation", request_id, "response"]) => {
            let answer = Answer::read(&parts.headers, body).await;
            answer.map(|answer| accepted(respond(&desk, request_id, answer))).inspect_err(|Hangup| {
                // A post that breaks off is all that will ever be heard of this invocation, if it was one at all.
                let _ = desk.close(request_id, |id, _| Outcome::Failed(Failed::broken_off(id)));
            })
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

/// A response as the function posted it.
struct Answer {
    body: Bytes,
    streamed: bool,
    content_type: Option<String>,
    stream_error: Option<(String, String)>,
}

impl Answer {
    async fn read(headers: &HeaderMap, body: Incoming) -> Result<Self, Hangup> {
        let mode = text(headers, "lambda-runtime-function-response-mode");
        let body = body.collect().await.map_err(|_| Hangup)?;
        Ok(Self {
            streamed: mode.is_some_and(|mode| mode.eq_ignore_ascii_case("streaming")),
            content_type: text(headers, "content-type"),
            stream_error: body.trailers().and_then(stream_error),
            body: body.to_bytes(),
        })
    }
}

fn respond(desk: &Desk, request_id: &str, answer: Answer) -> Result<(), Problem> {
    if !answer.streamed && answer.body.len() > MAX_RESPONSE {
        desk.close(request_id, |request_id, _| Outcome::TooLarge { request_id })?;
        return Err(Problem::TooLarge);
    }
    let Answer { body, streamed, content_type, stream_error } = answer;
    desk.close(request_id, |request_id, elapsed| {
        Outcome::Answered(Answered { request_id, body, streamed, content_type, stream_error, elapsed })
    })
}

/// The error that a function reports at the end of a stream which it has already begun.
fn stream_error(trailers: &HeaderMap) -> Option<(String, String)> {
    let error_type = text(trailers, "lambda-runtime-function-error-type")?;
    Some((error_type, text(trailers, "lambda-runtime-function-error-body").unwrap_or_default()))
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
mod tests;
